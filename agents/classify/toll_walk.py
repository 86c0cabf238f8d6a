"""One sentence walked for its figures: words open a chain of rows, quantities fill it, borders end it."""

from dataclasses import dataclass, field
from typing import Final

from agents.classify.actors import Mention, party
from agents.classify.quantities import Quantity
from agents.classify.toll_rows import SOFT, Chain, Row, add_sum
from agents.classify.toll_sentence import REACH, Sentence, plural_of_victims
from schemas.kinds import Party, TollKind

_HOLDS: Final = 8
_OTHERS: Final = frozenset({"اخر", "اخرا", "اخرين", "اخرون", "others", "اخرى", "diger"})
_LARGEST_TOLL: Final = 20_000
_TOLL_OF_WHAT: Final = frozenset({"حصيله", "محصله", "toll"})
"""Words for a toll of the dead where nothing else is said."""
_LED_REACH: Final = 5
_OF: Final = frozenset({"من", "of"})
_HELD: Final = frozenset({"abducted", "missing"})
_BEFORE_ONE: Final = frozenset({"toll_filler", "toll_at_least", "toll_title"})
"""What may stand between "killed" and whom it speaks of: "the hero, Lieutenant …"."""
_LET_GO: Final = frozenset({TollKind.FREED, TollKind.ESCAPED})
"""12 abducted people who are freed are freed, not abducted."""


