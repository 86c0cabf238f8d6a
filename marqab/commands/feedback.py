"""`marqab feedback`: people correct incidents, and see what was said."""

import getpass
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from marqab.commands.service import BROKER_OPTION
from marqab.commands.shared import alerts_broker, run_until_stopped, settings_from
from marqab.commands.tail import span_of
from marqab.settings import Settings
from schemas.errors import Misconfigured
from schemas.kinds import Accuracy
from schemas.records import Feedback, Incident, Place

F = TypeVar("F", bound=Callable[..., Any])

Make = Callable[[Mapping[str, Incident], dict[str, Any]], Feedback]
"""Makes the feedback of the incidents by id, and of who says so, why and when."""


@click.group()
def feedback() -> None:
    """Correct incidents: merge, split, mute, dismiss, put in its place; and list what was said.

    \b
    marqab feedback merge i-1a… i-2b… --by Amal --why "same attack, two names of the village"
    marqab feedback split i-2b… p-7c… --by Amal --why "this shelling was the day before"
    marqab feedback list --json > said.jsonl      and: marqab replay posts.jsonl --feedback said.jsonl --output DIR

    An incident's id and its posts' ids stand in every alert (`marqab tail --json`) and on its page at the desk. Who
    says so, when and why is told to subscribers with the incident's next alert. What cannot be applied is set aside
    with a sentence: `marqab rejects list --stage correlator`.
    """


def saying(command: F) -> F:
    """The options that all corrections share."""
    options = (
        click.option("--by", metavar="NAME", help="Who says so; subscribers read it. Default: your user name."),
        click.option("--why", "note", required=True, metavar="TEXT", help="Why; subscribers read it."),
        click.option("--at", metavar="TIME", help="When it was said (RFC 3339), for a replay. Default: now."),
        click.option(
            "--incidents",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="Look incidents up in this `incidents.jsonl` of a replay instead of Kafka; then nothing is sent.",
        ),
        click.option("--dry-run", is_flag=True, help="Say what would be sent, and send nothing."),
        click.option(
            "--json", "as_json", is_flag=True, help="Print the record as JSON, a line of `replay --feedback`."
        ),
        BROKER_OPTION,
    )
    for option in reversed(options):
        command = option(command)
    return command


@feedback.command(short_help="Make two incidents one.")
@click.argument("incident")
@click.argument("into")
@saying
def merge(incident: str, into: str, **options: Any) -> None:
    """INCIDENT is the same as INTO and becomes part of it; INTO keeps its id, and what comes for either goes there."""
    from subscribers import corrections

    _say(options, [incident, into], lambda of, how: corrections.merge(of[incident], of[into], **how))


@feedback.command(short_help="Take posts out of an incident.")
@click.argument("incident")
@click.argument("posts", nargs=-1, required=True, metavar="POST...")
@click.option("--into", metavar="INCIDENT", help="The incident that the posts belong to; without it, their own.")
@saying
def split(incident: str, posts: tuple[str, ...], into: str | None, **options: Any) -> None:
    """These POSTs of INCIDENT tell of something else. Nothing glues them again, however alike."""
    from subscribers import corrections

    def made(of: Mapping[str, Incident], how: dict[str, Any]) -> Feedback:
        return corrections.split(of[incident], posts, into=of[into] if into else None, **how)

    _say(options, [incident, *([into] if into else [])], made)


@feedback.command(short_help="Alert nobody of an incident.")
@click.argument("incident")
@click.option("--until", metavar="TIME", help="Posts published from then on alert again (RFC 3339). Default: never.")
@saying
def mute(incident: str, until: str | None, **options: Any) -> None:
    """INCIDENT goes on and alerts nobody; an --until in the past ends an earlier mute."""
    from subscribers import corrections

    end = moment(until, "--until") if until else None
    _say(options, [incident], lambda of, how: corrections.mute(of[incident], until=end, **how))


@feedback.command("not-an-incident", short_help="Say that it is none.")
@click.argument("incident")
@saying
def not_an_incident(incident: str, **options: Any) -> None:
    """INCIDENT is none: its alerts are cancelled, and it stays discounted whoever repeats it."""
    from subscribers import corrections

    _say(options, [incident], lambda of, how: corrections.not_an_incident(of[incident], **how))


