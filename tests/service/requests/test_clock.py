"""Times of requests pass by themselves, with a worker or without, and what is late stands in public."""

from datetime import timedelta

from openroll.register.request import commands
from openroll.service import work
from openroll.service.filing.rebuild import rebuild
from openroll.service.recurring import recurring
from openroll.service.requests import clock, notices, shown
from openroll.service.requests.notices import Lateness
from openroll.service.roll import Roll
from tests.conftest import Ticking
from tests.register.asked import COMPLAINT, FIELDS, notice
from tests.service.requests.bodies import bodies


def later(roll: Roll, **by: float) -> None:
    """Let time go on, with nobody doing anything."""
    assert isinstance(roll.clock, Ticking)
    roll.clock.now += timedelta(**by)


def passed(roll: Roll) -> None:
    """Have the worker do what is due of requests."""
    kinds = recurring(roll)
    work.run_due(roll, {clock.WORK: kinds[clock.WORK]}, roll.clock())


def test_what_is_preserved_ends_by_itself_and_a_telling_put_off_comes_due(roll: Roll) -> None:
    """Sixty days after nobody asked for it, it is let go; a telling that was put off is due at its day, then late in public."""
    made = bodies(roll)
    kept, told = made.file(desired="preserve"), made.file()
    made.does(commands.Preserve(request=kept), "clerk")
    made.does(commands.Approve(request=kept, fields=FIELDS), "reviewer")
    until = roll.clock() + timedelta(days=30)
    made.does(commands.PostponeTelling(request=told, until=until, why="it goes on"), "reviewer")
    made.does(commands.Refuse(request=told, reason="no-grounds"), "reviewer")
    tell = commands.Tell(request=told, notice=notice(), bucket=7, complaint=COMPLAINT)
    assert made.refused(tell, "clerk") == "not-in-this-step"
    assert shown.public(roll, number=told)[0].status == "telling-delayed"
    before = shown.public_version(roll, None)
    roll.clock.now = until  # type: ignore[attr-defined] # it ticks
    assert shown.public_version(roll, None) not in (before, None), "the telling may be made, which no fact says"
    later(roll, days=2)
    passed(roll)
    assert (shown.public(roll, number=told)[0].status, notices.late(roll)) == ("to-tell", [])
    later(roll, days=2)
    assert notices.lateness(roll) == Lateness(1, 1)
    passed(roll)
    assert [one.number for one in notices.late(roll)] == [told]
    assert notices.lateness(roll) == Lateness(1, 0)
    made.does(tell, "clerk")
    later(roll, days=27)
    passed(roll)
    (request,) = shown.public(roll, number=kept)
    assert (request.request.outcome, request.status) == ("lapsed", "to-tell")
    assert rebuild(roll, replace=False).differences == ()


def test_a_stopped_worker_changes_nothing(roll: Roll) -> None:
    """Without a worker a request is where its times took it, also in the list that is made once, what is expired is refused, and
    the log says when it passed."""
    made = bodies(roll)
    number = made.file()
    assert made.read(number, "reviewer") == [b"who is a-1?"]
    due = shown.public(roll, number=number)[0].due
    assert shown.public_version(roll, None) == shown.public_version(roll, None) is not None
    later(roll, days=11)
    assert shown.public_version(roll, None) is None
    assert shown.public(roll, number=number)[0].status == "to-tell"
    assert made.refused(commands.Approve(request=number, fields=FIELDS), "reviewer") == "not-in-this-step"
    assert made.refused(commands.AskBack(request=number, envelope=b"x"), "reviewer") == "not-in-this-step"
    assert made.read(number, "clerk") == [b"who is a-1?"]  # to tell the person of it
    first = shown.public(roll, number=number)[0].history[2][0]
    assert (first.name, first.at) == ("request.time-passed/1", due)


def test_a_batch_is_bounded_and_two_workers_pass_each_time_once(roll: Roll) -> None:
    """As many as one round may go on with, the longest over first; whoever comes second finds nothing to do."""
    made = bodies(roll)
    numbers = [made.file() for _ in range(3)]
    later(roll, days=11)
    assert [clock.pass_due(roll, most=2) for _ in range(3)] == [2, 1, 0]
    for number in numbers:
        history = shown.public(roll, number=number)[0].history
        assert [fact.name for fact, _ in history].count("request.time-passed/1") == 1
