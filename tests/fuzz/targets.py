"""What is fuzzed: every reader of what strangers or operators write, as a function of bytes.

A target returns what the reader says in the end, or passes where it refuses in one of the ways that it documents.
Everything else (another exception, a result that cannot be written) is a finding. What a target needs is loaded when it
first runs, so that fuzzing one of them instruments no more than that.
"""

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import msgspec

from schemas.codec import decode, encode
from schemas.errors import Misconfigured, Undecodable
from schemas.kinds import SourceKind
from schemas.records import Alert, Cursor, Feedback, Incident, Post, Report, Sighting, Source
from schemas.topics import POSTS, REJECTS, REPORTS

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
FEED_TYPES = (None, "text/xml; charset=windows-1256", "application/json", "text/html; charset=utf-8", "\x00;;=")


def feed(given: bytes) -> object:
    """A feed document: its entries become posts that can be written, and say the same when read again."""
    from connectors.feeds.document import Document
    from connectors.feeds.entries import Memory, read_entries
    from connectors.feeds.parse import parse
    from connectors.sources import SourceSettings

    kind, body = (FEED_TYPES[given[0] % len(FEED_TYPES)], given[1:]) if given else (None, b"")
    document = parse(body, content_type=kind, url="https://feed.example/rss")
    if not isinstance(document, Document):
        return document.reason
    source = SourceSettings(
        id="fuzz", kind=SourceKind.FEED, url="https://feed.example/rss", language="ar", country="SY"
    )
    reading = read_entries(document, Memory(), source, AT)
    for post in reading.posts:
        decode(encode(post), Post)
    msgspec.json.decode(msgspec.json.encode(reading.memory), type=Memory)
    again = read_entries(document, reading.memory, source, AT)
    assert not again.posts, "a document that did not change has nothing new"
    return reading


def page(given: bytes) -> object:
    """A t.me/s page: its messages become posts that can be written."""
    from connectors.telegram_web.parse import parse_page

    found = parse_page(given.decode("utf-8", "replace"))
    for message in found.messages:
        _posted(message)
    return found


def message(given: bytes) -> object:
    """A Telegram message in Telegram's own form (TL)."""
    from telethon.extensions import BinaryReader

    from connectors.telegram.parse import parse_message

    try:
        raw = BinaryReader(given).tgread_object()
    except Exception:  # Telethon's own refusals have no common name
        return None
    try:
        found = parse_message(raw, 1234567890, "fuzz")
    except (AttributeError, TypeError):
        if _well_formed(raw):
            raise
        return None
    return None if found is None else _posted(found)


def _well_formed(raw: object) -> bool:
    """What Telegram can have sent: its parts are of their types, and it can be written as it was read."""
    parts = {"fwd_from": "MessageFwdHeader", "media": "MessageMedia", "reply_to": "MessageReply"}
    for name, kind in parts.items():
        if not type(getattr(raw, name, None)).__name__.startswith((kind, "NoneType")):
            return False
    if not all(type(one).__name__.startswith("MessageEntity") for one in getattr(raw, "entities", None) or ()):
        return False
    try:
        bytes(raw)  # type: ignore[call-overload]
    except Exception:
        return False
    return True


def _posted(found) -> bytes:
    from connectors.telegram.message import post_of

    source = Source(id="fuzz", kind=SourceKind.TELEGRAM, name="fuzz")
    written = encode(post_of(found, source, 0, fetched_at=AT, backfill=False, test=False))
    decode(written, Post)
    return written


@cache
def stages():
    """Those that ship; loaded once."""
    from agents.stages import shipped

    return shipped()


def record(given: bytes) -> object:
    """Bytes on any of our topics: a record, or refused in a sentence."""
    for kind in (Post, Report, Sighting, Incident, Alert, Cursor, Feedback):
        try:
            read = decode(given, kind)
        except Undecodable as error:
            if not str(error):
                raise
            continue
        assert decode(encode(read), kind) == read
    return None


def post(given: bytes) -> object:
    """Bytes on the topic of posts, through the normalizer as the worker runs it: handled, or set aside whole."""
    return _normalized(given)


def text(given: bytes) -> object:
    """Any text as a post's, through normalizer and classifier."""
    words = given.decode("utf-8", "replace")
    source = Source(id="fuzz", kind=SourceKind.FEED, name="fuzz", country="SY")
    made = Post(source=source, native_id="1", title=words[:80] or None, text=words, published_at=AT, fetched_at=AT)
    (out,) = _normalized(encode(made))
    assert out.topic is REPORTS, "no text is refused"
    for sighting in _classified(out.value):
        assert sighting.topic is not REJECTS, sighting.headers
    return None


def report(given: bytes) -> object:
    """Bytes on the topic of reports, through the classifier."""
    return _classified(given)


def _normalized(value: bytes):
    from agents.steps import Normalizing

    return _handled(Normalizing(stages().normalize), POSTS.named(), value)


def _classified(value: bytes):
    from agents.routes import Routes
    from agents.steps import Classifying

    return _handled(Classifying(stages().classify, Routes()), REPORTS.named(), value)


def _handled(step, topic: str, value: bytes):
    from agents.stage import Message, handle

    stamp = int(AT.timestamp() * 1000)
    came = Message(topic=topic, partition=0, offset=0, timestamp_ms=stamp, key=b"k", value=value, headers=())
    outcome = handle(step, came)
    for out in outcome.outgoing:
        if out.topic is REJECTS:
            assert out.value == value, "set aside whole"
            told = dict(out.headers)
            name = told["__connect.errors.exception.class.name"]
            assert name == b"Undecodable", told["__connect.errors.exception.stacktrace"].decode()
    return outcome.outgoing


