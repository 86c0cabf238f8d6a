"""What else a post states of an incident: weapons, attackers, the target, a motive, a prison's inmates, officials.

Each value is a word of the lexicon (`fact_weapon.grenade`) or a figure, with its span and with whoever says so. Private
persons are never named; officials are, with their office. What a sentence tells of the past or of what might have been
is left out.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final, NamedTuple

from agents.classify.actors import Mention
from agents.classify.events import Scene
from agents.classify.matching import Hit
from agents.classify.persons import GIVEN
from agents.classify.quantities import Counter, Quantity, quantities
from agents.classify.text import Reading
from schemas.kinds import ActorRole, FactKind, Party
from schemas.records import Fact

_PREFIX: Final = "fact_"
_BACKGROUND: Final = frozenset(
    {"flag_historical", "flag_hypothetical", "flag_negated", "flag_drill", "flag_anniversary"}
)
_DEED: Final = frozenset({
    "attack", "target", "storm", "shooting", "clash", "ambush", "explosion", "ied", "suicide", "grenade", "bombard",
    "airstrike", "chemical", "assassinate", "execute", "abduct", "kill", "wound", "massacre", "raid",
})  # fmt: skip
_ATTACK: Final = frozenset({
    "attack", "target", "storm", "shooting", "clash", "ambush", "bombard", "airstrike", "suicide", "explosion",
})  # fmt: skip
_HOLDS_REACH: Final = 9
_OTHER_REACH: Final = 16
_BESIDE_REACH: Final = 4
_OFFICE_REACH: Final = 9
_STRUCK_BEHIND: Final = 13
_STRUCK_BEFORE: Final = 3
"""Tokens between a deed and what it was done to."""
_MOST: Final = 40
_TO: Final = frozenset({"الي", "الى", "to", "in", "at"})
"""The wounded are taken to hospital, `إلى المستشفى`, and die in it; "a blast at a hospital" has an article between."""
_OTHER: Final = frozenset({"الاخر", "اخر", "الثاني", "other", "second"})


class _Told(NamedTuple):
    """One sentence as facts are read from it."""

    first: int
    end: int
    scene: Scene
    counted: Callable[[], Mapping[int, Quantity]]

    @property
    def tagged(self) -> Mapping[int, Sequence[Hit]]:
        """What the lexicon found, by token."""
        return self.scene.at


class Facts:
    """Reads what else reports in one language state."""

    def __init__(self, counter: Counter) -> None:
        """Take the counter of the language."""
        self._counter = counter
        armed = (Party.NON_STATE_ARMED.value, Party.PERPETRATORS.value)
        self._armed = frozenset(tag for tag, noun in counter.nouns.items() if noun.party in armed)

    def of(
        self,
        reading: Reading,
        scenes: Sequence[Scene],
        mentions: Sequence[Mention],
        said_by: Callable[[int], str],
        counted: Callable[[int], Mapping[int, Quantity]],
    ) -> list[Fact]:
        """The facts of a report in order of place; an equal one stands once.

        Args:
            reading: the report's tokens.
            scenes: its sentences.
            mentions: the actors named.
            said_by: the origin of what a sentence says.
            counted: what a sentence counts, by token.
        """
        found: dict[tuple[object, ...], Fact] = {}
        for index, scene in enumerate(scenes):
            interesting = any(tag.startswith(_PREFIX) for tag in scene.tags) or "toll_holds" in scene.tags
            attackers = bool(scene.tags & _ATTACK)
            if scene.flags & _BACKGROUND or not (interesting or attackers or "foil" in scene.tags):
                continue
            told = _Told(*reading.sentences[index], scene, partial(counted, index))
            here = [m for m in mentions if told.first <= m.first < told.end]
            for fact in self._sentence(reading, told, here, said_by(index)):
                found.setdefault((fact.kind, fact.value, fact.name, fact.actor_id, fact.low, fact.said_by), fact)
            if len(found) >= _MOST:
                break
        return list(found.values())[:_MOST]

    def _sentence(self, reading: Reading, told: _Told, mentions: Sequence[Mention], said: str) -> Iterator[Fact]:
        deed = bool(told.scene.tags & _DEED)
        struck = [hit.last for hit in told.scene.hits if hit.tag in _ATTACK]
        if struck:
            struck += [hit.last for hit in told.scene.hits if hit.tag == "toll_holds"]
        stated = {tag for tag in told.scene.tags if tag.startswith(_PREFIX)}
        for hit in told.scene.hits if stated else ():
            if hit.tag not in stated:
                continue
            family, _, value = hit.tag.removeprefix(_PREFIX).partition(".")
            if family in ("weapon", "motive", "occasion") and not deed:
                continue
            if family == "target":
                if not any(-_STRUCK_BEFORE <= hit.first - at <= _STRUCK_BEHIND for at in struck):
                    continue
                if value == "hospital" and reading.forms[max(hit.first - 1, 0)] in _TO:
                    continue
                struck.append(hit.last)  # "the square that holds the headquarters, an office and a prison"
            if value:
                yield _fact(reading, FactKind(family), hit.first, hit.last, said, value=value)
            elif family == "one_other" and told.scene.tags & _DEED:
                yield from _one_and_other(reading, told, hit, said)
            elif family == "beside":
                yield from _nearby(reading, told, hit, said)
            elif family == "rank":
                yield from _official(reading, told, hit, said)
        if "toll_holds" in told.scene.tags and told.scene.tags & {"prison", "prisoner"}:
            yield from self._prisoners(reading, told, mentions, said)
        if told.scene.tags & _ATTACK:
            yield from self._attackers(reading, told, said)
        yield from _outcome(reading, told, said)
        yield from _attribution(reading, mentions, said)

    def _prisoners(self, reading: Reading, told: _Told, mentions: Sequence[Mention], said: str) -> Iterator[Fact]:
        for hit in told.scene.hits:
            if hit.tag != "toll_holds":
                continue
            near = range(hit.last + 1, min(hit.last + _HOLDS_REACH, told.end))
            counted = quantities(
                self._counter, reading, hit.last + 1, min(hit.last + _HOLDS_REACH, told.end), told.tagged
            )
            held = next((counted[at] for at in near if at in counted and counted[at].numbered), None)
            if held is None or held.low is None or held.noun is None:
                continue
            whose = next((m.actor.actor_id for m in mentions if held.last < m.first <= held.last + 4), None)
            about = any(h.tag == "toll_filler" for h in told.tagged.get(held.first - 1, ()))
            yield _fact(
                reading, FactKind.PRISONERS, hit.first, held.last, said, low=held.low, high=held.high,
                approximate=about, actor_id=whose,
            )  # fmt: skip

    def _attackers(self, reading: Reading, told: _Told, said: str) -> Iterator[Fact]:
        """Of "three gunmen attacked": a numbered noun for armed men right beside a deed, whom nothing was done to."""
        if self._armed.isdisjoint(told.scene.tags):
            return
        deeds = {hit.first for hit in told.scene.hits if hit.tag in _ATTACK}
        for quantity in told.counted().values():
            if not _are_armed(quantity) or quantity.low is None or _harmed(told, quantity):
                continue
            beside = {quantity.first - 1, quantity.first - 2, quantity.last + 1, quantity.last + 2}
            if beside & deeds and not _object(told, quantity):
                yield _fact(
                    reading,
                    FactKind.ATTACKERS,
                    quantity.first,
                    quantity.last,
                    said,
                    low=quantity.low,
                    high=quantity.high,
                )


def _fact(
    reading: Reading,
    kind: FactKind,
    first: int,
    last: int,
    said: str,
    *,
    value: str = "",
    name: str | None = None,
    actor_id: str | None = None,
    low: int | None = None,
    high: int | None = None,
    approximate: bool = False,
) -> Fact:
    evidence = reading.report.evidence(*reading.span(first, last), rule=f"fact.{kind.value}")
    return Fact(
        kind=kind, value=value, name=name, actor_id=actor_id, low=low, high=high, approximate=approximate,
        said_by=said, evidence=evidence,
    )  # fmt: skip


def _are_armed(quantity: Quantity) -> bool:
    noun = quantity.noun
    plain = quantity.numbered or quantity.high == 2  # a dual tells how many, a singular may be anybody's
    return plain and noun is not None and noun.party in (Party.NON_STATE_ARMED.value, Party.PERPETRATORS.value)


def _harmed(told: _Told, quantity: Quantity) -> bool:
    beside = (*range(quantity.first - 3, quantity.first), quantity.last + 1, quantity.last + 2)
    return any(h.tag.startswith(("pre.", "post.")) for at in beside for h in told.tagged.get(at, ()))


def _object(told: _Told, quantity: Quantity) -> bool:
    before = told.tagged.get(quantity.first - 1, ())
    return any(h.tag in ("onto", "foil") for h in before)


def _one_and_other(reading: Reading, told: _Told, hit: Hit, said: str) -> Iterator[Fact]:
    """Of "one of them … the other": at least two attacked."""
    for at in range(hit.last + 1, min(hit.last + _OTHER_REACH, told.end)):
        if reading.forms[at].removeprefix("و") in _OTHER:
            yield _fact(reading, FactKind.ATTACKERS, hit.first, at, said, low=2)
            return


def _nearby(reading: Reading, told: _Told, hit: Hit, said: str) -> Iterator[Fact]:
    """Of "the prison next to the headquarters": the prison."""
    targets = [h for h in told.scene.hits if h.tag.startswith("fact_target.")]
    before = next((h for h in reversed(targets) if hit.first - _BESIDE_REACH <= h.last < hit.first), None)
    if before is not None:
        yield _fact(
            reading, FactKind.NEARBY, before.first, hit.last, said, value=before.tag.removeprefix("fact_target.")
        )


def _official(reading: Reading, told: _Told, hit: Hit, said: str) -> Iterator[Fact]:
    """An office and, behind it, the name of who holds it: "the brigadier of the command, X"; "Colonel X said"."""
    if "said" not in told.scene.tags:
        return
    limit = min(hit.last + _OFFICE_REACH, told.end)
    for at in range(hit.last + 1, limit):
        if any(h.tag == GIVEN for h in told.tagged.get(at, ())):
            last = at
            while last + 1 < told.end and last - at < 2 and not reading.breaks[last + 1] and not _says(told, last + 1):
                last += 1
            office = reading.report.text[slice(*reading.span(hit.first, at - 1))]
            name = reading.report.text[slice(*reading.span(at, last))]
            yield _fact(reading, FactKind.OFFICIAL, hit.first, last, said, value=office, name=name)
            return
        if any(h.tag == "fact_rank" for h in told.tagged.get(at, ())):
            return


def _says(told: _Told, at: int) -> bool:
    return any(h.tag in ("said", "toll_stop") for h in told.tagged.get(at, ()))


def _outcome(reading: Reading, told: _Told, said: str) -> Iterator[Fact]:
    if "foil" in told.scene.tags and told.scene.tags & _DEED:
        hit = next(h for h in told.scene.hits if h.tag == "foil")
        yield _fact(reading, FactKind.OUTCOME, hit.first, hit.last, said, value="foiled")


def _attribution(reading: Reading, mentions: Sequence[Mention], said: str) -> Iterator[Fact]:
    """Somebody holds an actor responsible; what a group says of itself is a claim, and no attribution."""
    for mention in mentions:
        if mention.role is ActorRole.ATTACKER and mention.actor.actor_id != said:
            yield _fact(
                reading, FactKind.ATTRIBUTION, mention.first, mention.last, said, actor_id=mention.actor.actor_id
            )
