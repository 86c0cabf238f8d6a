"""All that lies within some kilometres of a point is in a block around its square."""

from math import cos, radians
from types import SimpleNamespace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from agents.correlate import squares
from agents.correlate.ground import kilometres

LATITUDES = st.floats(-80, 80)
LONGITUDES = st.floats(-175, 175)


@settings(max_examples=500)
@given(
    LATITUDES,
    LONGITUDES,
    st.floats(-1, 1),
    st.floats(-1, 1),
    st.sampled_from((3.0, 30.0)),
    st.sampled_from((1, squares.DISTRICT, squares.PART)),
)
def test_what_is_near_is_around(lat, lon, north, east, km, size):
    reach = km / squares.DEGREE_KM
    other_lat, other_lon = lat + north * reach, lon + east * reach / cos(radians(lat))
    apart = kilometres(SimpleNamespace(lat=lat, lon=lon), SimpleNamespace(lat=other_lat, lon=other_lon))
    assume(apart <= km)
    there = squares.block(squares.square(other_lat, other_lon), size)
    assert there in squares.around(lat, lon, km, size)


@settings(max_examples=300)
@given(st.floats(-55, 55), LONGITUDES)
def test_no_more_is_looked_through_than_a_few_blocks(lat, lon):
    assert len(squares.around(lat, lon, 3.0)) <= 6
    assert len(squares.around(lat, lon, 30.0, squares.DISTRICT)) <= 20
    assert len(squares.around(lat, lon, 3.0, squares.PART)) <= 4


@pytest.mark.parametrize(("lat", "lon"), [(float("nan"), 39.0), (35.9, float("nan"))])
def test_nowhere_is_no_square(lat, lon):
    assert squares.square(lat, lon) == 0


def test_squares_and_blocks_of_two_places_differ():
    corners = [(lat, lon) for lat in (-89.9, -0.1, 0.1, 89.9) for lon in (-179.9, -0.1, 0.1, 179.9)]
    for size in (1, squares.DISTRICT, squares.PART):
        assert len({squares.block(squares.square(*corner), size) for corner in corners}) == len(corners)
