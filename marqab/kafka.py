"""How to reach Kafka, in the words that aiokafka takes."""

import ssl
from typing import Any

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


def _tls(settings: Settings) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=settings.kafka_ssl_cafile)
        if settings.kafka_ssl_certfile:
            context.load_cert_chain(settings.kafka_ssl_certfile, settings.kafka_ssl_keyfile)
    except (OSError, ssl.SSLError) as error:
        raise Misconfigured(
            f"the certificates for Kafka cannot be used: {error}; see MARQAB_KAFKA_SSL_CAFILE, _CERTFILE and _KEYFILE"
        ) from None
    return context
