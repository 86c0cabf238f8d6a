"""Near-identical attacks in one city or on following days stay apart; reports of one of them stay together."""

import pytest

from agents.correlate.names import sounds_code
from agents.replay import Replay
from tests.unit.correlate.test_forms import post


def incidents(texts: list[tuple[float, str]]) -> list[str]:
    """The incident of each text, told at so many minutes by an outlet of its own."""
    replay = Replay()
    told = [post(n, text, minutes, f"outlet-{n}") for n, (minutes, text) in enumerate(texts)]
    for one in told:
        replay.step(one)
    return [replay.home(one.post_id) or "" for one in told]


# "Shells fall on the quarter of {}, in the city of Baghdad, {} killed" in three wordings.
WORDINGS = (
    "قصف مدفعي يستهدف حي {} في مدينة بغداد قبل قليل، مقتل {} مدنيين",
    "أفادت مصادر محلية بتعرض حي {} في مدينة بغداد لقصف بالمدفعية الثقيلة، مقتل {} أشخاص",
    "فرق الإسعاف تتوجه إلى حي {} في مدينة بغداد بعد قصف مدفعي طال الأحياء السكنية، مقتل {} مدنيين",
)


@pytest.mark.parametrize("tolls", [(3, 3, 3), (3, 5, 8)])
def test_quarters_of_a_city_that_no_list_places_are_told_apart_in_any_wording(tolls: tuple[int, ...]) -> None:
    quarters = ["الشعلة", "الكرادة", "البياع"]  # Shula, Karrada, Bayaa
    texts = [
        (180 * n + 20 * voice, wording.format(quarter, killed))
        for n, (quarter, killed) in enumerate(zip(quarters, tolls, strict=True))
        for voice, wording in enumerate(WORDINGS)
    ]
    home = incidents(texts)
    assert [len(set(home[n : n + 3])) for n in (0, 3, 6)] == [1, 1, 1]
    assert len(set(home)) == 3


def test_a_quarter_is_not_joined_to_another_by_a_follow_up_that_names_neither() -> None:
    first, second = (WORDINGS[0].format(name, 3) for name in ("الشعلة", "الكرادة"))
    follow = "ارتفاع حصيلة القصف المدفعي على مدينة بغداد إلى 4 قتلى"  # The toll of the shelling of Baghdad rises to 4
    home = incidents([(0, first), (60, follow), (300, second)])
    assert home[0] == home[1] != home[2]


# "A bomb goes off in the town of Binnish this morning, two killed"
FORM = "دوي انفجار في مدينة بنش في ريف إدلب صباح اليوم تبين أنه ناجم عن عبوة ناسفة، مقتل شخصين"


def test_a_form_filled_in_next_morning_opens_an_incident_of_its_own() -> None:
    home = incidents([(0, FORM), (15, FORM), (24 * 60, FORM), (24 * 60 + 15, FORM)])
    assert home[0] == home[1] != home[2] == home[3]


def test_a_long_text_printed_again_next_day_is_a_copy() -> None:
    tail = (
        " وقالت مصادر طبية إن الجرحى نقلوا إلى مستشفيين قريبين وإن فرق الإنقاذ واصلت البحث تحت الأنقاض حتى ساعة متأخرة"
    )
    tail += (
        " فيما أغلقت القوى الأمنية الطرق المؤدية إلى السوق وطلبت من السكان الابتعاد عن المكان إلى حين انتهاء التحقيق"
    )
    home = incidents([(0, FORM + tail), (24 * 60, FORM + tail)])  # medics, rescue workers, closed roads
    assert home[0] == home[1]


ENGLISH = "Mortar shells hit the {} district of Baghdad, killing {}, a police source said"


@pytest.mark.parametrize("first", ["ar", "en"])
def test_a_quarter_told_in_two_scripts_is_one_and_two_quarters_are_two(first: str) -> None:
    texts = [
        text
        for arabic, latin, killed in (("الشعلة", "Shula", 3), ("البياع", "al-Bayaa", 5))
        for text in (WORDINGS[0].format(arabic, killed), ENGLISH.format(latin, killed))[:: 1 if first == "ar" else -1]
    ]
    home = incidents([(90 * n, text) for n, text in enumerate(texts)])
    assert home[0] == home[1] != home[2] == home[3]


@pytest.mark.parametrize(
    ("arabic", "latin"),
    [
        ("Homs – Al Hamidiya", "Hamidiyyeh"),
        ("Baghdad – Al Karrada", "Karada"),
        ("Aleppo – Salah Al Din", "Salah ad-Din"),
        ("Damascus – Al Qabun", "Qaboun"),
        ("Homs – Al Khalidiya", "al-Khalidiyah"),
    ],
)
def test_a_quarter_sounds_alike_whoever_transcribed_it(arabic: str, latin: str) -> None:
    assert sounds_code(arabic) == sounds_code(latin)


def test_other_quarters_sound_otherwise() -> None:
    names = ["Akrama", "Zahra", "Waer", "Karm al-Shami", "Inshaat", "Bab Amr", "Khalidiya", "Qusur"]
    assert len({sounds_code(name) for name in names}) == len(names)
