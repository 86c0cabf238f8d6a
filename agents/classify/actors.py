"""Who is named in a report, and what for: attacker, victim, authority or speaker.

Names come from `lexicon/actors.toml`. A role is read from the words right before and behind a name; the strongest
role that some mention shows is the actor's role.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from agents.classify.lexicon import FOLDER, split
from agents.classify.matching import Hit
from agents.classify.text import Reading
from schemas.kinds import ActorRole, Party
from schemas.records import Actor

_PREFIX: Final = "actor:"


class ActorEntry(NamedTuple):
    """One line of the actor list."""

    actor_id: str
    name: str
    kind: str
    listed: bool
    """On a public list of terrorist groups (UN, EU, UK or US)."""
    names: Mapping[str, tuple[str, ...]]
    example: str


@lru_cache(maxsize=1)
def actor_list() -> Mapping[str, ActorEntry]:
    """Every actor that marqab knows by name."""
    table = tomllib.loads((FOLDER / "actors.toml").read_text("utf-8"))
    return {actor_id: _entry(actor_id, row) for actor_id, row in table.items()}


def _entry(actor_id: str, row: Mapping[str, Any]) -> ActorEntry:
    names = {language: split(row[language]) for language in ("ar", "en", "tr") if language in row}
    return ActorEntry(actor_id, row["name"], row["kind"], bool(row.get("listed", False)), names, row["example"])


def phrases(language: str) -> Iterable[tuple[str, str, bool]]:
    """The names for a `Matcher`; Latin names also stand in Arabic and Turkish texts."""
    for entry in actor_list().values():
        for words in entry.names.get(language, ()):
            yield words, _PREFIX + entry.actor_id, False


class Mention(NamedTuple):
    """An actor's name at a place of the text."""

    actor: ActorEntry
    first: int
    last: int
    role: ActorRole


def party(actor: ActorEntry) -> Party:
    """Whom a figure counts when it counts this actor's people."""
    return {
        "non_state_armed": Party.NON_STATE_ARMED,
        "security_forces": Party.SECURITY_FORCES,
        "state_military": Party.STATE_MILITARY,
        "state": Party.SECURITY_FORCES,
    }.get(actor.kind, Party.UNKNOWN)


def mentions(reading: Reading, hits: Sequence[Hit]) -> list[Mention]:
    """Names in order of place; of overlapping names the longest stands."""
    named = sorted((h for h in hits if h.tag.startswith(_PREFIX)), key=lambda h: (h.first, -h.last))
    found: list[Mention] = []
    tags = _tags_by_token(hits)
    for hit in named:
        if found and hit.first <= found[-1].last:
            continue
        entry = actor_list()[hit.tag.removeprefix(_PREFIX)]
        found.append(Mention(entry, hit.first, hit.last, _role(reading, tags, hit, entry)))
    return found


def _tags_by_token(hits: Sequence[Hit]) -> dict[int, set[str]]:
    tags: dict[int, set[str]] = {}
    for hit in hits:
        tags.setdefault(hit.first, set()).add(hit.tag)
    return tags


_ACTIONS: Final = frozenset(
    {"attack", "bombard", "airstrike", "storm", "arrest", "raid", "abduct", "execute", "ground"}
)


def _role(reading: Reading, tags: Mapping[int, set[str]], hit: Hit, entry: ActorEntry) -> ActorRole:
    begin, end = reading.sentences[reading.sentence_of[hit.first]]
    before = [tags.get(i, set()) for i in range(max(begin, hit.first - 4), hit.first)]
    behind = [tags.get(i, set()) for i in range(hit.last + 1, min(end, hit.last + 4))]
    near = set().union(*before[-2:]) if before else set()
    if "said" in near or (behind and "said" in behind[0]) or entry.kind == "organisation":
        return ActorRole.SPEAKER
    if "by_agent" in near or (behind and behind[0] & _ACTIONS) or near & {"bombard", "airstrike", "attack"}:
        return ActorRole.ATTACKER
    if near & {"kill", "wound", "target"}:
        return ActorRole.VICTIM
    if near & {"raid", "arrest"}:
        return ActorRole.AUTHORITY
    return ActorRole.MENTIONED


_STRENGTH: Final = (ActorRole.ATTACKER, ActorRole.VICTIM, ActorRole.AUTHORITY, ActorRole.SPEAKER, ActorRole.MENTIONED)


def summary(reading: Reading, found: Sequence[Mention]) -> list[Actor]:
    """One row an actor: its strongest role and the mention that shows it."""
    best: dict[str, Mention] = {}
    for mention in found:
        known = best.get(mention.actor.actor_id)
        if known is None or _STRENGTH.index(mention.role) < _STRENGTH.index(known.role):
            best[mention.actor.actor_id] = mention
    report = reading.report
    return [
        Actor(
            actor_id=m.actor.actor_id,
            name=m.actor.name,
            role=m.role,
            evidence=report.evidence(*reading.span(m.first, m.last), rule=f"actor.{m.role.value}"),
        )
        for m in sorted(best.values(), key=lambda m: (_STRENGTH.index(m.role), m.first))
    ]
