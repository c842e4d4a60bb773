"""The registrar looks a record up: in its history for whose it is, in the log without saying whose."""

import functools
import json

import msgspec
import pytest

from openroll.register.command import Actor
from openroll.register.decision import Refused
from openroll.register.organisation.roles import Seat
from openroll.register.subscription.commands import End
from openroll.register.subscription.filing_code import code_of
from openroll.service.filing.bulk import FileTaken, take_file
from openroll.service.filing.group_commit import GroupCommit
from openroll.service.filing.rebuild import rebuild
from openroll.service.filing.submit import Submission, Taken
from openroll.service.identity import filing_code, throttle
from openroll.service.log.sequencer import Sequencer
from openroll.service.queries import Record, by_handle, official_acts
from openroll.service.records import audited_lookup
from openroll.service.roll import Roll
from openroll.traffic import Bucket
from tests.handles import handle
from tests.seats import seated
from tests.service.filings import rows_file

BY = Seat("registrar", 3)


def test_looking_a_record_up_is_never_silent(roll: Roll) -> None:
    """By code and by handle it stands in the record's history; the log has the act without the record; nothing else moves."""
    for _ in range(3):
        seated(roll, "registrar", "registrar")
    assert isinstance(take_file(roll, "east", rows_file(2)), FileTaken)
    before = by_handle(roll, "east", handle("file-1"))
    assert isinstance(before, Record)
    assert isinstance(audited_lookup(roll, handle("file-1"), "east", BY, "192.0.2.7"), Record)
    seen = audited_lookup(roll, code_of(before.number, roll.keys.code_key), "", BY, "192.0.2.7")
    assert isinstance(seen, Record)
    assert [one.name for one in seen.history] == ["subscription.filed/1", "record.seen/1", "record.seen/1"]
    assert (seen.state.version, seen.state.district) == (3, before.state.district)
    newest = official_acts(roll)[0]
    assert set(json.loads(newest.body)) == {"by", "rule"}
    assert json.loads(newest.body)["by"] == "registrar/3"
    group = GroupCommit(roll)
    end = Submission(
        command=End(on=roll.day(roll.clock())),
        key="end",
        request=b"end",
        actor=Actor("operator", "east"),
        handle=handle("file-1"),
    )
    assert isinstance(group.submit_and_wait(end), Taken)
    group.close()
    Sequencer(roll).run_until_empty()
    assert rebuild(roll, replace=False).differences == ()


def test_what_is_not_there_cannot_be_looked_at(roll: Roll) -> None:
    """A name, an unknown handle, a wrong code: nothing is found and nothing is recorded."""
    count = len(official_acts(roll))
    for sought, operator in (("Wang", "east"), ("", "east"), ("0000 0000 0000 0000", ""), ("Wang", "")):
        assert isinstance(audited_lookup(roll, sought, operator, BY, "192.0.2.7"), Refused)
    assert len(official_acts(roll)) == count


def sought(roll: Roll, by: Seat, code: str, source: str = "192.0.2.7") -> Record | Refused:
    """What a seat finds by a code."""
    if by.organisation == "registrar":
        return audited_lookup(roll, code, "", by, source)
    return filing_code.operators_record(roll, by, code, source)


def missed(roll: Roll, by: Seat, source: str, nth: int) -> str:
    """How a seat is refused that types a code which fits and opens nothing: at the registrar's page, or an operator's."""
    code = code_of(10_000 + nth, roll.keys.code_key)
    found = sought(roll, by, code, source)
    assert isinstance(found, Refused)
    return found.refusal.code


@pytest.mark.parametrize("by", [Seat("registrar", 1), Seat("east", 1)], ids=str)
def test_a_seat_guesses_codes_no_more_than_anybody(roll: Roll, by: Seat) -> None:
    """Ten misses, from wherever, and the seat waits; what is right never counted, and a handle is found all the while."""
    roll.clock = functools.partial(lambda now: now, roll.clock())  # buckets drain with time
    seated(roll, by.organisation, "registrar" if by.organisation == "registrar" else "clerk")
    assert isinstance(take_file(roll, "east", rows_file(2)), FileTaken)
    own = by_handle(roll, "east", handle("file-1"))
    assert isinstance(own, Record)
    for _ in range(12):
        assert isinstance(sought(roll, by, own.code), Record)
    answers = [missed(roll, by, f"198.51.{n}.7", n) for n in range(20)]
    assert answers == ["subscription-unknown"] * 10 + ["too-many-look-ups"] * 10
    if by.organisation == "registrar":
        assert isinstance(audited_lookup(roll, handle("file-1"), "east", by, "192.0.2.7"), Record)
    else:
        assert isinstance(filing_code.operators_record(roll, by, handle("file-1"), "192.0.2.7"), Record)


