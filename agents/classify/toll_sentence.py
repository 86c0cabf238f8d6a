"""One sentence as the walk for figures sees it: what stands at each token, and what a quantity's neighbours say."""

from collections.abc import Mapping, Sequence
from typing import Final

from agents.classify.actors import Mention
from agents.classify.events import Scene
from agents.classify.matching import Hit
from agents.classify.persons import NAMED, names
from agents.classify.quantities import Quantity
from agents.classify.text import Reading
from schemas.kinds import TollKind

REACH: Final = 5
"""Tokens between a word such as "killed" and its quantity, or between the rows of one chain."""
_AMONG_REACH: Final = 11
_HEAD: Final = 20
"""Tokens of share counters and the like that may stand before a post's own first word."""
_LIFE: Final = 20
"""Tokens between "lost" and "their lives"."""
_HEEDED: Final = ("pre.", "total.", "toll_")
_FIRE: Final = frozenset({"bombard", "airstrike", "aircraft", "artillery", "shooting", "explosion", "target", "ied"})
"""Under fire, who is lost beside the wounded is dead: outlets avoid the word that filters look for."""
_NOTHING: Final[frozenset[str]] = frozenset()
_ONE: Final = frozenset({"a", "an", "old", "another", "one", "his", "her", "their", "bir"})
_WHOSE: Final = frozenset({"his", "her", "their", "its"})
_WHO: Final = frozenset({"الذي", "التي", "اللي", "يلي"})
_DOERS: Final = ("وا", "ون")
_SUFFERED: Final = frozenset({"were", "was", "been", "being", "are", "is", "get", "got", "reported", "feared", "found"})
_NEVER_DONE: Final = frozenset(
    {"dead", "died", "dies", "die", "deaths", "fatalities", "perished", "succumbed", "missing"}
)
_ENDS_CLAUSE: Final = frozenset({"and", "و", "or", "who", "after", "ve"})


