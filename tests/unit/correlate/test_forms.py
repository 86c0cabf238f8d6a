"""Texts made by filling in a form: another town is another attack, another number is news of the same one."""

from datetime import UTC, datetime, timedelta

import pytest

from agents.replay import Replay
from schemas.kinds import AlertKind, SourceKind
from schemas.records import Post, Source

AT = datetime(2026, 3, 1, 10, tzinfo=UTC)
TOWNS = ["دير الزور", "إدلب", "درعا", "حمص", "منبج", "الموصل", "كركوك", "تكريت"]
"""Deir ez-Zor, Idlib, Daraa, Homs, Manbij, Mosul, Kirkuk, Tikrit."""
DEEDS = ["انفجار عبوة ناسفة", "هجوم مسلح", "قصف مدفعي", "اشتباكات"]
"""A bomb goes off, an armed attack, shelling, clashes."""


def post(number: int, text: str, minutes: float, source: str = "s") -> Post:
    return Post(
        source=Source(id=source, kind=SourceKind.FEED), native_id=str(number), text=text,
        published_at=AT + timedelta(minutes=minutes),
    )  # fmt: skip


@pytest.mark.parametrize("sources", [1, 8])
@pytest.mark.parametrize("tolls_differ", [False, True])
@pytest.mark.parametrize("deeds_differ", [False, True])
def test_the_same_words_of_eight_towns_are_eight_incidents(sources, tolls_differ, deeds_differ) -> None:
    replay, incidents = Replay(), []
    for number, town in enumerate(TOWNS):
        deed, killed = DEEDS[number % 4 if deeds_differ else 0], 2 + number if tolls_differ else 3
        # "{deed} in the city of {town}: {killed} killed and {killed + 2} others wounded, local sources in the city say"
        text = (
            f"{deed} في مدينة {town}: مقتل {killed} أشخاص وإصابة {killed + 2} آخرين بجروح، بحسب مصادر محلية في المدينة"
        )
        outcome = replay.step(post(number, text, number, f"s{number % sources}"))
        assert [alert.kind for alert in outcome.alerts] == [AlertKind.NEW]
        incidents.append(outcome.line["incident_id"])
    assert len(set(incidents)) == len(TOWNS)


@pytest.mark.parametrize(
    ("form", "names"),
    [
        # "Government artillery shells the town of {}, in the countryside of Idlib; civilians are wounded"
        ("قصف مدفعي لقوات النظام يستهدف بلدة {} في ريف إدلب ما أدى إلى إصابة مدنيين بجروح",
         ["سراقب", "سرمين", "بنش", "تفتناز", "أريحا", "معرة مصرين"]),
        # "… shells the quarter of {}, in the city of Aleppo; …"
        ("قصف مدفعي لقوات النظام يستهدف حي {} في مدينة حلب ما أدى إلى إصابة مدنيين بجروح",
         ["صلاح الدين", "الشعار", "السكري", "بستان القصر", "الصاخور"]),
    ],
    ids=["villages", "quarters"],
)  # fmt: skip
def test_the_same_words_of_neighbouring_places_are_so_many_incidents(form: str, names: list[str]) -> None:
    replay = Replay()
    told = [replay.step(post(n, form.format(name), 20 * n)).line["incident_id"] for n, name in enumerate(names)]
    assert len(set(told)) == len(names)


def test_a_toll_told_in_the_words_of_the_last_one_is_news_of_the_same_incident() -> None:
    replay, told = Replay(), []
    for number in range(6):
        # "The toll of the armed attack on a checkpoint in the city of Raqqa has risen to {n} killed …"
        text = (
            "ارتفعت حصيلة الهجوم المسلح الذي استهدف حاجزا لقوات الأمن في مدينة الرقة مساء اليوم إلى "
            f"{4 + number} قتلى وعدد من الجرحى بحسب ما أفاد مصدر طبي"
        )
        told += replay.step(post(number, text, 3 * number)).alerts
    assert [alert.kind for alert in told] == [AlertKind.NEW] + [AlertKind.TOLL_CHANGED] * 5
    assert len({alert.incident_id for alert in told}) == 1
    [killed] = [row for row in told[-1].incident.toll_summary if row.kind == "killed" and row.party is None]
    assert killed.best == 9
    assert told[-1].incident.origins == told[0].incident.origins, "one voice, however often it speaks"


def test_the_same_number_in_the_same_words_from_elsewhere_stays_silent() -> None:
    replay = Replay()
    # "4 killed in an armed attack on a checkpoint of the security forces in the city of Raqqa, a medic said"
    text = "مقتل 4 أشخاص في هجوم مسلح استهدف حاجزا لقوات الأمن في مدينة الرقة مساء اليوم بحسب ما أفاد مصدر طبي"
    assert len(replay.step(post(1, text, 0)).alerts) == 1
    assert replay.step(post(2, text, 5, "copyist")).alerts == ()
