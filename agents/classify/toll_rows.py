"""Ledger rows: sums of enumerations, equal figures told once, older figures left behind."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from agents.classify.actors import Mention
from agents.classify.events import Scene
from agents.classify.text import Reading
from schemas.kinds import Party, TollKind
from schemas.records import Toll

SOFT: Final = frozenset({
    Party.CIVILIANS, Party.CHILDREN, Party.WOMEN, Party.MEN, Party.JOURNALISTS, Party.UNKNOWN,
})  # fmt: skip
"""Parties that no force or group is."""
_FORCES: Final = frozenset({Party.STATE_MILITARY, Party.SECURITY_FORCES})
_CIVIL: Final = frozenset({Party.CIVILIANS, Party.CHILDREN, Party.WOMEN, Party.MEN})


@dataclass(eq=False)
class Row:
    """A ledger row in the making; `parent` is the row that already counts these people."""

    kind: TollKind
    low: int | None
    high: int | None
    first: int
    last: int
    sentence: int
    rule: str
    party: Party = Party.UNKNOWN
    actor_id: str | None = None
    vague_word: str | None = None
    cumulative: bool = False
    non_final: bool = False
    parent: "Row | None" = None
    superseded: bool = False
    said_by: str = ""
    period: bool = False
    """It stands right before words such as "since May", and may count all of that time."""
    named: bool = False
    """One person is spoken of, by name or as "the child"; nobody says how many there were in all."""


@dataclass
class Chain:
    """What a word such as "killed" opened: kinds, the last token used, and the rows so far."""

    kinds: tuple[TollKind, ...]
    end: int
    total: bool = False
    actor: Mention | None = None
    rows: list[Row] = field(default_factory=list)


def add_sum(rows: list[Row], chain: Chain) -> None:
    """An enumeration of people of one side ("a woman and her two children") is a total, whose parts are not added.

    "An officer and two soldiers" are three; of soldiers and civilians, or of two sides, the ledger keeps two figures.
    """
    under_running_total(chain.rows)
    parts = [r for r in chain.rows if r.parent is None and r.vague_word is None and r.low is not None]
    if len(parts) < 2 or len(chain.kinds) > 1 or len(parts) != len([r for r in chain.rows if r.parent is None]):
        return
    parties, whose = {r.party for r in parts}, {r.actor_id for r in parts}
    if (not parties <= SOFT and (any(r.named for r in parts) or not _one_side(parties))) or len(whose - {None}) > 1:
        return  # "Sami, the commander" is one
    whole = replace(parts[0])
    whole.low = sum(r.low or 0 for r in parts)
    whole.high = None if any(r.high is None for r in parts) else sum(r.high or 0 for r in parts)
    whole.last, whole.rule = parts[-1].last, "toll.sum"
    if len(parties) > 1:
        whole.party = Party.CIVILIANS if parties <= _CIVIL else Party.UNKNOWN
    if len(whose) > 1 or whole.party is Party.UNKNOWN:
        whole.actor_id = None
    rows.insert(rows.index(parts[0]), whole)
    for part in parts:
        part.parent = whole


def _one_side(parties: set[Party]) -> bool:
    return parties <= _FORCES or parties == {Party.NON_STATE_ARMED}


def under_running_total(rows: Sequence[Row]) -> None:
    """Of "a man died of his wounds, which brings the number to 5": he is one of the five."""
    total = next((r for r in rows if r.cumulative and r.parent is None and r.low is not None), None)
    if total is None:
        return
    for row in rows:
        if row.last < total.first and row.parent is None and row.kind == total.kind and not row.cumulative:
            row.parent = total if (row.low or 0) <= (total.low or 0) else None


_PERIOD_REACH: Final = 8


def of_the_event(rows: Sequence[Row], scene: Scene) -> list[Row]:
    """The rows of a sentence without those that count a whole period ("since the beginning of the year 300 …").

    Such a number stands behind the words for the period, or is a running total right before them.
    """
    at = min(hit.first for hit in scene.hits if hit.tag == "toll_period")
    dropped = [r for r in rows if r.first > at or (r.cumulative and at - r.last <= _PERIOD_REACH)]
    near = max((r for r in rows if r.parent is None and r.last < at), key=lambda r: r.last, default=None)
    if near is not None and at - near.last <= _PERIOD_REACH:
        near.period = True
    return [r for r in rows if r not in dropped and r.parent not in dropped]


def without_periods(rows: Sequence[Row]) -> list[Row]:
    """The rows without those of a period where a smaller figure is the event's: "2 killed; 2,000 killed since May"."""
    counted = {
        r.kind: min(r.low or 0, *(k.low for k in rows if k.kind == r.kind and not k.period and k.low), r.low or 0)
        for r in rows if r.period
    }  # fmt: skip
    dropped = [r for r in rows if r.period and (r.low or 0) > counted[r.kind]]
    return [r for r in rows if r not in dropped and r.parent not in dropped]


