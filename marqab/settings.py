"""Every setting: a field with a type, a default and a sentence; where each value came from; secrets starred.

A value comes from, in this order: an option on the command line, the environment variable `MARQAB_<NAME>`, the file
that `MARQAB_<NAME>_FILE` names (for secrets), the default.
"""

import difflib
import types
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

from schemas.errors import Misconfigured

PREFIX = "MARQAB_"
# Read elsewhere (tests, scripts), or the name of a data folder: not settings, but no mistakes either.
KNOWN_BESIDE = {"MARQAB_SHARED", "MARQAB_KAFKA_HOME"}
SECRET_PREFIX = "MARQAB_SECRET_"  # noqa: S105 - a name, no secret
"""Variables that a sources file names for cookies, tokens and proxies; their names are the operator's."""


def field(sentence: str, *, secret: bool = False, **limits: Any) -> Meta:
    """A setting's sentence, its limits, and whether its value is never shown."""
    return Meta(description=sentence, extra={"secret": secret}, **limits)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All settings of marqab, valid from birth."""

    kafka_bootstrap_servers: Annotated[
        str, field("Kafka brokers, host:port with commas; empty: the embedded broker.")
    ] = ""
    kafka_security_protocol: Annotated[
        Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"], field("How to talk to Kafka.")
    ] = "PLAINTEXT"
    kafka_sasl_mechanism: Annotated[
        Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"], field("How to log in with SASL.")
    ] = "SCRAM-SHA-512"
    kafka_sasl_username: Annotated[str, field("User name for SASL.")] = ""
    kafka_sasl_password: Annotated[str, field("Password for SASL.", secret=True)] = ""
    kafka_ssl_cafile: Annotated[
        Path | None, field("Certificate authority of the brokers (PEM); none: the system's.")
    ] = None
    kafka_ssl_certfile: Annotated[Path | None, field("Our certificate for mutual TLS (PEM).")] = None
    kafka_ssl_keyfile: Annotated[
        Path | None, field("Key of our certificate (PEM); none: it stands in the certificate's file.")
    ] = None
    kafka_ssl_key_password: Annotated[str, field("Password of that key, where it has one.", secret=True)] = ""
    embedded_broker: Annotated[
        bool, field("The named broker is an embedded one (set by `marqab up` for its halves; no idempotent producer).")
    ] = False
    embedded_port: Annotated[int, field("Port of the embedded broker; 0: any free one.", ge=0, le=65535)] = 9092
    topic_prefix: Annotated[str, field("What every topic's name starts with.", pattern=r"^[a-zA-Z0-9._-]*$")] = (
        "marqab."
    )
    partitions: Annotated[int, field("Partitions of each new topic.", ge=1, le=1000)] = 4
    replication_factor: Annotated[int, field("Copies of each new topic; 3 in production.", ge=1, le=10)] = 1
    app_id: Annotated[
        str, field("Consumer group of the workers and start of their tables' names.", pattern=r"^[a-zA-Z0-9._-]+$")
    ] = "marqab"
    state_dir: Annotated[Path, field("Where workers keep their tables; can be rebuilt from Kafka.")] = Path(
        "~/.local/state/marqab"
    )
    store: Annotated[Literal["disk", "memory"], field("Tables on disk, or in memory for demos.")] = "disk"
    accept_lost_rows: Annotated[
        bool, field("Start although a table's changelog lost rows: what they remembered is forgotten, and counted.")
    ] = False
    sources: Annotated[Path, field("The sources file (TOML).")] = Path("sources.toml")
    gazetteer: Annotated[Path | None, field("Places beside the built-in ones, made by `marqab gazetteer import`.")] = (
        None
    )
    classifiers: Annotated[
        str, field("Plug-ins in place of the shipped models: LANGUAGE=PLUGIN:FOLDER, with commas; empty: none.")
    ] = ""
    max_age_hours: Annotated[float, field("Posts older than this on arrival alert nobody.", gt=0)] = 48
    settle_seconds: Annotated[
        float, field("At most one update per incident in this time, unless severity rises.", ge=0)
    ] = 60
    contact: Annotated[str, field("Address or page in our User-Agent, so that publishers can reach you.")] = ""
    fetch_allow_private: Annotated[bool, field("Let fetches reach private addresses (tests, demo, intranets).")] = False
    fetch_max_bytes: Annotated[int, field("Longest answer that is read, after decompression.", ge=1024)] = (
        15 * 1024 * 1024
    )
    fetch_timeout_seconds: Annotated[float, field("Longest time for a whole answer.", gt=0)] = 20.0
    fetch_concurrency: Annotated[int, field("Requests in flight at the same time, over all hosts.", ge=1)] = 128
    fetch_host_spacing_seconds: Annotated[float, field("Pause between two requests to one host.", ge=0)] = 2.0
    source_posts_per_minute: Annotated[
        float, field("Posts of one source in the long run; more of them wait at the source; 0: no limit.", ge=0)
    ] = 60.0
    proxy: Annotated[str, field("Proxy for sources that name none; may hold a password.", secret=True)] = ""
    websub_callback: Annotated[str, field("Public address that leads to the port for pushes.")] = ""
    websub_host: Annotated[str, field("Address on which pushes are received; a reverse proxy stands before it.")] = (
        "127.0.0.1"
    )
    websub_port: Annotated[int, field("Port on which pushes are received; 0: any free one.", ge=0, le=65535)] = 9470
    telegram_api_id: Annotated[int, field("From my.telegram.org; 0: no Telegram account.", ge=0)] = 0
    telegram_api_hash: Annotated[str, field("From my.telegram.org.", secret=True)] = ""
    telegram_session: Annotated[str, field("Session string from `marqab telegram login`.", secret=True)] = ""
    telegram_session_file: Annotated[str, field("File with the session string, readable by its owner only.")] = ""
    telegram_server: Annotated[str, field("host:port[:dc] of another server than Telegram's, for tests.")] = ""
    telegram_web_url: Annotated[str, field("Where public channel pages are read.")] = "https://t.me"
    http_host: Annotated[str, field("Address of /metrics, /healthz and /readyz.")] = "127.0.0.1"
    metrics_token: Annotated[
        str,
        field("Wanted as `Authorization: Bearer` by /metrics and all beside health; none: by nothing.", secret=True),
    ] = ""
    connectors_port: Annotated[int, field("Port of the connectors' endpoints; 0: any free one.", ge=0, le=65535)] = 9464
    worker_port: Annotated[int, field("Port of the worker's endpoints; 0: any free one.", ge=0, le=65535)] = 9465
    desk_metrics_port: Annotated[int, field("Port of the desk's /metrics; 0: any free one.", ge=0, le=65535)] = 9467
    notify_metrics_port: Annotated[int, field("Port of the notifier's /metrics; 0: any free one.", ge=0, le=65535)] = (
        9468
    )
    canary_port: Annotated[int, field("Port of the canary's /metrics; 0: any free one.", ge=0, le=65535)] = 9469
    canary_seconds: Annotated[float, field("Pause between two canaries of `marqab canary`.", ge=1)] = 300
    canary_deadline_seconds: Annotated[float, field("A canary that comes out later than this is late.", gt=0)] = 60
    connectors_urls: Annotated[
        str, field("Where the desk asks how the sources are: the connectors' endpoints, with commas; empty: nowhere.")
    ] = "http://127.0.0.1:9464"
    desk_token: Annotated[
        str, field("What those show who correct at the desk; 16 characters or more. Empty: nobody can.", secret=True)
    ] = ""
    log_level: Annotated[Literal["debug", "info", "warning", "error"], field("What is worth a line.")] = "info"
    log_format: Annotated[Literal["auto", "json", "text"], field("auto: text on a terminal, else JSON.")] = "auto"

    @property
    def embedded(self) -> bool:
        """True where no broker was named, so that marqab brings its own."""
        return not self.kafka_bootstrap_servers

    def __repr__(self) -> str:
        """Never with secrets: an error or a debugger may print it."""
        told = {f.name: getattr(self, f.name) for f in msgspec.structs.fields(self) if f.name not in SECRETS}
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in told.items())})"


SECRETS = frozenset(
    name
    for name, hint in get_type_hints(Settings, include_extras=True).items()
    if (get_args(hint)[1].extra or {}).get("secret")
)
"""Names of the settings that are never shown."""


@dataclass(frozen=True)
class Told:
    """One setting as `marqab check` shows it."""

    name: str
    value: str
    origin: str
    sentence: str


def load(environ: Mapping[str, str], **options: Any) -> tuple[Settings, list[Told]]:
    """Settings from the command line's options (None: not given) and the environment, with the origin of each.

    Raises:
        Misconfigured: a value does not fit, a file cannot be read, or a `MARQAB_` variable is none of ours.
    """
    _refuse_unknown(environ)
    values: dict[str, Any] = {}
    told = []
    for name, hint in get_type_hints(Settings, include_extras=True).items():
        kind, meta = get_args(hint)[:2]
        raw, origin = _find(name, environ, options)
        if raw is not None:
            values[name] = _convert(name, raw, hint, kind, origin)
        value = values.get(name, _default(name))
        secret = bool((meta.extra or {}).get("secret"))
        shown = "********" if secret and value else str(value) if value not in (None, "") else "–"
        told.append(Told(name, shown, origin, meta.description or ""))
    if isinstance(folder := values.get("state_dir", _default("state_dir")), Path):
        try:
            values["state_dir"] = folder.expanduser()
        except (RuntimeError, ValueError):
            raise Misconfigured(
                f"MARQAB_STATE_DIR is {str(folder)!r}: nobody's home folder is known by that."
            ) from None
    return Settings(**values), told


def _default(name: str) -> Any:
    fields = {f.name: f.default for f in msgspec.structs.fields(Settings)}
    return fields[name]


def _find(name: str, environ: Mapping[str, str], options: Mapping[str, Any]) -> tuple[Any, str]:
    variable = PREFIX + name.upper()
    if options.get(name) is not None:
        return options[name], "command line"
    if variable in environ:
        return environ[variable], variable
    path = environ.get(variable + "_FILE")
    if path is None or f"{name}_file" in Settings.__struct_fields__:  # that one is a setting of its own, with checks
        return None, "default"
    try:
        return Path(path).read_text("utf-8").strip(), f"{variable}_FILE ({path})"
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(
            f"{variable}_FILE names {path}, which cannot be read: {error}. Mend the path or its rights."
        ) from None


def _convert(name: str, raw: Any, hint: Any, kind: Any, origin: str) -> Any:
    if _is_path(kind):
        return Path(raw) if str(raw) else None
    if kind is bool and isinstance(raw, str):
        raw = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False}.get(
            raw.lower(), raw
        )
    try:
        return msgspec.convert(raw, hint, strict=False)
    except msgspec.ValidationError as error:
        secret = (get_args(hint)[1].extra or {}).get("secret")
        value = "its value" if secret else repr(raw)
        raise Misconfigured(f"setting {name} (from {origin}): {value} does not fit: {error}.") from None


def _is_path(kind: Any) -> bool:
    if kind is Path:
        return True
    return get_origin(kind) in (Union, types.UnionType) and Path in get_args(kind)


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    names = {PREFIX + name.upper() for name in Settings.__struct_fields__}
    names |= {name + "_FILE" for name in names} | KNOWN_BESIDE
    for variable in sorted(environ):
        if variable.startswith(PREFIX) and variable not in names and not variable.startswith(SECRET_PREFIX):
            near = difflib.get_close_matches(variable, names, n=1)
            hint = f" Did you mean {near[0]}?" if near else " `marqab check` lists them all."
            raise Misconfigured(f"{variable} is not a setting of marqab.{hint}")
