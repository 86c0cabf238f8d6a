"""Chats, mailboxes and phones through apprise (BSD-2-Clause), which blocks and therefore runs in a thread."""

import asyncio
from collections.abc import Sequence

from apprise import Apprise, NotifyFormat

from schemas.records import Alert
from subscribers.telling import headline, lines
from subscribers.webhook import Again, Delivered, Outcome
from subscribers.words import Language, say, word


def known(url: str) -> bool:
    """Whether apprise knows a service for this address."""
    return bool(Apprise().add(url))


def text(alerts: Sequence[Alert], language: Language) -> tuple[str, str]:
    """Title and body of the message in plain text."""
    title = f"{_mark(alerts[0], language)}{headline(alerts[0].incident, language)}"
    if len(alerts) > 1:
        title = f"{say('incidents', language)}: {len(alerts)}"
    parts = []
    for alert in alerts:
        kind = f"{word('kind', alert.kind, language)} · {word('severity', alert.severity, language)}"
        head = [f"{_mark(alert, language)}{headline(alert.incident, language)}"] if len(alerts) > 1 else []
        parts.append("\n".join([*head, kind, *lines(alert, language)]))
    return title, "\n\n".join(parts)


def _mark(alert: Alert, language: Language) -> str:
    return f"[{say('test', language)}] " if alert.test else ""


async def send_chat(url: str, alerts: Sequence[Alert], language: Language) -> Outcome:
    """Send; apprise says only whether it worked, so every failure is tried again."""
    title, body = text(alerts, language)
    done = await asyncio.to_thread(_send, url, title, body)
    return Delivered() if done else Again("the chat or mail service did not take the message")


def _send(url: str, title: str, body: str) -> bool:
    service = Apprise()
    service.add(url)
    return bool(service.notify(title=title, body=body, body_format=NotifyFormat.TEXT))
