"""Why alerts cannot be read, in one sentence: what, where, and what to change. The type says what happens next.

aiokafka logs why a broker did not let it in and then raises only that none did, so the door is tried once more by hand.
"""

import ssl
from collections.abc import Mapping
from typing import Any, Final

from aiokafka.conn import create_conn
from aiokafka.errors import (
    AuthenticationFailedError,
    GroupAuthorizationFailedError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)

_DOOR: Final = frozenset(["security_protocol", "ssl_context"])
"""What a connection takes of a consumer's options, beside all that begin with `sasl_`."""
_TIMEOUT_MS: Final = 10_000


class Misconfigured(Exception):
    """An argument of `subscribe` is wrong, or Kafka does not let this user read: waiting does not help."""


class SourceDown(Exception):
    """No broker answers: wait, then subscribe again."""


async def why(bootstrap_servers: str, options: Mapping[str, Any], error: Exception) -> Misconfigured | SourceDown:
    """What kept a consumer from starting: what the most telling broker says when it is asked by hand.

    Args:
        bootstrap_servers: as given to `subscribe`.
        options: aiokafka's, as given to `subscribe`.
        error: what the consumer raised.
    """
    told: list[Misconfigured | SourceDown] = []
    door = {name: value for name, value in options.items() if name in _DOOR or name.startswith("sasl_")}
    for server in bootstrap_servers.split(","):
        host, _, port = server.strip().rpartition(":")
        if not port.isdigit():
            told.append(Misconfigured(f"{server.strip()!r} is no host:port of a Kafka broker."))
            continue
        try:
            connection = await create_conn(host.strip("[]"), int(port), request_timeout_ms=_TIMEOUT_MS, **door)
        except (KafkaError, OSError, TimeoutError) as refused:
            told.append(_sentence(server.strip(), options, refused))
        else:
            connection.close()
    unknown = SourceDown(
        f"Kafka at {bootstrap_servers} let this client in and then failed: {error!r}. Subscribe again."
    )
    return next((one for one in told if isinstance(one, Misconfigured)), told[0] if told else unknown)


def refused(bootstrap_servers: str, topic: str, group: str | None, error: KafkaError) -> Misconfigured:
    """The right that this user lacks."""
    of_group = isinstance(error, GroupAuthorizationFailedError)
    kind, name = ("group", group) if of_group else ("topic", topic)
    return Misconfigured(
        f"Kafka at {bootstrap_servers} does not let this user read {topic}: it lacks Read on {kind} {name}. An "
        f"administrator of the cluster grants it: kafka-acls --add --allow-principal User:… --operation Read --{kind} "
        f"'{name}'"
    )


def _sentence(server: str, options: Mapping[str, Any], error: Exception) -> Misconfigured | SourceDown:
    protocol = options.get("security_protocol", "PLAINTEXT")
    if isinstance(error, SaslAuthenticationFailed | AuthenticationFailedError | UnsupportedSaslMechanismError):
        user, mechanism = options.get("sasl_plain_username"), options.get("sasl_mechanism", "PLAIN")
        return Misconfigured(
            f"Kafka at {server} refuses user {user} ({mechanism}): {error}. Correct sasl_plain_username, "
            "sasl_plain_password or sasl_mechanism."
        )
    if (tls := _cause(error, ssl.SSLError)) is not None:
        if isinstance(tls, ssl.SSLCertVerificationError):
            return Misconfigured(
                f"Kafka at {server} shows a certificate that cannot be trusted ({tls.verify_message}). Give an "
                "ssl_context that knows the authority that signed it: ssl.create_default_context(cafile=…)."
            )
        return Misconfigured(
            f"Kafka at {server} does not agree on TLS ({getattr(tls, 'reason', None) or tls}). It may want a "
            "certificate of yours (ssl_context.load_cert_chain), or speak without TLS on this port "
            f"(security_protocol is {protocol})."
        )
    told = f"No Kafka broker answers at {server}: {error!r}. Start it, or correct bootstrap_servers."
    if not isinstance(_cause(error, ConnectionError), ConnectionRefusedError):
        told += f" A port that wants another security_protocol than {protocol} hangs up like this, too."
    return SourceDown(told)


def _cause(error: BaseException | None, kind: type[BaseException]) -> BaseException | None:
    while error is not None and not isinstance(error, kind):
        error = error.__cause__ or error.__context__
    return error
