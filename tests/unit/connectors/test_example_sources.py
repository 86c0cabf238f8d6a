import re

from connectors.sources import load_sources, parse_sources
from schemas.kinds import SourceRole
from tests.paths import ROOT

EXAMPLE = ROOT / "deploy" / "sources.example.toml"


def test_the_example_is_valid_and_names_no_claims_channel():
    sources = load_sources(EXAMPLE)
    assert len(sources) > 15
    assert {source.language for source in sources} == {"ar", "en"}
    assert all(source.name and source.url.startswith("https://") for source in sources)
    assert not any(source.role is SourceRole.CLAIMS for source in sources)


def test_its_commented_tables_are_valid_too():
    text = EXAMPLE.read_text("utf-8")
    tables = re.findall(r"^# \[\[source\]\]\n(?:# .+\n)+", text, re.MULTILINE)
    found = [parse_sources(re.sub(r"^# ", "", table, flags=re.MULTILINE))[0] for table in tables]
    assert [source.role for source in found] == [SourceRole.CITIZEN, SourceRole.CLAIMS]
    assert all("example" in str(source.channel) for source in found)
