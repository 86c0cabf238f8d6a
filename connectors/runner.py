"""Runs the connectors of all configured kinds side by side.

One connector that fails is started again after a growing pause, from the cursors as they are by then, and never stops
the others. Ending is by cancellation: whatever was not acknowledged is read again next time.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Final

from connectors.base import Batch, Kept, Position, Progress, Setup, Sink
from connectors.files import FileSink
from connectors.health import HealthBoard
from connectors.registry import backfill as find_backfill
from connectors.registry import factory
from connectors.settings import ConnectorSettings
from connectors.sources import SourceSettings, in_shard, load_sources
from connectors.throttle import Throttle, Throttled
from schemas.errors import Misconfigured, SourceDown
from schemas.kinds import SourceKind
from schemas.metrics import Meter, NoMeter

log = logging.getLogger(__name__)

PAUSE_SECONDS: Final = (1, 2, 5, 15, 60, 300)
"""Before a failed connector is started again; the last one repeats."""
GRACE_SECONDS: Final = 5.0
"""For what is being delivered when a connector is stopped."""
STEADY_SECONDS: Final = 600
"""A connector that ran this long before it failed starts again with the first pause."""

Reload = Callable[[], Sequence[SourceSettings]]


class Tracked:
    """A sink that remembers the newest position of every source, so that a restarted connector goes on from there."""

    def __init__(self, sink: Sink, positions: dict[str, Position]) -> None:
        self._sink = sink
        self.known = positions

    async def positions(self) -> dict[str, Position]:
        """The positions as they are now."""
        return dict(self.known)

    async def deliver(self, batch: Batch) -> None:
        """Pass on, then remember.

        A connector that is stopped between a post and its cursor would publish the post once more when it starts again:
        so what is under way has `GRACE_SECONDS` to be finished.
        """
        passing_on = asyncio.ensure_future(self._pass_on(batch))
        try:
            await asyncio.shield(passing_on)
        except asyncio.CancelledError:
            loop = asyncio.get_running_loop()
            until = loop.time() + GRACE_SECONDS
            while not passing_on.done() and loop.time() < until:
                with contextlib.suppress(asyncio.CancelledError):  # whoever stops a connector may say so twice
                    await asyncio.wait([passing_on], timeout=until - loop.time())
            passing_on.cancel()
            await asyncio.gather(passing_on, return_exceptions=True)
            raise

    async def _pass_on(self, batch: Batch) -> None:
        await self._sink.deliver(batch)
        if batch.position is not None:
            self.known[batch.source_id] = batch.position


async def run(
    sources: Sequence[SourceSettings],
    sink: Sink,
    settings: ConnectorSettings,
    *,
    once: bool = False,
    meter: Meter | None = None,
    health: HealthBoard | None = None,
    shard: tuple[int, int] | None = None,
    reload: Reload | None = None,
    reload_requested: asyncio.Event | None = None,
) -> HealthBoard:
    """Read all sources until cancelled, or each of them once.

    Args:
        sources: as `load_sources` gives them; disabled ones are left out.
        sink: an entered `KafkaSink`, a `FileSink`, or anything alike.
        settings: see `ConnectorSettings`.
        once: read every source once, then return.
        meter: takes measurements.
        health: hears how each source is; made here when None.
        shard: read only share i of n of the sources.
        reload: reads the sources file again.
        reload_requested: set (by a SIGHUP handler) to call `reload`; connectors whose sources changed start anew.

    Returns:
        The health of every source at the end.

    Raises:
        Misconfigured: at the start, or by a connector that cannot work as configured.
    """
    meter = meter or NoMeter()
    board = health or HealthBoard(meter)
    tracked, kept = Tracked(sink, await sink.positions()), Kept()

    throttle = Throttle(settings.source_posts_per_minute)
    # Read once, every source has its say and no second one.
    paced = tracked if once else Throttled(tracked, throttle, meter)

    def started(kind: SourceKind, chosen: tuple[SourceSettings, ...]) -> Awaitable[None]:
        for source in chosen:
            meter.gauge("marqab_source_info", 1, source=source.id, kind=str(source.kind))
        throttle.learn({source.id: source.posts_per_minute for source in chosen})
        setup = Setup(
            sources=chosen,
            settings=settings,
            positions=tracked.known,
            sink=paced,
            owed=throttle.owed,
            health=board,
            meter=meter,
            once=once,
            kept=kept,
            hold=getattr(sink, "hold", None),
        )
        return keep_running(kind, setup)

    wanted = by_kind(sources, shard)
    board.expect([source.id for chosen in wanted.values() for source in chosen])
    crew = Crew(started)
    try:
        await crew.employ(wanted)
        # Without --once the service goes on even with nothing to read: a reload may bring something.
        while crew.tasks or not once:
            await _something_happens(crew, reload_requested)
            crew.collect()
            if reload and reload_requested and reload_requested.is_set():
                reload_requested.clear()
                await _reload(crew, reload, board, shard)
    finally:
        await crew.dismiss()
    return board


async def collect(
    sources_file: Path,
    cursors: Path,
    output: Path,
    settings: ConnectorSettings,
    *,
    once: bool = False,
    meter: Meter | None = None,
    health: HealthBoard | None = None,
    shard: tuple[int, int] | None = None,
) -> tuple[int, HealthBoard]:
    """The connectors without a broker: posts go to `output` as JSON lines, cursors to the folder `cursors`.

    Returns:
        How many posts were written, and how each source was.

    Raises:
        Misconfigured: the sources file is wrong or a path cannot be written.
    """
    sink = FileSink(output, cursors, meter)
    board = await run(load_sources(sources_file), sink, settings, once=once, meter=meter, health=health, shard=shard)
    return sink.posts_written, board


async def backfill(
    source: SourceSettings,
    since: datetime | None,
    sink: Sink,
    settings: ConnectorSettings,
    *,
    progress: Progress,
    export: Path | None = None,
    meter: Meter | None = None,
) -> int:
    """Publish a source's posts from now back to `since`, marked as backfill, so that they alert nobody.

    Args:
        source: one of the sources file.
        since: aware; older posts are not wanted. None for all, which only an export can give.
        sink: an entered `KafkaSink`, or a `FileSink`.
        settings: see `ConnectorSettings`.
        progress: told after every page how many posts were published and how far back they reach.
        export: `result.json` of Telegram Desktop to read instead of asking anybody.
        meter: takes measurements.

    Returns:
        How many posts were published.

    Raises:
        Misconfigured: the past of this kind of source cannot be read, or the export is not of this source.
        SourceDown: the source does not answer; started again, it goes on where it was.
    """
    tracked = Tracked(sink, await sink.positions())
    setup = Setup(
        sources=(source,),
        settings=settings,
        positions=tracked.known,
        sink=tracked,
        health=HealthBoard(meter),
        meter=meter or NoMeter(),
        once=True,
        hold=getattr(sink, "hold", None),
    )
    if export is not None:
        if source.kind not in {SourceKind.TELEGRAM, SourceKind.TELEGRAM_WEB}:
            raise Misconfigured(f"An export is of a Telegram channel, and source “{source.id}” is none.")
        from connectors.telegram.backfill import ALWAYS, backfill_export  # noqa: PLC0415 - only where one is read

        return await backfill_export(source, export, setup, progress, since or ALWAYS)
    if since is None:
        raise Misconfigured("How far back? Give --since DATE.")
    return await find_backfill(source.kind)(source, since, setup, progress)


def by_kind(
    sources: Sequence[SourceSettings], shard: tuple[int, int] | None = None
) -> dict[SourceKind, tuple[SourceSettings, ...]]:
    """The enabled sources of this shard, grouped by the connector that reads them.

    Raises:
        Misconfigured: no source is left to read.
    """
    chosen = sorted((s for s in sources if s.enabled and in_shard(s, shard)), key=lambda s: s.kind)
    if not chosen and shard is None:
        raise Misconfigured("No source is enabled. Add a [[source]] to the sources file.")
    return {kind: tuple(group) for kind, group in groupby(chosen, key=lambda s: s.kind)}


class Crew:
    """The running connectors, one task a kind."""

    def __init__(self, start: Callable[[SourceKind, tuple[SourceSettings, ...]], Awaitable[None]]) -> None:
        self._start = start
        self._reads: dict[SourceKind, tuple[SourceSettings, ...]] = {}
        self.tasks: dict[SourceKind, asyncio.Future[None]] = {}

    async def employ(self, wanted: dict[SourceKind, tuple[SourceSettings, ...]]) -> None:
        """Have exactly these run: unchanged ones go on, changed ones start anew, the rest end."""
        for kind in list(self.tasks):
            if self._reads.get(kind) != wanted.get(kind):
                await _ended(self.tasks.pop(kind))
        for kind, chosen in wanted.items():
            if kind not in self.tasks:
                self.tasks[kind] = asyncio.ensure_future(self._start(kind, chosen))
        self._reads = wanted

    def collect(self) -> None:
        """Forget the finished ones; raises what one of them could not handle."""
        for kind, task in list(self.tasks.items()):
            if task.done():
                del self.tasks[kind]
                task.result()

    async def dismiss(self) -> None:
        """End all and wait until they have."""
        for task in self.tasks.values():
            task.cancel()
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)
        self.tasks.clear()


async def _something_happens(crew: Crew, reload_requested: asyncio.Event | None) -> None:
    """Wait until a connector ends or somebody asks for a reload."""
    asked = asyncio.ensure_future(_asked(reload_requested))
    try:
        await asyncio.wait([asked, *crew.tasks.values()], return_when=asyncio.FIRST_COMPLETED)
    finally:
        await _ended(asked)


async def _asked(event: asyncio.Event | None) -> None:
    await (event or asyncio.Event()).wait()


async def _ended(task: "asyncio.Future[None]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _reload(crew: Crew, reload: Reload, board: HealthBoard, shard: tuple[int, int] | None) -> None:
    """A sources file that is wrong changes nothing: the service goes on with the one that it has."""
    try:
        wanted = by_kind(reload(), shard)
    except Misconfigured as error:
        log.error("the sources are not read again: %s", error)
        return
    board.expect([source.id for chosen in wanted.values() for source in chosen])
    await crew.employ(wanted)
    log.info("reading %d sources", sum(len(chosen) for chosen in wanted.values()))


async def keep_running(kind: SourceKind, setup: Setup) -> None:
    """Run the connector of one kind; when it fails, start a new one after a pause.

    Raises:
        Misconfigured: it cannot work as configured.
    """
    make = factory(kind)
    failures = 0
    while True:
        began = asyncio.get_running_loop().time()
        try:
            await make(setup).run()
            return
        except Misconfigured:
            raise
        except SourceDown as error:
            reason = str(error)
        except Exception as error:
            reason = f"the {kind} connector failed: {error!r}"
            log.exception("the %s connector failed and is started again", kind)
        for source in setup.sources:
            setup.health.down(source.id, setup.now(), reason)
        if setup.once:
            return
        if asyncio.get_running_loop().time() - began > STEADY_SECONDS:
            failures = 0
        pause = PAUSE_SECONDS[min(failures, len(PAUSE_SECONDS) - 1)]
        failures += 1
        log.warning("sources of kind %s are not read: %s; again in %d s", kind, reason, pause)
        await asyncio.sleep(pause)
