"""The places that a report names, and the one where it happened."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from agents.classify.places.gazetteer import Entry, Gazetteer, Kind, km
from agents.classify.places.mentions import scan
from agents.classify.places.quarters import REACH_KM
from agents.classify.places.resolve import Resolved, resolve
from agents.classify.places.roles import CONTEXT, weigh
from agents.classify.places.shape import Where, exactness, place_of, whole_country
from schemas.kinds import Accuracy, PlaceRole
from schemas.records import Place, Report
from schemas.records.base import Span


@dataclass
class _Group:
    """All mentions of one place."""

    members: list[tuple[Resolved, float]] = field(default_factory=list)

    @property
    def weight(self) -> float:
        """The strongest mention counts whole, each further one a little."""
        if len(self.members) == 1:
            return self.members[0][1]
        weights = sorted((weight for _, weight in self.members), reverse=True)
        return weights[0] + sum(min(max(weight, -0.5), 1.0) * 0.4 for weight in weights[1:4])

    @property
    def best(self) -> Resolved:
        """The mention that says most exactly what is meant."""
        if len(self.members) == 1:
            return self.members[0][0]
        return max(self.members, key=lambda m: (m[1] > CONTEXT, m[0].mention.cue is not None, m[1]))[0]


def find_places(report: Report, gazetteer: Gazetteer, near: Sequence[Span] = ()) -> list[Place]:
    """Find the places that a report names, those that most likely are where it happened first.

    Args:
        report: what to read.
        gazetteer: the places known.
        near: spans of `report.text` that tell of the incident (trigger words, tolls); nearness to them is evidence.

    Returns:
        One record a place, ordered by how much speaks for it; context places last. Empty when none is named.
    """
    seen = scan(report.text, gazetteer)
    resolved = resolve(seen.mentions, report.source.country) if seen.mentions else []
    if not resolved:
        return []
    weights = weigh(seen, resolved, report, near)
    groups: dict[object, _Group] = {}
    for one, weight in zip(resolved, weights, strict=True):
        identity = (one.entry.ref, _loose(one)) if one.entry else (one.mention.cue, one.mention.name)
        groups.setdefault(identity, _Group()).members.append((one, weight))
    return _places(report, resolved, weights, groups)


def _loose(one: Resolved) -> bool:
    return one.mention.near or one.mention.countryside or bool(one.mention.direction)


_QUARTERS = frozenset({Kind.NEIGHBOURHOOD, Kind.SITE, Kind.CAMP})


def _container(resolved: Sequence[Resolved], weights: Sequence[float], number: int) -> Entry | None:
    """Return the known place that a name known only by its pattern lies in.

    That is the next one of the sentence, else the one before, else the place for which most speaks.
    """
    mention = resolved[number].mention
    options = []
    for at, other in enumerate(resolved):
        entry = other.entry
        if at == number or entry is None or entry.kind in _QUARTERS:
            continue
        gap = other.mention.first - mention.last if at > number else mention.first - other.mention.last
        same = other.mention.sentence == mention.sentence
        points = weights[at] - (3.0 if entry.kind is Kind.COUNTRY else 0.0)
        points += (2.5 if at > number and gap <= 5 else 1.0) if same and gap <= 12 else 0.0
        if entry.kind is Kind.GOVERNORATE and mention.cue in _QUARTERS:
            cities = [e for e in other.mention.entries if e.kind is Kind.CITY and e.admin1 == entry.name_en]
            entry = cities[0] if cities else entry  # a quarter "in Raqqa" lies in the city
        if entry.kind is Kind.CITY and entry.name_en == entry.admin1 and mention.cue not in _QUARTERS:
            unit = next(
                (e for e in other.mention.entries if e.kind is Kind.GOVERNORATE and e.country == entry.country), None
            )
            entry = unit or entry  # a village "in Idlib" lies in the governorate, not in its capital
        points += 5.0 * any(city.ref in {e.ref for e in other.mention.entries} for city in mention.within)
        points += 0.5 * (entry.kind in {Kind.CITY, Kind.TOWN} and mention.cue in _QUARTERS)
        options.append((points, -at, entry))
    return max(options, key=lambda option: option[:2])[2] if options else None


def _places(
    report: Report, resolved: Sequence[Resolved], weights: Sequence[float], groups: dict[object, _Group]
) -> list[Place]:
    position = {id(one): number for number, one in enumerate(resolved)}
    found = []
    for group in groups.values():
        best = group.best
        around = _container(resolved, weights, position[id(best)]) if best.entry is None else None
        if around is None and best.entry is None and best.mention.cue in {Kind.SITE, Kind.AREA}:
            continue  # `سوق الصرف` (the currency market): without any place around it, no place
        second = _second(resolved, position[id(best)])
        where = place_of(report, Where(best, around, second), _role(best, group.weight))
        order = round(group.weight + exactness(where) - 0.02 * min(position[id(group.members[0][0])], 20), 3)
        found.append((where.role is PlaceRole.CONTEXT, -order, position[id(best)], where))
    return [place for *_, place in sorted(found, key=lambda f: f[:3])]


def _second(resolved: Sequence[Resolved], number: int) -> Entry | None:
    """Return the other end of "between … and …"."""
    if not resolved[number].mention.between or number + 1 >= len(resolved):
        return None
    other = resolved[number + 1]
    return other.entry if other.mention.joined else None


def _role(best: Resolved, weight: float) -> PlaceRole:
    if weight <= CONTEXT:
        return PlaceRole.CONTEXT
    site = best.mention.cue is Kind.SITE or (best.entry is not None and best.entry.kind is Kind.SITE)
    return PlaceRole.TARGET_SITE if site else PlaceRole.EVENT


def main_place(places: Sequence[Place], report: Report) -> Place | None:
    """Choose where it happened: the best supported place, told as exactly as the others allow.

    Without any place that could be it, the source's country stands in (accuracy `country`, method "source's country");
    None when that is unknown too.
    """
    able = [place for place in places if place.role is not PlaceRole.CONTEXT]
    if not able:
        return whole_country(report.source.country, report.language) if report.source.country else None
    best = next((place for place in able if _refines(place, able[0])), able[0])
    site = next((p.site for p in able if p.site and _inside(p, best)), None)
    quarter = next((p.neighbourhood for p in able if p.neighbourhood and _inside(p, best)), None)
    return msgspec.structs.replace(
        best,
        role=PlaceRole.EVENT,
        site=best.site or site,
        neighbourhood=best.neighbourhood or quarter,
        country=best.country or report.source.country,
    )


def _refines(place: Place, best: Place) -> bool:
    """Tell whether a place is the quarter, inside the city that is best supported, where it happened."""
    if place.accuracy is not Accuracy.NEIGHBOURHOOD or best.accuracy not in {Accuracy.CITY, Accuracy.TOWN}:
        return False
    if place.lat is None or place.lon is None or best.lat is None or best.lon is None:
        return False
    return km(place.lat, place.lon, best.lat, best.lon) <= REACH_KM


def _inside(place: Place, best: Place) -> bool:
    return place.country == best.country and place.admin1 == best.admin1
