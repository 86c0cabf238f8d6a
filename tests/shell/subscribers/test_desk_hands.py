"""Who may correct at the desk, who may read, and what a sent form comes to."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from schemas.errors import SourceDown
from schemas.kinds import FeedbackKind
from schemas.records import Feedback
from subscribers.desk.door import TRIES
from subscribers.desk.server import Desk, DeskSettings, serving
from tests.unit.subscribers.builders import alert, heard

TOKEN = "a-token-for-tests-only"
SAID = {"by": "Amal", "note": "the same attack"}


class Place:
    """A served desk, and what reached the topic."""

    def __init__(self, **settings) -> None:
        self.sent: list[Feedback] = []
        self.down = False
        self.desk = Desk(DeskSettings(port=0, **({"token": TOKEN} | settings)), self.publish)
        for number in (1, 2):
            self.desk.take(heard(alert(f"i-{number}", theatre="levant"), number))

    async def publish(self, feedback: Feedback) -> None:
        if self.down:
            raise SourceDown("no Kafka broker answers")
        self.sent.append(feedback)


@asynccontextmanager
async def opened(**settings) -> AsyncIterator[tuple[Place, str, aiohttp.ClientSession]]:
    place = Place(**settings)
    jar = aiohttp.CookieJar(unsafe=True)  # cookies of an address without a name
    async with serving(place.desk) as address, aiohttp.ClientSession(cookie_jar=jar) as http:
        yield place, address, http


async def log_in(http: aiohttp.ClientSession, address: str, token: str = TOKEN, onward: str = "/") -> int:
    form = {"token": token, "next": onward}
    async with http.post(address + "/login", data=form, allow_redirects=False) as answer:
        return answer.status


async def form_word(http: aiohttp.ClientSession, address: str) -> str:
    async with http.get(f"{address}/incidents/i-1") as answer:
        return re.search(r'name="word" value="([^"]+)"', await answer.text())[1]


async def correct(http: aiohttp.ClientSession, address: str, **fields) -> tuple[int, str]:
    async with http.post(f"{address}/incidents/i-1/correct", data=SAID | fields) as answer:
        return answer.status, await answer.text()


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"kind": "mute"}, FeedbackKind.MUTE),
        ({"kind": "not_an_incident"}, FeedbackKind.NOT_AN_INCIDENT),
        ({"kind": "merge", "into": "i-2"}, FeedbackKind.MERGE),
        ({"kind": "split", "post": "p-2"}, FeedbackKind.SPLIT),
    ],
)
async def test_whoever_has_shown_the_token_corrects(fields, kind) -> None:
    async with opened() as (place, address, http):
        assert await log_in(http, address) == 303
        status, page = await correct(http, address, word=await form_word(http, address), **fields)
        assert (status, "Sent." in page) == (202, True)
        [sent] = place.sent
        assert (sent.kind, sent.incident_id, sent.theatre, sent.by, sent.note) == (
            kind,
            "i-1",
            "levant",
            *SAID.values(),
        )
        assert sent.into == fields.get("into")
        assert sent.posts == ([fields["post"]] if "post" in fields else [])


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"kind": "merge", "into": "i-9"}, "there is no incident i-9"),
        ({"kind": "merge", "into": "i-1"}, "names i-1 on both sides"),
        ({"kind": "split"}, "name the posts"),
        ({"kind": "split", "post": "p-77"}, "p-77 is no post of i-1"),
        ({"kind": "mute", "by": " "}, "say who you are"),
        ({"kind": "delete everything"}, "press one of the buttons"),
    ],
)
async def test_what_cannot_be_meant_is_refused_in_a_sentence(fields, sentence) -> None:
    async with opened() as (place, address, http):
        await log_in(http, address)
        status, page = await correct(http, address, word=await form_word(http, address), **fields)
        assert status == 400
        assert sentence in page
        assert place.sent == []


async def test_nobody_corrects_without_the_token_or_with_a_form_from_elsewhere() -> None:
    async with opened() as (place, address, http):
        async with http.get(f"{address}/incidents/i-1") as answer:
            page = await answer.text()
            assert "Log in to correct" in page
            assert 'name="word"' not in page
        assert (await correct(http, address, kind="mute", word=""))[0] == 403
        assert await log_in(http, address, "not-the-token") == 403
        assert (await correct(http, address, kind="mute", word="guess"))[0] == 403
        await log_in(http, address)
        assert (await correct(http, address, kind="mute", word="guess"))[0] == 403, "another site's form"
        assert place.sent == []


async def test_a_broker_that_is_away_is_told_and_nothing_is_lost_in_silence() -> None:
    async with opened() as (place, address, http):
        await log_in(http, address)
        place.down = True
        status, page = await correct(http, address, kind="mute", word=await form_word(http, address))
        assert status == 503
        assert "Not sent" in page


async def test_the_session_is_a_cookie_that_scripts_and_other_sites_cannot_use() -> None:
    async with opened(base="https://desk.example") as (_, address, http):
        form = {"token": TOKEN, "next": "//elsewhere.example"}
        async with http.post(address + "/login", data=form, allow_redirects=False) as answer:
            cookie = answer.headers["Set-Cookie"]
            assert {"HttpOnly", "SameSite=Strict", "Secure"} <= set(cookie.split("; "))
            assert answer.headers["Location"] == "/"
            assert TOKEN not in cookie


async def test_log_out_ends_the_session() -> None:
    async with opened() as (_, address, http):
        await log_in(http, address)
        word = await form_word(http, address)
        kept = list(http.cookie_jar)
        async with http.post(address + "/logout", data={"word": word}) as answer:
            assert answer.status == 200
        async with http.get(f"{address}/incidents/i-1", cookies={one.key: one.value for one in kept}) as answer:
            assert 'name="word"' not in await answer.text()


async def test_guessing_the_token_has_an_end() -> None:
    async with opened() as (_, address, http):
        said = [await log_in(http, address, f"guess-{n}") for n in range(TRIES + 1)]
        assert said[0] == 403
        assert said[-1] == 429
        assert await log_in(http, address) == 429


@pytest.mark.parametrize("path", ["/", "/incidents/i-1", "/incidents/i-1.json", "/alerts.atom", "/alerts.geojson",
                                  "/events", "/sources"])  # fmt: skip
async def test_where_reading_is_guarded_nothing_is_told_without_the_token(path) -> None:
    async with opened(guards_reading=True) as (_, address, http):
        async with http.get(address + path) as answer:
            assert answer.status == 401
            assert "Attack" not in await answer.text()
        headers = {"Accept": "text/html"}
        async with http.get(address + path, headers=headers, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, f"/login?next={path}")
        async with http.get(address + path, headers={"Authorization": f"Bearer {TOKEN}"}) as answer:
            assert answer.status == 200
        async with http.get(address + path, headers={"Authorization": "Bearer not-the-token"}) as answer:
            assert answer.status == 401
        for free in ("/healthz", "/login", "/static/desk.css"):
            async with http.get(address + free) as answer:
                assert answer.status == 200
        await log_in(http, address)
        async with http.get(address + path) as answer:
            assert answer.status == 200


async def test_without_a_token_the_desk_only_reads() -> None:
    async with opened(token="") as (_, address, http):
        assert await log_in(http, address, "") == 403
        async with http.get(f"{address}/incidents/i-1") as answer:
            page = await answer.text()
        assert "Log in" not in page
        assert "<form" not in page
