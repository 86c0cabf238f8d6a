"""`marqab tail`: its filters are words of the contract, and a wrong one is told at once."""

import pytest
from click.testing import CliRunner

from marqab.__main__ import main


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--kind", "nonsense", "'toll_changed'"),
        ("--severity", "HIGH", "'high'"),
        ("--type", "attack", "'armed_attack'"),
        ("--since", "2x", "for example 2h"),
    ],
)
def test_a_wrong_filter_is_refused_with_what_would_be_right(option: str, value: str, says: str) -> None:
    shown = CliRunner().invoke(main, ["tail", option, value])
    assert shown.exit_code == 2
    assert says in shown.output
