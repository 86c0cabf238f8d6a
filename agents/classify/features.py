"""What the decision looks at: words and word pairs, hashed, and what the rules found.

Both live in one table of weights: a feature's place is a hash of its name, so that the model needs no vocabulary and
its size does not grow with training data. Every name stays readable, so that a decision can be explained.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise, repeat
from typing import Final, NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt
import Stemmer

from agents.classify.events import Evidence, Scene
from agents.classify.languages import Language
from agents.classify.text import Reading
from agents.remembered import remembered, remembering
from schemas.kinds import Modality, SourceKind

SIZE: Final = 1 << 18
Places = npt.NDArray[np.uint32]
LEAD_TOKENS: Final = 160
"""News says what happened first; what stands further down is background more often than not."""
_RULE_CAP: Final = 3.0
_LONGEST_WORD: Final = 40
_SHORT_BODY: Final = 20
SHORT_TEXT: Final = 15
SENTENCE: Final = "sentence"
_POSTED: Final = frozenset({SourceKind.TELEGRAM, SourceKind.TELEGRAM_WEB})
_SENTENCE_ENDS: Final = (".", "?", "!", '"', ")", ":")
"""In folded letters: quotation marks and the Arabic question mark have become these."""


def place(name: str) -> int:
    """The feature's place in the table of weights."""
    return crc32(name.encode("utf-8", "replace")) % SIZE


def places(names: Iterable[str], genre: str) -> tuple[Places, Places]:
    """The places of features that count in every text, and of the same features in one genre of texts."""
    encoded = [name.encode("utf-8", "replace") for name in names]
    everywhere = np.fromiter(map(crc32, encoded), np.uint32, len(encoded))
    here = np.fromiter(map(crc32, encoded, repeat(_begun(genre))), np.uint32, len(encoded))
    return everywhere % SIZE, here % SIZE


@lru_cache(maxsize=64)
def _begun(genre: str) -> int:
    return crc32(f"{genre}|".encode())


class Stems:
    """Two stems for every token of one language, remembered: without clitics, and cut down to its root letters."""

    def __init__(self, language: Language, algorithm: str) -> None:
        """Take the language whose clitics are stripped, and the Snowball algorithm for it."""
        self._language = language
        self._algorithm = algorithm
        self._local = threading.local()
        self.of = remembered(self._of, 65_536)

    def _of(self, form: str) -> "Stem":
        if form[0].isdecimal():
            light = root = "#" * min(len(form), 4)
        else:
            exact, _ = self._language.keys(form)
            light = min(exact, key=lambda key: (len(key), key))
            root = light if len(light) > _LONGEST_WORD else self._snowball(light)
        return Stem(light, root, "w:" + light, "s:" + root)

    def _snowball(self, word: str) -> str:
        if not hasattr(self._local, "stemmer"):  # a stemmer object is not thread-safe
            self._local.stemmer = Stemmer.Stemmer(self._algorithm)
        return str(self._local.stemmer.stemWord(word))


class Stem(NamedTuple):
    """A token's stems, and the names of the features that they are by themselves."""

    light: str
    """The shortest reading without clitics; of a figure its number of digits."""
    root: str
    """The Snowball stem of that."""
    word_name: str
    root_name: str


def words(stems: Stems, reading: Reading) -> tuple[list[str], list[str]]:
    """Names of the word features of a reading's first tokens: words and pairs within a sentence, then roots so."""
    light_names, root_names = [], []
    light_before = root_before = ""
    last_sentence = -1
    tokens = zip(map(stems.of, reading.forms[:LEAD_TOKENS]), reading.sentence_of, reading.own, strict=False)
    for (light, root, light_name, root_name), sentence, own in tokens:
        if not own:
            continue
        light_names.append(light_name)
        root_names.append(root_name)
        if sentence == last_sentence:
            light_names.append(f"p:{light_before} {light}")
            root_names.append(f"q:{root_before} {root}")
        light_before, root_before, last_sentence = light, root, sentence
    return light_names, root_names


def genre(reading: Reading, scenes: Sequence[Scene] = ()) -> str:
    """The shape of a text, seen from outside: headline, article, channel's post, sentence, prose or one line.

    A text on one line that ends like a sentence is most often one taken out of an article, where deeds are told as
    background; what people post themselves seldom ends in a full stop, and where it does, the source (Telegram) or the
    words (dialect, "urgent") tell it. Every feature counts once for all genres and once for its own: "the army" says
    more in a post than in an essay.
    """
    length = reading.report.title_length
    if length:
        return "headline" if len(reading.folded) - length < _SHORT_BODY else "article"
    text = reading.folded[:2000]
    if "#" in text or "\n" in text or "http" in text:
        return "post"
    if reading.folded.rstrip().endswith(_SENTENCE_ENDS) and not _posted(reading, scenes):
        return SENTENCE
    return "prose" if len(reading.forms) > SHORT_TEXT else "line"


