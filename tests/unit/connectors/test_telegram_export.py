"""Exports of Telegram Desktop: the same identity, words and revisions as live messages."""

import json
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.telegram.export import open_export
from connectors.telegram.export_row import parse_row, said
from schemas.errors import Misconfigured
from schemas.records import Forward, Media
from tests.paths import SHARED, needs_shared


def row(number=5, **fields):
    return {"id": number, "type": "message", "date": "2026-01-01T10:00:00", "date_unixtime": "1767254400", **fields}


def message(**fields):
    return parse_row(row(**fields), 1001, "raqqa_now")


def test_words_identity_and_address():
    one = message(
        text=["وقع ", {"type": "bold", "text": "هجوم"}, " 🔥 ", {"type": "link", "text": "https://a.example"}]
    )
    assert (one.channel_id, one.message_id, one.url) == (1001, 5, "https://t.me/raqqa_now/5")
    assert one.published_at == datetime(2026, 1, 1, 8, tzinfo=UTC)
    assert one.text == "وقع هجوم 🔥 https://a.example"
    assert one.html == 'وقع <b>هجوم</b> 🔥 <a href="https://a.example">https://a.example</a>'
    assert (one.edited, one.edited_at) == (False, None)


def test_plain_words_need_no_html():
    one = message(text="كلمات", text_entities=[{"type": "plain", "text": "كلمات"}])
    assert (one.text, one.html) == ("كلمات", None)


def test_edits_forwards_and_replies():
    one = message(
        text="x",
        edited_unixtime="1767254460",
        forwarded_from="Other channel",
        forwarded_from_id="channel77",
        reply_to_message_id=3,
    )
    assert (one.edited_at - one.published_at).total_seconds() == 60
    assert one.forward == Forward(name="Other channel", channel_id=77)
    assert one.reply_to == "tg:1001:3"
    assert message(text="x", reply_to_message_id=3, reply_to_peer_id="channel9").reply_to == "tg:9:3"
    assert message(text="x", forwarded_from="A person", forwarded_from_id="user5").forward == Forward(name="A person")


@pytest.mark.parametrize(
    ("fields", "media"),
    [
        ({"photo": "p.jpg", "width": 10, "height": "20"}, Media(kind="photo", width=10, height=20)),
        (
            {"file": "f.pdf", "file_name": "f.pdf", "mime_type": "application/pdf"},
            Media(kind="document", mime_type="application/pdf", caption="f.pdf"),
        ),
        (
            {"file": "v.mp4", "media_type": "video_file", "duration_seconds": 7},
            Media(kind="video", duration_seconds=7.0),
        ),
        ({"location_information": {"latitude": 35.9, "longitude": 39.0}}, Media(kind="location", url="geo:35.9,39.0")),
        ({"file": "(File not included)", "media_type": "voice_message"}, Media(kind="voice")),
    ],
)
def test_media_are_described(fields, media):
    assert message(text="", **fields).media == (media,)


def test_a_polls_words_are_its_text():
    assert message(text="", poll={"question": "أين؟", "answers": [{"text": "هنا"}, {"text": "هناك"}]}).text == (
        "أين؟\n- هنا\n- هناك"
    )


def test_service_messages_say_nothing_and_strange_rows_are_no_messages():
    rows = [row(1, text="a"), {"id": 2, "type": "service"}, row("x", text="b"), "rubbish", row(4, text="c")]
    found = [parse_row(one, 1001) for one in rows if said(one)]
    assert [one and one.message_id for one in found] == [1, None, 4]


def test_an_old_export_without_time_zones_is_refused():
    old = {"id": 1, "type": "message", "date": "2019-01-01T10:00:00", "text": "x"}
    with pytest.raises(Misconfigured, match="newer one"):
        parse_row(old, 1001)


def write(path, content):
    path.write_text(json.dumps(content), "utf-8")
    return path


def test_one_chat_or_a_whole_account(tmp_path):
    chat = {"id": 1001, "name": "n", "type": "public_channel", "messages": [row(text="a")]}
    group = {**chat, "id": 1002, "type": "private_supergroup"}
    alone = write(tmp_path / "one.json", chat)
    assert open_export(alone).chat.channel_id == 1001
    assert open_export(write(tmp_path / "dash.json", {**chat, "id": -1001001})).chat.channel_id == 1001
    account = write(tmp_path / "all.json", {"about": "", "chats": {"list": [group, chat, {**chat, "id": 1003}]}})
    assert open_export(account, 1003).chat.channel_id == 1003
    with pytest.raises(Misconfigured, match="exactly one channel"):
        open_export(account)
    with pytest.raises(Misconfigured, match=r"does not hold channel 1002; it holds: 1001"):
        open_export(alone, 1002)
    with pytest.raises(Misconfigured, match="private_supergroup"):
        open_export(write(tmp_path / "group.json", group))
    (tmp_path / "no.json").write_text("<html>")
    with pytest.raises(Misconfigured, match="machine-readable JSON"):
        open_export(tmp_path / "no.json")


ROWS = st.lists(st.integers(1, 9) | st.just("rubbish") | st.none() | st.dictionaries(st.text(max_size=3), st.text()))


@given(st.lists(ROWS, min_size=1, max_size=4), st.booleans(), st.booleans(), st.data())
def test_of_each_chat_its_own_rows_are_read(chats, listed, last, data):
    """Whatever stands in the others, and before or after the rows."""
    told = {"name": "n", "type": "public_channel"}
    made = [{**told, "id": n + 1, "messages": rows} for n, rows in enumerate(chats)]
    if last:
        made = [{"messages": chat["messages"], **chat} for chat in made]
    wanted = data.draw(st.integers(1, len(made)))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "result.json"
        whole = {"about": "", "chats": {"list": made} if listed else made, "left_chats": {"list": made[:1]}}
        assert list(open_export(write(path, whole), wanted).rows()) == chats[wanted - 1]
        assert list(open_export(write(path, made[wanted - 1])).rows()) == chats[wanted - 1]


def test_a_later_export_has_another_fingerprint(tmp_path):
    chat = {"id": 1001, "type": "public_channel", "messages": [row(text="a"), row(6, text="b")]}
    found = {open_export(write(tmp_path / "result.json", chat)).fingerprint for _ in range(2)}
    chat["messages"][1]["text"] = "c"
    assert len(found | {open_export(write(tmp_path / "result.json", chat)).fingerprint}) == 2


@needs_shared
@pytest.mark.parametrize(
    ("file", "words"),
    [("personal_chat.json", "personal_chat"), ("supergroup_with_topics.json", "private_supergroup")],
)
def test_saved_exports_of_people_and_groups_are_refused_by_name(file, words):
    with pytest.raises(Misconfigured, match=words):
        open_export(SHARED / "data/telegram/desktop_export" / file)


@needs_shared
def test_every_message_of_the_saved_exports_is_read():
    for path in (SHARED / "data/telegram/desktop_export").glob("*.json"):
        content = json.loads(path.read_bytes())
        for chat in content.get("chats", [content]):
            for raw in filter(said, chat["messages"]):
                one = parse_row(raw, chat["id"])
                assert one.text or one.media, raw


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "text",
                "text_entities",
                "poll",
                "photo",
                "width",
                "location_information",
                "reply_to_message_id",
                "edited_unixtime",
                "forwarded_from",
            ]
        ),
        JSON,
    )
)
def test_no_row_is_an_error(fields):
    found = parse_row(row(1, **fields), 1001)
    assert found is None or found.message_id == 1
