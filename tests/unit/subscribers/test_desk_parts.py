"""The desk's pure parts: trees that cannot carry markup, filters, the board, the map, the ledger."""

import json
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from schemas.records import Change, Correction, Evidence, FactRow, TollRow, TollSummary
from subscribers.desk.board import Board
from subscribers.desk.incident import incident_page
from subscribers.desk.ledger import ledger
from subscribers.desk.map import Window, cities, clip, draw, outlines
from subscribers.desk.pages import SIZE, list_page
from subscribers.desk.tree import Element, h, html, plain
from subscribers.desk.wanted import Wanted
from subscribers.safe import clean
from subscribers.words import LANGUAGES
from tests.unit.subscribers.builders import AT, alert, heard, incident, place

XSS = '"><script>alert(1)</script><img src=x onerror=alert(1)>\u202e'


class Seen(HTMLParser):
    """What a browser would see: elements, attributes, text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.text())
def test_text_stays_text_in_html_and_in_json(text: str) -> None:
    tree = h("p", text, h("b", text), title=text)
    seen = Seen(html(tree))
    assert seen.names == ["p", "b"]
    assert dict(seen.attributes) == {"title": clean(text).replace("\r\n", "\n").replace("\r", "\n")} or "\r" in text
    assert json.loads(json.dumps(plain(tree))) == ["p", {"title": clean(text)}, [clean(text), ["b", {}, [clean(text)]]]]


@pytest.mark.parametrize("name", ["onclick", "onload", "style", "srcdoc", "a b", "x>"])
def test_attributes_that_could_act_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="may not be an attribute"):
        h("p", **{name: "x"})


def test_an_element_has_a_name() -> None:
    with pytest.raises(ValueError, match="no element"):
        h("p onload=x")
    assert html(h("br")) == "<br>"
    assert html(h("input", disabled=True, value=None)) == '<input disabled="">'
    assert plain(Element("p")) == ["p", {}, []]


def hostile(name: str = "i-1", **fields):
    made = incident()
    statements = [
        type(one)(
            post_id=one.post_id, source_id=XSS, source_name=XSS, title=XSS, published_at=one.published_at,
            url="javascript:alert(1)", language=XSS,
        )
        for one in made.statements
    ]  # fmt: skip
    return alert(name, headline_en=XSS, headline_ar=XSS, place=place(name_en=XSS, admin1=XSS), statements=statements)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_from_a_source_becomes_markup(language) -> None:
    board = Board()
    board.take(heard(hostile()))
    for page in (incident_page(board.story("i-1"), language), list_page(board, Wanted(search=XSS), language),
                 list_page(board, Wanted(), language)):  # fmt: skip
        seen = Seen(page)
        assert seen.names.count("script") == 1, "the desk's own"
        assert "img" not in seen.names
        assert not [name for name, _ in seen.attributes if name.startswith("on") or name == "style"]
        assert not [value for _, value in seen.attributes if value and value.startswith("javascript:")]
        assert "\u202e" not in page
    assert "<script>alert(1)</script>" in Seen(incident_page(board.story("i-1"), language)).text


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ({}, True),
        ({"country": "sy"}, True),
        ({"country": "IQ"}, False),
        ({"country": "Syria"}, True),  # no such value: left out
        ({"type": "armed_attack"}, True),
        ({"type": "curfew"}, False),
        ({"severity": "high"}, True),
        ({"severity": "critical"}, False),
        ({"grade": "fair"}, True),
        ({"grade": "weak"}, False),
        ({"claimed": "1"}, True),
        ({"q": "RAQQA"}, True),
        ({"q": "الرقة"}, True),
        ({"q": "مرصد"}, True),
        ({"q": "islamic state"}, True),
        ({"q": "Homs"}, False),
    ],
)
def test_filters(query: dict, fits: bool) -> None:
    assert Wanted.read(query).fits(alert()) is fits


def test_tests_of_the_canary_are_shown_only_when_asked_for() -> None:
    assert not Wanted().fits(alert(test=True))
    assert Wanted.read({"tests": "1"}).fits(alert(test=True))


@given(st.builds(Wanted, country=st.sampled_from([None, "SY"]), severity=st.sampled_from([None, "high"]),
                 claimed=st.booleans(), search=st.text(max_size=20).map(str.strip)))  # fmt: skip
def test_filters_come_back_from_their_address_line(wanted: Wanted) -> None:
    from urllib.parse import parse_qsl

    assert Wanted.read(dict(parse_qsl(wanted.query()))) == wanted


def test_the_board_shows_the_newest_revision_first_and_remembers_all() -> None:
    board = Board()
    told = [heard(alert("i-1", 1), 0), heard(alert("i-2", 5), 1), heard(alert("i-1", 2), 2)]
    assert [board.take(one) is not None for one in told] == [True, True, True]
    assert board.take(heard(alert("i-1", 1), 3)) is None, "sent again after a crash"
    assert board.position == "0-4"
    assert [(a.incident_id, a.revision) for a in board.newest(Wanted())] == [("i-2", 5), ("i-1", 2)]
    assert [a.revision for a in board.story("i-1")] == [2, 1]
    assert board.alert(told[0].alert.alert_id) == told[0].alert
    assert [one.offset for one in board.since({0: 2})] == [2]
    assert [one.offset for one in board.since({})] == [1, 2]
    assert board.countries == ["SY"]
    assert board.latest("i-9") is None


def test_a_late_older_revision_does_not_undo_the_newer_one() -> None:
    board = Board()
    board.take(heard(alert("i-1", 2), 0))
    assert board.take(heard(alert("i-1", 1), 1)) is None
    assert board.latest("i-1").revision == 2
    assert [a.revision for a in board.story("i-1")] == [2, 1]


def test_the_list_is_cut_into_pages() -> None:
    board = Board()
    for number in range(SIZE + 3):
        board.take(heard(alert(f"i-{number}"), number))
    first, second = list_page(board, Wanted(), "en"), list_page(board, Wanted(), "en", 2)
    assert (first.count("<article"), second.count("<article")) == (SIZE, 3)
    assert "page=2" in first
    assert 'data-live="/events' in first
    assert 'data-live=""' in second, "an older page does not move under its reader"
    assert board.page(Wanted(), 0, 10).alerts == board.page(Wanted(), 1, 10).alerts


@given(st.floats(-80, 80), st.floats(-180, 180), st.floats(0.5, 20))
def test_what_is_cut_to_the_window_lies_in_it(lat: float, lon: float, half: float) -> None:
    window = Window(lat, lon, half)
    for ring in outlines()[:40]:
        for point in clip(ring, window):
            assert abs(point[0] - lon) <= window.half_width + 1e-6
            assert abs(point[1] - lat) <= half + 1e-6


def test_the_map_knows_its_neighbourhood_and_says_when_it_knows_nothing() -> None:
    drawn = html(draw(place(), "ar"))
    assert "دير الزور" in drawn
    assert "35.950" in drawn
    assert 'class="land"' in drawn
    assert "Deir ez-Zor" in html(draw(place(), "en"))
    assert "<svg" not in html(draw(place(lat=None, lon=None), "en"))
    assert "<svg" not in html(draw(None, "ar"))
    assert len(cities()) > 80


def test_the_ledger_shows_every_speaker_the_disagreement_and_what_is_only_a_part() -> None:
    (killed,) = ledger(incident(), "en")
    text = Seen(html(killed)).text
    assert "the speakers disagree: 4 to 6" in text
    assert text.count("An agency") == 1
    assert "part of the figure above it" in text
    assert html(killed).count("<svg") == 3


def test_a_vague_or_open_figure_is_shown_as_it_was_said() -> None:
    rows = [
        TollRow(kind="wounded", low=10, vague_word="عشرات", said_by="a", row_id="1", post_id="p", source_id="a"),
        TollRow(kind="wounded", low=2, high=5, said_by="b", row_id="2", post_id="p", source_id="b", superseded=True),
    ]
    (wounded,) = ledger(incident(tolls=rows, toll_summary=[TollSummary(kind="wounded", low=10)]), "en")
    text = Seen(html(wounded)).text
    assert "≥ 10 (عشرات)" in text
    assert "2–5" in text
    assert "superseded" in text


@pytest.mark.parametrize(
    ("field", "before", "after", "says"),
    [
        ("toll_summary.wounded.best", 0, 3, "wounded: 0 → 3"),
        ("grade", "weak", "fair", "Credibility: one source → several independent sources"),
        ("place.accuracy", "governorate", "village", "Place known as: governorate → village"),
        ("claims", None, "isis", "Claimed by: Islamic State"),
        ("measures", None, "curfew", "Measure: curfew"),
        ("corrections", None, "f-1", "Corrected by a person: f-1"),
        ("a_newer_field", None, "x", "a newer field: x"),
    ],
)
def test_a_change_is_told_in_words(field: str, before, after, says: str) -> None:
    told = alert(changes=[Change(kind="corrected", field=field, before=before, after=after)])
    assert says in Seen(incident_page([told], "en")).text


def test_the_words_that_a_figure_rests_on_are_marked_in_the_headline_or_told_beside_it() -> None:
    made = incident()
    told = [
        structs.replace(made.tolls[0], evidence=Evidence(post_id="p-1", start=2, end=10, quote="headline")),
        structs.replace(
            made.tolls[1], evidence=Evidence(post_id="p-2", start=0, end=9, quote="ستة قتلى")
        ),  # six killed
    ]
    page = incident_page([alert(tolls=told)], "ar")
    assert "A <mark>headline</mark>" in page
    assert "<mark>ستة قتلى</mark>" in page
    assert page.count("<mark>") == 2


def test_no_words_of_a_claim_are_shown_even_if_somebody_put_them_in() -> None:
    made = incident()
    statement = structs.replace(made.statements[0], source_role="claims", title=None)
    toll = structs.replace(made.tolls[0], evidence=Evidence(post_id="p-1", start=0, end=3, quote="words of a claim"))
    page = incident_page([alert(statements=[statement], tolls=[toll])], "en")
    assert "words of a claim" not in page
    assert "words withheld" in page


def test_what_people_corrected_is_told_with_their_reason_and_the_other_incident() -> None:
    given = Correction(feedback_id="f-1", kind="merge", by="Amal", note=XSS, given_at=AT, other="i-2")
    page = incident_page([alert(corrected_by=[given], merged_into="i-2")], "en")
    assert "Amal" in page
    assert page.count('href="/incidents/i-2?lang=en"') == 2
    assert "img" not in Seen(page).names


@pytest.mark.parametrize(
    ("language", "expected"), [("en", "Weapon: grenade · said by "), ("ar", "السلاح: قنبلة يدوية")]
)
def test_the_page_tells_what_else_is_stated_and_by_whom(language: str, expected: str) -> None:
    fact = FactRow(kind="weapon", value="grenade", said_by="s", post_id="p-1", source_id="s", origins=["s"])
    office = FactRow(kind="official", value=XSS, name=XSS, said_by="s", post_id="p-1", source_id="s", origins=["s"])
    told = structs.replace(alert(), incident=structs.replace(incident(), facts=[fact, office]))
    seen = Seen(incident_page([told], language))
    assert expected in seen.text
    assert "onerror" not in dict(seen.attributes)
