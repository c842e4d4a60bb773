"""Which transactions the log waits for: those that may write its events, and nobody else's; and no event is ever passed by."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count, permutations
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection
from psycopg.conninfo import make_conninfo

from openroll.service.filing.submit import Taken
from openroll.service.log.fsck import fsck
from openroll.service.log.sequencer import Sequencer
from openroll.service.roll import Roll
from openroll.store import events
from openroll.store.connect import assume
from openroll.store.events import EventRow
from tests.conftest import opened as opened_roll
from tests.service.cluster import cluster
from tests.service.filings import filing
from tests.service.test_holding import submit

STRANGER = "nobody_here"
NOW = datetime(2006, 11, 1, tzinfo=UTC)
STREAMS = count(1_000_001)
"""Records that nothing else has."""


@pytest.fixture
def stranger(roll: Roll) -> Iterator[str]:
    """The address of a login that may connect to the database and has no right in the roll."""
    with roll.database.open() as connection:
        connection.autocommit = True
        connection.execute(f"drop role if exists {STRANGER}")
        connection.execute(f"create role {STRANGER} login password 'x'")
    yield make_conninfo(roll.database.url, user=STRANGER, password="x")
    with roll.database.open() as connection:
        connection.autocommit = True
        connection.execute(f"drop role {STRANGER}")


@contextmanager
def opened(roll: Roll, kind: str, address: str) -> Iterator[Connection]:
    """A connection of somebody: without a right here, the tables' owner, or the roll's own runtime login."""
    if kind == "stranger":
        connection: Connection = psycopg.connect(address)
    else:
        connection = roll.database.open() if kind == "owner" else roll.database.open_runtime("openroll-test")
    with closing(connection):
        yield connection


def number(connection: Connection) -> int:
    """Have the connection's transaction take its number, as the first write does."""
    row = connection.execute("select pg_current_xact_id()::text::bigint").fetchone()
    assert row is not None
    return int(row[0])


def write(connection: Connection, stream: int, kind: str) -> None:
    """Write one event: ours as `events.append` does, others' by hand."""
    if kind == "runtime":
        assume(connection, "application")
        of = (stream, 1, "subscription.filed/1", "operator", "east", NOW, NOW.date(), bytes(32))
        events.append(connection, [EventRow(*of, sha256(str(stream).encode()).digest(), "{}")])
        return
    connection.execute(
        "insert into event (stream, version, name, role, organisation, at, day, salt, commitment, body) values"
        " (%s, 1, 'subscription.filed/1', 'operator', 'east', now(), '2006-11-01', sha256('s'),"
        " sha256(%s::text::bytea), '{}')",
        (stream, stream),
    )


def places(roll: Roll) -> tuple[int, ...]:
    """The streams whose events have a place, in no order."""
    with roll.database.open() as connection:
        rows = connection.execute(
            "select e.stream from event e cross join lateral (select * from placed where event <= e.id order by event desc"
            " limit 1) p where e.id < p.event + p.count and e.stream >= 1000000"
        ).fetchall()
    return tuple(stream for (stream,) in rows)


def test_a_strangers_open_transaction_delays_no_place(roll: Roll, stranger: str) -> None:
    """Whoever has no right in the roll may leave a transaction with a number open: the next round places what was filed."""
    sequencer = Sequencer(roll)
    sequencer.run_until_empty()
    with opened(roll, "stranger", stranger) as theirs:
        number(theirs)
        assert isinstance(submit(roll, filing(handle="k-1"), None), Taken)
        assert sequencer.round().placed == 1
    sequencer.close()
    assert fsck(roll, lambda *_: None).fault is None


def test_an_owners_transaction_that_wrote_no_event_delays_no_place_and_writes_none_later(
    roll: Roll,
) -> None:
    """An old psql of the owner's is passed by; an event that it would write behind the places given is refused."""
    sequencer = Sequencer(roll)
    sequencer.run_until_empty()
    with opened(roll, "owner", "") as theirs:
        number(theirs)
        assert isinstance(submit(roll, filing(handle="k-1"), None), Taken)
        assert sequencer.round().placed == 1
        with pytest.raises(psycopg.errors.SerializationFailure, match="begin it anew"):
            write(theirs, 1_000_001, "owner")
        theirs.rollback()
        write(theirs, 1_000_001, "owner")
        theirs.commit()
    assert sequencer.round().placed == 1
    sequencer.close()


