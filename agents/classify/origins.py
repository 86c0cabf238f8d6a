"""Who says so: the organisations, forces and ministries that a post cites, sentence by sentence."""

from collections.abc import Sequence

from agents.classify.actors import Mention
from agents.classify.text import Reading
from schemas.kinds import ActorRole


class Origins:
    """The cited speakers of one report."""

    def __init__(self, reading: Reading, mentions: Sequence[Mention]) -> None:
        """Take the speakers among the actors named."""
        self._source = reading.report.source.speaks_for or reading.report.source.id
        self._by_sentence: dict[int, str] = {}
        for mention in mentions:
            if mention.role == ActorRole.SPEAKER:
                self._by_sentence.setdefault(reading.sentence_of[mention.first], mention.actor.actor_id)

    def said_by(self, sentence: int) -> str:
        """The origin of what a sentence says: whom it cites, else the source itself."""
        return self._by_sentence.get(sentence, self._source)

    def all(self) -> list[str]:
        """Every origin cited, in order; the source itself where none is."""
        return list(dict.fromkeys(self._by_sentence.values())) or [self._source]
