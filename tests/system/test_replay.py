"""`marqab replay` from outside: the contract's files, the same bytes every time, bad lines named and survived."""

import json
import subprocess
import sys
from pathlib import Path

from tests.paths import ROOT

CORPUS = ROOT / "tests" / "corpus" / "posts.jsonl"
FILES = ("sightings.jsonl", "incidents.jsonl", "alerts.jsonl")
KEYS = {
    "source_id", "native_id", "post_id", "relevant", "score", "doc_role", "modality", "event_type", "acled_event_type",
    "acled_sub_event_type", "language", "duplicate_of", "incident_id", "place", "tolls", "claims", "actors", "measures",
    "reasons",
}  # fmt: skip


def replay(posts: Path, output: Path, seed: str = "0") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "marqab", "replay", str(posts), "--output", str(output), "--json"],
        cwd=ROOT, env={"PYTHONHASHSEED": seed, "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=170,
        check=False,
    )  # fmt: skip


def rows(folder: Path, name: str) -> list[dict]:
    return [json.loads(line) for line in (folder / name).read_text("utf-8").splitlines()]


def test_two_runs_give_the_same_bytes_whatever_the_hash_seed(tmp_path: Path) -> None:
    for seed in ("0", "1"):
        done = replay(CORPUS, tmp_path / seed, seed)
        assert done.returncode == 0, done.stderr
    for name in FILES:
        assert (tmp_path / "0" / name).read_bytes() == (tmp_path / "1" / name).read_bytes()
        assert (tmp_path / "0" / name).stat().st_size > 0


def test_the_files_are_as_the_contract_says(tmp_path: Path) -> None:
    done = replay(CORPUS, tmp_path)
    summary = json.loads(done.stdout)
    posts = [json.loads(line) for line in CORPUS.read_text("utf-8").splitlines()]
    sightings = rows(tmp_path, "sightings.jsonl")
    assert [(s["source_id"], s["native_id"]) for s in sightings] == [(p["source"]["id"], p["native_id"]) for p in posts]
    assert summary["posts"] == len(posts)
    for sighting in sightings:
        assert set(sighting) >= KEYS
        if sighting["place"] is not None:
            assert set(sighting["place"]) >= {"name", "lat", "lon", "accuracy", "geo_precision"}
        for toll in sighting["tolls"]:
            assert set(toll) >= {"kind", "party", "said_by"}
            assert {"low", "high", "vague_word"} & set(toll), "a bound that nobody gave is left out (decision 33)"
            assert None not in (toll.get("low", 0), toll.get("high", 0))
    incidents = {i["incident_id"] for i in rows(tmp_path, "incidents.jsonl")}
    assert {s["incident_id"] for s in sightings if s["incident_id"]} <= incidents
    alerts = rows(tmp_path, "alerts.jsonl")
    assert all(alert["kind"] and alert["incident_id"] in incidents for alert in alerts)
    assert len({alert["alert_id"] for alert in alerts}) == len(alerts)


def test_no_words_of_a_claims_channel_leave_in_incidents_or_alerts(tmp_path: Path) -> None:
    replay(CORPUS, tmp_path)
    posts = [json.loads(line) for line in CORPUS.read_text("utf-8").splitlines()]
    written = (tmp_path / "alerts.jsonl").read_text("utf-8") + (tmp_path / "incidents.jsonl").read_text("utf-8")
    claims = [p["text"] for p in posts if p["source"].get("role") == "claims"]
    assert claims
    for text in claims:
        words = text.split()
        for start in range(len(words) - 4):
            assert " ".join(words[start : start + 5]) not in written


def test_a_bad_line_is_named_and_the_next_one_is_read(tmp_path: Path) -> None:
    lines = CORPUS.read_bytes().splitlines()[:3]
    broken = tmp_path / "broken.jsonl"
    broken.write_bytes(b"\n".join([lines[0], b'{"source": 1}', lines[1], b"\xff", b"", lines[2]]))
    done = replay(broken, tmp_path / "out")
    assert done.returncode == 0
    assert "broken.jsonl:2: not a Post" in done.stderr
    assert "broken.jsonl:4: not a Post" in done.stderr
    assert json.loads(done.stdout)["unreadable"] == 2
    assert len(rows(tmp_path / "out", "sightings.jsonl")) == 3
