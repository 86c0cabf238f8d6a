"""The demo's web server: the story as real RSS and Atom bytes and as a channel's public page, one telling at a time."""

import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import blake2b
from html import escape
from xml.sax.saxutils import escape as xml_escape

from aiohttp import web

from marqab.demo.story import CHANNEL, CHANNEL_ID, STORY, Telling

_NO_MESSAGES = (
    '<div class="tgme_widget_message_wrap js-widget_message_wrap"><div class="tgme_widget_message_centered">'
    '<div class="tme_no_messages_found">No posts found</div></div></div>'
)
Told = list[tuple[int, Telling, datetime]]
"""Number, telling and time of publication of what has appeared so far."""


def rss(told: Told) -> bytes:
    """An RSS 2.0 document, newest entry first."""
    entries = "".join(
        f"<item><title>{xml_escape(t.title)}</title><link>https://example.org/{t.source}/{n}</link>"
        f'<guid isPermaLink="false">{t.source}-{n}</guid><pubDate>{format_datetime(at)}</pubDate>'
        f"<description>{xml_escape(_paragraphs(t.text))}</description></item>\n"
        for n, t, at in reversed(told)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>marqab demo</title>'
        f"<link>https://example.org/</link><description>demo</description><language>ar</language>\n{entries}"
        "</channel></rss>\n"
    ).encode()


def atom(told: Told) -> bytes:
    """An Atom 1.0 document, newest entry first."""
    entries = "".join(
        f"<entry><id>urn:marqab:demo:{t.source}:{n}</id><title>{xml_escape(t.title)}</title>"
        f'<link href="https://example.org/{t.source}/{n}"/><updated>{_rfc3339(at)}</updated>'
        f"<published>{_rfc3339(at)}</published>"
        f'<content type="html">{xml_escape(_paragraphs(t.text))}</content></entry>\n'
        for n, t, at in reversed(told)
    )
    newest = told[-1][2] if told else datetime(2022, 12, 26, tzinfo=UTC)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ar">'
        f"<id>urn:marqab:demo</id><title>marqab demo</title><updated>{_rfc3339(newest)}</updated>\n{entries}</feed>\n"
    ).encode()


def channel_page(told: Told) -> bytes:
    """A channel's public preview page, as t.me/s lays it out."""
    messages = "".join(_message(n, t, at) for n, t, at in told) or _NO_MESSAGES
    return (
        '<!DOCTYPE html>\n<html><head><meta charset="utf-8">'
        '<title>marqab demo – Telegram</title><meta property="og:title" content="marqab demo"></head><body>'
        '<div class="tgme_channel_info"><div class="tgme_channel_info_header_title">'
        '<span dir="auto">marqab demo</span></div>'
        f'<div class="tgme_channel_info_header_username"><a href="https://t.me/{CHANNEL}">@{CHANNEL}</a></div></div>'
        f'<main class="tgme_main"><section class="tgme_channel_history js-message_history">{messages}</section></main>'
        "</body></html>\n"
    ).encode()


def _message(number: int, telling: Telling, at: datetime) -> str:
    view = base64.b64encode(json.dumps({"c": -CHANNEL_ID, "p": str(number)}).encode()).decode()
    text = "<br/>".join(escape(line) for line in telling.text.split("\n"))
    return (
        '<div class="tgme_widget_message_wrap js-widget_message_wrap">'
        f'<div class="tgme_widget_message text_not_supported_wrap js-widget_message" data-post="{CHANNEL}/{number}" '
        f'data-view="{view}"><div class="tgme_widget_message_bubble">'
        '<div class="tgme_widget_message_author accent_color"><span dir="auto">marqab demo</span></div>'
        f'<div class="tgme_widget_message_text js-message_text" dir="auto">{text}</div>'
        '<div class="tgme_widget_message_footer compact js-message_footer"><div class="tgme_widget_message_info '
        f'short js-message_info"><span class="tgme_widget_message_meta"><a class="tgme_widget_message_date" '
        f'href="https://t.me/{CHANNEL}/{number}"><time datetime="{_rfc3339(at)}" class="time"></time></a></span>'
        "</div></div>"
        "</div></div></div>\n"
    )


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in text.split("\n"))


def _rfc3339(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


@asynccontextmanager
async def serve(began: Callable[[], datetime | None], now: Callable[[], datetime]) -> AsyncIterator[str]:
    """Serve the story on a free local port; gives the base address.

    Args:
        began: when the story began; None: it has not.
        now: the clock; what lies in the future has not appeared.
    """

    def appeared(source: str) -> Told:
        first = began()
        told: Told = []
        if first is None:
            return told
        for number, telling in enumerate(STORY, start=1):
            at = (first + timedelta(seconds=telling.after_seconds)).replace(microsecond=0)
            if telling.source == source and at <= now():
                told.append((number, telling, at))
        return told

    def answer(render: Callable[[Told], bytes], source: str, content_type: str) -> Callable[..., object]:
        async def handle(request: web.Request) -> web.Response:
            body = render(appeared(source))
            etag = f'"{blake2b(body, digest_size=8).hexdigest()}"'
            headers = {"ETag": etag, "Content-Type": content_type}
            if request.headers.get("If-None-Match") == etag:
                return web.Response(status=304, headers=headers)
            return web.Response(body=body, headers=headers)

        return handle

    app = web.Application()
    for path, render, source, content_type in (
        ("/monitor/rss.xml", rss, "demo-monitor", "application/rss+xml; charset=utf-8"),
        ("/broadcaster/atom.xml", atom, "demo-broadcaster", "application/atom+xml; charset=utf-8"),
        ("/copyist/rss.xml", rss, "demo-copyist", "application/rss+xml; charset=utf-8"),
        (f"/s/{CHANNEL}", channel_page, "demo-claims", "text/html; charset=utf-8"),
    ):
        app.router.add_get(path, answer(render, source, content_type))  # type: ignore[arg-type]
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()
