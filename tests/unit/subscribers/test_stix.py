"""The STIX bundle is read without complaint by OASIS's own library, and one incident keeps its ids."""

import msgspec
import pytest
import stix2

from subscribers.stix import bundle
from tests.unit.subscribers.builders import alert, place


def read(told) -> dict[str, list]:
    parsed = stix2.parse(msgspec.json.encode(bundle(told)).decode(), allow_custom=False, version="2.1")
    found: dict[str, list] = {}
    for one in parsed.objects:
        found.setdefault(one.type, []).append(one)
    return found


def test_a_bundle_tells_the_incident_its_place_its_sources_and_its_claim() -> None:
    told = read(alert())
    (incident,), (report,), (location,) = told["incident"], told["report"], told["location"]
    assert incident.name == "Attack on a prison, Raqqa: killed 6"
    assert incident.confidence == 70, "Admiralty 2"
    assert {ref.get("url") for ref in incident.external_references} == {
        None, "https://agency.example/1", "https://monitor.example/2",
    }  # fmt: skip
    assert (location.latitude, location.longitude, location.precision, location.country) == (35.95, 39.01, 2500.0, "SY")
    group = next(one for one in told["identity"] if one.identity_class == "group")
    assert group.name == "Islamic State"
    assert set(report.object_refs) == {incident.id, location.id, group.id}
    assert "relationship" not in told, "a claim never makes anybody the author"
    assert {one.object_ref for one in told["language-content"]} == {incident.id, report.id}
    assert told["language-content"][0].contents["ar"]["name"] == "هجوم على سجن، الرقة: قتلى 6"


def test_a_newer_revision_is_a_newer_version_of_the_same_objects() -> None:
    first, second = read(alert()), read(alert(revision=2))
    for kind in ("incident", "report", "location"):
        assert first[kind][0].id == second[kind][0].id
        assert first[kind][0].modified < second[kind][0].modified
        assert first[kind][0].created == second[kind][0].created


def test_a_withdrawn_incident_is_revoked() -> None:
    assert read(alert(msg_type="Cancel", kind="corrected"))["incident"][0].revoked


@pytest.mark.parametrize(
    "fields", [{"place": None}, {"place": place(lat=None, lon=None, radius_m=None)}, {"claims": [], "statements": []}]
)
def test_what_is_unknown_is_left_out(fields: dict) -> None:
    told = read(alert(**fields))
    assert "confidence" not in told["incident"][0] or fields.get("statements") is None
    assert all("latitude" not in one for one in told.get("location", [])) if "place" in fields else "location" in told
