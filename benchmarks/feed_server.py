"""A server of many feeds for the benchmarks, in a process of its own: `python -m benchmarks.feed_server PORT_FILE`.

Every path is a feed of 30 Arabic entries with an ETag; a query `?grow=1` adds an entry a second, whose guid is the
moment when it was first served.
"""

import asyncio
import sys
import time
from pathlib import Path

from aiohttp import web

ENTRIES = 30
BODY = "قال مصدر إن الاجتماع عقد صباح اليوم في مقر البلدية بحضور عدد من السكان، وبحث أحوال الطرق والمياه. " * 8


def item(guid: str) -> str:
    """One entry of about 1.5 KB."""
    return (
        f'<item><guid isPermaLink="false">{guid}</guid><title>اجتماع رقم {guid}</title>'
        f"<link>https://news.example/{guid}</link><pubDate>Thu, 01 Jan 2026 10:00:00 +0300</pubDate>"
        f"<description>&lt;p&gt;{BODY} {guid}&lt;/p&gt;</description></item>"
    )


def feed(guids: list[str]) -> bytes:
    """A whole feed."""
    items = "".join(map(item, guids))
    return f'<rss version="2.0"><channel><title>نشرة</title>{items}</channel></rss>'.encode()


async def answer(request: web.Request) -> web.Response:
    """304 to whoever knows the version."""
    if "grow" in request.query:
        return web.Response(body=feed(grown(request.path)), content_type="application/rss+xml")
    tag = f'"{request.path}"'
    if request.headers.get("If-None-Match") == tag:
        return web.Response(status=304, headers={"ETag": tag})
    guids = [f"{request.path}-{n}" for n in range(ENTRIES)]
    return web.Response(body=feed(guids), headers={"ETag": tag}, content_type="application/rss+xml")


_GROWN: dict[str, list[str]] = {}


def grown(path: str) -> list[str]:
    """The entries so far, with a new one whenever a second has passed."""
    guids = _GROWN.setdefault(path, [])
    now = time.time()
    if not guids or now - float(guids[0]) >= 1:
        guids.insert(0, f"{now:.6f}")
    return guids[:ENTRIES]


async def main(port_file: str) -> None:
    """Serve on all of 127.0.0.0/8, so that a thousand feeds can have a thousand hosts; the port goes to the file."""
    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "0.0.0.0", 0, backlog=1024).start()
    publish(port_file, runner.addresses[0][1])
    await asyncio.Event().wait()


def publish(port_file: str, port: int) -> None:
    """Whoever waits for the file never reads half of it."""
    fresh = Path(port_file + ".new")
    fresh.write_text(str(port))
    fresh.replace(port_file)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
