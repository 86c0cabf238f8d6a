"""Pages of t.me/s: saved ones as they are, and the traps in them written out small."""

import json
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.telegram_web.parse import PageKind, parse_page
from tests.paths import SHARED, needs_shared

SAVED = SHARED / "data" / "telegram"
BLOCKS = {
    "audio_document.html": ([12], "audio"),
    "audio_message.html": ([13], "voice"),
    "location_message.html": ([10], "location"),
    "location_message_2.html": ([83], "location"),
    "multimedia_message.html": ([84, 85, 86, 87], "video"),
    "photo_multiple.html": ([14, 15], "photo"),
    "photo_single.html": ([16], "photo"),
    "poll.html": ([11], "poll"),
    "round_video_single.html": ([17], "video_note"),
    "sticker_message.html": ([9], "sticker"),
    "video_big.html": ([5343], "video"),
    "video_single.html": ([18], "video"),
    "text_message_multiline.html": ([62], None),
}


def saved(folder, name):
    return parse_page((SAVED / folder / name).read_text("utf-8"))


def bubble(number, text="", *, inside="", classes="", view=""):
    return (
        f'<div class="tgme_widget_message {classes} js-widget_message" data-post="ch/{number}" {view}>'
        f'<div class="tgme_widget_message_bubble">{inside}'
        f'<div class="tgme_widget_message_text js-message_text">{text}</div>'
        '<span class="tgme_widget_message_meta"><a class="tgme_widget_message_date" href="#">'
        '<time datetime="2022-12-26T18:00:00+03:00"></time></a></span></div></div>'
    )


@needs_shared
@pytest.mark.parametrize("name", sorted(BLOCKS))
def test_saved_blocks_by_kind_of_media(name):
    page = saved("preview_blocks", name)
    ids, kind = BLOCKS[name]
    assert page.kind is PageKind.OK
    assert [m.message_id for m in page.messages] == ids
    assert [m.kind for m in page.messages[0].media] == ([kind] if kind else [])
    assert page.channel_id > 1_000_000_000
    assert page.rejected == 0


@needs_shared
def test_every_saved_block_is_read_or_named():
    for path in sorted((SAVED / "preview_blocks").glob("*.html")):
        page = parse_page(path.read_text("utf-8"))
        assert page.rejected == 0, path.name
        if path.name == "no_posts_found.html":
            assert page.kind is PageKind.NO_POSTS
            continue
        assert page.kind is PageKind.OK, path.name
        assert page.ids, path.name
        for message in page.messages:
            assert message.channel_id == page.channel_id
            assert message.published_at.tzinfo is UTC
            assert not re.search(r"[<>]\w|&(amp|lt|#\d+);", message.text), path.name
            assert message.text or message.media, path.name


@needs_shared
def test_a_whole_saved_page():
    page = saved("preview_html", "full.html")
    assert page.kind is PageKind.OK
    assert page.channel_id == 1084368520
    assert page.username == "topwar_official"
    assert page.title
    assert page.rejected == 0
    assert page.ids == (70989, 70990, *range(70992, 71009))  # 70991 is on a page of its own
    album = [m for m in page.messages if m.grouped_id]
    assert len({m.grouped_id for m in album}) == 2
    assert all(m.media for m in album)
    captions = [m for m in album if m.text]
    assert len(captions) == 2
    assert all(len(m.text) > 50 for m in captions)
    # a caption nests two text blocks: its words must not stand there twice
    assert all(m.text.count(m.text[:30]) == 1 for m in page.messages if m.text)
    assert all(m.views > 1000 for m in page.messages)


@needs_shared
def test_every_saved_html_page_without_an_unhandled_shape():
    for path in sorted((SAVED / "preview_html").glob("*.html")):
        markup = path.read_text("utf-8")
        page = parse_page(markup)
        assert page.rejected == 0, path.name
        assert (page.kind is PageKind.OK) == ("data-post=" in markup), path.name


@needs_shared
def test_link_previews_are_no_words_of_the_message():
    page = saved("preview_html", "message_link_preview.html")
    assert page.messages[0].text == "https://vnnews.ru/georgiy-zotov-okkupaciya-volosatym-kr/"
    page = saved("preview_blocks", "text_message_link_with_regular_preview.html")
    assert "\n" not in page.messages[0].text


