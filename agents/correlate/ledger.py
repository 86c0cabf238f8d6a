"""The ledger of victims: a number is something somebody said (model, section 3).

Rows stay for ever; a newer figure of the same speaker supersedes the older one where it covers it: it counts the same
party, or it is a total at least as high. Fewer is a correction only where the speaker, or the outlet that told the
higher figure, says so: another outlet that cites the speaker with fewer is behind. A sub-count is never added to its
total, perpetrators never to victims. `low` is the lowest current figure, `high` the highest, `best` the newest figure
of the most reliable origin (its highest where several stand, since they count several parties; a floor, "at least
four", only where nobody's figure exceeds it), unknown stays null.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

import msgspec

from agents.correlate.origins import canonical
from agents.correlate.said import Said
from schemas.ids import digest
from schemas.kinds import EventType, Party, Reliability, TollKind
from schemas.records import Sighting, Toll, TollRow, TollSummary


class Figures(msgspec.Struct, frozen=True, eq=False, gc=False):
    """What one origin says in one post about one kind of victim, on one side."""

    origin: str
    kind: TollKind
    perpetrators: bool
    rows: tuple[TollRow, ...]
    low: int | None
    high: int | None
    """Lowest and highest sum over the rows that are not part of another."""
    figures: list[tuple[str, str, int, int, str]]
    """The rows as plain values, sorted: the same figures again are no news."""
    parties: frozenset[tuple[Party, str | None]]
    own_words: bool
    """The origin itself published the post."""
    source_id: str
    """The outlet that reports them."""
    stated_at: float
    """When the newest of them was stated, in seconds since 1970."""
    rank: int
    """Of the outlet, 0 the most reliable."""

    def covers(self, older: "Figures") -> bool:
        """Whether these figures take the place of older ones of the same origin."""
        if self.low is None:
            return older.low is None
        return older.low is None or self.low >= older.low or self.parties >= older.parties

    def lags(self, standing: "Figures") -> bool:
        """Whether these figures, cited by another outlet, are fewer than what the same origin is known to have said."""
        if self.own_words or self.low is None or standing.low is None or self.low >= standing.low:
            return False
        return self.source_id != standing.source_id and self.covers(standing)


def _gathered(
    origin: str, kind: TollKind, perpetrators: bool, rows: Sequence[TollRow], sighting: Sighting, title: Collection[str]
) -> Figures:
    low, high = _total(rows, title)
    return Figures(
        origin,
        kind,
        perpetrators,
        tuple(rows),
        low,
        high,
        sorted([_figure(row) for row in rows]),
        frozenset([(row.party, row.actor_id) for row in rows]),
        origin in (sighting.source.id, sighting.source.speaks_for),
        sighting.source.id,
        max([row.stated_at for row in rows if row.stated_at is not None]).timestamp(),
        _RANK[sighting.source.reliability],
    )


def _total(rows: Sequence[TollRow], title: Collection[str]) -> tuple[int | None, int | None]:
    """Lowest and highest sum over the rows of the title or of the text: a text says its title's figures again."""
    if len(rows) == 1 and rows[0].parent_row_id is None and rows[0].low is not None:
        return rows[0].low, rows[0].high
    both = (_added([r for r in rows if r.row_id in title]), _added([r for r in rows if r.row_id not in title]))
    return max((said for said in both if said[0] is not None), key=lambda said: said[0] or 0, default=both[1])


def _added(rows: Sequence[TollRow]) -> tuple[int | None, int | None]:
    """Lowest and highest sum over the rows that are not part of another; a row for all caps its parts."""
    top = [row for row in rows if row.parent_row_id is None]
    top = [row for row in top if row.vague_word is None] or top  # "a number of" is no addend
    whole = [row for row in top if row.party is Party.UNKNOWN and row.actor_id is None]
    parts = _told_once([row for row in top if row not in whole])
    part_low, part_high = _sum(parts)
    if whole:
        said = max(whole, key=lambda row: (row.low or 0, row.row_id))
        if part_low is None or (said.low or 0) >= part_low:
            return said.low, said.high
    return part_low, part_high


def _told_once(rows: Sequence[TollRow]) -> list[TollRow]:
    """Without what a text says again further down: as many of the same party."""
    kept: list[TollRow] = []
    for row in rows:
        if not any(_is_again(row, known) for known in kept):
            kept.append(row)
    return kept


_APART: Final = 100
"""Characters between two figures of one sentence at most: "two guards and two policemen" are four."""


def _is_again(row: TollRow, known: TollRow) -> bool:
    if row.evidence is None or known.evidence is None or row.evidence.start - known.evidence.end < _APART:
        return False
    one_actor = row.actor_id == known.actor_id or None in (row.actor_id, known.actor_id)
    return row.party is known.party and one_actor and row.low == known.low


def _sum(rows: Sequence[TollRow]) -> tuple[int | None, int | None]:
    lows = [row.low for row in rows if row.low is not None]
    if not lows:
        return None, None
    highs = [row.high if row.high is not None else row.low for row in rows if row.low is not None]
    open_ended = any(row.high is None for row in rows)
    return sum(lows), None if open_ended else sum(high for high in highs if high is not None)


