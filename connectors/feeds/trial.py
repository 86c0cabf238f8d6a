"""Try a source before it is added, and say in words what was found: `marqab sources test URL`."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from statistics import median
from urllib.parse import urlsplit

from connectors.base import utc_now
from connectors.feeds.discover import feeds_of_page
from connectors.feeds.document import Document, NotAFeed
from connectors.feeds.fetch import Answer, Failure, Fetcher
from connectors.feeds.pace import hint_seconds, rhythm_seconds
from connectors.feeds.parse import parse
from connectors.settings import ConnectorSettings

CANDIDATES = 3
"""Feeds of a page that are tried; each is a request to somebody's server."""
SHORT_TEXT = 400


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What was found.

    Attributes:
        ok: a feed was read.
        url: its address, to be written into the sources file.
        title: how it calls itself.
        language: of its posts, as far as it can be told.
        channel_id: number of a Telegram channel, to be pinned; None for feeds.
        sentences: what a person wants to know, most important first.
    """

    ok: bool
    url: str
    title: str = ""
    language: str | None = None
    channel_id: int | None = None
    sentences: tuple[str, ...] = field(default_factory=tuple)


async def try_source(url: str, settings: ConnectorSettings | None = None, *, proxy: str = "") -> Trial:
    """Ask for one address, follow a page to its feeds, and describe what is there. One to four requests, no more.

    Args:
        url: a feed's or a site's address; `https://` is put before it where the scheme is missing.
        settings: see `ConnectorSettings`.
        proxy: address of a proxy; empty for none.
    """
    url = url if "://" in url else f"https://{url}"
    async with Fetcher(settings or ConnectorSettings()) as fetcher:
        first = await _asked(fetcher, url, proxy)
        if isinstance(first, Trial):
            return first
        answer, found = first
        if isinstance(found, Document):
            return describe(found, answer, utc_now())
        named = feeds_of_page(answer.body, answer.url, answer.headers.get("content-type"))
        told = [f"{url}: {found.reason}."]
        if not named:
            return Trial(ok=False, url=url, sentences=(*told, "It names no feeds either."))
        told.append(f"It names {len(named)} feeds; they are tried in order:")
        for candidate in named[:CANDIDATES]:
            tried = await _asked(fetcher, candidate, proxy)
            if isinstance(tried, Trial):
                told += tried.sentences
            elif isinstance(tried[1], NotAFeed):
                told.append(f"{candidate}: {tried[1].reason}.")
            else:
                trial = describe(tried[1], tried[0], utc_now())
                others = [f"Also named: {other}" for other in named if other != candidate]
                return replace(trial, sentences=(*told, *trial.sentences, *others))
        return Trial(ok=False, url=url, sentences=tuple(told))


async def _asked(fetcher: Fetcher, url: str, proxy: str) -> tuple[Answer, Document | NotAFeed] | Trial:
    answer = await fetcher.fetch(url, proxy=proxy)
    if isinstance(answer, Failure):
        return Trial(ok=False, url=url, sentences=(f"{url} cannot be read: {answer.reason}.",))
    return answer, parse(answer.body, content_type=answer.headers.get("content-type"), url=answer.url)


def describe(document: Document, answer: Answer, now: datetime) -> Trial:
    """A feed in sentences: pure."""
    url = answer.moved_to or answer.url
    language = _language(document)
    told = [
        f"{url} is a feed ({document.format}) of {len(document.entries)} entries: “{document.title or 'no title'}”.",
        *_moved(answer),
        *_rhythm(document, now),
        *_words(document, language),
        *_oddities(document),
        *_manners(document, answer, now),
    ]
    return Trial(ok=True, url=url, title=document.title, language=language, sentences=tuple(told))


def _moved(answer: Answer) -> list[str]:
    if answer.moved_to:
        return [f"The address has moved for good to {answer.moved_to}; write that one down."]
    return []


def _rhythm(document: Document, now: datetime) -> list[str]:
    dates = sorted(entry.published_at for entry in document.entries if entry.published_at)
    if not dates:
        return ["No entry has a date that can be read: the time of fetching will stand in."] if document.entries else []
    told = [f"The last entry is {ago(now, dates[-1])}, the oldest {ago(now, dates[0])}."]
    told.append(rhythm_sentence(dates, now))
    undated = sum(entry.published_at is None for entry in document.entries)
    if undated:
        told.append(f"{undated} of {len(document.entries)} entries have no date that can be read.")
    return told


def rhythm_sentence(dates: list[datetime], now: datetime) -> str:
    """How often something comes, by the dates of what is shown, oldest first."""
    seconds = rhythm_seconds(dates, now)
    if seconds < 7 * 86_400:
        return f"It brings about {max(1, round(86_400 / seconds))} entries a day."
    return "It has brought nothing for a week."


def _words(document: Document, language: str | None) -> list[str]:
    if not document.entries:
        return []
    told = []
    declared = (document.language or "").split("-")[0]
    if language and declared and declared != language:
        told.append(f"It calls its language “{document.language}”, but the letters are those of “{language}”.")
    elif language:
        told.append(f"The language is “{language}”.")
    length = median(len(entry.text) for entry in document.entries)
    kind = "only the beginnings of articles" if length < SHORT_TEXT else "whole articles or long summaries"
    told.append(f"It gives {kind} (half of the texts have fewer than {length:.0f} characters).")
    return told


def _oddities(document: Document) -> list[str]:
    told = [f"It can be read in spite of a flaw: {flaw}." for flaw in document.flaws]
    without = sum(entry.guid is None for entry in document.entries)
    if without:
        told.append(f"{without} entries have no id of their own; their link or words will stand in.")
    return told


def _manners(document: Document, answer: Answer, now: datetime) -> list[str]:
    told = [f"The server answered {len(answer.body):,} bytes in {answer.seconds:.1f} s."]
    if not (answer.headers.get("etag") or answer.headers.get("last-modified")):
        told.append("It names no version (ETag, Last-Modified), so every request transfers the whole feed.")
    hint = hint_seconds(answer.headers, document.ttl_seconds, now)
    if hint:
        told.append(
            f"The publisher wants to be asked every {_span(hint)} at most; that is honoured up to the tier's limit."
        )
    if document.hub:
        told.append(f"It offers pushes (WebSub) through {urlsplit(document.hub).hostname}.")
    return told


def _language(document: Document) -> str | None:
    shown = [f"{entry.title or ''} {entry.text[:500]}" for entry in document.entries[:20]]
    return language_of(shown, (document.language or "").split("-")[0] or None)


def language_of(texts: list[str], declared: str | None) -> str | None:
    """By the letters where they tell, else as declared; feeds in Arabic often call themselves en-us."""
    sample = " ".join(texts)
    letters = sum(letter.isalpha() for letter in sample)
    arabic = sum("\u0600" <= letter <= "\u06ff" for letter in sample)
    if letters < 20:
        return declared
    if arabic > letters / 2:
        # Persian, Kurdish and Urdu share the script.
        return declared if declared in {"fa", "ku", "ckb", "ur", "ps"} else "ar"
    return None if declared == "ar" else declared


def ago(now: datetime, moment: datetime) -> str:
    """How old something of this moment is, in words."""
    seconds = (now - moment).total_seconds()
    return f"{_span(seconds)} old" if seconds >= 0 else f"dated {_span(-seconds)} in the future"


def _span(seconds: float) -> str:
    for size, name in ((86_400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {name}"
    return f"{seconds:.0f} seconds"
