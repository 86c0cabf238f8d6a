"""The same world as `https://t.me/s/<name>` would show it, on a local port."""

import base64
import json
from html import escape

from aiohttp import web
from telethon.tl import types as t

from tests.served import served

PER_PAGE = 20
NOTHING = (
    '<div class="tgme_widget_message_wrap js-widget_message_wrap"><div class="tgme_widget_message_centered">'
    '<div class="tme_no_messages_found">No posts found</div></div></div>'
)
CONTACT = (
    '<html><body><div class="tgme_page"><div class="tgme_page_title"><span>somebody</span></div></div></body></html>'
)


def bubbles(channel):
    """Groups of messages that share a bubble, oldest first; an album stands under its first message."""
    albums = {}
    for number in sorted(channel.messages):
        message = channel.messages[number]
        album = getattr(message, "grouped_id", None)
        if album and album in albums:
            albums[album].append(message)
            continue
        group = [message]
        if album:
            albums[album] = group
        yield group


def bubble(channel, group):
    first, name = group[0], channel.username
    service = isinstance(first, t.MessageService)
    number = f"{first.id}g" if len(group) > 1 else first.id
    view = json.dumps({"c": -channel.id, "p": number, "t": 1700000000, "h": "0" * 18}, separators=(",", ":"))
    packed = base64.urlsafe_b64encode(view.encode()).decode().rstrip("=")
    words = "Channel name was changed" if service else next((m.message for m in group if m.message), "")
    text = escape(words).replace("\n", "<br/>")
    body = f'<div class="tgme_widget_message_text js-message_text" dir="auto">{text}</div>' if words else ""
    edited = "" if service or not first.edit_date else "edited &nbsp;"
    views = "" if service else f'<span class="tgme_widget_message_views">{first.views or 0}</span>'
    return (
        '<div class="tgme_widget_message_wrap js-widget_message_wrap"><div class="tgme_widget_message '
        f'text_not_supported_wrap {"service_message " if service else ""}js-widget_message" '
        f'data-post="{name}/{first.id}" data-view="{packed}"><div class="tgme_widget_message_bubble">'
        f'<div class="tgme_widget_message_author accent_color"><a class="tgme_widget_message_owner_name" '
        f'href="https://t.me/{name}"><span dir="auto">{escape(channel.title)}</span></a></div>'
        f"{'' if service else _forward(first)}{'' if service else _reply(channel, first)}{_media(channel, group)}{body}"
        '<div class="tgme_widget_message_footer compact js-message_footer"><div class="tgme_widget_message_info short '
        f'js-message_info">{views}<span class="tgme_widget_message_meta">{edited}'
        f'<a class="tgme_widget_message_date" href="https://t.me/{name}/{first.id}"><time '
        f'datetime="{first.date.isoformat()}" class="time">{first.date:%H:%M}</time></a></span>'
        "</div></div></div></div></div>"
    )


def _media(channel, group):
    alone = "" if len(group) == 1 else "?single"
    return "".join(
        '<a class="tgme_widget_message_photo_wrap grouped_media_wrap blured js-message_photo" '
        f'href="https://t.me/{channel.username}/{m.id}{alone}"></a>'
        for m in group
        if len(group) > 1 or getattr(m, "media", None)
    )


def _forward(message):
    if not message.fwd_from:
        return ""
    origin = f"https://t.me/c/{message.fwd_from.from_id.channel_id}/{message.fwd_from.channel_post}"
    return (
        '<div class="tgme_widget_message_forwarded_from accent_color">Forwarded from&nbsp;<a '
        f'class="tgme_widget_message_forwarded_from_name" href="{origin}"><span dir="auto">origin</span></a></div>'
    )


def _reply(channel, message):
    if not message.reply_to:
        return ""
    return (
        f'<a class="tgme_widget_message_reply" href="https://t.me/{channel.username}/{message.reply_to.reply_to_msg_id}">'
        '<div class="tgme_widget_message_text js-message_reply_text" dir="auto">quoted words</div></a>'
    )


def page(channel, before=None):
    everything = list(bubbles(channel))
    chosen = [group for group in everything if not before or group[0].id < before][-PER_PAGE:]
    inner = "".join(bubble(channel, group) for group in chosen) or NOTHING
    return (
        '<!DOCTYPE html><html><body class="widget_frame_base tgme_webpreview"><div class="tgme_channel_info">'
        f'<div class="tgme_channel_info_header_title"><span dir="auto">{escape(channel.title)}</span></div>'
        f'<div class="tgme_channel_info_header_username"><a href="https://t.me/{channel.username}">'
        f'@{channel.username}</a></div></div><main class="tgme_main"><section class="tgme_channel_history '
        f'js-message_history">{inner}</section></main></body></html>'
    )


class FakePreview:
    """`async with FakePreview(world) as preview`; `preview.base` is its address."""

    def __init__(self, world):
        self.world = world
        self.no_preview = set()  # names
        self.empty = set()  # names: a page without posts, whatever exists
        self.status = {}  # name -> (HTTP status, headers)
        self.instead = {}  # name -> page
        self.stop_after = None  # so many more pages are given
        self.requests = []

    async def __aenter__(self):
        self._served = served(web.get("/s/{name}", self._answer))
        self.base = await self._served.__aenter__()
        return self

    async def __aexit__(self, *_):
        await self._served.__aexit__(None, None, None)

    async def _answer(self, request):
        name = request.match_info["name"]
        before = request.query.get("before")
        self.requests.append((name, int(before) if before else None))
        if self.stop_after is not None:
            self.stop_after -= 1
            if self.stop_after < 0:
                return web.Response(status=429)
        if name in self.status:
            code, headers = self.status[name]
            return web.Response(status=code, headers=headers)
        if name in self.instead:
            return web.Response(text=self.instead[name], content_type="text/html")
        channel = self.world.by_name(name)
        if channel is None or name in self.no_preview:
            return web.Response(status=302, headers={"Location": f"/{name}"})
        if name in self.empty:
            return web.Response(text=page(type(channel)(channel.id, name)), content_type="text/html")
        return web.Response(text=page(channel, int(before) if before else None), content_type="text/html")
