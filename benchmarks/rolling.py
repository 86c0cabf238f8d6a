"""A rolling restart with a new version: `python -m benchmarks.rolling --old COMMIT [--posts 3000]`.

Two workers of the old commit (taken out of this repository's history, beside its packages as they are here) work on one
partition of real Kafka while posts come in; one after the other is asked to stop and started as the present version,
which reads the tables that the old one wrote. Every post must be accounted for, no alert may have two contents, and
each incident's alerts must be those of an undisturbed run of one of the two versions; where they decide alike, of both.
Incidents that were open while the version changed may have something of each, and are counted. Prints JSON.
"""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks import soak_accounts, soak_story
from deploy.kafka.cluster import cluster
from schemas.codec import decode, encode
from schemas.records import Alert, Post
from schemas.topics import ALERTS, POSTS, REJECTS
from tests.contracts.conftest import Broker
from tests.contracts.harness import publish, worked_off
from tests.paths import ROOT

STEP_POSTS = 20

# Runs in the folder of either version, so it uses only what both have.
REPLAY = """
import hashlib, sys
from agents.replay import Replay
from schemas.codec import decode, encode
from schemas.records import Post
replay = Replay()
for line in open(sys.argv[1], "rb"):
    for alert in replay.step(decode(line, Post)).alerts:
        print(alert.incident.incident_id, alert.alert_id, hashlib.sha256(encode(alert)).hexdigest())
"""

Told = dict[str, dict[str, set[str]]]
"""Digests by alert_id, by incident."""


def take_out(commit: str, folder: Path) -> None:
    """The files of a commit, without its history."""
    folder.mkdir()
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True)
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)


def _environ(version: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(version)}


def _grouped(rows: Iterable[tuple[str, str, str]]) -> Told:
    told: Told = {}
    for incident, alert, digest in rows:
        told.setdefault(incident, {}).setdefault(alert, set()).add(digest)
    return told


async def _undisturbed(version: Path, posts: Path) -> Told:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", REPLAY, str(posts), cwd=version, env=_environ(version), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"{version} cannot replay the posts")
    rows = (line.split() for line in out.decode().splitlines())
    return _grouped((incident, alert, digest) for incident, alert, digest in rows)


class Place:
    """Where one worker runs, again and again, in the version that is current there."""

    def __init__(self, broker: Broker, folder: Path, version: Path) -> None:
        self._broker, self._folder, self.version = broker, folder, version
        self.process: asyncio.subprocess.Process | None = None
        self.ends: list[tuple[str, int]] = []

    async def keep(self) -> None:
        """Until cancelled."""
        told = {"more": {"session_seconds": 20.0}, "kind": "kafka", "bootstrap": self._broker.bootstrap}
        told |= {"prefix": self._broker.prefix, "app_id": self._broker.app_id, "folder": str(self._folder)}
        while True:
            version = self.version
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.contracts.harness", json.dumps(told | {"partitions": 1})),
                cwd=version,
                env=_environ(version),
                start_new_session=True,
            )
            try:
                self.ends.append((version.name, await self.process.wait()))
            finally:
                with contextlib.suppress(ProcessLookupError):
                    self.process.kill()
            await asyncio.sleep(0.2)

    async def change(self, version: Path) -> float:
        """Ask it to stop; seconds until it has ended. It comes back in this version."""
        assert self.process is not None
        self.version, began = version, time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        await self.process.wait()
        return round(time.monotonic() - began, 1)


async def _through(broker: Broker, posts: list[Post], seconds: float) -> None:
    """Publish evenly, and return when some of it is done."""
    for at in range(0, len(posts), STEP_POSTS):
        await publish(broker, posts[at : at + STEP_POSTS])
        await asyncio.sleep(seconds * STEP_POSTS / len(posts))


async def _measure(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    old, file = folder / "old", folder / "posts.jsonl"
    take_out(options.old, old)
    posts = list(soak_story.told(options.posts, 0.5))
    file.write_bytes(b"".join(encode(post) + b"\n" for post in posts))
    replays = [await _undisturbed(version, file) for version in (old, ROOT)]
    async with cluster(folder / "kafka") as kafka:
        broker = Broker("kafka", kafka.bootstrap, "rolling.", "rolling")
        await broker.create_topics(1)
        places = [Place(broker, folder / name, old) for name in ("one", "two")]
        keeping = [asyncio.ensure_future(place.keep()) for place in places]
        stops, changed, third = [], [], len(posts) // 3
        try:
            for part, place in enumerate([*places, None]):
                await _through(broker, posts[part * third : (part + 1) * third or None], options.seconds / 3)
                if place is not None:
                    changed.append(await soak_accounts.done(broker, POSTS))
                    stops.append(await place.change(ROOT))
            await publish(broker, posts[3 * third :])
            await worked_off(broker, seconds=900)
        finally:
            for task in keeping:
                task.cancel()
            await asyncio.gather(*keeping, return_exceptions=True)
        alerts = [decode(value, Alert) async for value in soak_accounts.values(broker, ALERTS)]
        kept = {decode(value, Post).post_id async for value in soak_accounts.values(broker, POSTS)}
        rejected = await soak_accounts.end(broker, REJECTS)
    found = _grouped((a.incident.incident_id, a.alert_id, soak_story.digest(a)) for a in alerts)
    return {
        "posts": len(posts),
        "posts_lost": len({post.post_id for post in posts} - kept),
        "rejected": rejected,
        "seconds_to_stop": stops,
        "posts_done_at_the_changes": changed,
        "ends": [place.ends for place in places],
        **_compared(found, *replays),
    }


def _compared(found: Told, old: Told, new: Told) -> dict[str, Any]:
    alike = {incident for incident in old.keys() | new.keys() if old.get(incident) == new.get(incident)}
    as_old = {incident for incident in found if found[incident] == old.get(incident)}
    as_new = {incident for incident in found if found[incident] == new.get(incident)}
    return {
        "incidents": len(found),
        "incidents_on_which_the_versions_differ": len((old.keys() | new.keys()) - alike),
        "incidents_as_in_the_old_version_only": len(as_old - as_new),
        "incidents_as_in_the_new_version_only": len(as_new - as_old),
        "incidents_with_something_of_each": len(found.keys() - as_old - as_new),
        "incidents_lost": len((old.keys() & new.keys()) - found.keys()),
        "alerts": sum(map(len, found.values())),
        "alert_ids_with_two_contents": sum(len(digests) > 1 for told in found.values() for digests in told.values()),
        "wrong_where_the_versions_agree": sum(found.get(incident) != old[incident] for incident in alike),
    }


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--old", required=True, help="a commit of this repository")
    parser.add_argument("--posts", type=int, default=3000)
    parser.add_argument("--seconds", type=float, default=60, help="over which they are published")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        told = asyncio.run(_measure(options, Path(name)))
    print(json.dumps({"old": options.old, **told}, indent=1))
    kinds = (
        "posts_lost",
        "rejected",
        "incidents_lost",
        "alert_ids_with_two_contents",
        "wrong_where_the_versions_agree",
    )
    return int(any(told[kind] for kind in kinds))


if __name__ == "__main__":
    sys.exit(main())
