import asyncio

import pytest

from connectors.feeds.hosts import Hosts

A, A2, B = "http://a.example/1", "http://www.A.example/2", "http://b.example/1"


async def within(hosts, url, running, most):
    async with hosts.turn(url) as wait:
        assert wait == 0
        running.append(url)
        most.append(len(running))
        await asyncio.sleep(0.01)
        running.remove(url)


async def test_one_request_a_host_and_many_over_all():
    hosts = Hosts(spacing_seconds=0, concurrency=10)
    running, most = [], []
    await asyncio.gather(*(within(hosts, url, running, most) for url in [A, A2] * 5))
    assert max(most) == 1
    urls = [f"http://{n}.example/" for n in range(30)]
    most.clear()
    await asyncio.gather(*(within(hosts, url, running, most) for url in urls))
    assert max(most) == 10


async def test_requests_to_one_host_are_spaced_but_for_loopback():
    hosts = Hosts(spacing_seconds=0.2, concurrency=10)
    loop = asyncio.get_running_loop()
    for url, expected in ((A, True), ("http://127.0.0.1:8000/", False), ("http://localhost/", False)):
        times = []
        for _ in range(2):
            async with hosts.turn(url):
                times.append(loop.time())
        assert (times[1] - times[0] >= 0.19) is expected


async def test_a_host_that_wants_to_be_left_alone_is_left_alone_by_all_its_feeds():
    hosts = Hosts(spacing_seconds=0, concurrency=10)
    hosts.leave_alone(A, 100)
    async with hosts.turn(A2) as wait:
        assert wait == pytest.approx(100, abs=5)
    async with hosts.turn(B) as wait:
        assert wait == 0


async def test_ports_are_hosts_of_their_own():
    hosts = Hosts(spacing_seconds=0, concurrency=10)
    hosts.leave_alone("http://a.example:8080/", 100)
    async with hosts.turn(A) as wait:
        assert wait == 0
