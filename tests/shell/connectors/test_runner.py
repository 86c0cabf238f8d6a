import asyncio

import pytest

from connectors import registry, runner
from connectors.base import Batch
from connectors.health import SourceState
from connectors.settings import ConnectorSettings
from connectors.sources import SourceSettings
from schemas.errors import Misconfigured, SourceDown
from schemas.kinds import SourceKind


class MemorySink:
    def __init__(self, positions=None):
        self.stored = dict(positions or {})
        self.posts = []

    async def positions(self):
        return dict(self.stored)

    async def deliver(self, batch):
        self.posts.extend(batch.posts)
        if batch.position is not None:
            self.stored[batch.source_id] = batch.position


class Scripted:
    """A connector that does what the test says, once per start."""

    def __init__(self, script, setups):
        self.script, self.setups = script, setups

    def __call__(self, setup):
        self.setups.append(setup)
        step = self.script.pop(0) if self.script else None

        class Running:
            async def run(self):
                for source in setup.sources:
                    count = setup.positions.get(source.id, {"n": 0})["n"] + 1
                    await setup.sink.deliver(Batch(source_id=source.id, position={"n": count}))
                if isinstance(step, BaseException):
                    raise step
                if step is None and not setup.once:
                    await asyncio.Event().wait()

        return Running()


def feed(name):
    return SourceSettings(id=name, kind=SourceKind.FEED, url=f"https://{name}.example/f")


def channel(name):
    return SourceSettings(id=name, kind=SourceKind.TELEGRAM, channel=name)


@pytest.fixture
def scripted(monkeypatch):
    made = {}

    def script(kind, *steps):
        made[kind] = Scripted(list(steps), [])
        return made[kind].setups

    monkeypatch.setattr(runner, "factory", lambda kind: made[kind])
    monkeypatch.setattr(runner, "PAUSE_SECONDS", (0,))
    return script


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - the conditions are many and none is an event
            await asyncio.sleep(0.001)


async def test_once_reads_every_source_and_ends(scripted):
    scripted(SourceKind.FEED)
    scripted(SourceKind.TELEGRAM)
    sink = MemorySink({"a": {"n": 4}})
    await runner.run([feed("a"), channel("b")], sink, ConnectorSettings(), once=True)
    assert sink.stored == {"a": {"n": 5}, "b": {"n": 1}}


async def test_a_failing_connector_starts_again_from_the_newest_cursor_and_the_other_goes_on(scripted):
    setups = scripted(SourceKind.FEED, ValueError("defect"), SourceDown("no network"))
    others = scripted(SourceKind.TELEGRAM)
    sink = MemorySink()
    running = asyncio.ensure_future(runner.run([feed("a"), channel("b")], sink, ConnectorSettings()))
    await until(lambda: sink.stored.get("a") == {"n": 3})
    assert len(setups) == 3
    assert len(others) == 1
    assert setups[0].health.snapshot()["a"].state is SourceState.DOWN
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_misconfigured_connector_ends_the_run(scripted):
    scripted(SourceKind.FEED, Misconfigured("no session"))
    scripted(SourceKind.TELEGRAM)
    with pytest.raises(Misconfigured, match="no session"):
        await runner.run([feed("a"), channel("b")], MemorySink(), ConnectorSettings())


async def test_reload_restarts_only_what_changed(scripted):
    feeds = scripted(SourceKind.FEED)
    channels = scripted(SourceKind.TELEGRAM)
    asked = asyncio.Event()
    files = [[feed("a"), feed("c"), channel("b")], Misconfigured("line 3"), [channel("b")]]

    def reload():
        step = files.pop(0)
        if isinstance(step, Exception):
            raise step
        return step

    running = asyncio.ensure_future(
        runner.run([feed("a"), channel("b")], MemorySink(), ConnectorSettings(), reload=reload, reload_requested=asked)
    )
    await until(lambda: feeds and channels)
    asked.set()
    await until(lambda: len(feeds) == 2)
    assert [s.id for s in feeds[1].sources] == ["a", "c"]
    asked.set()
    await until(lambda: len(files) == 1)
    asked.set()
    await until(lambda: not files)
    assert (len(feeds), len(channels)) == (2, 1)
    assert not running.done()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_connector_that_is_stopped_finishes_what_it_delivers(monkeypatch):
    class Slow(MemorySink):
        def __init__(self):
            super().__init__()
            self.between, self.go_on = asyncio.Event(), asyncio.Event()

        async def deliver(self, batch):
            self.between.set()  # the posts are acknowledged, the cursor is not yet stored
            await self.go_on.wait()
            await super().deliver(batch)

    sink = Slow()
    tracked = runner.Tracked(sink, {})
    delivering = asyncio.ensure_future(tracked.deliver(Batch(source_id="a", position={"n": 1})))
    await sink.between.wait()
    for _ in range(3):  # whoever stops it may say so twice
        delivering.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert not delivering.done()
    sink.go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await delivering
    assert sink.stored == tracked.known == {"a": {"n": 1}}

    monkeypatch.setattr(runner, "GRACE_SECONDS", 0.01)
    away = Slow()  # Kafka is away: nobody waits for it
    delivering = asyncio.ensure_future(runner.Tracked(away, {}).deliver(Batch(source_id="a", position={"n": 1})))
    await away.between.wait()
    delivering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await delivering
    assert away.stored == {}


async def test_shards_divide_the_sources(scripted):
    setups = scripted(SourceKind.FEED)
    sources = [feed(f"s{n}") for n in range(40)]
    for index in (1, 2, 3):
        await runner.run(sources, MemorySink(), ConnectorSettings(), once=True, shard=(index, 3))
    read = [s.id for setup in setups for s in setup.sources]
    assert sorted(read) == sorted(s.id for s in sources)


async def test_no_source_is_a_mistake():
    with pytest.raises(Misconfigured, match="No source is enabled"):
        await runner.run([], MemorySink(), ConnectorSettings())


def test_an_unknown_kind_is_told():
    with pytest.raises(Misconfigured, match="web"):
        registry.factory(SourceKind.WEB)


async def test_a_service_with_nothing_to_read_waits_for_a_reload(scripted):
    setups = scripted(SourceKind.FEED)
    asked = asyncio.Event()
    sources = [feed(f"s{n}") for n in range(3)]
    empty = next(i for i in range(1, 50) if not runner.by_kind(sources, (i, 50)))
    running = asyncio.ensure_future(
        runner.run(
            sources, MemorySink(), ConnectorSettings(), shard=(empty, 50), reload=lambda: more, reload_requested=asked
        )
    )
    more = [feed(f"s{n}") for n in range(400)]
    asked.set()
    await until(lambda: setups)
    assert not running.done()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
