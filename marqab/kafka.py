"""How to reach Kafka, in the words that aiokafka takes."""

import ssl
from typing import Any

from marqab import access
from marqab.rights import Role, rights
from marqab.settings import Settings
from schemas.errors import Misconfigured


def client_options(settings: Settings) -> dict[str, Any]:
    """Security options for every aiokafka client, beside `bootstrap_servers`.

    Raises:
        Misconfigured: SASL without a user, or a certificate that cannot be read.
    """
    protocol = settings.kafka_security_protocol
    options: dict[str, Any] = {"security_protocol": protocol}
    if protocol.startswith("SASL"):
        if not settings.kafka_sasl_username:
            raise Misconfigured(f"{protocol} needs MARQAB_KAFKA_SASL_USERNAME and MARQAB_KAFKA_SASL_PASSWORD")
        options |= {
            "sasl_mechanism": settings.kafka_sasl_mechanism,
            "sasl_plain_username": settings.kafka_sasl_username,
            "sasl_plain_password": settings.kafka_sasl_password,
        }
    if protocol.endswith("SSL"):
        options["ssl_context"] = _tls(settings)
    return options


async def admitted(settings: Settings, bootstrap: str, role: Role | None) -> dict[str, Any]:
    """Arguments of every aiokafka client, once Kafka has let us in and grants what this role needs.

    Args:
        settings: how to log in, and how things are named.
        bootstrap: brokers, host:port with commas.
        role: None asks only to be let in.

    Raises:
        Misconfigured: Kafka refuses the login, or grants too little; a sentence says what to do.
        SourceDown: nobody answers.
    """
    connection = {"bootstrap_servers": bootstrap, **client_options(settings)}
    if settings.embedded_broker:  # it knows neither logins nor rights
        return connection
    needed = rights(role, prefix=settings.topic_prefix, app_id=settings.app_id) if role else ()
    await access.admitted(connection, needed, role or "marqab")
    return connection


def _tls(settings: Settings) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=settings.kafka_ssl_cafile)
        if settings.kafka_ssl_certfile:
            # With a function for the password OpenSSL never asks for it on a terminal that nobody watches.
            context.load_cert_chain(
                settings.kafka_ssl_certfile, settings.kafka_ssl_keyfile, lambda: settings.kafka_ssl_key_password
            )
    except (OSError, ssl.SSLError) as error:
        raise Misconfigured(
            f"the certificates for Kafka cannot be used: {error}; see MARQAB_KAFKA_SSL_CAFILE, _CERTFILE, "
            "_KEYFILE and _KEY_PASSWORD"
        ) from None
    return context
