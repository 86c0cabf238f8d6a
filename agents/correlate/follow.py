"""Does a text come back to an attack that its readers know: "the victims of the bombing", "arrests over the attack"?

Papers write of a big attack for days: who condemned it, who was buried, arrested or visited, how the toll rose. Such a
text tells of the day of the attack, whenever it is published. First reports do not speak so ("killed in a bombing",
`قتلى في تفجير`); one that does by accident still has to be like an earlier report of a big attack on the same place.
"""

import re
from collections.abc import Sequence
from typing import Final

_HEAD: Final = 40
"""Words in which a text says what it is about."""


def _any(words: str) -> str:
    return f"(?:{'|'.join(words.split())})"


# A bombing, attack, blast, assault, incident, massacre, shelling, strike, operation, crime.
_ATTACKS: Final = "تفجير تفجيرات هجوم انفجار اعتداء حادث حادثه مجزره قصف غاره عمليه جريمه"
_ATTACK: Final = _any(_ATTACKS)
# The victims, martyrs, wounded, dead, scene, bomber, toll, circumstances, consequences, masterminds of it.
_ITS: Final = _any("ضحايا شهداء مصابي مصابو جرحي قتلي موقع منفذ منفذي منفذو حصيله ملابسات تداعيات مرتكبي مدبري")
# Linked to it, involved in it, on account of it, behind it, responsibility for it, claims it.
_OVER: Final = _any(
    "صله علاقه صلتهم صلته تورط تورطهم متورط متورطين متورطون خلفيه وراء مسووليته مسووليتها تبني يتبني تتبني"
)
# Those held over, accused or suspected of it; its case, details, cell.
_HELD: Final = _any("الموقوفين الموقوفون موقوفين موقوفون المتهمين المتهمون متهمين المتورطين بهم قضيه تفاصيل خليه")
# Condemns, denounces it.
_CONDEMNED: Final = _any(
    "دان ادان دانت ادانت يدين تدين ندين ادانه ادانات استنكر يستنكر تستنكر استنكرت استنكار ندد يندد نددت تنديد شجب شجبت"
)
# Condolences, funerals for it.
_MOURNED: Final = _any(
    "يعزي تعزي عزاء تعازي تعازيه تعازيها تعزيه مواساه المعزين تشييع شيعت شيع تشيع يشيعون جثامين جنازه دفن"
)
_VISITED: Final = _any("زار يزور تفقد يتفقد عاد")
_ARABIC: Final = (
    rf"{_ITS} (?:ال)?{_ATTACK}",
    rf"{_OVER}(?: عن| في)? ب?(?:ال)?{_ATTACK}",
    rf"{_HELD}(?: جديده)?(?: في| عن)? (?:ال)?{_ATTACK}",
    rf"(?:بعد|عقب) (?:ال{_ATTACK}|حادث)",  # after the bombing; "after a bombing" is a first report's
    rf"متاثرا (?:بجراحه|باصابته|بجراح|باصابات)(?: \w+)* (?:في )?ب?(?:ال)?{_ATTACK}",  # died of wounds from it
    rf"(?:{_CONDEMNED}|{_MOURNED})(?: \w+)* (?:ال|لل|بال|ب|ل)?{_ATTACK}",
    rf"{_VISITED}(?: \w+)* {_ITS} (?:ال)?{_ATTACK}",
    rf"التحقيقات?(?: \w+){{0,3}} ب?(?:ال)?{_ATTACK}",  # the investigation into it
)
_WORDS: Final = r"(?: \w+){0,4}"
_ATTACKS_EN: Final = "attack attacks bombing bombings blast blasts explosion shooting massacre assault killing killings"
_AN_ATTACK: Final = f"{_WORDS} {_any(_ATTACKS_EN)}"
_ENGLISH: Final = (
    rf"(?:victims|aftermath|perpetrators|investigation|survivors|toll) (?:of|from|in|into){_AN_ATTACK}",
    rf"(?:condemn\w*|condolences|mourn\w*|funerals?|buried|bury|denounc\w*){_WORDS}{_AN_ATTACK}",
    rf"(?:arrest\w*|detain\w*|suspects?){_WORDS} (?:over|in connection with|behind|linked to){_AN_ATTACK}",
    rf"(?:claim\w* responsibility for|was behind){_AN_ATTACK}",
)
_REFERS: Final = re.compile(rf"\b(?:{'|'.join((*_ARABIC, *_ENGLISH))})\b")
_NEEDED: Final = frozenset(_ATTACKS_EN.split()).union(
    before + attack for before in ("", "ال", "ب", "بال", "ل", "لل") for attack in _ATTACKS.split()
)
"""One of these words stands in every text that the expression finds; to look for them costs a tenth."""


def refers_back(words: Sequence[str]) -> bool:
    """Whether a text, as comparable words, comes back to a known attack in its first lines."""
    head = words[:_HEAD]
    return not _NEEDED.isdisjoint(head) and _REFERS.search(" ".join(head)) is not None
