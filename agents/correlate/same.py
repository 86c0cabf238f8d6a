"""Do two posts tell of one incident? An explained score: points for what they have in common.

A wrong merge hides an attack, a missed one repeats an alert. The first is worse: doubt keeps posts apart.

What each sign is worth stands in `points`; `Rules.join` and `Rules.merge` are compared with the sum. Posts are compared
in plain numbers, one pair after the other: far ones are passed over at a glance, and words, which cost most, are looked
at only where they can still decide.
"""

from collections.abc import Mapping
from math import inf, sqrt
from typing import Final

from agents.correlate import points
from agents.correlate.ground import ground, is_unknown
from agents.correlate.places import RANK
from agents.correlate.rules import Rules
from agents.correlate.traits import BIG, Traits
from schemas.kinds import Accuracy

_CITY: Final = RANK[Accuracy.CITY]
_ARABIC: Final = "ar"
"""Words of other languages are in no list of common ones and all weigh the same: they tell two attacks less apart."""
HOUR: Final = 3600.0
DAY: Final = 24 * HOUR
NEARLY_A_DAY: Final = 8 * HOUR
"""Two posts published so near to each other are of one day, whatever the clock says."""
_BELOW: Final = 0.001


class Comparison:
    """One post, ready to be compared with others."""

    def __init__(self, new: Traits, rules: Rules) -> None:
        self._new = new
        self._words: Mapping[int, float] = dict(zip(new.words, new.weights, strict=True))
        self._join, self._merge = rules.join - points.NOISE, rules.merge
        self._hopeless = points.FAR if rules.join > points.MOST_WHEN_FAR else -inf
        self._window, self._claim_window = rules.join_window.total_seconds(), rules.claim_window.total_seconds()

    def score(self, other: Traits) -> float | None:
        """Points for the two posts telling of one incident, to three places; None where they are too few to join."""
        new = self._new
        window = self._claim_window if new.claim or other.claim else self._window
        if abs(other.published - new.published) > window or other.test != new.test:
            return None
        worth, elsewhere, shared = ground(new, other)
        if worth <= self._hopeless:
            return None
        worth += points.GIVEN + _unlike(new, other) + _time(new, other) + _tolls(new, other)
        again = (new.refers or other.refers) and shared and _follows_up(new, other)
        if again:
            worth += points.FOLLOWS_UP
        if new.language != other.language:
            worth += _languages(new, other)
        if new.leaf or other.leaf:
            worth += _leaves(new, other, shared=shared)
        if (new.attackers and other.attackers) or new.claim or other.claim:
            worth += _actors(new, other)
        unknown = not (new.scene.fine and other.scene.fine) and is_unknown(new.scene, other.scene)
        if worth + (points.MOST_BY_WORDS_ALONE if unknown else points.MOST_BY_WORDS) < self._join:
            return None
        if elsewhere and worth + points.MOST_BY_WORDS_ELSEWHERE < self._join:
            return None
        worth += self._by_words(other, elsewhere=elsewhere, unknown=unknown)
        if again:
            worth = min(worth, self._merge - _BELOW)
        return round(worth, 3) if worth >= self._join else None

    def _by_words(self, other: Traits, *, elsewhere: bool, unknown: bool) -> float:
        cosine = self._cosine(other)
        if not cosine:
            return 0.0
        root, new = sqrt(cosine), self._new
        worth = points.WORDS * root + points.WORDS_AGAIN * cosine
        if new.source == other.source:
            worth += points.SAME_SOURCE * root
        if elsewhere and cosine >= points.ONE_FORM:
            worth += points.FORM_FILLED_IN
        if unknown:
            worth += points.WORDS_WITHOUT_PLACE * root
        return worth

    def _cosine(self, other: Traits) -> float:
        """Cosine of the weighted words."""
        mine = self._words
        return sum(
            [mine[word] * weight for word, weight in zip(other.words, other.weights, strict=True) if word in mine]
        )


def elsewhere(new: Traits, other: Traits) -> bool:
    """Whether two posts name two places, and neither names the other's: then they are no copies either."""
    return ground(new, other)[1]


