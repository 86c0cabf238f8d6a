"""The desk in a real browser (Debian's Chromium): live, right to left, by keyboard, against hostile sources, with 5,000
incidents, and checked by axe-core."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright, expect

from schemas.health import SourceStatus
from schemas.records import Feedback
from subscribers.desk.pages import SIZE
from subscribers.desk.server import Desk, DeskSettings, serving
from subscribers.desk.sources import Answered
from tests.unit.subscribers.builders import AT, alert, heard, place

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
TOKEN = "a-token-for-tests-only"
XSS = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium here: apt-get install -y --no-install-recommends chromium fonts-noto-core"
)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        await started.close()


class Room:
    """A desk that is served, and the alerts that the test puts on its topic."""

    def __init__(self, count: int) -> None:
        self.sent: list[Feedback] = []
        self.desk = Desk(DeskSettings(port=0, token=TOKEN), self._publish)
        self.offset = 0
        self.address = ""
        for number in range(count):
            self.desk.board.take(
                heard(alert(f"i-{number}", country="SY" if number % 2 else "IQ", theatre="levant"), self._next())
            )

    async def _publish(self, feedback: Feedback) -> None:
        self.sent.append(feedback)

    def _next(self) -> int:
        self.offset += 1
        return self.offset - 1

    def tell(self, told) -> None:
        self.desk.live.tell(self.desk.board.take(heard(told, self._next())))


@pytest.fixture
async def room(request) -> AsyncIterator[Room]:
    made = Room(getattr(request, "param", 3))
    async with serving(made.desk) as address:
        made.address = address
        yield made


async def opened(browser: Browser, address: str, **options) -> Page:
    """A page whose every complaint of its console fails the test."""
    page = await browser.new_page(**options)
    page.complaints = []
    page.on("console", lambda said: page.complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    await page.goto(address)
    return page


async def live(page: Page) -> None:
    await expect(page.locator("#live.live")).to_be_visible()


async def test_new_incidents_appear_at_the_top_by_themselves_and_updates_replace_their_card(browser, room) -> None:
    page = await opened(browser, room.address + "/?lang=en")
    await live(page)
    room.tell(alert("i-new", 7, severity="critical", headline_en="Explosion near a market"))
    first = page.locator("#incidents article").first
    await expect(first).to_contain_text("Explosion near a market")
    await expect(first.locator(".chip.severity")).to_contain_text("critical")
    await expect(page.locator("#told")).to_have_text("Explosion near a market")
    await expect(page.locator("#incidents article")).to_have_count(4)
    room.tell(alert("i-new", 8, headline_en="Explosion near a market: killed 3"))
    await expect(first).to_contain_text("killed 3")
    await expect(page.locator("#incidents article")).to_have_count(4)
    await expect(page.locator("#told")).to_have_text("Updated: Explosion near a market: killed 3")
    assert page.complaints == []


async def test_a_lost_connection_comes_back_and_misses_nothing(browser, room) -> None:
    page = await opened(browser, room.address + "/?lang=en")
    await live(page)
    room.desk.live.close()  # the server ends the stream; more happens while the page is away
    room.tell(alert("i-meanwhile", 9, headline_en="Told while the line was down"))
    await expect(page.locator("#incidents article").first).to_contain_text("Told while the line was down")
    await live(page)


async def test_arabic_is_laid_out_from_right_to_left(browser, room) -> None:
    room.tell(alert("i-mixed", 5, headline_ar="هجوم على سجن SDF، الرقة: قتلى 6"))
    page = await opened(browser, room.address + "/?lang=ar", viewport={"width": 1000, "height": 700})
    await live(page)
    assert await page.evaluate("getComputedStyle(document.body).direction") == "rtl"
    card = page.locator("#i-mixed")
    box, link = await card.bounding_box(), await card.locator("h2 a").bounding_box()
    assert box["x"] + box["width"] - (link["x"] + link["width"]) < 40, "the headline starts at the right edge"
    assert await card.locator("h2 bdi").text_content() == "هجوم على سجن SDF، الرقة: قتلى 6"
    time = card.locator("bdi[dir=ltr] time")
    assert (await time.text_content()).endswith("UTC")
    room.tell(alert("i-mixed", 6, headline_ar="خبر جديد"))  # news
    await expect(card).to_contain_text("خبر جديد")
    await page.get_by_role("link", name="English").click()
    await expect(page.locator("html")).to_have_attribute("dir", "ltr")


async def test_filters_narrow_the_list_and_the_live_updates(browser, room) -> None:
    page = await opened(browser, room.address + "/?lang=en", viewport={"width": 1200, "height": 800})
    await page.get_by_label("Country").select_option("IQ")
    await page.get_by_role("button", name="Apply").click()
    await expect(page.locator("#incidents article")).to_have_count(2)
    await live(page)
    room.tell(alert("i-syria", 4))
    room.tell(alert("i-iraq", 4, country="IQ", headline_en="In Iraq"))
    await expect(page.locator("#incidents article").first).to_contain_text("In Iraq")
    await expect(page.locator("#incidents article")).to_have_count(3)
    room.tell(alert("i-0", 2, country="SY"))  # moved: it no longer fits
    await expect(page.locator("#i-0")).to_have_count(0)
    await page.get_by_role("link", name="Clear").click()
    await expect(page.locator("#incidents article")).to_have_count(5)


async def test_what_a_source_writes_is_never_run(browser, room) -> None:
    hostile = {"headline_en": XSS, "headline_ar": XSS, "place": place(name_en=XSS, name_ar=XSS)}
    room.tell(alert("i-hostile", 5, **hostile))
    page = await opened(browser, room.address + "/?lang=en")
    await live(page)
    room.tell(alert("i-hostile", 6, **hostile))  # now through the stream
    await expect(page.locator('#i-hostile[data-revision="6"] h2')).to_have_text(XSS)
    await page.goto(room.address + "/incidents/i-hostile?lang=ar")
    await expect(page.locator("h1")).to_have_text(XSS)
    assert await page.locator("img").count() == 0
    assert await page.title() != "taken"
    assert page.complaints == [], "not even the policy had anything to stop"


async def test_the_policy_stops_what_would_get_through_all_the_same(browser, room) -> None:
    page = await opened(browser, room.address + "/?lang=en")
    await page.evaluate(
        "() => { const made = document.createElement('div');"
        " try { made.innerHTML = '<b>x</b>'; } catch (error) { window.trusted = error.name } }"
    )
    assert await page.evaluate("window.trusted") == "TypeError", "Trusted Types: nothing can be written as markup"
    assert any("TrustedHTML" in said for said in page.complaints)


async def test_by_keyboard_alone(browser, room) -> None:
    page = await opened(browser, room.address + "/?lang=en", viewport={"width": 390, "height": 800})
    await page.keyboard.press("Tab")
    await expect(page.locator(".skip")).to_be_focused()
    await page.keyboard.press("j")
    await expect(page.locator("#incidents article h2 a").nth(0)).to_be_focused()
    await page.keyboard.press("j")
    await expect(page.locator("#incidents article h2 a").nth(1)).to_be_focused()
    await page.keyboard.press("k")
    focused = page.locator("#incidents article h2 a").nth(0)
    await expect(focused).to_be_focused()
    name = await page.locator("#incidents article").nth(0).get_attribute("id")
    await live(page)
    room.tell(alert(name, 9, headline_en="Focus stays"))
    await expect(page.locator(f"#{name} h2 a")).to_have_text("Focus stays")
    await expect(page.locator(f"#{name} h2 a")).to_be_focused()
    await page.keyboard.press("/")
    await expect(page.get_by_label("Search")).to_be_focused()
    await page.keyboard.type("jk")
    await expect(page.get_by_label("Search")).to_have_value("jk")


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 360)])
async def test_axe_finds_no_barrier(browser, room, language: str, scheme: str, width: int) -> None:
    room.tell(alert("i-1", 2, severity="critical"))
    room.tell(alert("i-2", 2, severity="medium"))
    room.tell(alert("i-3", 2, severity="low", grade="weak", claims=[]))
    for path in ("/", "/incidents/i-1"):
        page = await opened(
            browser, f"{room.address}{path}?lang={language}", color_scheme=scheme,
            viewport={"width": width, "height": 800}, bypass_csp=True,
        )  # fmt: skip
        found = await Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
        assert found.violations_count == 0, found.generate_report()
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"
        await page.close()


async def logged_in(browser, room, language: str, **options) -> Page:
    page = await opened(browser, f"{room.address}/incidents/i-1?lang={language}", **options)
    await page.locator('a[href^="/login"]').click()
    await page.locator("input[name=token]").fill(TOKEN)
    await page.keyboard.press("Enter")
    await expect(page.locator("form.correct input[name=by]")).to_be_visible()
    return page


async def test_a_person_logs_in_and_splits_a_post_off_by_keyboard_and_mouse(browser, room) -> None:
    page = await logged_in(browser, room, "en")
    assert page.url.endswith("/incidents/i-1?lang=en"), "back where the person came from"
    await page.locator("input[name=by]").fill("Amal")
    await page.keyboard.press("Enter")  # presses no button by itself
    await page.locator("input[name=note]").fill("another attack")
    await page.locator("input[value=p-2]").check()
    await page.get_by_role("button", name="Split them off").click()
    await expect(page.locator("h1")).to_contain_text("Sent.")
    [sent] = room.sent
    assert (sent.kind, sent.posts, sent.by) == ("split", ["p-2"], "Amal")
    assert page.complaints == []


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 360)])
async def test_axe_finds_no_barrier_where_people_correct_and_look_at_sources(
    browser, room, language: str, scheme: str, width: int
) -> None:
    told = [
        SourceStatus(id="a", name="مرصد", kind="feed", state="up", last_success_at=AT, newest_post_at=AT, silent=True),
        SourceStatus(id="b", name="Gone", kind="feed", state="stopped", reason="HTTP 410"),
        SourceStatus(id="c", kind="telegram", state="down", reason="FloodWait 30 s"),
    ]
    room.desk.sources.urls = ("http://127.0.0.1:9464",)
    room.desk.sources.answers["http://127.0.0.1:9464"] = Answered(AT, tuple(told))
    room.desk.sources.answers["http://127.0.0.1:9474"] = Answered(AT, wrong="refused")
    size = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}, "bypass_csp": True}
    page = await logged_in(browser, room, language, **size)
    for path in ("/incidents/i-1", "/sources", "/login"):
        await page.goto(f"{room.address}{path}?lang={language}")
        found = await Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
        assert found.violations_count == 0, found.generate_report()
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path}: sticks out"


@pytest.mark.parametrize("room", [5000], indirect=True)
async def test_five_thousand_incidents_are_one_page_at_a_time_and_still_live(browser, room) -> None:
    page = await opened(browser, room.address + "/?lang=ar")
    await live(page)
    await expect(page.locator("#shown")).to_contain_text("5000")
    await expect(page.locator("#incidents article")).to_have_count(SIZE)
    room.tell(alert("i-4999", 3, headline_ar="تحديث"))  # update
    await expect(page.locator("#incidents article").first).to_contain_text("تحديث")
    await page.locator(".walk a[rel=next]").click()
    await expect(page.locator("#incidents article")).to_have_count(SIZE)
    assert "page=2" in page.url


def test_the_desk_needs_nobody_else() -> None:
    folder = Path(__file__).resolve().parents[3] / "subscribers" / "desk" / "static"
    for file in folder.iterdir():
        outside = [word for word in file.read_text("utf-8").split() if "http" in word and "www.w3.org" not in word]
        assert outside == [], file.name
