"""What strangers wrote is only read: no code runs, no file is opened, nobody is called, nothing explodes."""

import json
import sys
import time
from datetime import UTC, datetime

import pytest

from agents.normalize import normalize
from connectors.feeds.discover import feeds_of_page
from connectors.feeds.document import Document
from connectors.feeds.entries import Memory, read_entries
from connectors.feeds.parse import parse
from connectors.opml import read_opml
from connectors.sources import SourceSettings
from connectors.telegram_web.parse import parse_page
from schemas.codec import decode
from schemas.errors import Misconfigured, Undecodable
from schemas.kinds import SourceKind
from schemas.records import Post

WATCHED = (
    "open",
    "socket.",
    "subprocess.",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "exec",
    "compile",
    "pickle.",
    "urllib.",
    "ctypes.",
)
AT = datetime(2026, 3, 1, tzinfo=UTC)
_watching: list[list[str]] = []


def _hook(event: str, arguments: tuple) -> None:
    if _watching and event.startswith(WATCHED):
        _watching[-1].append(f"{event}{arguments!r:.120}")


sys.addaudithook(_hook)


class nothing_done:  # noqa: N801 - reads as words
    """Fails where Python is asked to open, call, run or load anything meanwhile."""

    def __enter__(self) -> None:
        _watching.append([])

    def __exit__(self, *_: object) -> None:
        seen = _watching.pop()
        assert not seen, seen


def rss(inside: str, head: str = "") -> bytes:
    return f'<?xml version="1.0"?>{head}<rss version="2.0"><channel><title>t</title>{inside}</channel></rss>'.encode()


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
HOSTILE = {
    "external entity, file": rss("<item><title>&x;</title></item>", '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
    "external entity, web": rss("<item><title>&x;</title></item>", '<!DOCTYPE r [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]>'),
    "parameter entity": rss("", '<!DOCTYPE r [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd"> %x;]>'),
    "outside document type": rss("<item><title>a</title></item>", '<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/x.dtd">'),
    "billion laughs": rss("<item><title>&l9;</title></item>", f'<!DOCTYPE r [<!ENTITY l0 "ha">{LAUGHS}]>'),
    "quadratic blow-up": rss(f"<item><title>{'&a;' * 5000}</title></item>", f'<!DOCTYPE r [<!ENTITY a "{"x" * 50_000}">]>'),
    "entity in another case": rss("<item><title>&x;</title></item>", '<!doctype r [<!entity x SYSTEM "file:///etc/passwd">]>'),
    "utf-16": rss("<item><title>&x;</title></item>", '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>').decode().replace("<?xml version=\"1.0\"?>", "").encode("utf-16"),
    "include": rss('<item><title><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/></title></item>'),
    "style sheet": rss("", '<?xml-stylesheet href="file:///etc/passwd"?>'),
    "deep nesting": rss("<item>" + "<a>" * 20_000 + "</a>" * 20_000 + "</item>"),
    "many attributes": rss("<item " + " ".join(f'a{n}="{n}"' for n in range(5000)) + "><title>t</title></item>"),
    "json, deep": b'{"version": "https://jsonfeed.org/version/1.1", "items": ' + b"[" * 50_000,
    "json, huge number": b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": ' + b"9" * 20_000 + b"}]}",
}  # fmt: skip


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_feed_is_refused_or_read_and_nothing_else_happens(body: bytes) -> None:
    parse(rss("<item><title>a</title></item>"))  # what is loaded lazily is loaded now
    parse(rss("<item><title>a</title></item>").decode().replace('<?xml version="1.0"?>', "").encode("utf-16"))
    began = time.process_time()
    with nothing_done():
        found = parse(body, url="https://feed.example/rss")
    assert time.process_time() - began < 30, "bounded"
    if isinstance(found, Document):
        source = SourceSettings(id="a", kind=SourceKind.FEED, url="https://feed.example/rss")
        posts = read_entries(found, Memory(), source, AT).posts
        shown = repr(posts)
        assert "root:" not in shown
        assert len(shown) < 1_000_000, "nothing was expanded"


SCRIPT = (
    '<img src=x onerror="alert(1)"><script>document.title="pwned"</script><iframe src="file:///etc/passwd"></iframe>'
)


def test_a_hostile_page_is_read_and_nothing_else_happens() -> None:
    page = (
        '<div class="tgme_widget_message" data-post="x/5"><div class="tgme_widget_message_text js-message_text">'
        f'{SCRIPT}<a href="javascript:alert(1)">y</a></div><a class="tgme_widget_message_date" '
        'href="https://t.me/x/5"><time datetime="2026-03-01T10:00:00+00:00"></time></a></div>'
    )
    parse_page(page)
    feeds_of_page(b"<html></html>", "https://a.example/")
    with nothing_done():
        parse_page(page * 50)
        parse_page("<div>" * 50_000)
        found = feeds_of_page(f'<base href="file:///"><link rel="alternate" type="application/rss+xml" href="etc/passwd">{SCRIPT}'.encode(), "https://a.example/")  # fmt: skip
    assert not any(address.startswith("file:") for address in found)


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE o [<!ENTITY x SYSTEM "file:///etc/passwd">]><opml><body><outline text="&x;"/></body></opml>',
        f'<!DOCTYPE o [<!ENTITY l0 "ha">{LAUGHS}]><opml>&l9;</opml>',
    ],
)
def test_a_list_of_feeds_expands_nothing(text: str) -> None:
    with nothing_done(), pytest.raises(Misconfigured):
        read_opml(text)


def test_a_post_is_only_read() -> None:
    plain = {
        "source": {"id": "a", "kind": "feed", "name": SCRIPT},
        "native_id": "1",
        "title": "{{7*7}} ${jndi:ldap://127.0.0.1:9/x} %s %n",
        "text": f"{SCRIPT} __import__('os').system('id')",
        "html": SCRIPT,
        "published_at": "2026-03-01T10:00:00Z",
        "__class__": {"__reduce__": ["os.system", "id"]},
        "$ref": "file:///etc/passwd",
    }
    value = json.dumps(plain).encode()
    normalize(decode(value, Post))
    with nothing_done():
        report = normalize(decode(value, Post))
    assert "49" not in report.text, "a template is text"


@pytest.mark.parametrize(
    "value", [b"[" * 200_000, b'{"a":' * 200_000, b'"' + b"\\u0000" * 100_000 + b'"', b"\x80\x04cos\nsystem\n."]
)
def test_json_that_means_harm_is_refused_in_a_sentence(value: bytes) -> None:
    with nothing_done(), pytest.raises(Undecodable):
        decode(value, Post)
