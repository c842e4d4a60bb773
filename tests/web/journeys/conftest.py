"""Walkers in both languages, with JavaScript and without."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from openroll.service.roll import Roll
from tests.web.journeys.walker import Walker

Another = Callable[[], Walker]


@pytest.fixture(params=[("zh", True), ("en", False)], ids=["zh-js", "en-no-js"])
def visit(request: pytest.FixtureRequest) -> tuple[str, bool]:
    """The language of the pages, and whether JavaScript is on: no page is another in one language with scripts than without."""
    lang, scripts = request.param
    return str(lang), bool(scripts)


@pytest.fixture
def lang(visit: tuple[str, bool]) -> str:
    """The language of the pages."""
    return visit[0]


@pytest.fixture
def scripts(visit: tuple[str, bool]) -> bool:
    """Whether JavaScript is on."""
    return visit[1]


@pytest.fixture
def walkers(browser: Browser, served: tuple[str, Roll]) -> Iterator[Callable[[str, bool], Walker]]:
    """Makes walkers, each with a browser context of its own, and sees that no page complained on their way."""
    made: list[Walker] = []

    def make(lang: str, scripts: bool) -> Walker:
        made.append(Walker(browser, served[0], lang, scripts=scripts))
        return made[-1]

    yield make
    for walker in made:
        walker.close()


@pytest.fixture
def another(walkers: Callable[[str, bool], Walker], lang: str, scripts: bool) -> Another:
    """Further walkers like the first."""
    return lambda: walkers(lang, scripts)


@pytest.fixture
def walker(another: Another) -> Walker:
    """Somebody, with JavaScript and without."""
    return another()


@pytest.fixture
def another_with_scripts(walkers: Callable[[str, bool], Walker], lang: str) -> Another:
    """Further walkers with JavaScript."""
    return lambda: walkers(lang, True)


@pytest.fixture
def scripted(another_with_scripts: Another) -> Walker:
    """Somebody with JavaScript."""
    return another_with_scripts()
