"""What a roll says of something that was given: taken back by its word alone, shown once, and for so long remembered."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import msgspec
import pytest

from openroll.register.decision import Refused
from openroll.register.grant import GRANT, MOST_DAYS, WORD_BYTES, Word, grant_of, read_word, word_of
from openroll.register.refusals import GrantsSlowed
from openroll.service import grants
from openroll.service.expiry import sweep
from openroll.service.grants import KEPT, Standing, show, standing, take_back
from openroll.service.identity import puzzle
from openroll.service.identity.throttle import Lane, Limits
from openroll.service.roll import Roll
from openroll.traffic import Bucket
from tests.service.test_holding import later

WORD = word_of(bytes(range(WORD_BYTES)))
NUMBER = grant_of(WORD) or ""
HERE, THERE = "192.0.2.1", "198.51.100.7"


@pytest.fixture
def still(roll: Roll) -> Roll:
    """A roll whose clock stands until a test moves it."""
    now = roll.clock()
    roll.clock = lambda: now
    return roll


def test_a_word_has_one_grant() -> None:
    """Blanks, dashes and capitals do not matter; what is no word has none, nor has a word with one wrong character, or two
    exchanged. The first 24 alone are the same word, as it was before it had a check, and said to be unchecked."""
    assert GRANT.fullmatch(NUMBER)
    plain = WORD.replace("-", "")
    for same in (f"  {WORD.upper()}\n", plain, WORD.replace("-", " "), plain[:24]):
        assert grant_of(same) == NUMBER
    mistyped = [f"{plain[:at]}{other}{plain[at + 1 :]}" for at in range(26) for other in "abc7" if other != plain[at]]
    exchanged = [f"{plain[:at]}{plain[at + 1]}{plain[at]}{plain[at + 2 :]}" for at in range(25)]
    for bad in (
        "",
        plain[:-1],
        WORD + "a",
        WORD[:-1] + "1",
        NUMBER,
        *mistyped,
        *(one for one in exchanged if one != plain),
    ):
        assert grant_of(bad) is None
    assert [read_word(one) for one in (WORD, plain[:24])] == [
        Word(plain[:24], checked=True),
        Word(plain[:24], checked=False),
    ]
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


FEW = Limits(
    "take-back",
    Lane((Bucket(2, 60.0),), Bucket(3, 60.0)),
    Lane((Bucket(2, 60.0),), Bucket(2, 60.0), refuses=frozenset()),
)
"""As TAKING_BACK, but full soon; its own numbers are those of docs/limits.md."""


@pytest.fixture
def soon_full(still: Roll, monkeypatch: pytest.MonkeyPatch) -> Roll:
    """A roll whose buckets of grants are full soon, and whose puzzles are easy."""
    monkeypatch.setattr(grants, "TAKING_BACK", FEW)
    monkeypatch.setattr(grants, "SHOWING", msgspec.structs.replace(FEW, name="show"))
    monkeypatch.setattr(puzzle, "EASIEST", 4)
    monkeypatch.setattr(puzzle, "HARDEST", 8)
    return still


def words() -> Iterator[str]:
    """Words that nobody ever used, as strangers make them up."""
    return (word_of(at.to_bytes(WORD_BYTES)) for at in count(1))


def slowed(outcome: Standing | Refused) -> GrantsSlowed:
    """The refusal of somebody who is slowed down."""
    assert isinstance(outcome, Refused)
    assert isinstance(outcome.refusal, GrantsSlowed)
    return outcome.refusal


def test_one_network_marks_so_many(soon_full: Roll) -> None:
    """Rows of two years are not to be had by thousands: a network has so many, all together a few more, and then they work."""
    made_up = words()
    assert all(isinstance(take_back(soon_full, next(made_up), HERE), Standing) for _ in range(2))
    assert slowed(take_back(soon_full, next(made_up), HERE)).retry_after == 60
    assert isinstance(take_back(soon_full, next(made_up), THERE), Standing)
    refused = slowed(take_back(soon_full, WORD, THERE))
    assert standing(soon_full, NUMBER) == Standing(NUMBER)
    assert isinstance(take_back(soon_full, WORD, HERE, puzzle.solve(refused.puzzle)), Refused)  # of another network
    assert take_back(soon_full, WORD, THERE, puzzle.solve(refused.puzzle)) == standing(soon_full, NUMBER)
    assert standing(soon_full, NUMBER).taken_back is not None
    assert isinstance(take_back(soon_full, next(made_up), THERE, puzzle.solve(refused.puzzle)), Refused)  # spent


def test_strangers_shut_no_giver_out(soon_full: Roll) -> None:
    """However many grants are taken back that nobody gave, with puzzles too: a solved one takes back, at no more than so hard."""
    made_up = words()
    for at in range(12):
        source = f"203.0.{at}.1"
        outcome = take_back(soon_full, next(made_up), source)
        if isinstance(outcome, Refused):
            outcome = take_back(soon_full, next(made_up), source, puzzle.solve(slowed(outcome).puzzle))
        assert isinstance(outcome, Standing)
    refused = slowed(take_back(soon_full, WORD, HERE))
    assert refused.puzzle.split(".")[2] == str(puzzle.HARDEST)
    assert isinstance(take_back(soon_full, WORD, HERE, puzzle.solve(refused.puzzle)), Standing)
    later(soon_full, minutes=3)  # what ran over drains as soon as what is full
    assert isinstance(take_back(soon_full, next(made_up), HERE), Standing)


def test_who_is_slowed_down_is_told_what_is_known(soon_full: Roll) -> None:
    """What was taken back, or shown before, is said however full all buckets are; and what has its row is taken back at once."""
    made_up = words()
    shown_before, taken, untouched = (grant_of(next(made_up)) or "" for _ in range(3))
    word = word_of((1).to_bytes(WORD_BYTES))
    assert grant_of(word) == shown_before
    assert isinstance(show(soon_full, shown_before, HERE), Standing)
    assert isinstance(take_back(soon_full, word_of((2).to_bytes(WORD_BYTES)), HERE), Standing)
    while isinstance(show(soon_full, grant_of(next(made_up)) or "", HERE), Standing):
        pass
    while isinstance(take_back(soon_full, next(made_up), HERE), Standing):
        pass
    slowed(show(soon_full, untouched, HERE))
    assert standing(soon_full, untouched) == Standing(untouched)
    for known in (shown_before, taken):
        assert isinstance(show(soon_full, known, HERE), Standing)
    back = take_back(soon_full, word, HERE)
    assert isinstance(back, Standing)
    assert back.taken_back is not None
