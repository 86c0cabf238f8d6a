"""Law 3 on whole posts: in whatever order the sources are heard, the incidents say the same in the end."""

from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.classify import Classifier
from agents.replay import Replay
from schemas.records import Post, Report, Sighting
from tests.contracts.posts import WITHIN_A_WEEK, posts
from tests.contracts.test_pipeline import standing

POSTS = posts(100, WITHIN_A_WEEK)
"""Within a week: a source may be heard after all others, before anything is forgotten."""


class Remembering:
    """Classifies each report once: it is a pure function."""

    def __init__(self) -> None:
        self.classifier, self.known = Classifier.default(), dict[tuple[str, int], Sighting]()

    def classify(self, report: Report) -> Sighting:
        key = report.post_id, report.revision
        if key not in self.known:
            self.known[key] = self.classifier.classify(report)
        return self.known[key]


CLASSIFIER = Remembering()


def final(heard: list[Post]) -> dict[frozenset, str]:
    """What the incidents say; whether the last word was sent once more when it had settled is the path's affair."""
    run = Replay(CLASSIFIER)
    for post in heard:
        run.step(post)
    return standing(msgspec.structs.replace(incident, settled=False) for incident in run.incidents())


def interleaved(chance: Any) -> list[Post]:
    """The same posts, each source in its own order, the sources mixed by chance."""
    queues: dict[str, list[Post]] = {}
    for post in POSTS:
        queues.setdefault(post.source.id, []).append(post)
    turns = [name for name, queue in queues.items() for _ in queue]
    chance.shuffle(turns)
    return [queues[name].pop(0) for name in turns]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_the_order_between_sources_changes_only_the_path(chance: Any) -> None:
    assert final(interleaved(chance)) == final(POSTS)


def test_a_second_run_gives_the_same_revisions_byte_for_byte() -> None:
    def run() -> list[Any]:
        replay = Replay(CLASSIFIER)
        return [(outcome.line, outcome.incidents, outcome.alerts) for outcome in map(replay.step, POSTS)]

    assert run() == run()
