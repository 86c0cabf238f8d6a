"""Every component over TLS with a login of its own and exactly its rights; with another's it is refused in a sentence.

On a real Kafka with `StandardAuthorizer`, SCRAM-SHA-512 and client certificates (`deploy.kafka.secured`).
"""

import asyncio
import contextlib
import itertools
import json
import os
import signal
import ssl
import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from aiohttp import web
from aiokafka import AIOKafkaProducer
from aiokafka.errors import TopicAuthorizationFailedError

from connectors.holder import held
from deploy.kafka import cluster as kafka
from deploy.kafka.secured import ADMIN, Secured, secured
from marqab.access import _CODES, _door, _RightsRequest, admitted
from marqab.rights import FLOW, ROLES, rights
from schemas.errors import Misconfigured, SourceDown
from schemas.headers import rejection
from schemas.topics import ALERTS, POSTS, REJECTS, TOPICS
from tests.paths import ROOT
from tests.served import served
from tests.shell.subscribers.receiver import ENVIRON, receiver

pytestmark = [pytest.mark.broker, pytest.mark.kafka, pytest.mark.timeout(600)]

WAYS = ("password", "certificate")
SECONDS = 60
_numbers = itertools.count(1)
PLACE = "دير الزور"  # Deir ez-Zor
FIRST = f"قُتل ثلاثة مدنيين وأصيب خمسة آخرون بانفجار عبوة ناسفة في مدينة {PLACE}."  # three killed by a bomb
LATER = f"ارتفاع حصيلة انفجار العبوة الناسفة في مدينة {PLACE} إلى سبعة قتلى من المدنيين."  # the toll rises to seven


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    if reason := kafka.missing():
        pytest.skip(reason)
    with asyncio.Runner() as runner:
        running = secured(tmp_path_factory.mktemp("secured") / "kafka", [*ROLES, "nobody"])
        yield runner.run(running.__aenter__())
        runner.run(running.__aexit__(None, None, None))


class House:
    """One installation on the broker: names of its own, and commands under the logins of its components."""

    def __init__(self, broker: Secured, folder: Path, way: str = "password") -> None:
        own = f"s{next(_numbers)}"
        self.broker, self.folder, self.way = broker, folder, way
        self.prefix, self.app_id = f"{own}.", own
        self.more = {
            "MARQAB_TOPIC_PREFIX": self.prefix,
            "MARQAB_APP_ID": self.app_id,
            "MARQAB_PARTITIONS": "1",
            "MARQAB_WORKER_PORT": "0",
            "MARQAB_CONNECTORS_PORT": "0",
            "MARQAB_NOTIFY_METRICS_PORT": "0",
            "MARQAB_DESK_METRICS_PORT": "0",
            "MARQAB_STATE_DIR": str(folder / "state"),
            "MARQAB_STORE": "memory",
            "MARQAB_SOURCES": str(folder / "sources.toml"),
            "MARQAB_FETCH_ALLOW_PRIVATE": "1",
            "MARQAB_SETTLE_SECONDS": "0",
        }

    def environ(self, user: str, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MARQAB_")}
        return {**kept, **self.more, **self.broker.environ(user, by=self.way), **more}

    async def start(self, user: str, *arguments: str, **more: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "marqab", *arguments),
            env=self.environ(user, **more),
            cwd=ROOT,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )

    async def run(self, user: str, *arguments: str, **more: str) -> tuple[int, str, str]:
        process = await self.start(user, *arguments, **more)
        async with asyncio.timeout(SECONDS):
            out, err = await process.communicate()
        assert not any(password.encode() in out + err for password in self.broker.passwords.values())
        return process.returncode, out.decode(), err.decode()

    @contextlib.asynccontextmanager
    async def running(self, user: str, *arguments: str, **more: str):
        process = await self.start(user, *arguments, **more)
        said = asyncio.ensure_future(process.stderr.read())
        try:
            yield process
            if process.returncode is not None:
                pytest.fail(f"{arguments} ended with {process.returncode}: {(await said).decode()[-2000:]}")
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            try:
                async with asyncio.timeout(20):
                    await process.wait()
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
                sys.stderr.write(f"--- {arguments[0]}: {(await said).decode()[-1500:]}\n")

    async def made(self) -> "House":
        principals = [word for role in ROLES for word in ("--principal", f"{role}=User:{role}")]
        code, _, err = await self.run(ADMIN, "topics", "acls", "--apply", *principals)
        assert code == 0, err
        code, out, err = await self.run("operator", "topics", "create")
        assert (code, out.count("created ")) == (0, len(TOPICS) + 3), err
        return self