def _posted(reading: Reading, scenes: Sequence[Scene]) -> bool:
    """Whether somebody posted this: by its source, by words that are spoken and not written, or "urgent" in front."""
    opening = scenes[0].hits if scenes else ()
    return (
        reading.report.source.kind in _POSTED
        or any("spoken" in scene.tags for scene in scenes)
        or any(hit.tag == "urgent" and not hit.first for hit in opening)
    )


def rules(
    reading: Reading, scenes: Sequence[Scene], evidence: Sequence[Evidence], modality: Modality
) -> Iterator[tuple[str, float]]:
    """Names and values of what the rules found in the lead, and in the whole report."""
    lead = _lead_sentences(reading)
    by_type: dict[str, float] = {}
    by_rule: dict[str, float] = {}
    for e in evidence:
        if e.sentence < lead:
            by_type[e.type] = max(by_type.get(e.type, 0.0), e.weight / 4)
        by_rule[e.rule] = max(by_rule.get(e.rule, 0.0), e.weight / 8)
    tags: dict[str, float] = {}
    for index, scene in enumerate(scenes):
        for tag in scene.tags:
            if _is_told(tag):
                tags[tag] = tags.get(tag, 0.0) + (1.0 if index < lead else 0.25)
    yield from ((f"type:{t}", min(v, _RULE_CAP)) for t, v in by_type.items())
    yield from ((f"rule:{r}", min(v, _RULE_CAP)) for r, v in by_rule.items())
    yield from ((f"tag:{t}", min(v, 2.0)) for t, v in tags.items())
    yield from _pairs(scenes[:lead])
    yield from _order(scenes[:lead])
    yield f"modality:{modality.value}", 1.0
    yield "strongest", min(max(by_type.values(), default=0.0), _RULE_CAP)
    if not by_type:
        yield "no_event", 1.0
    yield "hiding", min(10 * reading.report.hiding, _RULE_CAP)
    if reading.report.title_length:
        yield "has_title", 1.0


@remembering(4096)
def _is_told(tag: str) -> bool:
    """Whether a tag says something by itself, rather than counts, names or describes."""
    return not tag.startswith(("noun:", "vague:", "toll_", "fact_", "actor:", "part.", "armed", "weekday."))


_WITHIN: Final = ("kill", "wound", "attack", "target", "explosion", "bombard", "airstrike", "clash", "shooting",
                  "arrest", "abduct", "storm", "ied", "suicide", "raid")  # fmt: skip
_BESIDE: Final = ("time_today", "time_yesterday", "time_dawn", "time_now", "flag_historical", "flag_future", "said",
                  "flag_hypothetical", "flag_accident", "flag_court", "flag_crime", "flag_attempted", "flag_opinion",
                  "force", "militant", "civilian", "site", "flag_figurative", "flag_anniversary",
                  "pre.killed", "pre.wounded", "by_agent")  # fmt: skip
_DEEDS: Final = frozenset(_WITHIN)
_COMPANY: Final = frozenset({*_BESIDE, *_WITHIN})


def _pairs(scenes: Iterable[Scene]) -> Iterator[tuple[str, float]]:
    """A deed and what stands in its sentence: today, years ago, a court, soldiers."""
    seen = {
        f"with:{deed}+{other}"
        for scene in scenes
        for deed in scene.tags & _DEEDS
        for other in scene.tags & _COMPANY
        if other != deed
    }
    yield from ((name, 1.0) for name in sorted(seen))


_TOLD: Final = frozenset({*_WITHIN, "ambush", "grenade", "chemical", "assassinate", "execute", "massacre", "artillery",
                         "aircraft", "foil", "escape", "said", "flag_historical", "flag_hypothetical", "militant",
                         "force", "civilian", "time_yesterday", "time_today", "by_agent", "pre.killed", "flag_court",
                         "condemn", "threat", "talks"})  # fmt: skip


def _order(scenes: Iterable[Scene]) -> Iterator[tuple[str, float]]:
    """What follows what within a sentence: "gunmen … killed … civilians" is not "civilians … killed … gunmen"."""
    seen = set()
    for scene in scenes:
        told = [hit.tag for hit in scene.hits if hit.tag in _TOLD]
        seen |= {f"order:{a}>{b}" for a, b in pairwise(told)}
    yield from ((name, 1.0) for name in sorted(seen))


def _lead_sentences(reading: Reading) -> int:
    """How many sentences begin within the lead."""
    return sum(first < LEAD_TOKENS for first, _ in reading.sentences)
