"""Erasure is whole: of an erased record nothing is kept under its number but its places in the log."""

import json
from contextlib import AbstractContextManager
from datetime import date, timedelta

import psycopg
import pytest

from openroll.register.command import Actor
from openroll.register.decision import Refused
from openroll.register.subscription.commands import (
    AskRelease,
    Confirm,
    End,
    Erase,
    Hold,
    Notify,
    Release,
    SecondRelease,
)
from openroll.register.subscription.filing_code import code_of
from openroll.service.filing.rebuild import rebuild
from openroll.service.filing.submit import Failed, Taken
from openroll.service.identity import filing_code, passkeys, sessions
from openroll.service.identity.passkeys import RelyingParty
from openroll.service.identity.release import keep_contact
from openroll.service.log.fsck import fsck
from openroll.service.log.sequencer import Sequencer
from openroll.service.roll import Roll
from openroll.service.rollback_guard import new_numbers
from openroll.store import sessions as session_rows
from openroll.store import subscriptions
from openroll.store.numbers import RECORD
from openroll.store.sessions import PasskeyRow
from tests.service.filings import digest, filing
from tests.service.test_holding import later, submit

NUMBER = 73_112_004_950_117
"""A record's number that is nothing else by chance."""
TAKEN = {
    "subscription.number": "the row goes",
    "idempotency.number": "the rows go, whoever sent them",
    "passkey.record": "the rows go, ended ones too",
    "session.record": "the rows go",
    "contact.record": "the row goes",
    "subscription.code": "the row goes",
}
LEFT = {
    "event.stream": "the log's places: kind, time and commitment stay, body, salt and operator go",
    "taken_file.first_number": "the first number of an operator's file, which says of none of its rows what became of it",
    "operator.number": "an organisation's own record",
    "organisation.number": "an organisation's own record",
    "site.stream": "a site's own record, which is nobody's subscription",
    "request.stream": "a request's own record: which subscription it is about is said in sealed envelopes alone",
}
OTHER = {
    "cosignature.size": "a size of the log",
    "checkpoint.size": "a size of the log",
    "head.size": "a size of the log",
    "ended_log.size": "a size of the log",
    "deposit.size": "a size of the log",
    "deposit.id": "a deposit",
    "head.id": "the id of an event",
    "event.id": "the id of an event",
    "placed.event": "the id of an event",
    "placed.position": "a place in the log",
    "lost.position": "a place in the log",
    "tile.index": "a tile",
    "bundle.index": "a bundle",
    "tally.count": "a count",
    "taken_file.id": "a file",
    "taken_file.rows": "a count",
    "taken_file.done": "a count",
    "subscription.file": "a file; the row goes anyway",
    "left_handle.number": "a record; the row goes with it, by a trigger (test_left_handles.py)",
    "passkey.person": "a person of an organisation",
    "passkey.uses": "a count; the row goes anyway",
    "session.person": "a person of an organisation",
    "subject.person": "a person of an organisation",
    "person.id": "a person of an organisation",
    "former_subject.person": "a person of an organisation",
    "registered_use.number": "a use, by the count of all uses",
    "request.number": "a request, by the count of all requests",
    "site.number": "a site, under a key",
    "site_look.number": "a site of an organisation",
    "site_word.number": "a site of an organisation",
    "request.use": "a use",
    "request.earlier": "a request",
    "envelope.request": "a request: what it is about is sealed in the envelope, and the roll cannot read it",
    "notice.request": "a request: whose the notice is stands nowhere",
    "work.id": "a piece of work",
    "work.taken_by": "a person of an organisation",
    "work.takes": "a count",
    "work.wanted": "a count",
    "proposal.id": "a proposal",
    "token.id": "a token",
    "token.replaces": "a token",
    "upload.id": "an upload",
    "upload.size": "a count",
    "upload.done": "a count",
    "upload.whole": "a count",
    "upload.rows": "a count",
    "upload.stored": "a count",
    "upload.fault_count": "a count",
}


def test_every_column_that_could_hold_a_record_is_looked_at(roll: Roll) -> None:
    """Each 64-bit number in the schema is taken by an erasure, left for a reason, or no record: a new one must be placed here."""
    with roll.database.own() as connection:
        rows = connection.execute(
            "select table_name || '.' || column_name from information_schema.columns"
            " where table_schema = current_schema() and data_type in ('bigint', 'numeric')"
        ).fetchall()
    assert {name for (name,) in rows} == set(TAKEN) | set(LEFT) | set(OTHER)