@pytest.fixture
async def house(broker, tmp_path) -> House:
    return await House(broker, tmp_path).made()


@contextlib.asynccontextmanager
async def feed():
    """A feed whose entries a test can add."""
    entries: list[tuple[str, str]] = []

    async def answer(_: web.Request) -> web.Response:
        at = format_datetime(datetime.now(UTC) - timedelta(minutes=1))
        told = "".join(
            f'<item><guid isPermaLink="false">{name}</guid><title>{text}</title><pubDate>{at}</pubDate></item>'
            for name, text in entries
        )
        body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>{told}</channel></rss>'
        return web.Response(body=body.encode(), content_type="application/rss+xml")

    async with served(web.get("/rss", answer)) as base:
        yield f"{base}/rss", entries


async def next_alert(process: asyncio.subprocess.Process) -> dict:
    async with asyncio.timeout(SECONDS):
        line = await process.stdout.readline()
    if not line:
        pytest.fail(f"the command ended: {(await process.stderr.read()).decode()[-2000:]}")
    return json.loads(line)


@pytest.mark.parametrize("way", WAYS)
async def test_the_whole_line_works_with_exactly_its_rights(broker, tmp_path, monkeypatch, way):
    """Connectors, cursors, worker with its tables and their recovery, tail, desk, notify, client, rejects."""
    house = await House(broker, tmp_path, way).made()
    async with feed() as (url, entries), receiver() as hooks, contextlib.AsyncExitStack() as stack:
        (tmp_path / "sources.toml").write_text(
            f'[[source]]\nid = "a"\nkind = "feed"\nurl = "{url}"\ncountry = "SY"\n'
            "interval_seconds = 1\nmax_interval_seconds = 1\n"
        )
        (tmp_path / "subscribers.toml").write_text(
            f'[[subscriber]]\nid = "hook"\nto = {{ by = "webhook", url = "{hooks.url}", '
            'secret_from = "MARQAB_SECRET_HOOK" }\n'
        )
        subscribers = ("--subscribers", str(tmp_path / "subscribers.toml"))
        hook = {"MARQAB_SECRET_HOOK": ENVIRON["SECRET"]}
        await stack.enter_async_context(house.running("notify", "notify", *subscribers, **hook))
        entries.append(("1", FIRST))
        async with house.running("worker", "worker"), house.running("connectors", "connectors"):
            tail = await house.start("reader", "tail", "--from-start", "--json")
            first = await next_alert(tail)
        # The next worker has no store of its own: it reads its tables back from their changelogs.
        entries.append(("2", LATER))
        async with house.running("worker", "worker"), house.running("connectors", "connectors"):
            second = await next_alert(tail)
        tail.kill()
        await tail.wait()
        assert first["incident_id"] == second["incident_id"]
        async with asyncio.timeout(SECONDS):
            while len(hooks.got) < 1:  # noqa: ASYNC110 - the receiver has no event
                await asyncio.sleep(0.05)

    monkeypatch.syspath_prepend(str(ROOT / "client"))
    import marqab_client

    reads = marqab_client.subscribe(
        broker.node.address,
        topic=ALERTS.named(house.prefix),
        from_start=True,
        **{name: value for name, value in broker.connection("reader").items() if name != "bootstrap_servers"},
    )
    async with asyncio.timeout(SECONDS):
        assert (await anext(reads)).alert_id == first["alert_id"]
    await reads.aclose()

    await set_aside(house)
    code, out, err = await house.run("operator", "rejects", "list")
    assert (code, "not a Post" in out) == (0, True), err
    code, _, err = await house.run("operator", "rejects", "replay", "0/0")
    assert code == 0, err
    code, out, err = await house.run("operator", "check", "--role", "operator")
    assert "✓ topics: all are there as declared" in out, out + err


