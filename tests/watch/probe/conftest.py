"""A world on loopback, opened once for all tests here and cleared for each."""

from collections.abc import Iterator

import pytest

from tests.service.servers import self_signed
from tests.watch.probe.world import World


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One for a file of tests."""
    folder = tmp_path_factory.mktemp("world")
    world = World(self_signed(folder))
    yield world
    world.close()


@pytest.fixture
def world(opened: World) -> World:
    """An empty one."""
    opened.zone.clear()
    opened.sites.clear()
    opened.asked.clear()
    opened.reached, opened.heard = 0, str
    return opened
