"""Try a Telegram channel before it is added, through its public preview, and say in words what was found."""

import re
from datetime import datetime
from statistics import median
from typing import Final

from connectors.base import utc_now
from connectors.feeds.trial import Trial, ago, language_of, rhythm_sentence
from connectors.settings import ConnectorSettings
from connectors.sources import SourceSettings
from connectors.telegram.place import NotAChannel, channel_of
from connectors.telegram_web.client import PageDoor, Refusal
from connectors.telegram_web.parse import Page, PageKind
from connectors.telegram_web.reading import Outcome
from connectors.telegram_web.visit import REASONS
from schemas.errors import SourceDown
from schemas.kinds import SourceKind

_CHANNEL: Final = re.compile(r"^(@\w|(https?://)?(www\.)?(t|telegram)\.me/)", re.IGNORECASE)


def is_channel(address: str) -> bool:
    """Whether an address means a Telegram channel rather than a web page."""
    return _CHANNEL.match(address) is not None


async def try_channel(address: str, settings: ConnectorSettings | None = None, *, proxy: str = "") -> Trial:
    """Ask for a channel's preview once, and describe it.

    Args:
        address: `@name`, or its address on t.me.
        settings: see `ConnectorSettings`.
        proxy: address of a proxy; empty for none.
    """
    settings = settings or ConnectorSettings()
    try:
        name = channel_of(SourceSettings(id="trial", kind=SourceKind.TELEGRAM, channel=address))
    except NotAChannel as error:
        return Trial(ok=False, url=address, sentences=(f"{error}.",))
    url = f"{settings.telegram_web_url.rstrip('/')}/s/{name}"
    async with PageDoor(settings) as door:
        try:
            found = await door.page(url, None, proxy)
        except SourceDown as error:
            return Trial(ok=False, url=address, sentences=(f"{error}.",))
    if isinstance(found, Refusal):
        return Trial(ok=False, url=address, sentences=(f"@{name} cannot be read: {found.reason}.",))
    return describe(str(name), found, utc_now())


def describe(name: str, page: Page, now: datetime) -> Trial:
    """A channel in sentences: pure."""
    if page.kind is not PageKind.OK or not page.channel_id:
        outcome = Outcome.NO_PREVIEW if page.kind is PageKind.NO_PREVIEW else Outcome.UNRECOGNISED
        reason = "the channel has no posts yet" if page.kind is PageKind.NO_POSTS else REASONS[outcome]
        return Trial(ok=False, url=f"@{name}", sentences=(f"@{name}: {reason}.",))
    messages = page.messages
    dates = sorted(message.published_at for message in messages)
    words = [message.text for message in messages if message.text]
    language = language_of(words, None)
    forwards = sum(message.forward is not None for message in messages)
    silent = len(messages) - len(words)
    told = [f"@{page.username or name} is a Telegram channel (number {page.channel_id}) with a public preview."]
    if dates:
        told.append(f"The last message is {ago(now, dates[-1])}. {rhythm_sentence(dates, now)}")
    if language:
        told.append(f"The language is “{language}”.")
    if words:
        told.append(f"Half of the texts have fewer than {median(map(len, words)):.0f} characters.")
    if forwards:
        told.append(f"{forwards} of {len(messages)} messages are forwarded from elsewhere.")
    if silent:
        told.append(f"{silent} of {len(messages)} messages have no words, only media.")
    if page.rejected:
        told.append(f"{page.rejected} messages could not be read.")
    return Trial(
        ok=True,
        url=f"@{page.username or name}",
        title=page.title or page.username or name,
        language=language,
        channel_id=page.channel_id,
        sentences=tuple(told),
    )