async def set_aside(house: House) -> None:
    """The worker sets a message aside; under its own login."""
    producer = AIOKafkaProducer(**house.broker.connection("worker"))
    await producer.start()
    try:
        told = rejection(
            topic=POSTS.named(house.prefix),
            partition=0,
            offset=0,
            stage="normalizer",
            error=ValueError("not a Post"),
            stacktrace="",
        )
        await producer.send_and_wait(REJECTS.named(house.prefix), b"{", key=b"a", headers=list(told))
    finally:
        await producer.stop()


async def test_every_login_may_do_what_its_component_does_and_no_more(house):
    """Kafka itself is asked, for each login and each topic."""
    for role in ROLES:
        conn = await _door(house.broker.connection(role))
        try:
            answer = await conn.send(_RightsRequest(topic.named(house.prefix) for topic in TOPICS))
        finally:
            conn.close()
        for _, name, _, _, allowed in answer.topics:
            granted = {operation for operation, code in _CODES.items() if allowed > 0 and allowed >> code & 1}
            declared = set(FLOW[role].get(name.removeprefix(house.prefix), ()))
            assert granted - {"Describe"} == declared - {"Describe"}, (role, name)


REFUSED = [  # who logs in, what is started, what it says
    ("worker", ["connectors"], "Read and Write on topic {p}cursors; Read on group {p}holder-…"),
    ("connectors", ["worker"], "Read on topic {p}posts"),
    ("reader", ["notify"], "Read on group {a}-notify-…"),
    ("connectors", ["tail"], "Read on topic {p}alerts"),
    ("notify", ["rejects", "list"], "there is no topic {p}rejects, or this user may not see it"),
    ("connectors", ["rejects", "list"], "TopicAuthorizationFailedError"),
    ("nobody", ["topics", "create"], "refused to create topic {p}posts"),
    ("nobody", ["desk", "--port", "0"], "Read on topic {p}alerts"),
]


@pytest.mark.parametrize(("user", "command", "says"), REFUSED, ids=lambda v: "-".join(v) if isinstance(v, list) else v)
async def test_a_component_with_the_login_of_another_is_refused_in_a_sentence(shared_house, user, command, says):
    house = shared_house
    (house.folder / "sources.toml").write_text('[[source]]\nid = "a"\nkind = "feed"\nurl = "http://127.0.0.1:9/"\n')
    if command == ["notify"]:
        file = house.folder / "subscribers.toml"
        file.write_text('[[subscriber]]\nid = "h"\nto = {by = "chat", url_from = "MARQAB_SECRET_H"}\n')
        command = ["notify", "--subscribers", str(file)]
    code, out, err = await house.run(user, *command, MARQAB_SECRET_H="json://127.0.0.1:9/")
    assert (code, out) == (2, ""), err
    assert says.format(p=house.prefix, a=house.app_id) in err
    assert house.broker.node.address in err or "create topic" in err or "there is no topic" in err
    assert "marqab topics acls --role" in err or "ACL" in err or "topics create" in err
    assert "Traceback" not in err


