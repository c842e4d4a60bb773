"""What one party has stored makes nobody else wait: a record has so many acts a day, and a broken group stays together."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.errors import QueryCanceled

from openroll.disk_room import NoRoom
from openroll.register.command import Actor
from openroll.register.decision import Refused
from openroll.register.subscription import pace
from openroll.register.subscription.commands import Change, End, Erase
from openroll.register.subscription.refusals import TooManyActs
from openroll.service.filing import submit
from openroll.service.filing.submit import Outcome, Submission, Taken
from openroll.service.roll import Roll, RollIsHeld
from openroll.store import subscriptions
from openroll.words import say_refused
from tests.handles import handle
from tests.service.filings import filing, submission_of

EAST, HOLDER = Actor("operator", "east"), Actor("subscriber")
NOW = datetime(2006, 12, 20, 4, 0, tzinfo=UTC)
_KINDS = ("cable", "adsl", "lan")


def take(roll: Roll, *asked: Submission, now: datetime = NOW) -> list[Outcome]:
    """Take some filings together, as those of one moment are."""
    with roll.database.open_runtime("openroll-test") as connection:
        connection.autocommit = True
        return submit.take(connection, asked, roll, now)


def filed(roll: Roll) -> int:
    """The number of a new record of east's, under the handle of k-1."""
    outcome = take(roll, submission_of(filing(handle="k-1"), EAST))[0]
    assert isinstance(outcome, Taken)
    return outcome.number


def change(number: int, by: Actor = EAST, record: int | None = None, day: date = date(2006, 12, 1)) -> Submission:
    """The `number`th change of that record."""
    key = f"{by.role}-{number}"
    named: dict[str, Any] = {"number": record} if record else {"handle": handle("k-1")}
    command = Change(on=day, access=_KINDS[number % 3])
    return Submission(command=command, actor=by, key=key, request=hashlib.sha256(key.encode()).digest(), **named)


def codes(outcomes: list[Outcome]) -> list[str]:
    """What became of each: the refusal's code, or empty."""
    return [one.refusal.code if isinstance(one, Refused) else "" for one in outcomes]


def test_a_record_is_changed_so_often_a_day_and_by_each_side(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one group or in many: what is over is refused with the wait, without reading the record; the holder has an own count."""
    number = filed(roll)
    together = take(roll, *(change(one) for one in range(40)))
    assert set(codes(together)) == {""}
    rest = take(roll, *(change(one) for one in range(40, 60)))
    assert codes(rest) == [""] * (pace.A_DAY - 41) + ["too-many-acts"] * (61 - pace.A_DAY)  # the filing itself is one
    refused = rest[-1]
    assert isinstance(refused, Refused)
    assert refused.refusal == TooManyActs(most=pace.A_DAY, wait=12 * 60)  # noon in Chongqing
    assert refused.refusal.retry_after == 12 * 3600
    assert say_refused(refused, "en") != say_refused(refused, "zh")
    assert codes(take(roll, change(103, HOLDER, number))) == [""]
    with monkeypatch.context() as within:
        within.setattr(submit, "states_of", lambda _, numbers: pytest.fail("it was read") if numbers else {})
        assert codes(take(roll, change(100), change(101))) == ["too-many-acts"] * 2
    tomorrow = NOW + timedelta(days=1)
    assert codes(take(roll, change(104), now=tomorrow)) == [""]
    ended = Submission(
        command=End(on=date(2006, 12, 2)), actor=EAST, key="end", request=b"e" * 32, handle=handle("k-1")
    )
    assert codes(take(roll, ended, now=tomorrow)) == [""]


def test_a_long_record_is_changed_twice_a_day(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """So its facts, and what each act reads, grow no further: also where it was long before there was a bound."""
    filed(roll)
    take(roll, *(change(one) for one in range(20)))
    monkeypatch.setattr(pace, "A_DAY", 10)
    monkeypatch.setattr(pace, "LONG", 20)
    tomorrow = NOW + timedelta(days=1)
    assert codes(take(roll, change(30), change(31), change(32), now=tomorrow)) == ["", "", "too-many-acts"]
    assert codes(take(roll, change(33), now=tomorrow)) == ["too-many-acts"]


def test_an_act_on_a_long_record_reads_few_rows() -> None:
    """The most facts that a record can have after ten years of somebody's trying, and what protects a holder is open."""
    most = pace.LONG + 2 * pace.A_DAY + 2 * pace.A_DAY_WHEN_LONG * 3_650
    assert most < 15_000
    for command in (End(on=date(2006, 12, 2)), Erase()):
        assert pace.too_many(command, 10_000, 10_000, 1) is None


def test_a_broken_group_is_split_by_halves(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """One filing that the database refuses costs 64 others a dozen transactions, and not one each."""
    begun = [0]
    real = submit._take_together

    def counting(*given: Any) -> list[Outcome]:
        begun[0] += 1
        return real(*given)

    # In a group of one its key is asked for and known; in a larger one somebody was quicker with its handle meanwhile.
    monkeypatch.setattr(submit, "_take_together", counting)
    take(roll, submission_of(filing(handle="taken"), EAST))
    unknown = subscriptions.ask_handles
    hidden = handle("taken")

    def without(connection: Any, operator: str, handles: list[str]) -> Any:
        alone = len(handles) == 1
        found = unknown(connection, operator, handles)

        def answer() -> tuple[dict[str, int], subscriptions.Left]:
            here, left = found()
            return {name: number for name, number in here.items() if alone or name != hidden}, left

        return answer

    monkeypatch.setattr(subscriptions, "ask_handles", without)
    begun[0] = 0
    group = [submission_of(filing(handle=f"g-{one}"), EAST) for one in range(63)]
    group.insert(40, submission_of(filing(handle="taken", access="lan"), EAST))
    outcomes = take(roll, *group)
    assert sum(isinstance(one, Taken) for one in outcomes) == 63
    assert codes(outcomes)[40] == "handle-taken"
    assert begun[0] <= 15


BROKE: dict[str, Exception] = {
    "roll-held": RollIsHeld("held"),
    "database-busy": QueryCanceled("too long"),
    "disk-full": NoRoom(),
    "database-away": psycopg.OperationalError("away"),
    "outcome-unknown": submit.CommitUnknown(),
}


def test_what_breaks_off_a_part_of_a_group_is_not_told_of_the_rest(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """A group is taken in parts; what stands by then stands, whatever the next part meets, and is not said to be untaken."""
    real = submit._take_together
    for code, error in BROKE.items():
        tried = iter([psycopg.DataError("split it"), None, error])

        def breaking(*given: Any, tried: Iterator[Exception | None] = tried) -> list[Outcome]:
            if (broken := next(tried)) is not None:
                raise broken
            return real(*given)

        monkeypatch.setattr(submit, "_take_together", breaking)
        first, second = (submission_of(filing(handle=f"{name}-{code}"), EAST) for name in "ab")
        stands, broken = take(roll, first, second)
        assert isinstance(stands, Taken), code
        assert not isinstance(broken, Taken)
        assert submit.refused_of(broken).refusal.code == code