@pytest.fixture
def erasable(roll: Roll) -> int:
    """A record that ended long ago, with everything beside it that can be under its number; an operator acted on it too."""
    with roll.database.open() as connection:
        connection.execute("select setval('record_number', %s)", (NUMBER - 1,))
    roll.numbers.restart(leaping=False)  # what is reserved begins there
    assert isinstance(submit(roll, filing(handle=""), None), Taken)
    assert isinstance(submit(roll, Confirm(), NUMBER, Actor("operator", "east")), Taken)
    assert isinstance(submit(roll, Notify(added=(digest("told"),)), NUMBER), Taken)
    assert isinstance(submit(roll, Hold(), NUMBER), Taken)
    _passkey(roll, b"lost", ended=True)
    for command in (
        AskRelease(why="came to the counter", clerk="east/1"),
        SecondRelease(clerk="east/2", first="east/1", akin=False),
    ):
        assert isinstance(submit(roll, command, NUMBER, Actor("operator", "east")), Taken)
    later(roll, days=30)
    fresh = new_numbers(roll, RECORD).start
    assert isinstance(submit(roll, Release(clerk="east/1", code=fresh), NUMBER, Actor("operator", "east")), Taken)
    keep_contact(roll, NUMBER, "en", "somebody@example.org", roll.clock())
    assert isinstance(submit(roll, End(on=date(2006, 12, 1)), NUMBER, Actor("operator", "east")), Taken)
    later(roll, days=900)
    _passkey(roll, b"new")
    _session(roll, NUMBER)
    filing_code.passkey_for_record(roll, RelyingParty("https://roll.example", "roll.example"), NUMBER)
    passkeys.signin_options(roll, RelyingParty("https://roll.example", "roll.example"), record=NUMBER)
    return NUMBER


def _session(roll: Roll, number: int) -> str:
    secret = sessions.new_secret(roll)
    with roll.database.own() as connection:
        session_rows.put_session(connection, sessions.hashed(secret), roll.clock(), record=number, way="code")
    return secret


def _passkey(roll: Roll, name: bytes, *, ended: bool = False) -> None:
    now = roll.clock()
    with roll.database.own() as connection:
        session_rows.put_passkey(connection, PasskeyRow(name, None, NUMBER, b"key", 0, "2006-12-20", now))
        if ended:
            session_rows.end_passkeys(connection, now, record=NUMBER)


def _where(roll: Roll, *marks: str) -> dict[str, int]:
    """In how many rows of which tables any of these stands."""
    found = {}
    with roll.database.own() as connection:
        tables = connection.execute(
            "select table_name from information_schema.tables where table_schema = current_schema()"
        ).fetchall()
        for (table,) in tables:
            rows = connection.execute(f'select t::text from "{table}" t').fetchall()
            if count := sum(any(mark in row for mark in marks) for (row,) in rows):
                found[table] = count
    return found


def test_nothing_but_places_in_the_log_is_left(roll: Roll, erasable: int) -> None:
    """After the erasure no table holds the record's number, code, passkeys or digests, but the facts their stream."""
    code = code_of(erasable, roll.keys.code_key)
    marks = (str(erasable), code, code.replace(" ", ""), b"lost".hex(), digest("told"))
    before = _where(roll, *marks)
    assert {"subscription", "idempotency", "passkey", "session", "ceremony", "event"} <= set(before)
    Sequencer(roll).run_until_empty()
    assert isinstance(submit(roll, Erase(), erasable), Taken)
    Sequencer(roll).run_until_empty()
    assert set(_where(roll, *marks)) == {"event"}
    with roll.database.own() as connection:
        rows = connection.execute(
            "select name, organisation, body, salt from event where stream = %s order by version", (erasable,)
        ).fetchall()
    assert all((organisation, body, salt) == ("", "", bytes(32)) for _, organisation, body, salt in rows[:-1])
    assert rows[-1][0] == "subscription.erased/1"
    assert set(json.loads(rows[-1][2])) == {"by", "rule"}
    assert fsck(roll).fault is None
    assert rebuild(roll, replace=False).differences == ()


def test_an_erasure_is_whole_or_is_not(roll: Roll, erasable: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused before its day, or failing in its last statement, it takes nothing: passkeys, sessions, facts are all there."""
    before = _where(roll, str(erasable))
    clock = roll.clock
    roll.clock = lambda: clock() - timedelta(days=800)
    roll.latest = None
    roll.adopt(roll.versions)
    assert isinstance(submit(roll, Erase(), erasable), Refused)
    assert _where(roll, str(erasable)) == before
    roll.clock = clock
    roll.adopt(roll.versions)
    removed: list[int] = []

    def remove_and_break(connection: psycopg.Connection, number: int) -> None:
        remove(connection, number)
        removed.append(number)
        raise psycopg.errors.DataError

    remove = subscriptions.remove
    monkeypatch.setattr(subscriptions, "remove", remove_and_break)
    assert isinstance(submit(roll, Erase(), erasable), Failed)
    assert removed
    assert _where(roll, str(erasable)) == before


def test_only_an_erased_record_loses_its_ways_in(roll: Roll, erasable: int) -> None:
    """The owner's function refuses for a record without an erasure, whatever a temporary table says; others keep theirs."""
    with pytest.raises(psycopg.Error, match="was not erased"), _as_subscriber(roll, erasable) as one:
        one.execute("select forget_record()")
    with pytest.raises(psycopg.Error, match="was not erased"), _as_subscriber(roll, erasable) as one:
        _forget_by_a_table_of_ones_own(one, erasable)
    session = _session(roll, erasable + 1)
    assert isinstance(submit(roll, Erase(), erasable), Taken)
    assert sessions.someone(roll, session).record == erasable + 1


def _forget_by_a_table_of_ones_own(connection: psycopg.Connection, number: int) -> None:
    connection.execute("create temporary table event (stream bigint, name text)")
    connection.execute("insert into pg_temp.event values (%s, 'subscription.erased/1')", (number,))
    connection.execute("select forget_record()")


def _as_subscriber(roll: Roll, number: int) -> AbstractContextManager[psycopg.Connection]:
    return roll.database.transaction("subscriber", record=number)
