"""One at a time by rows of the roll: whoever may merely connect to the database holds up nobody."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import Connection

import openroll
from openroll.register.decision import Refused
from openroll.service.filing import bulk
from openroll.service.filing.group_commit import GroupCommit
from openroll.service.filing.submit import Taken
from openroll.service.governance.open_roll import upgrade_roll
from openroll.service.identity.api_tokens import issue_token
from openroll.service.log.leader import PATIENCE, Leader
from openroll.service.log.sequencer import RoundElsewhere, Sequencer
from openroll.service.roll import Roll
from openroll.store import events, exclusion, files, numbers, people, uploads, waiting
from openroll.store.schema import migrate
from openroll.store.waiting import Waits
from tests.service.filings import filing, rows_file, submission_of
from tests.service.test_cost import EAST
from tests.service.test_holding import submit
from tests.service.test_horizon import stranger
from tests.service.test_processes import other, until

__all__ = ["stranger"]

OF_OTHERS = (
    "{number}::int, hashtext('{schema}')",
    "hashtext('{schema} numbers')",
    "hashtext('{schema} uploads'), hashtext('east')",
    "hashtext('{schema} seat'), hashtext('east')",
    "7310595140236471404",
    *(f"hashtext('{{schema}} stream'), {stream}" for stream in range(8)),
)
"""The advisory locks that the roll once took, as anybody can compute them."""


@contextmanager
def every_lock_taken(roll: Roll, address: str) -> Iterator[None]:
    """Somebody without a right in the roll holds every advisory lock that it ever took, in a transaction with a number."""
    with closing(psycopg.connect(address)) as connection:
        for number in (exclusion.LEADER_LOCK, exclusion.SEQUENCER_LOCK):
            for lock in OF_OTHERS:
                named = lock.format(number=number, schema=roll.database.schema)
                connection.execute(f"select pg_advisory_lock({named})")
        connection.execute("select pg_current_xact_id()")
        yield


def test_a_stranger_who_holds_every_lock_by_number_holds_up_nothing(roll: Roll, stranger: str) -> None:
    """Filing, a file, an official act, numbers, leading, a round, an upgrade: all go on."""
    with every_lock_taken(roll, stranger):
        leader, sequencer = Leader(roll), Sequencer(roll)
        assert leader.leads()
        assert isinstance(submit(roll, filing(handle="k-1"), None), Taken)
        assert isinstance(bulk.take_file(roll, "east", rows_file(3)), bulk.FileTaken)
        assert isinstance(issue_token(roll, "east", "one"), str)
        assert len(roll.numbers.take("record", 5_000)) == 5_000
        upgrade_roll(roll.database, roll.home)
        done = sequencer.run_until_empty()
        assert not done.waiting
        with roll.database.own() as connection:
            uploads.share(connection, "east")
            people.only_one_joins(connection, "east")
        sequencer.close()
        leader.close()


def test_only_the_locks_of_older_servers_are_advisory() -> None:
    """No exclusion of ours rests on a lock that everybody can take: the words stand where older servers are kept off alone."""
    rooms = Path(openroll.__file__).parent
    found = {
        str(path.relative_to(rooms))
        for path in rooms.rglob("*.*")
        if path.suffix in (".py", ".sql") and re.search(r"pg_\w*advisory\w*lock", path.read_text(encoding="utf-8"))
    }
    assert found == {"store/exclusion.py"}


HOLDS: dict[str, Callable[[Connection], object]] = {
    "record": lambda connection: events.version_of(connection, 5),
    "numbers": numbers.only_one,
    "uploads": lambda connection: uploads.share(connection, "east"),
    "seats": lambda connection: people.only_one_joins(connection, "east"),
}


@pytest.mark.parametrize("what", sorted(HOLDS))
def test_two_transactions_of_ours_hold_one_name_one_after_the_other(roll: Roll, what: str) -> None:
    """The second waits, at most as long as it was told to; after the first has ended it goes on, the first time too."""
    with roll.database.own() as first:
        HOLDS[what](first)
        with roll.database.own() as second:
            second.execute("set local lock_timeout = '50ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable), second.transaction():
                HOLDS[what](second)
    with roll.database.own() as third:
        third.execute("set local lock_timeout = '50ms'")
        HOLDS[what](third)


def test_a_reader_of_tables_holds_up_no_round(roll: Roll, stranger: str) -> None:
    """A login for statistics that may read every table locks what it may lock, and the log goes on."""
    schema = roll.database.schema
    with roll.database.open() as owner:
        owner.execute(f"grant usage on schema {schema} to nobody_here")
        owner.execute(f"grant select on all tables in schema {schema} to nobody_here")
        owner.commit()
    with closing(psycopg.connect(stranger)) as theirs:
        for table in ("event", "mutex", "lease", "sequencer_round", "work", "head"):
            theirs.execute(f"lock table {schema}.{table} in access share mode")
        for how in ("select from {} for share", "lock table {} in share mode"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), theirs.transaction():
                theirs.execute(how.format(f"{schema}.sequencer_round"))
        theirs.execute("select pg_current_xact_id()")
        leader, sequencer = Leader(roll), Sequencer(roll)
        assert leader.leads()
        assert isinstance(submit(roll, filing(handle="k-1"), None), Taken)
        assert not sequencer.run_until_empty().waiting
        sequencer.close()
        leader.close()
    with roll.database.open() as owner:
        owner.execute("drop owned by nobody_here")


@contextmanager
def older(roll: Roll, application: str, number: int) -> Iterator[Connection]:
    """A server of the version before, which knows the advisory lock alone."""
    with closing(roll.database.open_runtime(application, role="application")) as connection:
        connection.autocommit = True
        connection.execute("select pg_advisory_lock(%s::int, hashtext(%s))", (number, roll.database.schema))
        yield connection


def test_an_older_server_that_leads_is_not_joined_by_another(roll: Roll) -> None:
    """During a rolling restart there is one leader: the old one while it is there, then the new one, which keeps old ones off."""
    leader = Leader(roll)
    with older(roll, "openroll-leader", exclusion.LEADER_LOCK):
        assert not leader.leads()
        assert not leader.leads()
    until(leader.leads)
    with closing(roll.database.open_runtime("openroll-leader", role="application")) as old:
        row = old.execute(
            "select pg_try_advisory_lock(%s::int, hashtext(%s))", (exclusion.LEADER_LOCK, roll.database.schema)
        ).fetchone()
    assert row == (False,)
    leader.close()


def test_a_round_of_an_older_server_is_waited_for_and_not_for_ever(roll: Roll) -> None:
    """Two rounds at once there are never, whichever version does the other; what does not end is said."""
    ticks = iter(range(0, 10_000, 10))
    with (
        closing(roll.database.open_runtime("openroll-round", role="application")) as mine,
        older(roll, "openroll-sequencer", exclusion.SEQUENCER_LOCK),
    ):
        mine.autocommit = True
        alone = exclusion.only_sequencer(
            mine, roll.database.schema, monotonic=lambda: float(next(ticks)), pause=lambda _: None
        )
        with pytest.raises(exclusion.OlderServerBusy), alone:
            pytest.fail("two rounds at once")


def test_a_round_that_does_not_end_is_no_hang(roll: Roll) -> None:
    """Who wants to do a round while another's does not end is told so, and its next round does what waits."""
    sequencer = Sequencer(roll)
    sequencer.run_until_empty()
    assert sequencer._lock is not None
    sequencer._lock.execute("set lock_timeout = '50ms'")
    with roll.database.only_sequencer(), pytest.raises(RoundElsewhere, match="openroll status"):
        sequencer.round()
    assert isinstance(submit(roll, filing(handle="k-1"), None), Taken)
    assert sequencer.round().placed == 1
    sequencer.close()


