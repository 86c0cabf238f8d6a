"""Every reader of what strangers and operators write, on its corpus and on what hypothesis makes of it.

Short and bounded, for every run; `make fuzz` goes on for as long as you like, guided by coverage.
"""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.run import CORPUS
from tests.fuzz.targets import TARGETS

EXAMPLES = {"text": 40, "post": 60, "report": 60, "geonames": 40, "cod": 40, "gazetteer": 60}
SEEDS = {name: sorted((CORPUS / name).iterdir()) for name in TARGETS}


@pytest.mark.parametrize(
    "seed", [seed for seeds in SEEDS.values() for seed in seeds], ids=lambda s: f"{s.parent.name}/{s.name}"
)
def test_the_corpus_is_read_without_a_surprise(seed):
    TARGETS[seed.parent.name](seed.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_whatever_is_given_is_read_or_refused(name):
    seeds = [seed.read_bytes() for seed in SEEDS[name]]

    @settings(
        max_examples=EXAMPLES.get(name, 200),
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(st.one_of(st.binary(max_size=300), st.builds(changed, st.sampled_from(seeds), st.integers(0, 2**32))))
    def read(value):
        TARGETS[name](value)

    read()


def changed(seed: bytes, chance: int) -> bytes:
    """A seed with a few changes: bytes flipped, parts doubled, cut, moved, and what is known to hurt put in."""
    rng = random.Random(chance)
    value = bytearray(seed)
    for _ in range(rng.randint(1, 6)):
        at, end = sorted((rng.randint(0, len(value)), rng.randint(0, len(value))))
        match rng.randint(0, 5):
            case 0 if value:
                value[rng.randrange(len(value))] = rng.randrange(256)
            case 1:
                value[at:end] = b""
            case 2:
                value[at:at] = value[at : min(end, at + 500)] * rng.randint(1, 3)
            case 3:
                value[at:at] = rng.choice(NASTY)
            case 4:
                value[at:end] = rng.choice(NASTY)
            case _:
                value[at:end] = value[at:end][::-1]
    return bytes(value[:50_000])


NASTY = (
    b"\x00", b"\xff", b"\xed\xa0\x80", b"\xe2\x80\xae", b"\xef\xbb\xbf", b"&#x1F;", b"&#xD800;", b"&amp;" * 20, b"]]>", b"<!--", b"<![CDATA[",
    b"<!ENTITY x SYSTEM 'file:///etc/passwd'>", b"1e999", b"-1", b"99999999999999999999", b"NaN", b"null", b"[" * 500, b"{" * 500,
    b"0001-01-01", b"9999-12-31T23:59:60Z", b"2026-13-45T99:99:99+99:99", b"\xd9\x80 " * 50, b"\xd9\x8e" * 200, b"1" * 400, b"' OR 1=1 --",
    b"javascript:alert(1)", b"http://[::", b"\\ud800", b"\r\n\r\n", b"%00", b"../../", b"\xf0\x9f\x94\xb4" * 30,
    b"\xc2\xb2", b" \xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa2\xe2\x91\xa3 ", b"9" * 5000, b"0001-01-01T00:00:00+14:00",
)  # fmt: skip
