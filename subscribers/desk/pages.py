"""The frame of every page, and the list of incidents."""

from subscribers.desk.board import Board, Page
from subscribers.desk.cards import card
from subscribers.desk.tree import Element, Part, h, html
from subscribers.desk.wanted import Wanted
from subscribers.words import DIRECTION, Language, say, tables, word

SIZE = 100
"""Incidents on one page: what a phone draws at once without pause."""


def document(title: str, language: Language, other: str, *content: Part, **body: str) -> str:
    """A whole page.

    Args:
        title: of the window.
        language: of the page; decides its direction.
        other: address of the same page in the other language.
        content: what stands in it.
        body: attributes of the body, for the script.
    """
    page = h(
        "html",
        h(
            "head",
            h("meta", charset="utf-8"),
            h("title", title),
            h("meta", name="viewport", content="width=device-width, initial-scale=1"),
            h("meta", name="color-scheme", content="light dark"),
            h("link", rel="stylesheet", href="/static/desk.css"),
            h("link", rel="icon", href="/static/desk.svg", type="image/svg+xml"),
            h("link", rel="alternate", type="application/atom+xml", href=f"/alerts.atom?lang={language}"),
            h("script", src="/static/desk.js", defer=True),
        ),
        h(
            "body",
            h("a", say("skip", language), href="#main", class_="skip"),
            h(
                "header",
                h("a", say("desk", language), href=f"/?lang={language}", class_="name"),
                h("a", say("the_sources", language), href=f"/sources?lang={language}"),
                h("a", say("other_language", language), href=other, lang=_other(language), class_="language"),
            ),
            content,
            h("footer", h("p", say("about", language))),
            **body,
        ),
        lang=language,
        dir=DIRECTION[language],
    )
    return "<!doctype html>\n" + html(page)


def _other(language: Language) -> Language:
    return "en" if language == "ar" else "ar"


def list_page(board: Board, wanted: Wanted, language: Language, number: int = 1) -> str:
    """The incidents that are wanted, newest first, and the filters."""
    page = board.page(wanted, number, SIZE)
    shown = say("shown", language, shown=len(page.alerts), count=page.count)
    return document(
        say("desk", language),
        language,
        "/?" + wanted.query(lang=_other(language)),
        filters(board, wanted, language),
        h(
            "main",
            h("h1", say("incidents", language)),
            h(
                "p",
                h("span", shown, id="shown"),
                " · ",
                h("span", say("connecting", language), id="live", role="status"),
                class_="quiet",
            ),
            h("p", say("nothing", language), id="nothing", hidden=bool(page.alerts)),
            h("div", [card(alert, language) for alert in page.alerts], id="incidents"),
            _walk(page, wanted, language, number),
            h("p", say("keys", language), class_="quiet keys"),
            id="main",
            tabindex="-1",
        ),
        h("p", id="told", role="status", class_="unseen"),
        data_live="/events?" + wanted.query(lang=language, after=board.position) if number == 1 else "",
        data_say_live=say("live", language),
        data_say_offline=say("offline", language),
        data_say_updated=say("updated", language),
    )


def _walk(page: Page, wanted: Wanted, language: Language, number: int) -> Element:
    newest = f"/?{wanted.query(lang=language)}"
    older = f"/?{wanted.query(lang=language, page=str(number + 1))}"
    return h(
        "nav",
        h("a", say("newest", language), href=newest) if number > 1 else None,
        " ",
        h("a", say("older", language), href=older, rel="next") if page.older else None,
        aria_label=say("older", language),
        class_="walk",
    )


def filters(board: Board, wanted: Wanted, language: Language) -> Element:
    """The form of filters; it works without any script."""

    def choice(name: str, label: str, table: str, chosen: str | None) -> Element:
        options = [
            h("option", word(table, one, language), value=one, selected=one == chosen) for one in tables()[table]
        ]
        return _select(name, label, options, language)

    countries = [
        h("option", word("country", one, language), value=one, selected=one == wanted.country)
        for one in board.countries
    ]
    form = h(
        "form",
        h("input", type="hidden", name="lang", value=language),
        h(
            "label",
            say("search", language),
            h("input", type="search", name="q", value=wanted.search, id="search", dir="auto", maxlength=200),
        ),
        _select("country", say("country", language), countries, language),
        choice("type", say("type", language), "type", wanted.type),
        choice("severity", say("at_least", language), "severity", wanted.severity),
        choice("grade", say("credibility", language), "grade", wanted.grade),
        h(
            "label",
            h("input", type="checkbox", name="claimed", value="1", checked=wanted.claimed),
            say("claimed_only", language),
            class_="check",
        ),
        h("button", say("apply", language), type="submit"),
        h("a", say("clear", language), href=f"/?lang={language}", class_="button"),
        method="get",
        action="/",
        role="search",
        aria_label=say("filters", language),
        class_="filters",
    )
    # Closed where nothing is filtered; the script opens it on wide screens.
    used = wanted != Wanted(tests=wanted.tests)
    return h("details", h("summary", say("filters", language)), form, id="filters", open=used)


def _select(name: str, label: str, options: list[Element], language: Language) -> Element:
    return h("label", label, h("select", h("option", say("any", language), value=""), options, name=name))


def told_page(text: str, back: str, language: Language) -> str:
    """One sentence, and the way back."""
    return document(
        text,
        language,
        f"/?lang={_other(language)}",
        h("main", h("h1", text), h("p", h("a", say("go_back", language), href=back)), id="main", tabindex="-1"),
    )


def login_page(language: Language, onward: str, wrong: str = "") -> str:
    """Where the token is asked for.

    Args:
        language: of the page.
        onward: where to go afterwards, within the desk.
        wrong: why the last try failed.
    """
    token = h("input", type="password", name="token", required=True, autocomplete="current-password", dir="ltr")
    form = h(
        "form",
        h("input", type="hidden", name="next", value=onward),
        h("label", say("token", language), token),
        h("button", say("log_in", language), type="submit"),
        method="post",
        action=f"/login?lang={language}",
        class_="correct",
    )
    return document(
        say("log_in", language),
        language,
        f"/login?lang={_other(language)}",
        h(
            "main",
            h("h1", say("log_in", language)),
            h("p", wrong, role="alert", class_="notice") if wrong else None,
            form,
            h("p", say("whence_token", language), class_="quiet"),
            id="main",
            tabindex="-1",
        ),
    )


def absent_page(language: Language) -> str:
    """What stands where there is nothing."""
    home = h("a", say("back", language), href=f"/?lang={language}")
    told = h("main", h("h1", say("absent", language)), h("p", home), id="main", tabindex="-1")
    return document(say("absent", language), language, f"/?lang={_other(language)}", told)
