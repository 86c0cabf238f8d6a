"""Who may come in: a token, and after it a session in a cookie that holds a word for every form.

Theory: readers on the same machine need nothing. Whoever corrects has shown the token; and where the desk is reached
from other machines, whoever reads has. A form is believed only with the word that its own page was given, so that a
page elsewhere cannot let a logged-in browser correct something (cross-site request forgery).
"""

import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Final

SESSION_SECONDS: Final = 12 * 3600.0
SESSIONS: Final = 1000
"""The oldest ends when there are more."""
TRIES: Final = 10
TRY_SECONDS: Final = 60.0
"""So many wrong tokens in this time, from whomever; then nobody is asked until it has passed."""
SHORTEST_TOKEN: Final = 16


@dataclass(frozen=True)
class Session:
    """Somebody who has shown the token."""

    form_word: str
    until: float


@dataclass
class Door:
    """The token and who has shown it.

    Attributes:
        token: what lets in; empty: nobody can correct, and everybody who reaches the desk reads.
        guards_reading: whether reading needs the token as well.
        clock: seconds that only grow.
    """

    token: str
    clock: Callable[[], float]
    guards_reading: bool = False
    _sessions: dict[str, Session] = field(default_factory=dict)
    _wrong: deque[float] = field(default_factory=lambda: deque(maxlen=TRIES))

    def tired(self) -> bool:
        """Whether too many wrong tokens came lately."""
        return len(self._wrong) == TRIES and self.clock() - self._wrong[0] < TRY_SECONDS

    def knows(self, token: str) -> bool:
        """Whether this is the token, compared in constant time.

        A wrong one is remembered, and even the right one is not believed when too many came: guessing wins nothing.
        """
        if not self.token or self.tired():
            return False
        if compare_digest(token.encode(), self.token.encode()):
            return True
        self._wrong.append(self.clock())
        return False

    def open(self) -> str:
        """A new session's key, for the cookie."""
        key = secrets.token_urlsafe(32)
        self._sessions[key] = Session(secrets.token_urlsafe(32), self.clock() + SESSION_SECONDS)
        while len(self._sessions) > SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        return key

    def session(self, key: str | None) -> Session | None:
        """The session of this cookie, while it lasts."""
        found = self._sessions.get(key or "")
        if found and found.until > self.clock():
            return found
        self.close(key)
        return None

    def close(self, key: str | None) -> None:
        """End the session."""
        self._sessions.pop(key or "", None)


def local(address: str) -> str:
    """The address within the desk that somebody wanted to go on to; the list where it leads anywhere else."""
    inside = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if inside else "/"
