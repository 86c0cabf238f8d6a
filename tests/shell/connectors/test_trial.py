"""`marqab sources test URL` says in words what it found."""

import pytest

from connectors.feeds.trial import try_source
from connectors.settings import ConnectorSettings
from tests.shell.connectors.test_feeds import page, rss, serving

SETTINGS = ConnectorSettings(fetch_allow_private=True, fetch_timeout_seconds=3)
ENTRY = ("1", "عنوان الخبر", "نص الخبر الأول من وكالة الأنباء")


@pytest.fixture
async def server():
    async with serving() as one:
        yield one


async def told(server, path, script):
    server.scripts[path] = [script]
    trial = await try_source(server.base + path, SETTINGS)
    return trial, "\n".join(trial.sentences)


async def test_a_feed_is_described(server):
    extra = "<language>en-us</language><ttl>60</ttl>"
    trial, words = await told(server, "/f", page(rss(ENTRY, extra=extra)))
    assert trial.ok
    assert trial.language == "ar"
    for part in ("is a feed (rss20) of 1 entries", "letters are those of “ar”", "only the beginnings", "60 minutes"):
        assert part in words
    assert "no version (ETag" in words


async def test_a_site_leads_to_its_feed(server):
    server.scripts["/feed"] = [page(rss(ENTRY), ETag='"1"')]
    server.scripts["/bad"] = [page("", 404)]
    html = (
        '<html><link rel="alternate" type="application/rss+xml" href="/bad">'
        '<link rel="alternate" type="application/rss+xml" href="/feed"></html>'
    )
    trial, words = await told(server, "/", page(html))
    assert (trial.ok, trial.url) == (True, server.base + "/feed")
    assert "web page" in words
    assert "404" in words


async def test_a_move_is_told(server):
    server.scripts["/new"] = [page(rss())]
    trial, words = await told(server, "/f", page("", 301, Location="/new"))
    assert trial.url.endswith("/new")
    assert "moved for good" in words


@pytest.mark.parametrize(
    ("script", "words"),
    [(page("<html>x</html>"), "names no feeds"), (page("", 403), "403"), (page("{}"), "no JSON Feed")],
)
async def test_what_is_no_feed_is_told(server, script, words):
    trial, said = await told(server, "/f", script)
    assert not trial.ok
    assert words in said