def test_a_leader_that_hangs_is_followed_by_another_though_its_connection_stays(roll: Roll) -> None:
    """Without a sign for a minute it leads no more; when it wakes it finds that out, and is no hindrance to a third."""
    first, second, third = Leader(roll), Leader(other(roll)), Leader(other(roll))
    assert first.leads()
    assert not second.leads()
    _age(roll, PATIENCE + 1)
    assert second.leads()
    assert not third.leads()
    second.close()
    until(third.leads)
    assert not first.leads()
    assert not first.leads()
    third.close()
    until(first.leads)
    first.close()


def _age(roll: Roll, seconds: float) -> None:
    """Let time pass for every lease."""
    with roll.database.open() as connection:
        connection.execute("update lease set renewed = renewed - make_interval(secs => %s)", (seconds,))


def test_one_takes_a_file_and_another_after_it_died_or_hung(roll: Roll) -> None:
    """A file is its taker's while the connection lives and it goes on; whoever lost it meanwhile writes nothing more."""
    me, you = uuid4(), uuid4()
    with (
        closing(roll.database.open_runtime("openroll-file", role="application")) as mine,
        closing(roll.database.open_runtime("openroll-file", role="application")) as yours,
    ):
        mine.autocommit = yours.autocommit = True
        assert files.try_lock(mine, "east", "d", me)
        assert not files.try_lock(yours, "east", "d", you)
        assert files.try_lock(yours, "east", "another", you)
        _age(roll, files.TAKING + 1)
        assert files.try_lock(yours, "east", "d", you)
        assert not files.go_on(mine, "east", "d", me)
        assert files.go_on(yours, "east", "d", you)
        yours.close()
        until(lambda: files.try_lock(mine, "east", "d", me))  # the server ends a session a moment after its client


