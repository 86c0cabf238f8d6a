"""A name of a place in a text, and what the words around it say."""

from collections.abc import Sequence
from typing import NamedTuple

from agents.classify.places.gazetteer import Entry, Kind


class Mention(NamedTuple):
    """One name in the text.

    Attributes:
        first: index of its first word (type words before it not included).
        last: index of its last word.
        start: where the statement starts in the text, with its type word ("village of …").
        end: where it ends.
        name: the name as written, without prefixes.
        entries: what the gazetteer knows by that name; empty for a name known only by its pattern.
        cue: what the text calls it ("village", "prison"), if anything.
        called: the name with that word, in the order in which they stand.
        near: "near", "outskirts of".
        countryside: "countryside of".
        direction: "north of", "western countryside": the side, or "".
        between: the text speaks of the stretch between this place and the next.
        locative: a preposition or verb puts something there.
        origin: "from" stands before it.
        lead: it opens a line before a colon or bar, as local networks write (`درعا: …`).
        linked: whether a word like "belonging to" stands before that.
        begin: index of the first word that says something of it ("in the town of …").
        joined: "and" joins it to the place before.
        hashtag: it is a hashtag.
        partial: a Latin name beside other capitalized words, so perhaps part of another name ("Aleppo Media Center").
        misspelt: the name is written in another way than in the gazetteer.
        uncased: a Latin name in a text without capital letters.
        within: the city of which the text calls it a quarter, as far as the gazetteer tells.
        sentence: number of the sentence.
    """

    first: int
    last: int
    start: int
    end: int
    name: str
    entries: tuple[Entry, ...]
    cue: Kind | None = None
    called: str = ""
    near: bool = False
    countryside: bool = False
    direction: str = ""
    between: bool = False
    locative: bool = False
    origin: bool = False
    lead: bool = False
    begin: int = 0
    linked: bool = False
    joined: bool = False
    hashtag: bool = False
    partial: bool = False
    misspelt: bool = False
    uncased: bool = False
    within: tuple[Entry, ...] = ()
    sentence: int = 0


class Scan(NamedTuple):
    """A text's words and the places that it names, in order."""

    forms: Sequence[str]
    starts: Sequence[int]
    sentence_of: Sequence[int]
    mentions: tuple[Mention, ...]
