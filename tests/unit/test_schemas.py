"""The records are born valid, travel as JSON and keep their promises."""

import json
from datetime import UTC, datetime, timedelta, timezone

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import generate, headers, ids, metrics, taxonomy, topics
from schemas.codec import decode, encode
from schemas.errors import Undecodable
from schemas.kinds import EventType, SourceKind
from schemas.records import Evidence, Post, Report, Source, Toll

AT = datetime(2022, 12, 26, 18, 0, tzinfo=UTC)
SOURCE = Source(id="monitor", kind=SourceKind.FEED, name="A monitor")

texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]))


def post(**fields: object) -> Post:
    return Post(**{"source": SOURCE, "native_id": "1", "text": "text", "published_at": AT, **fields})


@given(title=st.none() | texts, text=texts, native_id=st.text(min_size=1, max_size=50, alphabet="abc:/é٣"))
def test_a_post_survives_its_journey(title: str | None, text: str, native_id: str) -> None:
    before = post(title=title, text=text, native_id=native_id)
    after = decode(encode(before), Post)
    assert after == before
    assert after.post_id == before.post_id
    assert encode(after) == encode(before)


def test_arabic_stands_unescaped_in_the_json() -> None:
    assert "هجوم".encode() in encode(post(text="هجوم"))  # attack


def test_times_come_to_utc_and_naive_ones_are_refused() -> None:
    beirut = timezone(timedelta(hours=2))
    assert post(published_at=datetime(2022, 12, 26, 20, 0, tzinfo=beirut)).published_at == AT
    assert post(published_at=datetime(2022, 12, 26, 20, 0, tzinfo=beirut)).published_at.tzinfo is UTC
    raw = json.loads(encode(post()))
    raw["published_at"] = "2022-12-26T18:00:00"
    with pytest.raises(Undecodable, match="timezone"):
        decode(json.dumps(raw).encode(), Post)


HEAD = b'{"source":{"id":"a","kind":"feed"},"native_id":"1",'
DATE = b'"published_at":"2022-01-01T00:00:00Z"}'


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (b"", "input data was truncated|truncated"),
        (b"{", "truncated|malformed"),
        (b"\xff\xfe", "malformed"),
        (b"[" * 100_000, "array|recursion|malformed"),
        (HEAD.replace(b"feed", b"radio") + b'"text":"",' + DATE, "radio"),
        (HEAD + b'"text":"x"}', "published_at"),
        (HEAD.replace(b'"a"', b'""') + b'"text":"x",' + DATE, "source.id"),
        (HEAD + b'"text":NaN,' + DATE, "malformed"),
        (HEAD + b'"text":"\\ud800",' + DATE, "surrogate"),
    ],
)
def test_what_cannot_be_read_says_why(broken: bytes, says: str) -> None:
    with pytest.raises(Undecodable, match=says):
        decode(broken, Post)


def test_unknown_fields_are_ignored_so_that_newer_writers_do_not_break_older_readers() -> None:
    raw = json.loads(encode(post()))
    raw |= {"gold": {"relevant": True}, "a_field_of_next_year": 1}
    assert decode(json.dumps(raw).encode(), Post) == post()


def test_lone_surrogates_cannot_leave() -> None:
    with pytest.raises(Undecodable, match="not Unicode"):
        encode(post(text="\ud800"))


def test_a_telegram_message_has_one_identity_through_both_connectors() -> None:
    through_api = post(source=Source(id="tg-a", kind=SourceKind.TELEGRAM), native_id="tg:17:4")
    through_web = post(source=Source(id="web-a", kind=SourceKind.TELEGRAM_WEB), native_id="tg:17:4")
    assert through_api.post_id == through_web.post_id
    assert post(source=Source(id="x", kind=SourceKind.FEED)).post_id != post().post_id


@given(st.lists(st.text(max_size=5), max_size=4), st.lists(st.text(max_size=5), max_size=4))
def test_a_digest_sees_the_boundaries_between_parts(a: list[str], b: list[str]) -> None:
    assert (ids.digest(*a) == ids.digest(*b)) == (a == b)


def test_tolls_are_born_valid() -> None:
    with pytest.raises(ValueError, match="above"):
        Toll(kind="killed", low=6, high=4, said_by="monitor")
    with pytest.raises(ValueError, match="unknown is no row"):
        Toll(kind="killed", said_by="monitor")
    with pytest.raises(ValueError, match="not a span"):
        Evidence(post_id="p", start=4, end=2)


@given(st.data())
def test_a_report_finds_its_way_back_to_the_original(data: st.DataObject) -> None:
    """Build a text by dropping characters of an original and ask for every remaining one."""
    original = data.draw(st.text(alphabet="ab ـ", min_size=1, max_size=30))
    kept = [i for i, c in enumerate(original) if c != "ـ"]
    offsets = [(n, i) for n, i in enumerate(kept) if n == 0 or kept[n - 1] != i - 1]
    report = Report(
        post_id="p", source=SOURCE, native_id="1", language="ar", text="".join(original[i] for i in kept),
        offsets=offsets, original_length=len(original), published_at=AT,
    )  # fmt: skip
    for n, i in enumerate(kept):
        assert report.to_original(n, n + 1) == (i, i + 1)
    if kept:
        assert report.to_original(0, len(kept)) == (kept[0], kept[-1] + 1)


def test_the_committed_json_schemas_are_fresh_and_accept_what_is_written() -> None:
    for name, text in generate.render().items():
        assert (generate.FOLDER / name).read_text("utf-8") == text, "run python -m schemas.generate"
    schema = json.loads(generate.render()["post.json"])
    jsonschema.validate(json.loads(encode(post(title="t", edited_at=AT))), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"text": "x"}, schema)


def test_every_event_type_is_coded_and_all_acled_sub_events_are_reached() -> None:
    assert set(taxonomy.CODING) == set(EventType)
    assert len({coding.acled_sub_event_type for coding in taxonomy.CODING.values()} - {""}) == 25


def test_topics_and_metrics_are_declared_once() -> None:
    assert len({topic.name for topic in topics.TOPICS}) == len(topics.TOPICS)
    assert len(metrics.BY_NAME) == len(metrics.METRICS)
    for metric in metrics.METRICS:
        assert (metric.kind == "counter") == metric.name.endswith("_total")
        assert not {"incident", "url", "post"} & set(metric.labels), "unbounded label"


def test_headers_are_cloud_events_and_the_same_record_gives_the_same() -> None:
    made = headers.cloud_event(post(), headers.traceparent("p:0", "connector"))
    assert made == headers.cloud_event(post(), headers.traceparent("p:0", "connector"))
    told = dict(made)
    assert told["ce_id"].decode() == f"{post().post_id}:0"
    assert told["ce_time"] == b"2022-12-26T18:00:00Z"
    version, trace, span, flags = told["traceparent"].decode().split("-")
    assert (version, len(trace), len(span), flags) == ("00", 32, 16, "01")
    onward = headers.with_span(told["traceparent"].decode(), "normalizer")
    assert onward is not None
    assert onward.split("-")[1] == trace
    assert onward.split("-")[2] != span
    assert headers.with_span("nonsense", "normalizer") is None


def test_records_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        post().text = "other"  # type: ignore[misc]
    assert msgspec.structs.replace(post(), text="other").text == "other"
