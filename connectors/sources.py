"""The sources file: which feeds and channels are followed, as one `[[source]]` table each.

Reading it is pure: text in, frozen records out, and one `Misconfigured` that names file, line, field and remedy for
the first mistake. An unknown field is a mistake too, because a misspelt `reliabilty` would silently mean F.
"""

import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from schemas.canary import CANARY
from schemas.errors import Misconfigured
from schemas.ids import digest
from schemas.kinds import Reliability, SourceKind, SourceRole
from schemas.records import Source
from schemas.records.post import Country

Tier = Literal["breaking", "normal", "slow"]
Access = Literal["mtproto", "web", "auto"]
Authenticity = Literal["primary", "relay", "unverified"]
Priority = Literal["high", "normal", "low"]
MAIN_ACCOUNT: Final = "main"
"""The Telegram account that reads sources which name none."""
SourceId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
Seconds = Annotated[float, Meta(ge=1, le=31 * 86_400)]


class SourceSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One source as the operator describes it; defaults are what a careful stranger would assume."""

    id: SourceId
    """Ours, stable for ever: posts are identified and cursors kept under it."""
    kind: SourceKind
    """How it is read: feed, telegram or telegram_web."""
    enabled: bool = True
    """False keeps the entry in the file but does not read the source."""
    url: str | None = None
    """Address of a feed, or of a t.me/s page."""
    channel: str | int | None = None
    """Name of a Telegram channel, with or without @, or its numeric id."""
    channel_id: int | None = None
    """Pins the channel that the name must lead to; a name that was given to somebody else then stops the source."""
    name: str = ""
    """How the source calls itself."""
    language: str | None = None
    """Of the posts (BCP 47), for example `ar`; stands instead of what a feed says of itself."""
    country: Country | None = None
    """Focus country (ISO 3166-1 alpha-2), for places that are named without one."""
    role: SourceRole = SourceRole.MEDIA
    """In which capacity it speaks."""
    reliability: Reliability = Reliability.F
    """Admiralty code; F means that it cannot be judged."""
    side: str | None = None
    """Whose side it is on; copies between sources of one side count once."""
    organisation: str | None = None
    """Who publishes it."""
    speaks_for: str | None = None
    """Actor id that an official or claims source speaks for."""
    authenticity: Authenticity | None = None
    """Whether a claims channel is the group's own, relays it, or neither is known."""
    tier: Tier = "normal"
    """How urgent: breaking (asked every minute or two, with the publisher's leave), normal (5 min) or slow (30 min)."""
    interval_seconds: Seconds | None = None
    """Smallest time between two requests, instead of the tier's."""
    max_interval_seconds: Seconds | None = None
    """Longest time between two requests, instead of the tier's."""
    obey_hints: bool = True
    """Honour the publisher's ttl, Cache-Control and Expires up to the longest interval."""
    backfill_posts: Annotated[int, Meta(ge=0, le=10_000_000)] = 0
    """How many older posts are read when a source is new; they update what is known and alert nobody."""
    backfill_days: Annotated[float, Meta(ge=0, le=36_500)] | None = None
    """How far back a new source is read, in days."""
    headers: dict[str, str] = {}
    """Further request headers that are no secrets."""
    headers_from: dict[str, str] = {}
    """Request headers whose value (a cookie, a token) stands in an environment variable: header = VARIABLE."""
    proxy: str | None = None
    """`direct`, an address, or NAME for that in MARQAB_SECRET_PROXY_NAME; the same for all of a Telegram account."""
    websub: bool = False
    """Let the feed's hub push, where one is declared and this service is reachable."""
    full_text: bool = False
    """Read the page of every new entry too, where its robots.txt allows it; needs marqab[full-text]."""
    access: Access = "auto"
    """Telegram: through an account, through t.me/s, or whichever works."""
    account: str | None = None
    """Which of several Telegram accounts reads the channel."""
    priority: Priority = "normal"
    """Telegram: high ones are asked as often as the server allows."""
    posts_per_minute: Annotated[float, Meta(gt=0)] | None = None
    """How many posts it may publish in the long run, instead of MARQAB_SOURCE_POSTS_PER_MINUTE; more of them wait."""
    successors: list[str] = []
    """Names of channels that replace this one when it is closed."""
    test: bool = False
    """A canary: its posts go through everything and its alerts are marked."""

    def record(self) -> Source:
        """What readers of the posts need to know of the source."""
        return Source(
            id=self.id,
            kind=self.kind,
            name=self.name,
            role=self.role,
            reliability=self.reliability,
            country=self.country,
            side=self.side,
            speaks_for=self.speaks_for,
        )


