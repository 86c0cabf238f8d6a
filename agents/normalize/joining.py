"""Words torn apart: with tatweel (the stroke that lengthens a letter), dots, slashes, stars, emoji or bare spaces.

The text is cut into *pieces*, runs of Arabic letters, and the *gaps* between them (`agents.normalize.gaps`).
Stretches of pieces in which something may be torn are read as the words that they most likely are: of all ways to
join neighbours that the gaps and the word lists allow, the one with the likeliest words. What a gap allows:

- `FORCED` is joined without asking.
- `STRONG` is joined, unless a preposition is written apart or both sides are words.
- `ODD` and `STROKE` are closed where a word comes of it.
- `PUNCTUATION` may be the end of a sentence, so the pieces must not be words themselves.
- `SPACE` is closed only between single letters, and beside a torn piece behind a letter that cannot carry a stroke.

Where a text has torn words, a second, *trusting* look joins what is doubtful by itself.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from math import log

from agents.normalize.draft import Draft, Repair
from agents.normalize.gaps import ARTICLES, Gap, Piece, is_era, stretches
from agents.normalize.letters import DIGITS, EMOJI, JUNK, LETTERS, NON_JOINING, SPACES, TATWEEL
from agents.normalize.words import LONGEST, Words

_T, _L, _S, _J = TATWEEL, LETTERS, SPACES, JUNK + EMOJI
_LETTERS = re.compile(f"[{_L}]")
_BEHIND_DIGIT = re.compile(rf"{_T}(?<=[{DIGITS}A-Za-z].){_T}*+[{_S}{_J}]{{0,4}}+{_T}++(?=[{_L}])")
_LONE = re.compile(rf"{_T}(?<![{_L}{_T}].){_T}*+(?![{_L}{_T}])")
_STROKES = re.compile(f"{_T}++")
_CLITICS = frozenset("بلكوفه")
_WINDOW = 24
"""No word is torn into more pieces than this."""
_TEXTS = 25_000
"""About how many texts the frequency list was counted in."""
_CUT = {Gap.SPACE: 0.0, Gap.PUNCTUATION: 4.0, Gap.STROKE: 4.0, Gap.ODD: 6.0, Gap.STRONG: 8.0}
"""What it costs to leave a gap open, beside the logarithms of the words' likelihoods."""
_COMMON = 8
"""A word that this many texts of the frequency list use may come out of a join."""
_STANDING = {2: 150, 3: 30}
"""Length of a piece -> how many texts must use it before it passes for a word of its own; longer ones need be known."""


def join_words(draft: Draft, words: Words) -> None:
    """Put torn words together, then take the other tatweels away; one that stands alone becomes a dash."""
    if TATWEEL in draft.text:
        draft.apply(Repair(*match.span(), "", "split") for match in _BEHIND_DIGIT.finditer(draft.text))
    if draft.apply(_joins(draft.text, words, trusting=False)):
        draft.apply(_joins(draft.text, words, trusting=True))
    if TATWEEL in draft.text:
        text = draft.text
        draft.apply(Repair(*match.span(), "-", "dash", [match.start()]) for match in _LONE.finditer(text))
        text = draft.text
        strokes = (match for match in _STROKES.finditer(text) if not is_era(text, match.start() - 1, match.end()))
        draft.apply(Repair(*match.span(), "", "tatweel") for match in strokes)