@feedback.command("place", short_help="Say where it was.")
@click.argument("incident")
@click.option("--name", metavar="TEXT", help="What the place is called.")
@click.option("--lat", type=click.FloatRange(-90, 90), help="Degrees north.")
@click.option("--lon", type=click.FloatRange(-180, 180), help="Degrees east.")
@click.option(
    "--gazetteer",
    "known",
    metavar="NAME",
    help="A place that marqab knows, in Arabic or Latin letters; `NAME, GOVERNORATE` chooses among several.",
)
@saying
def place_(
    incident: str, name: str | None, lat: float | None, lon: float | None, known: str | None, **options: Any
) -> None:
    """INCIDENT happened there, whatever the posts say: --name with --lat and --lon, or --gazetteer."""
    from subscribers import corrections

    if known is None and (name is None or lat is None or lon is None):
        raise click.UsageError("say where: --name, --lat and --lon, or --gazetteer")
    if known is not None and (name, lat, lon) != (None, None, None):
        raise click.UsageError("either --gazetteer or --name, --lat and --lon")
    settings, _ = settings_from(kafka_bootstrap_servers=options["kafka_bootstrap_servers"])

    def made(of: Mapping[str, Incident], how: dict[str, Any]) -> Feedback:
        country = of[incident].country
        told = by_hand(name or "", lat, lon, country) if known is None else from_gazetteer(known, settings, country)
        return corrections.wrong_place(of[incident], told, **how)

    _say(options, [incident], made)


@feedback.command("list")
@BROKER_OPTION
@click.option("--since", metavar="SPAN", help="Only what was said in the last SPAN, for example 7d.")
@click.option("--json", "as_json", is_flag=True, help="One record a line, for `marqab replay --feedback`.")
def list_(since: str | None, as_json: bool, **options: Any) -> None:
    """List what people said, in order of time."""
    settings, _ = settings_from(**options)
    begin = datetime.now(UTC) - span_of(since) if since else None
    run_until_stopped(lambda: _list(settings, begin, as_json))


@feedback.command(short_help="Show one, and whether it was applied.")
@click.argument("feedback_id")
@BROKER_OPTION
@click.option("--json", "as_json", is_flag=True, help="The record as JSON.")
def show(feedback_id: str, as_json: bool, **options: Any) -> None:
    """Show one feedback, and whether it stands in the history of its incident."""
    settings, _ = settings_from(**options)
    run_until_stopped(lambda: _show(settings, feedback_id, as_json))


def _say(options: dict[str, Any], wanted: list[str], make: Make) -> None:
    settings, _ = settings_from(kafka_bootstrap_servers=options.pop("kafka_bootstrap_servers"))
    file, dry_run, as_json = (options.pop(name) for name in ("incidents", "dry_run", "as_json"))
    at = options.pop("at")
    told = file.read_bytes() if file is not None else None
    how = {
        "by": options["by"] or getpass.getuser(),
        "note": options["note"],
        "at": moment(at, "--at") if at else datetime.now(UTC),
    }
    run_until_stopped(lambda: _look_up_and_send(settings, wanted, make, how, told, dry_run, as_json))


async def _look_up_and_send(
    settings: Settings,
    wanted: list[str],
    make: Make,
    how: dict[str, Any],
    told: bytes | None,
    dry_run: bool,
    as_json: bool,
) -> int:
    from schemas.codec import encode

    made = _made(make, await _incidents(settings, wanted, told), how)
    if not dry_run and told is None:
        await _send(settings, made)
    if as_json:
        sys.stdout.buffer.write(encode(made) + b"\n")
        sys.stdout.flush()
    else:
        click.echo(f"{'would send' if dry_run or told is not None else 'sent'} {line(made)}")
    return 0


def _made(make: Make, incidents: Mapping[str, Incident], how: dict[str, Any]) -> Feedback:
    try:
        return make(incidents, how)
    except ValueError as error:
        raise Misconfigured(str(error)) from None


async def _incidents(settings: Settings, wanted: list[str], told: bytes | None) -> Mapping[str, Incident]:
    from marqab.incidents import find
    from marqab.kafka import admitted
    from schemas.codec import decode

    if told is not None:
        incidents = [decode(raw, Incident) for raw in told.splitlines() if raw.strip()]
        found, where = {i.incident_id: i for i in incidents if i.incident_id in wanted}, "the file of incidents"
    else:
        bootstrap = alerts_broker(settings)
        connection = await admitted(settings, bootstrap, None)
        found, where = await find(connection, settings.topic_prefix, wanted), f"Kafka at {bootstrap}"
    if missing := [incident_id for incident_id in wanted if incident_id not in found]:
        raise Misconfigured(
            f"{where} knows no incident {' or '.join(missing)}; `marqab tail --from-start --json` shows the ids"
        )
    return found


async def _send(settings: Settings, made: Feedback) -> None:
    from marqab.kafka import client_options
    from subscribers.feedback import FeedbackPublisher

    opened = FeedbackPublisher(
        alerts_broker(settings),
        prefix=settings.topic_prefix,
        idempotent=not (settings.embedded or settings.embedded_broker),
        options=client_options(settings),
    )
    async with opened as publisher:
        await publisher.publish(made)


async def _list(settings: Settings, since: datetime | None, as_json: bool) -> int:
    from marqab.incidents import given
    from marqab.kafka import admitted
    from schemas.codec import encode

    said = await given(await admitted(settings, alerts_broker(settings), None), settings.topic_prefix, since)
    for one in said:
        if as_json:
            sys.stdout.buffer.write(encode(one) + b"\n")
        else:
            click.echo(line(one))
    sys.stdout.flush()
    if not said and not as_json:
        click.echo("nobody has said anything", err=True)
    return 0


