"""Asked before a component starts: does Kafka let us in, and may we do what we must?

aiokafka logs why a connection failed and then says only that it failed, and a right that is missing shows hours later
as a stage that stands still. So the door is tried by hand, and the rights are asked for (Kafka tells a client what it
may do with a topic since 2.3). Brokers that cannot tell are taken at their word.
"""

import ssl
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Final

from aiokafka.conn import AIOKafkaConnection, create_conn
from aiokafka.errors import KafkaError, SaslAuthenticationFailed, for_code
from aiokafka.protocol.admin import CreateAclsRequest_v1
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.coordination import FindCoordinatorRequest
from aiokafka.protocol.types import Array, Boolean, Int16, Int32, Schema, String

from marqab.rights import Right
from schemas.errors import MarqabError, Misconfigured, SourceDown

Connection = Mapping[str, Any]

_CODES: Final = {"Read": 3, "Write": 4, "Create": 5, "Describe": 8, "DescribeConfigs": 10}
"""`AclOperation` of Kafka's protocol; also the number of the bit in what a client may do."""
_UNTOLD: Final = -(2**31)
_UNKNOWN_TOPIC: Final = 3
_TOPIC_REFUSED: Final = 29
_GROUP_REFUSED: Final = 30
_RESOURCES: Final = {"topic": 2, "group": 3}
_PATTERNS: Final = {False: 3, True: 4}
_ALLOW: Final = 3
_TIMEOUT_MS: Final = 10_000


class _RightsResponse(Response):  # type: ignore[misc]
    API_KEY = 3
    API_VERSION = 8
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("brokers", Array(("node_id", Int32), ("host", String("utf-8")), ("port", Int32), ("rack", String("utf-8")))),
        ("cluster_id", String("utf-8")),
        ("controller_id", Int32),
        (
            "topics",
            Array(
                ("error_code", Int16),
                ("topic", String("utf-8")),
                ("is_internal", Boolean),
                (
                    "partitions",
                    Array(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", Array(Int32)),
                        ("isr", Array(Int32)),
                        ("offline_replicas", Array(Int32)),
                    ),
                ),
                ("authorized_operations", Int32),
            ),
        ),
        ("cluster_authorized_operations", Int32),
    )


class _RightsRequestV8(RequestStruct):  # type: ignore[misc]
    """Metadata version 8, the first that tells rights; aiokafka 0.14 knows up to 5."""

    API_KEY = 3
    API_VERSION = 8
    RESPONSE_TYPE = _RightsResponse
    SCHEMA = Schema(
        ("topics", Array(String("utf-8"))),
        ("allow_auto_topic_creation", Boolean),
        ("include_cluster_authorized_operations", Boolean),
        ("include_topic_authorized_operations", Boolean),
    )


class _RightsRequest(Request[_RightsRequestV8]):  # type: ignore[misc]
    API_KEY: ClassVar[int] = 3

    def __init__(self, topics: Iterable[str]) -> None:
        self._topics = list(topics)

    def build(self, request_struct_class: type[_RightsRequestV8]) -> _RightsRequestV8:
        return request_struct_class(self._topics, False, False, True)


class _CreateAcls(Request[CreateAclsRequest_v1]):  # type: ignore[misc]
    API_KEY: ClassVar[int] = 30

    def __init__(self, rows: Iterable[tuple[object, ...]]) -> None:
        self._rows = list(rows)

    def build(self, request_struct_class: type[CreateAclsRequest_v1]) -> CreateAclsRequest_v1:
        return request_struct_class(self._rows)


async def admitted(connection: Connection, rights: Sequence[Right], role: str) -> None:
    """Return when Kafka lets us in and grants all these rights; where it asks for a login, the topics must be there.

    Raises:
        Misconfigured: it refuses the credentials, its certificate cannot be trusted, a right or a topic is missing; the
            sentence says which, where, and what to do.
        SourceDown: nobody answers.
    """
    conn = await _door(connection)
    try:
        missing, absent = await _missing(conn, rights)
    except (KafkaError, OSError, TimeoutError) as error:
        raise _sentence(connection, error) from error
    finally:
        conn.close()
    if missing:
        raise Misconfigured(
            f"Kafka at {_where(connection)} lets {_who(connection)} in, but does not grant what {role} needs: "
            f"{'; '.join(map(str, missing))}. `marqab topics acls --role {role}` prints the commands that grant it."
        )
    if absent and connection.get("security_protocol", "PLAINTEXT") != "PLAINTEXT" and role != "operator":
        raise Misconfigured(
            f"Kafka at {_where(connection)} has no topic {', '.join(absent)}. Create what is missing with "
            "`marqab topics create`, under a login that may."
        )


