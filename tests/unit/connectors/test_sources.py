import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sources import SourceSettings, in_shard, load_sources, parse_sources
from schemas.errors import Misconfigured
from schemas.kinds import Reliability, SourceKind, SourceRole

GOOD = """
# a comment
[[source]]
id = "agency-ar"
kind = "feed"
url = "https://news.example/rss"
name = "وكالة"   # “agency”
language = "ar"
country = "SY"
role = "media"
reliability = "B"
tier = "breaking"
interval_seconds = 90

[source.headers_from]
Authorization = "AGENCY_TOKEN"

[[source]]
id = "watch"
kind = "telegram"
channel = "watch_example"
enabled = false
"""


def test_a_good_file_gives_its_sources_in_order():
    first, second = parse_sources(GOOD)
    assert (first.id, first.kind, first.reliability) == ("agency-ar", SourceKind.FEED, Reliability.B)
    assert first.headers_from == {"Authorization": "AGENCY_TOKEN"}
    assert (second.channel, second.enabled, second.role) == ("watch_example", False, SourceRole.MEDIA)
    record = first.record()
    assert (record.id, record.name, record.country) == ("agency-ar", "وكالة", "SY")


def source(**fields):
    lines = ["[[source]]"]
    for name, value in ({"id": "x", "kind": "feed", "url": "https://a.example/f"} | fields).items():
        if value is not None:
            lines.append(f"{name} = {value!r}" if not isinstance(value, bool) else f"{name} = {str(value).lower()}")
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (source(id=None), ["line 1", "“id”", "missing", "add it"]),
        (source(id="مرقب"), ["line 2", "“id”", "letters without accents"]),
        (source(kind="rss"), ["line 3", "“kind”", "'rss'", "feed, telegram, telegram_web"]),
        (source(reliabilty="A"), ["line 5", "reliabilty", "did you mean “reliability”"]),
        (source(reliability="G"), ["“reliability”", "'G'", "A, B, C, D, E, F"]),
        (source(country="Syria"), ["“country”", "two capital letters"]),
        (source(url=None), ["“url”", "missing"]),
        (source(url="example.org/rss"), ["line 4", "“url”", "https://"]),
        (source(url="https://u:p@example.org/"), ["“url”", "password", "headers_from"]),
        (source(kind="telegram", url=None), ["“channel”", "missing"]),
        (source(role="claims"), ["“role”", "speaks_for", "authenticity"]),
        (source(interval_seconds=0), ["“interval_seconds”"]),
        (source(interval_seconds=100, max_interval_seconds=60), ["“interval_seconds”", "longer"]),
        (source(proxy="not a proxy"), ["“proxy”", "socks5h"]),
        (source() + "\n" + source(), ["line 6", "“id”", "line 1"]),
        ("[source]\nid = 'x'", ["double brackets"]),
        ("sources = 1", ["“sources”"]),
        ("[[source]\n", ["not TOML"]),
        (source(kind="web"), ["“kind”"]),
    ],
)
def test_a_mistake_is_told_with_file_line_field_and_remedy(text, expected):
    with pytest.raises(Misconfigured) as raised:
        parse_sources(text, "my.toml")
    message = str(raised.value)
    assert message.startswith("my.toml")
    for part in expected:
        assert part in message


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(Misconfigured, match=r"deploy/sources\.example\.toml"):
        load_sources(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b"# \xe4")
    with pytest.raises(Misconfigured, match="UTF-8"):
        load_sources(tmp_path / "latin.toml")


IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True)


@given(IDS, st.integers(1, 20), st.sampled_from(["feed", "telegram", "telegram_web"]))
def test_every_source_belongs_to_exactly_one_shard(source_id, count, kind):
    source = SourceSettings(id=source_id, kind=SourceKind(kind))
    assert sum(in_shard(source, (index, count)) for index in range(1, count + 1)) == 1
    assert in_shard(source, None)


def test_channels_of_one_account_stay_together_and_all_else_is_dealt_out():
    def shards(**fields):
        sources = [SourceSettings(id=f"s{n}", channel=f"name{n}", **fields) for n in range(40)]
        return {index for index in range(1, 6) for source in sources if in_shard(source, (index, 5))}

    telegram = {"kind": SourceKind.TELEGRAM}
    assert len(shards(**telegram)) == 1
    assert shards(**telegram) == shards(**telegram, access="mtproto") == shards(**telegram, account="main")
    accounts = [shards(**telegram, account=f"a{n}") for n in range(20)]
    assert all(len(each) == 1 for each in accounts)
    assert len(set().union(*accounts)) == 5
    assert shards(**telegram, access="web") == shards(kind=SourceKind.TELEGRAM_WEB) == {1, 2, 3, 4, 5}


def test_a_shard_outside_its_count_is_refused():
    with pytest.raises(Misconfigured, match="2/5"):
        in_shard(SourceSettings(id="x", kind=SourceKind.FEED), (6, 5))


@given(st.text())
def test_any_text_is_sources_or_a_sentence(text):
    with contextlib.suppress(Misconfigured):
        assert all(isinstance(one, SourceSettings) for one in parse_sources(text))
