"""The law: whatever happens to channels, network, server, topic and connector, in the end the topic equals the world.

Each seed is a world of its own (`tests.mtproto.play`). TELEGRAM_WORLDS=240 runs more of them, TELEGRAM_WORLDS_FROM=1000
others.
"""

import os

import pytest

from tests.mtproto.play import HURRIED, played

FROM = int(os.environ.get("TELEGRAM_WORLDS_FROM", "0"))
WORLDS = range(FROM, FROM + int(os.environ.get("TELEGRAM_WORLDS", "8")))


@pytest.fixture
def hurried(monkeypatch):
    for where, name, value in HURRIED:
        monkeypatch.setattr(where, name, value)


@pytest.mark.parametrize("seed", WORLDS)
async def test_law_the_topic_equals_the_world(hurried, seed):
    play = await played(seed)
    assert not play.ended, play.task
    assert play.wrong() == [], f"world {seed} after {play.kills} kills"
    assert play.telegram.errors == []
