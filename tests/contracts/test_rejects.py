"""`marqab rejects` on both brokers: what was set aside is listed with its reason, shown, and sent again mended."""

import asyncio
import json
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from click.testing import CliRunner, Result

from marqab.__main__ import main
from schemas.codec import decode
from schemas.errors import Undecodable
from schemas.headers import rejection
from schemas.records import Post
from schemas.topics import POSTS, REJECTS
from tests.contracts.conftest import Broker
from tests.contracts.harness import everything

HEAD = b'{"source": {"id": "a", "kind": "feed"}, "native_id": "1", "text": "x", "published_at": '
BROKEN = HEAD + b'"yesterday", "n": "\x00"}'
MENDED = HEAD + b'"2026-03-10T06:00:00Z"}'

pytestmark = pytest.mark.broker


async def set_aside(broker: Broker) -> None:
    await broker.create_topics(partitions=2)
    try:
        decode(BROKEN, Post)
    except Undecodable as error:
        told = rejection(
            topic=POSTS.named(broker.prefix), partition=1, offset=7, stage="normalizer", error=error, stacktrace=""
        )
    producer = AIOKafkaProducer(**broker.connection)
    await producer.start()
    headers = [("origin", b"test"), *told]
    await producer.send_and_wait(REJECTS.named(broker.prefix), BROKEN, key=b"a", headers=headers, partition=1)
    await producer.stop()


def test_what_was_set_aside_is_listed_shown_and_sent_again(
    broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(set_aside(broker))
    monkeypatch.setenv("MARQAB_KAFKA_BOOTSTRAP_SERVERS", broker.bootstrap)
    monkeypatch.setenv("MARQAB_TOPIC_PREFIX", broker.prefix)
    monkeypatch.setenv("MARQAB_EMBEDDED_BROKER", "1" if broker.kind == "embedded" else "0")

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["rejects", *arguments])

    listed = run("list")
    assert listed.exit_code == 0, listed.output
    assert listed.output.startswith("1/0 ")
    assert "normalizer" in listed.output
    assert "published_at" in listed.output
    assert json.loads(run("list", "--json").output)["offset"] == "7"
    assert run("list", "--stage", "announcer").output.strip() == "nothing was set aside"

    shown = run("show", "1/0")
    assert shown.stdout_bytes == BROKEN

    mended = tmp_path / "post.json"
    mended.write_bytes(MENDED)
    again = run("replay", "1/0", "--value", str(mended))
    assert again.exit_code == 0, again.output
    (message,) = asyncio.run(everything(broker, POSTS))
    assert (message.key, message.value, message.headers) == (b"a", MENDED, (("origin", b"test"),))

    assert run("show", "0/99").exit_code == 2
    assert run("replay", "0/99").exit_code == 2

    assert "sent 0 again" in run("replay", "--stage", "announcer").output
    of_a_kind = run("replay", "--stage", "normalizer", "--reason", "published_at", "--since", "1h")
    assert "sent 1 again" in of_a_kind.output
    assert [message.value for message in asyncio.run(everything(broker, POSTS))] == [MENDED, BROKEN]
    for unclear in ((), ("1/0", "--all"), ("--all", "--value", str(mended))):
        assert run("replay", *unclear).exit_code == 2
