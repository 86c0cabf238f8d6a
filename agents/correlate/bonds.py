"""What people said about which posts belong together: the latest word on every two posts counts.

A **merge** binds the posts of two incidents together. A **split** binds those that leave and those that stay, each
among themselves, and keeps the ones apart from the others for good: nothing that comes later glues them again, however
alike it is to both. A post that a person has placed hangs on nothing else by itself, for its own likeness would carry
along the incident that it was taken from; later posts may still join it.

What follows is a function of the set of bonds: the later one wins by the time at which it was given, not by when it
came (law 3).
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from agents.correlate import rows


class Bonds:
    """All bonds of a correlator, worked out; immutable."""

    def __init__(self, given: Iterable[rows.Bond] = ()) -> None:
        """Work out the latest word.

        Args:
            given: the bonds, in any order.
        """
        self._given = sorted(given, key=lambda bond: (bond.given_at, bond.feedback_id))
        self.together: tuple[frozenset[str], ...] = tuple(
            frozenset(posts) for bond in self._given for posts in bond.together
        )
        """Posts that are one incident, in the order in which people said so."""
        self.apart: Mapping[str, Collection[str]] = self._apart()
        """Post id → posts that must not be in its incident."""
        self.placed = frozenset(post for bond in self._given for post in bond.placed)
        """Posts that hang on nothing by themselves."""
        self._left: dict[str, set[str]] = {}
        for bond in self._given:
            self._left.setdefault(bond.home, set()).update(bond.placed)
        self.leads = {bond.lead: number for number, bond in enumerate(self._given, start=1) if bond.lead}
        """Incidents that keep their id in a merge; the greater number was said later."""
        self.named = frozenset(post for together in self.together for post in together)
        """Every post that people spoke of."""

    def _apart(self) -> dict[str, set[str]]:
        apart: dict[str, set[str]] = {}
        for bond in self._given:
            joined = bond.together[0]  # what stays behind in a split was not looked at one by one
            for post in joined:
                apart.get(post, set()).difference_update(joined)
            for post in bond.placed:
                apart.setdefault(post, set()).update(bond.stayed)
            for post in bond.stayed:
                apart.setdefault(post, set()).update(bond.placed)
        return {post: others for post, others in apart.items() if others}

    def left(self, incident_id: str) -> set[str]:
        """Posts that people took out of an incident: its identity stays with the others."""
        return self._left.get(incident_id, set())

    def company(self, posts: Iterable[str]) -> set[str]:
        """All posts of which somebody spoke together with one of these; empty where nobody did."""
        told = self.named.intersection(posts)
        if not told:
            return set()
        found: set[str] = set()
        for bond in self._given:
            named = {post for together in bond.together for post in together}
            if not named.isdisjoint(told):
                found |= named
        return found


NONE: Final = Bonds()
"""Nobody has said anything."""
