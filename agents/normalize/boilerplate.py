"""Lines that are not a post's own words: counters, captions, cross-heads, "see also" lines, signatures, share buttons.

They are marked, not removed: a later stage leaves them out of its reading (the lone "47" under a title is no toll) and
evidence keeps its place. A rule looks at one line, at what stands around it, or at its return in the same post.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from agents.normalize.letters import DIGITS, EMOJI, LETTERS


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the text, stripped, with its place and what stands around it."""

    start: int
    end: int
    text: str
    alone: bool
    """An empty line, or nothing, before and behind it."""
    times: int
    """How often the same line stands in this post."""
    last: bool
    """Nothing but empty lines and boilerplate follow."""


_UNITS = "views?|shares?|likes?|comments?|مشاهدة|مشاهدات|قراءة|تعليق|تعليقات|مشاركة|مشاركات|إعجاب"
_COUNTER = re.compile(rf"[{DIGITS}][{DIGITS}.,]{{0,9}}\s?[KkMm]?(?:\s?(?:{_UNITS}))?")
_SITES = "facebook|twitter|whatsapp|telegram|email|فيسبوك|تويتر|واتساب|تلغرام|تيليغرام"
_SHARE = re.compile(
    r"(?:[0-9.,]+[KM]?\s)?(?:(?:re)?tweets?|likes?)|share(?: this)?(?: on)?[: ]?.{0,40}"
    r"|شارك(?:ها|وا)?(?: (?:هذا|الخبر|على|عبر|المقال).{0,40})?"
    rf"|(?:{_SITES})(?:[ |,،/]+(?:{_SITES}))*",
    re.IGNORECASE,
)
_SEE_ALSO = re.compile(
    r"(?:شاهد(?:وا)?|اقرأ(?:وا)?|إقرأ|اقرؤوا|طالع|تابع|للمزيد|المزيد|لمشاهدة"
    r"|read|see|watch|also read|related|more on)\s?"
    r"(?:أيض[اًا]{1,2}|ايض[اًا]{1,2}|المزيد|كذلك|more|also|:|\.\.).{0,200}",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"(?:صورة|صور|لقطة|فيديو|الصورة|بالصور|photo|image|video|picture|file photo)\b.{0,160}?"
    r"(?:\([^()]{2,60}\)|[:/].{2,60}|أرشيف\S*)",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"\(?(?:رويترز|أ ?ف ?ب|فرانس برس|الأناضول|سانا|أسوشيتد برس|غيتي|reuters|afp|getty images|ap photo)\)?",
    re.IGNORECASE,
)
_ADDRESS = r"(?:https?://\S+|t\.me/\S+|@\w{4,})"
_SIGNATURE = re.compile(
    r"(?:.{0,40}(?:اشترك(?:وا)?|انضم(?:وا)?|تابعونا|تابعنا|للاشتراك|قناتنا|join|subscribe|follow us).{0,100})"
    rf"|{_ADDRESS}(?:[\s|]+{_ADDRESS})*",
    re.IGNORECASE,
)
_HASHTAGS = re.compile(rf"(?:[{EMOJI}\s|]*#[\w{LETTERS} ]{{1,40}})+[{EMOJI}\s|]*")
_SENTENCE_END = re.compile(r"[.؟!:،؛…\"”»]$")
_CROSS_HEAD_WORDS = 4

RULES: dict[str, Callable[[Line], bool]] = {
    "counter": lambda line: line.alone and _COUNTER.fullmatch(line.text) is not None,
    "share": lambda line: _SHARE.fullmatch(line.text) is not None,
    "see_also": lambda line: _SEE_ALSO.fullmatch(line.text) is not None,
    "caption": lambda line: _CAPTION.fullmatch(line.text) is not None,
    "credit": lambda line: _CREDIT.fullmatch(line.text) is not None,
    "signature": lambda line: line.last and len(line.text) < 200 and _SIGNATURE.fullmatch(line.text) is not None,
    "hashtags": lambda line: line.last and _HASHTAGS.fullmatch(line.text) is not None,
    "repeated": lambda line: line.times > 1 and len(line.text) < 160,
    "cross_head": lambda line: (
        line.alone
        and not line.last
        and len(line.text.split()) < _CROSS_HEAD_WORDS
        and not _SENTENCE_END.search(line.text)
    ),
}
"""Name of a rule -> whether a line is boilerplate by it; the first that holds names the line."""


def find_boilerplate(text: str, title_length: int = 0) -> Iterator[tuple[int, int, str]]:
    """Spans of boilerplate lines behind the title, ascending, each with the name of its rule."""
    lines = _lines(text, title_length)
    found = []
    last = True
    for line in reversed(lines):
        asked = Line(line.start, line.end, line.text, line.alone, line.times, last)
        rule = next((name for name, holds in RULES.items() if holds(asked)), None)
        if rule:
            found.append((line.start, line.end, rule))
        else:
            last = False
    if len(found) < len(lines):
        yield from reversed(found)


def _lines(text: str, title_length: int) -> list[Line]:
    raw: list[tuple[int, int, str]] = []
    place = 0
    for line in text.split("\n"):
        stripped = line.strip()
        start = place + line.find(stripped) if stripped else place
        raw.append((start, start + len(stripped), stripped))
        place += len(line) + 1
    times = Counter(stripped for _, _, stripped in raw)
    return [
        Line(
            start,
            end,
            stripped,
            alone=(at == 0 or not raw[at - 1][2]) and (at + 1 == len(raw) or not raw[at + 1][2]),
            times=times[stripped],
            last=False,
        )
        for at, (start, end, stripped) in enumerate(raw)
        if stripped and start >= title_length
    ]
