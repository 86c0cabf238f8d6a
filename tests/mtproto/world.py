"""Channels and messages, and the server's log of what happened to them (pts)."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from telethon.tl import types as t


@dataclass(eq=False)
class FakeChannel:
    id: int
    username: str | None
    title: str = "channel"
    joined: bool = True
    broadcast: bool = True
    private: bool = False
    flags: dict = field(default_factory=dict)
    messages: dict[int, t.Message] = field(default_factory=dict)
    pts: int = 1
    log: list = field(default_factory=list)  # (pts, pts_count, update)
    log_floor: int = 1  # an older pts gets channelDifferenceTooLong
    next_id: int = 1
    last_event: datetime = datetime(2020, 1, 1, tzinfo=UTC)

    @property
    def access_hash(self):
        return self.id * 7919 + 11

    def tl(self):
        return t.Channel(
            id=self.id,
            title=self.title,
            photo=t.ChatPhotoEmpty(),
            date=datetime(2020, 1, 1, tzinfo=UTC),
            broadcast=self.broadcast,
            megagroup=not self.broadcast,
            left=not self.joined,
            access_hash=self.access_hash,
            username=self.username,
            **self.flags,
        )

    def peer(self):
        return t.PeerChannel(self.id)

    def logged(self, update, count, now, **fields):
        self.pts += count
        happened = update(pts=self.pts, pts_count=count, **fields)
        self.log.append((self.pts, count, happened))
        self.last_event = now
        return happened


class World:
    """Everything that exists, and its clock: real time plus whatever the test has added."""

    def __init__(self):
        self.channels: dict[int, FakeChannel] = {}
        self.me = t.User(id=777_000_001, is_self=True, access_hash=424242, first_name="monitor", phone="10000000000")
        self.pts, self.seq = 1, 0
        self.ahead = timedelta()

    def now(self):
        return (datetime.now(UTC) + self.ahead).replace(microsecond=0)

    def advance(self, seconds):
        self.ahead += timedelta(seconds=seconds)

    def add(self, number, username=None, **fields):
        self.channels[number] = FakeChannel(number, username, **fields)
        return self.channels[number]

    def by_name(self, name):
        name = name.lstrip("@").lower()
        return next((c for c in self.channels.values() if (c.username or "").lower() == name), None)

    def state(self):
        return t.updates.State(self.pts, 0, datetime.now(UTC), self.seq, 0)

    # what people do; each returns the update that Telegram logs
    def post(self, channel, text="", **fields):
        number = fields.pop("id", None) or channel.next_id
        channel.next_id = max(channel.next_id, number + 1)
        fields.setdefault("date", self.now())
        fields.setdefault("views", 1)  # views and forwards share one flag: both or neither
        fields.setdefault("forwards", 0)
        message = t.Message(id=number, peer_id=channel.peer(), message=text, post=channel.broadcast, **fields)
        channel.messages[number] = message
        return channel.logged(t.UpdateNewChannelMessage, 1, self.now(), message=message)

    def service(self, channel):
        """A service message: it takes an id and says nothing."""
        number, channel.next_id = channel.next_id, channel.next_id + 1
        message = t.MessageService(
            id=number, peer_id=channel.peer(), date=self.now(), action=t.MessageActionChatEditTitle("title"), post=True
        )
        channel.messages[number] = message
        return channel.logged(t.UpdateNewChannelMessage, 1, self.now(), message=message)

    def edit(self, channel, number, text, **fields):
        message = channel.messages[number]
        message.message, message.edit_date = text, self.now()
        for name, value in fields.items():
            setattr(message, name, value)
        return channel.logged(t.UpdateEditChannelMessage, 1, self.now(), message=message)

    def glance(self, channel, number, views):
        """More views: Telegram sends an edit although nothing was edited."""
        message = channel.messages[number]
        message.views, message.edit_hide = views, True
        return channel.logged(t.UpdateEditChannelMessage, 1, self.now(), message=message)

    def delete(self, channel, *numbers):
        for number in numbers:
            channel.messages.pop(number, None)
        return channel.logged(
            t.UpdateDeleteChannelMessages, len(numbers), self.now(), channel_id=channel.id, messages=list(numbers)
        )
