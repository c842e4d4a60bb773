"""Guessing is slowed by network and in all; who is behind a busy address solves a puzzle; a year of guesses finds nothing."""

import itertools
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from openroll.register.decision import Refused
from openroll.register.refusals import TooManyFilings, TooManyTries
from openroll.register.subscription.filing_code import SPACE, code_of
from openroll.service.identity import filing_code, puzzle, throttle
from openroll.service.identity.throttle import OPENING, Goes, Wait
from openroll.service.queries import Record
from openroll.service.roll import Roll
from openroll.traffic import Bucket
from tests.conftest import Ticking
from tests.service.test_unconfirmed import file_alone

_numbers = itertools.count(80_000_000_000_000)
TREE = Path(__file__).parents[2]


@pytest.fixture
def still(roll: Roll) -> Roll:
    """A roll whose clock stands still, with the connections that a server keeps."""
    clock = roll.clock
    assert isinstance(clock, Ticking)
    clock.step = timedelta()
    roll.database.keep_connections(16)
    return roll


@pytest.fixture(autouse=True)
def easy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Puzzles of 2 to 8 bits: what is tested is not how long they take."""
    monkeypatch.setattr(puzzle, "EASIEST", 2)
    monkeypatch.setattr(puzzle, "HARDEST", 8)


def guess(roll: Roll, source: str, proof: str = "") -> Record | Refused:
    """Try a code whose check digits fit and that opens nothing."""
    return filing_code.open_by_code(roll, code_of(next(_numbers), roll.keys.code_key), source, proof)


def on(roll: Roll, **time: float) -> None:
    """Move the clock on."""
    clock = roll.clock
    assert isinstance(clock, Ticking)
    clock.now += timedelta(**time)


def refused(found: Record | Refused) -> TooManyTries | None:
    """The refusal of who must wait."""
    return found.refusal if isinstance(found, Refused) and isinstance(found.refusal, TooManyTries) else None


@pytest.mark.parametrize(
    ("sources", "goes"),
    [
        ([f"2001:db8::{n:x}" for n in range(60)], 10),
        ([f"2001:db8:0:{n:x}::1" for n in range(60)], 20),
        ([f"2001:db8:0:{n:x}00::1" for n in range(60)], 40),
        ([f"203.0.113.{n}" for n in range(60)], 20),
        ([f"2001:db8:{n:x}::1" for n in range(80)], 60),
    ],
    ids=["/64", "/56", "/48", "/24", "in all"],
)
def test_another_address_of_one_network_is_no_way_round(still: Roll, sources: list[str], goes: int) -> None:
    """Each /64, /56 and /48, each /24, and all the world together have so many wrong codes and no more."""
    answers = [refused(guess(still, source)) for source in sources]
    assert [one is None for one in answers] == [True] * goes + [False] * (len(sources) - goes)


def test_tries_at_the_same_moment_find_the_same_room(still: Roll) -> None:
    """Forty at once from one address get ten goes between them, and not fourteen."""
    with ThreadPoolExecutor(14) as threads:
        answers = list(threads.map(lambda _: refused(guess(still, "192.0.2.7")), range(40)))
    assert sum(one is None for one in answers) == OPENING.free.networks[0].holds


def test_right_codes_never_count(still: Roll, filed: str) -> None:
    """Opening one's own filing a hundred times, also by many at once, leaves every bucket as it was."""
    with ThreadPoolExecutor(5) as threads:
        answers = list(threads.map(lambda _: filing_code.open_by_code(still, filed, "192.0.2.7"), range(100)))
    assert all(isinstance(one, Record) for one in answers)
    assert {one.share for one in throttle.filled(still, [OPENING])} == {0.0}


@pytest.fixture
def filed(still: Roll) -> str:
    """The code of a filing that somebody made alone."""
    return code_of(file_alone(still), still.keys.code_key)


def busy(roll: Roll, source: str) -> str:
    """Guess from an address until it is full; the puzzle it is then given."""
    while (said := refused(guess(roll, source))) is None:
        continue
    return said.puzzle