async def _show(settings: Settings, feedback_id: str, as_json: bool) -> int:
    from marqab.incidents import find, given
    from marqab.kafka import admitted
    from schemas.codec import encode

    connection = await admitted(settings, alerts_broker(settings), None)
    one = next((o for o in await given(connection, settings.topic_prefix) if o.feedback_id == feedback_id), None)
    if one is None:
        raise Misconfigured(f"nobody has given feedback {feedback_id}; `marqab feedback list` shows what was said")
    if as_json:
        sys.stdout.buffer.write(encode(one) + b"\n")
        return 0
    click.echo(line(one))
    concerned = [i for i in (one.incident_id, one.into) if i]
    incidents = await find(connection, settings.topic_prefix, concerned)
    told = [i for i in incidents.values() if feedback_id in i.corrections]
    for incident in told:
        click.echo(f"stands in the history of {incident.incident_id}, {incident.state.value}, {incident.headline_en}")
    if not told:
        click.echo(
            f"stands in the history of neither of {', '.join(concerned)} (yet); "
            "`marqab rejects list --stage correlator` shows what was set aside and why"
        )
    return 0


def line(one: Feedback) -> str:
    """A feedback in one line: id, when, who, what and why."""
    what = {
        "merge": f"{one.incident_id} into {one.into}",
        "split": f"{' '.join(one.posts)} from {one.incident_id}" + (f" into {one.into}" if one.into else ""),
        "mute": one.incident_id + (f" until {one.until:%Y-%m-%d %H:%M} UTC" if one.until else ""),
        "wrong_place": f"{one.incident_id}: {one.place.name if one.place else ''}",
    }.get(one.kind.value, one.incident_id)
    return f"{one.feedback_id} {one.given_at:%Y-%m-%d %H:%M:%S} {one.by}: {one.kind.value} {what} · {one.note}"


def moment(text: str, option: str) -> datetime:
    """A moment with its time zone.

    Raises:
        Misconfigured: it is none.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Misconfigured(f"{option} {text}: write a time like 2026-03-01T18:00:00Z") from None
    if found.tzinfo is None:
        raise Misconfigured(f"{option} {text}: add the time zone, for example {text}Z")
    return found.astimezone(UTC)


def by_hand(name: str, lat: float | None, lon: float | None, country: str | None) -> Place:
    """A place as a person names it: the coordinates are meant exactly."""
    return Place(
        name=name, country=country, lat=lat, lon=lon, accuracy=Accuracy.EXACT, geo_precision=1, where_prec=1,
        method="people",
    )  # fmt: skip


def from_gazetteer(text: str, settings: Settings, country: str | None) -> Place:
    """A place that the gazetteer knows by this name; `NAME, GOVERNORATE` chooses among several.

    Raises:
        Misconfigured: there is none, or there are several; the sentence lists them.
    """
    from agents.classify.places import Gazetteer
    from agents.classify.places.fold import key
    from agents.classify.places.gazetteer import Kind

    name, _, within = (part.strip() for part in text.partition(","))
    found = [e for e in Gazetteer.default(settings.gazetteer).find(key(name)) if within in ("", e.admin1, e.pcode)]
    here = [entry for entry in found if entry.country == country] or found
    if not here:
        raise Misconfigured(f"the gazetteer knows no place {text}; say --name, --lat and --lon")
    if len(here) > 1:
        choices = "; ".join(f"'{name}, {e.pcode or e.admin1}' ({e.kind.name.lower()}, {e.country})" for e in here[:8])
        raise Misconfigured(f"the gazetteer knows {len(here)} places {name}: say which, {choices}")
    (entry,) = here
    accuracy = {
        Kind.GOVERNORATE: Accuracy.GOVERNORATE,
        Kind.DISTRICT: Accuracy.DISTRICT,
        Kind.SUBDISTRICT: Accuracy.SUBDISTRICT,
        Kind.CITY: Accuracy.CITY,
        Kind.VILLAGE: Accuracy.VILLAGE,
        Kind.NEIGHBOURHOOD: Accuracy.NEIGHBOURHOOD,
    }.get(entry.kind, Accuracy.TOWN)
    coarse = entry.kind <= Kind.SUBDISTRICT
    return Place(
        name=entry.name_en or entry.name_ar, name_ar=entry.name_ar or None, name_en=entry.name_en or None,
        country=entry.country, admin1=entry.admin1 or None, admin2=entry.admin2 or None, admin3=entry.admin3 or None,
        pcode=entry.pcode or None, lat=entry.lat, lon=entry.lon, radius_m=entry.radius_m, accuracy=accuracy,
        geo_precision=3 if coarse else 1, where_prec=(4 if entry.kind <= Kind.GOVERNORATE else 3) if coarse else 1,
        method="people, gazetteer",
    )  # fmt: skip
