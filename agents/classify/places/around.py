"""What stands on both sides of a name: type words, directions, prepositions, and an "and" before it."""

from typing import Any

from agents.classify.places.gazetteer import Kind
from agents.classify.places.mention import Mention
from agents.classify.places.words import Words

_LEAD = 8
"""Characters that may stand before a place that opens a line: a hashtag, a bullet."""
_LOOK_BACK = 4
_LARGE = 100_000
"""People of a place that is nobody's quarter."""


def surroundings(seen: Words, mention: Mention) -> Mention:
    """Read the type words, directions and prepositions on both sides of a name."""
    start, at = mention.start, mention.first - 1
    changes: dict[str, Any] = {}
    for _ in range(_LOOK_BACK):
        if at < 0 or not seen.soft[at + 1]:
            break
        form = seen.forms[at]
        read = seen.read(form, changes)
        if read is None:
            break
        if changes.get("called") == "" and seen.is_capital(at - 1):
            del changes["cue"], changes["called"]  # the type word belongs to the name before it
            break
        prefix, binds = read
        if "ب" in prefix:
            changes["locative"] = True
        start = seen.starts[at] + len(prefix) if binds else start
        if changes.get("called") == "":
            changes["called"] = f"{seen.text[start : seen.ends[at]]} {mention.name}"
        at -= 1
    before = seen.text[max(0, seen.starts[at + 1] - 1) : seen.starts[at + 1]]
    hashtag = before == "#" or seen.in_hashtag(mention.start)
    changes["begin"] = at + 1
    changes["linked"] = at >= 0 and seen.forms[at] in seen.cues.links
    if _leads(seen, at + 1, mention.end):
        changes["lead"] = True
    after = mention.last + 1
    if after < len(seen.forms) and seen.soft[after]:
        side = seen.cues.sides.get(seen.forms[after])
        if side and (changes.get("countryside") or seen.forms[after].startswith("ال")):
            changes["direction"] = changes.get("direction") or side
    end = mention.end
    if not seen.is_arabic(mention.first):
        changes |= _latin_after(seen, mention)
        if changes.get("cue") is Kind.NEIGHBOURHOOD and any(e.population >= _LARGE for e in mention.entries):
            del changes["cue"], changes["called"]  # `a neighbourhood of Homs`, `the Beirut suburb of …`
            changes.pop("end", 0)
            start = mention.start
        end = max(end, changes.pop("end", 0))
    return mention._replace(start=start, end=end, hashtag=hashtag, **changes)


def joined(seen: Words, previous: Mention, mention: Mention) -> Mention:
    """Let "and" carry over what was said of the place before: `في بلدتي نوى وطفس` (the towns of Nawa and Tafas)."""
    alone = seen.forms[mention.first - 1] == "و" and previous.last + 2 == mention.first
    carried = alone or (mention.joined and previous.last + 1 == mention.first)
    if not carried:
        return mention._replace(joined=False) if mention.joined else mention
    if mention.cue or mention.countryside or mention.near:
        return mention
    return mention._replace(
        cue=previous.cue,
        near=previous.near or previous.between,
        countryside=previous.countryside,
        locative=mention.locative or previous.locative,
        origin=mention.origin or previous.origin,
        joined=True,
    )


def _leads(seen: Words, first: int, end: int) -> bool:
    """Tell whether a name opens a line and stands before a colon or bar."""
    if seen.text[end : end + 3].lstrip()[:1] not in {":", "|"}:
        return False
    start = seen.starts[first]
    line = seen.text[max(0, start - _LEAD) : start].rpartition("\n")[2]
    return not line.strip(" #\u200f\u2022*") and (len(line) < _LEAD or start <= _LEAD)


def _latin_after(seen: Words, mention: Mention) -> dict[str, Any]:
    """Read what follows a Latin name: its type word ("Raqqa province") or more of a longer name."""
    if mention.within:
        return {"cue": Kind.NEIGHBOURHOOD, "called": mention.called, "end": mention.end}
    after, changes = mention.last + 1, {"uncased": not seen.cased}
    if after < len(seen.forms) and seen.soft[after]:
        form, end = seen.forms[after], seen.ends[after]
        if form in seen.cues.kinds:
            called = f"{mention.name} {seen.text[seen.starts[after] : end]}"
            return {**changes, "cue": seen.cues.kinds[form], "called": called, "end": end}
        changes["partial"] = seen.is_capital(after)
    return {**changes, "partial": changes.get("partial", False) or seen.is_capital(mention.first - 1)}