def test_behind_a_busy_address_a_puzzle_opens_at_once(still: Roll, filed: str) -> None:
    """While somebody guesses on there, who solves the puzzle opens their filing at once; without it they are told to wait."""
    challenge = busy(still, "192.0.2.7")
    assert refused(filing_code.open_by_code(still, filed, "192.0.2.7"))
    opened = filing_code.open_by_code(still, filed, "192.0.2.7", puzzle.solve(challenge))
    assert isinstance(opened, Record)


def test_a_puzzle_opens_one_try_of_one_form_from_one_network_for_minutes(still: Roll, filed: str) -> None:
    """Sent twice, from elsewhere, for another form, later, unsolved, or made up: it is no proof."""
    first, second = busy(still, "192.0.2.7"), busy(still, "192.0.2.7")
    proof = puzzle.solve(first)
    # An easy puzzle has many solutions: a number is only surely none when it was tried.
    unsolved = next(text for n in itertools.count() if puzzle._zeros(text := f"{first}.{n}") < int(first.split(".")[2]))
    wrong = [f"{second}.", f"{second}.x", "1.2.3", "\0", "x" * 5_000, proof.replace(".2.", ".1.", 1), unsolved]
    assert [one for one in wrong if not refused(filing_code.open_by_code(still, filed, "192.0.2.7", one))] == []
    assert busy(still, "198.51.100.9")
    assert refused(filing_code.open_by_code(still, filed, "198.51.100.9", proof))
    assert isinstance(filing_code.open_by_code(still, filed, "192.0.2.7", proof), Record)
    assert refused(filing_code.open_by_code(still, filed, "192.0.2.7", proof)), "the same proof twice"
    late = puzzle.solve(second)
    on(still, minutes=11)
    for _ in range(30):
        guess(still, "192.0.2.7")
    assert refused(filing_code.open_by_code(still, filed, "192.0.2.7", late)), "a stale proof"


def test_one_proof_sent_by_many_at_once_opens_one_try(still: Roll) -> None:
    """The race for a proof has one winner."""
    proof = puzzle.solve(busy(still, "192.0.2.7"))
    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(lambda _: refused(guess(still, "192.0.2.7", proof)), range(20)))
    assert sum(one is None for one in answers) == 1


def test_puzzles_get_harder_the_more_are_used_and_end(still: Roll) -> None:
    """Who guesses with puzzles pays more each time, and after ten of them waits; another network is not touched by that."""
    hard = []
    while (challenge := busy(still, "192.0.2.7")) and refused(
        guess(still, "192.0.2.7", puzzle.solve(challenge))
    ) is None:
        hard.append(int(challenge.split(".")[2]))
    assert OPENING.worked
    assert len(hard) == OPENING.worked.networks[0].holds
    assert hard == sorted(hard)
    assert (hard[0], hard[-1] > hard[0]) == (2, True)
    other = busy(still, "198.51.100.9")
    assert refused(guess(still, "198.51.100.9", puzzle.solve(other))) is None


def test_a_year_of_guessing_finds_nothing() -> None:
    """The budgets in all leave one chance in a thousand a year for a million filings, and the page on limits says so."""
    assert throttle.guesses_a_year() == 60 + 365 * 86_400 / 900 + 240 + 365 * 86_400 / 480 + 60 + 365 * 86_400 / 3_600
    assert SPACE == 10**14
    assert throttle.chance_a_year(1_000_000, SPACE) == pytest.approx(throttle.guesses_a_year() * 1e6 / 1e14)
    assert throttle.chance_a_year(1_000_000, SPACE) < 1.1e-3
    assert throttle.chance_a_year(10_000_000, SPACE) < 1.1e-2
    page = (TREE / "docs/limits.md").read_text(encoding="utf-8")
    assert f"{throttle.guesses_a_year():,.0f} wrong codes" in page


