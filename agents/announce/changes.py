"""What is new to subscribers between what they were told and what an incident says now.

Kinds of change are the model's (section 8). What is not listed here (one more outlet, one more copy, a figure between
two that were told) changes the incident and alerts nobody.
"""

from collections.abc import Iterable, Iterator
from math import cos, hypot, radians
from typing import Final

from agents.announce.seen import KINDS_OF_TOLL, Announced, Spot, Told
from schemas.kinds import Accuracy, AlertKind, CapCertainty, DocRole, FeedbackKind, Grade, IncidentState, TollKind
from schemas.records import Change, Correction, Evidence, Incident, Statement

PRECISION: Final = {accuracy.value: rank for rank, accuracy in enumerate(Accuracy)}
_ACCURACY: Final = [accuracy.value for accuracy in Accuracy]
_TOWN: Final = PRECISION[Accuracy.NEAR]
_MOVED_KM: Final = 10.0
_SURER: Final = (CapCertainty.UNLIKELY, CapCertainty.POSSIBLE, CapCertainty.LIKELY, CapCertainty.OBSERVED)
_WITHDRAWN: Final = frozenset({Grade.DISCOUNTED})
_SAID: Final = {
    FeedbackKind.MUTE: "muted",
    FeedbackKind.NOT_AN_INCIDENT: "not an incident",
    FeedbackKind.WRONG_PLACE: "another place",
    FeedbackKind.MERGE: "the same incident as",
    FeedbackKind.SPLIT: "posts divided with",
}


def opening(incident: Incident) -> list[Change]:
    """The first alert of an incident: everything is new."""
    because = [_whole(s) for s in incident.statements if s.copy_of is None and not s.deleted][:3]
    new = Change(kind=AlertKind.NEW, field="incident_id", after=incident.incident_id, because=because)
    return [new, *map(_by_people, incident.corrected_by)]


def changes(before: Announced, told: Told, now: Told, incident: Incident) -> list[Change]:
    """All that is new, the most important first."""
    found = [
        *_merged(told, now, incident),
        *_corrected(told, now, incident),
        *_tolls(before, told, now, incident),
        *_claims(told, now, incident),
        *_corroborated(told, now, incident),
        *_measures(told, now, incident),
        *_place(told, now, incident),
        *_closed(told, now),
    ]
    order = list(AlertKind)
    return sorted(found, key=lambda change: order.index(change.kind))


def carried(told: Told, now: Told, incident: Incident, found: Iterable[Change]) -> list[Change]:
    """What is no news by itself but reads otherwise than in the last alert: a lower figure, a place close by.

    It travels with an alert that is sent anyway, so that no headline changes without a word.
    """
    fields = {change.field for change in found}
    more = [
        change
        for kind in KINDS_OF_TOLL
        if (change := _toll(kind, told, now, incident)) is not None and change.field not in fields
    ]
    was, place = told.place, now.place
    told_already = not fields.isdisjoint(("place.name", "place.accuracy"))
    if told_already or was is None or place is None or was.name == place.name or _is_one_spot(was, place):
        return more
    return [*more, _placed(was, place, incident)]


def _merged(told: Told, now: Told, incident: Incident) -> Iterator[Change]:
    """It is part of another one now, or stands by itself again."""
    if now.merged_into == told.merged_into:
        return
    apart = now.merged_into is None
    yield Change(
        kind=AlertKind.CORRECTED if apart else AlertKind.MERGED,
        field="merged_into",
        before=told.merged_into,
        after=now.merged_into,
        because=[_whole(s) for s in incident.statements[:1]],
        reason="it stands by itself again" if apart else "it was found to be the same incident",
    )


def _corrected(told: Told, now: Told, incident: Incident) -> Iterator[Change]:
    known = set(told.corrections)
    yield from (_by_people(c) for c in incident.corrected_by if c.feedback_id not in known)
    if now.grade in _WITHDRAWN and told.grade not in _WITHDRAWN:
        because = [_whole(s) for s in incident.statements if s.deleted or s.modality == "negated"]
        yield Change(kind=AlertKind.CORRECTED, field="grade", before=told.grade, after=now.grade, because=because)
    if now.grade is Grade.CONTESTED and told.grade is not Grade.CONTESTED:
        because = [_whole(s) for s in incident.statements if s.modality == "negated"]
        yield Change(kind=AlertKind.CORRECTED, field="grade", before=told.grade, after=now.grade, because=because)


def _by_people(correction: Correction) -> Change:
    return Change(
        kind=AlertKind.CORRECTED, field="corrections", after=correction.feedback_id, reason=told_by(correction)
    )


def told_by(correction: Correction) -> str:
    """Who, when, what and why, in one line."""
    what = _SAID[correction.kind]
    if correction.kind in (FeedbackKind.MERGE, FeedbackKind.SPLIT) and correction.other is not None:
        what = f"{what} {correction.other}"
    head = f"{correction.by or 'somebody'}, {correction.given_at:%Y-%m-%d %H:%M} UTC: {what}"
    return f"{head}. {correction.note}" if correction.note else head


def _tolls(before: Announced, told: Told, now: Told, incident: Incident) -> Iterator[Change]:
    """A figure above all that were told, or below because those who gave the told one took it back."""
    current = {row.row_id: row for row in incident.tolls if row.superseded_by is None}
    for kind in KINDS_OF_TOLL:
        was, best = told.tolls.get(kind), now.tolls.get(kind)
        change = _toll(kind, told, now, incident)
        if change is None:
            continue
        risen = best is not None and best > before.highest.get(kind, -1)
        standing = any(row in current for row in told.rows.get(kind, ()))
        withdrawn = was is not None and (best is None or best < was) and not standing
        if risen or withdrawn:
            yield change