async def grant(connection: Connection, rights: Sequence[tuple[str, Right]]) -> None:
    """Create these access rules on the cluster, for each principal its own; those that exist are left as they are.

    Raises:
        Misconfigured: we may not, or the cluster has no authorizer.
        SourceDown: nobody answers.
    """
    rows = [
        (_RESOURCES[right.kind], right.name, _PATTERNS[right.prefixed], principal, "*", _CODES[operation], _ALLOW)
        for principal, right in rights
        for operation in right.operations
    ]
    conn = await _door(connection)
    try:
        answer = await conn.send(_CreateAcls(rows))
    except (KafkaError, OSError, TimeoutError) as error:
        raise _sentence(connection, error) from error
    finally:
        conn.close()
    for code, message in answer.creation_responses:
        if code:
            raise Misconfigured(
                f"Kafka at {_where(connection)} did not take the access rules from {_who(connection)}: "
                f"{for_code(code).__name__}, {message or 'no reason given'}. An administrator of the cluster must do "
                "this (ALTER on the cluster), and the brokers need an authorizer (authorizer.class.name)."
            )


async def _door(connection: Connection) -> AIOKafkaConnection:
    """A connection to the first server that lets us in; else what the most telling one said."""
    options = {name: value for name, value in connection.items() if name != "bootstrap_servers"}
    failures: list[MarqabError] = []
    for server in _where(connection).split(","):
        host, _, port = server.strip().rpartition(":")
        try:
            return await create_conn(host.strip("[]"), int(port), request_timeout_ms=_TIMEOUT_MS, **options)
        except (KafkaError, OSError, TimeoutError) as error:
            failures.append(_sentence({**connection, "bootstrap_servers": server.strip()}, error))
        except ValueError as error:
            failures.append(Misconfigured(f"{server!r} is no host:port of a Kafka broker ({error})."))
    told = [failure for failure in failures if isinstance(failure, Misconfigured)] or failures
    raise told[0]


async def _missing(conn: AIOKafkaConnection, rights: Sequence[Right]) -> tuple[list[Right], list[str]]:
    """Rights that are not granted, and topics that are not there."""
    topics = [right for right in rights if right.kind == "topic"]
    missing: list[Right] = []
    absent: list[str] = []
    low, high = conn._versions.get(_RightsRequestV8.API_KEY, (0, 0))
    if topics and low <= _RightsRequestV8.API_VERSION <= high:
        answer = await conn.send(_RightsRequest(right.name for right in topics))
        told = {topic: (code, allowed) for code, topic, _, _, allowed in answer.topics}
        for right in topics:
            code, allowed = told.get(right.name, (0, _UNTOLD))
            if code == _UNKNOWN_TOPIC:
                absent.append(right.name)
            elif refused := right.operations if code == _TOPIC_REFUSED else _refused(right, allowed):
                missing.append(Right("topic", right.name, refused))
    for right in rights:
        # Finding a group's coordinator asks for Describe, which Read brings.
        if right.kind == "group":
            answer = await conn.send(FindCoordinatorRequest(right.name, 0))
            if answer.error_code == _GROUP_REFUSED:
                missing.append(right)
    return missing, absent


def _refused(right: Right, allowed: int) -> Any:
    if allowed == _UNTOLD:
        return ()
    return tuple(operation for operation in right.operations if not allowed >> _CODES[operation] & 1)


def _where(connection: Connection) -> str:
    return str(connection.get("bootstrap_servers", ""))


def _who(connection: Connection) -> str:
    user = connection.get("sasl_plain_username")
    if user:
        return f"user {user}"
    return "this client's certificate" if connection.get("security_protocol") == "SSL" else "us (without a login)"


def _sentence(connection: Connection, error: BaseException) -> MarqabError:
    """What went wrong at the door: who refused whom, and which setting mends it."""
    where, protocol = _where(connection), connection.get("security_protocol", "PLAINTEXT")
    if isinstance(error, SaslAuthenticationFailed):
        return Misconfigured(
            f"Kafka at {where} refuses {_who(connection)} ({connection.get('sasl_mechanism')}): {error}. Correct "
            "MARQAB_KAFKA_SASL_USERNAME and MARQAB_KAFKA_SASL_PASSWORD (or …_PASSWORD_FILE), or create the user there."
        )
    tls = _cause(error, ssl.SSLError)
    if isinstance(tls, ssl.SSLCertVerificationError):
        return Misconfigured(
            f"Kafka at {where} shows a certificate that cannot be trusted ({tls.verify_message}). Set "
            "MARQAB_KAFKA_SSL_CAFILE to the authority that signed it, or use the name that it was made for."
        )
    if tls is not None:
        return Misconfigured(
            f"Kafka at {where} does not agree on TLS ({getattr(tls, 'reason', None) or tls}). It may want a "
            "certificate of ours (MARQAB_KAFKA_SSL_CERTFILE and _KEYFILE), or speak without TLS on this port "
            f"(MARQAB_KAFKA_SECURITY_PROTOCOL is {protocol})."
        )
    hint = ""
    if _cause(error, ConnectionError) is None or isinstance(_cause(error, ConnectionError), ConnectionResetError):
        hint = f" A port that wants another MARQAB_KAFKA_SECURITY_PROTOCOL than {protocol} hangs up like this too."
    return SourceDown(
        f"No Kafka broker answers at {where}: {error!r}. Start it, or correct MARQAB_KAFKA_BOOTSTRAP_SERVERS.{hint}"
    )


def _cause(error: BaseException | None, kind: type[BaseException]) -> BaseException | None:
    while error is not None and not isinstance(error, kind):
        error = error.__cause__ or error.__context__
    return error
