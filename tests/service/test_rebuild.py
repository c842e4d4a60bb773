"""Every table of a roll is made again from its events and compared, or says why it is not."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg import sql

from openroll.register.command import Actor
from openroll.register.decision import Accepted
from openroll.register.organisation.commands import AdmitOrganisation
from openroll.register.organisation.roles import REGISTRAR, Seat
from openroll.register.request import commands as requests
from openroll.register.roll.commands import BeginLog, DepositEscrow
from openroll.register.subscription.filing_code import reference_of
from openroll.service.acts import Acted, act
from openroll.service.filing import porting
from openroll.service.filing.group_commit import GroupCommit
from openroll.service.filing.porting import Party
from openroll.service.filing.rebuild import FactUnfit, _fold, _fold_all, rebuild
from openroll.service.filing.replays import TABLES, Apart, Folded, Recounted
from openroll.service.filing.submit import Taken
from openroll.service.governance import figures, rule_versions
from openroll.service.identity import people
from openroll.service.identity.api_tokens import end_token, issue_token, live_tokens, replace_token
from openroll.service.identity.oidc.code_flow import use_provider
from openroll.service.identity.oidc.provider import Provider
from openroll.service.identity.sessions import hashed
from openroll.service.log.sequencer import Sequencer
from openroll.service.requests import rights
from openroll.service.roll import Roll
from openroll.store import projections
from openroll.store.events import EventRow
from openroll.store.projections import PROJECTIONS
from openroll.store.schema import drop, schema_of
from tests.conftest import opened
from tests.handles import handle
from tests.register.asked import COMPLAINT, FIELDS, held, notice, sealed
from tests.seats import in_force, invited, seated, words_read
from tests.service.filings import filing, submission_of
from tests.service.requests.bodies import bodies
from tests.service.test_governance import another, today
from tests.sites import covering_sites, numbers, private, site
from tests.watch.test_forged_requests import filed

COVERED = {one.table: one for one in PROJECTIONS}


def test_every_table_stands_in_the_list_once_with_its_replay_or_its_reason(roll: Roll) -> None:
    """A table that a migration adds must say how it is made from events, or why it is not."""
    with roll.database.open() as connection:
        rows = connection.execute(
            "select table_name from information_schema.tables where table_schema = current_schema() order by 1"
        ).fetchall()
    assert [name for (name,) in rows] == sorted(TABLES)
    assert {table for table, how in TABLES.items() if not isinstance(how, Apart)} == set(COVERED)
    assert all(how.why for how in TABLES.values() if isinstance(how, Apart))
    assert all(how.replay.__doc__ for how in TABLES.values() if isinstance(how, Folded))


def test_every_column_of_a_covered_table_is_compared_or_has_a_reason(roll: Roll) -> None:
    """What the query over a table leaves out is named with the reason; nothing is left out in silence."""
    with roll.database.open() as connection:
        for table, one in COVERED.items():
            rows = connection.execute(
                "select column_name from information_schema.columns where table_schema = current_schema()"
                " and table_name = %s",
                (table,),
            )
            missing = {name for (name,) in rows if name not in one.query} - set(one.untold)
            assert not missing, (table, missing)


@pytest.fixture(scope="module")
def lived(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Roll]:
    """A roll in which every covered table holds a row."""
    name = "rebuilt"
    roll = opened(database_url, tmp_path_factory.mktemp(name), name)
    one, two = (seated(roll, REGISTRAR, role) for role in ("registrar-lead", "registrar"))
    _people(roll, one)
    _tokens(roll, Seat("east", 1))
    _acts(roll, one, two)
    _recovery(roll)
    _requests(roll)
    _sites(roll)
    group = GroupCommit(roll)
    number = 0
    for account in ("k-1", "k-2", "k-3"):
        made = submission_of(filing(handle=account), Actor("operator", "east"))
        taken = group.submit_and_wait(made)
        assert isinstance(taken, Taken)
        number = taken.number
    group.close()
    porting.offer(roll, Party("east"), number, "west")
    reference = reference_of(number, roll.keys.code_key)
    assert isinstance(porting.agree(roll, Party("west"), reference, handle("w-3")), Taken)
    Sequencer(roll).run_until_empty()
    yield roll
    drop(database_url, name)


def _people(roll: Roll, registrar: Seat) -> None:
    """Seats that were confirmed and left with their tokens, and invitations that wait, were used and were taken back."""
    invited(roll, "east", "operator-lead")
    in_force(roll, "east", "operator-lead", Seat("east", 1), registrar)
    left = in_force(roll, "east", "clerk", Seat("east", 1), registrar)
    announced = invited(roll, "west", "clerk")
    assert isinstance(people.confirm_seat(roll, "west", announced.number, registrar), Accepted)
    for seat in (1, left.number):
        assert isinstance(issue_token(roll, "east", "requests", seat=seat), str)
    assert isinstance(people.end_seat(roll, "east", left.number, Seat("east", 1)), Accepted)
    secret = people.invite(roll, "west", "operator-lead", "never came")
    assert isinstance(secret, str)
    assert people.revoke_invitation(roll, "west", hashed(secret).hex())
    assert isinstance(people.invite(roll, "west", "operator-lead", "may come"), str)
    police = AdmitOrganisation(organisation="police", kind="authority", title={"zh": "公安", "en": "Police"})
    assert isinstance(people.admit_organisation(roll, police, registrar), Accepted)
    provider = Provider(organisation="east", issuer="https://id.example", client_id="us", client_secret="s")
    assert use_provider(roll, provider) is None


def _tokens(roll: Roll, lead: Seat) -> None:
    """A token that was replaced, its successor, and one that was ended."""
    for label in ("billing", "old"):
        assert isinstance(issue_token(roll, "east", label, lead, days=90), str)
    _, first, second = live_tokens(roll, "east")
    assert isinstance(replace_token(roll, "east", first.number, lead), str)
    assert end_token(roll, "east", second.number, lead) is None


def _acts(roll: Roll, one: Seat, two: Seat) -> None:
    """A rule published and one dropped, and figures."""
    starts = today(roll) + timedelta(days=2)
    for drop_it in (False, True):
        number = rule_versions.propose_rule(roll, another(roll), starts + timedelta(days=drop_it), one)
        if isinstance(number, int):
            if not drop_it:
                words_read(roll, another(roll))
            assert rule_versions.settle(roll, number, two, drop=drop_it) is None
    assert isinstance(figures.publish(roll, one), str)


def _requests(roll: Roll) -> None:
    """A request that was told of, one under review, and a key and a use that ended."""
    made = bodies(roll)
    told, _ = made.file(), made.file()
    made.does(requests.Approve(request=told, fields=FIELDS), "reviewer")
    answer = sealed(b"it is Li", ("police",), "east")
    made.does(requests.Answer(request=told, outcome="given", fields=FIELDS, envelope=answer), "clerk")
    made.does(requests.Tell(request=told, notice=notice(), bucket=7, complaint=COMPLAINT), "clerk")
    assert isinstance(rights.end_key(roll, held("west").id, "", made.seats["west lead"]), Acted)
    assert isinstance(rights.end_use(roll, made.use, "", made.seats["police lead"]), Acted)


def _sites(roll: Roll) -> None:
    """An organisation's site, and a person's."""
    with covering_sites(roll):
        numbers(roll, seated(roll, "east", "clerk"), site(control="word"), private())


def _recovery(roll: Roll) -> None:
    """A deposit, and a log that ended: as they are written, without the files that belong to them."""
    note = f"roll.example/before\n7\n{'A' * 43}=\n\n— x y\n"
    deposit = DepositEscrow(on=today(roll), holder="next", digest="ab" * 32, size=7)
    begun = BeginLog(
        before="roll.example/before", checkpoint=note, size=7, keys=("k1", "k2"), carried=7, why="lost", number=1
    )
    with roll.database.own() as connection:
        for command in (deposit, begun):
            assert isinstance(act(connection, roll, command), Acted)


def test_a_roll_that_lived_differs_nowhere(lived: Roll) -> None:
    """What use cases write is what a replay of their events makes, in every covered table; and each of them holds rows."""
    assert rebuild(lived, replace=False).differences == ()
    with lived.database.open() as connection:
        for table in COVERED:
            assert connection.execute(f"select count(*) from {table}").fetchone() != (0,), table


ALTERED = {
    "text": "coalesce({0}, '') || 'x'",
    "jsonb": '{0} || \'{{"en": "x"}}\'',
    "bytea": "{0} || 'x'::bytea",
    "bigint": "coalesce({0}, 0) + 1000",
    "integer": "coalesce({0}, 0) + 1000",
    "boolean": "not coalesce({0}, false)",
    "_text": "{0} || array['x']",
    "date": "coalesce({0}, date '2006-12-01') + 1",
    "_timestamptz": "{0} || timestamptz '2006-12-01'",
    "timestamp with time zone": "coalesce({0}, timestamptz '2006-12-01') + interval '1 day'",
}
CHECKED = {
    ("organisation", "kind"): "'reviewer'",
    ("subscription", "standing"): "'unconfirmed'",
    ("notice", "bucket"): "8",
    (
        "site",
        "private",
    ): "not private, handle = case when private then '' else 'x' end, sponsor = '', domains = '{}', services = ''",
    ("site", "handle"): "handle || case when private then 'x' else '' end, version = 9",
    **{("site", said): "'x', private = false, handle = ''" for said in ("sponsor", "services")},
    **{("site", said): "array['x'], private = false, handle = ''" for said in ("domains", "coming")},
    ("site", "control"): "'file'",
    ("site", "state"): "'silent'",
}
"""Columns that take only what a check of the database allows."""


@contextmanager
def unguarded(roll: Roll, table: str) -> Iterator[psycopg.Connection]:
    """The owner's connection with the guards of a table off, as whoever owns the database can switch them."""
    with psycopg.connect(roll.database.url, autocommit=True) as connection:
        connection.execute(sql.SQL("set search_path to {}").format(sql.Identifier(schema_of(roll.database.roll))))
        connection.execute("set session_replication_role to replica")
        connection.execute(f"alter table {table} disable trigger user")
        yield connection
        triggers = connection.execute(
            "select tgname from pg_trigger where tgrelid = %s::regclass and not tgisinternal", (table,)
        )
        for (name,) in triggers.fetchall():
            connection.execute(f"alter table {table} enable always trigger {name}")


