"""`async with FakeTelegram(world) as telegram`: answers requests, pushes updates, and has a switch for every fault."""

import asyncio
import contextlib
import os
import re
import struct
from collections import Counter, defaultdict, deque
from datetime import UTC, datetime, timedelta

import rsa
from telethon.crypto import AuthKey
from telethon.crypto import rsa as telethon_rsa
from telethon.sessions import StringSession
from telethon.tl import functions as f
from telethon.tl import types as t

from tests.mtproto.wire import NOTIFICATION, Vector, serve, server_key
from tests.mtproto.world import World

WRAPPERS = (
    f.InvokeWithLayerRequest,
    f.InitConnectionRequest,
    f.InvokeWithoutUpdatesRequest,
    f.InvokeAfterMsgRequest,
)
BEFORE_LOGIN = {"GetConfig", "SendCode", "SignIn", "CheckPassword", "GetPassword"}


class Refused(Exception):
    """The request gets an error for an answer."""

    def __init__(self, code, words):
        super().__init__(words)
        self.code, self.words = code, words


class FakeTelegram:
    dc_id = 2

    def __init__(self, world=None):
        self.world = world or World()
        self.salt = struct.unpack("<q", os.urandom(8))[0]
        self.keys, self.connections, self.tasks = {}, set(), set()
        self.calls, self.requests = Counter(), []
        self.handshakes, self.connects = 0, 0
        self.errors = []  # bugs of this server, not of the client
        # faults
        self.push = True
        self.refuse = False  # accept, then abort
        self.mute_pings = False
        self.forget_keys = False  # transport error -404
        self.clock_skew = 0.0
        self.delay = 0.0
        self.silent = set()  # methods that get no answer
        self.authorised = True
        self.faults = defaultdict(deque)
        self.held = None  # a list: pushes wait in it

    async def __aenter__(self):
        key = server_key()
        self.fingerprint = telethon_rsa._compute_fingerprint(key)
        telethon_rsa.add_key(rsa.PublicKey(key.n, key.e).save_pkcs1(), old=False)

        async def accept(reader, writer):
            self.connects += 1
            with contextlib.suppress(asyncio.CancelledError):  # the loop ends before the last connection
                await serve(self, reader, writer)

        self._listener = await asyncio.start_server(accept, "127.0.0.1", 0)
        self.port = self._listener.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self._listener.close()
        self.drop()
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def spawn(self, coroutine):
        task = asyncio.get_running_loop().create_task(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    @property
    def address(self):
        return f"127.0.0.1:{self.port}:{self.dc_id}"

    def session(self, authorised=True):
        """A session string for this server; an authorised one shares its key with the server beforehand."""
        session = StringSession()
        session.set_dc(self.dc_id, "127.0.0.1", self.port)
        if authorised:
            session.auth_key = AuthKey(os.urandom(256))
            self.keys[session.auth_key.key_id] = session.auth_key
        return session.save()

    # faults
    def drop(self, abort=True):
        for connection in list(self.connections):
            connection.close(abort)

    def fail(self, method, code, words, times=1):
        self.faults[method].extend([Refused(code, words)] * times)

    def flood(self, method, seconds, times=1):
        self.fail(method, 420, f"FLOOD_WAIT_{seconds}", times)

    # what happens in the world is pushed, unless told otherwise
    def post(self, channel, text="", *, push=None, **fields):
        update = self.world.post(channel, text, **fields)
        self._push(channel, update, push)
        return update.message

    def edit(self, channel, number, text, *, push=None, **fields):
        self._push(channel, self.world.edit(channel, number, text, **fields), push)

    def glance(self, channel, number, views, *, push=None):
        self._push(channel, self.world.glance(channel, number, views), push)

    def delete(self, channel, *numbers, push=None):
        self._push(channel, self.world.delete(channel, *numbers), push)

    def _push(self, channel, update, push):
        if not (self.push if push is None else push) or not channel.joined:
            return
        if self.held is not None:
            self.held.append(bytes(self._box([update], [channel])))
            return
        self.broadcast([update], [channel])

    def release(self, order=None):
        """Send what was held back, in this order of places (a place may come twice or not at all)."""
        held, self.held = self.held or [], None
        for place in order if order is not None else range(len(held)):
            self.push_raw(held[place])

    def _box(self, updates, channels):
        return t.Updates(list(updates), [], [c.tl() for c in channels], datetime.now(UTC), 0)

    def broadcast(self, updates, channels=()):
        self.push_raw(bytes(self._box(updates, channels)))

    def push_raw(self, body):
        """Push bytes, which need not be valid TL."""
        for connection in self.connections:
            if connection.wants_updates and connection.session_id is not None:
                connection.send_raw(body, NOTIFICATION)

    # requests
    async def call(self, connection, number, request):
        updates = True
        while isinstance(request, WRAPPERS):
            updates &= not isinstance(request, f.InvokeWithoutUpdatesRequest)
            request = request.query
        name = type(request).__name__.removesuffix("Request")
        self.calls[name] += 1
        self.requests.append((name, request))
        if self.delay:
            await asyncio.sleep(self.delay)
        if name in self.silent:
            return
        try:
            answer = self._answered(name, request)
            connection.wants_updates |= updates and name != "GetConfig"
        except Refused as refused:
            answer = t.RpcError(refused.code, refused.words)
        except Exception as error:
            self.errors.append(error)
            answer = t.RpcError(400, "SERVER_BUG")
        if connection in self.connections:
            connection.answer(number, answer)

    def _answered(self, name, request):
        if self.faults[name]:
            raise self.faults[name].popleft()
        if not self.authorised and name not in BEFORE_LOGIN:
            raise Refused(401, "AUTH_KEY_UNREGISTERED")
        method = getattr(self, "on_" + re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(), None)
        if method is None:
            raise Refused(400, f"METHOD_NOT_IN_FAKE_{name.upper()}")
        return method(request)

    def _channel(self, peer):
        channel = self.world.channels.get(getattr(peer, "channel_id", None))
        if channel is None or getattr(peer, "access_hash", None) != channel.access_hash:
            raise Refused(400, "CHANNEL_INVALID")
        if channel.private:
            raise Refused(400, "CHANNEL_PRIVATE")
        return channel

    def on_get_config(self, _):
        now = datetime.now(UTC)
        options = [t.DcOption(number, "127.0.0.1", self.port) for number in range(1, 6)]
        limits = (
            "chat_size_max megagroup_size_max forwarded_count_max online_update_period_ms offline_blur_timeout_ms "
            "offline_idle_timeout_ms online_cloud_timeout_ms notify_cloud_delay_ms notify_default_delay_ms "
            "push_chat_period_ms push_chat_limit edit_time_limit revoke_time_limit revoke_pm_time_limit "
            "rating_e_decay stickers_recent_limit channels_read_media_period call_receive_timeout_ms "
            "call_ring_timeout_ms call_connect_timeout_ms call_packet_timeout_ms caption_length_max "
            "message_length_max webfile_dc_id"
        )
        return t.Config(
            date=now,
            expires=now + timedelta(hours=1),
            test_mode=False,
            this_dc=self.dc_id,
            dc_options=options,
            dc_txt_domain_name="",
            me_url_prefix="https://t.me/",
            **dict.fromkeys(limits.split(), 200),
        )

    def on_get_users(self, _):
        return Vector([self.world.me])

    def on_get_state(self, _):
        return self.world.state()

    def on_send_code(self, _):
        return t.auth.SentCode(t.auth.SentCodeTypeApp(5), "hash")

    def on_sign_in(self, request):
        if request.phone_code != "12345":
            raise Refused(400, "PHONE_CODE_INVALID")
        self.authorised = True
        return t.auth.Authorization(self.world.me)

    def on_get_difference(self, request):
        late = [c for c in self.world.channels.values() if c.joined and c.last_event >= request.date]
        if not late:
            return t.updates.DifferenceEmpty(datetime.now(UTC), self.world.seq)
        too_long = [t.UpdateChannelTooLong(c.id, c.pts) for c in late]
        return t.updates.Difference([], [], too_long, [c.tl() for c in late], [], self.world.state())

    def on_get_channel_difference(self, request):
        channel = self._channel(request.channel)
        if request.pts >= channel.pts:
            return t.updates.ChannelDifferenceEmpty(channel.pts, final=True, timeout=30)
        if request.pts < channel.log_floor:
            newest = _newest(channel, 20)
            return t.updates.ChannelDifferenceTooLong(
                _dialog(channel), newest, [channel.tl()], [], final=True, timeout=30
            )
        waiting = [entry for entry in channel.log if entry[0] > request.pts]
        part = waiting[: request.limit]
        new = [u.message for _, _, u in part if isinstance(u, t.UpdateNewChannelMessage)]
        other = [u for _, _, u in part if not isinstance(u, t.UpdateNewChannelMessage)]
        final = len(part) == len(waiting)
        return t.updates.ChannelDifference(part[-1][0], new, other, [channel.tl()], [], final=final, timeout=30)

    def on_get_dialogs(self, request):
        joined = [c for c in self.world.channels.values() if c.joined]
        if request.offset_id or getattr(request.offset_peer, "channel_id", None):
            joined = []
        newest = [m for c in joined for m in _newest(c, 1)]
        return t.messages.Dialogs([_dialog(c) for c in joined], newest, [c.tl() for c in joined], [])

    def on_resolve_username(self, request):
        channel = self.world.by_name(request.username)
        if channel is None:
            raise Refused(400, "USERNAME_NOT_OCCUPIED")
        return t.contacts.ResolvedPeer(channel.peer(), [channel.tl()], [])

    def on_get_channels(self, request):
        return t.messages.Chats([self._channel(each).tl() for each in request.id])

    def on_get_full_channel(self, request):
        channel = self._channel(request.channel)
        full = t.ChannelFull(channel.id, "", 0, 0, 0, t.PhotoEmpty(0), t.PeerNotifySettings(), [], channel.pts)
        return t.messages.ChatFull(full, [channel.tl()], [])

    def on_get_messages(self, request):
        channel = self._channel(request.channel)
        found = [channel.messages.get(i.id) or t.MessageEmpty(i.id, peer_id=channel.peer()) for i in request.id]
        return t.messages.ChannelMessages(channel.pts, len(found), found, [], [channel.tl()], [])

    def on_get_history(self, request):
        channel = self._channel(request.peer)
        ids = sorted(channel.messages, reverse=True)
        # offset_id is exclusive going down; add_offset shifts the window, and a negative one looks above it
        start = 0
        if request.offset_id:
            start = next((place for place, number in enumerate(ids) if number < request.offset_id), len(ids))
        elif request.offset_date and request.offset_date.timestamp() > 0:
            until = request.offset_date
            start = next((place for place, n in enumerate(ids) if channel.messages[n].date < until), len(ids))
        low, count = start + request.add_offset, min(request.limit, 100)
        part = ids[max(0, low) : max(0, low + count)]
        part = [n for n in part if n > request.min_id and (not request.max_id or n < request.max_id)]
        found = [channel.messages[n] for n in part]
        return t.messages.ChannelMessages(channel.pts, len(ids), found, [], [channel.tl()], [])


def _newest(channel, count):
    return [channel.messages[number] for number in sorted(channel.messages, reverse=True)[:count]]


def _dialog(channel):
    return t.Dialog(
        peer=channel.peer(),
        top_message=max(channel.messages, default=0),
        read_inbox_max_id=0,
        read_outbox_max_id=0,
        unread_count=0,
        unread_mentions_count=0,
        unread_reactions_count=0,
        unread_poll_votes_count=0,
        notify_settings=t.PeerNotifySettings(),
        pts=channel.pts,
    )
