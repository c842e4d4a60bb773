"""What waits: one table with an owner, a reason and a due time for each, and one worker that takes up again what was left."""

import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import NamedTuple

import psycopg
import pytest
from cyclopts import App
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openroll.cli.work import add
from openroll.register.decision import Refused
from openroll.register.organisation.roles import KEEPER, REGISTRAR
from openroll.register.roll.refusals import ProposalUnknown
from openroll.service import work
from openroll.service.governance.settled_work import settle_work
from openroll.service.kinds import kinds_of
from openroll.service.log.sequencing import Sequencing
from openroll.service.mail import outbox
from openroll.service.mail.outbox import send_later
from openroll.service.recurring import next_day
from openroll.service.roll import Roll
from openroll.service.sites.looking import Looks
from openroll.service.work import MACHINE, WAITS, Again, Away, Done, Kind, Later, Never, Result, run_due, run_one
from openroll.service.worker import Worker
from openroll.store import work as rows
from openroll.store.connect import Database
from openroll.store.schema import drop, migrate
from openroll.store.work import WorkRow
from openroll.words.labels import MACHINE_WHY, MACHINE_WORK, WORK
from openroll.words.mails import write
from tests.conftest import NOW
from tests.service.sites.test_looking import Sights

TOLD = "王小明"


class Nowhere:
    def send(self, *_: object) -> None:
        """Send nothing."""


def wanted(roll: Roll, key: str = "a", due: datetime = NOW, *, owner: str = MACHINE, kind: str = "trial") -> None:
    """Have a piece of work wait."""
    with roll.database.own() as connection:
        work.enqueue(connection, kind, key, owner, "trial", due, now=NOW)


def trial(handle: Callable[[WorkRow], Result], **given: object) -> dict[str, Kind]:
    """A registry of one kind."""
    return {"trial": Kind(handle, "trial", **given)}  # type: ignore[arg-type] # keywords of Kind


def the_only(roll: Roll) -> WorkRow:
    """The one thing that waits."""
    (one,) = work.queue(roll)
    return one.row


def until(true: Callable[[], bool]) -> None:
    """Wait for something that a real thread does."""
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)  # a thread is waited for


@contextmanager
def working(roll: Roll, kinds: dict[str, Kind]) -> Iterator[Worker]:
    """A worker, closed in the end."""
    worker = Worker(roll, kinds)
    worker.start()
    try:
        yield worker
    finally:
        worker.close()


def test_what_is_done_waits_no_more_and_what_is_not_due_waits(roll: Roll) -> None:
    """Due work is done once, in the order it was due; work of tomorrow is left."""
    wanted(roll, "second", NOW + timedelta(seconds=1))
    wanted(roll, "first")
    wanted(roll, "tomorrow", NOW + timedelta(days=1))
    done = run_due(roll, trial(lambda _: Done()), NOW + timedelta(hours=1))
    assert [ran.row.key for ran in done] == ["first", "second"]
    assert the_only(roll).key == "tomorrow"


def test_an_act_that_is_rolled_back_leaves_nothing_to_do(roll: Roll) -> None:
    """Work is enqueued in the transaction of its act: without the act there is none."""

    def act() -> None:
        with roll.database.own() as connection:
            work.enqueue(connection, "trial", "a", MACHINE, "trial", NOW, now=NOW)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        act()
    assert work.queue(roll) == []


def test_wanted_twice_waits_once_and_wanted_while_in_hand_is_done_again(roll: Roll) -> None:
    """Whoever enqueues while it is being done may not know whether it was seen: so it is done once more."""
    wanted(roll)
    wanted(roll)
    done: list[int] = []

    def handle(_: WorkRow) -> Done:
        if not done:
            wanted(roll)
        done.append(1)
        return Done()

    run_due(roll, trial(handle), NOW)
    assert len(done) == 2
    assert work.queue(roll) == []


def test_what_fails_is_tried_later_each_time_and_then_waits_for_a_person(roll: Roll) -> None:
    """Every attempt but the last is put off by its pause; then it is the registrar's, with the reason, and no machine's."""
    wanted(roll)
    now = NOW
    for number, wait in enumerate(WAITS, 1):
        (ran,) = run_due(roll, trial(lambda _: Later("no luck")), now)
        assert run_due(roll, trial(lambda _: Later("no luck")), now + wait - timedelta(seconds=1)) == []
        row = the_only(roll)
        assert (row.owner, row.attempts, row.fault, row.due) == (MACHINE, number, "no luck", now + wait), ran
        now += wait
    run_due(roll, trial(lambda _: Later("no luck")), now)
    row = the_only(roll)
    assert (row.owner, row.reason, row.fault, row.attempts) == ("registrar", "trial", "no luck", len(WAITS) + 1)
    assert row.due >= now
    assert run_due(roll, trial(lambda _: Done()), now + timedelta(days=99)) == []
    assert work.retry(roll, row.id) is None
    assert len(run_due(roll, trial(lambda _: Done()), roll.clock())) == 1
    assert work.queue(roll) == []


