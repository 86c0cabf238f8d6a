"""All feed files of three parsers' test suites through our parser, against what those suites expect."""

from datetime import UTC, datetime

from connectors.feeds.document import Document, NotAFeed
from connectors.feeds.entries import Memory, read_entries
from connectors.feeds.parse import parse
from connectors.feeds.text import html_to_text, one_line
from connectors.sources import SourceSettings
from schemas.codec import decode, encode
from schemas.kinds import SourceKind
from schemas.records import Post
from tests.paths import SHARED, needs_shared
from tests.unit.connectors.feed_expectations import expectations, feed_files

FOLDER = SHARED / "data" / "feeds"
URL = "http://127.0.0.1:8097/feed"
SOURCE = SourceSettings(id="s", kind=SourceKind.FEED, url=URL)

_BASE = "feedparser/wellformed/base/http_"
DIFFERENT = {
    "feed-rs/atom/atom_relative.xml": "we make links absolute, that suite leaves them relative",
    "feed-rs/jsonfeed/jsonfeed_elastic_1.1.json": "that suite adds a slash to a bare host, we keep links as written",
    "feed-rs/rss0/rss_0.91_encoding_1.xml": "that suite lowers the letters of a host, we keep links as written",
    "feed-rs/rss1/rss_1.0_example_1.xml": "the example's links are words, which we take as relative links",
    _BASE + "entry_id_base_content_location.xml": "ids stay as written, so that they survive a move",
    _BASE + "entry_id_base_docuri.xml": "ids stay as written, so that they survive a move",
    _BASE + "item_link_base_content_location.xml": "Content-Location is ignored (as in RFC 9110)",
    "gofeed/parser/rss/rss_channel_item_guid_naked_markup.xml": "markup in a guid is not text",
    "gofeed/parser/rss/rss_channel_item_uri_at_protocol.xml": "the parser prefers the attribute; at: is no web address",
}
"""Files whose entries differ from what their suite expects, and why; docs/decisions tells it at length."""

NOT_FEEDS = 17
"""Of 2,727: Microsoft's CDF of 1997, unknown XML, empty and broken documents, two that declare entities."""


@needs_shared
def test_every_file_is_a_document_or_a_reason_and_its_posts_survive_the_codec():
    files = feed_files(FOLDER)
    assert len(files) > 2400
    refused = 0
    for path in files:
        found = parse(path.read_bytes(), url=URL)
        if isinstance(found, NotAFeed):
            refused += 1
            assert found.reason
            continue
        fetched_at = datetime(2026, 1, 1, tzinfo=UTC)
        reading = read_entries(found, Memory(), SOURCE, fetched_at)
        for post in reading.posts:
            assert decode(encode(post), Post) == post
        assert read_entries(found, reading.memory, SOURCE, fetched_at).posts == ()
    assert refused == NOT_FEEDS


@needs_shared
def test_entries_are_as_their_suites_expect_but_for_the_known_differences():
    compared, different = 0, set()
    for path in feed_files(FOLDER):
        document = parse(path.read_bytes(), url=URL)
        for expected in expectations(path):
            compared += 1
            if not _agrees(document, expected):
                different.add(path.relative_to(FOLDER).as_posix())
    assert compared > 450
    assert different == set(DIFFERENT)


def _agrees(document, expected):
    if not isinstance(document, Document) or expected.entry >= len(document.entries):
        return False
    entry = document.entries[expected.entry]
    got = {
        "title": entry.title,
        "link": entry.url,
        "published": entry.published_at,
        "updated": entry.edited_at or entry.published_at,
        "id": entry.guid,
    }[expected.field]
    if expected.field == "title" and expected.value is not None:
        # Suites expect the markup of a title, we its text.
        return got in {expected.value, one_line(html_to_text(expected.value)) or None}
    return got == expected.value
