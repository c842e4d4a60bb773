"""What whoever owns the database can write past every guard, the log's check names: an act unseen, a record gone or moved."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from openroll.register.events import EVENTS
from openroll.register.subscription.commands import Change
from openroll.service.filing.rebuild import rebuild
from openroll.service.filing.submit import Taken
from openroll.service.log.fsck import fsck
from openroll.service.log.publishing import passed_by
from openroll.service.log.sequencer import Sequencer
from openroll.service.log.signing_hold import SigningHold, hold
from openroll.service.recovery.resume import resume, seen_at
from openroll.service.roll import Roll
from openroll.store import log, placed_facts
from openroll.store.roles import schema_of
from openroll.watch.source import FolderSource
from tests.service.going_back import remember
from tests.service.test_named_records import EAST, MOVED
from tests.service.test_porting import filed
from tests.service.test_unconfirmed import act

BEHIND = (
    "insert into event (id, xid, stream, version, name, role, organisation, at, day, salt, commitment, body)"
    " overriding system value select nextval('event_id_seq'), %s::xid8, stream, version + %s, %s, role, organisation, at, day,"
    " salt, commitment, body from event where stream = %s order by version desc limit 1"
)


@contextmanager
def owner(roll: Roll) -> Iterator[psycopg.Connection]:
    """The owner's connection with every guard off, as whoever owns the database can switch them."""
    with psycopg.connect(roll.database.url, autocommit=True) as connection:
        connection.execute(sql.SQL("set search_path to {}").format(sql.Identifier(schema_of(roll.database.roll))))
        for table in ("event", "placed", "lost", "subscription"):
            connection.execute(f"alter table {table} disable trigger user")
        yield connection


@pytest.fixture
def two(roll: Roll) -> tuple[int, int]:
    """Two records of one operator in the log, each changed since it was filed."""
    numbers = filed(roll, "a-1"), filed(roll, "b-2")
    for number in numbers:
        change = Change(on=roll.day(roll.clock()), district=MOVED["district"])
        assert isinstance(act(roll, number, change, EAST), Taken)
    Sequencer(roll).run_until_empty()
    assert fsck(roll).fault is None
    return numbers


def split_places(connection: psycopg.Connection, event: int) -> None:
    """Take the place of one event away, and leave those beside it."""
    rows = connection.execute(
        "select place_in(p, e.id), e.id, p.event from placed p join event e on e.id >= p.event and e.id < p.event + p.count"
        " where p.event <= %s and %s < p.event + p.count",
        (event, event),
    ).fetchall()
    connection.execute("delete from placed where event = %s", (rows[0][2],))
    for position, number, _ in rows:
        if number != event:
            connection.execute("insert into placed (position, event, count) values (%s, %s, 1)", (position, number))


def fault(roll: Roll) -> str:
    """What the check of the log names, in one line."""
    found = fsck(roll).fault
    return "" if found is None else f"{found.where}: {found.what}"


def test_a_fact_of_any_kind_behind_the_log_is_named(roll: Roll, two: tuple[int, int]) -> None:
    """Each kind that there is, written with a number below the head's, is named; so no table has a row by an act unseen."""
    with owner(roll) as connection:
        for more, name in enumerate(EVENTS, 1):
            connection.execute(BEHIND, ("3", more, name, two[0]))
    said = fault(roll)
    assert all(f"({name})" in said for name in EVENTS)
    assert "written past the log" in said
    assert passed_by(roll) == len(EVENTS)


def test_a_fact_with_a_place_beyond_the_head_or_a_number_of_the_future_is_named(
    roll: Roll, two: tuple[int, int]
) -> None:
    """A place that no entry has hides nothing, nor does waiting for a transaction that never begins."""
    with owner(roll) as connection:
        connection.execute(BEHIND, ("99999999999999", 1, "token.issued/1", two[0]))
        assert "log reorder" in fault(roll)
        connection.execute("update event set xid = '3' where xid = '99999999999999'")
        connection.execute("insert into placed (position, event, count) select 999999, max(id), 1 from event")
    assert "token.issued/1" in fault(roll)


