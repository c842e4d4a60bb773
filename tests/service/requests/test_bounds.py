"""What anybody is given of requests is bounded, and what is cut off goes on: much hides nothing late, and no notice."""

from datetime import timedelta

import msgspec
import pytest

from openroll.disclosure.envelope import HYBRID, X25519, HeldKey, public_line
from openroll.register.decision import Refused
from openroll.register.event import Event
from openroll.register.events import event_of
from openroll.register.request import commands
from openroll.register.request.events import RequestFiled
from openroll.register.request.rights import LATELY, MOST_USES
from openroll.register.request.state import ProcedureGone
from openroll.service import acts
from openroll.service.acts import Acted
from openroll.service.log.sequencer import Sequencer
from openroll.service.requests import accounts, clock, notices, rights, shown
from openroll.service.requests.notices import Lateness
from openroll.service.requests.shown import Shown
from openroll.service.roll import Roll
from tests.conftest import Ticking
from tests.register.asked import COMPLAINT, FIELDS, OFFICE, held, notice
from tests.service.requests.bodies import Bodies, bodies


@pytest.fixture
def made(roll: Roll) -> Bodies:
    """A roll with everybody whom a request needs."""
    return bodies(roll)


def later(roll: Roll, time: timedelta) -> None:
    """Let time pass, and nobody do anything about it."""
    ticking = roll.clock
    assert isinstance(ticking, Ticking)
    ticking.now += time


def told(made: Bodies, bucket: int) -> int:
    """A request that was refused, and of which the person was told in a bucket."""
    number = made.file()
    made.does(commands.Refuse(request=number, reason="no-grounds"), "reviewer")
    made.does(commands.Tell(request=number, notice=notice(), bucket=bucket, complaint=COMPLAINT), "clerk")
    return number


def published(made: Bodies, who: str, number: int) -> str:
    """The code for which a key is refused; empty where it is published."""
    key = HeldKey(number.to_bytes(32), X25519)
    acted = rights.publish_key(made.roll, public_line(key.published), made.seats[who])
    return acted.refusal.code if isinstance(acted, Refused) else ""


def test_a_late_telling_is_listed_where_no_worker_runs_and_the_newest_first(made: Bodies) -> None:
    """Two are late by what they say themselves; nobody moved them. Both are listed and counted, a page at a time."""
    earlier, later_one = made.file(), made.file()
    later(made.roll, timedelta(days=60))
    fresh = made.file()
    assert shown.public(made.roll, number=earlier)[0].late
    assert [one.number for one in notices.late(made.roll)] == [later_one, earlier]
    assert notices.lateness(made.roll) == Lateness(2, 2)
    assert [one.number for one in notices.late(made.roll, most=1)] == [later_one]
    assert [one.number for one in notices.late(made.roll, before=later_one, most=1)] == [earlier]
    assert notices.late(made.roll, before=earlier) == []
    while clock.pass_due(made.roll):
        pass
    assert [one.number for one in notices.late(made.roll)] == [later_one, earlier]
    assert not shown.public(made.roll, number=fresh)[0].late


def test_untold_requests_hide_no_newer_delay(made: Bodies) -> None:
    """What was never told stays in the list for good, behind what is newer; and the list goes on to the first."""
    old = [made.file() for _ in range(3)]
    for _ in range(6):
        later(made.roll, timedelta(days=200))
        clock.pass_due(made.roll)
    newest = made.file()
    made.does(commands.Refuse(request=newest, reason="no-grounds"), "reviewer")
    later(made.roll, timedelta(days=10))
    clock.pass_due(made.roll)
    assert [one.number for one in notices.late(made.roll, most=3)] == [newest, *old[:0:-1]]
    assert [one.number for one in notices.late(made.roll, before=old[1], most=3)] == old[:1]
    assert notices.lateness(made.roll).tellings == 4


