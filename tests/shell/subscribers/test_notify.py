"""Telling subscribers, with a real web server at the other end and a clock that the test owns."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from click.testing import CliRunner

from marqab.__main__ import main
from schemas.errors import Misconfigured
from subscribers.dead_letters import DeadLetters
from subscribers.heard import ListStream
from subscribers.notify import Notifier, World, deliverer
from subscribers.settings import Chat, Quiet, Subscriber, Webhook
from tests.shell.subscribers.receiver import ENVIRON, receiver
from tests.unit.subscribers.builders import alert, heard

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.time = START
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += timedelta(seconds=seconds)

    def world(self) -> World:
        return World(now=lambda: self.time, chance=lambda: 1.0, sleep=self.sleep)


@asynccontextmanager
async def notifier(tmp_path: Path, url: str, alerts: list, clock: Clock, **rules: Any) -> AsyncIterator[Notifier]:
    subscriber = Subscriber(id="desk", to=Webhook(url=url, secret_from="SECRET"), **rules)
    stream = ListStream([heard(told, offset) for offset, told in enumerate(alerts)])
    async with aiohttp.ClientSession() as http:
        deliver = deliverer(subscriber, ENVIRON, http, clock.world())
        yield Notifier(subscriber, stream, deliver, DeadLetters(tmp_path), clock.world())


async def test_a_wanted_alert_arrives_signed_and_only_then_is_its_position_remembered(tmp_path: Path) -> None:
    clock = Clock()
    async with receiver() as there:
        told = [alert("i-1"), alert("i-2", country="IQ")]
        async with notifier(tmp_path, there.url, told, clock, countries=["SY"]) as one:
            await one.step()
            assert one.stream.remembered == {0: 1}
            await one.step()
            assert one.stream.remembered == {0: 2}, "what is not wanted is behind us too"
        assert [event["subject"] for _, event in there.got] == ["i-1"]


async def test_a_receiver_that_is_down_is_asked_again_later_under_the_same_id(tmp_path: Path) -> None:
    clock = Clock()
    async with receiver(500, (429, {"Retry-After": "600"}), 503) as there:
        async with notifier(tmp_path, there.url, [alert()], clock) as one:
            await one.step()
        assert len(there.got) == 4
        assert len({headers["webhook-id"] for headers, _ in there.got}) == 1
        assert len({headers["webhook-timestamp"] for headers, _ in there.got}) == 4, "signed anew each time"
        assert clock.slept == [5.0, 600.0, 20.0]
    assert not list(tmp_path.iterdir())


async def test_what_nobody_takes_becomes_a_dead_letter_and_the_next_has_its_turn(tmp_path: Path) -> None:
    clock = Clock()
    async with receiver(422) as there:
        async with notifier(tmp_path, there.url, [alert("i-1"), alert("i-2")], clock) as one:
            await one.step()
            await one.step()
            assert one.stream.remembered == {0: 2}
        assert [event["subject"] for _, event in there.got] == ["i-1", "i-2"]
    (line,) = (tmp_path / "desk.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line)["reason"] == "the receiver will not take this message (HTTP 422)"
    assert json.loads(line)["alerts"][0]["incident_id"] == "i-1"


async def test_patience_ends_after_the_configured_hours(tmp_path: Path) -> None:
    clock = Clock()
    async with notifier(tmp_path, "http://127.0.0.1:9/in", [alert()], clock, give_up_hours=2) as one:
        await one.step()
    assert timedelta(hours=2) <= clock.time - START <= timedelta(hours=3)
    (line,) = (tmp_path / "desk.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line)["attempts"] == len(clock.slept) + 1


async def test_gone_ends_the_subscription(tmp_path: Path) -> None:
    async with receiver(410) as there:
        async with notifier(tmp_path, there.url, [alert("i-1"), alert("i-2")], Clock()) as one:
            await one.run()
        assert len(there.got) == 1
    assert (tmp_path / "desk.jsonl").exists()


async def test_at_night_alerts_wait_together_and_a_restart_would_read_them_again(tmp_path: Path) -> None:
    clock = Clock()
    quiet = Quiet(start=time(11), end=time(13))
    told = [alert("i-1"), alert("i-2", severity="critical"), alert("i-1", 2), alert("i-3")]
    async with receiver() as there:
        async with notifier(tmp_path, there.url, told, clock, quiet=quiet) as one:
            for _ in told:
                await one.step()
            assert [event["subject"] for _, event in there.got] == ["i-2"], "a critical one does not wait"
            assert one.stream.remembered == {0: 2}, "before the oldest that waits"
            clock.time = START + timedelta(hours=1)
            await one.step()
            assert one.stream.remembered == {0: 4}
        headers, events = there.got[1]
        assert headers["content-type"].startswith("application/cloudevents-batch+json")
        assert [(event["subject"], event["data"]["revision"]) for event in events] == [("i-1", 2), ("i-3", 1)]


async def test_a_newer_alert_that_goes_out_at_once_replaces_the_one_that_waits(tmp_path: Path) -> None:
    clock = Clock()
    told = [alert("i-1"), alert("i-1", 2, severity="critical")]
    async with receiver() as there:
        async with notifier(tmp_path, there.url, told, clock, quiet=Quiet(start=time(11), end=time(13))) as one:
            await one.step()
            await one.step()
            assert one.outbox.due_at() is None
            assert one.stream.remembered == {0: 2}
        assert [event["data"]["revision"] for _, event in there.got] == [2]


async def test_chat_goes_through_apprise_in_the_subscribers_language() -> None:
    async with receiver() as there, aiohttp.ClientSession() as http:
        subscriber = Subscriber(id="team", to=Chat(url_from="CHAT"), language="ar")
        address = there.url.replace("http://", "json://")
        deliver = deliverer(subscriber, {"CHAT": address}, http, World())
        await deliver([alert()])
        ((_, message),) = there.got
        assert message["title"] == "هجوم على سجن، الرقة: قتلى 6"
        assert "إعلان وليس تأكيدا" in message["message"]  # a claim, not a confirmation
        there.answers.append((500, {}))
        assert "did not take" in (await deliver([alert()])).reason


async def test_ways_that_cannot_work_are_told_before_anything_starts() -> None:
    async with aiohttp.ClientSession() as http:
        chat = Subscriber(id="team", to=Chat(url_from="CHAT"))
        with pytest.raises(Misconfigured, match="CHAT"):
            deliverer(chat, {"CHAT": "nonsense"}, http, World())
        hook = Subscriber(id="hook", to=Webhook(url="https://x.example", secret_from="S"))
        with pytest.raises(Misconfigured, match="base64"):
            deliverer(hook, {"S": "whsec_!"}, http, World())


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MARQAB_SECRET_HOOK", ENVIRON["SECRET"])
    path = tmp_path / "subscribers.toml"
    path.write_text(
        '[[subscriber]]\nid = "hook"\n'
        'to = { by = "webhook", url = "http://127.0.0.1:9/in", secret_from = "MARQAB_SECRET_HOOK" }\n'
    )
    return path


def test_the_command_checks_the_file_and_tries_a_way(written: Path) -> None:
    shown = CliRunner().invoke(main, ["notify", "--subscribers", str(written), "--check"])
    assert (shown.exit_code, "1 subscribers" in shown.output) == (0, True)
    shown = CliRunner().invoke(main, ["notify", "--subscribers", str(written), "--try", "nobody"])
    assert shown.exit_code == 2
    assert "there are hook" in shown.output
    shown = CliRunner().invoke(main, ["notify", "--subscribers", str(written), "--try", "hook"])
    assert shown.exit_code == 1
    assert "not delivered: ClientConnectorError" in shown.output


def test_dead_letters_wait_until_they_are_taken(written: Path) -> None:
    letters = DeadLetters(written.parent / "dead-letters")
    letters.keep("hook", [alert()], "HTTP 500", 3, START)
    for _ in range(2):  # the receiver is still down: nothing is lost
        shown = CliRunner().invoke(main, ["notify", "--subscribers", str(written), "--again", "hook"])
        assert shown.exit_code == 1
        assert "0 of 1 dead letters delivered" in shown.output
    letters.keep("hook", [alert("i-2")], "HTTP 500", 3, START)
    assert len(letters.claim("hook")) == 1, "those set apart first"
    letters.put_back("hook", [])
    (second,) = letters.claim("hook")
    assert b"i-2" in bytes(second.alerts[0])
