"""What a roll says of something that was given: taken back by its word alone, shown once, and for so long remembered."""

from datetime import timedelta

import pytest

from openroll.register.decision import Refused
from openroll.register.grant import GRANT, MOST_DAYS, WORD_BYTES, grant_of, word_of
from openroll.service.expiry import sweep
from openroll.service.grants import KEPT, MARKING, Standing, show, standing, take_back
from openroll.service.roll import Roll
from tests.service.test_holding import later

WORD = word_of(bytes(range(WORD_BYTES)))
NUMBER = grant_of(WORD) or ""
HERE = "192.0.2.1"


def test_a_word_has_one_grant() -> None:
    """Blanks and capitals do not matter; what is no word has none."""
    assert GRANT.fullmatch(NUMBER)
    assert grant_of(f"  {WORD.upper()}\n") == NUMBER
    for bad in ("", WORD[:-1], WORD + "a", WORD[:-1] + "1", NUMBER):
        assert grant_of(bad) is None
    with pytest.raises(ValueError, match="15 bytes"):
        word_of(b"short")
    assert timedelta(days=MOST_DAYS) < KEPT


def test_only_the_word_takes_it_back(roll: Roll) -> None:
    """Whoever has the number asks; its word takes it back, from the first time on; and nothing of a record is touched."""
    assert standing(roll, NUMBER) == Standing(NUMBER)
    refused = take_back(roll, NUMBER, HERE)
    assert isinstance(refused, Refused)
    assert refused.refusal.code == "request-shape"
    first = take_back(roll, WORD, HERE)
    assert isinstance(first, Standing)
    assert first.taken_back == roll.clock()
    later(roll, minutes=5)
    assert take_back(roll, WORD, HERE) == standing(roll, NUMBER) == first


def test_of_two_who_show_it_one_is_the_first(roll: Roll) -> None:
    """The first is told that nobody was before; everybody after, when that was; and that it was taken back, whoever shows it."""
    assert show(roll, NUMBER, HERE) == Standing(NUMBER)
    at = roll.clock()
    later(roll, minutes=5)
    again = show(roll, NUMBER, HERE)
    assert again == Standing(NUMBER, None, at)
    take_back(roll, WORD, HERE)
    assert show(roll, NUMBER, HERE) == Standing(NUMBER, roll.clock(), at)


def test_it_is_forgotten_when_nothing_needs_it(roll: Roll) -> None:
    """As long as something with a grant may be good it is remembered, and then it goes."""
    take_back(roll, WORD, HERE)
    later(roll, days=MOST_DAYS)
    assert sweep(roll)["grants"] == 0
    later(roll, days=31)
    assert sweep(roll)["grants"] == 1
    assert standing(roll, NUMBER) == Standing(NUMBER)


def test_one_network_marks_so_many(roll: Roll) -> None:
    """Rows of two years are not to be had by thousands: a network has so many, and another is not kept waiting."""
    most = MARKING.free.networks[0].holds
    numbers = [f"{at:064x}" for at in range(most + 1)]
    assert all(isinstance(show(roll, number, HERE), Standing) for number in numbers[:-1])
    refused = show(roll, numbers[-1], HERE)
    assert isinstance(refused, Refused)
    assert refused.refusal.code == "too-many-at-once"
    assert isinstance(show(roll, numbers[-1], "198.51.100.7"), Standing)
    assert isinstance(show(roll, numbers[0], HERE), Standing)
