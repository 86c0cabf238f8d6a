"""Figures of victims, as rows of a ledger: who says how many of whom were killed, wounded or arrested.

A sentence is walked once. A word such as "مقتل" (killing of) opens a chain; the quantities behind it are its rows,
until another such word, a clause border or distance ends it. "بينهم" (among them) makes the rows behind it part of the
row before it. What a place holds ("a prison that holds 900") is never a toll.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from agents.classify.actors import Mention
from agents.classify.events import Scene
from agents.classify.persons import GIVEN
from agents.classify.quantities import Counter, Quantity
from agents.classify.text import Reading
from agents.classify.toll_lists import Found, name_lists
from agents.classify.toll_rows import (
    Row,
    as_toll,
    distinct,
    of_the_event,
    supersede,
    under_running_total,
    under_totals,
    without_periods,
)
from agents.classify.toll_sentence import Sentence
from agents.classify.toll_walk import Walk
from schemas.records import Toll

_MOST_ROWS: Final = 60
_NOW: Final = frozenset({"toll_now", "time_now", "time_today", "time_dawn", "time_morning", "time_evening"})
"""Words that make a sentence tell of the event even where it speaks of an anniversary as well."""
_HAPPENED: Final = ("pre.", "post.", "total.", "toll_own", "toll_total")
_COUNTED: Final = ("pre.", "post.", "total.", "toll_own", "noun:")
_RISING_TOLL: Final = frozenset({"toll_total", "toll_rise"})
"""Of "the toll rose to six": nobody says what happened to them, and everybody knows."""
_BACKGROUND: Final = frozenset({"flag_historical", "flag_anniversary", "flag_hypothetical", "flag_drill"})


class Ledger:
    """Reads the tolls of reports in one language."""

    def __init__(self, counter: Counter, *, verb_last: bool) -> None:
        """Take the counter of the language.

        Args:
            counter: reads numbers and counted nouns.
            verb_last: the language says "six people were killed" rather than "killed six people".
        """
        self._counter = counter
        self._verb_last = verb_last

    def rows(
        self,
        reading: Reading,
        scenes: Sequence[Scene],
        mentions: Sequence[Mention],
        said_by: Callable[[int], str],
        counted: Callable[[int], Mapping[int, Quantity]],
        main: int,
    ) -> list[Toll]:
        """The ledger rows of a report, in order of place; equal rows stand once.

        Args:
            reading: the report's tokens.
            scenes: its sentences.
            mentions: the actors named.
            said_by: the origin of what a sentence says.
            counted: what a sentence counts, by token.
            main: the sentence that tells of the event; others that speak of the past have no rows.
        """
        rows: list[Row] = []
        by_sentence: dict[int, list[Mention]] = defaultdict(list)
        for mention in mentions:
            by_sentence[reading.sentence_of[mention.first]].append(mention)
        for index, scene in enumerate(scenes):
            if self._counts(scene) and (index == main or not scene.flags & _BACKGROUND or scene.tags & _NOW):
                here = Sentence(reading, scene, index, by_sentence[index], counted(index), verb_last=self._verb_last)
                found = Walk(here).run()
                for row in found:
                    row.said_by = said_by(index)
                found = of_the_event(found, scene) if "toll_period" in scene.tags else found
                under_running_total(found)
                rows += found
            if len(rows) > _MOST_ROWS:
                break
        listed, taken = self._listed(reading, scenes)
        for row in listed:
            row.said_by = said_by(row.sentence)
        rows = listed + [r for r in rows[:_MOST_ROWS] if not any(begin <= r.first < end for begin, end in taken)]
        rows = distinct(without_periods(rows))
        supersede(rows)
        under_totals(rows)
        return [as_toll(reading, row, rows) for row in rows]

    def _counts(self, scene: Scene) -> bool:
        """Whether some word of a sentence says what happened to people; without one no number in it is a toll."""
        told = any(tag.startswith(_HAPPENED) for tag in scene.tags) or not scene.tags.isdisjoint(self._counter.victims)
        if self._verb_last and scene.tags >= _RISING_TOLL:
            return True  # in Arabic the word is as often that of arrests
        return told and any(tag.startswith(_COUNTED) for tag in scene.tags)

    def _listed(self, reading: Reading, scenes: Sequence[Scene]) -> Found:
        given = sum(GIVEN in scene.tags for scene in scenes)
        return name_lists(self._counter, reading, scenes) if given else ([], [])
