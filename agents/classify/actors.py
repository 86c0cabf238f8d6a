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
    generic: bool
    """Names no force in particular ("the police"): a name beside it says more."""
    names: Mapping[str, tuple[str, ...]]
    example: str


@lru_cache(maxsize=1)
def actor_list() -> Mapping[str, ActorEntry]:
    """Every actor that marqab knows by name."""
    table = tomllib.loads((FOLDER / "actors.toml").read_text("utf-8"))
    return {actor_id: _entry(actor_id, row) for actor_id, row in table.items()}


def _entry(actor_id: str, row: Mapping[str, Any]) -> ActorEntry:
    names = {language: split(row[language]) for language in ("ar", "en", "tr") if language in row}
    return ActorEntry(
        actor_id,
        row["name"],
        row["kind"],
        bool(row.get("listed", False)),
        bool(row.get("generic", False)),
        names,
        row["example"],
    )


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
    """What stands at each token; a phrase also stands at its last one."""
    tags: dict[int, set[str]] = {}
    for hit in hits:
        tags.setdefault(hit.first, set()).add(hit.tag)
        tags.setdefault(hit.last, set()).add(hit.tag)
    return tags


_DEEDS: Final = frozenset(
    {"attack", "bombard", "airstrike", "storm", "abduct", "execute", "assassinate", "target", "ied"}
)
_POLICE_WORK: Final = frozenset({
    "arrest", "raid", "curfew", "emergency", "road_close", "full_closure", "combing", "foil", "seize", "defuse",
    "markets_close", "disperse", "intercept", "release", "alert",
})  # fmt: skip
_ARMED_GROUP: Final = "non_state_armed"


class _Around(NamedTuple):
    """The tags near a name: of the word before it, of the words before, of the word behind, of the whole sentence."""

    next_before: set[str]
    before: set[str]
    behind: set[str]
    sentence: frozenset[str]
    to: bool
    """The name carries "to" or stands behind "on": something is done to it."""


def _around(reading: Reading, tags: Mapping[int, set[str]], hit: Hit) -> _Around:
    begin, end = reading.sentences[reading.sentence_of[hit.first]]
    before = [tags.get(i, set()) for i in range(max(begin, hit.first - 3), hit.first)]
    behind = [tags.get(i, set()) for i in range(hit.last + 1, min(end, hit.last + 3))]
    whole = frozenset().union(*(tags.get(i, set()) for i in range(begin, end)))
    form = reading.forms[hit.first]
    near = before[-1] if before else set()
    all_before = set().union(*before)
    onto = "onto" in near or (form.startswith(("لل", "بال")) and bool(all_before & _DEEDS))
    return _Around(near, all_before, set().union(*behind), whole, onto)


def _role(reading: Reading, tags: Mapping[int, set[str]], hit: Hit, entry: ActorEntry) -> ActorRole:
    """The role that the words around one mention show."""
    near = _around(reading, tags, hit)
    state = entry.kind not in (_ARMED_GROUP, "organisation")
    says = bool({"said"} & (near.before | near.behind))
    if entry.kind == "organisation":
        return ActorRole.SPEAKER
    if says and not (near.next_before | near.behind) & _DEEDS:
        return ActorRole.AUTHORITY if near.sentence & {"curfew", "emergency"} else ActorRole.SPEAKER
    if near.to or near.next_before & {"kill", "wound"}:
        return ActorRole.VICTIM
    if (near.next_before | near.behind) & _POLICE_WORK:
        return ActorRole.AUTHORITY if state else ActorRole.ATTACKER
    if "by_agent" in near.before:
        return ActorRole.AUTHORITY if state and near.sentence & _POLICE_WORK else ActorRole.ATTACKER
    if near.before & _DEEDS or near.behind & _DEEDS:
        return ActorRole.ATTACKER
    if near.before & {"kill", "wound"}:
        return ActorRole.VICTIM
    return ActorRole.MENTIONED


_STRENGTH: Final = (ActorRole.ATTACKER, ActorRole.VICTIM, ActorRole.AUTHORITY, ActorRole.SPEAKER, ActorRole.MENTIONED)


def summary(reading: Reading, found: Sequence[Mention], harmed: frozenset[str]) -> list[Actor]:
    """One row an actor: its strongest role and the mention that shows it.

    Args:
        reading: the report's tokens.
        found: the mentions.
        harmed: actors whose people some figure counts as killed, wounded or abducted: at least victims.
    """
    best: dict[str, Mention] = {}
    for mention in found:
        if mention.actor.actor_id in harmed and mention.role != ActorRole.ATTACKER:
            mention = mention._replace(role=ActorRole.VICTIM)  # noqa: PLW2901
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
