"""Who is named in a report, and what for: attacker, victim, authority or speaker.

Names come from `lexicon/actors.toml`. A role is read from the words right before and behind a name; the strongest
role that some mention shows is the actor's role.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from agents.classify.events import Scene
from agents.classify.lexicon import FOLDER, split
from agents.classify.matching import Hit
from agents.classify.text import Reading
from schemas.kinds import ActorRole, Party
from schemas.records import Actor

_PREFIX: Final = "actor:"
ARMED: Final = "armed"
_ARMED: Final = frozenset({"non_state_armed", "security_forces", "state_military"})


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
    names = {language: tuple(_apart(split(row[language]))) for language in ("ar", "en", "tr") if language in row}
    return ActorEntry(
        actor_id,
        row["name"],
        row["kind"],
        bool(row.get("listed", False)),
        bool(row.get("generic", False)),
        names,
        row["example"],
    )


def _apart(words: Sequence[str]) -> Iterable[str]:
    """Names as a reading has them: a hyphen ends a token, so "al-Qaida" is two."""
    return dict.fromkeys(" ".join(word.replace("-", " ").split()) for word in words)


def phrases(language: str) -> Iterable[tuple[str, str, bool]]:
    """The names for a `Matcher`; Latin names also stand in Arabic and Turkish texts."""
    for entry in actor_list().values():
        for words in entry.names.get(language, ()):
            yield words, _PREFIX + entry.actor_id, False


def armed(language: str) -> Iterable[tuple[str, str, bool]]:
    """The names of armies, police and armed groups once more, with the one tag `armed` that event rules ask for."""
    for entry in actor_list().values():
        if entry.kind in _ARMED:
            for words in entry.names.get(language, ()):
                yield words, ARMED, False


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


def mentions(reading: Reading, scenes: Sequence[Scene]) -> list[Mention]:
    """Names in order of place; of overlapping names the longest stands."""
    found: list[Mention] = []
    for scene in scenes:
        names = {tag for tag in scene.tags if tag.startswith(_PREFIX)}
        if not names:
            continue
        tags = _tags_by_token(scene.hits)
        for hit in sorted((h for h in scene.hits if h.tag in names), key=lambda h: (h.first, -h.last)):
            if not (found and hit.first <= found[-1].last):
                entry = actor_list()[hit.tag.removeprefix(_PREFIX)]
                found.append(Mention(entry, hit.first, hit.last, _role(reading, scene, tags, hit, entry)))
    return found


def _tags_by_token(hits: Iterable[Hit]) -> dict[int, set[str]]:
    """What stands at each token; a phrase also stands at its last one."""
    tags: dict[int, set[str]] = {}
    for first, last, tag in hits:
        tags.setdefault(first, set()).add(tag)
        if last != first:
            tags.setdefault(last, set()).add(tag)
    return tags


_DEEDS: Final = frozenset({
    "attack", "bombard", "airstrike", "storm", "abduct", "execute", "assassinate", "target", "shooting", "loot",
})  # fmt: skip
_STRIKES: Final = frozenset({"attack", "bombard", "airstrike"})
"""Nouns that "of" joins with whoever did it: "قصف للتحالف" (a strike of the coalition's)."""
_HARM: Final = frozenset({"ied", "explosion", "suicide", "ambush", "kill", "wound", "grenade", "chemical"})
_POLICE_WORK: Final = frozenset({
    "arrest", "raid", "curfew", "emergency", "road_close", "full_closure", "combing", "foil", "seize", "defuse",
    "markets_close", "disperse", "intercept", "release", "alert", "impose",
})  # fmt: skip
_ARMED_GROUP: Final = "non_state_armed"
_PART_OF: Final = frozenset({"من", "of", "from"})
_OF_WHOM: Final = frozenset({"of", "في", "من"})
_PASSIVE: Final = frozenset({"was", "were", "been", "being", "is", "are", "get", "got", "تعرض", "تعرضت"})


class _Around(NamedTuple):
    """What stands beside a name within its sentence; a comma or a bracket shuts off what is behind it."""

    next_before: set[str]
    """Tags of the word right before."""
    before: set[str]
    """Tags of the two words before."""
    just_before: set[str]
    """Tags of the five words before, in which a force's deed must stand that "by" refers to."""
    next_behind: set[str]
    """Tags of the word right behind."""
    sentence: frozenset[str]
    to: bool
    """The name carries "to" or "of", or stands behind "on": something of its own is spoken of, or done to it."""


def _around(reading: Reading, scene: Scene, tags: Mapping[int, set[str]], hit: Hit) -> _Around:
    begin, end = reading.sentences[reading.sentence_of[hit.first]]
    before: list[set[str]] = []
    nearest = hit.first - 1
    while nearest > begin and (reading.forms[nearest] in _PART_OF or tags.get(nearest, set()) & {"militant"}):
        nearest -= 1  # "gunmen of the group's cells attacked"
    if nearest < hit.first - 1 and not tags.get(nearest, set()) & (_DEEDS | {"onto"}):
        nearest = hit.first - 1
    for at in range(nearest, max(begin, nearest - 1) - 1, -1):
        if any(c in reading.breaks[at + 1] for c in ",:;("):
            break
        before.append(tags.get(at, set()))
    behind: set[str] = set()
    after = hit.last + 1
    while after < end and after <= hit.last + 2 and tags.get(after, set()) & {"militant", "force"}:
        after += 1  # "Islamic State militants attacked"
    if after < end and not any(c in reading.breaks[after] for c in ",:;)."):
        done = reading.forms[after] in _PASSIVE or reading.forms[after].startswith("ب")  # "were", "by an attack"
        behind = (
            {"passive"} if done and (tags.get(after) or reading.forms[after] in _PASSIVE) else tags.get(after, set())
        )
    near = before[0] if before else set()
    form = reading.forms[hit.first]
    first_name = reading.forms[hit.first].removeprefix("و")
    onto = (
        "onto" in near
        or _belongs(reading, tags, hit.first, begin)
        or (first_name[:1] == "ل" and form not in _bare_names())
    )
    five = set().union(*(tags.get(i, set()) for i in range(max(begin, hit.first - 5), hit.first)))
    return _Around(near, set().union(*before), five, behind, scene.tags, onto)


def _belongs(reading: Reading, tags: Mapping[int, set[str]], first: int, begin: int) -> bool:
    """Whether something of the name's is struck: "struck a vehicle of the SDF", "targeted a leader of …"."""
    at = first - 1
    while at > begin and reading.forms[at] == "the":
        at -= 1
    if at <= begin or reading.forms[at] not in _OF_WHOM or first - at > 2:
        return False
    return any(tags.get(i, set()) & _DEEDS for i in range(max(begin, at - 4), at)) and not (
        tags.get(at - 1, set()) & {"militant"} and reading.forms[at - 1].endswith(("ون", "s"))
    )


@lru_cache(maxsize=1)
def _bare_names() -> frozenset[str]:
    """First words of Arabic names, with and without article: a ل in front of anything else means "to"."""
    words = {name.split()[0] for entry in actor_list().values() for name in entry.names.get("ar", ())}
    return frozenset(words | {"ال" + word for word in words})


def _role(reading: Reading, scene: Scene, tags: Mapping[int, set[str]], hit: Hit, entry: ActorEntry) -> ActorRole:
    """The role that the words around one mention show; `mentioned` where they do not show it plainly."""
    if entry.kind == "organisation":
        return ActorRole.SPEAKER
    near = _around(reading, scene, tags, hit)
    armed = entry.kind == _ARMED_GROUP
    said = "said" in near.before | near.next_behind
    if said and not near.next_behind & (_DEEDS if reading.report.language == "ar" else _DEEDS | _POLICE_WORK):
        return ActorRole.AUTHORITY if near.sentence & {"curfew", "emergency"} else ActorRole.SPEAKER
    if "claim" in near.next_before | near.next_behind:
        return ActorRole.SPEAKER
    if near.to:
        by = near.next_before & _STRIKES or (armed and near.before & {"attack"})
        return ActorRole.ATTACKER if by and "onto" not in near.next_before else _hit(near)
    deeds = _DEEDS if reading.report.language == "ar" else _DEEDS | {"explosion"}  # "bombed"
    if near.next_before & deeds and _verb_first(reading):
        return _hit(near)
    if near.next_before & {"kill", "wound"} or "passive" in near.next_behind:
        return _hit(near)
    if near.before & _POLICE_WORK or near.next_behind & _POLICE_WORK:
        return ActorRole.ATTACKER if armed and not near.before & {"foil"} else ActorRole.AUTHORITY
    if "by_agent" in near.before:
        if armed or near.just_before & _DEEDS:
            return ActorRole.ATTACKER
        return ActorRole.AUTHORITY if near.sentence & _POLICE_WORK else ActorRole.MENTIONED
    if near.next_before & _DEEDS or near.next_behind & deeds:
        return ActorRole.ATTACKER
    return _hit(near) if near.before & {"kill", "wound"} else ActorRole.MENTIONED


def _verb_first(reading: Reading) -> bool:
    """Whether a deed right before a name is done to it, as in English: "bombed Hezbollah positions"."""
    return reading.report.language == "en"


def _hit(near: _Around) -> ActorRole:
    """Something was done to it, where anything violent was done at all."""
    return ActorRole.VICTIM if near.sentence & (_DEEDS | _HARM) else ActorRole.MENTIONED


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
