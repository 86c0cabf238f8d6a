"""Four attacks on one city within two days, told in English by several outlets: read and joined through all stages."""

from datetime import UTC, datetime, timedelta

from agents.replay import Replay
from schemas.kinds import SourceKind
from schemas.records import Post, Source

AT = datetime(2021, 5, 10, 6, 0, tzinfo=UTC)
TOLD = [
    (
        0, "a", "police station", "Suicide bomber kills six at Mogadishu police station",
        "A suicide bomber rammed a car packed with explosives into the gate of a police station in "
        "the Somali capital Mogadishu on Monday, killing at least six officers, police said. Al "
        "Shabaab claimed responsibility.",
    ),
    (
        30, "b", "police station", "Blast hits police compound in Somali capital",
        "At least five police officers were killed when a car bomb exploded at a police compound in "
        "the Waberi district of Mogadishu, a police spokesman told reporters on Monday.",
    ),
    (
        90, "c", "police station", "Somalia: death toll from Mogadishu police station bombing rises to eight",
        "Eight people, six of them officers, were killed in the suicide attack on a police station in "
        "Mogadishu, ambulance services said.",
    ),
    (
        150, "d", "journalist", "Gunmen kill journalist in Mogadishu",
        "Unidentified gunmen armed with pistols shot dead a radio journalist near his home in the "
        "Hodan district of Mogadishu on Monday evening, colleagues said.",
    ),
    (
        200, "e", "journalist", "Radio reporter shot dead in Somali capital",
        "A reporter of a private radio station was shot and killed by two gunmen in Mogadishu on "
        "Monday, the journalists union said.",
    ),
    (
        240, "a", "mortars", "Mortar shells hit Mogadishu neighbourhood, wound four",
        "Several mortar shells landed near the airport in Mogadishu on Monday, wounding four "
        "civilians, residents said.",
    ),
    (
        260, "f", "mortars", "Mortars fired at Mogadishu airport zone",
        "Al Shabaab fired mortar rounds toward the heavily guarded airport compound in Mogadishu; "
        "four civilians were injured, police said.",
    ),
    (
        1500, "b", "convoy", "Roadside bomb kills soldiers outside Mogadishu",
        "Three soldiers were killed on Tuesday when a roadside bomb hit their convoy on the outskirts "
        "of Mogadishu, an officer said.",
    ),
    (
        1530, "c", "convoy", "Somalia: landmine kills three troops near capital",
        "A landmine explosion killed three government troops travelling in a convoy near Mogadishu on "
        "Tuesday, a military official said.",
    ),
    (
        1600, "d", "police station", "Mogadishu mourns victims of police station bombing",
        "Hundreds attended the funeral on Tuesday of officers killed in the bombing of a police "
        "station in Mogadishu a day earlier that left eight dead.",
    ),
]  # fmt: skip
"""Minutes, outlet, which attack, title, text; written for this test before it was looked at, and invented."""


def test_four_attacks_on_one_city_are_four_incidents() -> None:
    replay, homes = Replay(), dict[str, set[str | None]]()
    heard = []
    for number, (minutes, outlet, attack, title, text) in enumerate(TOLD):
        at = AT + timedelta(minutes=minutes)
        source = Source(id=outlet, kind=SourceKind.FEED)
        post = Post(
            source=source, native_id=str(number), title=title, text=text, language="en", published_at=at, fetched_at=at
        )
        replay.step(post)
        heard.append((attack, post.post_id))
    for attack, post_id in heard:
        homes.setdefault(attack, set()).add(replay.home(post_id))
    assert [len(home) for home in homes.values()] == [1, 1, 1, 1], homes
    assert len(set.union(*homes.values())) == 4, homes