def export(given: bytes) -> object:
    """An export of Telegram Desktop: its rows become posts that can be written."""
    from connectors.telegram.export import open_export
    from connectors.telegram.export_row import parse_row, said

    with _file(given, ".json") as path, _refusal():
        opened = open_export(path)
        found = [parse_row(row, opened.chat.channel_id, "fuzz") for row in opened.rows() if said(row)]
        return [_posted(message) for message in found if message is not None]


def robots(given: bytes) -> object:
    """A robots.txt: what it allows, and how long it wants us to wait."""
    from connectors.feeds.fetch import Answer
    from connectors.feeds.robots import LONGEST_DELAY_SECONDS, known_from

    known = known_from(Answer(status=200, url="https://site.example/robots.txt", body=given), 0.0)
    assert 0.0 <= known.delay_seconds <= LONGEST_DELAY_SECONDS
    return [known.allows(f"https://site.example/{path}") for path in ("", "a?b=c", "a" * 300, "%00%D9%82")]


def wishes(given: bytes) -> object:
    """What a server's headers and a feed's dates want of us: seconds that can be waited for, and moments."""
    from connectors.feeds.dates import read_date
    from connectors.feeds.pace import hint_seconds, retry_after_seconds

    told = given.decode("utf-8", "replace")
    again, kept = retry_after_seconds(told, AT), hint_seconds({"cache-control": told, "expires": told}, None, AT)
    assert again is None or again >= 0.0
    assert kept is None or kept >= 0.0
    moment = read_date(told)
    return again, kept, moment and moment.astimezone(UTC).isoformat()


def html(given: bytes) -> object:
    """A web page on which feeds are looked for."""
    from connectors.feeds.discover import feeds_of_page

    return feeds_of_page(given, "https://site.example/", None)


def lexicon(given: bytes) -> object:
    """An operator's lexicon."""
    from agents.classify.lexicon import parse as parse_lexicon

    with _refusal():
        return parse_lexicon(given, "xx", "xx.toml")


def sources(given: bytes) -> object:
    """An operator's sources file."""
    from connectors.sources import parse_sources

    with _refusal():
        return parse_sources(given.decode("utf-8", "replace"))


def subscribers(given: bytes) -> object:
    """An operator's subscribers file."""
    from subscribers.settings import load_subscribers

    with _file(given, ".toml") as path, _refusal():
        return load_subscribers(path, {"SECRET": "whsec_c2VjcmV0"})


def opml(given: bytes) -> object:
    """A list of feeds from another reader."""
    from connectors.opml import read_opml

    with _refusal():
        return read_opml(given.decode("utf-8", "replace"))


def settings(given: bytes) -> object:
    """The environment, one variable a line."""
    from marqab.settings import Settings, load

    lines = given.decode("utf-8", "replace").splitlines()
    environ = dict(line.split("=", 1) for line in lines if "=" in line and "_FILE=" not in line)
    with _refusal():
        made, told = load({f"MARQAB_{name}": value for name, value in environ.items()})
        assert isinstance(made, Settings)
        return told


def gazetteer(given: bytes) -> object:
    """A gazetteer file."""
    from agents.classify.places.gazetteer import Gazetteer

    with _file(given, ".gaz") as path, _refusal():
        opened = Gazetteer(path)
        for name in ("ادلب", "aleppo", "دير الزور"):
            opened.find(name)
        return opened


def geonames(given: bytes) -> object:
    """A GeoNames dump."""
    from agents.classify.places.importers import import_geonames

    with _file(given, ".txt") as path, _refusal():
        return import_geonames(path, path.with_suffix(".gaz"), known=_built_in())


def cod(given: bytes) -> object:
    """One of OCHA's lists of names."""
    from agents.classify.places.importers import import_cod

    with _file(given, ".csv") as path, _refusal():
        return import_cod(path, path.with_suffix(".gaz"), country="SY", known=_built_in())


def signature(given: bytes) -> object:
    """A push's signature."""
    from connectors.feeds.websub import signature_fits

    head, _, body = given.partition(b"\n")
    return signature_fits("secret", head.decode("latin-1"), body)


@cache
def _built_in():
    from agents.classify.places.gazetteer import Gazetteer

    return Gazetteer.default()


class _refusal:  # noqa: N801 - reads as words
    """Passes where a reader refuses in a sentence."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind, error, _) -> bool:
        if isinstance(error, Misconfigured | Undecodable):
            assert str(error), "a refusal is a sentence"
            return True
        return False


class _file:  # noqa: N801
    """The bytes as a file, for readers of files."""

    def __init__(self, given: bytes, suffix: str) -> None:
        self._given, self._suffix = given, suffix

    def __enter__(self) -> Path:
        self._folder = tempfile.TemporaryDirectory()
        path = Path(self._folder.name) / f"given{self._suffix}"
        path.write_bytes(self._given)
        return path

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()


TARGETS: dict[str, Callable[[bytes], object]] = {
    one.__name__: one
    for one in (
        feed, page, message, export, record, post, text, report, html, robots, wishes, lexicon, sources, subscribers,
        opml, settings, gazetteer, geonames, cod, signature,
    )
}  # fmt: skip
