"""Every word of every list has an English and an Arabic form, and nothing else has."""

import re
from enum import StrEnum

import pytest

from agents.classify.actors import actor_list
from agents.classify.lexicon import load
from schemas import kinds
from schemas.health import SourceState
from subscribers.words import LANGUAGES, tables, word

LISTS: dict[str, type[StrEnum]] = {
    "kind": kinds.AlertKind, "severity": kinds.Level, "certainty": kinds.CapCertainty, "grade": kinds.Grade,
    "state": kinds.IncidentState, "type": kinds.EventType, "toll": kinds.TollKind, "party": kinds.Party,
    "accuracy": kinds.Accuracy, "basis": kinds.TimeBasis, "measure": kinds.MeasureKind,
    "confirmation": kinds.Confirmation, "claimmode": kinds.ClaimMode, "role": kinds.SourceRole,
    "modality": kinds.Modality, "fact": kinds.FactKind, "feedback": kinds.FeedbackKind, "correct": kinds.FeedbackKind,
    "source_state": SourceState,
}  # fmt: skip


@pytest.mark.parametrize("table", LISTS)
def test_every_member_has_both_languages(table: str) -> None:
    assert set(tables()[table]) == {member.value for member in LISTS[table]}


def test_every_word_is_in_its_script_and_asks_for_the_same_values() -> None:
    for table, words in tables().items():
        for name, told in words.items():
            assert set(told) == set(LANGUAGES), (table, name)
            assert re.findall(r"\{\w+\}", told["en"]) == re.findall(r"\{\w+\}", told["ar"]), (table, name)
            if name not in ("other_language", "changed"):
                assert re.search("[\u0600-\u06ff]", told["ar"]), (table, name)
                assert not re.search("[\u0600-\u06ff]", told["en"]), (table, name)


def test_every_actor_that_is_read_has_a_name_in_both_languages() -> None:
    known = {name: entry.name for name, entry in actor_list().items()}
    assert {name: told["en"] for name, told in tables()["actor"].items()} == known


def test_every_value_of_a_fact_that_is_read_has_a_name_in_both_languages() -> None:
    tags = {term.tag for code in ("ar", "en", "tr") for term in load(code).terms if term.tag.startswith("fact_")}
    values = {value for _, _, value in (tag.partition(".") for tag in tags) if value}
    assert set(tables()["stated"]) == values | {"foiled"}


def test_a_word_of_a_newer_version_is_shown_by_its_name() -> None:
    assert word("type", "sea_mine", "ar") == "sea mine"
