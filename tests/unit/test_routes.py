"""Every revision of a post reaches the incident that the post is part of."""

from datetime import UTC, datetime, timedelta

import msgspec

from agents.routes import AT_ONCE, FORGOTTEN, Routes
from agents.theatres import Theatres
from schemas.kinds import SourceKind
from schemas.records import EventTime, Place, Sighting, Source

ME = "middle-east"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def sighting(country=None, *, post_id="p-1", relevant=True, at=NOON, **more) -> Sighting:
    place = Place(name="x", country=country, accuracy="city", geo_precision=1, where_prec=1)
    return Sighting(
        post_id=post_id,
        source=Source(id="s", kind=SourceKind.FEED),
        native_id="1",
        language="ar",
        relevant=relevant,
        score=1,
        doc_role="new_incident",
        modality="actual",
        event_type="clash",
        time=EventTime(event_start=at, event_end=at),
        published_at=at,
        place=place if country else None,
        **more,
    )


def run(routes, told):
    theatre, puts = routes.route(told)
    routes.apply(puts)
    return theatre, dict(puts)


def test_a_post_goes_to_its_theatre_and_an_irrelevant_one_nowhere():
    routes = Routes()
    assert run(routes, sighting("SY"))[0] == ME
    assert run(routes, sighting(relevant=False, post_id="p-2")) == (None, {})
    assert run(routes, sighting("SY", revision=1)) == (ME, {})


def test_an_edit_that_tells_of_nothing_any_more_is_heard_where_the_post_was():
    routes = Routes()
    run(routes, sighting("SY"))
    assert run(routes, sighting(relevant=False, revision=1))[0] == ME
    assert run(routes, sighting("SY", revision=2))[0] == ME


def test_an_edit_that_names_a_country_of_another_theatre_corrects_the_incident_where_it_is():
    routes, theatres = Routes(), Theatres()
    final = {}
    for told in (sighting("SY"), sighting("PK", revision=1)):
        theatre, _ = run(routes, told)
        fold = theatres.fold(told, theatre)
        theatres.apply(fold.puts)
        final |= {incident.incident_id: incident for incident in fold.incidents}
    (incident,) = final.values()
    assert (incident.country, incident.revision) == ("PK", 2)
    assert [statement.revision for statement in incident.statements] == [1]


def test_routes_come_back_from_their_rows():
    routes, rows = Routes(), {}
    for number in range(20):
        rows |= run(routes, sighting("SY", post_id=f"p-{number}"))[1]
    restored = Routes()
    restored.load(rows.items())
    edit = sighting("PK", post_id="p-7", revision=1)
    assert restored.route(edit) == routes.route(edit)


def test_very_late_edits_are_new_posts_and_old_rows_go_bit_by_bit():
    routes = Routes()
    for number in range(20):
        run(routes, sighting("SY", post_id=f"p-{number}"))
    late = sighting("PK", revision=1, edited_at=NOON + timedelta(days=31))
    assert routes.route(late)[0] == "asia"
    afterwards = NOON + FORGOTTEN + timedelta(hours=1)
    gone = []
    for number in range(5):
        puts = run(routes, sighting("SY", post_id=f"new-{number}", at=afterwards))[1]
        gone += [key for key, value in puts.items() if value is None]
        assert len(puts) <= 1 + AT_ONCE
    assert sorted(gone) == sorted(f"p-{number}" for number in range(20))


def test_a_row_is_small():
    _, puts = Routes().route(sighting("SY"))
    assert msgspec.json.decode(puts[0][1]) == [ME, NOON.timestamp()]
