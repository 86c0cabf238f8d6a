"""Lines that are not a post's own words: counters, captions, cross-heads, "see also" lines, signatures, share buttons.

They are marked, not removed: a later stage leaves them out of its reading (the lone "47" under a title is no toll) and
evidence keeps its place. A rule looks at one line, at what stands around it, or at its return in the same post.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from agents.normalize.letters import DIGITS, EMOJI, LETTERS


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the text, stripped, and what stands around it."""

    text: str
    alone: bool
    """An empty line, or nothing, before and behind it."""
    times: int
    """How often the same line stands in this post."""
    again: bool
    """The same line stood before."""
    last: bool
    """Nothing but empty lines and boilerplate follow."""
    within: bool
    """A paragraph stands somewhere before and somewhere behind."""
    first: bool
    """The first line of the body, or of the post where it has no title."""


_UNITS = "views?|shares?|likes?|comments?|مشاهدة|مشاهدات|قراءة|تعليق|تعليقات|مشاركة|مشاركات|إعجاب"
_COUNTER = re.compile(rf"[{DIGITS}][{DIGITS}.,]{{0,9}}\s?[KkMm]?(?:\s?(?:{_UNITS}))?")
_SITES = "facebook|twitter|whatsapp|telegram|email|فيسبوك|تويتر|واتساب|تلغرام|تيليغرام"
_SHARE = re.compile(
    r"(?:[0-9.,]+[KM]?\s)?(?:(?:re)?tweets?|likes?|repl(?:y|ies)|more)|share(?: this)?(?: on)?[: ]?.{0,40}"
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
    r"(?:صورة|صور|لقطة|الصورة|photo|image|picture|file photo)\b.{0,160}?(?:\([^()]{2,60}\)|أرشيف\S*)"
    r"|(?:photo|image)s?(?: by| credit|:).{2,60}",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"\(?(?:رويترز|أ ?ف ?ب|فرانس برس|الأناضول|سانا|أسوشيتد برس|غيتي|reuters|afp|getty images|ap photo)\)?",
    re.IGNORECASE,
)
_FOLLOW = "اشترك|انضم|تابعونا|تابعنا|للاشتراك|لمتابعتنا|رابط قناتنا|قناتنا|join|subscribe|follow us"
_ADDRESS = r"(?:https?://\S+|t\.me/\S+|@\w{4,})"
_SIGNATURE = re.compile(
    rf"[{EMOJI}\s]*(?:{_FOLLOW}).{{0,120}}"
    rf"|.{{0,60}}?{_ADDRESS}(?:[\s|:–-]{{0,4}}{_ADDRESS}){{0,8}}[{EMOJI}\s]*",
    re.IGNORECASE,
)
_HASHTAGS = re.compile(rf"(?:[{EMOJI}\s|]*#[\w{LETTERS} ]{{1,40}})+[{EMOJI}\s|]*")
_NO_HEAD = re.compile(r"[.؟!:،؛…\"”»]$|[#@|]")
_QUESTION = re.compile(r"(?:[؟?…]|\.\.)$")
_CROSS_HEAD_WORDS = 3
_PARAGRAPH = 60
"""Characters from which on a line is a paragraph."""
_TEASER = 160
"""Characters up to which a line that returns links to another article rather than says something twice."""

RULES: dict[str, Callable[[Line], bool]] = {
    "counter": lambda line: line.alone and _COUNTER.fullmatch(line.text) is not None,
    "share": lambda line: _SHARE.fullmatch(line.text) is not None,
    "see_also": lambda line: not line.first and _SEE_ALSO.fullmatch(line.text) is not None,
    "caption": lambda line: not line.first and _CAPTION.fullmatch(line.text) is not None,
    "credit": lambda line: _CREDIT.fullmatch(line.text) is not None,
    "signature": lambda line: line.last and len(line.text) < 200 and _SIGNATURE.fullmatch(line.text) is not None,
    "hashtags": lambda line: line.last and _HASHTAGS.fullmatch(line.text) is not None,
    "repeated": lambda line: line.again and line.alone and len(line.text) < _TEASER,
    "teaser": lambda line: line.times > 1 and line.alone and not line.first and _QUESTION.search(line.text) is not None,
    "cross_head": lambda line: (
        line.alone and line.within and len(line.text.split()) <= _CROSS_HEAD_WORDS and not _NO_HEAD.search(line.text)
    ),
}
"""Name of a rule -> whether a line is boilerplate by it; the first that holds names the line."""


def find_boilerplate(text: str, title_length: int = 0) -> list[tuple[int, int, str]]:
    """Spans of boilerplate lines behind the title, ascending, each with the name of its rule.

    A post that would be nothing but boilerplate has none: then these are its words.
    """
    lines = _lines(text)
    body = [line for line in lines if line[0] >= title_length]
    times = Counter(line[2] for line in lines)
    first = {line[2]: line[0] for line in reversed(lines)}
    long = [at for at, line in enumerate(body) if len(line[2]) >= _PARAGRAPH]
    found: list[tuple[int, int, str]] = []
    kept = 0
    for at in range(len(body) - 1, -1, -1):
        start, end, line, alone = body[at]
        within = bool(long) and long[0] < at < long[-1]
        asked = Line(line, alone, times[line], again=start > first[line], last=not kept, within=within, first=at == 0)
        rule = next((name for name, holds in RULES.items() if holds(asked)), None)
        if rule:
            found.append((start, end, rule))
        else:
            kept += 1
    return found[::-1] if kept or title_length else []


def _lines(text: str) -> list[tuple[int, int, str, bool]]:
    """The lines that are not empty: start, end, stripped text, whether empty lines or nothing stand around."""
    lines = []
    place = 0
    raw = text.split("\n")
    for at, line in enumerate(raw):
        stripped = line.strip()
        if stripped:
            start = place + line.find(stripped)
            alone = not (at and raw[at - 1].strip()) and not (at + 1 < len(raw) and raw[at + 1].strip())
            lines.append((start, start + len(stripped), stripped, alone))
        place += len(line) + 1
    return lines
