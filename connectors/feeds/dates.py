"""Dates as publishers write them, where the standard readers give up: pure.

The standards come first (RFC 3339, RFC 5322). What is left in real feeds is mostly RFC 5322 with the names of months
in the site's own language and, in Arabic feeds, with Arabic-Indic digits. A date of digits only whose day and month
could be exchanged is not guessed: an entry without a date takes the time of fetching and says so, which is a smaller
error than months.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Final

_MONTHS: Final = {
    # Arabic: as in Egypt and the Gulf; Levant and Iraq (two words written with or without space); Maghreb.
    1: "يناير كانونالثاني جانفي jan janv gen ene oca ocak januar janvier gennaio enero",
    2: "فبراير شباط فيفري feb fév fevr févr şub şubat februar février febbraio febrero",
    3: "مارس آذار اذار mar mär mars marzo mart märz",
    4: "أبريل ابريل إبريل نيسان أفريل افريل apr avr abr nis april avril aprile abril nisan",
    5: "مايو أيار ايار ماي may mai mag mayo maggio mayıs",
    6: "يونيو يونيه حزيران جوان jun juin giu haz juni juin giugno junio haziran",
    7: "يوليو يوليه تموز جويلية jul juil lug tem juli juillet luglio julio temmuz",
    8: "أغسطس اغسطس آب اب أوت اوت غشت aug août aout ago ağu agosto august ağustos",
    9: "سبتمبر أيلول ايلول شتنبر sep sept set eyl septembre settembre septiembre eylül",
    10: "أكتوبر اكتوبر تشرينالأول تشرينالاول oct okt ott eki octobre ottobre octubre oktober ekim",
    11: "نوفمبر تشرينالثاني نونبر nov kas novembre noviembre kasım november",
    12: "ديسمبر كانونالأول كانونالاول دجنبر dec déc dez dic ara décembre dicembre diciembre dezember aralık",
}
_MONTH_OF: Final = {name: number for number, names in _MONTHS.items() for name in names.split()}
_DIGITS: Final = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_HALF_DAY: Final = re.compile(r"\d\s*(am|pm|ص|م)\b", re.IGNORECASE)
_WORDED: Final = re.compile(
    r"(?<!\d)(\d{1,2})\.?[\s-]+(\w+?)\.?[\s,-]+(\d{4})"
    r"(?:\D{1,12}(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(am|pm|ص|م)?\s*(z|utc|gmt|[+-]\d{2}:?\d{2})?)?",
    re.IGNORECASE,
)


def read_date(text: str) -> datetime | None:
    """A moment in UTC; None where there is none to be read. Without a zone it is taken as UTC."""
    text = text.strip().translate(_DIGITS)
    readers = (_worded,) if names_half_of_day(text) else (datetime.fromisoformat, parsedate_to_datetime, _worded)
    for standard in readers:
        try:
            moment = standard(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        if moment is not None:
            return _utc(moment)
    return None


def names_half_of_day(text: str) -> bool:
    """Whether a date says am or pm; standard readers ignore it and take 3:05 PM for five past three at night."""
    return _HALF_DAY.search(text) is not None


def _worded(text: str) -> datetime | None:
    """Day, name of the month, year, and perhaps a time."""
    # Months of two words ("كانون الثاني", January) are written as one for the look-up.
    found = _WORDED.search(re.sub(r"\b(تشرين|كانون)\s+", r"\1", text))
    month = _MONTH_OF.get(found[2].lower()) if found else None
    if found is None or month is None:
        return None
    hour = int(found[4] or 0)
    if found[7] in {"pm", "PM", "م"} and hour < 12:
        hour += 12
    if found[7] in {"am", "AM", "ص"} and hour == 12:
        hour = 0
    return datetime(
        int(found[3]), month, int(found[1]), hour, int(found[5] or 0), int(found[6] or 0), tzinfo=_zone(found[8])
    )


def _zone(text: str | None) -> timezone:
    if not text or text[0] not in "+-":
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


def _utc(moment: datetime) -> datetime | None:
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
