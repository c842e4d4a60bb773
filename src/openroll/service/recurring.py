"""What is done by the clock, again and again, as work like any other (service/work.py): each is harmless to do twice."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

from openroll.service.expiry import sweep
from openroll.service.filing import unconfirmed, upload_files
from openroll.service.governance.figures import count_day
from openroll.service.recovery import escrow
from openroll.service.requests import clock
from openroll.service.roll import Roll
from openroll.service.work import Again, Done, Kind, Result, end_of, enqueue
from openroll.store import work as rows
from openroll.store.work import WorkRow

SWEEP_EVERY = timedelta(minutes=15)
UPLOADS_EVERY = timedelta(minutes=1)
LAPSE_EVERY = timedelta(hours=1)
REQUESTS_EVERY = timedelta(minutes=1)


def recurring(roll: Roll) -> dict[str, Kind]:
    """What a serving process does by the clock, by the name of its kind."""

    def by_clock(handle: Callable[[WorkRow], Result], every: Callable[[datetime], datetime]) -> Kind:
        return Kind(handle, "clock-work", every=every)

    return {
        "sweep": by_clock(lambda _: _swept(roll), lambda now: now + SWEEP_EVERY),
        "upload-files": by_clock(lambda _: _files(roll), lambda now: now + UPLOADS_EVERY),
        "lapse": by_clock(lambda _: _lapsed(roll), lambda now: now + LAPSE_EVERY),
        clock.WORK: by_clock(lambda _: _passed(roll), lambda now: now + REQUESTS_EVERY),
        "daily-count": by_clock(lambda _: _counted(roll), lambda now: next_day(roll, now)),
        "escrow-watch": by_clock(lambda _: _escrow(roll), lambda now: next_day(roll, now)),
    }


def next_day(roll: Roll, now: datetime) -> datetime:
    """The first moment of the next civil day of the roll."""
    return datetime.combine(roll.day(now) + timedelta(days=1), time(), tzinfo=roll.zone)


def _swept(roll: Roll) -> Done:
    sweep(roll)
    return Done()


def _files(roll: Roll) -> Done:
    upload_files.sweep(roll)
    return Done()


def _lapsed(roll: Roll) -> Result:
    return Done() if unconfirmed.lapse_due(roll) < unconfirmed.MOST else Again()


def _passed(roll: Roll) -> Result:
    return Done() if clock.pass_due(roll) < clock.MOST else Again()


def _counted(roll: Roll) -> Done:
    count_day(roll)
    return Done()


def _escrow(roll: Roll) -> Done:
    """A deposit that was missed waits for somebody of the registrar; the next deposit settles it (recovery/escrow.py)."""
    now = roll.clock()
    today = roll.day(now)
    with roll.database.own() as connection:
        missed = escrow.missed(connection, today)
        rows.end_others(connection, escrow.WORK, [missed] if missed else [], now)
        if missed and not rows.is_waiting(connection, escrow.WORK, missed):
            enqueue(connection, escrow.WORK, missed, "registrar", escrow.WORK, end_of(roll, today), now=now)
    return Done()
