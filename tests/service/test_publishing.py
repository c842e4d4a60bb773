"""Who publishes the log, and that nobody waits in silence when nobody does."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from openroll.api.metrics import Troubles, exposition
from openroll.service.filing.submit import Taken
from openroll.service.log.leader import PATIENCE, Leader
from openroll.service.log.publishing import SILENCE, SILENT, publishing
from openroll.service.log.sequencer import Sequencer
from openroll.service.log.sequencing import ENDLESS, Sequencing
from openroll.service.log.witness_status import measure
from openroll.service.recovery import durability
from openroll.service.roll import Roll
from openroll.service.work import queue
from openroll.store import exclusion, log
from tests.service.filings import filing
from tests.service.test_holding import submit
from tests.service.test_processes import other, until


def _later(roll: Roll, seconds: float) -> None:
    """Let the roll's clock go on."""
    clock = roll.clock
    roll.clock = lambda: clock() + timedelta(seconds=seconds)


def test_it_is_said_who_leads_and_since_when(roll: Roll) -> None:
    """Nobody before anybody serves; then the one who leads, until it ends or gives no sign."""
    assert publishing(roll).leader is None
    assert not publishing(roll).led
    leader = Leader(roll)
    assert leader.leads()
    stands = publishing(roll)
    assert stands.led
    assert stands.leader is not None
    assert stands.leader.application == "openroll-leader"
    assert 0 <= stands.leader.since < 60
    with roll.database.open() as connection:
        connection.execute("update lease set renewed = renewed - make_interval(secs => %s)", (PATIENCE + 1,))
    assert not publishing(roll).led
    leader.close()
    assert publishing(roll).leader is None


def test_a_leader_that_lost_its_connection_leads_anew(roll: Roll) -> None:
    """Its time is that of the connection by which it leads: an outage in between is none of it."""
    leader = Leader(roll)
    assert leader.leads()
    with roll.database.own() as connection:
        connection.execute("update lease set since = since - interval '1 hour'")
    leader.close()
    with roll.database.own() as connection:  # it did not come to give its lease back
        connection.execute("update lease set renewed = clock_timestamp()")
    assert leader.leads()
    stands = publishing(roll)
    assert stands.leader is not None
    assert stands.leader.since < 60
    leader.close()


def test_silence_is_waiting_events_and_an_old_checkpoint(roll: Roll) -> None:
    """Neither a log in which nothing is filed nor one that goes on is silent; one in which events wait for a minute is."""
    sequencer = Sequencer(roll)
    sequencer.run_until_empty()
    _later(roll, 2 * SILENCE)
    assert not publishing(roll).silent
    assert isinstance(submit(roll, filing(handle="k-1"), None), Taken)
    assert not publishing(roll).silent
    _later(roll, 2 * SILENCE)
    stands = publishing(roll)
    assert stands.silent
    assert stands.waiting is not None
    assert stands.waiting > SILENCE
    sequencer.run_until_empty()
    assert not publishing(roll).silent
    sequencer.close()


def test_it_is_said_whose_transaction_places_wait_for(roll: Roll) -> None:
    """One that may write events is named by process and login; one that may not is not."""
    assert publishing(roll).blockers == ()
    with roll.database.open_runtime("openroll-file") as ours, roll.database.open() as theirs:
        for connection in (ours, theirs):
            connection.execute("select pg_current_xact_id()")
        assert isinstance(submit(roll, filing(handle="k-1"), None), Taken)  # what is behind them waits
        (one,) = publishing(roll).blockers
        assert (one.pid, one.application) == (ours.info.backend_pid, "openroll-file")
        assert one.login == f"{roll.database.schema}_runtime"