class Sentence:
    """The tokens `first` to `end` of a reading with their tags, quantities and actors; never changed."""

    def __init__(
        self,
        reading: Reading,
        scene: Scene,
        index: int,
        mentions: Sequence[Mention],
        counted: Mapping[int, Quantity],
        *,
        verb_last: bool,
    ) -> None:
        """Take sentence `index` with its actors and what is counted in it, by token."""
        self.reading = reading
        self.first, self.end = reading.sentences[index]
        self.index = index
        self.verb_last = verb_last
        self.hits = scene.at
        self._openers: dict[int, list[Hit]] = {}
        self.words: set[int] = set()
        """Tokens at which something stands that the walk heeds by itself; all others tell of quantities at most."""
        heeded = {tag for tag in scene.tags if tag.startswith(_HEEDED)}
        for hit in scene.hits:
            if hit.tag in heeded:
                self.words.add(hit.first)
                if hit.tag.startswith("pre."):
                    self._openers.setdefault(hit.first, []).append(hit)
        self.mentions = {m.first: m for m in mentions}
        self.counted = counted
        if scene.tags & NAMED:
            self.counted = {**names(reading, self.first, self.end, self.hits, counted), **counted}
        self.non_final = "toll_non_final" in scene.tags
        self.rising = "toll_rise" in scene.tags
        self._lost = "pre.wounded" in scene.tags and bool(scene.tags & _FIRE)

    def tags(self, at: int) -> frozenset[str]:
        """What stands at a token."""
        here = self.hits.get(at)
        return frozenset([hit.tag for hit in here]) if here else _NOTHING

    def tags_before(self, at: int) -> frozenset[str]:
        """What stands at the three tokens before a token."""
        return _NOTHING.union(*(self.tags(i) for i in range(max(at - 3, self.first), at)))

    def opens(self, at: int) -> str | None:
        """The kind that a word at this token opens a chain of."""
        found = self._openers.get(at)
        if found is None:
            return None
        kind = max(found, key=lambda h: h.last).tag.removeprefix("pre.")
        life = range(at + 1, min(at + _LIFE, self.end))
        if kind == TollKind.MISSING and (self._lost or any("toll_life" in self.tags(i) for i in life)):
            return TollKind.KILLED.value
        return kind

    def joined(self, at: int) -> bool:
        """Whether "and" or a comma leads to this token."""
        form = self.reading.forms[at]
        before = self.reading.forms[at - 1] if at > self.first else ""
        if before in _WHOSE and not self.reading.breaks[at] and at - 1 > self.first:
            at -= 1  # "… and his brother"
            form, before = before, self.reading.forms[at - 1]
        return (
            form.startswith("و")
            or before in ("و", "and", "plus", "ve")
            or "," in self.reading.breaks[at]
            or "+" in self.reading.breaks[at]
            or "toll_with" in self.tags_before(at)
        )

    def border(self, first: int, end: int) -> bool:
        """Whether a clause ends between two tokens."""
        return any("toll_clause" in self.tags(i) for i in range(first, end))

    def definite(self, q: Quantity) -> bool:
        """Whether the quantity carries the article."""
        return self.reading.forms[q.first].removeprefix("و").startswith(("ال", "لل", "بال"))

    def one_person(self, q: Quantity) -> bool:
        """Whether one person is spoken of ("the child …"): at least one was hurt, and nobody says how many in all."""
        if q.named:
            return True
        if q.numbered or q.low is None or q.noun is None:
            return False
        if self.definite(q) and (q.low == 1 or q.noun.kind):
            return True
        if q.low != 1:
            return False
        behind = self.counted.get(q.last + 1) or self.counted.get(q.last + 2)
        before = self.tags(q.first - 1) if q.first > self.first else _NOTHING
        beside = behind is not None or self.joined(q.first) or "toll_fallen" in before or self.opens(q.first - 1)
        return bool(q.noun.kind) and not beside

    def said_alone(self, q: Quantity) -> bool:
        """Whether one person is spoken of where the verb comes last: "a man …", "the eight-year-old boy …"."""
        if q.noun is None or q.noun.stands_for != 1:
            return False
        before = self.reading.forms[q.first - 1] if q.first > self.first else ""
        return before in _ONE or self._heads_line(q)

    def _heads_line(self, q: Quantity) -> bool:
        """Whether a line begins with the person, and tells no deed of theirs: "Lagos: student dies as …"."""
        verb, after = q.last + 1, q.last + 2
        if q.first > self.first and ":" not in self.reading.breaks[q.first]:
            return False
        if verb >= self.end or not any(tag.startswith("post.") for tag in self.tags(verb)):
            return False
        return after >= self.end or bool(self.tags(after) & {"toll_stop", "toll_clause"})

    def victim_fell(self, q: Quantity) -> bool:
        """Whether what was done to the person stands right behind: "a citizen was killed by …", "the boy who died"."""
        verb = q.last + 1
        if verb < self.end and self.reading.forms[verb] in _WHO and self.definite(q):
            verb += 1
        if q.noun is None or q.noun.stands_for is None or q.noun.kind or verb >= self.end or self.reading.breaks[verb]:
            return False
        if not any(tag.startswith("post.") for tag in self.tags(verb)) or self.reading.forms[verb].startswith("و"):
            return False
        after = verb + 1
        return (
            after >= self.end
            or bool(self.reading.breaks[after])
            or bool(self.tags(after) & {"toll_stop", "toll_clause", "toll_filler"})
            or (self.reading.forms[after].startswith("و") and self.opens(after) is not None)
        )

    def headless(self, q: Quantity) -> bool:
        """Whether a post that lost its first word begins with those who died: "a child, and wounding of three"."""
        after = q.last + 1
        first = q.first < _HEAD and not any(self.reading.own[: q.first])
        if not first or self.verb_last or q.noun is None or q.noun.kind or q.low is None or after >= self.end:
            return False
        return self.reading.forms[after].startswith("و") and self.opens(after) == TollKind.WOUNDED.value

    def behind(self, q: Quantity, *, enumerated: bool = False) -> tuple[int, TollKind] | None:
        """The word behind a quantity that says what happened: "six people were killed".

        Args:
            q: the quantity.
            enumerated: further quantities may stand between ("two policemen and a civilian were killed").
        """
        more, reach = False, REACH
        for place in range(q.last + 1, min(q.last + 1 + _AMONG_REACH, self.end)):
            if place > q.last + reach:
                return None
            if ("toll_among" in self.tags(place) and q.noun is not None) or (enumerated and self._another(place)):
                more, reach = True, _AMONG_REACH
            elif not more and ("," in self.reading.breaks[place] or self._numbered(place)):
                return None
            posts = [h.tag for h in self.hits.get(place, ()) if h.tag.startswith("post.")]
            if posts and not (self.reading.forms[place].startswith("و") and not self.verb_last):
                if self._does(place):
                    return None
                return place, TollKind(posts[0].removeprefix("post."))
            if self.reading.forms[place] in _ENDS_CLAUSE and not (enumerated and self._another(place)):
                return None
            if more and self.opens(place) and not self.verb_last:
                return None
            if q.noun is None and place - q.last > 2:
                return None
        return None

    def _does(self, place: int) -> bool:
        """Whether a verb tells what the people before it do to those behind it: "5 gunmen killed 3 farmers"."""
        last = max(h.last for h in self.hits[place] if h.tag.startswith(("post.", "pre.")))
        behind = self.counted.get(last + 1)
        if behind is None or behind.noun is None or self.reading.breaks[last + 1]:
            return False
        if not self.verb_last:
            return self.reading.forms[place].endswith(_DOERS)
        if self.reading.forms[place] in _NEVER_DONE:
            return False
        return not _SUFFERED & set(self.reading.forms[max(place - 3, self.first) : place])

    def _another(self, place: int) -> bool:
        """Whether "and" or a comma leads to a further person here: "… and a civilian", "…, two soldiers"."""
        joined = self.reading.forms[place] == "and" or "," in self.reading.breaks[place]
        if not joined or not self.verb_last:
            return False
        for at in range(place, min(place + 4, self.end)):
            if self.opens(at):
                return False  # "… attacked the village and killed nine farmers"
            if at in self.counted and self.counted[at].noun is not None:
                return True
        return False

    def _numbered(self, place: int) -> bool:
        return place in self.counted and self.counted[place].numbered

    def both_words(self, q: Quantity) -> int | None:
        """One number for the dead and the wounded together: the last token of "قتيلاً وجريحاً", "بين شهيد وجريح"."""
        if not q.numbered:
            return None
        first = self.counted.get(q.last + 1)
        if q.noun is not None and q.noun.kind == "killed":
            same_form = first is not None and first.noun is not None and first.noun.stands_for == q.noun.stands_for
            hurt = self.opens(q.last + 1) is not None and q.last + 2 in self.counted  # "… and wounding of a child"
            return q.last + 1 if same_form and _counts(first, "wounded") and not hurt else None
        for place in range(q.last + 1, min(q.last + 5, self.end - 1)):
            second = self.counted.get(place + 1)
            if _counts(self.counted.get(place), "killed") and _counts(second, "wounded") and second is not None:
                return second.last if "toll_between" in self.tags_before(place) else None
        return None

    def actor(self, q: Quantity) -> Mention | None:
        """The actor whose people are counted: right behind the quantity, before any border; the most exact name."""
        found: Mention | None = None
        reach = 5
        for place in range(q.last if q.first == q.last else q.first + 1, self.end):
            mention = self.mentions.get(place)
            if mention is not None and (found is None or (found.actor.generic and not mention.actor.generic)):
                found, reach = mention, mention.last - q.last + 4
            if place <= q.last:
                continue
            if place - q.last >= reach or place in self.counted or self.opens(place):
                break
            if "toll_clause" in self.tags(place) or "," in self.reading.breaks[place]:
                break
            if mention is not None and not mention.actor.generic:
                break
        return found


def plural_of_victims(q: Quantity) -> bool:
    """Whether the quantity is a bare plural that says what happened: "the dead", "the wounded"."""
    return q.noun is not None and bool(q.noun.kind) and q.noun.stands_for is None and not q.numbered


def _counts(q: Quantity | None, kind: str) -> bool:
    return q is not None and not q.numbered and q.noun is not None and q.noun.kind == kind