def test_what_cannot_work_goes_to_a_person_at_once_and_ends_with_a_word(roll: Roll) -> None:
    """A refusal for good wastes no attempts; a person takes it and says how it ended; nobody ends what is the machine's."""
    wanted(roll)
    machine = the_only(roll).id
    assert work.take(roll, machine, 1) is not None
    refused = settle_work(roll, machine, "settled by hand", KEEPER)
    assert refused is not None
    assert isinstance(refused.refusal, ProposalUnknown)
    run_due(roll, trial(lambda _: Never("no such thing")), NOW)
    assert the_only(roll).fault == "no such thing"
    assert settle_work(roll, machine, "called them", KEEPER) is None
    assert work.queue(roll) == []


def test_a_fault_of_ours_is_a_failed_attempt_without_what_was_told(roll: Roll) -> None:
    """The table keeps where it failed, and not the words of the error, which may repeat a person's."""

    def broken(_: WorkRow) -> Done:
        raise ValueError(TOLD)

    wanted(roll)
    run_due(roll, trial(broken), NOW)
    assert "ValueError" in the_only(roll).fault
    assert TOLD not in the_only(roll).fault


def test_what_is_away_costs_the_others_no_attempt(roll: Roll) -> None:
    """One mail finds the server away; the other is not tried in that round."""
    wanted(roll, "a")
    wanted(roll, "b")
    run_due(roll, trial(lambda _: Away("gone")), NOW)
    assert sorted(one.row.attempts for one in work.queue(roll)) == [0, 1]


def test_a_lease_that_is_over_is_taken_up_again_and_the_dead_one_settles_nothing(roll: Roll) -> None:
    """While the lease lasts nobody else has it; after it another does; what the first says then changes nothing."""
    wanted(roll)
    kinds = trial(lambda _: Done())
    first = work.take_due(roll, kinds, NOW)
    assert first is not None
    assert work.take_due(roll, kinds, NOW + work.LEASE - timedelta(seconds=1)) is None
    second = work.take_due(roll, kinds, NOW + work.LEASE)
    assert second is not None
    assert (second.id, second.attempts, second.takes) == (first.id, 2, 2)
    work.settle(roll, kinds["trial"], work.Ran(first, Done()), NOW)
    assert the_only(roll).takes == 2, "it is still in the second's hand"
    work.settle(roll, kinds["trial"], work.Ran(second, Done()), NOW)
    assert work.queue(roll) == []


def test_what_kills_its_process_each_time_is_given_up(roll: Roll) -> None:
    """Each death is an attempt; when they are used up it is not done once more but waits for a person."""
    wanted(roll)
    kinds, now = trial(lambda _: Done()), NOW
    for _ in range(len(WAITS) + 1):
        assert work.take_due(roll, kinds, now) is not None
        now += work.LEASE
    ran = run_one(roll, kinds, now)
    assert ran is not None
    assert isinstance(ran.result, Never)
    assert the_only(roll).owner == "registrar"


def _victim(roll: Roll, begun: int) -> None:
    """Take a piece of work, say so, and hang: what the kill test kills."""

    def hang(_: WorkRow) -> Done:
        os.write(begun, b"x")
        time.sleep(60)
        return Done()

    run_due(roll, trial(hang), NOW)


def test_a_process_that_is_killed_leaves_work_that_is_done_again(roll: Roll) -> None:
    """`kill -9` in the middle of it: the row waits with its lease, and is done when that is over, by whoever comes."""
    wanted(roll)
    told, begun = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _victim(roll, begun)
        finally:
            os._exit(1)
    assert os.read(told, 1) == b"x"
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert run_due(roll, trial(lambda _: Done()), NOW) == [], "the lease lasts"
    (ran,) = run_due(roll, trial(lambda _: Done()), NOW + work.LEASE)
    assert (ran.row.attempts, work.queue(roll)) == (2, [])


