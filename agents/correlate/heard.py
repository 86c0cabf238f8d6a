"""What sightings say as far as it follows from each alone: worked out for several at once, before they are folded.

Nothing here depends on what is remembered. In the middle of a fold the same work takes three to four times as long as
in a row, because everything else that a fold does has taken the processor's caches.
"""

from collections.abc import Sequence

import msgspec

from agents.correlate import rows
from agents.correlate.address import Address, address
from agents.correlate.commonness import vector
from agents.correlate.copies import COPY_WORDS, Sketch, read_sketch, sketch
from agents.correlate.follow import refers_back
from agents.correlate.further import tells_of_another
from agents.correlate.ledger import foresee
from agents.correlate.said import Said
from agents.correlate.traits import WORDS, traits
from agents.correlate.words import codes, shingles_of_all, words
from schemas.records import Sighting


class Heard(msgspec.Struct, frozen=True, eq=False, gc=False):
    """One sighting, read."""

    said: Said
    """Without its text and what the classifier's scores rest on."""
    weightiest: list[int]
    """Codes of its weightiest words."""
    weights: list[float]
    another: bool
    """Its text calls what it tells of a further incident."""
    refers: bool
    """Its text comes back to a known attack."""
    text: Sketch
    """Empty where a copy of it could not be told from chance."""
    address: Address
    """With its traits."""


def hear(sightings: Sequence[Sighting]) -> list[Heard]:
    """Read sightings as the classifier gave them, in their order."""
    spelled = [words(sighting.text) for sighting in sightings]
    coded = [codes(of) for of in spelled]
    runs = shingles_of_all([of if len(of) >= COPY_WORDS else [] for of in coded])
    texts = [sketch(of) for of in runs]
    vectors = [vector(of, WORDS) for of in coded]
    another = [tells_of_another(of) for of in spelled]
    refers = [refers_back(of) for of in spelled]
    kept = [Said(msgspec.structs.replace(sighting, text="", reasons=[])) for sighting in sightings]
    for said in kept:
        foresee(said)
    marks = [
        traits(said.sighting, *weighed, another=further, refers=back)
        for said, weighed, further, back in zip(kept, vectors, another, refers, strict=True)
    ]
    return [
        Heard(said, weightiest, weights, further, back, text, at)
        for said, (weightiest, weights), further, back, text, at in zip(
            kept, vectors, another, refers, texts, [address(mark) for mark in marks], strict=True
        )
    ]


def recalled(row: rows.Post) -> Heard:
    """A remembered sighting, from its row."""
    mark = traits(row.sighting, row.words, row.weights, another=row.another, refers=row.refers)
    text = read_sketch(row.runs)
    return Heard(Said(row.sighting), row.words, row.weights, row.another, row.refers, text, address(mark))
