"""`marqab feedback` without a broker: incidents of a replay are looked up, the record is printed, and replayed."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agents.replay import Replay
from marqab.__main__ import main
from schemas.codec import decode, encode
from schemas.kinds import IncidentState
from schemas.records import Feedback, Incident
from tests.contracts.posts import posts

POSTS = posts(60)
AT = "2026-03-20T12:00:00Z"


@pytest.fixture(scope="module")
def standing() -> list[Incident]:
    replay = Replay()
    for post in POSTS:
        replay.step(post)
    return [i for i in replay.incidents() if i.state is IncidentState.OPEN]


@pytest.fixture
def incidents(tmp_path: Path, standing: list[Incident]) -> Path:
    path = tmp_path / "incidents.jsonl"
    path.write_bytes(b"".join(encode(incident) + b"\n" for incident in standing))
    return path


def say(incidents: Path, *words: str) -> Result:
    told = ["feedback", *words, "--by", "Amal", "--why", "seen on film", "--at", AT, "--incidents", str(incidents)]
    return CliRunner().invoke(main, told)


def test_every_correction_is_told_in_words_and_as_a_record(incidents: Path, standing: list[Incident]) -> None:
    one, two = (i.incident_id for i in standing[-2:])
    post = next(i for i in standing if len(i.statements) > 2)
    for words, kind in [
        (("merge", one, two), "merge"),
        (("split", post.incident_id, post.statements[0].post_id, "--into", two), "split"),
        (("mute", one, "--until", "2026-03-21T00:00:00+03:00"), "mute"),
        (("not-an-incident", one), "not_an_incident"),
        (("place", one, "--name", "Tabqa", "--lat", "35.83", "--lon", "38.54"), "wrong_place"),
        (("place", one, "--gazetteer", "الطبقة"), "wrong_place"),
    ]:
        shown = say(incidents, *words)
        assert shown.exit_code == 0, shown.output
        assert shown.output.startswith("would send f-")
        assert f"Amal: {kind} " in shown.output
        record = decode(say(incidents, *words, "--json").stdout_bytes, Feedback)
        assert (record.kind, record.by, record.note, record.theatre) == (kind, "Amal", "seen on film", "middle-east")
        assert record.feedback_id in shown.output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("merge", "{0}", "i-nobody"), "knows no incident i-nobody"),
        (("merge", "{0}", "{0}"), "on both sides"),
        (("split", "{0}", "p-nobody"), "p-nobody is no post of"),
        (("place", "{0}", "--name", "x"), "say where"),
        (("place", "{0}", "--gazetteer", "x", "--lat", "1"), "either --gazetteer or"),
        (("place", "{0}", "--gazetteer", "Nowhereville"), "knows no place Nowhereville"),
        (("mute", "{0}", "--until", "tomorrow"), "write a time like"),
        (("mute", "{0}", "--until", "2026-03-01T00:00:00"), "add the time zone"),
    ],
)
def test_what_cannot_be_meant_ends_in_a_sentence(
    incidents: Path, standing: list[Incident], words: tuple[str, ...], says: str
) -> None:
    shown = say(incidents, *(word.format(standing[-1].incident_id) for word in words))
    assert shown.exit_code == 2
    assert says in shown.output
    assert "Traceback" not in shown.output


def test_what_is_said_is_replayed_twice_to_the_same_bytes(
    tmp_path: Path, incidents: Path, standing: list[Incident]
) -> None:
    one, two = (i.incident_id for i in standing[-2:])
    said = tmp_path / "said.jsonl"
    lines = [say(incidents, "merge", one, two, "--json").stdout_bytes, b'{"kind":"praise"}\n']
    lines.append(say(incidents, "mute", two, "--json").stdout_bytes.replace(two.encode(), b"i-nobody"))
    said.write_bytes(b"".join(lines))
    stream = tmp_path / "posts.jsonl"
    stream.write_bytes(b"".join(encode(post) + b"\n" for post in POSTS))
    for folder in ("a", "b"):
        told = ["replay", str(stream), "--feedback", str(said), "--output", str(tmp_path / folder), "--json"]
        shown = CliRunner().invoke(main, told)
        assert shown.exit_code == 0, shown.output
        assert "said.jsonl:2: not a Feedback" in shown.stderr
        assert "i-nobody is not known here" in shown.stderr
        assert json.loads(shown.stdout)["unreadable"] == 2
    for name in ("sightings.jsonl", "incidents.jsonl", "alerts.jsonl"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    final = {i.incident_id: i for i in map(_incident, (tmp_path / "a" / "incidents.jsonl").read_bytes().splitlines())}
    assert (final[one].state, final[one].merged_into) == (IncidentState.MERGED, two)
    alerts = [json.loads(raw) for raw in (tmp_path / "a" / "alerts.jsonl").read_bytes().splitlines()]
    assert alerts[-2]["kind"] == "merged"
    assert alerts[-1]["changes"][0]["reason"] == f"Amal, 2026-03-20 12:00 UTC: the same incident as {one}. seen on film"


def _incident(raw: bytes) -> Incident:
    return decode(raw, Incident)