@dataclass
class Walk:
    """One sentence, walked from its first token to its last."""

    here: Sentence
    rows: list[Row] = field(default_factory=list)
    chain: Chain | None = None
    parent: Row | None = None
    """The row that "of them" or a bracket refers to."""
    bracket: bool = False
    used: set[int] = field(default_factory=set)
    used_quantities: set[int] = field(default_factory=set)
    holds_until: int = -1

    def run(self) -> list[Row]:
        """The sentence's rows, in order of place."""
        here, at = self.here, self.here.first
        while at < here.end:
            if self.bracket and ")" in here.reading.breaks[at]:
                self.parent, self.bracket = None, False
            if at in here.counted and not (self._opens(at) and not here.counted[at].numbered):
                at = self._count(here.counted[at]) + 1
            elif at in here.words:
                at = self._word(at)
            else:
                at += 1
        self._close()
        return self.rows

    def _opens(self, at: int) -> str | None:
        return None if at in self.used else self.here.opens(at)

    def _word(self, at: int) -> int:
        here = self.here
        tags = here.tags(at)
        if "toll_holds" in tags:
            self._close()
            self.holds_until = at + _HOLDS
        if tags & {"toll_own", "toll_own_two"} and self._led_to(at):
            return self._own(at, 2 if "toll_own_two" in tags else 1)
        kind = self._opens(at)
        if kind is not None:
            last = max(h.last for h in here.hits[at] if h.tag.startswith("pre."))
            self._open(TollKind(kind), at, last)
            return last + 1
        whole = [h for h in here.hits.get(at, ()) if h.tag.startswith("total.")]
        if whole:
            self._close()
            self.chain = Chain((TollKind(whole[0].tag.removeprefix("total.")),), whole[0].last, total=True)
            return whole[0].last + 1
        if "toll_total" in tags:
            return self._total(at)
        if "toll_among" in tags and self.rows:
            self._among(at)
        return at + 1

    def _among(self, at: int) -> None:
        self.parent = next((r for r in reversed(self.rows) if r.parent is None), None)
        if self.parent is not None:
            kinds = self.chain.kinds if self.chain and self.chain.kinds else (self.parent.kind,)
            self.chain = Chain((self.parent.kind,) if len(kinds) == 1 else kinds, at)

    def _led_to(self, at: int) -> bool:
        here = self.here
        return any("toll_led" in here.tags(i) for i in range(max(at - _LED_REACH, here.first), at))

    def _own(self, at: int, low: int) -> int:
        """Of "which led to his death": one person, spoken of before."""
        self._close()
        self.rows.append(Row(TollKind.KILLED, low, None, at, at, self.here.index, "toll.own", named=True))
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
        self.bracket = False

    def _total(self, at: int) -> int:
        """Opens a running total: "عدد قتلى … إلى 6" (the number of dead … to 6), "حصيلة القصف إلى 6 مدنيين"."""
        here = self.here
        for place in range(at + 1, min(at + 4, here.end)):
            quantity = here.counted.get(place)
            if quantity is not None and quantity.noun is not None and plural_of_victims(quantity):
                self._close()
                behind = range(quantity.last + 1, min(quantity.last + 3, here.end))
                mention = next((here.mentions[i] for i in behind if i in here.mentions), None)
                self.chain = Chain((TollKind(quantity.noun.kind),), quantity.last, total=True, actor=mention)
                return quantity.last + 1
            if quantity is not None and not (quantity.numbered and "toll_to" in here.tags(place - 1)):
                return at + 1
        form = here.reading.forms[at].removeprefix("و").removeprefix("ال")
        told = next((row.kind for row in reversed(self.rows) if row.parent is None), None)
        if here.rising and (form in _TOLL_OF_WHAT or told is not None):
            kind = TollKind.KILLED if told is None else told
            self._close()
            self.chain = Chain((kind,), at, total=True)
        return at + 1

    def _count(self, quantity: Quantity) -> int:
        """Make the quantity's rows, if it is a toll; the last token that they use."""
        if plural_of_victims(quantity) and "toll_to" in self.here.tags(quantity.last + 1) and quantity.noun:
            self._close()  # "… and the wounded to 15"
            self.chain = Chain((TollKind(quantity.noun.kind),), quantity.last, total=True)
            return quantity.last
        if self._announces_number(quantity):
            return quantity.last
        if quantity.first <= self.holds_until and not (quantity.noun and quantity.noun.kind):
            return quantity.last
        if not self._plausible(quantity) or quantity.first in self.used_quantities:
            return quantity.last
        self._bracketed(quantity)
        of_them = self._of_them(quantity)
        kinds, rule = self._kinds(quantity)
        if not kinds:
            return quantity.last
        if self.chain is None or self.chain.kinds != kinds or self._told_apart(quantity, rule):
            among, bracket = self.parent, self.bracket
            self._close()
            self.parent = among if among is not None and among.kind in kinds else None
            self.bracket = bracket and self.parent is not None
            self.chain = Chain(kinds, quantity.last)
        last = quantity.last
        if self.parent is not None and not self.bracket and self._no_part(quantity, self.parent):
            self.parent = None
        both = self.here.both_words(quantity) if len(kinds) == 1 else None
        if both is not None:
            kinds, last = (TollKind.KILLED, TollKind.WOUNDED), both
        self._add(quantity, kinds, rule)
        if of_them is not None and of_them.noun is not None and self.rows[-1].party is Party.UNKNOWN:
            self.rows[-1].party = Party(of_them.noun.party)
        return last

    def _told_apart(self, q: Quantity, rule: str) -> bool:
        """Whether a second clause speaks of people, perhaps the same: "the citizen who died … the citizen who died"."""
        if rule != "toll.verb_behind" or self.chain is None or not self.chain.rows or self.parent is not None:
            return False
        return not self.here.joined(q.first)

    def _no_part(self, q: Quantity, whole: Row) -> bool:
        """Whether armed people follow on "of them": "four civilians, one of them a child, and three soldiers"."""
        return q.noun is not None and Party(q.noun.party) not in SOFT and whole.party in SOFT - {Party.UNKNOWN}

    def _announces_number(self, q: Quantity) -> bool:
        """Of "the bodies of 4 civilians", "a family of 7": the number behind says how many."""
        if q.numbered or q.low is not None or q.noun is None:
            return False
        behind = q.last + 1
        if behind < self.here.end and self.here.reading.forms[behind] in _OF:
            behind += 1
        counted = self.here.counted.get(behind)
        if counted is None or not counted.numbered or counted.noun is None or counted.noun.kind:
            return False
        if q.noun.kind:
            self._close()
            self.chain = Chain((TollKind(q.noun.kind),), q.last)
        elif self.chain is not None and behind > q.last + 1:
            self.chain.end = behind - 1
        else:
            return False
        return True

    def _bracketed(self, q: Quantity) -> None:
        """A bracket right behind a row tells whom that row counts: "6 dead (two children and four men)"."""
        chain = self.chain
        if self.parent is None and chain is not None and chain.rows and q.first - chain.rows[-1].last <= 3:
            opened = "(" in self.here.reading.breaks[q.first]
            if opened and chain.rows[-1].parent is None and (q.noun is not None or q.named):
                self.parent, self.bracket = chain.rows[-1], True

    def _of_them(self, q: Quantity) -> Quantity | None:
        """Of "six were killed, two of them attackers": two are part of the six; the quantity that says who they are."""
        among = next((h for h in self.here.hits.get(q.last + 1, ()) if h.tag == "toll_among"), None)
        whole = next((r for r in reversed(self.rows) if r.parent is None and not r.vague_word), None)
        if among is None or whole is None or not q.numbered or (q.low or 0) > (whole.low or 0):
            return None
        if self.chain is None:
            self.chain = Chain((whole.kind,), q.first - 1)
        self.parent = whole
        behind = range(among.last + 1, min(among.last + 3, self.here.end))
        return next((self.here.counted[at] for at in behind if at in self.here.counted), None)

    def _plausible(self, quantity: Quantity) -> bool:
        """Not larger than any single toll, and no mere plural: "gunmen killed" says who did it."""
        if quantity.low is not None and quantity.low > _LARGEST_TOLL:
            return False
        noun = quantity.noun
        if quantity.numbered or noun is None or noun.kind:
            return True
        if not self.verb_last and (self.here.victim_fell(quantity) or self.here.headless(quantity)):
            return True
        if self.verb_last:
            return self.here.said_alone(quantity)
        if self.chain is None:
            return False
        if noun.stands_for is not None or quantity.high is not None:
            return not (noun.party == Party.NON_STATE_ARMED and TollKind.ABDUCTED in self.chain.kinds)
        return noun.party in SOFT and quantity.first - self.chain.end == 1

    @property
    def verb_last(self) -> bool:
        """Whether the language puts the verb behind those it counts."""
        return self.here.verb_last

    def _kinds(self, q: Quantity) -> tuple[tuple[TollKind, ...], str]:
        here, noun = self.here, q.noun
        announced = self._announced_behind(q)
        if announced is not None:
            return (announced,), "toll.total"
        if noun is not None and noun.kind:
            if not q.numbered and here.definite(q) and noun.stands_for != 2:
                return (), ""
            if noun.kind in _HELD and self.chain is not None and self.chain.kinds[0] in _LET_GO and self._chained(q):
                return self.chain.kinds, "toll.chain"
            return (TollKind(noun.kind),), "toll.noun"
        if here.headless(q):
            return (TollKind.KILLED,), "toll.headless"
        chained = self._chained(q)
        behind = here.behind(q, enumerated=not chained)
        if behind is not None and (self.verb_last or not chained):
            at, kind = behind
            if noun is not None or q.numbered or q.named:
                self.used.add(at)
                return (kind,), "toll.verb_behind"
        if chained and self.chain is not None:
            rule = "toll.total" if self.chain.total else "toll.named" if q.named else "toll.chain"
            return self.chain.kinds, rule
        return (), ""

    def _announced_behind(self, q: Quantity) -> TollKind | None:
        """The kind of "ارتفع إلى 3 عدد قتلى …" (rose to 3 the number of dead), where the number comes first."""
        here = self.here
        if not q.numbered or q.noun is not None or "toll_to" not in here.tags_before(q.first):
            return None
        if "toll_total" not in here.tags(q.last + 1):
            return None
        victims = here.counted.get(q.last + 2)
        if victims is None or victims.noun is None or not plural_of_victims(victims):
            return None
        self.used_quantities.add(victims.first)
        return TollKind(victims.noun.kind)

    def _chained(self, q: Quantity) -> bool:
        chain, here = self.chain, self.here
        if chain is None:
            return False
        if chain.total:
            to = any("toll_to" in here.tags(i) for i in range(max(q.first - 4, here.first), q.first))
            to = to or (q.first - chain.end == 2 and here.reading.forms[q.first - 1] == "of")
            counts = chain.actor is not None or q.noun is not None or self._bare(q) or self._ends_rise(q)
            return q.numbered and to and counts
        distance = q.first - chain.end - 1
        fillers = sum(bool(here.tags(i) & {"toll_filler", "toll_at_least"}) for i in range(chain.end + 1, q.first))
        if q.named:
            titles = sum("toll_title" in here.tags(i) for i in range(chain.end + 1, q.first))
            return distance <= titles + fillers if not chain.rows else here.joined(q.first) and distance <= REACH
        if not chain.rows:
            if not q.numbered or q.noun is None:
                gap = [i for i in range(chain.end + 1, q.first) if not here.tags(i) & _BEFORE_ONE]
                allowed = 0 if not q.numbered else 1
                if len(gap) > allowed:
                    return False
                return q.noun is not None or self._bare(q)
            return distance - fillers <= REACH and not here.border(chain.end + 1, q.first)
        if here.border(chain.end + 1, q.first) or distance - fillers > REACH + 2:
            return False
        if q.noun is None:
            of_them = self.parent is not None and "toll_among" in here.tags(q.last + 1)  # "five, two of them attackers"
            return (here.joined(q.first) or of_them) and distance <= 2 and self._bare(q)
        return here.joined(q.first) or (self.parent is not None and distance <= 2)

    def _ends_rise(self, q: Quantity) -> bool:
        """Of "the number rises to 5, documented by name": right behind "to", and no shells, percent or years."""
        year = q.low is not None and 1900 <= q.low <= 2100
        following = self.here.tags(q.last + 1) if q.last + 1 < self.here.end else set()
        return "toll_to" in self.here.tags(q.first - 1) and not year and "toll_unit" not in following

    def _bare(self, q: Quantity) -> bool:
        """A number without a known noun counts people when nothing counted follows it."""
        here, following = self.here, q.last + 1
        if not q.numbered and not q.named:
            return True  # "one of …"
        if q.low is not None and 1900 <= q.low <= 2100 and here.reading.forms[q.first].isdecimal():
            return False
        if following >= here.end or here.reading.breaks[following]:
            return True
        tags = here.tags(following)
        by = here.reading.forms[following]
        if tags & {"toll_unit"} and (not by.startswith("ب") or by.startswith("بالم")):
            return False  # 5 shells, 5 per cent; but "2 by an attack"
        if tags & {"toll_stop", "toll_among", "toll_clause"} or self._opens(following):
            return True
        form = here.reading.forms[following]
        near = self.chain is not None and q.first - self.chain.end <= 2
        return form.startswith(("و", "ب")) or following in here.mentions or (near and not form.isdecimal())

    def _add(self, q: Quantity, kinds: tuple[TollKind, ...], rule: str) -> None:
        chain, here = self.chain, self.here
        if chain is None:
            return
        announced = next((v for v in (here.counted.get(q.last + 2),) if v and v.first in self.used_quantities), None)
        actor: Mention | None = here.actor(announced or q) or (chain.actor if chain.total else None)
        one = here.one_person(q)
        high = None if one or "toll_at_least" in here.tags_before(q.first) else q.high
        whose = q.noun.party if q.noun else "unknown"
        if actor is not None and Party(whose) in SOFT - {Party.MEN, Party.UNKNOWN}:
            actor = None
        before = next((row for row in reversed(self.rows) if row.parent is None), None)
        for kind in kinds:
            row = Row(kind, q.low, high, q.first, q.last, here.index, rule, Party(whose), None, q.vague_word, named=one)
            if len(kinds) == 2 and q.low is not None:
                row.low, row.high = None, None
                row.vague_word = here.reading.report.text[slice(*here.reading.span(q.first, q.last))]
                row.rule = "toll.killed_and_wounded"
            if actor is not None:
                row.party, row.actor_id = party(actor.actor), actor.actor.actor_id
            elif before is not None and here.reading.forms[q.last].removeprefix("ال") in _OTHERS:
                row.party, row.actor_id = before.party, before.actor_id
            row.cumulative = (
                chain.total or announced is not None or (here.rising and "toll_to" in here.tags_before(q.first))
            )
            row.non_final = here.non_final
            row.parent = self.parent if self.parent is not None and self.parent.kind == kind else None
            self.rows.append(row)
            chain.rows.append(row)
        chain.end = q.last if actor is None else max(q.last, actor.last)
        chain.total = False
