"""An alert on a terminal: who counted what stays visible, claims stay claims, directions stay apart."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from msgspec import structs
from rich.console import Console

from marqab.commands.tail import span_of
from schemas.codec import decode, encode
from schemas.errors import Misconfigured
from schemas.kinds import FactKind
from schemas.records import (
    Alert,
    Change,
    Claim,
    EventTime,
    FactRow,
    Incident,
    Place,
    Severity,
    Statement,
    TollRow,
    TollSummary,
)
from subscribers.show import FSI, PDI, lines, show

AT = datetime(2022, 12, 26, 18, 0, tzinfo=UTC)


def alert(**fields: object) -> Alert:
    incident = Incident(
        incident_id="i-1", revision=2, event_type="prison_attack", time=EventTime(event_start=AT, event_end=AT),
        headline_en="Attack on a prison in Raqqa", headline_ar="هجوم على سجن في الرقة",
        place=Place(
            name="الرقة", name_en="Raqqa – Al Intifada", admin1="Ar-Raqqa", country="SY",
            accuracy="neighbourhood", geo_precision=1, where_prec=1,
        ),
        tolls=[
            TollRow(kind="killed", low=4, high=4, said_by="sdf", row_id="r1", post_id="p-1", source_id="a"),
            TollRow(kind="killed", low=6, high=6, said_by="sohr", row_id="r2", post_id="p-2", source_id="b"),
            TollRow(
                kind="killed", low=3, high=3, said_by="sohr", row_id="r3", post_id="p-2", source_id="b", of_which=1
            ),
        ],
        toll_summary=[TollSummary(kind="killed", low=4, best=6, high=6)],
        claims=[Claim(claim_id="c-1", claimant="isis", claimmode="telegram", seen_time=AT, first_hand=True)],
        statements=[
            Statement(post_id="p-1", source_id="a", source_name="A monitor", published_at=AT),
            Statement(post_id="p-3", source_id="c", source_name="A copyist", published_at=AT, copy_of="p-1"),
        ],
        origins=["sohr", "sdf"], grade="fair", severity=Severity(level="high", points=5, cap="Severe"),
        certainty="Observed", opened_at=AT, updated_at=AT,
    )  # fmt: skip
    made = Alert(
        **{
            "alert_id": "a-1", "incident_id": "i-1", "revision": 2, "kind": "toll_changed", "issued_at": AT,
            "msg_type": "Update", "severity": "high", "cap_severity": "Severe", "certainty": "Observed",
            "changes": [Change(kind="toll_changed", field="toll_summary.killed.best", before=4, after=6)],
            "incident": incident, **fields,
        }
    )  # fmt: skip
    return decode(encode(made), Alert)  # as it comes off the topic


def test_what_else_is_stated_is_told_with_who_says_so() -> None:
    told = alert()
    fact = FactRow(
        kind=FactKind.PRISONERS, low=900, high=900, approximate=True, actor_id="sdf", said_by="sohr", post_id="p-1",
        source_id="a", origins=["sohr", "sdf"],
    )  # fmt: skip
    shown = lines(structs.replace(told, incident=structs.replace(told.incident, facts=[fact])))
    assert (
        f"fact     prisoners: {FSI}about 900 (Syrian Democratic Forces){PDI} (said by {FSI}sohr{PDI}, {FSI}sdf{PDI})"
        in shown
    )


def test_an_alert_says_who_counted_what() -> None:
    told = "\n".join(lines(alert()))
    assert told.startswith("TOLL CHANGED · high · ")
    assert "killed   6 (from 4 to 6); " in told
    assert f"{FSI}sdf{PDI}: 4, {FSI}sohr{PDI}: 6" in told
    assert ": 3" not in told, "a part of a figure is not another figure"
    assert "claimed by isis (telegram), unverified, seen first-hand" in told
    assert "A monitor" in told
    assert "A copyist" not in told, "a copy adds no voice"
    assert "toll_summary.killed.best: 4 → 6" in told
    assert "TEST" not in told


def test_a_canary_is_marked() -> None:
    assert "TEST" in lines(alert(test=True))[0]


def test_arabic_is_isolated_and_no_colours_leave_for_files() -> None:
    out = StringIO()
    show(alert(), Console(file=out, width=200))
    assert f"{FSI}هجوم على سجن في الرقة{PDI}" in out.getvalue()  # attack on a prison in Raqqa
    assert "\x1b" not in out.getvalue()


@pytest.mark.parametrize("text", ["", "2", "h", "2x", "-2h", "1.5h"])
def test_a_wrong_span_is_a_sentence(text: str) -> None:
    with pytest.raises(Misconfigured, match="--since"):
        span_of(text)


def test_who_corrected_it_and_why_stands_beside_the_change() -> None:
    reason = "Amal, 2022-12-26 19:00 UTC: not an incident. seen on film"
    told = lines(alert(changes=[Change(kind="corrected", field="corrections", after="f-1", reason=reason)]))
    assert f"changed  corrections: – → {FSI}f-1{PDI} · {FSI}{reason}{PDI}" in told
