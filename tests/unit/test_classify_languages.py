"""Languages beside Arabic and English: Turkish is read with its own rules; others are routed, and never alert."""

from datetime import UTC, datetime

import pytest

from agents.classify import Classifier
from agents.classify.languages.ar import conjugate
from agents.normalize import normalize
from schemas.kinds import EventType, SourceKind, TollKind
from schemas.records import Post, Source

CLASSIFIER = Classifier.default()


def post(text: str) -> Post:
    source = Source(id="s", kind=SourceKind.TELEGRAM)
    return Post(source=source, native_id="1", text=text, published_at=datetime(2026, 1, 2, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "type_", "tolls"),
    [
        # gunmen attacked a checkpoint: 3 soldiers died, 5 were wounded
        (
            "Silahlı kişiler kontrol noktasına saldırdı, 3 asker öldü, 5 asker yaralandı",
            EventType.ARMED_ATTACK,
            {(TollKind.KILLED, 3), (TollKind.WOUNDED, 5)},
        ),
        # a bombing in the market: 12 dead, 40 wounded
        (
            "Pazar yerinde bombalı saldırı: 12 ölü, 40 yaralı",
            EventType.IED_MINE,
            {(TollKind.KILLED, 12), (TollKind.WOUNDED, 40)},
        ),
        # fighting broke out between the army and militants
        ("Ordu ile militanlar arasında çatışma çıktı", EventType.CLASH, set()),
        # the police detained 7 people in an operation
        ("Polis düzenlediği operasyonda 7 kişiyi gözaltına aldı", EventType.ARREST_CAMPAIGN, {(TollKind.ARRESTED, 7)}),
    ],
)
def test_turkish(text: str, type_: EventType, tolls: set[tuple[TollKind, int]]) -> None:
    sighting = CLASSIFIER.classify(normalize(post(text)))
    assert (sighting.language, sighting.relevant, sighting.event_type) == ("tr", True, type_)
    assert {(toll.kind, toll.low) for toll in sighting.tolls} == tolls


@pytest.mark.parametrize(
    "text",
    [
        "Galatasaray rakibini bombaladı: 5-0",  # a football club "bombed" its rival
        "Transferde bomba patladı: yıldız oyuncu İstanbul'da",  # a "bomb" on the transfer market
        "Fiyatlar patladı, vatandaş isyan etti",  # prices exploded, people are up in arms
        "Deprem: 12 kişi öldü",  # an earthquake
    ],
)
def test_turkish_attack_words_of_other_matters(text: str) -> None:
    assert not CLASSIFIER.classify(normalize(post(text))).relevant


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("در حمله مسلحانه به پاسگاه پلیس سه مأمور کشته شدند", "fa"),  # three officers killed in an attack on a post
        ("لە هێرشێکی چەکداری بۆ سەر بنکەیەکی پۆلیس سێ کەس کوژران", "ckb"),  # three people killed at a police station
        ("پولیس چوکی پر حملے میں تین اہلکار ہلاک ہو گئے", "ur"),  # three policemen killed in an attack on a post
    ],
)
def test_other_languages_of_the_script_are_routed_and_kept_as_written(text: str, language: str) -> None:
    report = normalize(post(text))
    assert (report.language, report.text, report.edits) == (language, text, [])
    assert not CLASSIFIER.classify(report).relevant


def test_verbs_are_conjugated() -> None:
    forms = {"هدم", "هدمت", "هدموا", "هدمو", "يهدم", "تهدم", "يهدمون", "يهدموا", "يهدمو"}  # tear down
    assert set(conjugate("هدم", "يهدم")) == forms
    assert {"رمت", "رموا", "يرمون"} <= set(conjugate("رمي", "يرمي"))  # throw: the weak letter goes