def ledger(
    members: Iterable[Said],
    voices: Mapping[str, Sequence[str]],
    names: Mapping[str, str],
    attackers: frozenset[str],
    copies: Collection[str] = (),
) -> tuple[list[TollRow], list[TollSummary]]:
    """All rows and their summary.

    Args:
        members: the posts in order of publication.
        voices: canonical origins of every post that has a voice; a copy has those of its original.
        names: source ids by name, for forwards.
        attackers: actor ids that are held responsible; their own losses are the perpetrators'.
        copies: posts that are copies.
    """
    current: dict[tuple[str, TollKind, bool], list[Figures]] = {}
    superseded: dict[str, str] = {}
    rows: dict[str, TollRow] = {}
    for said in members:
        if not said.sighting.tolls or said.post_id not in voices:
            continue
        for figures in _stated(said, voices[said.post_id], names, attackers, copy=said.post_id in copies):
            standing = current.setdefault((figures.origin, figures.kind, figures.perpetrators), [])
            if any(figures.figures == older.figures for older in standing):
                continue
            for row in figures.rows:
                rows[row.row_id] = row
            ahead = next((older for older in standing if figures.lags(older)), None)
            if ahead is not None:
                superseded.update((row.row_id, _successor(row, ahead)) for row in figures.rows)
                continue
            for older in [older for older in standing if figures.covers(older)]:
                standing.remove(older)
                superseded.update((row.row_id, _successor(row, figures)) for row in older.rows)
            standing.append(figures)
    kept = [_marked(row, superseded[row.row_id]) if row.row_id in superseded else row for row in rows.values()]
    return kept, summary([figures for standing in current.values() for figures in standing])


def _figure(row: Toll) -> tuple[str, str, int, int, str]:
    none = -1
    return (
        row.party, row.actor_id or "", none if row.low is None else row.low, none if row.high is None else row.high,
        row.vague_word or "",
    )  # fmt: skip


def _successor(row: TollRow, newer: Figures) -> str:
    same = [r for r in newer.rows if (r.party, r.actor_id) == (row.party, row.actor_id)]
    return (same or list(newer.rows))[0].row_id


def _marked(row: TollRow, successor: str) -> TollRow:
    return msgspec.structs.replace(row, superseded_by=successor, superseded=True)


def _stated(
    said: Said, voices: Sequence[str], names: Mapping[str, str], attackers: frozenset[str], *, copy: bool
) -> list[Figures]:
    """The post's figures by origin, kind and side; those that the post itself calls older come first."""
    if said.own is not None and not copy:
        return said.own
    whose = _whose(said.sighting, names, attackers, voices[0] if copy and voices else None)
    if said.figures is None or said.figures[0] != whose:
        said.figures = whose, _figures(said.sighting, *whose)
    return said.figures[1]


def _whose(
    sighting: Sighting, names: Mapping[str, str], attackers: frozenset[str], voice: str | None = None
) -> tuple[list[str], list[bool]]:
    """Whose figure each toll is, and whether it counts the perpetrators; a copy speaks with its original's voice."""
    origins, sides = [], []
    for toll in sighting.tolls:
        own = toll.said_by == sighting.source.id
        origins.append(voice if voice is not None and own else canonical(toll.said_by, sighting, names))
        sides.append(_is_perpetrators(toll, attackers, assault=sighting.event_type in _ASSAULTS))
    return origins, sides


def foresee(said: Said) -> None:
    """Work out a post's figures, where they are the same whoever else is heard."""
    sighting = said.sighting
    if said.own is None and sighting.tolls and _is_settled(sighting):
        said.own = _figures(sighting, *_whose(sighting, {}, frozenset()))


def _is_settled(sighting: Sighting) -> bool:
    """Whether nothing that others say changes whose figures they are (`canonical`) or which side they count."""
    return sighting.forwarded_from is None and all(t.party is not Party.NON_STATE_ARMED for t in sighting.tolls)


def _figures(sighting: Sighting, origins: Sequence[str], sides: Sequence[bool]) -> list[Figures]:
    """The same, given whose figure each toll is and whether it counts the perpetrators."""
    ids = [f"t-{digest(sighting.post_id, str(sighting.revision), str(n))}" for n in range(len(sighting.tolls))]
    grouped: dict[tuple[bool, str, TollKind, bool], list[TollRow]] = {}
    for number, toll in enumerate(sighting.tolls):
        row = TollRow(
            kind=toll.kind, party=toll.party, actor_id=toll.actor_id, low=toll.low, high=toll.high,
            vague_word=toll.vague_word, cumulative=toll.cumulative, non_final=toll.non_final, of_which=toll.of_which,
            superseded=toll.superseded, said_by=origins[number], stated_at=toll.stated_at or sighting.published_at,
            evidence=toll.evidence, row_id=ids[number],
            parent_row_id=None if toll.of_which is None else ids[toll.of_which],
            post_id=sighting.post_id, revision=sighting.revision, source_id=sighting.source.id,
            reliability=sighting.source.reliability,
        )  # fmt: skip
        grouped.setdefault((not toll.superseded, origins[number], toll.kind, sides[number]), []).append(row)
    order = sorted(grouped, key=lambda key: key[0])
    title = [row_id for row_id, toll in zip(ids, sighting.tolls, strict=True) if _in_title(toll, sighting)]
    return [_gathered(key[1], key[2], key[3], grouped[key], sighting, title) for key in order]


