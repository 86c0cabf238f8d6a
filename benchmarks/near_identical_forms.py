"""Written forms for `benchmarks.near_identical`: what outlets say of near-identical attacks, and where these happen.

Written for the benchmark, in nobody's words but ours; no person is named. The Arabic lines say what the English ones
beside them say, in other words for every form.
"""

import random
from typing import Final, NamedTuple


class Area(NamedTuple):
    """A place of attack as it is named in each language."""

    ar: str
    en: str


class City(NamedTuple):
    """A city and quarters of it, or a countryside and towns of it."""

    ar: str
    en: str
    areas: tuple[Area, ...]


class Deed(NamedTuple):
    """One kind of attack: first reports by language, and follow-ups that name the city only."""

    name: str
    ar: tuple[str, ...]
    en: tuple[str, ...]
    follow: tuple[str, ...]


CITIES: Final = (
    City(
        "حلب",
        "Aleppo",
        (
            Area("الشعار", "al-Shaar"),
            Area("السكري", "al-Sukkari"),
            Area("صلاح الدين", "Salah al-Din"),
            Area("بستان القصر", "Bustan al-Qasr"),
            Area("الصاخور", "al-Sakhour"),
        ),
    ),
    City(
        "الرقة",
        "Raqqa",
        (
            Area("المشلب", "al-Mashlab"),
            Area("الدرعية", "al-Daraiya"),
            Area("الرميلة", "al-Rumaila"),
            Area("الفردوس", "al-Firdous"),
        ),
    ),
    City(
        "بغداد",
        "Baghdad",
        (
            Area("الكرادة", "Karrada"),
            Area("الشعلة", "Shula"),
            Area("الزعفرانية", "Zafaraniya"),
            Area("البياع", "Bayaa"),
        ),
    ),
    City(
        "دمشق",
        "Damascus",
        (Area("المزة", "Mazzeh"), Area("كفرسوسة", "Kafr Sousa"), Area("القابون", "Qaboun"), Area("برزة", "Barzeh")),
    ),
    City(
        "حمص",
        "Homs",
        (Area("الزهراء", "al-Zahra"), Area("الوعر", "al-Waer"), Area("عكرمة", "Akrama"), Area("الأرمن", "al-Arman")),
    ),
)
COUNTRYSIDES: Final = (
    City(
        "إدلب",
        "Idlib",
        (
            Area("سرمين", "Sarmin"),
            Area("بنش", "Binnish"),
            Area("تفتناز", "Taftanaz"),
            Area("أريحا", "Ariha"),
            Area("سراقب", "Saraqib"),
        ),
    ),
    City(
        "حلب",
        "Aleppo",
        (Area("الأتارب", "Atarib"), Area("دارة عزة", "Darat Izza"), Area("اعزاز", "Azaz"), Area("مارع", "Mare")),
    ),
    City("درعا", "Daraa", (Area("نوى", "Nawa"), Area("طفس", "Tafas"), Area("داعل", "Dael"), Area("انخل", "Inkhil"))),
)

DEEDS: Final = (
    Deed(
        "shelling",
        (
            "قصف مدفعي يستهدف {where} {when}، {toll}",
            "{toll} جراء سقوط قذائف على {where} {when}",
            "أفادت مصادر محلية بتعرض {where} لقصف بالمدفعية الثقيلة {when}، {toll}",
            "عاجل | قذائف تسقط على منازل المدنيين في {where}، {toll}",
            "فرق الإسعاف تتوجه إلى {where} بعد قصف مدفعي طال الأحياء السكنية {when}، {toll}",
        ),
        (
            "Artillery shells hit {where} {when}; {toll}, residents said.",
            "{toll} as shells landed on houses in {where} {when}, rescue workers said.",
        ),
        (
            "ارتفاع حصيلة القصف المدفعي على {city} إلى {dead}",
            "وفاة أحد جرحى القصف على {city} لترتفع الحصيلة إلى {dead}",
        ),
    ),
    Deed(
        "bomb",
        (
            "انفجار عبوة ناسفة في {where} {when}، {toll}",
            "{toll} بانفجار عبوة ناسفة في {where} {when}",
            "مصدر أمني: عبوة ناسفة انفجرت قرب سوق في {where}، {toll}",
            "دوي انفجار في {where} {when} تبين أنه ناجم عن عبوة ناسفة، {toll}",
        ),
        (
            "A roadside bomb went off in {where} {when}; {toll}, police said.",
            "{toll} when a bomb exploded near a market in {where} {when}, a security source said.",
        ),
        (
            "ارتفاع عدد ضحايا انفجار العبوة الناسفة في {city} إلى {dead}",
            "مصدر طبي: حصيلة التفجير في {city} ترتفع إلى {dead}",
        ),
    ),
    Deed(
        "drone",
        (
            "طائرة مسيرة تستهدف منزلا في {where} {when}، {toll}",
            "غارة بطائرة مسيرة على {where} {when}، {toll}",
            "{toll} في قصف من طائرة مسيرة على {where}",
            "شهود عيان: مسيرة أطلقت صاروخا على سيارة في {where} {when}، {toll}",
        ),
        (
            "A drone struck a house in {where} {when}; {toll}.",
            "{toll} in a drone strike on {where} {when}, witnesses said.",
        ),
        (
            "ارتفاع حصيلة قتلى الغارة على {city} إلى {dead}",
            "مصدر طبي: وفاة جريح في غارة المسيرة على {city} والحصيلة {dead}",
        ),
    ),
)
HOURS: Final = {
    5: Area("فجر اليوم", "at dawn"),
    9: Area("صباح اليوم", "this morning"),
    13: Area("ظهر اليوم", "at noon"),
    18: Area("مساء اليوم", "this evening"),
}
AT_ONCE: Final = Area("قبل قليل", "moments ago")
NO_TOLL: Final = {
    "ar": ("ولا معلومات عن الإصابات حتى الآن", "وأنباء عن إصابات"),
    "en": ("there was no word of casualties", "casualties were reported"),
}
_AR: Final = {
    2: "شخصين",
    3: "ثلاثة أشخاص",
    4: "أربعة أشخاص",
    5: "خمسة أشخاص",
    6: "ستة أشخاص",
    7: "سبعة أشخاص",
    8: "ثمانية أشخاص",
    9: "تسعة أشخاص",
}
_EN: Final = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine"}


def toll(language: str, dead: int, rng: random.Random) -> str:
    """Words for so many killed; 0 for a first report that knows nothing yet."""
    if not dead:
        return rng.choice(NO_TOLL[language])
    if language == "en":
        return f"{_EN[dead]} people were killed"
    return f"مقتل {_AR[dead]}" if rng.random() < 0.5 else f"مقتل {dead} مدنيين"


def dead_in_all(dead: int) -> str:
    """A figure for a follow-up: "5 killed"."""
    return f"{dead} قتلى"