@pytest.mark.parametrize("table", sorted(COVERED))
def test_an_altered_row_is_named_whichever_column_was_altered(lived: Roll, table: str) -> None:
    """Whoever owns the tables can write to them; the check then names the table and the row, for each column it compares.

    The events are folded once, as `rebuild` folds them, and held against the table with one column after the other altered.
    """
    with unguarded(lived, table) as connection, connection.transaction(force_rollback=True):
        projections.make_tables(connection)
        _fold_all(connection, lambda _: None)
        for how in TABLES.values():
            if isinstance(how, Recounted):
                how.recount(connection)
        assert tuple(projections.differences(connection)) == ()
        columns = connection.execute(
            "select column_name, case data_type when 'ARRAY' then udt_name else data_type end"
            " from information_schema.columns where table_schema = current_schema()"
            " and table_name = %s",
            (table,),
        ).fetchall()
        (count,) = connection.execute(f"select count(*) from {table}").fetchone() or (0,)
        for number, (column, kind) in enumerate(columns):
            if column in COVERED[table].untold:
                continue
            with connection.transaction(force_rollback=True):
                if column == "id":
                    connection.execute(f"alter table {table} alter id set generated by default")
                value = CHECKED.get((table, column)) or ALTERED[kind].format(column)
                row = f"select ctid from {table} order by ctid offset {number % count} limit 1"  # a row after the other
                connection.execute(f"update {table} set {column} = {value} where ctid = ({row})")
                differences = [one for rows in projections.differences(connection) for one in rows]
            assert {one.table for one in differences} >= {table}, (table, column)
            assert all(one.key and one.kept != one.rebuilt for one in differences)
    assert rebuild(lived, replace=False).differences == ()


