"""What must hold before lanes open: topics there, partitions alike, changelogs whole."""

import logging
from collections.abc import Mapping
from typing import Any

from agents.duties import BESIDE, PAST, READS, stages_by_topic
from agents.tables import Kept
from schemas.errors import Misconfigured, SourceDown
from schemas.metrics import Meter

log = logging.getLogger(__name__)


def check_partitions(consumer: Any, tables: Mapping[str, Kept], prefix: str) -> None:
    """What has other partitions than the topic it follows cannot keep what is its.

    Raises:
        Misconfigured: a table's changelog, or a stage's second topic, has more or fewer.
    """
    again = "Create the changelog anew, or set another MARQAB_APP_ID."
    pairs = [(READS[stage], table.changelog_topic_name, again) for stage, table in tables.items()]
    second = [*BESIDE.items(), *PAST.items()]
    pairs += [(READS[stage], topic.named(prefix), "Create it anew.") for stage, topic in second]
    for first, other, remedy in pairs:
        source = first.named(prefix)
        have = [consumer.topic_partitions(name) for name in (source, other)]
        if all(have) and have[0] != have[1]:  # a changelog made just now may have none yet
            sentence = f"{source} has {have[0]} partitions and {other} has {have[1]}; they must be equal. "
            raise Misconfigured(sentence + remedy)


async def check_topics(consumer: Any, prefix: str) -> None:
    """A topic that is missing would be read by nobody, and nobody would notice.

    Raises:
        SourceDown: one does not exist.
    """
    there = await consumer.topics()
    for name in stages_by_topic(prefix):
        if name not in there:
            raise SourceDown(f"the topic {name} does not exist. Create it with `marqab topics create`")


async def check_changelogs(
    tables: Mapping[str, Kept], rows: Mapping[tuple[str, int], int], meter: Meter, *, accept_lost_rows: bool
) -> dict[tuple[str, int], int]:
    """A changelog that lost its beginning or its end has forgotten incidents: never go on as if there had been none.

    Args:
        tables: by stage.
        rows: by stage and partition, where the changelog ended when the group committed last; 0: it did not say.
        meter: where measurements go.
        accept_lost_rows: go on without what is lost.

    Returns:
        `rows`, without those that were lost.

    Raises:
        Misconfigured: rows are gone, and nobody has said that this is accepted.
    """
    known = dict(rows)
    for stage, table in tables.items():
        name, begins, ends = table.changelog_topic_name, await table.missing(), await table.ends()
        for partition, end in ends.items():
            ended = known.get((stage, partition), 0)
            if partition in begins:
                told = (
                    f"begins at offset {begins[partition]} in partition {partition}: older rows were deleted, and no "
                )
                told += "local store has them, so"
            elif end < ended:
                told = (
                    f"ends at offset {end} in partition {partition}, where the workers had written up to {ended}: its "
                )
                told += "end was lost, or the topic was made anew, and"
                del known[stage, partition]
            else:
                continue
            told = f"{name} {told} what they remembered is lost. "
            if not accept_lost_rows:
                told += "Restore the topic; or take another MARQAB_APP_ID, which reads every post anew; or set "
                raise Misconfigured(told + "MARQAB_ACCEPT_LOST_ROWS=1 to go on without them.")
            meter.count("marqab_lost_changelogs_total", topic=name)
            log.error("%sGoing on without them, as MARQAB_ACCEPT_LOST_ROWS says", told)
    return known
