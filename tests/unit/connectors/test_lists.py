"""OPML, adding to the sources file, feeds named by a page."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.edit import summary, table_of, with_added
from connectors.feeds.discover import feeds_of_page
from connectors.opml import new_id, read_opml, write_opml
from connectors.sources import SourceSettings, parse_sources
from schemas.errors import Misconfigured
from schemas.kinds import SourceKind, SourceRole

FEED = SourceSettings(id="a", kind=SourceKind.FEED, url="https://a.example/f?x=1&y=2", name="وكالة <أ>", language="ar")
CLAIMS = SourceSettings(
    id="c",
    kind=SourceKind.TELEGRAM,
    channel="c_example",
    role=SourceRole.CLAIMS,
    speaks_for="group-x",
    authenticity="relay",
    headers_from={"Authorization": "TOKEN"},
    successors=["c2"],
    test=True,
)


def test_opml_there_and_back_keeps_what_it_has_words_for():
    (back,) = read_opml(write_opml([FEED, CLAIMS]))
    assert (back.url, back.name, back.language, back.id) == (FEED.url, FEED.name, "ar", "a-example")


def test_opml_of_other_readers_with_folders_and_doubles():
    text = """<?xml version="1.0"?><OPML version="1.0"><body><outline text="أخبار">
      <outline type="rss" text="One" xmlUrl="https://a.example/1"/>
      <outline XMLURL="https://a.example/2" TEXT="Two"/></outline>
      <outline xmlUrl="https://a.example/1"/><outline text="empty"/><outline xmlUrl="ftp://x"/></body></OPML>"""
    found = read_opml(text, taken=["a-example"])
    assert [(one.id, one.name) for one in found] == [("a-example-2", "One"), ("a-example-3", "Two")]


@pytest.mark.parametrize("text", ["", "<rss/>", "no xml", "<!DOCTYPE opml [<!ENTITY a 'b'>]><opml/>"])
def test_what_is_not_opml_is_told(text):
    with pytest.raises(Misconfigured, match="OPML"):
        read_opml(text)


def test_a_table_says_only_what_is_not_usual_and_reads_back():
    text = table_of(CLAIMS)
    assert "reliability" not in text
    assert parse_sources(text) == [CLAIMS]
    assert parse_sources(with_added("", [FEED, CLAIMS])) == [FEED, CLAIMS]


def test_adding_keeps_what_people_wrote():
    text = "# ours\n" + table_of(FEED).rstrip()
    added = with_added(text, [CLAIMS])
    assert added.startswith(text)
    assert parse_sources(added) == [FEED, CLAIMS]


def test_what_is_there_already_is_not_added_again():
    with pytest.raises(Misconfigured, match="another id"):
        with_added(table_of(FEED), [FEED])
    twin = SourceSettings(id="b", kind=SourceKind.FEED, url=FEED.url)
    with pytest.raises(Misconfigured, match="as “a”"):
        with_added(table_of(FEED), [twin])


@given(st.text(), st.dictionaries(st.text(min_size=1), st.text(), max_size=3))
def test_any_words_survive_the_file(name, headers):
    source = SourceSettings(id="a", kind=SourceKind.FEED, url="https://a.example/", name=name, headers=headers)
    assert parse_sources(table_of(source)) == [source]


@settings(max_examples=50)
@given(st.text(max_size=30), st.lists(st.text(max_size=5), max_size=3))
def test_a_new_id_is_valid_and_free(host, taken):
    made = new_id(f"https://{host.replace('[', '').replace(']', '')}/x", taken)
    assert made not in taken
    assert parse_sources(table_of(SourceSettings(id=made, kind=SourceKind.FEED, url="https://a.example/")))


def test_a_summary_is_one_line():
    assert summary(CLAIMS) == ("c", "telegram", "claims F", "normal", "@c_example", "")


def test_feeds_of_a_page():
    page = """<html><head><base href="/ar/">
      <link rel="alternate" type="application/rss+xml" title="تعليقات" href="comments/feed/">
      <link rel="alternate" type="application/rss+xml" href="feed/"><link rel="alternate" hreflang="en" href="/en">
      <link rel="stylesheet" href="feed.css"></head><body><a href="https://a.example/rss.xml">RSS</a>
      <a href="feed/">again</a><a href="/news">n</a><a href="feed:https://b.example/atom">b</a><a href="http://[">x</a></body>"""
    assert feeds_of_page(page.encode(), "https://a.example/home") == [
        "https://a.example/ar/feed/",
        "https://a.example/rss.xml",
        "https://b.example/atom",
        "https://a.example/ar/comments/feed/",
    ]
