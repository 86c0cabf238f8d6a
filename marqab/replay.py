"""`marqab replay`: a file of posts through all stages, in event time, and what came of them as three files."""

import os
from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import BinaryIO, Generic, TypeVar

import click

from agents.announce import announce
from agents.classify import Classifier, plugins
from agents.correlate import Rules
from agents.replay import Announce, Replay, interleaved
from marqab.settings import Settings
from schemas.codec import decode, encode
from schemas.errors import Misconfigured, Undecodable
from schemas.records import Feedback, Post, Record

R = TypeVar("R", bound=Record)


def rules_of(settings: Settings) -> Rules:
    """The correlator's thresholds with what the settings say."""
    return Rules(max_age=timedelta(hours=settings.max_age_hours), settle=timedelta(seconds=settings.settle_seconds))


def announcer_of(settings: Settings) -> Announce:
    """The announcer with what the settings say."""
    return partial(
        announce,
        settle=timedelta(seconds=settings.settle_seconds),
        max_age=timedelta(hours=settings.max_age_hours),
    )


def replay_file(
    name: str, lines: Iterable[bytes], output: Path, settings: Settings, feedback: Path | None = None
) -> dict[str, int]:
    """Run every post and write `sightings.jsonl`, `incidents.jsonl` and `alerts.jsonl`; gives the counts.

    A line that is no post, or no feedback, is named on standard error and counted, and the next one is read. What
    people said is applied at its time (`agents.replay.interleaved`). The files replace earlier ones only when all is
    done.

    Raises:
        Misconfigured: the folder cannot be written.
    """
    classifier = Classifier.default(settings.gazetteer, plugins.named(settings.classifiers))
    run = Replay(classifier, rules_of(settings), announcer_of(settings))
    told = []
    alerts: list[bytes] = []
    posts = Lines(name, lines, Post)
    said = Lines(feedback.name, feedback.read_bytes().splitlines(), Feedback) if feedback else None
    for step in interleaved(posts, list(said) if said else []):
        if isinstance(step, Post):
            outcome, place = run.step(step), posts.at
            told.append(outcome.line)
        else:
            outcome, place = run.correct(step), f"feedback {step.feedback_id}"
        if outcome.rejected:
            click.echo(f"{place}: rejected: {outcome.rejected}", err=True)
        alerts += [encode(alert) for alert in outcome.alerts]
    alerts += [encode(alert) for alert in run.finish()]
    for line in told:  # what was two incidents at first may be one by now
        line["incident_id"] = run.home(line["post_id"]) or line["incident_id"]
    incidents = run.incidents()
    try:
        output.mkdir(parents=True, exist_ok=True)
        _write(output / "sightings.jsonl", map(encode, told))
        _write(output / "incidents.jsonl", map(encode, incidents))
        _write(output / "alerts.jsonl", alerts)
    except OSError as error:
        raise Misconfigured(f"{output} cannot be written ({error.strerror}); choose another --output") from None
    return {
        "posts": len(told),
        "unreadable": posts.unreadable + (said.unreadable if said else 0) + run.rejected,
        "relevant": sum(line["relevant"] for line in told),
        "copies": sum(line["duplicate_of"] is not None for line in told),
        "incidents": len(incidents),
        "alerts": len(alerts),
    }


class Lines(Generic[R]):
    """The records of a file of JSON lines; a line that is none is named on standard error, counted and passed over."""

    def __init__(self, name: str, lines: Iterable[bytes], record: type[R]) -> None:
        """Read nothing yet.

        Args:
            name: of the file, for messages.
            lines: its lines.
            record: what each of them should be.
        """
        self._name, self._lines, self._record = name, lines, record
        self.at = name
        """File and line of the latest record."""
        self.unreadable = 0

    def __iter__(self) -> Iterator[R]:
        """The records, one after the other."""
        for number, raw in enumerate(self._lines, start=1):
            if not raw.strip():
                continue
            self.at = f"{self._name}:{number}"
            try:
                record = decode(raw, self._record)
            except Undecodable as error:
                self.unreadable += 1
                click.echo(f"{self.at}: {error}", err=True)
                continue
            yield record


def _write(path: Path, lines: Iterable[bytes]) -> None:
    partial_path = path.with_name(path.name + ".part")
    out: BinaryIO
    with partial_path.open("wb") as out:
        out.writelines(line + b"\n" for line in lines)
    os.replace(partial_path, path)
