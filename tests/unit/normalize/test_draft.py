"""A draft knows where each of its characters came from, however often it is repaired."""

from hypothesis import given
from hypothesis import strategies as st

from agents.normalize.draft import Draft, Repair


@st.composite
def _repairs(draw: st.DrawFn, length: int) -> list[Repair]:
    cuts = sorted(draw(st.lists(st.integers(0, length), max_size=8)))
    pairs = zip(cuts[::2], cuts[1::2], strict=False)
    return [Repair(start, end, draw(st.sampled_from(["", "x", "yy", "zzz"])), "test") for start, end in pairs]


@given(st.text(alphabet="abcdefgh ", max_size=40), st.data())
def test_kept_characters_point_at_themselves_after_any_repairs(text: str, data: st.DataObject):
    draft = Draft(text)
    for _ in range(data.draw(st.integers(0, 4))):
        draft.apply(data.draw(_repairs(len(draft.text))))
    places = [draft.source_of(index) for index in range(len(draft.text))]
    assert places == sorted(places)
    for char, place in zip(draft.text, places, strict=True):
        assert char in "xyz" or text[place] == char
    assert draft.breakpoints[0][0] == 0
    assert all(a < b for (a, _), (b, _) in zip(draft.breakpoints, draft.breakpoints[1:], strict=False))


@given(st.text(alphabet="abcdefgh", max_size=30), st.data())
def test_place_of_is_the_way_back(text: str, data: st.DataObject):
    draft = Draft(text)
    draft.apply(data.draw(_repairs(len(text))))
    for index in range(len(draft.text)):
        source = draft.source_of(index)
        place = draft.place_of(source)
        assert place <= index
        assert draft.source_of(place) == source


def test_an_untouched_text_has_one_breakpoint_and_no_fixes():
    draft = Draft("a" * 1000)
    assert not draft.apply([Repair(3, 5, "aa", "test")])
    assert draft.breakpoints == [(0, 0)]
    assert draft.fixes == []


def test_of_overlapping_repairs_the_first_is_made():
    draft = Draft("abcdef")
    assert draft.apply([Repair(0, 3, "x", "one"), Repair(2, 4, "y", "two"), Repair(4, 5, "", "three")])
    assert draft.text == "xdf"
    assert [(fix.kind, fix.start, fix.end) for fix in draft.fixes] == [("one", 0, 3), ("three", 4, 5)]


def test_several_characters_may_come_from_one():
    draft = Draft("a\ufefbb")  # the ligature lam-alef
    draft.apply([Repair(1, 2, "لا", "presentation")])
    assert [draft.source_of(index) for index in range(4)] == [0, 1, 1, 2]
    assert draft.place_of(1) == 1