@pytest.mark.parametrize("isolation", ["repeatable read", "serializable"])
def test_a_transaction_that_sees_the_past_is_refused_too(roll: Roll, isolation: str) -> None:
    """What a transaction was shown before does not matter: where places were given is seen at once by all."""
    sequencer = Sequencer(roll)
    sequencer.run_until_empty()
    with opened(roll, "owner", "") as theirs:
        theirs.execute(f"set transaction isolation level {isolation}")
        theirs.execute("select count(*) from event")
        number(theirs)
        assert isinstance(submit(roll, filing(handle="k-1"), None), Taken)
        assert sequencer.round().placed == 1
        with pytest.raises(psycopg.errors.SerializationFailure, match="begin it anew"):
            write(theirs, 1_000_001, "owner")
    sequencer.close()


def test_a_transaction_of_ours_is_waited_for_before_it_writes(roll: Roll) -> None:
    """What the roll's own login has begun may end in an event: nothing behind it gets a place before it has ended."""
    sequencer = Sequencer(roll)
    sequencer.run_until_empty()
    with opened(roll, "runtime", "") as ours:
        number(ours)
        assert isinstance(submit(roll, filing(handle="k-1"), None), Taken)
        assert sequencer.round().placed == 0
        write(ours, 1_000_001, "runtime")
        ours.commit()
        assert sequencer.round().placed == 2
    sequencer.close()


def write_or_begin_anew(connection: Connection, stream: int, kind: str) -> bool:
    """Write one event; whether that was taken. A transaction that came too late is rolled back."""
    try:
        write(connection, stream, kind)
    except psycopg.errors.SerializationFailure:
        connection.rollback()
        return False
    return True


@pytest.mark.parametrize("kind", ["owner", "runtime"])
def test_no_event_is_passed_by_in_any_order(roll: Roll, kind: str) -> None:
    """A transaction takes its number, writes, and ends; another files, and the sequencer works, anywhere between."""
    sequencer, written = Sequencer(roll), set[int]()
    steps = ("number", "write", "end", "other", "round", "round")
    one_way = (one for one in set(permutations(steps)) if one.index("number") < one.index("write") < one.index("end"))
    with opened(roll, kind, "") as theirs, opened(roll, "runtime", "") as other:
        for order in sorted(one_way):
            for step in order:
                if step == "number":
                    number(theirs)
                elif step == "write" and write_or_begin_anew(theirs, stream := next(STREAMS), kind):
                    written.add(stream)
                elif step == "end":
                    theirs.commit()
                elif step == "other" and write_or_begin_anew(other, stream := next(STREAMS), "runtime"):
                    written.add(stream)
                    other.commit()
                elif step == "round":
                    sequencer.round()
    check_all_placed(roll, sequencer, written)
    sequencer.close()


def check_all_placed(roll: Roll, sequencer: Sequencer, written: set[int]) -> None:
    """Everything that was written has a place, once nothing is open any more."""
    done = sequencer.run_until_empty()
    assert not done.waiting
    assert set(places(roll)) == written
    with roll.database.open() as connection:
        assert connection.execute("select count(*) from event").fetchone() == (done.size,)


_DONE = ("number", "write", "write", "end", "end", "round", "round", "undo", "savepoint")
_ACTS = st.tuples(
    st.integers(0, 3),
    st.sampled_from(_DONE),
)


