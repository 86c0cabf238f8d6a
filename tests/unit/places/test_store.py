"""The gazetteer's file: what goes in comes out, whatever its size."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.classify.places.gazetteer import Gazetteer, Kind
from agents.classify.places.store import COMMON, WEAK, Names, Row, Store, write
from schemas.errors import Misconfigured


def a_row(**fields) -> Row:
    plain = {
        "kind": int(Kind.TOWN), "source": 0, "radius_m": 2500, "country": "SY", "lat": 36.5, "lon": 37.25,
        "population": 10, "admin1": None, "admin2": None, "admin3": None,
        "name_ar": "تل", "name_en": "Tall", "pcode": "",
    }  # fmt: skip
    return Row(**{**plain, **fields})


def stored(path, rows, names) -> Store:
    write(path, rows, names, ["somewhere"], ["thanks to somewhere"])
    return Store(path)


def test_a_place_comes_back_as_it_went_in(tmp_path):
    rows = [
        a_row(kind=int(Kind.GOVERNORATE), name_en="Aleppo", lat=None, lon=None, pcode="SY02"),
        a_row(admin1=0, lat=-33.123456, lon=-179.999999, population=4_000_000_000),
    ]
    names = Names()
    names.add("aleppo", 0)
    names.add("tall", 1, COMMON | WEAK)
    store = stored(tmp_path / "a.gaz", rows, names)
    assert [store.row(index) for index in (0, 1)] == rows
    longest, refs = store.find("tall")
    assert longest == 1
    assert [store.split(ref) for ref in refs] == [(1, COMMON | WEAK)]
    assert (store.names, store.places, store.attribution) == (2, 2, ("thanks to somewhere",))


def test_the_plainer_of_two_spellings_of_one_key_wins(tmp_path):
    names = Names()
    names.add("tall", 0, WEAK)
    names.add("tall", 0)
    _, refs = stored(tmp_path / "a.gaz", [a_row()], names).find("tall")
    assert [Store.split(ref) for ref in refs] == [(0, 0)]


def test_a_first_word_tells_how_long_its_names_are(tmp_path):
    names = Names()
    names.add("tall abu zuhur", 0)
    store = stored(tmp_path / "a.gaz", [a_row()], names)
    assert store.find("tall") == (3, ())
    assert store.find("abu") is None


@given(st.dictionaries(st.text(alphabet="اب ab", min_size=1, max_size=6), st.integers(0, 9), max_size=40))
def test_every_key_is_found_and_no_other(tmp_path_factory, keys):
    names = Names()
    for key, row in keys.items():
        names.add(key, row)
    store = stored(tmp_path_factory.mktemp("gaz") / "a.gaz", [a_row(population=n) for n in range(10)], names)
    for key, row in keys.items():
        assert [store.split(ref)[0] for ref in store.find(key)[1]] == [row]
    assert store.find("nowhere") is None


def test_the_same_places_give_the_same_bytes(tmp_path):
    for path in ("a.gaz", "b.gaz"):
        names = Names()
        for name in ("one", "two", "three four"):
            names.add(name, 0)
        write(tmp_path / path, [a_row()], names, ["somewhere"], [])
    assert (tmp_path / "a.gaz").read_bytes() == (tmp_path / "b.gaz").read_bytes()


def test_looking_up_among_half_a_million_names_takes_no_more_probes_than_among_few(tmp_path):
    names = Names()
    for number in range(500_000):
        names.add(f"village {number}" if number % 2 else f"place{number}", number % 1000)
    store = stored(tmp_path / "big.gaz", [a_row()] * 1000, names)
    assert store.names == 500_000
    for number in range(1, 500_000, 4999):
        assert store.find(f"village {number}" if number % 2 else f"place{number}") is not None
    slots = memoryview((tmp_path / "big.gaz").read_bytes())
    taken = sum(1 for slot in store._slots if slot)
    assert taken <= len(store._slots) / 2  # an open-addressed table at most half full: under two probes on average
    assert slots.nbytes < 40_000_000


@pytest.mark.parametrize("damage", [lambda b: b"", lambda b: b"PK\3\4" + b, lambda b: b[:-100]])
def test_a_damaged_file_is_refused_with_a_sentence(tmp_path, damage):
    names = Names()
    names.add("tall", 0)
    write(tmp_path / "a.gaz", [a_row()], names, [], [])
    whole = (tmp_path / "a.gaz").read_bytes()
    (tmp_path / "a.gaz").write_bytes(damage(whole))
    with pytest.raises(Misconfigured, match=r"a\.gaz"):
        Store(tmp_path / "a.gaz")


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(Misconfigured, match="cannot be read"):
        Gazetteer(tmp_path / "none.gaz")


def test_the_format_has_no_padding_surprises():
    assert struct.calcsize("<BBH2sxxiiIIIIIII") == 44
