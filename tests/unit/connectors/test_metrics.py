"""What operators may ask of the connectors is really measured."""

import re

from schemas.metrics import METRICS
from tests.paths import ROOT

OURS = re.compile(r"marqab_(fetch|fetches|fetched|post|posts|source|feed|telegram)_")


def test_every_declared_metric_of_the_connectors_is_measured_somewhere():
    code = "\n".join(path.read_text("utf-8") for path in (ROOT / "connectors").rglob("*.py"))
    declared = [metric.name for metric in METRICS if OURS.match(metric.name)]
    assert len(declared) > 25
    assert [name for name in declared if f'"{name}"' not in code] == []