def test_a_file_that_another_took_over_is_left_to_it(roll: Roll) -> None:
    """The batch at hand of whoever hung is rolled back, and says that the file was overtaken."""

    def taken_over(step: str) -> None:
        if step == "file batch: before":
            with roll.database.open() as connection:
                connection.execute("update lease set holder = gen_random_uuid()")

    result = bulk.take_file(roll, "east", rows_file(3), step=taken_over)
    assert isinstance(result, bulk.FileRefused)
    assert result.refused.refusal.code == "file-overtaken"
    assert isinstance(bulk.take_file(roll, "east", rows_file(3)), bulk.FileRefused | bulk.FileTaken)


def test_a_filing_that_waits_too_long_is_refused_and_taken_the_next_time(roll: Roll) -> None:
    """What others hold for longer than we wait is a refusal with a code: nothing was taken, and nothing hangs."""
    grouping = GroupCommit(roll, patience=0.1)
    one = submission_of(filing(handle="k-1"), EAST)
    assert isinstance(grouping.submit_and_wait(submission_of(filing(handle="k-0"), EAST)), Taken)
    with roll.database.open() as connection:
        connection.execute("lock table event in share mode")
        refused = grouping.submit_and_wait(one)
    assert isinstance(refused, Refused)
    assert (refused.refusal.code, refused.refusal.status) == ("database-busy", 503)
    assert isinstance(grouping.submit_and_wait(one), Taken)
    grouping.close()


def test_a_file_that_waits_too_long_is_refused_and_goes_on_the_next_time(
    roll: Roll, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So is a file: it says how much of it is stored, and sent again it is taken."""
    monkeypatch.setitem(waiting.BY_APPLICATION, "openroll-file", Waits("100ms", "1min", "30s"))
    with roll.database.open() as connection:
        connection.execute("lock table event in share mode")
        refused = bulk.take_file(roll, "east", rows_file(3))
    assert isinstance(refused, bulk.FileRefused)
    assert refused.refused.refusal.code == "file-unfinished"
    assert isinstance(bulk.take_file(roll, "east", rows_file(3)), bulk.FileTaken)


@pytest.mark.parametrize("application", sorted(waiting.BY_APPLICATION))
def test_no_connection_of_the_runtime_login_waits_without_end(roll: Roll, application: str) -> None:
    """Each has an end to waiting for a lock and to standing open, and what serves people one to each statement."""
    with closing(roll.database.open_runtime(application)) as connection:
        names = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
        found = {name: connection.execute(f"show {name}").fetchone() for name in names}
    assert found["lock_timeout"] != ("0",)
    assert found["idle_in_transaction_session_timeout"] != ("0",)
    assert found["statement_timeout"] != ("0",) or application in ("openroll-fsck", "openroll-rebuild")


def test_a_client_of_ours_that_hangs_in_a_transaction_lets_go(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server ends the connection, and with it what was held; who waited goes on."""
    monkeypatch.setitem(waiting.BY_APPLICATION, "openroll-test", Waits("5s", "1min", "50ms"))
    with closing(roll.database.open_runtime("openroll-test", role="application")) as hung:
        numbers.only_one(hung)
        with roll.database.own() as waits:
            numbers.only_one(waits)
        with pytest.raises(psycopg.errors.IdleInTransactionSessionTimeout):
            hung.execute("select 1")


def test_every_connection_of_the_source_is_in_the_list_of_waits() -> None:
    """A name that is not in it would wait as pages do, which nobody thought about."""
    rooms = Path(openroll.__file__).parent
    named = {
        name for path in rooms.rglob("*.py") for name in re.findall(r"open_runtime\(\s*\"([a-z-]+)\"", path.read_text())
    }
    assert named <= set(waiting.BY_APPLICATION)
    assert "openroll-leader" in named


def test_raising_the_wall_beside_a_server_lets_go_of_what_that_wants(roll: Roll) -> None:
    """It has tables and waits for one more, whose holder wants one of those: neither transaction is ended."""
    held = (
        "select (select relation::regclass::text from pg_locks m where m.pid = l.pid and m.granted and m.relation in"
        " (select oid from pg_class where relkind = 'r' and relnamespace = %s::regnamespace)"
        " and m.mode = 'AccessExclusiveLock' limit 1) from pg_locks l where not l.granted"
        " and l.mode = 'AccessExclusiveLock' and l.relation = 'work'::regclass"
    )
    theirs: list[str] = []

    def waits() -> bool:
        found = watching.execute(held, (roll.database.schema,)).fetchone()
        theirs[:] = [found[0]] if found and found[0] else []
        return bool(theirs)

    with (
        ThreadPoolExecutor(1) as beside,
        roll.database.open() as watching,
        roll.database.open_runtime("openroll", role="application") as serving,
    ):
        watching.autocommit = True
        serving.execute("select 1 from work limit 1")
        raised = beside.submit(migrate, roll.database.url, roll.name)
        until(waits)
        serving.execute(f"select 1 from {theirs[0]} limit 1")
        serving.commit()
        raised.result(30)
