"""What every sign of likeness is worth, in points; a sum of 0 means "as likely as not".

They are those of a logistic regression on pairs of posts of real incidents (docs/decisions/0041), rounded; signs that a
regression on a few hundred incidents cannot judge (claims, attackers, tolls) were given theirs by hand. Where reading
wrong merges showed a cause, they were moved (docs/decisions/0043 and 0068).
"""

from math import log2, sqrt
from typing import Final

GIVEN: Final = -3.5

WORDS: Final = 6.3
"""Times the square root of the weighted cosine."""
WORDS_AGAIN: Final = -2.0
"""Times the cosine."""
WORDS_WITHOUT_PLACE: Final = 4.0
"""Times the square root, where a post tells no place."""
SAME_SOURCE: Final = -0.6
"""Times the square root: an outlet's own turns of phrase."""
ONE_FORM: Final = 0.6
"""From this cosine on two texts may be one form."""
FORM_FILLED_IN: Final = -6.0
"""Nearly the same words, but for the place."""

OTHER_LANGUAGE: Final = 0.9
"""Words cannot speak."""
OTHER_LANGUAGE_OTHER_TYPE: Final = -1.0
OTHER_LANGUAGE_SAME_ATTACKERS: Final = 0.5

SAME_PLACE: Final = 0.9
SAME_VILLAGE: Final = 1.2
"""A quarter, a site or a village: there is hardly room for two."""
TOLD_BY_OTHER: Final = 1.5
"""The main place of one is a further place of the other."""
TOLD_BY_OTHER_FAR: Final = -1.0
ANOTHER_IN_COMMON: Final = 0.3
SAME_COORDINATES: Final = 1.0
QUARTER_OF_TOWN: Final = 0.7
QUARTER_AFTER_FOLLOW_UP: Final = -2.5
"""Which names none: it may follow up on an attack on another quarter."""
SAME_RARE_KIND: Final = 2.0
"""One town seldom sees two attacks on prisons, even where it is not told first."""
NEAR_PLACE: Final = -0.7
"""Up to 3 km."""
ANOTHER_QUARTER: Final = -3.5
ANOTHER_QUARTER_OTHER_LANGUAGE: Final = -2.0
"""Outlets abroad name the next quarter, or spell it beyond recognition."""
OTHER_PLACE: Final = -3.0
LONG_WAY_OFF: Final = -8.0
"""Two towns whose places are known: no likeness of words makes them one."""
OTHER_NAME: Final = -2.0
SAME_GOVERNORATE: Final = 1.3
OTHER_GOVERNORATE: Final = -1.4
PLACE_UNKNOWN: Final = -0.8
BEFORE_ANY_PLACE: Final = -1.0
SEVERAL_PLACES: Final = tuple(-0.2 * log2(min(max(spots, 1), 5)) for spots in range(256))
"""By number of fine places: for each doubling."""

SUMS_UP: Final = -1.4
"""Or looks back."""
SAME_DAY: Final = 1.9
FOLLOWS_UP: Final = 1.2
"""On a big attack of days before; whatever the sum, this makes no two incidents one."""
OVERLAPPING_TIME: Final = 0.8
TIMES_APART: Final = -1.5
OTHER_EVENT_TIME: Final = -0.5
TIMES_CONTRADICT: Final = -1.5
ANOTHER_ONE: Final = -3.5

ANOTHER_DEED: Final = -3.5
OTHER_VICTIMS: Final = -1.5
OTHER_VICTIMS_UNCOUNTED: Final = -3.5
"""In a language whose common words are in no list: the words of any two reports of a city are much alike there."""
ATTACKERS_DIFFER: Final = -0.7
TOLL_FAR_OFF: Final = -0.5
CLAIMANT_NAMED: Final = 3.0
CLAIM_WITHOUT_PLACE: Final = -2.5
"""Without a place in common."""
CLAIMED_NOBODY_NAMED: Final = 0.8
CLAIMANT_NOT_NAMED: Final = -4.0


def same_toll(victims: int) -> float:
    """An equal figure; a great one in common is no chance."""
    return min(0.3 + 0.1 * victims, 1.5)


_ROUNDING: Final = 0.001
NOISE: Final = 1e-9
"""Points that add up to the threshold reach it, in whatever order they were added."""
MOST_BY_WORDS: Final = WORDS + WORDS_AGAIN + _ROUNDING
"""No likeness of words gives more where both posts tell a place."""
MOST_BY_WORDS_ELSEWHERE: Final = WORDS * sqrt(ONE_FORM) + WORDS_AGAIN * ONE_FORM + _ROUNDING
"""Or where they tell two: more alike they are one form."""
MOST_BY_WORDS_ALONE: Final = MOST_BY_WORDS + WORDS_WITHOUT_PLACE
"""Or where one of them tells none."""
FAR: Final = OTHER_PLACE + LONG_WAY_OFF
MOST_WHEN_FAR: Final = (
    FAR + GIVEN + MOST_BY_WORDS + SAME_DAY + OVERLAPPING_TIME + 2 * same_toll(100)
    + OTHER_LANGUAGE + OTHER_LANGUAGE_SAME_ATTACKERS + CLAIMANT_NAMED
)  # fmt: skip
"""Two places a long way off each other: all that could speak for them together."""
