"""How the sources are: asked of the connectors now and then by the desk itself, never by a reader's browser."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import aiohttp
import msgspec

from schemas.health import SourceState, SourceStatus
from subscribers.desk.cards import moment
from subscribers.desk.pages import document
from subscribers.desk.tree import Element, Part, h
from subscribers.words import Language, say, tables, word

EVERY_SECONDS: Final = 15.0
ANSWER_SECONDS: Final = 5.0
GRAVEST: Final = (SourceState.STOPPED, SourceState.DOWN, SourceState.STARTING, SourceState.UP)
"""The order in which sources are shown: what needs a person first."""


@dataclass(frozen=True)
class Answered:
    """What one connectors process said when it was asked last."""

    at: datetime
    statuses: tuple[SourceStatus, ...] = ()
    wrong: str = ""
    """Why it said nothing that can be used."""


class Sources:
    """What the connectors say of their sources."""

    def __init__(self, urls: Sequence[str], token: str = "") -> None:
        """Nobody is asked yet.

        Args:
            urls: of the connectors' endpoints.
            token: shown to them; empty where they want none.
        """
        self.urls, self._token = tuple(urls), token
        self.answers: dict[str, Answered] = {}

    async def follow(self) -> None:
        """Ask them all again and again, without end; returns at once where there is nobody to ask."""
        if not self.urls:
            return
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        async with aiohttp.ClientSession(timeout=timeout, headers=headers) as http:
            while True:
                for url in self.urls:
                    self.answers[url] = await ask(http, url)
                await asyncio.sleep(EVERY_SECONDS)


async def ask(http: aiohttp.ClientSession, url: str) -> Answered:
    """Ask one connectors process; never raises for what it answers or that it does not."""
    at = datetime.now(UTC)
    try:
        async with http.get(f"{url}/sources", allow_redirects=False) as answer:
            if answer.status != 200:
                return Answered(at, wrong=f"HTTP {answer.status}")
            return Answered(at, tuple(msgspec.json.decode(await answer.read(), type=list[SourceStatus])))
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError, msgspec.MsgspecError) as error:
        return Answered(at, wrong=str(error) or type(error).__name__)


def sources_page(sources: Sources, now: datetime, language: Language) -> str:
    """The page: what does not answer first, then by name."""
    other = "en" if language == "ar" else "ar"
    statuses = [status for answer in sources.answers.values() for status in answer.statuses]
    order = sorted(statuses, key=lambda one: (GRAVEST.index(one.state), not one.silent, one.name or one.id))
    wrong = [
        h("p", say("connectors_silent", language, url=url, reason=answer.wrong), class_="notice")
        for url, answer in sources.answers.items()
        if answer.wrong
    ]
    names = ("source", "source_state", "last_answer", "newest_post", "usual_pause")
    head = h("thead", h("tr", [h("th", say(name, language), scope="col") for name in names]))
    body = h("tbody", [_row(one, now, language) for one in order])
    return document(
        say("sources_read", language),
        language,
        f"/sources?lang={other}",
        h(
            "main",
            h("h1", say("sources_read", language), id="read"),
            h("p", say("no_connectors", language)) if not sources.urls else None,
            wrong,
            h("div", h("table", head, body), class_="scroll", role="region", tabindex="0", aria_labelledby="read")
            if order
            else None,
            id="main",
            tabindex="-1",
        ),
    )


def _row(one: SourceStatus, now: datetime, language: Language) -> Element:
    state: Part = h("span", word("source_state", one.state, language), class_=f"chip state-{one.state}")
    if one.silent and one.state is SourceState.UP:
        state = h("span", say("is_silent", language), class_="chip state-silent")
    return h(
        "tr",
        h("th", h("bdi", one.name or one.id), h("br"), h("bdi", one.id, class_="quiet"), scope="row"),
        h("td", state, [" ", h("bdi", one.reason)] if one.reason else None),
        h("td", _ago(one.last_success_at, now, language)),
        h("td", _ago(one.newest_post_at, now, language)),
        h("td", span(one.usual_pause_seconds, language) if one.usual_pause_seconds else "–"),
    )


def _ago(at: datetime | None, now: datetime, language: Language) -> Part:
    if at is None:
        return "–"
    return [moment(at), " (", h("bdi", span((now - at).total_seconds(), language)), ")"]


def span(seconds: float, language: Language) -> str:
    """A length of time in its largest whole unit: `90 s`, `12 min`, `5 h`, `3 d`."""
    for unit, size, most in (("seconds", 1, 120), ("minutes", 60, 7200), ("hours", 3600, 172_800)):
        if abs(seconds) < most:
            return tables()["span"][unit][language].format(count=round(seconds / size))
    return tables()["span"]["days"][language].format(count=round(seconds / 86_400))