def test_who_stands_by_says_that_nobody_publishes_and_settles_it(roll: Roll) -> None:
    """A leader that hangs cannot say so: another does, on the page of work too, until the log goes on."""
    sequencer, hung = Sequencer(roll), Leader(other(roll))
    sequencer.run_until_empty()
    assert hung.leads()
    standing_by = Sequencing(roll)
    assert isinstance(submit(roll, filing(handle="k-1"), None), Taken)
    _later(roll, 2 * SILENCE)
    standing_by.wake()
    until(lambda: standing_by.trouble == SILENT)
    assert [one.row.key for one in queue(roll) if one.row.kind == "log"] == [SILENT]
    sequencer.run_until_empty()
    standing_by.wake()
    until(lambda: not standing_by.trouble)
    assert [one.row.key for one in queue(roll) if one.row.kind == "log"] == []
    standing_by.close()
    hung.close()
    sequencer.close()


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Rounds that do not end before this is called."""
    end = threading.Event()
    monkeypatch.setattr(Sequencer, "run_until_empty", lambda _, **__: end.wait(60))
    return end.set


def test_a_round_that_hangs_is_said_and_holds_up_no_end(
    roll: Roll, endless: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGTERM waits for a round so many seconds and no longer; meanwhile pages say that it does not end."""
    clock = [0.0]
    sequencing = Sequencing(roll, monotonic=lambda: clock[0])
    until(lambda: sequencing._round_began is not None)
    assert not sequencing.trouble
    clock[0] = 2 * Sequencing.LONG
    assert sequencing.trouble == ENDLESS
    monkeypatch.setattr(Sequencing, "CLOSING", 0.1)
    began = time.monotonic()
    sequencing.close()
    assert time.monotonic() - began < 10
    endless()


def test_metrics_say_who_leads_and_that_nobody_publishes(roll: Roll) -> None:
    """An alarm needs no page: a leader or none, silence or none, how long the first event waits."""
    Sequencer(roll).run_until_empty()
    assert isinstance(submit(roll, filing(handle="k-1"), None), Taken)
    _later(roll, 2 * SILENCE)

    def shown() -> str:
        troubles = Troubles(log=False, work=False, held=False)
        stands = publishing(roll)
        looked = durability.measure(roll)
        return exposition(measure(roll), None, {}, troubles=troubles, durability=looked, stands=stands).decode()

    assert "openroll_log_silent 1.0" in shown()
    assert "openroll_log_leader 0.0" in shown()
    assert "openroll_log_leader_seconds" not in shown()
    leader = Leader(roll)
    assert leader.leads()
    assert "openroll_log_leader 1.0" in shown()
    assert "openroll_log_leader_seconds" in shown()
    leader.close()
    with roll.database.own() as connection:
        assert exclusion.lease(connection, exclusion.LEAD) is None


def test_how_far_the_log_is_published_costs_no_look_at_what_is_published(roll: Roll) -> None:
    """Every process that stands by asks each two seconds: an index leads to what waits, also under row-level security."""
    Sequencer(roll).run_until_empty()
    with roll.database.own() as connection:
        connection.execute("set local enable_seqscan = off")  # of so few events the planner would rather read all
        assert log.standing(connection).oldest_waiting is None
        looked = connection.execute(
            "select seq_tup_read + idx_tup_fetch from pg_stat_xact_user_tables where relid = 'event'::regclass"
        ).fetchone()
    assert looked == (0,)


def test_no_round_reads_all_events_to_find_that_none_waits(roll: Roll) -> None:
    """Also where a few thousand came in since the last vacuum, and the plan is one for any place in the log."""
    with roll.database.open() as owner:
        owner.execute(
            "insert into event (stream, version, name, role, organisation, at, day, salt, commitment, body)"
            " select n, 1, 'subscription.filed/1', 'operator', 'east', now(), '2006-12-20', sha256('salt'), sha256('it'), 'x'"
            " from generate_series(1000000, 1005000) as n"
        )
        owner.commit()
        owner.execute("analyze event")
        owner.commit()
    with roll.database.open_runtime("openroll-sequencer", role="sequencer") as connection:
        connection.execute("set local plan_cache_mode = force_generic_plan")
        assert log.any_after(connection, (0, 0))
        connection.execute(f"prepare beyond as {log.ANY_AFTER.replace('%b', '$1', 1).replace('%b', '$2', 1)}")
        plan = "\n".join(str(row) for row in connection.execute("explain execute beyond ('1', 1)"))
    assert "Index" in plan, plan
    assert "Seq Scan" not in plan, plan