@pytest.mark.parametrize("table", sorted(COVERED))
def test_a_row_that_no_event_made_and_one_that_is_gone_are_named(lived: Roll, table: str) -> None:
    """A row taken away is named, where an event tells of each; keys of idempotency end by themselves after a week."""
    with unguarded(lived, table) as connection:
        connection.execute(f"create table set_aside as select * from {table}")
        connection.execute(f"delete from {table}")
        try:
            gone = rebuild(lived, replace=False).differences
        finally:
            connection.execute(f"insert into {table} overriding system value select * from set_aside")
            connection.execute("drop table set_aside")
    assert {one.table for one in gone} == (set() if table == "idempotency" else {table})
    assert all(one.rebuilt and (one.kept is None or table == "invitation") for one in gone)


def test_rebuild_mends_what_events_tell_whole_and_names_what_it_leaves(lived: Roll) -> None:
    """Titles and districts are put right; a token that was opened again is named and left, as its secret is in no event."""
    with unguarded(lived, "operator") as connection:
        connection.execute("update operator set title = jsonb_build_object('en', 'Other') where name = 'east'")
        connection.execute("update subscription set district = '500101'")
        connection.execute("update token set revoked = null where revoked is not null")
    result = rebuild(lived, replace=True)
    assert {one.table for one in result.differences} == {"operator", "subscription", "token"}
    assert {one.table for one in result.left} == {"token"}
    left = rebuild(lived, replace=False).differences
    assert {one.table for one in left} == {"token"}
    with unguarded(lived, "token") as connection:
        connection.execute(
            "update token t set revoked = e.at from event e where e.name = 'token.ended/1'"
            " and (e.body::json ->> 'token')::bigint = t.id"
        )
        connection.execute(
            "update token t set revoked = left_at from person p where p.seat = t.seat and p.organisation = 'east'"
        )
    assert rebuild(lived, replace=False).differences == ()


@pytest.mark.parametrize(
    "change", [("2006-11-28", "9999-12-31"), ("ordinary", "soon"), ("request-1", "request-9"), ("{", "[")]
)
def test_a_fact_that_no_roll_writes_is_named(change: tuple[str, str]) -> None:
    """Somebody's hand was in the database: the sentence says which fact it is, and nothing is made of the others."""
    made, at = filed(), datetime(2006, 11, 28, tzinfo=UTC)
    row = EventRow(
        7, 1, made.name, "officer", "police", at, at.date(), bytes(32), bytes(32), made.body().replace(*change)
    )
    with pytest.raises(FactUnfit, match=r"fact 1 of record 7 \(request.filed/1, of 2006-11-28\)"):
        list(_fold(iter([row]), defaultdict(dict)))
