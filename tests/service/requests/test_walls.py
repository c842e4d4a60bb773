"""The database as a second wall around envelopes, and what nobody at the registrar's finds however they search."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import psycopg
import pytest
from psycopg import Connection

from openroll.disclosure.envelope import HeldKey, public_line
from openroll.register.command import Actor
from openroll.register.organisation.roles import KEEPER
from openroll.register.request import commands
from openroll.register.request.events import KeyPublished
from openroll.register.subscription.filing_code import code_of
from openroll.service.acts import _written
from openroll.service.filing.submit import Taken, take
from openroll.service.identity.seats import member, record_of
from openroll.service.log.sequencer import Sequencer
from openroll.service.requests import rights, shown
from openroll.service.roll import Roll
from openroll.service.way import Done
from openroll.store.events import version_of
from openroll.watch.requests.proved import Key, Unproved, keys_by, own_keys
from openroll.web.desk_rights import _key_row
from tests.handles import handle
from tests.register.asked import COMPLAINT, FIELDS, held, notice, sealed
from tests.service.filings import filing, submission_of
from tests.service.requests.bodies import Bodies, bodies
from tests.service.requests.followed import not_following

KEEPERS_KEY = HeldKey(bytes(32))


def publish_in_anothers_name(roll: Roll, organisation: str, by: str) -> None:
    """What a registrar's own hands can do: a key of theirs as another body's, through the roll's one writer, into its log."""
    public = public_line(KEEPERS_KEY.published).strip()
    with roll.database.own() as connection:
        record, now = record_of(connection, organisation), roll.clock()
        assert record is not None
        fact = KeyPublished(organisation=organisation, key=KEEPERS_KEY.id, public=public, by=by, rule=roll.rule_name)
        done = Done(None, record, version_of(connection, record), now, roll.day(now), KEEPER)
        _written(connection, roll, done, (fact,), organisation, member(connection, KEEPER))
    Sequencer(roll).run_until_empty()


def test_a_key_in_another_bodys_name_is_shown_to_its_owner_and_not_believed(roll: Roll) -> None:
    """The owner's page has who published each and when; a program that would seal to it names who did; so does an audit."""
    bodies(roll)
    publish_in_anothers_name(roll, "police", "registrar/0")
    shown_keys = rights.published_keys(roll, "police")
    today = roll.day(roll.clock())
    assert {(one.key, one.by, one.published) for one in shown_keys} == {
        (held("police").id, "police/1", today),
        (KEEPERS_KEY.id, "registrar/0", today),
    }
    assert {one.key: _key_row(one)["own"] for one in shown_keys} == {held("police").id: True, KEEPERS_KEY.id: False}
    served = msgspec.convert(msgspec.to_builtins(shown_keys), list[Key])
    with pytest.raises(Unproved, match="in the name of police by registrar/0"):
        own_keys(served, "police", keys_by(roll.keys.verifiers, b""))
    assert [one.partition("}: ")[2] for one in not_following(roll)] == ["registrar/0 is no seat of police"]


@contextmanager
def acting(roll: Roll, role: str, organisation: str = "") -> Iterator[Connection]:
    """A transaction under a role of the database."""
    with roll.database.transaction(role, organisation=organisation) as connection:
        yield connection


def seen(roll: Roll, organisation: str) -> list[str]:
    """The parts that an organisation's role sees in the table of envelopes, by any query."""
    with acting(roll, "operator", organisation) as connection:
        return [part for (part,) in connection.execute("select part from envelope order by request, version")]


def answered(made: Bodies) -> int:
    """A request that was answered."""
    number = made.file()
    made.does(commands.Approve(request=number, fields=FIELDS), "reviewer")
    answer = sealed(b"it is Li", ("police",), "east")
    made.does(commands.Answer(request=number, outcome="given", fields=FIELDS, envelope=answer), "clerk")
    return number


def test_the_database_gives_an_envelope_to_its_reader_when_it_is_its_turn(roll: Roll) -> None:
    """An authority sees its own, a reviewer what it reviews, an operator what it is asked, and not while that is under review."""
    made = bodies(roll)
    number = made.file()
    assert {of: seen(roll, of) for of in ("police", "court", "east", "west", "")} == {
        "police": ["ask"],
        "court": ["ask"],
        "east": [],
        "west": [],
        "": [],
    }
    made.does(commands.Approve(request=number, fields=FIELDS), "reviewer")
    assert (seen(roll, "east"), seen(roll, "west")) == (["ask"], [])
    answer = sealed(b"it is Li", ("police",), "east")
    made.does(commands.Answer(request=number, outcome="given", fields=FIELDS, envelope=answer), "clerk")
    assert [seen(roll, of) for of in ("police", "court", "east")] == [["ask", "answer"], ["ask"], ["ask"]]
    made.does(commands.Tell(request=number, notice=notice(), bucket=7, complaint=COMPLAINT), "clerk")
    assert seen(roll, "east") == []  # nothing is left for it to do