def _toll(kind: TollKind, told: Told, now: Told, incident: Incident) -> Change | None:
    """The best figure as told and as it is; None where they are equal."""
    was, best = told.tolls.get(kind), now.tolls.get(kind)
    if was == best:
        return None
    return Change(
        kind=AlertKind.TOLL_CHANGED if best is not None else AlertKind.CORRECTED,
        field=f"toll_summary.{kind}.best",
        before=was,
        after=best,
        because=_rows(incident, kind, best),
    )


def _rows(incident: Incident, kind: TollKind, best: int | None) -> list[Evidence]:
    """Where the figure stands: the rows that state it, or of which its origins' sum is made."""
    current = [r for r in incident.tolls if r.kind is kind and r.superseded_by is None]
    origins = {o for t in incident.toll_summary if t.kind is kind and t.party is None for o in t.origins}
    theirs = [r for r in current if r.said_by in origins] or current
    exact = [r for r in theirs if r.low == best] or theirs
    return [r.evidence or Evidence(post_id=r.post_id, revision=r.revision, start=0, end=0) for r in exact]


def _claims(told: Told, now: Told, incident: Incident) -> Iterator[Change]:
    for claimant, claimed in now.claims:
        if (claimant, claimed) in told.claims:
            continue
        stated = [c for c in incident.claims if (c.claimant, c.claimed) == (claimant, claimed)]
        words = [s for s in incident.statements if s.doc_role is DocRole.CLAIM and not s.deleted]
        yield Change(
            kind=AlertKind.CLAIMED,
            field="claims" if claimed else "claims.denied",
            after=claimant,
            because=[c.evidence for c in stated if c.evidence is not None] or [_whole(s) for s in words],
        )


def _corroborated(told: Told, now: Told, incident: Incident) -> Iterator[Change]:
    """A second independent origin, or an acceptance; a third outlet is no news."""
    surer = _SURER.index(now.certainty) > _SURER.index(told.certainty) if now.certainty in _SURER else False
    better = now.grade in (Grade.FAIR, Grade.CONFIRMED) and told.grade not in (now.grade, Grade.CONFIRMED)
    added = [origin for origin in now.origins if origin not in told.origins]
    if not added or not (surer or better):
        return
    because = [_whole(s) for s in _of(incident.statements, added)]
    if better:
        yield Change(kind=AlertKind.CORROBORATED, field="grade", before=told.grade, after=now.grade, because=because)
    if surer:
        yield Change(
            kind=AlertKind.CORROBORATED, field="certainty", before=told.certainty, after=now.certainty, because=because
        )


def _of(statements: Iterable[Statement], origins: list[str]) -> list[Statement]:
    return [s for s in statements if s.copy_of is None and not s.deleted and set(s.origins) & set(origins)]


def _measures(told: Told, now: Told, incident: Incident) -> Iterator[Change]:
    for kind in now.measures:
        if kind not in told.measures:
            taken = [m.evidence for m in incident.measures if m.kind == kind and m.evidence is not None]
            yield Change(kind=AlertKind.MEASURE_ADDED, field="measures", after=kind, because=taken)


def _place(told: Told, now: Told, incident: Incident) -> Iterator[Change]:
    """The place is known for the first time, as a town instead of a region, or elsewhere than was told."""
    was, place = told.place, now.place
    if place is None or incident.place is None or was == place:
        return
    gained = was is None or (place.precision < _TOWN <= was.precision)
    if gained or (was is not None and _apart(was, place) > _MOVED_KM and place.precision <= was.precision):
        yield _placed(was, place, incident)


def _closed(told: Told, now: Told) -> Iterator[Change]:
    """Nobody has spoken of it for long: who keeps a list of what goes on can take it off. Withdrawn ones are off it."""
    if now.state is IncidentState.CLOSED and now.grade not in _WITHDRAWN:
        yield Change(
            kind=AlertKind.CLOSED,
            field="state",
            before=told.state,
            after=now.state,
            reason="nobody has spoken of it for long",
        )


def _placed(was: Spot | None, place: Spot, incident: Incident) -> Change:
    same_name = was is not None and (was.name == place.name or _is_one_spot(was, place))
    evidence = incident.place.evidence if incident.place is not None else None
    return Change(
        kind=AlertKind.PLACE_REFINED,
        field="place.accuracy" if same_name else "place.name",
        before=None if was is None else _ACCURACY[was.precision] if same_name else was.name,
        after=_ACCURACY[place.precision] if same_name else place.name,
        because=[evidence] if evidence is not None else [],
    )


def _is_one_spot(one: Spot, other: Spot) -> bool:
    """Whether two names stand for one point, as Raqqa and Al-Raqqah do."""
    return one.lat is not None and (one.lat, one.lon) == (other.lat, other.lon)


def _apart(one: Spot, other: Spot) -> float:
    """Kilometres between two places, on a plane: good enough to tell ten kilometres from none."""
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return 0.0
    return 111.2 * hypot(one.lat - other.lat, (one.lon - other.lon) * cos(radians(one.lat)))


def _whole(statement: Statement) -> Evidence:
    return Evidence(post_id=statement.post_id, revision=statement.revision, start=0, end=0, rule="statement")