def test_seats_together_guess_no_more_than_what_is_in_all(roll: Roll) -> None:
    """Of many seats, twenty misses go from one network, and sixty of the registrar from all: the bound of a year holds."""
    roll.clock = functools.partial(lambda now: now, roll.clock())

    def took(seat: int, source: str) -> bool:
        by = str(Seat("registrar", seat))
        return isinstance(throttle.take(roll, throttle.LOOKING, source=source, target=by), throttle.Goes)

    assert [took(1 + n // 5, "192.0.2.7") for n in range(25)] == [True] * 20 + [False] * 5
    assert [took(50 + n // 5, f"2001:db8:{n:x}::1") for n in range(50)] == [True] * 40 + [False] * 10
    assert [one.share for one in throttle.filled(roll, [throttle.LOOKING])] == [1.0]
    assert isinstance(throttle.take(roll, throttle.OPENING, source="192.0.2.7", target="1"), throttle.Goes)


def test_one_operator_closes_look_ups_for_nobody_else(roll: Roll) -> None:
    """Six clerks of one operator, from six networks: twenty misses and they wait; others and the registrar find what is right."""
    roll.clock = functools.partial(lambda now: now, roll.clock())
    registrar = seated(roll, "registrar", "registrar")
    assert isinstance(take_file(roll, "east", rows_file(2)), FileTaken)
    own = by_handle(roll, "east", handle("file-1"))
    assert isinstance(own, Record)
    answers = [missed(roll, Seat("west", 1 + n // 10), f"198.51.{n // 10}.7", n) for n in range(60)]
    assert answers == ["subscription-unknown"] * 20 + ["too-many-look-ups"] * 40
    assert isinstance(audited_lookup(roll, own.code, "", registrar, "192.0.2.9"), Record)
    assert isinstance(filing_code.operators_record(roll, Seat("east", 1), own.code, "203.0.113.5"), Record)
    assert isinstance(filing_code.operators_record(roll, Seat("west", 9), own.code, "203.0.113.6"), Refused)


@pytest.mark.parametrize(
    ("limits", "shuts"),
    [(throttle.LOOKING_OPERATORS, False), (throttle.REFERRING, False), (throttle.ASKING_BY_CODE, True)],
    ids=lambda one: getattr(one, "name", one),
)
def test_whom_a_full_bucket_in_all_shuts_out(roll: Roll, limits: throttle.Limits, shuts: bool) -> None:
    """Nobody who acts on records of their own: what others miss is an alarm. Codes of others' records are few in all."""
    roll.clock = functools.partial(lambda now: now, roll.clock())
    free = msgspec.structs.replace(limits.free, in_all=Bucket(2, 60.0))
    few = msgspec.structs.replace(limits, free=free)
    who = [{"source": f"198.51.{n}.7", "target": f"seat {n}", "organisation": f"operator {n}"} for n in range(4)]
    took = [isinstance(throttle.take(roll, few, **one), throttle.Goes) for one in who]
    assert took == [True, True, not shuts, not shuts]
    assert [one.share for one in throttle.filled(roll, [few])] == [1.0]


def test_another_operators_code_is_a_miss(roll: Roll) -> None:
    """A code that opens another operator's record tells an operator nothing, and counts as any wrong one."""
    roll.clock = functools.partial(lambda now: now, roll.clock())
    assert isinstance(take_file(roll, "east", rows_file(2)), FileTaken)
    own = by_handle(roll, "east", handle("file-1"))
    assert isinstance(own, Record)
    answers = [filing_code.operators_record(roll, Seat("west", 1), own.code, "192.0.2.7") for _ in range(11)]
    said = [one.refusal.code for one in answers if isinstance(one, Refused)]
    assert said == ["subscription-unknown"] * 10 + ["too-many-look-ups"]