def load_sources(path: Path) -> list[SourceSettings]:
    """Read the sources file.

    Raises:
        Misconfigured: the file cannot be read or one of its tables is wrong.
    """
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise Misconfigured(
            f"The sources file {path} cannot be read ({error.strerror}). Name another one, or start from "
            "deploy/sources.example.toml."
        ) from error
    except UnicodeDecodeError as error:
        raise Misconfigured(f"{path} is not UTF-8 (byte {error.start}). Save it as UTF-8.") from error
    return parse_sources(text, str(path))


def parse_sources(text: str, file: str = "sources.toml") -> list[SourceSettings]:
    """The sources that a file's text describes, in its order; disabled ones included.

    Raises:
        Misconfigured: with file, line, field and remedy of the first mistake.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(f"{file} is not TOML: {error}. Mend that line.") from error
    tables = document.pop("source", [])
    if document:
        name = next(iter(document))
        raise Misconfigured(f"{file}: “{name}” is not known here; only [[source]] tables are. Remove it.")
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise Misconfigured(f"{file}: write [[source]] with double brackets, one such table per source.")
    lines = _table_lines(text)
    sources: list[SourceSettings] = []
    first_use: dict[str, int] = {}
    for index, table in enumerate(tables):
        lines_of = lines[index] if index < len(lines) else TableLines(0, {})
        source = _source(table, lines_of, file)
        if source.id in first_use:
            raise _wrong(
                file, lines_of, "id", f"“{source.id}” is taken by the source in line {first_use[source.id]}", "rename"
            )
        first_use[source.id] = lines_of.header
        sources.append(source)
    return sources


def in_shard(source: SourceSettings, shard: tuple[int, int] | None) -> bool:
    """Whether a source belongs to shard i of n (counted from 1); every source belongs to exactly one of the n.

    Sources are dealt out by their ids. Channels of one Telegram account stay together, because Telegram ends a session
    that two processes use.

    Raises:
        Misconfigured: i is not within 1 to n.
    """
    if shard is None:
        return True
    index, count = shard
    if not 1 <= index <= count:
        raise Misconfigured(f"--shard {index}/{count}: write i/n with 1 ≤ i ≤ n, for example 2/5.")
    by_account = source.kind is SourceKind.TELEGRAM and source.access != "web"
    dealt = ("telegram", source.account or MAIN_ACCOUNT) if by_account else (source.id,)
    return int(digest("shard", *dealt), 16) % count == index - 1


class TableLines(NamedTuple):
    """Where a `[[source]]` table and its fields stand in the file, lines counted from 1."""

    header: int
    fields: dict[str, int]


_HEADER: Final = re.compile(r"^\s*\[\[\s*source\s*\]\]")
_FIELD: Final = re.compile(r"^\s*(?:\[source\.)?[\"']?([A-Za-z_][A-Za-z0-9_-]*)[\"']?\s*(?:[=.].*|\].*)$")


def _table_lines(text: str) -> list[TableLines]:
    """Line numbers for messages; tomllib keeps none, and a wrong guess in odd layouts costs only precision."""
    tables: list[TableLines] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if _HEADER.match(line):
            tables.append(TableLines(number, {}))
        elif tables and (field := _FIELD.match(line)):
            tables[-1].fields.setdefault(field[1], number)
    return tables


def _source(table: dict[str, Any], lines: TableLines, file: str) -> SourceSettings:
    try:
        source = msgspec.convert(table, SourceSettings)
    except msgspec.ValidationError as error:
        raise _invalid(error, table, lines, file) from error
    for field, problem, remedy in _conflicts(source):
        raise _wrong(file, lines, field, problem, remedy)
    return source


def _invalid(error: msgspec.ValidationError, table: dict[str, Any], lines: TableLines, file: str) -> Misconfigured:
    """What msgspec says, in the operator's words."""
    said = str(error)
    problem, _, path = said.partition(" - at `$")
    if unknown := re.search(r"unknown field `(.+?)`", said):
        close = _nearest(unknown[1])
        remedy = f"did you mean “{close}”?" if close else "remove it"
        return _wrong(file, lines, unknown[1], "no source has this field", remedy)
    if missing := re.search(r"missing required field `(.+?)`", said):
        return _wrong(file, lines, missing[1], "is missing", "add it")
    field = path.strip("`. ").split(".")[0].split("[")[0]
    remedy = "correct the value"
    if field == "id":
        remedy = "use letters without accents, digits, dot, underscore and hyphen, at most 100"
    elif field in _CHOICES:
        problem, remedy = f"{table.get(field)!r} is not known", f"choose one of {', '.join(_CHOICES[field])}"
    return _wrong(file, lines, field, problem, remedy)


_CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "kind": ("feed", "telegram", "telegram_web"),
    "role": tuple(SourceRole),
    "reliability": tuple(Reliability),
    "tier": ("breaking", "normal", "slow"),
    "access": ("mtproto", "web", "auto"),
    "authenticity": ("primary", "relay", "unverified"),
    "priority": ("high", "normal", "low"),
    "country": ("two capital letters such as SY",),
}
_PROXY: Final = re.compile(r"^(direct|[A-Za-z][A-Za-z0-9_]*|(https?|socks5h?|socks4a?)://\S+)$")


def _conflicts(source: SourceSettings) -> list[tuple[str, str, str]]:
    """What single fields cannot tell: (field, problem, remedy), most important first."""
    found: list[tuple[str, str, str]] = []
    if source.id == CANARY:
        found.append(("id", f"“{CANARY}” is what marqab's own test posts are called", "choose another one"))
    if source.kind is SourceKind.FEED:
        found += _feed_conflicts(source)
    elif source.kind in {SourceKind.TELEGRAM, SourceKind.TELEGRAM_WEB}:
        if source.channel is None and source.url is None:
            found.append(("channel", "is missing", "add the channel's name"))
    else:
        found.append(("kind", f"nothing reads “{source.kind}” yet", "choose feed, telegram or telegram_web"))
    if source.full_text and source.kind is not SourceKind.FEED:
        found.append(("full_text", "is for feeds only: messages are whole as they come", "remove it"))
    if source.role is SourceRole.CLAIMS and not (source.speaks_for and source.authenticity):
        found.append(
            (
                "role",
                "a claims source must say whom it speaks for and whether it is genuine",
                "add speaks_for and authenticity (primary, relay or unverified)",
            )
        )
    if source.proxy is not None and not _PROXY.match(source.proxy):
        found.append(("proxy", "is no proxy", "write direct, an http:// or socks5h:// address, or a name"))
    if (
        source.interval_seconds
        and source.max_interval_seconds
        and source.interval_seconds > source.max_interval_seconds
    ):
        found.append(("interval_seconds", "is longer than max_interval_seconds", "swap them"))
    return found


def _feed_conflicts(source: SourceSettings) -> list[tuple[str, str, str]]:
    if not source.url:
        return [("url", "is missing", "add the feed's address; `marqab sources test URL` finds it on a site's page")]
    try:
        parts = urlsplit(source.url)
    except ValueError as error:
        return [("url", f"{source.url!r} is no web address ({error})", "write it in full, starting with https://")]
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return [("url", f"{source.url!r} is no web address", "write it in full, starting with https://")]
    if parts.username or parts.password:
        return [("url", "holds a password", "move it to headers_from = { Authorization = VARIABLE }")]
    return []


def _nearest(name: str) -> str | None:
    import difflib  # noqa: PLC0415 - only for a message

    close = difflib.get_close_matches(name, SourceSettings.__struct_fields__, n=1)
    return close[0] if close else None


def _wrong(file: str, lines: TableLines, field: str, problem: str, remedy: str) -> Misconfigured:
    line = lines.fields.get(field, lines.header)
    return Misconfigured(f"{file}, line {line}, field “{field}”: {problem}. Remedy: {remedy}.")
