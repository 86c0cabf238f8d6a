"""One or three Kafka nodes (KRaft, each broker and controller at once) as child processes.

The jars come from Maven once, into `.cache/kafka`. A node dies with the process that started it. `kill`, `pause` and
`start` of a single node are there for fault tests.
"""

import asyncio
import contextlib
import functools
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from marqab import admin, tether
from schemas.errors import Misconfigured, SourceDown
from schemas.topics import MAX_MESSAGE_BYTES

HERE: Final = Path(__file__).resolve().parent
CACHE: Final = Path(os.environ.get("MARQAB_KAFKA_HOME") or HERE.parents[1] / ".cache" / "kafka")
CLUSTER_ID: Final = "bWFycWFiLWthZmthLXRlcw"  # 16 bytes in base64, as StorageTool asks for; the same for every run
START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 15.0
# Java starts faster with one compiler tier and one collector thread; these brokers hold little.
JAVA_OPTIONS: Final = ("-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")


def missing() -> str | None:
    """Why Kafka cannot be started here, in a sentence; None where it can."""
    if shutil.which("java") is None:
        return "Apache Kafka needs Java 17 or newer, and there is no `java` on the PATH"
    if shutil.which("mvn") is None and not _complete(_jars()):
        return "Apache Kafka's jars come by Maven, and there is no `mvn` on the PATH"
    return None


def _jars() -> Path:
    return CACHE / "jars"


def _complete(folder: Path) -> bool:
    """The jars are those of the present pom.xml."""
    stamp = folder / "pom.xml"
    return stamp.is_file() and stamp.read_bytes() == (HERE / "pom.xml").read_bytes()


