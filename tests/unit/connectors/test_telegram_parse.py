"""Telethon's messages as ours; the values are Telethon's own classes."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telethon.extensions import html as telethon_html
from telethon.tl import types as t

from connectors.telegram.entities import to_html
from connectors.telegram.message import content_hash
from connectors.telegram.parse import parse_message
from connectors.telegram_web.parse import parse_page

AT = datetime(2022, 12, 26, 18, 0, tzinfo=UTC)


def raw(text="", **fields):
    return t.Message(id=5, peer_id=t.PeerChannel(7), date=AT, message=text, **fields)


def document(*attributes, mime="video/mp4"):
    file = t.Document(1, 2, b"", AT, mime, 1000, 2, list(attributes))
    return t.MessageMediaDocument(document=file)


def test_words_address_and_numbers():
    message = parse_message(raw("عاجل", views=9, grouped_id=77), 7, "ch_name")  # urgent
    assert (message.text, message.views, message.grouped_id) == ("عاجل", 9, "77")
    assert message.url == "https://t.me/ch_name/5"
    assert parse_message(raw("x"), 7).url == "https://t.me/c/7/5"


def test_service_and_empty_messages_say_nothing():
    renamed = t.MessageService(id=5, peer_id=t.PeerChannel(7), date=AT, action=t.MessageActionChatEditTitle("x"))
    assert parse_message(renamed, 7) is None
    assert parse_message(t.MessageEmpty(id=5, peer_id=t.PeerChannel(7)), 7) is None


def test_a_hidden_edit_is_not_shown_as_one():
    shown = parse_message(raw("x", edit_date=AT), 7)
    hidden = parse_message(raw("x", edit_date=AT, edit_hide=True), 7)
    assert (shown.edited, hidden.edited) == (True, False)
    assert shown.edited_at == hidden.edited_at == AT


@pytest.mark.parametrize(
    ("media", "kind"),
    [
        (t.MessageMediaPhoto(photo=t.Photo(1, 2, b"", AT, [t.PhotoSize("x", 800, 600, 10)], 2)), "photo"),
        (document(t.DocumentAttributeVideo(12.5, 640, 480)), "video"),
        (document(t.DocumentAttributeVideo(12.5, 640, 480, round_message=True)), "video_note"),
        (document(t.DocumentAttributeAnimated(), t.DocumentAttributeVideo(3, 1, 1)), "animation"),
        (document(t.DocumentAttributeAudio(7, voice=True)), "voice"),
        (document(t.DocumentAttributeAudio(7, title="song")), "audio"),
        (document(t.DocumentAttributeFilename("a.pdf"), mime="application/pdf"), "document"),
        (document(t.DocumentAttributeSticker("", t.InputStickerSetEmpty())), "sticker"),
        (t.MessageMediaGeo(t.GeoPoint(39.0, 35.9, 0)), "location"),
        (t.MessageMediaVenue(t.GeoPoint(39.0, 35.9, 0), "title", "street", "", "", ""), "location"),
        (t.MessageMediaContact("1", "A", "B", "", 1), "contact"),
        (t.MessageMediaUnsupported(), "unsupported"),
        (t.MessageMediaDocument(), "document"),
    ],
)
def test_media_are_described(media, kind):
    (described,) = parse_message(raw(media=media), 7).media
    assert described.kind == kind
    if kind == "video":
        assert (described.width, described.height, described.duration_seconds, described.size_bytes) == (
            640,
            480,
            12.5,
            1000,
        )
    if kind == "photo":
        assert (described.width, described.height) == (800, 600)


def test_a_link_preview_is_no_media():
    assert parse_message(raw("x", media=t.MessageMediaWebPage(t.WebPageEmpty(1))), 7).media == ()


def test_a_polls_words_are_its_text():
    question = t.TextWithEntities("Which?", [])
    poll = t.Poll(1, question, [t.PollAnswer(t.TextWithEntities(words, []), b"0") for words in ("this", "that")], 0)
    message = parse_message(raw(media=t.MessageMediaPoll(poll, t.PollResults())), 7)
    assert message.text == "Which?\n- this\n- that"
    page = (
        '<div class="tgme_widget_message" data-post="ch/5"><div class="tgme_widget_message_poll">'
        '<div class="tgme_widget_message_poll_question">Which?</div>'
        '<div class="tgme_widget_message_poll_option_text">this</div>'
        '<div class="tgme_widget_message_poll_option_text">that</div></div>'
        '<a class="tgme_widget_message_date"><time datetime="2022-12-26T18:00:00+00:00"></time></a></div>'
    )
    assert content_hash(parse_page(page).messages[0]) == content_hash(message)


def test_forwards_with_and_without_an_origin():
    header = t.MessageFwdHeader(AT, from_id=t.PeerChannel(9), channel_post=3, post_author="desk")
    forward = parse_message(raw(fwd_from=header), 7).forward
    assert (forward.channel_id, forward.message_id, forward.name, forward.published_at) == (9, 3, "desk", AT)
    hidden = parse_message(raw(fwd_from=t.MessageFwdHeader(AT, from_name="somebody")), 7).forward
    assert (hidden.channel_id, hidden.name) == (None, "somebody")


def test_replies_here_and_elsewhere():
    assert parse_message(raw(reply_to=t.MessageReplyHeader(reply_to_msg_id=3)), 7).reply_to == "tg:7:3"
    there = t.MessageReplyHeader(reply_to_msg_id=3, reply_to_peer_id=t.PeerChannel(9))
    assert parse_message(raw(reply_to=there), 7).reply_to == "tg:9:3"
    assert parse_message(raw(reply_to=t.MessageReplyStoryHeader(t.PeerChannel(9), 1)), 7).reply_to is None


def test_offsets_count_utf16_units():
    text = "🔴 عاجل <now> x.org"
    entities = [
        t.MessageEntityBold(0, 2),
        t.MessageEntityItalic(3, 4),
        t.MessageEntityTextUrl(8, 5, "https://a.b/?x=1&y=2"),
        t.MessageEntityUrl(14, 5),
    ]
    assert to_html(text, entities) == (
        '<b>🔴</b> <i>عاجل</i> <a href="https://a.b/?x=1&amp;y=2">&lt;now&gt;</a> <a href="http://x.org">x.org</a>'
    )


def test_entities_nest_and_overlaps_are_cut():
    assert to_html("abcdef", [t.MessageEntityBold(0, 6), t.MessageEntityItalic(2, 2)]) == "<b>ab<i>cd</i>ef</b>"
    assert to_html("abcdef", [t.MessageEntityBold(0, 4), t.MessageEntityItalic(2, 4)]) == "<b>ab<i>cd</i></b>ef"
    assert to_html("a", [t.MessageEntityHashtag(0, 1)]) is None
    assert to_html("a", [t.MessageEntityTextUrl(0, 1, "javascript:x")]) is None
    assert to_html("a\nb", [t.MessageEntityBold(0, 1)]) == "<b>a</b><br/>b"


kinds = st.sampled_from([t.MessageEntityBold, t.MessageEntityItalic, t.MessageEntityUnderline, t.MessageEntityCode])
spans = st.lists(st.tuples(kinds, st.integers(0, 30), st.integers(0, 30)), max_size=6)


@given(st.text(max_size=20, alphabet=st.characters(exclude_categories=["Cs"])), spans)
def test_law_the_words_stay_whatever_the_entities_say(text, wanted):
    marked = to_html(text, [kind(offset, length) for kind, offset, length in wanted])
    if marked is not None:
        plain, _ = telethon_html.parse(marked.replace("<br/>", "\n").replace("\r", "&#13;").replace("\0", "�"))
        assert plain.strip() == text.replace("\0", "�").strip()
        assert marked.count("<b>") == marked.count("</b>")
