"""A changelog that has lost rows is noticed, whichever end they stood at; and said, or accepted in words."""

import pytest

from agents.premises import check_changelogs
from schemas.errors import Misconfigured
from tests.shell.test_continuity import Meter


class Table:
    changelog_topic_name = "m-incidents-changelog"

    def __init__(self, ends, begins=()):
        self._ends, self._begins = ends, dict(begins)

    async def missing(self):
        return self._begins

    async def ends(self):
        return self._ends


async def check(table, known, *, accept=False, meter=None):
    rows = {("correlator", partition): rows for partition, rows in known.items()}
    return await check_changelogs({"correlator": table}, rows, meter or Meter(), accept_lost_rows=accept)


async def test_whole_changelogs_are_fine_and_so_are_those_of_which_nothing_is_known():
    assert await check(Table({0: 7, 1: 0}), {0: 7, 1: 0}) == {("correlator", 0): 7, ("correlator", 1): 0}
    assert await check(Table({0: 9, 1: 3}), {0: 7}) == {("correlator", 0): 7}
    assert await check(Table({}), {5: 100}) == {("correlator", 5): 100}, "another worker's"


@pytest.mark.parametrize(
    ("table", "known", "told"),
    [
        (Table({0: 9, 1: 6}), {0: 9, 1: 7}, "ends at offset 6 in partition 1, where the workers had written up to 7"),
        (Table({0: 9}, {0: 4}), {0: 9}, "begins at offset 4 in partition 0: older rows were deleted"),
    ],
)
async def test_lost_rows_are_said_or_accepted(table, known, told, caplog):
    with pytest.raises(Misconfigured, match=told) as refused:
        await check(table, known)
    assert "MARQAB_ACCEPT_LOST_ROWS=1" in str(refused.value)
    meter = Meter()
    rest = await check(table, known, accept=True, meter=meter)
    assert meter.counts == {"marqab_lost_changelogs_total": 1}
    assert told in caplog.text
    assert rest.get(("correlator", 1)) is None, "what was accepted once is not asked for again"
