"""Decoding, text, dates, the guard, JSON Feed: the small pure parts of reading a feed."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.feeds.dates import read_date
from connectors.feeds.decode import decode
from connectors.feeds.document import Document, NotAFeed
from connectors.feeds.guard import is_loopback, is_public
from connectors.feeds.parse import parse
from connectors.feeds.text import html_to_text, one_line

ARABIC = "قال مصدر أمني إن الهجوم وقع صباح اليوم"  # “a security source said that the attack took place this morning”
LATIN = "Über die Brücke führt ein Weg für Fußgänger"


def xml(text, declared):
    item = f"<item><title>{text}</title></item>"
    return f'<?xml version="1.0" encoding="{declared}"?><rss version="2.0"><channel>{item}</channel></rss>'


@pytest.mark.parametrize(
    ("encoding", "declared", "header", "text"),
    [
        ("utf-8", "utf-8", None, ARABIC),
        ("utf-8", "windows-1256", None, ARABIC),
        ("utf-8", "utf-8", "text/xml; charset=iso-8859-1", ARABIC),
        ("utf-8-sig", "iso-8859-6", None, ARABIC),
        ("cp1256", "windows-1256", None, ARABIC),
        ("cp1256", "utf-8", None, ARABIC),
        ("cp1256", "no-such-charset", None, ARABIC),
        ("iso-8859-6", "utf-8", "application/rss+xml; charset=utf-8", ARABIC),
        ("utf-16", "utf-16", None, ARABIC),
        ("utf-16-le", "utf-16", None, ARABIC),
        ("utf-16-be", "utf-8", None, ARABIC),
        ("utf-32", "utf-32", None, ARABIC),
        ("cp1252", "utf-8", None, LATIN),
        ("iso-8859-1", "iso-8859-1", None, LATIN),
    ],
)
def test_text_is_found_whatever_is_declared(encoding, declared, header, text):
    document = parse(xml(text, declared).encode(encoding), content_type=header)
    assert document.entries[0].title == text


@given(st.text())
def test_valid_utf8_is_utf8(text):
    assert decode(b"x" + text.encode("utf-8", "replace")).text == "x" + text.encode("utf-8", "replace").decode()


@pytest.mark.parametrize("declared", ["utf-8", "windows-1256"])
def test_a_letter_cut_in_two_spoils_only_itself(declared):
    body = xml(ARABIC, declared).encode()
    spoilt = body.replace("قال".encode(), "قا".encode() + b"\xd9")
    assert parse(spoilt).entries[0].title == ARABIC.replace("قال", "قا\ufffd")


@given(st.binary())
def test_any_bytes_are_a_document_or_a_reason(body):
    assert isinstance(parse(body), Document | NotAFeed)
    assert isinstance(parse(b"<rss version='2.0'><channel><item><title>" + body), Document | NotAFeed)
    assert isinstance(parse(b'{"version":"https://jsonfeed.org/version/1.1","items":[' + body), Document | NotAFeed)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>أول</p><p>ثان</p>", "أول\n\nثان"),
        ("سطر<br>سطر<br/>سطر", "سطر\nسطر\nسطر"),
        ("<ul><li>أ</li><li>ب</li></ul>", "أ\nب"),
        ("<div>a<span> b</span></div>c", "a b\nc"),
        ("a\n  b <b>c</b>", "a\n  b <b>c</b>".replace("\n  ", " ").replace("<b>", "").replace("</b>", "")),
        ("5 < 6 &amp; 7 &gt; 2", "5 < 6 & 7 > 2"),
        ("<script>x()</script><style>p{}</style>نص<!-- no -->", "نص"),
        ("<table><tr><td>1</td><td>2</td></tr></table>", "1 2"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("قـ.ـوات\u200f <i>د١عش</i>", "قـ.ـوات\u200f د١عش"),
        ("سطر أول\nسطر ثان", "سطر أول\nسطر ثان"),
        ("", ""),
        ("<p></p>", ""),
    ],
)
def test_html_becomes_text_with_its_line_breaks(html, text):
    lines = [line.strip() for line in html_to_text(html).split("\n")]
    assert lines == [line.strip() for line in text.split("\n")]


def test_deep_nesting_is_no_problem():
    assert html_to_text("<div>" * 5_000 + "نص") == "نص"


@given(st.text())
def test_text_without_markup_keeps_its_words(text):
    safe = text.replace("<", "").replace("&", "")
    assert html_to_text(safe).split() == safe.split()
    assert "\n" not in one_line(text)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("الأحد، 22 نوفمبر 2026 10:15:00 +0300", (2026, 11, 22, 7, 15)),
        ("٢٢ كانون الأول ٢٠٢٥", (2025, 12, 22, 0, 0)),
        ("22 تشرين الثاني 2026 - 10:15", (2026, 11, 22, 10, 15)),
        ("22 أيلول 2026 05:07 م", (2026, 9, 22, 17, 7)),
        ("22 Nov 2026 12:05 AM", (2026, 11, 22, 0, 5)),
        ("mer, 16 nov 2022 00:38:15 +0100", (2022, 11, 15, 23, 38)),
        ("2026-11-22T10:15:00Z", (2026, 11, 22, 10, 15)),
        ("Sun, 22 Nov 2026 10:15:00 GMT", (2026, 11, 22, 10, 15)),
        ("22/11/2026", None),
        ("99 نوفمبر 2026", None),
        ("أمس", None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_dates(text, moment):
    found = read_date(text)
    assert (found and found.replace(second=0)) == (moment and datetime(*moment, tzinfo=UTC))


@given(st.text())
def test_any_text_is_a_date_or_none(text):
    assert (read_date(text) or datetime.now(UTC)).tzinfo is UTC


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:1::1",
        "no-address",
    ],
)
def test_addresses_that_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_addresses_that_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize(
    ("host", "local"), [("localhost", True), ("127.8.8.8", True), ("[::1]", True), ("a.example", False)]
)
def test_loopback(host, local):
    assert is_loopback(host) is local


def test_json_feed():
    document = parse(
        b'{"version":"https://jsonfeed.org/version/1.1","title":"t","language":"ar","items":['
        b'{"id":7,"url":"/a","title":"x &amp; y","content_html":"<p>1</p>2"'
        b',"date_published":"2026-01-01T10:00:00+03:00"'
        b',"attachments":[{"url":"https://a.example/v.mp4","mime_type":"video/mp4","size_in_bytes":5}]},3,{"id":null}]}',
        url="https://a.example/feed.json",
    )
    first = document.entries[0]
    assert (first.guid, first.url, first.title, first.text) == ("7", "https://a.example/a", "x & y", "1\n\n2")
    assert first.published_at == datetime(2026, 1, 1, 7, tzinfo=UTC)
    assert (first.media[0].kind, first.media[0].size_bytes) == ("video", 5)
    assert (document.language, len(document.entries)) == ("ar", 2)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"<!doctype html><title>x</title>", "html"),
        (b"hello", "not_a_feed"),
        (b"{}", "not_a_feed"),
        (b"{" * 100_000, "broken"),
        (b'<!DOCTYPE lolz [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><rss version="2.0"/>', "entities"),
        (b"<!DOCTYPE r [" + b"<!-- x -->" * 20_000 + b'<!ENTITY a "b">]><rss version="2.0"/>', "entities"),
    ],
)
def test_what_is_not_a_feed(body, kind):
    assert parse(body).kind == kind


def test_atom_and_media_and_relative_links():
    document = parse(
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ar"><title>ت</title>'
        '<link rel="hub" href="https://hub.example/"/>'
        '<entry><id>urn:1</id><title type="text">a &lt;b&gt;</title><link href="/p/1"/>'
        "<updated>2026-01-01T12:00:00Z</updated><published>2026-01-01T10:00:00Z</published>"
        '<content type="html">&lt;p&gt;نص&lt;/p&gt;</content>'
        '<link rel="enclosure" type="image/jpeg" length="12" href="pic.jpg"/></entry></feed>'.encode(),
        url="https://a.example/x/feed",
    )
    first = document.entries[0]
    assert (first.guid, first.title, first.url) == ("urn:1", "a <b>", "https://a.example/p/1")
    assert (first.text, first.html, first.language) == ("نص", "<p>نص</p>", "ar")
    assert first.edited_at == datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert (first.media[0].url, first.media[0].kind, first.media[0].size_bytes) == (
        "https://a.example/x/pic.jpg",
        "photo",
        12,
    )
    assert document.hub == "https://hub.example/"


@given(st.integers(0, 700), st.sampled_from(["rss", "atom"]))
def test_an_answer_that_breaks_off_gives_whole_entries_or_none(cut, dialect):
    texts = [f"نص الخبر رقم {n} بكلمات كافية" for n in range(3)]
    if dialect == "rss":
        items = "".join(f"<item><title>خبر</title><description>{text}</description></item>" for text in texts)
        whole = f'<rss version="2.0"><channel><title>ن</title>{items}</channel></rss>'
    else:
        items = "".join(f"<entry><title>خبر</title><summary>{text}</summary></entry>" for text in texts)
        whole = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>ن</title>{items}</feed>'
    found = parse(whole.encode()[:cut])
    if isinstance(found, Document):
        assert [entry.text for entry in found.entries] == texts[: len(found.entries)]