def _joins(text: str, words: Words, *, trusting: bool) -> Iterator[Repair]:
    for pieces, gaps in stretches(text):
        merged, left = _merge_forced(pieces, gaps)
        for first, last in _Stretch(text, merged, left, words, trusting).words_read():
            if last > first or merged[first].torn:
                yield _repair(text, merged[first : last + 1], left[first:last])


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Pieces without a wall between them, and the question which of them are one word."""

    text: str
    pieces: list[Piece]
    gaps: list[Gap]
    words: Words
    trusting: bool

    def words_read(self) -> list[tuple[int, int]]:
        """First and last piece of every word in the likeliest reading."""
        keys = "".join(piece.key for piece in self.pieces)
        places = [0, *accumulate(len(piece.key) for piece in self.pieces)]
        scores: list[float] = [0.0]
        comes_from: list[int] = [0]
        seen: dict[str, bool] = {}
        for end in range(1, len(self.pieces) + 1):
            alone = self.pieces[end - 1]
            best_start = end - 1
            best = self._before(scores, best_start) + self._likelihood(
                alone.key, known=alone.word == "و" or self._stands(alone)
            )
            weakest = Gap.FORCED
            for start in range(end - 2, max(-1, end - 1 - _WINDOW), -1):
                if self.gaps[start] < weakest:
                    weakest = self.gaps[start]
                whole = keys[places[start] : places[end]]
                if len(whole) > LONGEST and weakest < Gap.STRONG:
                    break
                known = seen.get(whole)
                if known is None:
                    known = seen[whole] = self.words.known(whole)
                if (known or weakest == Gap.STRONG) and self._is_one_word(start, end, whole, weakest):
                    spaces = self.gaps[start : end - 1].count(Gap.SPACE)
                    value = self._before(scores, start) + self._likelihood(whole, known=known) - spaces
                    if value > best:
                        best, best_start = value, start
            scores.append(best)
            comes_from.append(best_start)
        return _trace(comes_from)

    def _before(self, scores: list[float], start: int) -> float:
        """The score of the best reading up to a piece, less the cost of leaving the gap before it open."""
        if not start:
            return 0.0
        gap = self.gaps[start - 1]
        if gap == Gap.SPACE and len(self.pieces[start - 1].word) == 1 == len(self.pieces[start].word):
            gap = Gap.PUNCTUATION  # single letters in a row need a reason as well
        return scores[start] - _CUT[gap]

    def _likelihood(self, word: str, *, known: bool) -> float:
        """Logarithm of how likely a text has this word; the longer an unknown word is, the less."""
        if known:
            return log((self.words.counts.get(word, 0) + 0.5) / _TEXTS)
        return log(0.5 / _TEXTS) - len(word)

    def _stands(self, piece: Piece) -> bool:
        """Whether a piece passes for a word of its own."""
        if len(piece.key) < 2 or piece.word in ARTICLES:
            return False
        least = _STANDING.get(len(piece.key))
        return self.words.known(piece.key) if least is None else self.words.common(piece.key, least)

    def _is_one_word(self, start: int, end: int, whole: str, weakest: Gap) -> bool:
        pieces, gaps = self.pieces[start:end], self.gaps[start : end - 1]
        interesting = self.words.interesting(whole)
        if weakest < Gap.STRONG and all(len(piece.word) == 1 for piece in pieces):
            return self._is_spelled_out(whole, interesting=interesting)
        if self._preposition_apart(pieces, gaps) and not (weakest == Gap.STRONG and interesting):
            return False
        if any(piece.word[-1] == "ة" for piece in pieces[:-1]):
            return False  # ta marbuta only ends words
        standing = [self._stands(piece) for piece in pieces]
        if weakest == Gap.STRONG:
            return interesting or not (all(standing) and min(len(piece.word) for piece in pieces[1:]) > 1)
        if not (interesting or (len(whole) > 3 and self.words.common(whole, _COMMON))):
            return False
        if weakest == Gap.SPACE:
            return _closes_space(pieces, gaps, standing)
        if weakest == Gap.PUNCTUATION:
            return self._closes_punctuation(pieces, gaps, standing, interesting=interesting)
        if weakest == Gap.ODD:
            return (interesting or self.trusting or not all(standing)) and not self._covers(pieces, whole)
        if pieces[0].word in ARTICLES and pieces[1].key in self.words.letter_names:
            return False  # الـ إم بي سي ("the MBC")
        return not all(standing) or (interesting and self._strokes_end(pieces))

    def _strokes_end(self, pieces: list[Piece]) -> bool:
        """Whether a stroke stands behind every piece but the last: behind a whole word nobody writes one."""
        return all(len(piece.word) > 1 and self.text[piece.end - 1] == _T for piece in pieces[:-1])

    def _is_spelled_out(self, whole: str, *, interesting: bool) -> bool:
        """Single letters set apart: a word that people hide, or a long common one, but no abbreviation."""
        if whole in self.words.abbreviations:
            return False
        least = 4 if self.trusting else 5
        return len(whole) > 2 and (interesting or (len(whole) >= least and self.words.common(whole, _COMMON)))

    def _preposition_apart(self, pieces: list[Piece], gaps: list[Gap]) -> bool:
        """Whether the first piece is a one-letter word written apart from a word: لـ قسد ("of the SDF")."""
        if pieces[0].word not in _CLITICS or gaps[0] in (Gap.PUNCTUATION, Gap.ODD):
            return False
        rest = "".join(piece.key for piece in pieces[1:])
        return len(rest) > 2 and self.words.known(rest)

    def _closes_punctuation(
        self, pieces: list[Piece], gaps: list[Gap], standing: list[bool], *, interesting: bool
    ) -> bool:
        """Punctuation stands between words; between pieces that are none it tears a word apart."""
        if all(piece.key in self.words.letter_names for piece in pieces):
            return False  # an abbreviation read out letter by letter
        between = self.text[pieces[-2].end : pieces[-1].start]
        if between == "/" and pieces[-1].key == "ه" and all(standing[:-1]):
            return False  # المدرس/ة ("teacher, m/f")
        if not interesting:
            return self.trusting and not all(standing)
        if self.trusting or not all(standing) or max(gaps) >= Gap.STRONG:
            return True
        return min(len(piece.word) for piece in pieces) < 3 and not self.words.interesting(pieces[0].key)

    def _covers(self, pieces: list[Piece], whole: str) -> bool:
        """Whether a star between two pieces rather stands for a letter (عسكر*ة for عسكرية, "military")."""
        if len(pieces) != 2 or self.text[pieces[0].end : pieces[1].start] != "*":
            return False
        covered = self.words.fill(f"{pieces[0].key}*{pieces[1].key}", "*")
        if covered is None:
            return False
        counts = self.words.counts
        return not self.words.interesting(whole) or counts.get(covered, 0) > counts.get(whole, 0)


def _trace(comes_from: list[int]) -> list[tuple[int, int]]:
    """The words of the best reading, from the start of each best last word."""
    found: list[tuple[int, int]] = []
    at = len(comes_from) - 1
    while at:
        found.append((comes_from[at], at - 1))
        at = comes_from[at]
    return found[::-1]


def _merge_forced(pieces: list[Piece], gaps: list[Gap]) -> tuple[list[Piece], list[Gap]]:
    """The pieces with every forced gap closed."""
    if Gap.FORCED not in gaps:
        return pieces, gaps
    merged: list[Piece] = []
    left: list[Gap] = []
    first = 0
    for at, gap in enumerate([*gaps, Gap.WALL]):
        if gap == Gap.FORCED:
            continue
        parts = pieces[first : at + 1]
        word = "".join(part.word for part in parts)
        merged.append(Piece(parts[0].start, parts[-1].end, word, "".join(part.key for part in parts), len(parts) > 1))
        left.append(gap)
        first = at + 1
    return merged, left[:-1]


def _closes_space(pieces: list[Piece], gaps: list[Gap], standing: list[bool]) -> bool:
    """A bare space is torn open only behind a letter that carries no stroke, beside a piece that is torn elsewhere."""
    for at, gap in enumerate(gaps):
        if gap != Gap.SPACE:
            continue
        if pieces[at].word[-1] not in NON_JOINING or pieces[at].word == "و" or (standing[at] and standing[at + 1]):
            return False
        if len(pieces[at].word) == 1 == len(pieces[at + 1].word) and any(piece.torn for piece in pieces):
            continue
        around = [*gaps[max(0, at - 1) : at], *gaps[at + 1 : at + 2]]
        if not (pieces[at].torn or pieces[at + 1].torn or any(gap >= Gap.STROKE for gap in around)):
            return False
    return True


def _repair(text: str, pieces: list[Piece], gaps: list[Gap]) -> Repair:
    start, end = pieces[0].start, pieces[-1].end
    places = [match.start() for match in _LETTERS.finditer(text, start, end)]
    strongest = max(gaps, default=Gap.FORCED)
    kind = "spaced" if strongest == Gap.SPACE else "separator" if strongest in (Gap.PUNCTUATION, Gap.ODD) else "split"
    return Repair(start, end, "".join(piece.word for piece in pieces), kind, places)