def another_time(new: Traits, other: Traits, span: float) -> bool:
    """Whether two posts tell of two times: both name one, and they do not meet, or `span` seconds lie between them.

    A short text is a form that is filled in anew every day; then it is no copy of yesterday's.
    """
    apart = abs(new.published - other.published)
    return (new.dated and other.dated and _gap(new, other) > HOUR) or apart > span


def _gap(new: Traits, other: Traits) -> float:
    """Seconds between the times of which two posts tell; negative where they overlap."""
    start = new.start if new.start > other.start else other.start
    end = new.end if new.end < other.end else other.end
    return start - end


def _unlike(new: Traits, other: Traits) -> float:
    """Other victims, or another way of attacking, where both posts say; a village seldom sees two attacks a day."""
    if new.scene.rank < _CITY and other.scene.rank < _CITY:
        return 0.0
    uncounted = new.language == other.language and new.language != _ARABIC
    worth = 0.0
    if new.victims and other.victims and not new.victims & other.victims:
        worth += points.OTHER_VICTIMS_UNCOUNTED if uncounted else points.OTHER_VICTIMS
    if uncounted and new.deeds and other.deeds and not new.deeds & other.deeds:
        worth += points.ANOTHER_DEED
    return worth


def _time(new: Traits, other: Traits) -> float:
    worth, gap = 0.0, _gap(new, other)
    between = abs(other.published - new.published)
    if gap < 0:
        worth += points.OVERLAPPING_TIME
    far = gap > 12 * HOUR
    if far:
        worth += points.OTHER_EVENT_TIME
    if _is_one_day(new, other, gap):
        worth += points.SAME_DAY
    if gap >= HOUR and new.dated and other.dated:
        worth += points.TIMES_CONTRADICT if far else points.TIMES_APART
    if between > 6 * HOUR and (other.another if other.published > new.published else new.another):
        worth += points.ANOTHER_ONE
    return worth


def _is_one_day(new: Traits, other: Traits, gap: float) -> bool:
    """Whether two posts were published on one day or nearly so, or tell of one time."""
    return (
        abs(other.published - new.published) <= NEARLY_A_DAY
        or (gap < 0 and (new.dated or other.dated))
        or other.published // DAY == new.published // DAY
    )


def _follows_up(new: Traits, other: Traits) -> bool:
    """Whether the later of two posts comes back to a big attack of a day before, or to one that both come back to."""
    earlier, later = (new, other) if other.published > new.published else (other, new)
    fewer = 0 <= later.killed < earlier.killed
    known = earlier.refers or earlier.killed >= BIG
    fine = new.scene.fine and other.scene.fine
    return fine and later.refers and known and not fewer and not _is_one_day(new, other, _gap(new, other))


def _tolls(new: Traits, other: Traits) -> float:
    worth = 0.0
    for mine, theirs in ((new.killed, other.killed), (new.wounded, other.wounded)):
        if mine < 0 or theirs < 0:
            continue
        if mine == theirs:
            worth += points.same_toll(mine)
        elif theirs > 3 * mine + 3 or mine > 3 * theirs + 3:
            worth += points.TOLL_FAR_OFF
    return worth


def _languages(new: Traits, other: Traits) -> float:
    worth = points.OTHER_LANGUAGE
    if not new.kinds & other.kinds and new.family != other.family:
        worth += points.OTHER_LANGUAGE_OTHER_TYPE
    if new.attackers & other.attackers:
        worth += points.OTHER_LANGUAGE_SAME_ATTACKERS
    return worth


def _leaves(new: Traits, other: Traits, *, shared: bool) -> float:
    """What speaks against joining a claim, a roundup or a piece of background."""
    worth = 0.0
    if (new.leaf and not new.claim) or (other.leaf and not other.claim):
        worth += points.SUMS_UP
    if new.claim != other.claim and not shared:
        worth += points.CLAIM_WITHOUT_PLACE
    return worth


def _actors(new: Traits, other: Traits) -> float:
    """Who is held responsible, and who claims it."""
    if new.claim == other.claim:
        differ = new.attackers and other.attackers and not new.attackers & other.attackers
        return points.ATTACKERS_DIFFER if differ else 0.0
    claimants, named = (new.claimants, other.attackers) if new.claim else (other.claimants, new.attackers)
    if not named:
        return points.CLAIMED_NOBODY_NAMED
    return points.CLAIMANT_NAMED if claimants & named else points.CLAIMANT_NOT_NAMED
