"""An incident in lines that people read, in English or Arabic: who counted what, claims as claims.

Facts only, from the fields of the alert; never a source's text.
"""

from schemas.kinds import FactKind, TollKind
from schemas.records import Alert, Claim, FactRow, Incident, Place, TollRow, TollSummary
from subscribers.safe import clean
from subscribers.words import Language, say, tables, word

COMMA: dict[Language, str] = {"en": ", ", "ar": "، "}


def headline(incident: Incident, language: Language) -> str:
    """One line; the other language's where this one has none."""
    first, second = (incident.headline_ar, incident.headline_en)[:: 1 if language == "ar" else -1]
    return clean(first or second or word("type", incident.event_type, language))


def place_name(place: Place | None, language: Language) -> str:
    """The place's name with its governorate, country last."""
    if place is None:
        return say("unknown_place", language)
    own = (place.name_ar if language == "ar" else place.name_en) or place.name
    country = word("country", place.country, language) if place.country else None
    if own == place.country:
        own = ""
    unit = (place.admin1_ar if language == "ar" else None) or place.admin1
    names = dict.fromkeys(name for name in (own, unit, country) if name)
    return clean(COMMA[language].join(names))


def speaker(incident: Incident, said_by: str, language: Language) -> str:
    """Who said it: the source's own name or the actor's where they are known, else the id."""
    for statement in incident.statements:
        if statement.source_id == said_by and statement.source_name:
            return clean(statement.source_name)
    return actor_name(incident, said_by, language)


def actor_name(incident: Incident, actor_id: str, language: Language) -> str:
    """The name of an actor that marqab knows, else the one that the incident gives it, else its id."""
    if known := tables()["actor"].get(actor_id):
        return known[language]
    return clean(next((actor.name for actor in incident.actors if actor.actor_id == actor_id), actor_id))


def claimant(incident: Incident, claim: Claim, language: Language) -> str:
    """Who claims or denies it, by the name that marqab or the incident or else the statement gives them."""
    known = actor_name(incident, claim.claimant, language)
    return clean(claim.name_as_written) if claim.name_as_written and known == claim.claimant else known


def figure(toll: TollRow) -> str:
    """`6`, `4–6`, `≥ 10 (عشرات)`: what was said, no more exact than it was said."""
    told = _span(toll.low, toll.high)
    word = clean(toll.vague_word or "")
    return f"{told} ({word})" if told and word else told or word


def _span(low: int | None, high: int | None) -> str:
    if low is None:
        return "" if high is None else f"≤ {high}"
    if low == high:
        return str(low)
    return f"≥ {low}" if high is None else f"{low}–{high}"


def current(incident: Incident, kind: TollKind) -> list[TollRow]:
    """The rows of the ledger that stand, whole figures only: no older figure of a speaker, no part of another row."""
    return [
        row
        for row in incident.tolls
        if row.kind is kind and not row.superseded and not row.superseded_by and row.of_which is None
    ]


def totals(incident: Incident) -> list[TollSummary]:
    """The summary rows over everybody, not those of single parties."""
    return [row for row in incident.toll_summary if row.party is None and row.actor_id is None]


def toll_line(incident: Incident, row: TollSummary, language: Language) -> str:
    """`killed: 6 (from 4 to 6) – A monitor: 6, An agency: 4`."""
    best = "?" if row.best is None else str(row.best)
    spread = ""
    if row.low != row.high and row.low is not None and row.high is not None:
        spread = f" ({say('from_to', language, low=row.low, high=row.high)})"
    voices = dict.fromkeys(
        f"{speaker(incident, toll.said_by, language)}: {figure(toll)}" for toll in current(incident, row.kind)
    )
    return f"{word('toll', row.kind, language)}: {best}{spread} – {COMMA[language].join(voices)}"


def claim_lines(incident: Incident, language: Language) -> list[str]:
    """Each claim with who made it, how it is known and how it stands; never its words."""
    lines = []
    for claim in incident.claims:
        seen = say("first_hand", language) if claim.first_hand else ""
        if claim.reported_by:
            seen = f"{say('reported_by', language)} {speaker(incident, claim.reported_by, language)}"
        parts = [
            f"{say('claimed_by' if claim.claimed else 'denied_by', language)}: {claimant(incident, claim, language)}",
            word("claimmode", claim.claimmode, language),
            seen,
            word("confirmation", claim.confirmed, language),
            say("a_claim", language) if claim.claimed else "",
        ]
        lines.append(COMMA[language].join(part for part in parts if part))
    return lines


def stated(incident: Incident, fact: FactRow, language: Language) -> str:
    """What a fact says, without its kind: "grenade", "about 900 (Asayish)", an office and its holder."""
    parts = []
    if fact.low is not None or fact.high is not None:
        told = _span(fact.low, fact.high)
        parts.append(say("approximately", language, figure=told) if fact.approximate else told)
    if fact.value:
        parts.append(word("stated", fact.value, language) if fact.kind is not FactKind.OFFICIAL else fact.value)
    if fact.name:
        parts.append(fact.name)
    whom = actor_name(incident, fact.actor_id, language) if fact.actor_id else ""
    told = " ".join(parts)
    return clean(f"{told} ({whom})" if told and whom else told or whom)


def lines(alert: Alert, language: Language) -> list[str]:
    """The alert in lines, its headline left out."""
    incident = alert.incident
    comma = COMMA[language]
    out = [
        f"{say('when', language)}: {incident.time.event_start:%Y-%m-%d %H:%M} UTC "
        f"({word('basis', incident.time.basis, language)})",
        f"{say('where', language)}: {place_name(incident.place, language)}"
        + (f" ({word('accuracy', incident.place.accuracy, language)})" if incident.place else ""),
    ]
    out += [toll_line(incident, row, language) for row in totals(incident)]
    if not any(row.kind is TollKind.KILLED for row in totals(incident)):
        out.append(f"{word('toll', TollKind.KILLED, language)}: {say('not_told', language)}")
    out += claim_lines(incident, language)
    if incident.attributed_to:
        names = comma.join(actor_name(incident, actor, language) for actor in incident.attributed_to)
        out.append(f"{say('blamed', language)}: {names}")
    if incident.measures:
        kinds = dict.fromkeys(word("measure", measure.kind, language) for measure in incident.measures)
        out.append(f"{say('measures', language)}: {comma.join(kinds)}")
    out.append(f"{say('severity', language)}: {word('severity', alert.severity, language)}")
    out.append(
        f"{say('credibility', language)}: {word('grade', incident.grade, language)}{comma}{len(incident.origins)} "
        f"{say('origins', language)}{comma}{word('certainty', alert.certainty, language)}"
    )
    names = comma.join(
        dict.fromkeys(speaker(incident, s.source_id, language) for s in incident.statements if not s.copy_of)
    )
    out.append(f"{say('sources', language)}: {names}")
    return out