def test_one_request_that_does_not_go_on_stops_no_other(made: Bodies, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others go on in the same round, and the fault is said."""
    first, second = made.file(), made.file()

    def broken(*given: object, **named: object) -> object:
        if given[2] == commands.PassTime(request=first):
            raise ProcedureGone("a procedure of later")
        return acts.act(*given, **named)  # type: ignore[arg-type] # as it was called

    later(made.roll, timedelta(days=60))
    monkeypatch.setattr(clock, "act", broken)
    with pytest.raises(clock.Stuck, match=f"1 requests do not go on, the first is {first}"):
        clock.pass_due(made.roll, most=1)
    monkeypatch.undo()
    assert [fact.name for fact, _ in shown.public(made.roll, number=first)[0].history] == ["request.filed/1"]
    assert len(shown.public(made.roll, number=second)[0].history) > 1


def test_a_request_by_a_procedure_that_is_not_here_hides_no_other(
    made: Bodies, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stands in the lists as it was filed, with what it goes by; the figures count the others."""
    first, second = made.file(), made.file()

    def event(name: str, body: str) -> Event:
        fact = event_of(name, body)
        of_later = isinstance(fact, RequestFiled) and fact.request == first
        return msgspec.structs.replace(fact, procedure="request-9@0") if of_later else fact

    monkeypatch.setattr(shown, "event_of", event)
    monkeypatch.setattr(accounts, "event_of", event)
    newest, other = shown.public(made.roll)[:2]
    assert (newest.number, newest.status, newest.followed) == (second, "under-review", True)
    assert (other.number, other.status, other.due, other.followed) == (first, "unknown-procedure", None, False)
    assert other.request.procedure == "request-9@0"
    assert [one.number for one in shown.mine(made.roll, "police")][:2] == [second, first]
    assert isinstance(shown.one(made.roll, first, "police"), Shown)
    Sequencer(made.roll).run_until_empty()
    assert sum(row.counts["filed"] for row in accounts.figures(made.roll).rows) == 1


def test_a_heap_has_the_keys_of_those_who_told_in_it_alone(made: Bodies) -> None:
    """Another operator's keys stand in none of its heaps, however many it publishes; nor keys that are newer than the notices,
    but for the hour that a clock may go back: what was signed with a key just published is read, and no monitor misses it."""
    told(made, 7)
    west = HeldKey(b"w" * 32, HYBRID)
    soon, newer = HeldKey(b"s" * 32, HYBRID), HeldKey(b"n" * 32, HYBRID)
    assert isinstance(rights.publish_key(made.roll, public_line(west.published), made.seats["west lead"]), Acted)
    for key, after in ((soon, timedelta(minutes=30)), (newer, timedelta(days=1))):
        later(made.roll, after)
        assert isinstance(rights.publish_key(made.roll, public_line(key.published), made.seats["east lead"]), Acted)
    lines = [public_line(one.published).strip() for one in (soon, held("east"))]
    assert notices.heap_with_senders(made.roll, 7)[1] == lines
    assert notices.heap_with_senders(made.roll, 8)[1] == []


def test_an_organisation_publishes_so_many_keys_in_force_and_within_a_month(
    made: Bodies, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One more is refused until one ends; and no more within the month, however many ended. Another's count for nobody."""
    monkeypatch.setattr("openroll.register.request.rights.MOST_KEYS", (2, 3))
    first = HeldKey((1).to_bytes(32), X25519).id
    assert published(made, "west lead", 1) == ""  # its second
    assert published(made, "west lead", 2) == "too-many-registered"
    assert isinstance(rights.end_key(made.roll, first, "", made.seats["west lead"]), Acted)
    assert published(made, "west lead", 2) == ""
    assert isinstance(rights.end_key(made.roll, held("west").id, "", made.seats["west lead"]), Acted)
    assert published(made, "west lead", 3) == "too-many-registered"
    assert published(made, "east lead", 3) == ""
    later(made.roll, LATELY)
    assert published(made, "west lead", 4) == ""


def test_uses_are_listed_in_pages_and_each_is_found_by_its_number(
    made: Bodies, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An authority registers so many; whoever asks or tells reads the one use it needs, ended or not."""
    use = commands.RegisterUse(
        purpose=0, basis="§ 1", fields=FIELDS, supervisor="S", supervised_at="s.example", office=OFFICE
    )

    def register() -> Acted | Refused:
        return rights.register_use(made.roll, use, made.seats["police lead"])

    first, second = register(), register()
    assert isinstance(first, Acted)
    assert isinstance(second, Acted)
    rights.end_use(made.roll, first.fresh, "", made.seats["police lead"])
    assert [one.number for one in rights.uses(made.roll, ended=True, most=2)] == [second.fresh, first.fresh]
    assert [one.number for one in rights.uses(made.roll, ended=True, before=first.fresh)] == [made.use]
    found = rights.one_use(made.roll, first.fresh)
    assert found is not None
    assert found.ended
    assert rights.one_use(made.roll, second.fresh + 1) is None
    monkeypatch.setattr("openroll.register.request.rights.MOST_USES", (2, MOST_USES[1]))
    refused = register()
    assert isinstance(refused, Refused)
    assert refused.refusal.code == "too-many-registered"


def test_a_heap_of_many_notices_goes_on_in_another_answer(made: Bodies, monkeypatch: pytest.MonkeyPatch) -> None:
    """Buckets that stand together are one heap; it is read to its end, or since a month."""
    monkeypatch.setattr(notices, "MOST_NOTICES", 2)
    first, second, third = told(made, 0), told(made, 511), told(made, 7)
    beyond = told(made, 512)
    assert [one.request for one in notices.heap(made.roll, 0, 2)] == [first, second]
    assert [one.request for one in notices.heap(made.roll, 0, 2, after=second)] == [third]
    assert [one.request for one in notices.heap(made.roll, 1, 2)] == [beyond]
    assert notices.heap(made.roll, 0, 1, since=made.roll.clock() + timedelta(days=1)) == []
    assert notices.heap(made.roll, 2, 2) == []
    assert notices.given_out(made.roll).heaps == 1