@functools.cache
def jars() -> Path:
    """The folder with the broker's jars; Maven fetches them when it is empty or old.

    Raises:
        Misconfigured: no Java or Maven, or Maven failed; its last words are in the sentence.
    """
    if reason := missing():
        raise Misconfigured(f"{reason}. Install it, or set MARQAB_KAFKA_BOOTSTRAP_SERVERS to a Kafka of your own.")
    folder = _jars()
    if _complete(folder):
        return folder
    fresh = CACHE / f"jars.{os.getpid()}"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    goal = ["mvn", "-B", "-q", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies"]
    done = subprocess.run(  # noqa: S603 - our own arguments
        [*goal, f"-DoutputDirectory={fresh}"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        shutil.rmtree(fresh, ignore_errors=True)
        raise Misconfigured(f"Maven could not fetch Apache Kafka: {(done.stdout + done.stderr)[-600:].strip()}")
    shutil.copy(HERE / "pom.xml", fresh / "pom.xml")
    shutil.rmtree(folder, ignore_errors=True)
    fresh.replace(folder)
    return folder


@dataclass
class Node:
    """One broker: where it keeps its messages, on which ports it listens."""

    number: int
    port: int
    controller_port: int
    folder: Path
    process: asyncio.subprocess.Process | None = field(default=None, repr=False)

    @property
    def address(self) -> str:
        """Where clients reach it."""
        return f"127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What it printed."""
        return self.folder / "kafka.out"

    def properties(self, nodes: "list[Node]") -> str:
        """Its server.properties: three replicas, two of them in sync, where there are three nodes."""
        copies, in_sync = (3, 2) if len(nodes) >= 3 else (1, 1)
        voters = ",".join(f"{node.number}@127.0.0.1:{node.controller_port}" for node in nodes)
        settings = {
            "process.roles": "broker,controller",
            "node.id": self.number,
            "controller.quorum.voters": voters,
            "controller.listener.names": "CONTROLLER",
            "listeners": f"PLAINTEXT://{self.address},CONTROLLER://127.0.0.1:{self.controller_port}",
            "advertised.listeners": f"PLAINTEXT://{self.address}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "PLAINTEXT",
            "log.dirs": self.folder / "log",
            "auto.create.topics.enable": "false",
            "default.replication.factor": copies,
            "min.insync.replicas": in_sync,
            "message.max.bytes": MAX_MESSAGE_BYTES,
            "replica.fetch.max.bytes": MAX_MESSAGE_BYTES,
            "offsets.topic.num.partitions": 1,
            "offsets.topic.replication.factor": copies,
            "transaction.state.log.num.partitions": 1,
            "transaction.state.log.replication.factor": copies,
            "transaction.state.log.min.isr": in_sync,
            "group.initial.rebalance.delay.ms": 0,
            "num.network.threads": 2,
            "num.io.threads": 2,
            "log.cleaner.dedupe.buffer.size": 16 * 1024 * 1024,
        }
        return "".join(f"{name}={value}\n" for name, value in settings.items())

    async def start(self) -> None:
        """Start the process; it is not ready yet (`Cluster.ready`)."""
        command = [*_java(), "kafka.Kafka", str(self.folder / "server.properties")]
        with self.log.open("ab") as out:
            self.process = await asyncio.create_subprocess_exec(
                *tether.command(command),
                stdin=asyncio.subprocess.PIPE,
                stdout=out,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
            )

    async def stop(self, *, seconds: float = STOP_SECONDS) -> None:
        """Stop it in order; kill it when it does not end in time."""
        if self.process is None or self.process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
        try:
            async with asyncio.timeout(seconds):
                await self.process.wait()
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """SIGKILL: what a power cut does to the process."""
        if self.process is not None and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            await self.process.wait()

    def pause(self) -> None:
        """SIGSTOP: the connection stays, nobody answers."""
        assert self.process is not None  # noqa: S101 - only of a started node
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        assert self.process is not None  # noqa: S101
        self.process.send_signal(signal.SIGCONT)


@dataclass
class Cluster:
    """The nodes that make one Kafka."""

    nodes: list[Node]

    @property
    def bootstrap(self) -> str:
        """Addresses for clients, with commas."""
        return ",".join(node.address for node in self.nodes)

    async def ready(self) -> None:
        """Return when every node that lives answers.

        Raises:
            SourceDown: one ended or did not answer in time; the sentence ends with its last words.
        """
        for node in self.nodes:
            if node.process is None or node.process.returncode is not None:
                raise SourceDown(f"Kafka node {node.number} ended. {_last_words(node)}")
            ended = asyncio.ensure_future(node.process.wait())
            answer = asyncio.ensure_future(
                admin.wait_until_ready({"bootstrap_servers": node.address}, seconds=START_SECONDS)
            )
            try:
                await asyncio.wait({ended, answer}, return_when=asyncio.FIRST_COMPLETED)
                if not answer.done():
                    raise SourceDown(f"Kafka node {node.number} ended. {_last_words(node)}")
                answer.result()
            finally:
                for task in (ended, answer):
                    task.cancel()
                await asyncio.gather(ended, answer, return_exceptions=True)


def _last_words(node: Node) -> str:
    return node.log.read_text("utf-8", "replace")[-600:].strip() if node.log.is_file() else ""


def _java(*options: str) -> list[str]:
    java = shutil.which("java") or "java"
    log4j = f"-Dlog4j2.configurationFile={HERE / 'log4j2.properties'}"
    return [java, *JAVA_OPTIONS, log4j, *options, "-cp", f"{jars()}/*"]


@contextlib.asynccontextmanager
async def cluster(folder: Path, *, nodes: int = 1, first_port: int = 0) -> AsyncIterator[Cluster]:
    """A running Kafka for as long as the context lasts; messages stay in `folder`.

    Args:
        folder: one subfolder per node; a folder that was used before is used again.
        nodes: 1 or 3.
        first_port: of the first node, then counted up; 0 lets the system choose.

    Raises:
        Misconfigured: no Java, no Maven.
        SourceDown: a node did not start.
    """
    async with started([_node(folder, number, first_port) for number in range(1, nodes + 1)]) as made:
        yield made


@contextlib.asynccontextmanager
async def started(nodes: list[Node]) -> AsyncIterator[Cluster]:
    """These nodes, running for as long as the context lasts; raises as `cluster`."""
    await asyncio.to_thread(jars)
    made = Cluster(nodes)
    try:
        await asyncio.gather(*(_format(node, made.nodes) for node in made.nodes))
        for node in made.nodes:
            await node.start()
        await made.ready()
        yield made
    finally:
        await asyncio.gather(*(node.stop() for node in made.nodes))


def _node(folder: Path, number: int, first_port: int) -> Node:
    port = first_port + number - 1 if first_port else free_port()
    return Node(number, port, free_port(), folder / f"node-{number}")


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _format(node: Node, nodes: list[Node], *more: str) -> None:
    """Write the node's settings, and prepare its folder unless it was used before."""
    node.folder.mkdir(parents=True, exist_ok=True)
    settings = node.folder / "server.properties"
    settings.write_text(node.properties(nodes), "utf-8")
    if (node.folder / "log" / "meta.properties").is_file():
        return
    tool = ["kafka.tools.StorageTool", "format", "--cluster-id", CLUSTER_ID, "--config", str(settings), *more]
    process = await asyncio.create_subprocess_exec(
        *_java(), *tool, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    if process.returncode:
        raise SourceDown(f"Kafka's storage tool failed: {said.decode('utf-8', 'replace')[-600:].strip()}")