@needs_shared
def test_replies_forwards_edits_polls_and_service_messages():
    reply = saved("preview_blocks", "text_reply_to_video.html").messages[0]
    assert reply.reply_to == "tg:1591537674:19"
    assert reply.text.startswith("Reply to a video")
    forward = saved("preview_html", "message_media_forwarded_from.html").messages[0].forward
    assert (forward.message_id, forward.channel_id) == (44604, None)
    assert forward.name
    assert saved("preview_blocks", "signed_edited_text_message.html").messages[0].edited
    assert not saved("preview_blocks", "text_message_signed_not_edited.html").messages[0].edited
    poll = saved("preview_blocks", "poll.html").messages[0]
    assert poll.text.splitlines()[1:] == ["- Opt1", "- Opt2", "- Opt3"]
    service = saved("preview_blocks", "service_message_channel_created.html")
    assert service.messages == ()
    assert service.ids == (1,)


@needs_shared
def test_doubly_escaped_links_are_read_once():
    message = saved("preview_html", "message_link_preview_text_only.html").messages[0]
    assert "index=7&amp;range" in message.html
    assert "&amp;amp;" not in message.html


def test_words_line_breaks_emoji_and_emphasis():
    text = (
        'عاجل<br/>انفجار <b>قرب</b> السوق <i class="emoji"><b>🔴</b></i>'  # urgent / explosion near the market
        '<blockquote>اقتباس</blockquote><a href="?q=%23x">#وسم</a> <a href="//t.me/x">رابط</a> &lt;b&gt;'
    )
    message = parse_page(bubble(5, text)).messages[0]
    assert message.text == "عاجل\nانفجار قرب السوق 🔴\nاقتباس\n#وسم رابط <b>"
    assert message.html == (
        "عاجل<br/>انفجار <b>قرب</b> السوق 🔴<blockquote>اقتباس</blockquote>#وسم "
        '<a href="https://t.me/x">رابط</a> &lt;b&gt;'
    )


def test_plain_words_need_no_html():
    message = parse_page(bubble(5, "one<br/>two &amp; three")).messages[0]
    assert (message.text, message.html) == ("one\ntwo & three", None)


def test_scripts_as_link_targets_are_dropped():
    message = parse_page(bubble(5, '<a href="javascript:alert(1)">here</a>')).messages[0]
    assert (message.text, message.html) == ("here", None)


def test_a_quoted_reply_is_not_the_message():
    quoted = '<a class="tgme_widget_message_reply" href="/ch/3"><div class="tgme_widget_message_text">q</div></a>'
    message = parse_page(bubble(5, "own words", inside=quoted)).messages[0]
    assert message.text == "own words"
    assert message.reply_to is None  # without the channel's number there is no identity to point at


def test_times_come_to_utc_and_bubbles_without_one_are_counted():
    page = parse_page(bubble(5, "x") + '<div class="tgme_widget_message" data-post="ch/6"></div>')
    assert page.messages[0].published_at == datetime(2022, 12, 26, 15, 0, tzinfo=UTC)
    assert page.rejected == 1


def test_page_kinds():
    assert parse_page('<section class="tgme_channel_history"></section>').kind is PageKind.NO_POSTS
    assert parse_page('<div class="tgme_page"><div>contact</div></div>').kind is PageKind.NO_PREVIEW
    assert parse_page("<title>Just a moment...</title>").kind is PageKind.UNRECOGNISED
    assert parse_page("").kind is PageKind.UNRECOGNISED
    assert parse_page('<div class="tgme_widget_message" data-post="ch/x"></div>').kind is PageKind.UNRECOGNISED


@pytest.mark.parametrize("packed", ["", "!!!!", "bm90IGpzb24", "e30", "W10", "eyJjIjoibm9uZSJ9"])
def test_a_broken_data_view_gives_no_channel(packed):
    page = parse_page(bubble(5, "x", view=f'data-view="{packed}"'))
    assert page.channel_id is None
    assert page.messages[0].channel_id == 0


@given(st.text(max_size=300))
def test_no_text_raises(markup):
    parse_page(markup)
    parse_page(bubble(1, markup))


def test_deep_nesting_keeps_the_words():
    page = parse_page(bubble(5, "<b>" * 3000 + "word" + "</b>" * 3000))
    assert page.messages[0].text == "word"


def test_blocks_are_json_free():
    # the page tells its numbers in base64 JSON; a positive number must give the same channel
    import base64

    view = base64.b64encode(json.dumps({"c": 77, "p": "5g"}).encode()).decode()
    assert parse_page(bubble(5, "x", view=f'data-view="{view}"')).channel_id == 77
