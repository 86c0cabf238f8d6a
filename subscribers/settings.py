"""The subscribers file (TOML): who is told what, how and when; every mistake is a sentence before anything starts."""

import tomllib
from collections.abc import Mapping
from datetime import datetime, time
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta

from schemas.errors import Misconfigured
from schemas.kinds import AlertKind, CapCertainty, EventType, Grade, Level
from schemas.records.post import Country
from subscribers.cap import Profile
from subscribers.safe import web_link
from subscribers.words import Language


class Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file: a field that it does not know is a mistake."""


class Webhook(Strict, frozen=True, kw_only=True, tag_field="by", tag="webhook"):
    """POST of CloudEvents JSON, signed."""

    url: str
    secret_from: str
    """Environment variable with the secret of the signature."""


class Chat(Strict, frozen=True, kw_only=True, tag_field="by", tag="chat"):
    """A message to a chat, a mailbox, a phone: any of the services that apprise knows."""

    url_from: str
    """Environment variable with the apprise address, which holds passwords."""


class Quiet(Strict, frozen=True, kw_only=True):
    """Hours in which alerts wait, and the severity from which on they do not."""

    start: time
    end: time
    timezone: str = "UTC"
    unless: Level | None = Level.CRITICAL


class Circle(Strict, frozen=True, kw_only=True):
    """Everything within so many kilometres."""

    lat: Annotated[float, Meta(ge=-90, le=90)]
    lon: Annotated[float, Meta(ge=-180, le=180)]
    km: Annotated[float, Meta(gt=0)]


class Mute(Strict, frozen=True, kw_only=True):
    """An incident, or a type of incident, that is not told of, for ever or until then."""

    incident: str | None = None
    type: EventType | None = None
    until: datetime | None = None


class Subscriber(Strict, frozen=True, kw_only=True):
    """One subscriber. An empty list asks for everything."""

    id: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    to: Webhook | Chat
    language: Language = "en"
    countries: list[Country] = []
    places: list[str] = []
    """Names or p-codes, of the place or of a unit that it lies in, in either language."""
    within: list[Circle] = []
    types: list[EventType] = []
    kinds: list[AlertKind] = []
    """Empty: all but `closed`, which says that nobody has spoken of an incident for a week."""
    min_severity: Level = Level.LOW
    grades: list[Grade] = []
    certainties: list[CapCertainty] = []
    quiet: Quiet | None = None
    digest_minutes: Annotated[int, Meta(ge=0, le=10080)] = 0
    """0: each alert at once; else all of so many minutes together."""
    mute: list[Mute] = []
    tests: bool = False
    """Also the marked test alerts of the canary."""
    give_up_hours: Annotated[float, Meta(gt=0)] = 24
    """How long delivery of one message is tried before it becomes a dead letter."""


class SubscribersFile(Strict, frozen=True, kw_only=True):
    """The whole file."""

    subscriber: list[Subscriber] = []
    cap: Profile = Profile()
    dead_letters: str = "dead-letters"
    """Folder for what could not be delivered, one JSON Lines file a subscriber; relative to this file."""


def load_subscribers(path: Path, environ: Mapping[str, str]) -> SubscribersFile:
    """Read and check the file.

    Raises:
        Misconfigured: it cannot be read, is no TOML, has an unknown or wrong field, an id twice, an address that is
            none, an unknown time zone, or names an environment variable that is not set.
    """
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"the subscribers file {path} cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(f"{path} is not TOML: {error}") from None
    tables = raw.pop("subscriber", [])
    if not isinstance(tables, list):
        raise Misconfigured(f"{path}: write [[subscriber]] with two brackets, one table each")
    told = [_read(table, Subscriber, f"{path}: {_named(table, n)}") for n, table in enumerate(tables, 1)]
    whole: SubscribersFile = _read(raw, SubscribersFile, str(path))
    for subscriber in told:
        _check(subscriber, path, environ)
    ids = [subscriber.id for subscriber in told]
    for twice in sorted({name for name in ids if ids.count(name) > 1}):
        raise Misconfigured(f"{path}: two subscribers have the id {twice}; ids are for ever, each its own")
    return msgspec.structs.replace(whole, subscriber=told, dead_letters=str(path.parent / whole.dead_letters))


def _named(table: object, number: int) -> str:
    name = table.get("id") if isinstance(table, dict) else None
    return f'subscriber {number} ("{name}")' if name else f"subscriber {number}"


def _read(raw: object, kind: type[Any], where: str) -> Any:
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        raise Misconfigured(f"{where}: {error}") from None


def _check(subscriber: Subscriber, path: Path, environ: Mapping[str, str]) -> None:
    where = f'{path}: subscriber "{subscriber.id}"'
    to = subscriber.to
    variable = to.secret_from if isinstance(to, Webhook) else to.url_from
    if not (environ.get(variable) or environ.get(f"{variable}_FILE")):
        raise Misconfigured(f"{where}: the environment variable {variable} (or {variable}_FILE) is not set")
    if isinstance(to, Webhook) and not web_link(to.url):
        raise Misconfigured(f"{where}: {to.url} is no http or https address")
    if subscriber.quiet:
        try:
            ZoneInfo(subscriber.quiet.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise Misconfigured(f"{where}: {subscriber.quiet.timezone} is no time zone, try Asia/Damascus") from None
        if subscriber.quiet.start == subscriber.quiet.end:
            raise Misconfigured(f"{where}: quiet hours that start when they end are no hours")
    for mute in subscriber.mute:
        if (mute.incident is None) == (mute.type is None):
            raise Misconfigured(f"{where}: a mute names an incident or a type, one of them")
        if mute.until and mute.until.tzinfo is None:
            raise Misconfigured(f"{where}: write the zone of mute until, for example 2026-01-31T00:00:00Z")
