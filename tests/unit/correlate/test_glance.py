"""What is passed over at a glance is nothing that a close look would join; most of what is hopeless is passed over."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.correlate.address import address
from agents.correlate.glance import Glances
from agents.correlate.rules import DEFAULT
from agents.correlate.same import Comparison
from agents.correlate.traits import traits
from schemas.kinds import Accuracy, DocRole, EventType, SourceRole, TimeBasis, TollKind
from schemas.records import EventTime
from tests.unit.correlate.builders import at, attacker, claim, place, sighting, source, toll

NEARBY = st.sampled_from((0.0, 0.0005, 0.002, 0.02, 0.026, 0.03, 0.2, 0.26, 0.27, 0.28, 0.4, 3.0))
"""Degrees, around the distances at which places count otherwise."""


@st.composite
def places(draw):
    name = draw(st.sampled_from(("Raqqa", "Tabqa", "Mansura", "Karama")))
    lat, lon = (sign * draw(NEARBY) for sign in draw(st.tuples(*[st.sampled_from((-1, 1))] * 2)))
    base = draw(st.sampled_from((35.95, 0.0, -33.0, 62.0)))
    known = draw(st.integers(0, 9)) > 0
    return place(
        name,
        base + lat if known else None,
        39.01 + lon if known else None,
        accuracy=draw(st.sampled_from((Accuracy.CITY, Accuracy.VILLAGE, Accuracy.NEIGHBOURHOOD, Accuracy.DISTRICT))),
        admin1="Raqqa",
    )


@st.composite
def posts(draw, name: str):
    """A post's traits; words are numbers, weights fall off as in a text."""
    moment = at(draw(st.sampled_from((0, 30, 300, 470, 490, 900, 1439, 2000, 3000, 4400))))
    spoken = draw(st.booleans())
    begin = moment - timedelta(hours=draw(st.sampled_from((0, 1, 6, 30))))
    claimed = draw(st.integers(0, 9)) == 0
    told = sighting(
        name,
        by=source(draw(st.sampled_from(("outlet", "observatory"))), SourceRole.CLAIMS if claimed else SourceRole.MEDIA),
        published_at=moment,
        place=draw(places()),
        language=draw(st.sampled_from(("ar", "ar", "ar", "en"))),
        time=EventTime(
            event_start=begin,
            event_end=begin + timedelta(hours=draw(st.sampled_from((1, 6, 24)))),
            basis=TimeBasis.RELATIVE if spoken else TimeBasis.PUBLICATION,
        ),
        event_type=draw(st.sampled_from((EventType.ARMED_ATTACK, EventType.PRISON_ATTACK, EventType.AIR_DRONE_STRIKE))),
        doc_role=draw(st.sampled_from((DocRole.NEW_INCIDENT, DocRole.UPDATE, DocRole.BACKGROUND))),
        tolls=[toll(n, kind) for kind in TollKind if (n := draw(st.sampled_from((0, 1, 4, 12))))],
        actors=[attacker(draw(st.sampled_from(("isis", "sdf"))))] if draw(st.booleans()) else [],
        claims=[claim("isis", 0)] if claimed else [],
    )
    number = draw(st.integers(1, 6))
    codes = draw(st.lists(st.integers(1, 8), min_size=number, max_size=number, unique=True))
    return traits(told, codes, [number**-0.5] * number, refers=draw(st.integers(0, 9)) == 0)


@settings(max_examples=400)
@given(posts("new"), st.lists(posts("other"), min_size=1, max_size=8))
def test_what_would_join_is_never_passed_over(new, others):
    score = Comparison(new, type(DEFAULT)(join=-100.0)).score
    for other in others:
        worth = score(other)
        if worth is not None:  # not too far apart in time to be compared
            glances = Glances(worth)
            glances.put(0, address(other))
            assert glances.hopeful(address(new), [0]) == [0]


def post(name: str, lat: float | None, minutes: float, killed: int, *, refers: bool = False, **more):
    there = place(name, lat, 39.0, accuracy=Accuracy.TOWN)
    told = sighting(name, minutes=minutes, place=there, tolls=[toll(killed)], **more)
    return traits(told, [1], [1.0], refers=refers)


NEW = post("Raqqa", 35.95, 2000, 4)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(post("Raqqa", 35.8, 0, 5), id="the same name"),
        pytest.param(post("Tabqa", 35.8, 0, 5, language="en"), id="another language"),
        pytest.param(post("Tabqa", None, 0, 5), id="no coordinates"),
        pytest.param(post("Tabqa", 35.8, 0, 5, refers=True), id="comes back to a known attack"),
        pytest.param(
            post("Tabqa", 35.8, 0, 5, by=source("isis", SourceRole.CLAIMS), claims=[claim("isis", 0)]), id="a claim"
        ),
        pytest.param(post("Tabqa", 35.95, 0, 5), id="at the same point"),
    ],
)
def test_what_has_more_to_say_for_it_than_place_and_time_is_looked_at(other):
    glances = Glances(DEFAULT.join)
    for slot, one in enumerate((other, post("Tabqa", 35.8, 0, 5))):
        glances.put(slot, address(one))
    assert glances.hopeful(address(NEW), [0, 1]) == [0]
    glances.put(0, address(NEW))
    assert glances.hopeful(address(other), [0]) == [0]


def test_another_town_and_another_day_are_passed_over_and_the_same_town_is_not():
    others = [
        post("Raqqa", 35.95, 2000, 4),
        post("Tabqa", 35.83, 2000, 5),  # 13 km off, the same day, another toll
        post("Mansura", 36.05, 2000, 4),  # 11 km off, the same day and toll: words may still decide
        post("Karama", 36.05, 0, 4),  # the day before
        post("Hasaka", 36.5, 2000, 4),  # 61 km off
    ]
    glances = Glances(DEFAULT.join)
    for slot, other in enumerate(others):
        glances.put(slot, address(other))
    glances.put(1024, address(others[0]))  # the table grows
    assert glances.hopeful(address(NEW), [0, 1, 2, 3, 4, 1024]) == [0, 2, 1024]
