"""The Arabic alphabet as its writers, and those who hide from filters, use it.

Three kinds of letters of the Arabic script matter here: the 36 *standard* letters of Arabic; *variants* that a keyboard
of another language or a decorative font puts in their place (Persian yeh for yeh) and that have one standard letter;
and *foreign* letters, which an Arabic text does not need at all: dotless shapes, letters with other dots. Foreign and
standard letters that share their stroke share a *skeleton* (rasm).

Strings named in capitals without a comment are bodies of a character class, to be put between brackets.
"""

import re

TATWEEL = "\u0640"
STANDARD = "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهويى"

LETTERS = (
    "\u0620-\u063f\u0641-\u064a\u066e\u066f\u0671-\u06d3\u06d5\u06ee\u06ef\u06fa-\u06fc\u06ff\u0750-\u077f\u08a0-\u08c7"
)
"""All letters of the Arabic script, tatweel not included."""

INVISIBLE = (
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f\U000e0100-\U000e01ef"
)
"""Characters without a shape: zero width, directions, controls, variation selectors, tags."""

JOINERS = "\u200c\u200d"
"""Zero width non-joiner and joiner: spelling in Persian, Kurdish and Urdu; part of emoji; noise in Arabic."""

MARKS = (
    "\u0610-\u061a\u064b-\u0652\u0656-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"
    "\u08ca-\u08e1\u08e3-\u08ff"
)
"""Vowel signs and reading marks, without the three that make a letter (`COMBINING`)."""

COMBINING = "\u0653-\u0655"
"""Maddah above, hamza above, hamza below."""

STACKED = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
"""Combining marks of no script in particular, which people stack on letters."""

PRESENTATION = "\ufb50-\ufbb1\ufbd3-\ufd3d\ufd50-\ufdfb\ufdfd\ufe70-\ufefc\U0001ee00-\U0001eeff"
"""Letters in their positional shape and ligatures, as old software and PDF files write them, and as formulas do."""

SPACES = " \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000"
DIGITS = "0-9\u0660-\u0669\u06f0-\u06f9"
EMOJI = "\u2190-\u21ff\u2300-\u23ff\u25a0-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff"

JUNK = (
    ".\u06d4\u2026,\u060c;\u061b:'\"`\u00b4\u2018\u2019\u201c\u201d*_+=~^|/\\\\!\u00a1<>()\\[\\]{}"
    "\u00b7\u2022\u2024\u2025\u2027\u22c5%&#$@\\-\u2010-\u2015\u00b0\u00ac\u00d7\u2020\u2021\u2212\u066b\u066d"
)
"""Signs that people put between the letters of one word."""

NON_JOINING = "اأإآدذرزوؤىةء"
"""Letters that do not join to the next one: a writer cannot put a tatweel behind them."""

COMPOSED = {"ا\u0653": "آ", "ا\u0654": "أ", "ا\u0655": "إ", "و\u0654": "ؤ", "ي\u0654": "ئ", "ى\u0654": "ئ"}

VARIANTS = {
    variant: letter
    for letter, variants in {
        "ك": "کڪګڬڭ",
        "ي": "یېۍےێ",
        "ه": "ھہەۀۂۿ",
        "ة": "ۃ",
        "و": "ۅۆۇۈۉۋۏ",
        "ا": "ٱ",
        "أ": "ٲٵ",
        "إ": "ٳ",
        "ل": "ڵݪ",
        "م": "ݥݦ",
    }.items()
    for variant in variants
}
"""Letters that have one reading in an Arabic text. Never applied to Persian, Kurdish, Urdu, Pashto."""

# Skeleton classes: every letter -> its dotless stroke. Initial and medial noon and yeh look like beh without dots,
# which is why `skeleton` puts them into that class. Writers use the dotless feh for both feh and qaf.
_TOOTH = "ٮ"
_SKELETONS = {
    "ا": "اأإآٱٲٳٵ",
    _TOOTH: "بتثپٹٺٻټٽٿڀٮݐݑݒݓݔݕݖ",
    "ح": "جحخچڇڃڄڿځڂڅݗݘݮݯݲ",
    "د": "دذڈډڊڋڌڍڎڏڐۮݙݚ",
    "ر": "رزڑڒړڔڕږڗژڙۯݛݫݬݱ",
    "س": "سشښڛڜۺݜݭݰݽݾ",
    "ص": "صضڝڞۻ",
    "ط": "طظڟ",
    "ع": "عغڠۼݝݞݟ",
    "ڡ": "فقٯڡڢڣڤڥڦڧڨݠݡ",
    "ك": "كکڪګڬڭڮگڰڱڲڳڴݢݣݤݿ",
    "ل": "لڵڶڷڸݪ",
    "م": "مݥݦ",
    "ں": "نںڻڼڽڹݧݨݩ",
    "ه": "ةهھہۂۃۀەۿ",
    "و": "وؤۄۅۆۇۈۉۊۋۏݸݹ",
    "ى": "يىئیېۍێےۓݵݶݷݺݻ",
}
RASM = {letter: shape for shape, letters in _SKELETONS.items() for letter in letters}
FOREIGN = "".join(letter for letter in RASM if letter not in STANDARD and letter not in VARIANTS)
"""Letters that no Arabic word is written with: dotless shapes and letters with other dots."""

LOANS = {"ڤ": "فق", "ڨ": "ق", "پ": "ب", "چ": "جش", "گ": "كقج", "ژ": "زج", "ڴ": "كق", "ݣ": "كق", "ڭ": "ك", "ڠ": "غ"}
"""Letters that some Arab countries write in names and loan words -> what others write, the usual one first."""

_ADORNED = (
    "ٻب ٻي ڀب ڀي ٺت ټت ٿت ٿث ٹت ٽث ڃج ڄج څخ څح ڿج ڂخ ځح ڇج ڊد ڈد ډد ڌذ ڎذ ڕر ړر ڒر ڑر ږز ڗز ښس ڛس ڜش ۺش ݜش ݭس "
    "ڝص ڞض ۻض ڟظ ۼغ ڥف ڢف ڣف ڧق ڻن ڼن ڽن ڹن ݩن ݧن"
)
NEAREST = {"ڡ": "فق", "ٯ": "ق", "ں": "ن", "ٮ": "ب"} | LOANS
"""Letters of no Arabic word -> the letters that they are written for, by shape; the likeliest first."""
for _pair in _ADORNED.split():
    NEAREST[_pair[0]] = NEAREST.get(_pair[0], "") + _pair[1]

LETTER = re.compile(f"[{LETTERS}]")
WORD = re.compile(f"[{LETTERS}]+")

_SHAPES = str.maketrans({letter: ("ٮ" if shape in "ںى" else shape) for letter, shape in RASM.items()} | {"ء": None})


def skeleton(word: str) -> str:
    """The word without dots and hamzas, its letters by stroke; words of one skeleton look alike when dots are lost.

    Final noon and yeh are put in the class of beh like all others; whether a final letter fits, the caller asks.
    """
    return word.translate(_SHAPES)
