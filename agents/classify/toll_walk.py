"""One sentence walked for its figures: words open a chain of rows, quantities fill it, borders end it."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from agents.classify.actors import Mention, party
from agents.classify.events import Scene
from agents.classify.matching import Hit
from agents.classify.quantities import Counter, Quantity, quantities
from agents.classify.text import Reading
from agents.classify.toll_rows import SOFT, Chain, Row, add_sum
from schemas.kinds import Party, TollKind

_REACH: Final = 5
"""Tokens between a word such as "killed" and its quantity, or between the rows of one chain."""
_HOLDS: Final = 8
_OTHERS: Final = frozenset({"اخر", "اخرا", "اخرين", "اخرون", "others", "اخرى", "diger"})
_LARGEST_TOLL: Final = 20_000


class Walk:
    """One sentence, walked from its first token to its last."""

    def __init__(
        self,
        counter: Counter,
        reading: Reading,
        scene: Scene,
        index: int,
        mentions: Sequence[Mention],
        *,
        verb_last: bool,
    ) -> None:
        """Read off the quantities of sentence `index`; `mentions` are its actors."""
        self.reading = reading
        self.first, self.end = reading.sentences[index]
        self.index = index
        self.verb_last = verb_last
        self.hits: dict[int, list[Hit]] = defaultdict(list)
        for hit in scene.hits:
            self.hits[hit.first].append(hit)
        self.mentions = {m.first: m for m in mentions}
        self.counted = quantities(counter, reading, self.first, self.end, self.hits)
        self.non_final = "toll_non_final" in scene.tags
        self.rising = "toll_rise" in scene.tags
        self.rows: list[Row] = []
        self.chain: Chain | None = None
        self.parent: Row | None = None
        self.used: set[int] = set()
        self.used_quantities: set[int] = set()
        self.holds_until = -1

    def tags(self, at: int) -> set[str]:
        """What stands at a token."""
        return {hit.tag for hit in self.hits.get(at, ())}

    def run(self) -> list[Row]:
        """The sentence's rows, in order of place."""
        at = self.first
        while at < self.end:
            if at in self.counted and not (self._opens(at) and not self.counted[at].numbered):
                at = self._count(self.counted[at]) + 1
            else:
                at = self._word(at)
        self._close()
        return self.rows

    def _opens(self, at: int) -> str | None:
        """The kind that a word at this token opens a chain of."""
        if at in self.used:
            return None
        found = [h for h in self.hits.get(at, ()) if h.tag.startswith("pre.")]
        if not found:
            return None
        kind = max(found, key=lambda h: h.last).tag.removeprefix("pre.")
        if kind == TollKind.MISSING and any("toll_life" in self.tags(i) for i in range(at + 1, min(at + 12, self.end))):
            return TollKind.KILLED.value
        return kind

    def _word(self, at: int) -> int:
        tags = self.tags(at)
        if "toll_holds" in tags:
            self._close()
            self.holds_until = at + _HOLDS
        kind = self._opens(at)
        if kind is not None:
            last = max(h.last for h in self.hits[at] if h.tag.startswith("pre."))
            self._open(TollKind(kind), at, last)
            return last + 1
        whole = [h for h in self.hits.get(at, ()) if h.tag.startswith("total.")]
        if whole:
            self._close()
            self.chain = Chain((TollKind(whole[0].tag.removeprefix("total.")),), whole[0].last, total=True)
            return whole[0].last + 1
        if "toll_total" in tags:
            return self._total(at)
        if "toll_among" in tags and self.rows:
            self.parent = next((r for r in reversed(self.rows) if r.parent is None), None)
            if self.parent is not None:
                kinds = self.chain.kinds if self.chain and self.chain.kinds else (self.parent.kind,)
                self.chain = Chain((self.parent.kind,) if len(kinds) == 1 else kinds, at)
        return at + 1

    def _open(self, kind: TollKind, first: int, last: int) -> None:
        before = self.chain
        both = before is not None and not before.rows and not before.total and first - before.end <= 1
        kinds = (*before.kinds, kind) if both and before is not None and kind not in before.kinds else (kind,)
        self._close()
        self.chain = Chain(kinds, last)
        self.holds_until = -1

    def _close(self) -> None:
        if self.chain is not None:
            add_sum(self.rows, self.chain)
        self.chain = None
        self.parent = None

    def _total(self, at: int) -> int:
        """Opens a running total: "عدد قتلى … إلى 6" (the number of dead … to 6)."""
        for place in range(at + 1, min(at + 4, self.end)):
            quantity = self.counted.get(place)
            if quantity is not None and quantity.noun is not None and self._plural_of_victims(quantity):
                self._close()
                mention = next(
                    (
                        self.mentions[i]
                        for i in range(quantity.last + 1, min(quantity.last + 3, self.end))
                        if i in self.mentions
                    ),
                    None,
                )
                self.chain = Chain((TollKind(quantity.noun.kind),), quantity.last, total=True, actor=mention)
                return quantity.last + 1
            if quantity is not None:
                break
        return at + 1

    @staticmethod
    def _plural_of_victims(q: Quantity) -> bool:
        return q.noun is not None and bool(q.noun.kind) and q.noun.stands_for is None and not q.numbered

    def _count(self, quantity: Quantity) -> int:
        """Make the quantity's rows, if it is a toll; the last token that they use."""
        if self._plural_of_victims(quantity) and "toll_to" in self.tags(quantity.last + 1) and quantity.noun:
            self._close()  # "… and the wounded to 15"
            self.chain = Chain((TollKind(quantity.noun.kind),), quantity.last, total=True)
            return quantity.last
        if quantity.first <= self.holds_until and not (quantity.noun and quantity.noun.kind):
            return quantity.last
        if not self._plausible(quantity) or quantity.first in self.used_quantities:
            return quantity.last
        kinds, rule = self._kinds(quantity)
        if not kinds:
            return quantity.last
        if self.chain is None or self.chain.kinds != kinds:
            among = self.parent
            self._close()
            self.parent = among if among is not None and among.kind in kinds else None
            self.chain = Chain(kinds, quantity.last)
        last = quantity.last
        both = self._both_words(quantity) if len(kinds) == 1 else None
        if both is not None:
            kinds, last = (TollKind.KILLED, TollKind.WOUNDED), both
        self._add(quantity, kinds, rule)
        return last

    def _plausible(self, quantity: Quantity) -> bool:
        """Not larger than any single toll, and no mere plural: "gunmen killed" says who did it."""
        if quantity.low is not None and quantity.low > _LARGEST_TOLL:
            return False
        noun = quantity.noun
        if quantity.numbered or noun is None or noun.kind:
            return True
        if self.verb_last or self.chain is None:
            return False
        if noun.stands_for is not None:
            return not (noun.party == Party.NON_STATE_ARMED and TollKind.ABDUCTED in self.chain.kinds)
        return noun.party in SOFT and quantity.first - self.chain.end == 1

    def _kinds(self, q: Quantity) -> tuple[tuple[TollKind, ...], str]:
        noun = q.noun
        announced = self._announced_behind(q)
        if announced is not None:
            return (announced,), "toll.total"
        if noun is not None and noun.kind:
            if not q.numbered and self._definite(q):
                return (), ""
            return (TollKind(noun.kind),), "toll.noun"
        chained = self._chained(q)
        behind = self._behind(q)
        if behind is not None and (self.verb_last or not chained):
            at, kind = behind
            if noun is not None or q.numbered:
                self.used.add(at)
                return (kind,), "toll.verb_behind"
        if chained and self.chain is not None:
            return self.chain.kinds, "toll.total" if self.chain.total else "toll.chain"
        return (), ""

    def _announced_behind(self, q: Quantity) -> TollKind | None:
        """The kind of "ارتفع إلى 3 عدد قتلى …" (rose to 3 the number of dead), where the number comes first."""
        if not q.numbered or q.noun is not None or "toll_to" not in self._tags_before(q.first):
            return None
        if "toll_total" not in self.tags(q.last + 1):
            return None
        victims = self.counted.get(q.last + 2)
        if victims is None or victims.noun is None or not self._plural_of_victims(victims):
            return None
        self.used_quantities.add(victims.first)
        return TollKind(victims.noun.kind)

    def _definite(self, q: Quantity) -> bool:
        form = self.reading.forms[q.first]
        return form.removeprefix("و").startswith(("ال", "لل", "بال"))

    def _named(self, q: Quantity) -> bool:
        """Whether one person is spoken of ("the child …"): at least one was hurt, and nobody says how many in all."""
        if q.numbered or q.low != 1 or q.noun is None:
            return False
        if self._definite(q):
            return True
        behind = self.counted.get(q.last + 1) or self.counted.get(q.last + 2)
        before = self.tags(q.first - 1) if q.first > self.first else set()
        beside = behind is not None or self._joined(q.first) or "toll_fallen" in before or self._opens(q.first - 1)
        return bool(q.noun.kind) and not beside

    def _chained(self, q: Quantity) -> bool:
        chain = self.chain
        if chain is None:
            return False
        if chain.total:
            return q.numbered and any("toll_to" in self.tags(i) for i in range(max(q.first - 4, self.first), q.first))
        distance = q.first - chain.end - 1
        fillers = sum(bool(self.tags(i) & {"toll_filler", "toll_at_least"}) for i in range(chain.end + 1, q.first))
        if not chain.rows:
            if not q.numbered or q.noun is None:
                gap = [i for i in range(chain.end + 1, q.first) if not self.tags(i) & {"toll_filler", "toll_at_least"}]
                allowed = 0 if not q.numbered else 1
                if len(gap) > allowed:
                    return False
                return q.noun is not None or self._bare(q)
            return distance - fillers <= _REACH and not self._border(chain.end + 1, q.first)
        if self._border(chain.end + 1, q.first) or distance - fillers > _REACH + 2:
            return False
        joined = self._joined(q.first)
        if q.noun is None:
            return joined and distance <= 2 and self._bare(q)
        return joined or (self.parent is not None and distance <= 2)

    def _joined(self, at: int) -> bool:
        """Whether "and" or a comma leads to this token."""
        form = self.reading.forms[at]
        before = self.reading.forms[at - 1] if at > self.first else ""
        return (
            form.startswith("و")
            or before in ("و", "and", "plus", "ve")
            or "," in self.reading.breaks[at]
            or "+" in self.reading.breaks[at]
        )

    def _bare(self, q: Quantity) -> bool:
        """A number without a known noun counts people when nothing counted follows it."""
        following = q.last + 1
        if q.low is not None and 1900 <= q.low <= 2100 and self.reading.forms[q.first].isdigit():
            return False
        if following >= self.end or self.reading.breaks[following]:
            return True
        tags = self.tags(following)
        if tags & {"toll_unit"}:
            return False
        if tags & {"toll_stop", "toll_among", "toll_clause"} or self._opens(following):
            return True
        form = self.reading.forms[following]
        near = self.chain is not None and q.first - self.chain.end <= 2
        return form.startswith(("و", "ب")) or following in self.mentions or (near and not form.isdigit())

    def _border(self, first: int, end: int) -> bool:
        return any("toll_clause" in self.tags(i) for i in range(first, end))

    def _behind(self, q: Quantity) -> tuple[int, TollKind] | None:
        """The word behind a quantity that says what happened: "six people were killed"."""
        for place in range(q.last + 1, min(q.last + 1 + _REACH, self.end)):
            if "," in self.reading.breaks[place] or (place in self.counted and self.counted[place].numbered):
                return None
            posts = [h.tag for h in self.hits.get(place, ()) if h.tag.startswith("post.")]
            if posts and not (self.reading.forms[place].startswith("و") and not self.verb_last):
                return place, TollKind(posts[0].removeprefix("post."))
            if self.reading.forms[place] in ("and", "و", "or", "who", "after", "ve"):
                return None
            if q.noun is None and place - q.last > 2:
                return None
        return None

    def _both_words(self, q: Quantity) -> int | None:
        """One number for the dead and the wounded together: the last token of "قتيلاً وجريحاً", "بين شهيد وجريح"."""
        if not q.numbered:
            return None
        first = self.counted.get(q.last + 1)
        if q.noun is not None and q.noun.kind == "killed":
            same_form = first is not None and first.noun is not None and first.noun.stands_for == q.noun.stands_for
            return q.last + 1 if same_form and self._is(first, "wounded") else None
        for place in range(q.last + 1, min(q.last + 5, self.end - 1)):
            second = self.counted.get(place + 1)
            if self._is(self.counted.get(place), "killed") and self._is(second, "wounded") and second is not None:
                return second.last if "toll_between" in self._tags_before(place) else None
        return None

    @staticmethod
    def _is(q: Quantity | None, kind: str) -> bool:
        return q is not None and not q.numbered and q.noun is not None and q.noun.kind == kind

    def _add(self, q: Quantity, kinds: tuple[TollKind, ...], rule: str) -> None:
        chain = self.chain
        if chain is None:
            return
        announced = next((v for v in (self.counted.get(q.last + 2),) if v and v.first in self.used_quantities), None)
        actor = self._actor(announced or q) or (chain.actor if chain.total else None)
        low, high = q.low, q.high
        if "toll_at_least" in self._tags_before(q.first) or self._named(q):
            high = None
        whose = q.noun.party if q.noun else "unknown"
        if actor is not None and Party(whose) in SOFT - {Party.MEN, Party.UNKNOWN}:
            actor = None
        before = self.rows[-1] if self.rows else None
        for kind in kinds:
            row = Row(kind, low, high, q.first, q.last, self.index, rule, Party(whose), None, q.vague_word)
            if len(kinds) == 2 and low is not None:
                row.low, row.high = 1, None
                row.vague_word = self.reading.report.text[slice(*self.reading.span(q.first, q.last))]
                row.rule = "toll.killed_and_wounded"
            if actor is not None:
                row.party, row.actor_id = party(actor.actor), actor.actor.actor_id
            elif before is not None and self.reading.forms[q.last].removeprefix("ال") in _OTHERS:
                row.party, row.actor_id = before.party, before.actor_id
            row.cumulative = (
                chain.total or announced is not None or (self.rising and "toll_to" in self._tags_before(q.first))
            )
            row.non_final = self.non_final
            row.parent = self.parent if self.parent is not None and self.parent.kind == kind else None
            self.rows.append(row)
            chain.rows.append(row)
        chain.end = q.last if actor is None else max(q.last, actor.last)
        chain.total = False

    def _tags_before(self, at: int) -> set[str]:
        return set().union(*(self.tags(i) for i in range(max(at - 3, self.first), at))) if at > self.first else set()

    def _actor(self, q: Quantity) -> Mention | None:
        """The actor whose people are counted: right behind the quantity, before any border; the most exact name."""
        found: Mention | None = None
        reach = 5
        for place in range(q.last + 1, self.end):
            mention = self.mentions.get(place)
            if mention is not None and (found is None or (found.actor.generic and not mention.actor.generic)):
                found, reach = mention, mention.last - q.last + 4
            if place - q.last >= reach or place in self.counted or self._opens(place):
                break
            if "toll_clause" in self.tags(place) or "," in self.reading.breaks[place]:
                break
            if mention is not None and not mention.actor.generic:
                break
        return found