def test_two_workers_share_what_is_due_and_nothing_is_done_twice(roll: Roll) -> None:
    """Two processes over one table: each row is in one hand."""
    for number in range(20):
        wanted(roll, f"{number}")
    done: list[str] = []

    def do(row: WorkRow) -> Done:
        done.append(row.key)
        return Done()

    kinds = trial(do, lanes=2, lease=timedelta(hours=1))
    with working(roll, kinds), working(roll, kinds):
        until(lambda: len(done) >= 20 and not work.queue(roll))
    assert sorted(done) == sorted(f"{number}" for number in range(20))


def test_long_work_of_one_kind_does_not_hold_up_another(roll: Roll) -> None:
    """A file of a million rows is taken while mails go out."""
    held, seen = threading.Event(), threading.Event()
    wanted(roll, kind="long")
    wanted(roll, kind="short")

    def short(_: WorkRow) -> Done:
        seen.set()
        return Done()

    long = Kind(lambda _: Done() if held.wait(30) else Later("never let go"), "long")
    kinds = {"long": long, "short": Kind(short, "short")}
    with working(roll, kinds):
        assert seen.wait(30)
        held.set()
        until(lambda: not work.queue(roll))


def test_what_comes_by_a_clock_comes_again_and_is_never_lost(roll: Roll) -> None:
    """It is due at once the first time, then at its next time; a failure is tried sooner, however often, and shows its fault."""
    results: list[Result] = [Done(), Later("no luck"), Done()]
    kinds = trial(lambda _: results.pop(0), every=lambda now: next_day(roll, now))
    run_due(roll, kinds, NOW)
    tomorrow = next_day(roll, NOW)
    assert the_only(roll).due == tomorrow
    assert roll.day(tomorrow) == roll.day(NOW) + timedelta(days=1)
    run_due(roll, kinds, tomorrow)
    assert (the_only(roll).fault, the_only(roll).due) == ("no luck", tomorrow + WAITS[0])
    run_due(roll, kinds, tomorrow + WAITS[0])
    assert (the_only(roll).fault, the_only(roll).attempts) == ("", 0)
    assert results == []
    failing = trial(lambda _: Later("no luck"), every=lambda now: next_day(roll, now))
    now = the_only(roll).due
    for _ in range(2 * len(WAITS)):
        run_due(roll, failing, now)
        now = the_only(roll).due
    assert (the_only(roll).owner, the_only(roll).attempts) == (MACHINE, 2 * len(WAITS))


def test_a_clock_that_ran_ahead_puts_nothing_off_for_as_long(roll: Roll) -> None:
    """What it put off for a year, and what it took under a lease for a year, comes back once the clock is right again."""
    kinds = trial(lambda _: Done(), every=lambda now: next_day(roll, now))
    run_due(roll, kinds, NOW)
    ahead = NOW + timedelta(days=400)
    run_due(roll, kinds, ahead)
    assert the_only(roll).due > ahead
    work.ensure_recurring(roll, kinds, NOW)
    assert the_only(roll).due == next_day(roll, NOW)
    assert work.take_due(roll, kinds, ahead) is not None
    work.ensure_recurring(roll, kinds, NOW)
    taken_until = the_only(roll).taken_until
    assert taken_until is not None
    assert taken_until <= NOW + kinds["trial"].lease


def test_reading_what_waits_changes_nothing(roll: Roll) -> None:
    """A page that is looked at enters no work and ends none: all stays as it was, byte for byte."""

    def kept() -> list[tuple[object, ...]]:
        with roll.database.open() as connection:
            return connection.execute("select * from work order by id").fetchall()

    wanted(roll)
    run_due(roll, kinds_of(roll, None, write), roll.clock())
    before = kept()
    work.queue(roll)
    work.backlog(roll)
    assert kept() == before


def test_every_kind_of_work_has_its_words(roll: Roll) -> None:
    """The page of work names each kind, and each reason for which a person has one."""

    kinds = kinds_of(roll, Nowhere(), write, looks=Looks(Sights().eye, ""))
    assert set(kinds) <= set(MACHINE_WORK)
    assert set(kinds) == set(MACHINE_WHY)
    assert {kind.reason for kind in kinds.values()} <= set(WORK)


