"""The desk asks the connectors how their sources are, and shows what needs a person first."""

from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from connectors.health import HealthBoard
from connectors.sources import SourceSettings
from marqab.commands.service import statuses
from marqab.health import Health, endpoints
from marqab.metrics import Metrics
from schemas.kinds import SourceKind
from subscribers.desk.sources import Sources, ask, sources_page, span

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
READ = [
    SourceSettings(id="a", kind=SourceKind.FEED, url="https://a.example/feed", name="Answers"),
    SourceSettings(id="b", kind=SourceKind.FEED, url="https://b.example/feed", name="<b>Gone</b>"),
    SourceSettings(id="c", kind=SourceKind.TELEGRAM, channel="c", name="Not asked yet"),
]


def board() -> HealthBoard:
    made = HealthBoard()
    made.expect([one.id for one in READ])
    made.learn("a", [NOW - timedelta(minutes=20 * n) for n in range(40)], NOW)
    made.up("a", NOW - timedelta(seconds=30), NOW - timedelta(minutes=3))
    made.stopped("b", NOW, "HTTP 410: the feed is gone for good")
    return made


async def shown(language: str) -> str:
    health = Health()
    health.pages["/sources"] = lambda: statuses(READ, board())
    async with endpoints("127.0.0.1", 0, Metrics("connectors"), health) as url, aiohttp.ClientSession() as http:
        sources = Sources([url])
        sources.answers[url] = await ask(http, url)
    return sources_page(sources, NOW, language)


async def test_what_needs_a_person_stands_first() -> None:
    page = await shown("en")
    assert page.index("&lt;b&gt;Gone") < page.index("Not asked yet") < page.index("Answers")
    assert "HTTP 410: the feed is gone for good" in page
    assert "stopped: needs a person" in page
    assert "<bdi>30 s</bdi>" in page
    assert ">20 min<" in page, "its usual pause"


async def test_in_arabic_as_well() -> None:
    page = await shown("ar")
    assert "متوقف: يحتاج تدخلا" in page  # stopped: needs a person
    assert 'dir="rtl"' in page


async def test_connectors_that_do_not_answer_are_named_with_the_reason() -> None:
    sources = Sources(["http://127.0.0.1:9"])
    async with aiohttp.ClientSession() as http:
        sources.answers[sources.urls[0]] = await ask(http, sources.urls[0])
    assert "The connectors at http://127.0.0.1:9 do not answer" in sources_page(sources, NOW, "en")


async def test_what_is_no_answer_of_connectors_breaks_nothing() -> None:
    health = Health()
    health.pages["/sources"] = lambda: {"hello": 1}
    async with endpoints("127.0.0.1", 0, Metrics("connectors"), health) as url, aiohttp.ClientSession() as http:
        assert "array" in (await ask(http, url)).wrong
        assert (await ask(http, url + "/nowhere")).wrong == "HTTP 404"


@pytest.mark.parametrize(
    ("seconds", "told"), [(0, "0 s"), (90, "90 s"), (720, "12 min"), (18_000, "5 h"), (259_200, "3 d")]
)
def test_a_length_of_time_in_its_largest_unit(seconds: float, told: str) -> None:
    assert span(seconds, "en") == told
