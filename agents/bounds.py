"""How much of a text is read: no single post may hold up the others of its partition.

Rules cost about 26 µs a word; a post of 5 MB would keep its partition waiting for half a minute. The longest article
in 2,468 real feeds is far below the bound.
"""

from typing import Final

import msgspec

from schemas.records import Report

LONGEST_TEXT: Final = 100_000
"""Characters that stages after the normalizer read; about half a second of rules."""


def bounded(report: Report) -> Report:
    """The report with the beginning of its text, and a note, where the text is longer than anybody writes."""
    if len(report.text) <= LONGEST_TEXT:
        return report
    return msgspec.structs.replace(
        report,
        text=report.text[:LONGEST_TEXT],
        title_length=min(report.title_length, LONGEST_TEXT),
        boilerplate=[(start, min(end, LONGEST_TEXT)) for start, end in report.boilerplate if start < LONGEST_TEXT],
        notes=[*report.notes, f"only the first {LONGEST_TEXT} of {len(report.text)} characters were read"],
    )