PAUSES = st.integers(0, 400_000).map(lambda seconds: timedelta(seconds=seconds))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("wanted"), st.sampled_from("abc"), st.sampled_from([MACHINE, "registrar"])),
        st.tuples(
            st.just("run"),
            st.sampled_from([Done(), Again(), Later("x"), Later("x", counted=False), Never("x")]),
            PAUSES,
        ),
        st.tuples(st.just("die"), PAUSES, st.none()),
    ),
    max_size=12,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_happens_each_row_has_an_owner_a_reason_and_a_due_time(
    roll: Roll, steps: list[tuple[object, ...]]
) -> None:
    """Wanted, done, failed, refused, left by a process that died, in any order: what waits says whose it is, why and when,
    and nothing that is the machine's is out of its reach."""
    with roll.database.own() as connection:
        connection.execute("delete from work")
    now = NOW
    for what, one, other in steps:
        if what == "wanted":
            wanted(roll, str(one), now, owner=str(other))
        elif what == "die":
            work.take_due(roll, trial(lambda _: Done()), now)
            now += one  # type: ignore[operator] # a pause
        else:
            run_one(roll, trial(lambda _, result=one: result), now)  # type: ignore[misc] # a result
            now += other  # type: ignore[operator] # a pause
    waiting = [one.row for one in work.queue(roll)]
    assert all(row.owner and row.reason and row.due for row in waiting)
    assert len({row.key for row in waiting}) == len(waiting)
    late = now + timedelta(days=9)
    run = {ran.row.id for ran in run_due(roll, trial(lambda _: Done()), late)}
    assert run == {row.id for row in waiting if row.owner == MACHINE}
    assert all(one.row.owner == "registrar" for one in work.queue(roll))


@pytest.mark.parametrize("role", ["operator", "subscriber", "registrar"])
def test_who_acts_enqueues_for_the_machine_and_reads_nothing(roll: Roll, role: str) -> None:
    """A mail is handed in with its act under any role; what others have to do is neither seen nor given to them."""
    with roll.database.transaction(role, organisation="east") as connection:
        send_later(roll, "trial", "en", {}, "li@people.example", NOW, connection=connection)
    assert the_only(roll).kind == "mail"
    with roll.database.own() as connection:
        work.enqueue(connection, "upload", "west", REGISTRAR, "upload", NOW, now=NOW)
    for statement in (
        "select * from work",
        "select enqueue('trial', 'b', 'registrar', 'trial', now(), now())",
        "select enqueue('sweep', 'b', 'machine', 'sweep', now(), now())",
        "select enqueue('upload', 'west', 'machine', 'upload', now(), now())",
        "delete from work",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), roll.database.transaction(role) as connection:
            connection.execute(statement)


def test_what_an_operator_has_to_do_is_ended_by_nobody_else(roll: Roll) -> None:
    """By its number, which the registrar can guess, it is neither taken nor ended."""
    wanted(roll, "a", owner="east")
    number = the_only(roll).id
    assert isinstance(work.take(roll, number, 1), Refused)
    assert isinstance(settle_work(roll, number, "seen to", KEEPER), Refused)
    assert (the_only(roll).owner, the_only(roll).taken_by) == ("east", None)


def test_a_mail_that_is_none_goes_to_a_person_who_ends_it(roll: Roll) -> None:
    """A row whose key names no mail is said to be that, and can be put out of the way."""
    wanted(roll, "no-number", kind="mail")
    run_due(roll, {"mail": outbox.kind(roll, Nowhere(), write)}, NOW)
    row = the_only(roll)
    assert (row.owner, row.fault) == (REGISTRAR, "no mail has this number")
    assert settle_work(roll, row.id, "looked at", KEEPER) is None


def test_a_log_that_stands_still_is_work_and_settles_itself(roll: Roll, caplog: pytest.LogCaptureFixture) -> None:
    """Held, the log says why on the page of work, once; when it goes on, that has ended, and the server's output says both."""
    ratchet = roll.home / "ratchet"
    sequencing = Sequencing(roll)
    until(lambda: ratchet.exists() and not sequencing.trouble)
    good = ratchet.read_bytes()
    ratchet.write_bytes(b"{")
    for _ in range(2):
        sequencing.wake()
    until(lambda: bool(sequencing.trouble) and len(work.queue(roll)) == 1)
    row = the_only(roll)
    assert (row.kind, row.owner, row.reason) == ("log", "registrar", "log")
    assert "damaged" in row.key
    ratchet.write_bytes(good)
    (roll.home / "held").unlink(missing_ok=True)
    sequencing.wake()
    until(lambda: not sequencing.trouble and not work.queue(roll))
    sequencing.close()
    said = [one.getMessage().split(":")[0] for one in caplog.records if one.getMessage().startswith("the log ")]
    assert said == ["the log stands still", "the log goes on"]


