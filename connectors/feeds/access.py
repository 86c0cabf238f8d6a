"""A source's secrets and proxy, looked up where the operator keeps them."""

from collections.abc import Mapping
from pathlib import Path

from connectors.settings import ConnectorSettings
from connectors.sources import SourceSettings
from schemas.errors import Misconfigured

PROXY_PREFIX = "MARQAB_SECRET_PROXY_"


def secret_headers(source: SourceSettings, environ: Mapping[str, str]) -> dict[str, str]:
    """The request headers whose values stand in environment variables, or in files that `VARIABLE_FILE` names.

    Raises:
        Misconfigured: a variable is not set or its file cannot be read.
    """
    return {
        header: _secret(variable, environ, f"source “{source.id}”, header {header}")
        for header, variable in source.headers_from.items()
    }


def proxy_of(source: SourceSettings, settings: ConnectorSettings) -> str:
    """The address of the proxy for this source; empty for a direct connection.

    Raises:
        Misconfigured: the source names a proxy that is not set.
    """
    wanted = source.proxy if source.proxy is not None else settings.proxy
    if wanted in {"", "direct"} or "://" in wanted:
        return "" if wanted == "direct" else wanted
    return _secret(PROXY_PREFIX + wanted.upper(), settings.environ, f"source “{source.id}”, proxy {wanted}")


def _secret(variable: str, environ: Mapping[str, str], who: str) -> str:
    if variable in environ:
        return environ[variable].strip()
    path = environ.get(variable + "_FILE")
    if path is None:
        raise Misconfigured(f"{who}: the environment variable {variable} is not set. Set it, or {variable}_FILE.")
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{who}: {variable}_FILE names {path}, which cannot be read ({error}).") from error