def test_two_facts_at_the_last_place_are_named(roll: Roll, two: tuple[int, int]) -> None:
    """A fact that bears the last one's number stands at its place too; `rebuild --check` counts it as one without a place."""
    with owner(roll) as connection:
        connection.execute(BEHIND.replace("nextval('event_id_seq')", "id"), ("3", 1, "subscription.changed/1", two[1]))
    assert fault(roll)
    assert rebuild(roll, replace=False).passed_by == 1


def test_an_erasure_behind_the_log_is_none(roll: Roll, two: tuple[int, int]) -> None:
    """Facts that were emptied by an erasure which has no place are named, and that erasure is."""
    with owner(roll) as connection:
        connection.execute(BEHIND, ("3", 1, "subscription.erased/1", two[0]))
        connection.execute(
            "update event set body = '', salt = decode(repeat('00', 32), 'hex'), organisation = ''"
            " where stream = %s and name <> 'subscription.erased/1'",
            (two[0],),
        )
        connection.execute("delete from subscription where number = %s", (two[0],))
    assert "subscription.erased/1" in fault(roll)
    with roll.database.own() as connection:
        assert placed_facts.emptied_without_erasure(connection) == two[0]


def test_facts_that_were_deleted_are_more_than_were_lost(roll: Roll, two: tuple[int, int]) -> None:
    """Entries whose facts are called lost are counted against what the log says was lost."""
    with owner(roll) as connection:
        facts = connection.execute(
            "select id, day, name, version from event where stream = %s order by version", (two[0],)
        ).fetchall()
        for number, day, name, version in facts:
            with roll.database.own() as reading:
                position = log.position_of(reading, two[0], version)
            connection.execute("insert into lost values (%s, %s, %s)", (position, day, name))
            split_places(connection, number)
            connection.execute("delete from event where id = %s", (number,))
        connection.execute("delete from subscription where number = %s", (two[0],))
    assert "2 entries have none" in fault(roll)


def test_a_moment_off_the_day_of_its_entry_is_named(roll: Roll, two: tuple[int, int]) -> None:
    """No commitment holds when a fact was written, but its entry shows the day."""
    with owner(roll) as connection:
        connection.execute("update event set at = at + interval '3 years' where stream = %s and version = 2", (two[1],))
    assert f"record {two[1]} fact 2" in fault(roll)


def test_facts_that_were_moved_to_another_record_are_named(roll: Roll, two: tuple[int, int]) -> None:
    """Two filings exchanged, each under the other's later facts, are told by the tags; so are two filings on one record."""
    with owner(roll) as connection:
        one, other = two
        for before, after in ((one, 10**15), (other, one), (10**15, other)):
            connection.execute("update event set stream = %s where stream = %s and version = 1", (after, before))
        assert "names another record's filing" in fault(roll)
        connection.execute("update event set stream = %s, version = version + 2 where stream = %s", two)
    assert "second filing" in fault(roll)


def test_a_return_that_broke_off_and_finds_more_lost_says_so(
    roll: Roll, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What went on record before the crash is not said again; entries that came to light after it are."""
    filed(roll, "a-1")
    Sequencer(roll).run_until_empty()
    go_back, ratchet = remember(roll), (roll.home / "ratchet").read_bytes()
    mirrors = []
    for account in ("b-2", "c-3"):
        filed(roll, account)
        Sequencer(roll).run_until_empty()
        mirrors.append(FolderSource(shutil.copytree(roll.public, tmp_path / account)))
    go_back()
    (roll.home / "ratchet").write_bytes(ratchet)
    shutil.rmtree(roll.public)
    hold(roll.home, SigningHold(roll.clock(), "dump"))
    with monkeypatch.context() as crash:
        crash.setattr("openroll.service.recovery.resume._go_on", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            resume(roll, [seen_at(roll, mirrors[0])], take_missing=True)
    assert resume(roll, [seen_at(roll, mirrors[1])], take_missing=True).lost == 2, "in all since the roll was held"
    Sequencer(roll).run_until_empty()
    checked = fsck(roll)
    assert (checked.fault, checked.lost) == (None, 2)
