"""An alert as people read it on a terminal, right-to-left text kept apart by isolates."""

from rich.console import Console
from rich.text import Text

from schemas.kinds import Level, TollKind
from schemas.records import Alert, FactRow, Incident, Place
from subscribers.safe import clean, terminal
from subscribers.telling import stated

FSI, PDI = "\u2068", "\u2069"  # FIRST STRONG ISOLATE, POP DIRECTIONAL ISOLATE
STYLE = {Level.CRITICAL: "bold white on red", Level.HIGH: "bold red", Level.MEDIUM: "yellow", Level.LOW: "cyan"}


def isolate(text: str) -> str:
    """The text with its own direction, whatever stands around it."""
    return f"{FSI}{clean(text)}{PDI}" if text else text


def lines(alert: Alert) -> list[str]:
    """The alert in plain lines, the first one its title."""
    incident = alert.incident
    title = f"{alert.kind.value.upper().replace('_', ' ')} · {alert.severity.value} · {where(incident.place)}"
    out = [f"{title}{' · TEST' if alert.test else ''}"]
    out += [isolate(text) for text in (incident.headline_en, incident.headline_ar) if text]
    out += [f"when     {incident.time.event_start:%Y-%m-%d %H:%M} UTC ({incident.time.basis.value})"]
    out += _tolls(incident)
    out += [
        f"claim    {'claimed' if claim.claimed else 'denied'} by {claim.claimant} ({claim.claimmode.value}), "
        f"{claim.confirmed.value}, {'seen first-hand' if claim.first_hand else 'reported by ' + str(claim.reported_by)}"
        for claim in incident.claims
    ]
    if incident.attributed_to:
        out.append(f"blamed   {', '.join(incident.attributed_to)} (said by others, not a claim)")
    if incident.measures:
        out.append(f"measures {', '.join(dict.fromkeys(measure.kind.value for measure in incident.measures))}")
    out += [
        f"fact     {fact.kind.value}: {isolate(stated(incident, fact, 'en'))} (said by {_speakers(fact)})"
        for fact in incident.facts
    ]
    voices = dict.fromkeys(
        f"{isolate(s.source_name or s.source_id)} ({s.source_reliability.value}{s.information_credibility})"
        for s in incident.statements
        if not s.copy_of
    )
    out.append(f"sources  {', '.join(voices)}")
    out.append(f"grade    {incident.grade.value}, {len(incident.origins)} independent, {alert.certainty.value.lower()}")
    out += [
        f"changed  {c.field}: {_told(c.before)} → {_told(c.after)}{f' · {isolate(c.reason)}' if c.reason else ''}"
        for c in alert.changes
    ]
    out.append(f"id       {alert.incident_id} revision {alert.revision}")
    return out


def _speakers(fact: FactRow) -> str:
    return ", ".join(map(isolate, fact.origins or [fact.said_by]))


def where(place: Place | None) -> str:
    """The place in one phrase, with how exactly it is known."""
    if place is None:
        return "place unknown"
    names = dict.fromkeys(n for n in (place.name_en or place.name, place.admin1, place.country) if n)
    return f"{isolate(', '.join(names))} ({place.accuracy.value})"


def _tolls(incident: Incident) -> list[str]:
    out = []
    for row in incident.toll_summary:
        if row.party is not None or row.actor_id is not None:
            continue
        said = [
            f"{isolate(toll.said_by)}: {_figure(toll.low, toll.high, toll.vague_word)}"
            for toll in incident.tolls
            if toll.kind is row.kind and not toll.superseded_by and not toll.superseded and toll.of_which is None
        ]
        spread = "" if row.low == row.high else f" (from {_told(row.low)} to {_told(row.high)})"
        out.append(f"{row.kind.value:<8} {_told(row.best)}{spread}; {', '.join(dict.fromkeys(said))}")
    if not any(row.kind is TollKind.KILLED for row in incident.toll_summary):
        out.append("killed   not told")
    return out


def _figure(low: int | None, high: int | None, word: str | None) -> str:
    if word:
        return isolate(word)
    return str(low) if low == high else f"{_told(low)}–{_told(high)}"


def _told(value: object) -> str:
    return "–" if value is None or value == "" else isolate(str(value)) if isinstance(value, str) else str(value)


def show(alert: Alert, console: Console) -> None:
    """Print the alert; colours only where the console is a terminal."""
    first, *rest = lines(alert)
    console.print(Text(f"▌{alert.issued_at:%H:%M:%S} {terminal(first)}", style=STYLE[alert.severity]), soft_wrap=True)
    for line in rest:
        console.print(Text(f"  {terminal(line)}"), soft_wrap=True)
    console.print()
