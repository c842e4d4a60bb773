"""What a roll says of something that was given: taken back by its word alone, shown once, and for so long remembered."""

from datetime import timedelta

import pytest

from openroll.register.decision import Refused
from openroll.register.grant import GRANT, MOST_DAYS, WORD_BYTES, grant_of, word_of
from openroll.service import grants
from openroll.service.expiry import sweep
from openroll.service.grants import KEPT, MARKING, Standing, show, standing, take_back
from openroll.service.identity.throttle import Lane, Limits
from openroll.service.roll import Roll
from openroll.traffic import Bucket
from tests.service.test_holding import later

WORD = word_of(bytes(range(WORD_BYTES)))
NUMBER = grant_of(WORD) or ""
HERE = "192.0.2.1"


@pytest.fixture
def still(roll: Roll) -> Roll:
    """A roll whose clock stands until a test moves it."""
    now = roll.clock()
    roll.clock = lambda: now
    return roll


def test_a_word_has_one_grant() -> None:
    """Blanks and capitals do not matter; what is no word has none."""
    assert GRANT.fullmatch(NUMBER)
    assert grant_of(f"  {WORD.upper()}\n") == NUMBER
    for bad in ("", WORD[:-1], WORD + "a", WORD[:-1] + "1", NUMBER):
        assert grant_of(bad) is None
    with pytest.raises(ValueError, match="15 bytes"):
        word_of(b"short")
    assert timedelta(days=MOST_DAYS) < KEPT


def test_only_the_word_takes_it_back(still: Roll) -> None:
    """Whoever has the number asks; its word takes it back, from the first time on; and nothing of a record is touched."""
    assert standing(still, NUMBER) == Standing(NUMBER)
    refused = take_back(still, NUMBER, HERE)
    assert isinstance(refused, Refused)
    assert refused.refusal.code == "request-shape"
    first = take_back(still, WORD, HERE)
    assert isinstance(first, Standing)
    assert first.taken_back == still.clock()
    later(still, minutes=5)
    assert take_back(still, WORD, HERE) == standing(still, NUMBER) == first


def test_of_two_who_show_it_one_is_the_first(still: Roll) -> None:
    """The first is told that nobody was before; everybody after, when that was; and that it was taken back, whoever shows it."""
    assert show(still, NUMBER, HERE) == Standing(NUMBER)
    at = still.clock()
    later(still, minutes=5)
    again = show(still, NUMBER, HERE)
    assert again == Standing(NUMBER, None, at)
    take_back(still, WORD, HERE)
    assert show(still, NUMBER, HERE) == Standing(NUMBER, still.clock(), at)


def test_it_is_forgotten_when_nothing_needs_it(still: Roll) -> None:
    """As long as something with a grant may be good it is remembered, and then it goes."""
    take_back(still, WORD, HERE)
    later(still, days=MOST_DAYS)
    assert sweep(still)["grants"] == 0
    later(still, days=31)
    assert sweep(still)["grants"] == 1
    assert standing(still, NUMBER) == Standing(NUMBER)


def test_one_network_marks_so_many(still: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of two years are not to be had by thousands: a network has so many, and another is not kept waiting."""
    few = Limits("grant", Lane((Bucket(3, 60.0),), MARKING.free.in_all))  # the numbers are those of docs/limits.md
    monkeypatch.setattr(grants, "MARKING", few)
    numbers = [f"{at:064x}" for at in range(4)]
    assert all(isinstance(show(still, number, HERE), Standing) for number in numbers[:-1])
    refused = show(still, numbers[-1], HERE)
    assert isinstance(refused, Refused)
    assert refused.refusal.code == "too-many-at-once"
    assert isinstance(show(still, numbers[-1], "198.51.100.7"), Standing)
    assert isinstance(show(still, numbers[0], HERE), Standing)
