"""Some hundred posts with everything that makes a stage work: incidents told by several outlets, rising tolls,
copies, edits, withdrawals, claims, backfill, and posts that tell of no incident at all. Written for these tests.
"""

import random
from datetime import UTC, datetime, timedelta

import msgspec

from schemas.kinds import SourceKind, SourceRole
from schemas.records import Post, Source

START = datetime(2026, 3, 1, 6, tzinfo=UTC)
PLACES = {  # country: (Arabic, English)
    "SY": [("دير الزور", "Deir ez-Zor"), ("إدلب", "Idlib"), ("درعا", "Daraa"), ("حمص", "Homs"), ("منبج", "Manbij")],
    "IQ": [("الموصل", "Mosul"), ("كركوك", "Kirkuk"), ("تكريت", "Tikrit")],
    "LB": [("طرابلس", "Tripoli"), ("صيدا", "Sidon")],
    "YE": [("عدن", "Aden"), ("تعز", "Taiz")],
}
EVENTS = [
    ("انفجار عبوة ناسفة", "bomb explosion", "قُتل {n} مدنيين وأصيب {m} آخرون"),
    ("قصف مدفعي", "shelling", "قُتل {n} أشخاص وجُرح {m}"),
    ("اشتباكات مسلحة", "armed clashes", "قُتل {n} من قوات الأمن وأصيب {m}"),
    ("هجوم مسلح على حاجز", "armed attack on a checkpoint", "قُتل {n} من قوات الأمن"),
]
QUIET = [
    "انطلقت فعاليات معرض الكتاب السنوي بمشاركة عشرات دور النشر",  # a book fair opens
    "توقعات الطقس: أمطار متفرقة وانخفاض في درجات الحرارة",  # a weather forecast
    "ارتفاع أسعار الخضار في الأسواق المحلية",  # vegetable prices rise
]
# Words of ordinary reports; each story draws its own few, so that no two stories look like copies of each other.
ORDINARY = (
    "السوق الجسر المحطة المدرسة المستشفى الطريق الحي البلدة البساتين المساء الصباح السكان الشرطة الإسعاف الدخان "
    "الأضرار المحال السيارات المبنى الساحة المدخل الغربي الشرقي الشمالي الجنوبي القديم الجديد الكهرباء المياه اللجنة "
    "المحلية البلدية الموظفون الطلاب العمال المزارعون التجار الشهود المصادر التحقيق الإغلاق الإخلاء النوافذ الجدران"
)


def source(name: str, country: str, role: SourceRole = SourceRole.MEDIA) -> Source:
    return Source(id=f"{name}-{country.lower()}", kind=SourceKind.FEED, name=name.title(), role=role, country=country)


def story(number: int, apart: timedelta = timedelta(hours=26)) -> list[Post]:
    """One incident: two outlets, a copy, a higher toll, now and then an edit, a withdrawal, a claim, a backfill."""
    country = list(PLACES)[number % len(PLACES)]
    place_ar, place_en = PLACES[country][number // len(PLACES) % len(PLACES[country])]
    event_ar, event_en, toll = EVENTS[number % len(EVENTS)]
    began = START + apart * number
    detail = " ".join(random.Random(number).sample(ORDINARY.split(), 24)) + "."
    told: list[Post] = []

    def tell(name, minutes, text, title=None, **more):
        at = began + timedelta(minutes=minutes)
        post = Post(
            source=source(name, country),
            native_id=f"{number}-{name}",
            title=title,
            text=text,
            published_at=at,
            fetched_at=at + timedelta(seconds=20),
            **more,
        )
        told.append(post)
        return post

    first = f"{event_ar} في مدينة {place_ar}. " + toll.format(n=3, m=5) + f" وفق مصدر أمني. {detail}"
    monitor = tell("monitor", 0, first, f"{event_ar} في {place_ar}")
    tell("agency", 7, f"A {event_en} in {place_en} killed three people today, a security source said.")
    tell("copyist", 11, first, f"{event_ar} في {place_ar}")
    tell("herald", 25, f"{event_ar} في {place_ar}: ارتفاع الحصيلة، " + toll.format(n=5 + number % 3, m=9) + ".")
    tell("quiet", 31, QUIET[number % len(QUIET)])
    if number % 3 == 0:
        edited = first.replace("3", "4")
        at = began + timedelta(minutes=40)
        told.append(msgspec.structs.replace(monitor, revision=1, text=edited, edited_at=at, fetched_at=at))
    if number % 5 == 0:
        herald = told[3]
        at = began + timedelta(minutes=55)
        told.append(msgspec.structs.replace(herald, revision=1, deleted=True, edited_at=at, fetched_at=at))
    if number % 6 == 4:  # the source changed its mind: the edit tells of no incident any more
        at = began + timedelta(minutes=50)
        told.append(
            msgspec.structs.replace(told[1], revision=1, text=QUIET[0], title=None, edited_at=at, fetched_at=at)
        )
    if number % 6 == 5:  # the edit names another country
        elsewhere = PLACES[list(PLACES)[(number + 1) % len(PLACES)]][0][1]
        text = f"Correction: the {event_en} was in {elsewhere} and killed three people today, a security source said."
        at = began + timedelta(minutes=52)
        told.append(msgspec.structs.replace(told[1], revision=1, text=text, edited_at=at, fetched_at=at))
    if number % 4 == 1:
        tell("claims", 45, f"أعلن تنظيم الدولة الإسلامية مسؤوليته عن الهجوم في {place_ar}.")
    if number % 7 == 2:
        tell("archive", 58, f"{event_ar} في {place_ar} قبل عام. " + toll.format(n=2, m=1), backfill=True)
    return told


WITHIN_A_WEEK = timedelta(hours=2)
"""Between stories, so that no incident of 500 posts is forgotten: what a crash makes known again is known still."""


def posts(count: int, apart: timedelta = timedelta(hours=26)) -> list[Post]:
    """The first `count` posts, stories one after the other, `apart` from each other."""
    found: list[Post] = []
    number = 0
    while len(found) < count:
        found += story(number, apart)
        number += 1
    return found[:count]
