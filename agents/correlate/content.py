"""What an incident says: a pure function of the set of its posts, whatever the order in which they arrived (law 3)."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final, NamedTuple, TypeVar

import msgspec

from agents.correlate import claims as claim_rules
from agents.correlate import places
from agents.correlate.facts import facts_of
from agents.correlate.headline import headlines
from agents.correlate.ledger import ledger
from agents.correlate.origins import has_voice, names_of
from agents.correlate.origins import origins as origins_of
from agents.correlate.said import Said
from agents.correlate.severity import severity
from agents.correlate.traits import is_named
from schemas.kinds import (
    ActorRole,
    CapCertainty,
    DocRole,
    EventType,
    Grade,
    IncidentState,
    Modality,
    Reliability,
    SourceRole,
    TimeBasis,
    TollKind,
)
from schemas.records import Actor, Correction, EventTime, Incident, Measure, Place, Sighting, Statement, TollSummary
from schemas.taxonomy import CODING

_HAPPENED: Final = (Modality.ACTUAL, Modality.FOILED, Modality.ATTEMPTED)
_BASIS: Final = {TimeBasis.EXPLICIT: 0, TimeBasis.RELATIVE: 1, TimeBasis.PUBLICATION: 2, TimeBasis.FEED: 3}
_CREDIBLE: Final = frozenset({Reliability.A, Reliability.B, Reliability.C})
_AFTERMATH: Final = frozenset(
    {EventType.CURFEW, EventType.STATE_OF_EMERGENCY, EventType.ROAD_CLOSURE, EventType.LOCKDOWN,
     EventType.SECURITY_ALERT, EventType.REINFORCEMENT, EventType.RAID, EventType.ARREST_CAMPAIGN,
     EventType.CONDEMNATION, EventType.THREAT_STATEMENT, EventType.OTHER, EventType.TALKS}
)  # fmt: skip
"""What usually follows an attack: never an incident's main type while an attack is told as well."""


_CLOSER: Final = {
    EventType.SUICIDE_BOMBING: EventType.IED_MINE,
    EventType.PRISON_ATTACK: EventType.ARMED_ATTACK,
    EventType.AMBUSH: EventType.ARMED_ATTACK,
    EventType.ASSASSINATION: EventType.ATTACK_ON_CIVILIANS,
}
_SHARE: Final = 2
"""Posts with the looser word for one with the closer, at most."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What of an incident does not follow from its posts."""

    incident_id: str
    revision: int = 1
    state: IncidentState = IncidentState.OPEN
    merged_into: str | None = None
    corrections: tuple[Correction, ...] = ()
    muted: bool = False
    dismissed: bool = False
    place: Place | None = None


class Voices(NamedTuple):
    """Whose words the posts are."""

    members: tuple[Said, ...]
    copies: Mapping[str, str]
    """Post id → post id of the text that it is a copy of."""
    names: Mapping[str, str]
    origins: Mapping[str, list[str]]
    """Canonical origins of every post that is not withdrawn; a copy has those of its original."""
    speaking: tuple[Sighting, ...]
    """Posts that can corroborate: not withdrawn, no claimant's words, no denial, no summary of the day."""
    independent: list[str]
    """Every origin once, sorted; whoever claims the incident corroborates nothing."""
    denied: bool
    """Somebody says that it did not happen."""


def listen(members: Sequence[Said], copies: Mapping[str, str]) -> Voices:
    """Sort out who speaks; `members` in order of publication."""
    forwards = any(said.origins is None for said in members)
    names = names_of(said.sighting for said in members) if forwards else {}
    by_id = {said.post_id: said for said in members} if copies else {}
    heads = ((said, by_id.get(copies[said.post_id], said) if said.post_id in copies else said) for said in members)
    origins = {said.post_id: _origins(head, names) for said, head in heads if not said.sighting.deleted}
    speaking = tuple([said.sighting for said in members if said.speaks])
    partisan = {claim.claimant for said in members for claim in said.sighting.claims if claim.claimed}
    independent = sorted({origin for s in speaking for origin in origins[s.post_id]} - partisan)
    denied = any(claim_rules.is_denial(said.sighting) for said in members)
    return Voices(tuple(members), copies, names, origins, speaking, independent, denied)


def _origins(said: Said, names: Mapping[str, str]) -> list[str]:
    return said.origins if said.origins is not None else origins_of(said.sighting, names)


