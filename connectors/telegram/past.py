"""What a channel's past gives, whichever way it is read: one rule for accounts, previews and exports. Pure.

Posts of the past have the identity and the revisions that they have live, and say that they are backfill, so that they
alert nobody. What live reading remembers is its own: it was published, and is followed there.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from connectors.sources import SourceSettings
from connectors.telegram.memory import Memory, Via
from connectors.telegram.message import Message
from connectors.telegram.place import Place
from schemas.records import Post

SUFFIX: Final = ":backfill"
"""Behind the source's id: the key of the cursor that says how far its past was read."""


def past_posts(
    messages: Iterable[Message], place: Place, source: SourceSettings, *, via: Via, since: datetime, now: datetime
) -> tuple[Post, ...]:
    """The posts that these messages of the past give, oldest first.

    Args:
        messages: as read.
        place: where live reading of the channel stands.
        source: whose.
        via: by which way they were read.
        since: older ones are not wanted.
        now: the present.
    """
    by_id = {m.message_id: m for m in messages if m.published_at >= since and m.message_id not in place.memory.seen}
    posts, _ = Memory().fold(
        [by_id[number] for number in sorted(by_id)],
        source=source.record(),
        via=via,
        now=now,
        username=place.username,
        backfill=True,
        test=source.test,
    )
    return posts
