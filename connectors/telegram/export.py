"""A channel's history as Telegram Desktop exports it (`result.json`), row by row: such a file may have gigabytes.

An export holds the channel's number and its messages' numbers, so its messages have the identity that they have live;
dates of edits give the same revisions. The file is read twice, once for which channels it holds (of a single chat only
its beginning), once for the rows of the one that is meant.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any, Final

import ijson

from schemas.errors import Misconfigured

ACCOUNT: Final = ("chats.list.item", "chats.item")
"""Where the export of a whole account has its chats, by version of Telegram Desktop."""
TAIL_BYTES: Final = 1 << 16
"""So much of the end of a file, with its size, tells it from a later export of the same channel."""
_TOLD: Final = ("id", "type", "name")
Events = Iterator[tuple[str, str, Any]]


@dataclass(frozen=True, kw_only=True)
class Chat:
    """One chat in a file.

    Attributes:
        prefix: of the JSON object that is the chat.
        number: which of the objects with this prefix.
        channel_id: its number, without -100; 0 where it tells none.
        type: Telegram Desktop's word for what it is.
        name: its title.
    """

    prefix: str
    number: int = 0
    channel_id: int = 0
    type: str = ""
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Export:
    """One exported channel.

    Attributes:
        path: the file.
        chat: where in it, and what is told of the channel.
        fingerprint: of the file; another for every export.
    """

    path: Path
    chat: Chat
    fingerprint: str

    def rows(self) -> Iterator[Any]:
        """The rows of its messages, in the order of the file: oldest first.

        Raises:
            Misconfigured: the file ends before its time, or changed while it was read.
        """
        prefix = f"{self.chat.prefix}.messages.item".removeprefix(".")
        try:
            with self.path.open("rb") as file:
                yield from ijson.items(_of_chat(_events(file), self.chat), prefix)
        except OSError as error:
            raise Misconfigured(f"The export {self.path} cannot be read ({error.strerror}).") from error
        except ijson.JSONError as error:
            raise _no_export(self.path, error) from error


def open_export(path: Path, channel_id: int | None = None) -> Export:
    """The channel in an export.

    Args:
        path: `result.json` of one chat, or of a whole account.
        channel_id: which of several channels is meant; None where the file holds one only.

    Raises:
        Misconfigured: the file cannot be read, or the channel is not in it.
    """
    try:
        with path.open("rb") as file:
            chats = list(_chats(_events(file)))
            size = file.seek(0, 2)
            file.seek(max(0, size - TAIL_BYTES))
            end = blake2b(file.read(), digest_size=8).hexdigest()
    except OSError as error:
        raise Misconfigured(f"The export {path} cannot be read ({error.strerror}).") from error
    except ijson.JSONError as error:
        raise _no_export(path, error) from error
    return Export(path=path, chat=_chosen(chats, channel_id, path), fingerprint=f"{size}:{end}")


def _no_export(path: Path, error: Exception) -> Misconfigured:
    return Misconfigured(
        f"{path} is no export of Telegram Desktop, or ends before its time ({error}). Export the chat with format "
        "“machine-readable JSON” and name its result.json."
    )


def _events(file: IO[bytes]) -> Events:
    events: Events = ijson.parse(file, use_float=True)
    return events


def _chats(events: Events) -> Iterator[Chat]:
    """The chats of a file; of a single chat nothing is read beyond what it tells of itself."""
    begun = {"": Chat(prefix="")}
    fields = {f"{prefix}.{name}".removeprefix("."): (prefix, name) for prefix in ("", *ACCOUNT) for name in _TOLD}
    for prefix, event, value in events:
        if prefix in fields:
            chat, name = fields[prefix]
            begun[chat] = replace(begun[chat], **_told(name, value))
        elif event == "start_map" and prefix in ACCOUNT:
            begun[prefix] = Chat(prefix=prefix, number=begun[prefix].number + 1 if prefix in begun else 0)
        elif event == "end_map" and prefix in begun:
            yield begun[prefix]
        elif event == "start_array" and prefix == "messages" and begun[""].channel_id:
            yield begun[""]
            return


def _told(name: str, value: Any) -> dict[str, Any]:
    if name == "id":
        return {"channel_id": bare_id(value)} if isinstance(value, int) else {}
    return {name: value} if isinstance(value, str) else {}


def _chosen(chats: list[Chat], channel_id: int | None, path: Path) -> Chat:
    numbered = [chat for chat in chats if chat.channel_id]
    there = [chat for chat in numbered if not chat.prefix or chat.type.endswith("channel")]
    fitting = [chat for chat in there if channel_id in (None, chat.channel_id)]
    if len(fitting) == 1 and fitting[0].type.endswith("channel"):
        return fitting[0]
    held = ", ".join(f"{chat.channel_id} ({chat.type})" for chat in there) or "none"
    wanted = f"channel {channel_id}" if channel_id is not None else "exactly one channel"
    raise Misconfigured(
        f"{path} does not hold {wanted}; it holds: {held}. Export the channel itself, or set channel_id of the source."
    )


def bare_id(number: int) -> int:
    """A channel's number without the -100 that some programs put before it."""
    words = str(number)
    return int(words[4:]) if words.startswith("-100") else abs(number)


def _of_chat(events: Events, chat: Chat) -> Events:
    """The events of one chat alone."""
    number = -1
    for prefix, event, value in events:
        if event == "start_map" and prefix == chat.prefix:
            number += 1
        if number == chat.number:
            yield prefix, event, value
        elif number > chat.number:
            return