@given(acts=st.lists(_ACTS, min_size=12, max_size=40))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_event_is_passed_by_whatever_is_open_and_when(roll: Roll, acts: list[tuple[int, str]]) -> None:
    """Two of the owner's connections and two of the roll's own do anything in any order between the sequencer's rounds."""
    sequencer = Sequencer(roll)
    before, written = set(places(roll)), set[int]()
    pending: dict[int, set[int]] = {}
    kinds = ("owner", "owner", "runtime", "runtime")
    with ExitStack() as stack:
        open_now = [stack.enter_context(opened(roll, kind, "")) for kind in kinds]
        for who, act in acts:
            connection = open_now[who]
            if act == "round":
                sequencer.round()
            elif act == "number":
                number(connection)
            elif act == "end":
                connection.commit()
                written |= pending.pop(who, set())
            elif act == "undo":
                connection.rollback()
                pending.pop(who, None)
            elif act == "savepoint":
                _write_and_undo(connection, next(STREAMS), kinds[who])
            elif write_or_begin_anew(connection, stream := next(STREAMS), kinds[who]):
                pending.setdefault(who, set()).add(stream)
            else:
                pending.pop(who, None)
    check_all_placed(roll, sequencer, before | written)
    sequencer.close()


def _write_and_undo(connection: Connection, stream: int, kind: str) -> None:
    """Write an event in a part of the transaction that is undone: its lock goes with it."""
    with suppress(psycopg.errors.SerializationFailure), connection.transaction(force_rollback=True):
        write(connection, stream, kind)


def test_no_event_is_passed_by_under_load(roll: Roll) -> None:
    """Real writers of both logins take their numbers early, and rounds do not wait for them: each event has its place."""
    written: set[int] = set()
    ended, rounds = threading.Event(), 40

    def work(kind: str) -> None:
        with opened(roll, kind, "") as connection:
            while not ended.is_set():
                number(connection)
                connection.execute("select pg_sleep(random() * 0.01)")  # so that rounds fall in between
                if write_or_begin_anew(connection, stream := next(STREAMS), kind):
                    connection.commit()
                    written.add(stream)

    sequencer = Sequencer(roll)
    writers = [threading.Thread(target=work, args=(kind,)) for kind in ("owner", "owner", "owner", "runtime")]
    for writer in writers:
        writer.start()
    for _ in range(rounds):
        sequencer.round()
    ended.set()
    for writer in writers:
        writer.join()
    assert len(written) > rounds
    check_all_placed(roll, sequencer, written)
    sequencer.close()


def test_where_another_cluster_had_come_to_is_no_floor_here(roll: Roll) -> None:
    """A dump brings its floor along: in a younger cluster nothing is refused by it, and it is set anew when it is needed."""
    with roll.database.open() as connection:
        connection.execute("select setval('placing_floor', 1000000000000)")
        connection.commit()
    sequencer = Sequencer(roll)
    assert isinstance(submit(roll, filing(handle="k-1"), None), Taken)
    assert not sequencer.run_until_empty().waiting
    with opened(roll, "owner", "") as theirs:
        number(theirs)
        assert isinstance(submit(roll, filing(handle="k-2"), None), Taken)
        assert sequencer.round().placed == 1
        assert not write_or_begin_anew(theirs, next(STREAMS), "owner")
    sequencer.close()


def test_prepared_transactions_are_as_others(tmp_path: Path) -> None:
    """Where a server keeps some, one that wrote no event is passed by, and one that did is waited for."""
    with cluster(tmp_path, settings="-c max_prepared_transactions=4") as server:
        roll = opened_roll(server.owner("prepared"), tmp_path / "home", "prepared")
        sequencer = Sequencer(roll)
        sequencer.run_until_empty()
        with closing(roll.database.open()) as owner:
            number(owner)
            owner.execute("prepare transaction 'nothing'")
            owner.commit()
            write(owner, stream := next(STREAMS), "owner")
            owner.execute("prepare transaction 'event'")
            owner.commit()
            owner.autocommit = True
            write(owner, later := next(STREAMS), "owner")
            assert sequencer.round().placed == 0
            owner.execute("commit prepared 'event'")
            assert sequencer.round().placed == 2
            owner.execute("rollback prepared 'nothing'")
        assert set(places(roll)) == {stream, later}
        sequencer.close()