def test_the_registrar_has_no_envelope(roll: Roll) -> None:
    """Neither a clerk of the registrar nor a subscriber nor the sequencer may read the table, and nobody may alter it."""
    made = bodies(roll)
    answered(made)
    for role in ("registrar", "subscriber", "sequencer"):
        with acting(roll, role) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select from envelope")
    for role in ("application", "operator"):
        for statement in ("update envelope set part = part", "delete from envelope", "delete from notice"):
            with acting(roll, role, "police") as connection, pytest.raises(psycopg.Error):
                connection.execute(statement)
    with acting(roll, "registrar") as connection:
        assert connection.execute("select authority, operator from request").fetchall() == [("police", "east")]


def test_an_answer_that_was_annulled_is_given_out_no_more(roll: Roll) -> None:
    """A review after an emergency that says no takes the answer away from whoever has not taken it yet."""
    made = bodies(roll)
    number = made.file(urgency="emergency")
    made.does(commands.CallBack(request=number, number="+86 23 1234-5678"), "clerk")
    made.does(commands.ConfirmEmergency(request=number), "second officer")
    answer = sealed(b"it is Li", ("police",), "east")
    made.does(commands.Answer(request=number, outcome="given", fields=FIELDS, envelope=answer), "clerk")
    assert made.read(number, "officer") == [b"who is a-1?", b"it is Li"]
    made.does(commands.Refuse(request=number, reason="no-emergency"), "reviewer")
    assert made.read(number, "officer") == [b"who is a-1?"]
    assert shown.public(roll, number=number)[0].request.annulled


def test_nothing_at_rest_opens_an_envelope_or_says_which_record(roll: Roll) -> None:
    """All rows, the log's files and the roll's keys hold no key of an envelope, no content, and nothing of the record."""
    own = handle("a-1")
    with roll.database.open_runtime("test") as connection:
        connection.autocommit = True
        taken = take(connection, [submission_of(filing(handle=own), Actor("operator", "east"))], roll, roll.clock())[0]
    assert isinstance(taken, Taken)
    made = bodies(roll)
    envelope = sealed(f"who is {own}, record {taken.number}?".encode(), ("police", "court", "east"))
    number = made.file(envelope=envelope)
    made.does(commands.Approve(request=number, fields=FIELDS), "reviewer")
    answer = sealed(b"it is Li Wei", ("police",), "east")
    made.does(commands.Answer(request=number, outcome="given", fields=FIELDS, envelope=answer), "clerk")
    made.does(commands.Tell(request=number, notice=notice(), bucket=7, complaint=COMPLAINT), "clerk")
    Sequencer(roll).run_until_empty()
    everything = b"".join(_rows(roll)) + b"".join(one.read_bytes() for one in roll.home.rglob("*") if one.is_file())
    seeds = [held(name).seed for name in ("police", "court", "east")]
    for secret in (
        b"who is",
        b"it is Li",
        b"somebody asked about you",
        *seeds,
        *(seed.hex().encode() for seed in seeds),
    ):
        assert secret not in everything
    about = b"".join(_rows(roll, "request", "envelope", "notice")) + _facts(roll)
    code = code_of(taken.number, roll.keys.code_key)
    for word in (own.encode(), own.encode().hex().encode(), code.encode()):
        assert word not in about


def _rows(roll: Roll, *tables: str) -> Iterator[bytes]:
    """Rows of tables as text, of all of them where none is named."""
    with roll.database.open() as connection:
        every = connection.execute("select tablename from pg_tables where schemaname = current_schema()").fetchall()
        for table in tables or [name for (name,) in every]:
            for (row,) in connection.execute(f"select t::text from {table} t"):
                yield row.encode()


def _facts(roll: Roll) -> bytes:
    with roll.database.open() as connection:
        rows = connection.execute("select body from event where name like 'request.%'").fetchall()
    return "".join(body for (body,) in rows).encode()