def test_the_budget_in_all_holds_against_many_networks(still: Roll) -> None:
    """From a new network each time, a day of guessing every minute gives what both buckets in all hold and no more."""
    goes = 0
    for n in range(24 * 15):
        source = f"2001:{n // 256:x}:{n % 256:x}::1"
        said = refused(guess(still, source))
        if said is not None and said.puzzle and not n % 3:
            said = refused(guess(still, source, puzzle.solve(said.puzzle)))
        goes += said is None
        on(still, minutes=4)
    most = 60 + 86_400 / 900 + 240 + 86_400 / 480
    assert 60 + 86_400 / 900 <= goes <= most


def test_who_keeps_the_roll_is_told_when_somebody_guesses(still: Roll, caplog: pytest.LogCaptureFixture) -> None:
    """The server's log says so when the bucket in all is half full and when it is full, once each; the figure says how full."""
    with caplog.at_level(logging.WARNING, "openroll"):
        for n in range(80):
            guess(still, f"2001:db8:{n:x}::1")
    said = [record.getMessage() for record in caplog.records if "throttle" in record.getMessage()]
    assert [("50 %" in one, "100 %" in one) for one in said] == [(True, False), (False, True)]
    assert not any("2001" in one for one in said)
    assert [one.share for one in throttle.filled(still, [OPENING])] == [1.0, 0.0]


def test_what_a_clock_filled_that_ran_ahead_drains_from_now_on(still: Roll) -> None:
    """Full under a clock of next year, a bucket lets in again after its own minutes and not after that year."""
    on(still, days=400)
    while refused(guess(still, "192.0.2.7")) is None:
        pass
    on(still, days=-400)
    assert refused(guess(still, "192.0.2.7")) is not None
    on(still, minutes=1)
    assert refused(guess(still, "192.0.2.7")) is None


def test_the_table_forgets_and_tells_nobody(still: Roll) -> None:
    """Buckets that drained go after days, spent puzzles with their time; no row holds an address or a code."""
    guess(still, "192.0.2.7")
    guess(still, "192.0.2.7", puzzle.solve(busy(still, "192.0.2.7")))
    on(still, days=4)
    guess(still, "203.0.113.9")
    with still.database.own() as connection:
        rows = connection.execute("select bucket from throttle").fetchall()
        spent = connection.execute("select count(*) from spent_puzzle").fetchone()
    assert len(rows) == 4  # the code, the address, its network, and in all
    assert spent == (0,)
    assert not any(b"203" in bytes(row[0]) for row in rows)


def test_filings_alone_are_bounded_by_source_operator_and_in_all(still: Roll) -> None:
    """Ten from an address, thirty from its network, two hundred for an operator, five hundred in all; a puzzle gives ten more."""

    def goes(sources: list[str], operator: str = "east") -> int:
        return sum(filing_code.may_file_alone(still, 10, operator, one) is None for one in sources)

    assert goes(["203.0.113.1"] * 20) == 10
    assert goes([f"203.0.113.{n}" for n in range(2, 60)]) == 20
    said = filing_code.may_file_alone(still, 10, "east", "203.0.113.1")
    assert said is not None
    assert isinstance(said.refusal, TooManyFilings)
    assert filing_code.may_file_alone(still, 10, "east", "203.0.113.1", puzzle.solve(said.refusal.puzzle)) is None
    assert goes([f"2001:db8:{n:x}::1" for n in range(180)]) == 170
    assert goes([f"2001:db9:{n:x}::1" for n in range(210)], "west") == 200
    assert goes([f"2001:dba:{n:x}::1" for n in range(110)], "third") == 100


def test_waits_and_goes_are_what_they_say(still: Roll) -> None:
    """A place that is given back can be taken again; a full bucket says how many minutes."""
    assert OPENING.worked
    limits = throttle.Limits("x", throttle.Lane((Bucket(1, 90.0),), Bucket(9, 1.0)), OPENING.worked)
    first = throttle.take(still, limits, source="192.0.2.7")
    assert isinstance(first, Goes)
    second = throttle.take(still, limits, source="192.0.2.7")
    assert isinstance(second, Wait)
    assert second.minutes == 2
    throttle.give_back(still, first)
    assert isinstance(throttle.take(still, limits, source="192.0.2.7"), Goes)
