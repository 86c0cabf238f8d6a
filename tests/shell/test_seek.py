"""Faust seeks back to what was committed when it has dropped messages; where nothing was, to the beginning."""

from faust.types import TP

from agents.app import _Thread


class Client:
    """An aiokafka consumer as far as seeking goes: like the real one, it moves nothing without a commit."""

    def __init__(self) -> None:
        self.at: dict[TP, int] = {}

    async def seek_to_committed(self) -> dict[TP, int | None]:
        return {TP("posts", 0): None, TP("posts", 1): 7, TP("posts", 2): 0, TP("m-incidents-changelog", 0): None}

    async def beginning_offsets(self, places) -> dict[TP, int]:
        return dict.fromkeys(places, 3)  # retention has taken the first ones

    def seek(self, place: TP, offset: int) -> None:
        self.at[place] = offset


class Thread(_Thread):
    """The thread's methods without a thread."""

    def __init__(self) -> None:
        self.client = Client()

    def _ensure_consumer(self) -> Client:
        return self.client

    async def call_thread(self, fun, *args, **kwargs):
        return await fun(*args, **kwargs)


async def test_what_nobody_has_committed_is_read_from_its_beginning() -> None:
    thread = Thread()
    committed = await thread.seek_to_committed()
    assert committed[TP("posts", 1)] == 7
    assert thread.client.at == {TP("posts", 0): 3, TP("posts", 2): 3}, "and changelogs stay where recovery left them"