def incident(members: Sequence[Said], copies: Mapping[str, str], standing: Standing, max_age: timedelta) -> Incident:
    """The incident that these posts tell of.

    Args:
        members: its posts in order of (published_at, post_id); at least one.
        copies: post id → post id of the original, for copies among them.
        standing: identity, revision and state.
        max_age: a post older than this when it was fetched is old news.
    """
    voices = listen(members, copies)
    sightings = [said.sighting for said in members]
    telling = voices.speaking or [s for s in sightings if not s.deleted] or sightings
    first = [s for s in telling if s.post_id not in copies] or list(telling)
    attackers = _attributions(voices)
    rows, summary = ledger(members, voices.origins, voices.names, frozenset(attackers), copies)
    kinds = _types(first)
    modality = _modality(sightings, first)
    place = standing.place or places.settled(first)
    told_claims = claim_rules.claims_of(sightings, standing.incident_id, attackers, _officials(voices))
    measures = _measures(telling)
    tags = sorted({tag for s in first for tag in s.tags})
    coding = CODING[kinds[0]]
    english, arabic = headlines(kinds[0], modality, place, summary)
    return Incident(
        incident_id=standing.incident_id,
        revision=standing.revision,
        state=standing.state,
        merged_into=standing.merged_into,
        country=_country(first),
        event_type=kinds[0],
        event_types=kinds,
        acled_event_type=coding.acled_event_type or None,
        acled_sub_event_type=coding.acled_sub_event_type or None,
        modality=modality,
        headline_en=english,
        headline_ar=arabic,
        place=place,
        time=_time(first),
        actors=_actors(first),
        attributed_to=sorted(attackers),
        tolls=rows,
        toll_summary=summary,
        claims=told_claims,
        measures=measures,
        facts=facts_of(first, voices.names),
        statements=[_statement(said, voices) for said in members],
        origins=voices.independent,
        grade=Grade.DISCOUNTED if standing.dismissed else _grade(voices, attackers),
        severity=severity(
            killed=_best(summary, TollKind.KILLED),
            deaths=any(row.kind is TollKind.KILLED and row.party is None for row in summary),
            wounded=_best(summary, TollKind.WOUNDED),
            types=tuple(kinds),
            sites=tuple(_sites(first)),
            measures=tuple([m.kind for m in measures]),
            claimed=any(c.claimed for c in told_claims),
            modality=modality,
        ),
        certainty=CapCertainty.UNLIKELY if standing.dismissed else _certainty(voices),
        tags=tags,
        opened_at=sightings[0].published_at,
        updated_at=sightings[-1].published_at,
        alertable=not standing.muted and any(is_fresh(s.sighting, max_age) and not s.is_roundup for s in members),
        corrections=[correction.feedback_id for correction in standing.corrections],
        corrected_by=list(standing.corrections),
        test=all(s.test for s in sightings),
    )


T = TypeVar("T", bound=Hashable)


def tally(of: Iterable[T]) -> dict[T, int]:
    """How often each stands there, in order of first appearance; for a few, far cheaper than a Counter."""
    found: dict[T, int] = {}
    for one in of:
        found[one] = found.get(one, 0) + 1
    return found


def is_fresh(sighting: Sighting, max_age: timedelta) -> bool:
    """Whether a post was news when it reached us (law 4); without a time of fetching it counts as fresh."""
    if sighting.backfill:
        return False
    return sighting.fetched_at is None or sighting.fetched_at - sighting.published_at <= max_age


def _attributions(voices: Voices) -> dict[str, list[str]]:
    """Who is held responsible, and by which origins; a claimant's own words are no attribution."""
    named: dict[str, set[str]] = {}
    for sighting in voices.speaking:
        for actor in sighting.actors:
            if actor.role is ActorRole.ATTACKER and is_named(actor.actor_id):
                others = [o for o in voices.origins[sighting.post_id] if o != actor.actor_id]
                named.setdefault(actor.actor_id, set()).update(others)
    return {actor: sorted(by) for actor, by in sorted(named.items()) if by}


def _officials(voices: Voices) -> set[str]:
    speakers = [s for s in voices.speaking if s.source.role is SourceRole.OFFICIAL]
    speakers += [s for s in voices.speaking if s.doc_role is DocRole.OFFICIAL_STATEMENT]
    return {origin for s in speakers for origin in voices.origins[s.post_id]}


def _types(told: Sequence[Sighting]) -> list[EventType]:
    """All event types, the one most posts tell of first; what follows an attack stands behind it.

    What some call by its closer word others call by a looser one, "a bombing": their posts count for the closer.
    """
    main = tally(s.event_type for s in told if s.event_type is not None)
    for closer, looser in _CLOSER.items():
        if closer in main and main[closer] * _SHARE >= main.get(looser, 0):
            main[closer] += main.get(looser, 0)
    every = tally(kind for s in told for kind in {*s.event_types, *([s.event_type] if s.event_type else [])})
    order = sorted(every, key=lambda kind: (kind in _AFTERMATH, -main.get(kind, 0), -every[kind], kind))
    return order or [EventType.OTHER]


def _modality(members: Sequence[Sighting], told: Sequence[Sighting]) -> Modality:
    counts = tally(s.modality for s in told if s.modality in _HAPPENED)
    if counts:
        return min(counts, key=lambda m: (-counts[m], _HAPPENED.index(m)))
    return members[-1].modality