def _in_title(toll: Toll, sighting: Sighting) -> bool:
    return toll.evidence is not None and bool(sighting.title) and toll.evidence.end <= len(sighting.title or "")


_ASSAULTS: Final = frozenset(
    {EventType.ARMED_ATTACK, EventType.PRISON_ATTACK, EventType.SUICIDE_BOMBING, EventType.ATTACK_FOILED,
     EventType.JAILBREAK, EventType.AMBUSH}
)  # fmt: skip
_ATTACKERS: Final = re.compile(
    "militants?|terrorists?|jihadists?|gunm[ae]n|attackers?|assailants?|insurgents?|(?:مسلح|إرهابي|ارهابي|مهاجم|انتحاري)",
    re.IGNORECASE,
)


def _is_perpetrators(toll: Toll, attackers: frozenset[str], *, assault: bool) -> bool:
    """Whether the figure counts the attackers' own losses; state forces and civilians are never taken for attackers.

    Where a named group assaults, "two militants were killed" speaks of that group; where forces raid or bomb, of those
    whom they killed.
    """
    if toll.party is Party.PERPETRATORS:
        return True
    if assault and attackers and toll.party is Party.NON_STATE_ARMED and toll.actor_id is None:
        return toll.evidence is not None and _ATTACKERS.search(toll.evidence.quote or "") is not None
    return toll.party is Party.NON_STATE_ARMED and toll.actor_id is not None and toll.actor_id in attackers


_RANK = {reliability: rank for rank, reliability in enumerate(Reliability)}


def summary(current: Sequence[Figures]) -> list[TollSummary]:
    """Per kind in total (perpetrators left out), then per party, over the figures that stand."""
    totals: dict[TollKind, list[Counted]] = {}
    parties: dict[tuple[TollKind, Party, str | None], list[Counted]] = {}
    for figures in current:
        total = totals.setdefault(figures.kind, [])
        if not figures.perpetrators:
            total.append((figures, figures.low, figures.high, figures.rows))
        for row in figures.rows:
            parties.setdefault((row.kind, row.party, row.actor_id), []).append((figures, row.low, row.high, (row,)))
    told = [_summarized(kind, None, None, totals[kind]) for kind in sorted(totals, key=_KINDS.index) if totals[kind]]
    for kind, party, actor in sorted(parties, key=lambda key: (key[0], key[1], key[2] or "")):
        told.append(_summarized(kind, party, actor, parties[kind, party, actor]))
    return told


_KINDS = tuple(TollKind)
Counted = tuple[Figures, int | None, int | None, tuple[TollRow, ...]]
"""Whose figure, lowest, highest, and the rows that it comes from."""


def _summarized(kind: TollKind, party: Party | None, actor: str | None, said: list[Counted]) -> TollSummary:
    if len(said) == 1 and said[0][1] is not None:
        (figures, low, high, rows) = said[0]
        return TollSummary(
            kind=kind, party=party, actor_id=actor, low=low, best=low, high=low if high is None else high,
            origins=[figures.origin], row_ids=sorted({row.row_id for row in rows}),
        )  # fmt: skip
    numbered = [s for s in said if s[1] is not None]
    if any(row.vague_word for s in numbered for row in s[3]):  # "a number of" is a floor
        numbered = [s for s in numbered if not all(row.vague_word for row in s[3])] or numbered
    best = min(_foremost(_firm(numbered)), key=_preference, default=None)
    lows = [low for _, low, _, _ in numbered if low is not None]
    highs = [high if high is not None else low for _, low, high, _ in numbered]
    return TollSummary(
        kind=kind,
        party=party,
        actor_id=actor,
        low=min(lows, default=None),
        best=best[1] if best else None,
        high=max([high for high in highs if high is not None], default=None),
        origins=sorted({s[0].origin for s in numbered if best and s[1] == best[1]}),
        row_ids=sorted({row.row_id for s in said for row in s[3]}),
    )


def _firm(said: Sequence[Counted]) -> Sequence[Counted]:
    """Without floors that others' figures exceed: "at least four" does not contradict six."""
    most = max((low or 0 for _, low, high, _ in said if high is not None), default=-1)
    return [one for one in said if one[2] is not None or (one[1] or 0) > most]


def _foremost(said: Sequence[Counted]) -> list[Counted]:
    """The highest figure of every origin."""
    highest: dict[str, Counted] = {}
    for one in said:
        known = highest.get(one[0].origin)
        if known is None or (one[1] or 0) > (known[1] or 0):
            highest[one[0].origin] = one
    return list(highest.values())


def _preference(said: Counted) -> tuple[int, float, str]:
    figures = said[0]
    return figures.rank, -figures.stated_at, said[3][0].row_id