@pytest.fixture(scope="module")
def shared_house(broker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("house")

    async def made() -> House:
        house = await House(broker, folder).made()
        await set_aside(house)
        return house

    return asyncio.run(made())


async def test_a_right_that_is_missing_is_named_by_check(shared_house):
    code, out, _ = await shared_house.run("worker", "check", "--role", "connectors", "--json")
    (says,) = [one["says"] for one in json.loads(out)["checks"] if one["name"] == "broker"]
    assert code == 1
    assert "`marqab topics acls --role connectors` prints the commands" in says
    code, out, _ = await shared_house.run("worker", "check", "--role", "worker")
    assert "✓ rights: this login may do all that worker needs" in out


async def test_doors_that_stay_shut_say_which_setting_opens_them(broker):
    good = broker.connection("worker")
    needed = rights("worker")
    other = kafka.free_port()

    async def says(kind: type[Exception], **changed) -> str:
        with pytest.raises(kind) as caught:
            await admitted({**good, **changed}, needed, "worker")
        assert broker.passwords["worker"] not in str(caught.value)
        return str(caught.value)

    told = await says(Misconfigured, sasl_plain_password="not-the-password")
    assert "refuses user worker (SCRAM-SHA-512)" in told
    assert "MARQAB_KAFKA_SASL_PASSWORD" in told
    assert "not-the-password" not in told
    assert "refuses user stranger" in await says(Misconfigured, sasl_plain_username="stranger")
    assert "MARQAB_KAFKA_SSL_CAFILE" in await says(Misconfigured, ssl_context=ssl.create_default_context())
    wants_certificate = {"bootstrap_servers": broker.node.certificate_address, "security_protocol": "SSL"}
    assert "MARQAB_KAFKA_SSL_CERTFILE" in await says(Misconfigured, **wants_certificate)
    assert "MARQAB_KAFKA_SECURITY_PROTOCOL" in await says(SourceDown, security_protocol="PLAINTEXT", ssl_context=None)
    assert "Start it, or correct" in await says(SourceDown, bootstrap_servers=f"127.0.0.1:{other}")
    assert "no host:port" in await says(Misconfigured, bootstrap_servers="nonsense")


async def test_the_client_says_which_argument_or_right_it_lacks(shared_house, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "client"))
    import marqab_client

    broker, topic = shared_house.broker, ALERTS.named(shared_house.prefix)

    async def says(user: str, **changed) -> str:
        options = {**broker.connection(user), **changed}
        reads = marqab_client.subscribe(options.pop("bootstrap_servers"), topic=topic, **options)
        with pytest.raises(marqab_client.Misconfigured) as caught:
            async with asyncio.timeout(SECONDS):
                await anext(reads)
        assert broker.passwords[user] not in str(caught.value)
        return str(caught.value)

    told = await says("reader", sasl_plain_password="not-the-password")
    assert "refuses user reader (SCRAM-SHA-512)" in told
    assert "sasl_plain_password" in told
    assert "sasl_mechanism" in await says("reader", sasl_mechanism="PLAIN")
    assert "cafile" in await says("reader", ssl_context=ssl.create_default_context())
    certificates = {"bootstrap_servers": broker.node.certificate_address, "security_protocol": "SSL"}
    assert "certificate of yours" in await says("reader", **certificates)
    assert f"lacks Read on topic {topic}" in await says("connectors")
    assert "lacks Read on group not-mine" in await says("reader", group="not-mine")


async def test_what_a_login_may_not_do_kafka_refuses_whatever_we_ask(house):
    """The rights protect even where nobody asks before: a stolen reader's login forges no alert."""
    producer = AIOKafkaProducer(**house.broker.connection("reader"))
    await producer.start()
    try:
        with pytest.raises(TopicAuthorizationFailedError):
            await producer.send_and_wait(ALERTS.named(house.prefix), b"{}")
    finally:
        await producer.stop()


async def test_who_holds_a_telegram_session_is_asked_under_the_connectors_login_only(house):
    async with held("a session", house.broker.connection("connectors"), prefix=house.prefix) as lost:
        assert not lost.is_set()
    with pytest.raises(Misconfigured, match="does not let us ask who holds the Telegram session") as caught:
        async with held("a session", house.broker.connection("notify"), prefix=house.prefix):
            pass
    assert "marqab topics acls --role connectors" in str(caught.value)