def _time(told: Sequence[Sighting]) -> EventTime:
    """The most explicit statement of when, the earliest of several."""
    if len(told) == 1:
        return told[0].time
    best = min(told, key=lambda s: (_BASIS[s.time.basis], s.time.time_precision, s.time.event_start, s.post_id))
    return best.time


def _actors(told: Sequence[Sighting]) -> list[Actor]:
    named: dict[tuple[str, ActorRole], Actor] = {}
    for sighting in told:
        for actor in sighting.actors:
            named.setdefault((actor.actor_id, actor.role), actor)
    count = tally((actor.actor_id, actor.role) for s in told for actor in s.actors)
    return [named[k] for k in sorted(named, key=lambda k: (-count[k], k))]


def _measures(told: Sequence[Sighting]) -> list[Measure]:
    first: dict[tuple[str, str | None], Measure] = {}
    for measure in (m for s in told for m in s.measures):
        first.setdefault((measure.kind, measure.where), measure)
    return list(first.values())


def _country(told: Sequence[Sighting]) -> str | None:
    named = tally(s.place.country for s in told if s.place is not None and s.place.country)
    named = named or tally(s.source.country for s in told if s.source.country)
    return min(named, key=lambda c: (-named[c], c), default=None)


def _sites(told: Sequence[Sighting]) -> list[str]:
    """What was attacked, what most posts tell of first."""
    return [site for site, _ in sorted(tally(s for one in told for s in _sites_of(one)).items(), key=_by_votes)]


def _sites_of(sighting: Sighting) -> set[str]:
    named = {sighting.place.site.lower()} if sighting.place is not None and sighting.place.site else set()
    prison = any("prison" in tag or "jailbreak" in tag for tag in sighting.tags)
    return {*(tag.removeprefix("target:") for tag in sighting.tags), *named, *({"prison"} if prison else ())}


def _by_votes(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]


def _best(summary: Sequence[TollSummary], kind: TollKind) -> int | None:
    return next((t.best for t in summary if t.kind is kind and t.party is None), None)


def _statement(said: Said, voices: Voices) -> Statement:
    origins, copy_of = voices.origins.get(said.post_id, []), voices.copies.get(said.post_id)
    credibility = _credibility(said.sighting, origins, voices)
    if said.statement is None or said.statement[0] != (origins, copy_of, credibility):
        stated = _stated(said.sighting, origins, copy_of, credibility, own_words=said.is_claim)
        said.statement = (origins, copy_of, credibility), stated
    return said.statement[1]


def _stated(
    sighting: Sighting, origins: list[str], copy_of: str | None, credibility: int, *, own_words: bool
) -> Statement:
    return Statement(
        post_id=sighting.post_id,
        revision=sighting.revision,
        source_id=sighting.source.id,
        source_name=sighting.source.name,
        source_role=sighting.source.role,
        url=sighting.url,
        title=None if own_words else sighting.title,
        language=sighting.language,
        doc_role=sighting.doc_role,
        modality=sighting.modality,
        origins=origins,
        published_at=sighting.published_at,
        fetched_at=sighting.fetched_at,
        copy_of=copy_of,
        source_reliability=sighting.source.reliability,
        information_credibility=credibility,
        hiding=sighting.hiding,
        deleted=sighting.deleted,
        backfill=sighting.backfill,
    )


def _credibility(sighting: Sighting, origins: Sequence[str], voices: Voices) -> int:
    """Admiralty code: 1 confirmed by two others, 2 by one, 3 reliable but alone, 4 denied, 5 withdrawn, 6 unknown."""
    if sighting.deleted or not has_voice(sighting):
        return 5 if sighting.deleted else 6
    others = len(voices.independent)
    others -= sum([origin in voices.independent for origin in origins])
    if others >= 2:
        return 1
    if others:
        return 2
    if voices.denied:
        return 4
    return 3 if sighting.source.reliability in _CREDIBLE else 6


def _grade(voices: Voices, attackers: Mapping[str, Sequence[str]]) -> Grade:
    """Airwars' word for who stands behind it; a claim of responsibility never makes it `confirmed`."""
    if not voices.speaking:
        return (
            Grade.DISCOUNTED if voices.denied or all(said.sighting.deleted for said in voices.members) else Grade.WEAK
        )
    accepting = {s.source.speaks_for for s in voices.speaking if s.source.role is SourceRole.OFFICIAL}
    if accepting & set(attackers):
        return Grade.CONFIRMED
    if voices.denied:
        return Grade.CONTESTED
    return Grade.FAIR if len(voices.independent) >= 2 else Grade.WEAK


def _certainty(voices: Voices) -> CapCertainty:
    if len(voices.independent) >= 2 or _officials(voices):
        return CapCertainty.OBSERVED
    if any(s.source.reliability in (Reliability.A, Reliability.B) for s in voices.speaking):
        return CapCertainty.LIKELY
    return CapCertainty.POSSIBLE if voices.speaking else CapCertainty.UNLIKELY
