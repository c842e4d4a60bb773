"""Many sites are looked at at once, one thing at a time at each machine; one that stalls holds up nobody but its neighbours."""

import asyncio
import time

from openroll.watch.probe import Look, looks
from tests.watch.probe import world as sites
from tests.watch.probe.world import CLOSED, SITE, Parts, World, says


def seen(world: World, domains: list[str], seconds: float, **changed: float) -> dict[str, Look]:
    async def whole() -> dict[str, Look]:
        return {domain: one async for domain, one in looks(world.place(**changed), domains, seconds)}

    return asyncio.run(whole())


def test_a_machine_is_asked_one_thing_at_a_time(world: World) -> None:
    now, most = [0], [0]

    async def counts(path: str) -> Parts:
        now[0] += 1
        most[0] = max(most[0], now[0])
        await asyncio.sleep(0.01)
        now[0] -= 1
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

    names = [f"site{number}.example" for number in range(30)]
    for name in names:
        world.at(name, SITE)
        world.sites[name] = counts
    found = seen(world, names, 20, whole=0.5)  # in all they take longer than one may: waiting for a turn does not count
    assert {one.outcome for one in found.values()} == {"answers"}
    assert (len(found), most) == (30, [1])


def test_what_was_not_reached_in_time_was_not_looked_at(world: World) -> None:
    for name in ("slow.example", "behind.example", "elsewhere.example"):
        world.at(name, CLOSED if name == "elsewhere.example" else SITE)
    world.sites |= {"slow.example": sites.drips, "behind.example": says(200)}
    begun = time.monotonic()
    found = seen(world, ["slow.example", "behind.example", "elsewhere.example"], 0.7, whole=30.0)
    assert time.monotonic() - begun < 5
    assert {name: one.outcome for name, one in found.items()} == {"elsewhere.example": "nobody"}


def test_a_site_that_stalls_is_given_up_and_the_next_at_its_machine_has_its_turn(world: World) -> None:
    for name in ("slow.example", "behind.example"):
        world.at(name, SITE)
    world.sites |= {"slow.example": sites.drips, "behind.example": says(200)}
    found = seen(world, ["slow.example", "behind.example"], 20, whole=0.8)
    assert {name: one.outcome for name, one in found.items()} == {"slow.example": "silent", "behind.example": "answers"}