def under_totals(rows: list[Row]) -> None:
    """People whom a post names belong to the number it gives; people in a bracket make the number it stands for."""
    for row in rows:
        if row.low is None and row.vague_word is not None:
            inside = [r.low or 0 for r in rows if r.parent is row]
            row.low = sum(inside) if sum(inside) > 1 else None
    for row in rows:
        if row.named and row.parent is None:
            numbers = [
                r for r in rows
                if r.kind == row.kind and not r.named and r.parent is None and (r.low or 0) >= (row.low or 0)
                and r.vague_word is None
            ]  # fmt: skip
            row.parent = max(numbers, key=lambda r: r.low or 0, default=None)


def distinct(rows: list[Row]) -> list[Row]:
    """Equal figures that a post repeats (title and text) stand once; the row that says more stays."""
    kept: list[Row] = []
    for row in rows:
        twin = next((k for k in kept if _same(k, row)), None)
        if twin is None:
            kept.append(row)
            continue
        for other in rows:
            if other.parent is row:
                other.parent = twin if other is not twin else None
        if twin.actor_id is None and row.actor_id is not None:
            twin.actor_id, twin.party = row.actor_id, row.party
        elif twin.party == Party.UNKNOWN:
            twin.party = row.party
        twin.cumulative = twin.cumulative or row.cumulative
        twin.non_final = twin.non_final or row.non_final
    return kept


def _same(a: Row, b: Row) -> bool:
    if (a.kind, a.low, a.high, a.parent is None) != (b.kind, b.low, b.high, b.parent is None):
        return False
    beside = a.sentence == b.sentence and a.first != b.first
    if beside and ((a.actor_id, a.party) != (b.actor_id, b.party) or (a.parent is not None and a.parent is b.parent)):
        return False
    whose = a.party == b.party or Party.UNKNOWN in (a.party, b.party)
    return whose and (a.actor_id == b.actor_id or a.actor_id is None or b.actor_id is None)


def supersede(rows: list[Row]) -> None:
    """A running total that is final leaves behind the smaller and the provisional figures of other sentences."""
    for newest in rows:
        if not newest.cumulative or newest.high is None or newest.parent is not None:
            continue
        beside = [r for r in rows if r.sentence == newest.sentence and r.kind == newest.kind]
        for row in rows:
            if row.sentence == newest.sentence or row.kind != newest.kind or row.cumulative:
                continue
            if row.parent is None and (row.low or 0) <= max(b.low or 0 for b in beside):
                row.superseded = True


def as_toll(reading: Reading, row: Row, rows: Sequence[Row]) -> Toll:
    """The row as a record, with its span and its place among the others."""
    of_which = next((i for i, other in enumerate(rows) if other is row.parent), None)
    report = reading.report
    return Toll(
        kind=row.kind,
        party=row.party,
        actor_id=row.actor_id,
        low=row.low,
        high=row.high,
        vague_word=row.vague_word,
        cumulative=row.cumulative,
        non_final=row.non_final,
        of_which=of_which,
        superseded=row.superseded,
        said_by=row.said_by,
        stated_at=report.published_at,
        evidence=report.evidence(*reading.span(row.first, row.last), rule=row.rule),
    )
