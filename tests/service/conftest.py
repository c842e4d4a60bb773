"""What the tests of the use cases share."""

from collections.abc import Iterator

import pytest

from openroll.service.log.sequencer import Sequencer
from tests.service.requests.followed import not_following

HONEST = frozenset(
    f"tests/service/{name}.py"
    for name in (
        "test_api_tokens",
        "test_governance",
        "test_half_succeeded",
        "test_later_acts",
        "test_later_requests",
        "test_lives",
        "test_offers",
        "test_own_seats",
        "test_people",
        "test_porting",
        "test_published_rules",
        "test_rule_readings",
        "test_seats",
        "test_signs_of_life",
        "test_token_seats",
        "test_unasked",
        "test_unconfirmed",
        "requests/test_bounds",
        "requests/test_clock",
        "requests/test_flow",
        "requests/test_one_browser",
    )
)
"""The tests in which organisations, seats, tokens, rules and requests come and go by honest acts alone."""


@pytest.fixture(autouse=True)
def good(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whoever reads the log of an honest test from its first entry names nothing in it."""
    honest = request.node.nodeid.partition("::")[0] in HONEST and "roll" in request.fixturenames
    roll = request.getfixturevalue("roll") if honest else None
    yield
    if roll is not None:
        Sequencer(roll).run_until_empty()
        assert not_following(roll) == []
