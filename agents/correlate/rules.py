"""Every threshold of the correlator, named, with what it rests on."""

from dataclasses import dataclass
from datetime import timedelta

from agents.correlate.graph import Ties


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Thresholds of joining, remembering and forgetting.

    Attributes:
        max_age: a post that was older than this when it was fetched is old news (law 4).
        join_window: two posts published further apart never tell of one incident by themselves.
        claim_window: how long a claim waits for its incident (model, section 4: 72 h).
        open_for: an incident that nobody has spoken of for so long is closed and forgotten.
        settle: event time between two alerts of one incident; a revision that comes sooner is sent once more when
            that time has passed, so that what the announcer held back is told even if nobody speaks of it again.
        step: how far one post may move the partition's clock, so that a single date in the future forgets nothing.
        expire_per_fold: how many incidents or waiting claims one post may close, so that its cost stays bounded.
        settle_per_fold: how many incidents one post may send once more.
        settle_per_tick: how many a tick of the clock may send.
        join: score from which a post joins the incident of the post that it is most like.
        late: score from which it does so for twice the `span`: what is told next day of the same.
        merge: score from which two posts hold their incidents to be one.
        span: how long after its beginning an incident takes up posts that are merely like it; longer than that (up to
            `open_for`) only posts that are alike beyond doubt. A town that is shelled every day is not one incident.
        candidates: how many remembered posts one post is compared with at most.
        links: how many of the posts that are like it one post remembers.
        copy_jaccard: share of common 4-word shingles from which one text is a copy of the other.
        copy_containment: share of a text's shingles that the longer one must hold for it to be an excerpt.
        long_runs: a text of so many 4-word shingles is no form: word for word it is a copy on any day.
    """

    max_age: timedelta = timedelta(hours=48)
    join_window: timedelta = timedelta(hours=72)
    claim_window: timedelta = timedelta(hours=72)
    open_for: timedelta = timedelta(days=7)
    settle: timedelta = timedelta(seconds=60)
    step: timedelta = timedelta(hours=1)
    expire_per_fold: int = 8
    settle_per_fold: int = 8
    settle_per_tick: int = 256
    join: float = 0.0
    late: float = 2.5
    merge: float = 3.5
    span: timedelta = timedelta(hours=20)
    links: int = 32
    candidates: int = 48
    copy_jaccard: float = 0.4
    copy_containment: float = 0.8
    long_runs: int = 30

    @property
    def ties(self) -> Ties:
        """The thresholds of joining, as the graph takes them."""
        return Ties(self.join, self.late, self.merge, self.span.total_seconds(), self.open_for.total_seconds())


DEFAULT = Rules()