def test_what_waited_before_the_upgrade_waits_after_it(database_url: str, roll: Roll) -> None:
    """Mails, files and proposals that waited in tables of their own are work, with their attempts; what failed is a person's."""
    name = f"{roll.name}-old"
    database = Database(database_url, name)
    try:
        migrate(database_url, name, "0014")
        with database.open() as connection:
            connection.execute(OLD)
        migrate(database_url, name)
        with database.open() as connection:
            found = rows.waiting(connection)
            state = connection.execute("select state from upload where id = 2").fetchone()
    finally:
        drop(database_url, name)
    told = {(row.kind, row.key, row.owner, row.attempts) for row in found}
    assert told == {
        ("mail", f"{1:08x}-0000-4000-8000-000000000000", MACHINE, 3),
        ("mail", f"{2:08x}-0000-4000-8000-000000000000", "registrar", 8),
        ("upload", "east", MACHINE, 0),
        ("proposal", "1", "registrar", 0),
        ("escrow", "2006-12-18", "registrar", 0),
    }
    assert all(row.reason for row in found)
    assert state == ("waiting",), "nobody has it in hand any more"


OLD = """
insert into mail (id, template, lang, params, address_sealed, made, due, tries, state, last_error) values
    ('00000001-0000-4000-8000-000000000000', 'trial', 'en', '{}', '\\x01', now(), now(), 3, 'waiting', '451 later'),
    ('00000002-0000-4000-8000-000000000000', 'trial', 'en', '{}', null, now(), now(), 8, 'failed', '550 no'),
    ('00000003-0000-4000-8000-000000000000', 'trial', 'en', '{}', null, now(), now(), 8, 'failed', '550 no');
update mail set given_up = now() where id = '00000003-0000-4000-8000-000000000000';
insert into upload (id, operator, seat, purpose, size, begun, state) overriding system value values
    (1, 'east', 1, 'file', 9, now(), 'waiting'), (2, 'east', 1, 'file', 9, now(), 'working'),
    (3, 'west', 1, 'file', 9, now(), 'done');
insert into proposal (id, ref, digest, rule, starts, seat, proposed) overriding system value values
    (1, 'r', 'd', '{}', '2007-02-01', 1, now()), (2, 'r', 'd', '{}', '2007-02-01', 1, now());
update proposal set decided = now(), published = true where id = 2;
insert into work (kind, about, made, due) values
    ('proposal', '1', now(), '2007-01-31'), ('escrow', '2006-12-18', now(), '2006-12-20');
"""


def test_the_command_lists_what_waits_and_does_what_is_due(roll: Roll, capsys: pytest.CaptureFixture[str]) -> None:
    """`openroll work list` names owner, reason and due time; `run` does it; `run --again` what the machine had given up."""
    results: list[Result] = [Never("no such thing"), Done()]
    app = App()
    add(app, Given(roll, trial(lambda _: results.pop(0))))  # type: ignore[arg-type] # what these commands need of a process
    wanted(roll)
    app(["work", "list"], result_action="return_value")
    assert re.search(r"\d+ +trial +machine +trial +2006-12-20 12:00 [+]08:00 +0", capsys.readouterr().out)
    with pytest.raises(SystemExit):
        app(["work", "run"], result_action="return_value")
    assert "Not done: trial: no such thing" in capsys.readouterr().out
    app(["work", "list"], result_action="return_value")
    assert "registrar" in capsys.readouterr().out
    app(["work", "run", "--again", str(the_only(roll).id)], result_action="return_value")
    app(["work", "list"], result_action="return_value")
    assert "Done: 1 of 1 pieces of work.\nNothing waits." in capsys.readouterr().out


class Given(NamedTuple):
    """What the commands on work need of the process they run in."""

    the_roll: Roll
    registry: dict[str, Kind]

    def roll(self) -> Roll:
        """The roll."""
        return self.the_roll

    def kinds(self, _: Roll) -> dict[str, Kind]:
        """The kinds of work there are."""
        return self.registry


def test_metrics_say_how_much_waits_and_how_long(roll: Roll) -> None:
    """By kind and owner: how many pieces, and for how many seconds the longest waiting of them has been due."""
    wanted(roll, "a", NOW)
    wanted(roll, "b", NOW + timedelta(days=1))
    wanted(roll, "c", NOW + timedelta(days=1), owner="registrar")
    machine, person = work.backlog(roll)
    assert (machine.kind, machine.owner, machine.pieces) == ("trial", MACHINE, 2)
    assert 0 < machine.late < 3_600
    assert (person.owner, person.pieces, person.late) == ("registrar", 1, 0.0)
