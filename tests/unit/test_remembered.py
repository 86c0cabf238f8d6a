"""What is kept at hand is the same as what would be worked out, and never more than may be."""

from hypothesis import given
from hypothesis import strategies as st

from agents.remembered import remembered, remembering


@given(st.lists(st.text(max_size=2)), st.integers(1, 8))
def test_answers_are_the_function_s_own_whatever_was_forgotten(asked, most):
    upper = remembered(str.upper, most)
    assert [upper(word) for word in asked] == [word.upper() for word in asked]


def test_an_answer_is_worked_out_once_until_there_are_too_many():
    asked = []

    @remembering(2)
    def length(word):
        asked.append(word)
        return len(word)

    assert [length(word) for word in ("a", "bb", "a", "bb")] == [1, 2, 1, 2]
    assert asked == ["a", "bb"]
    assert [length(word) for word in ("ccc", "ccc", "a")] == [3, 3, 1]
    assert asked == ["a", "bb", "ccc", "a"], "full, it forgot all and began anew"


def test_what_is_very_long_takes_no_room():
    asked = []
    length = remembered(lambda word: asked.append(word) or len(word), 4)
    assert [length("a" * 5_000), length("a" * 5_000)] == [5_000, 5_000]
    assert len(asked) == 2


def test_nothing_is_remembered_of_a_question_that_failed():
    number = remembered(int, 4)
    for _ in range(2):
        try:
            number("one")
        except ValueError:
            continue
        raise AssertionError("the error was remembered as an answer")
    assert number("1") == 1
