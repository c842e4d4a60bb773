"""What is brought back happened: no rule about acts is asked of rows that a deposit, a dump or a repair brings."""

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path

import psycopg
import pytest
from psycopg import Connection

from openroll.register.command import Actor
from openroll.register.decision import Accepted
from openroll.register.kinds import KINDS
from openroll.register.organisation.commands import AdmitOperator, AdmitOrganisation
from openroll.register.organisation.roles import Seat
from openroll.register.subscription.commands import End
from openroll.register.subscription.filing_code import reference_of
from openroll.service.filing import porting
from openroll.service.filing.porting import Party
from openroll.service.filing.rebuild import rebuild
from openroll.service.filing.submit import Taken
from openroll.service.filing.unconfirmed import lapse_due
from openroll.service.governance.lives import leave_roll, offer_succession, succeed, withdraw_succession
from openroll.service.governance.open_roll import admit_operator
from openroll.service.identity import people
from openroll.service.log.sequencer import Sequencer
from openroll.service.recovery.dump_loading import load_rows
from openroll.service.recovery.escrow_opening import open_deposit
from openroll.service.roll import Roll
from openroll.service.sites.filing import file_sites
from openroll.store import projections, schema
from openroll.store.connect import Database
from openroll.store.dump_contents import dump_to
from openroll.store.unwatched import without_triggers
from tests.conftest import Ticking, opened
from tests.handles import handle
from tests.seats import seated
from tests.service.copies import Holder, found
from tests.service.filings import filing, submission_of
from tests.service.requests.bodies import bodies
from tests.service.test_escrow import elsewhere as elsewhere  # noqa: PLC0414 - a fixture
from tests.service.test_escrow import put_down
from tests.service.test_half_succeeded import Records, _of_operators, _of_others, _of_subscribers, _old
from tests.service.test_porting import code
from tests.service.test_unconfirmed import act, do, on
from tests.sites import covering_sites, private, site

NAME = "lives"
WALKED = ("operator.", "subscription.", "record.")
OF_BEFORE = {"operator.admitted/1"}
"""What is read and made no more."""


def _by_itself(roll: Roll, operator: str, account: str) -> int:
    outcome = do(roll, submission_of(filing(operator, account), Actor("operator", operator)))
    assert isinstance(outcome, Taken), outcome
    return outcome.number


def _goes(roll: Roll, number: int, losing: str, gaining: str, account: str) -> None:
    assert code(porting.offer(roll, Party(losing), number, gaining)) == ""
    reference = reference_of(number, roll.keys.code_key)
    assert code(porting.agree(roll, Party(gaining), reference, handle(account))) == ""


def _operators_live(roll: Roll, heads: dict[str, Seat]) -> None:
    """One leaves with ended records, one is succeeded by both words, one without having been asked, one thinks better of it."""
    act(roll, _by_itself(roll, "leaves", "l-1"), End(on=date(2006, 12, 5)), Actor("operator", "leaves"))
    assert code(leave_roll(roll, "leaves", "", heads["leaves"])) == ""
    assert code(offer_succession(roll, "west", "third", heads["west"])) == ""
    assert code(withdraw_succession(roll, "west", "", heads["west"])) == ""
    _by_itself(roll, "silent", "s-1")
    first, second = seated(roll, "registrar", "registrar-lead"), seated(roll, "registrar", "registrar-lead")
    assert code(offer_succession(roll, "silent", "west", first)) == ""
    assert code(succeed(roll, "silent", by=heads["west"])) == ""
    on(roll, 40)
    assert lapse_due(roll)
    assert code(succeed(roll, "silent", by=second)) == ""
    assert code(offer_succession(roll, "east", "west", heads["east"])) == ""
    assert code(succeed(roll, "east", by=heads["west"])) == ""
    assert code(offer_succession(roll, "west", "third", heads["west"])) == ""


@pytest.fixture(scope="module")
def lived(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Roll]:
    """A roll in which everything has happened that happens to operators and records; a request is under way, with its keys."""
    roll = opened(database_url, tmp_path_factory.mktemp(NAME), NAME)
    for name in ("third", "leaves", "silent"):
        title = {"zh": name, "en": f"Body {name}"}
        admit_operator(roll, AdmitOperator(operator=name, kind="access-operator", title=title))
    heads = {name: seated(roll, name, "operator-lead") for name in ("east", "west", "leaves")}
    records = Records(roll)
    for some in (_old, _of_operators, _of_subscribers, _of_others):
        some(records)
    body = AdmitOrganisation(organisation="reviewers", kind="reviewer", title={"zh": "复核", "en": "Reviewers"})
    assert isinstance(people.admit_organisation(roll, body, seated(roll, "registrar", "registrar-lead")), Accepted)
    for name, run, _ in records.acts:
        assert code(run()) == "", name
    back, same = _by_itself(roll, "east", "back"), _by_itself(roll, "east", "same")
    _goes(roll, back, "east", "west", "w-back")
    _goes(roll, back, "west", "east", "back")
    _goes(roll, same, "east", "west", "same")
    bodies(roll).file()
    with covering_sites(roll):
        assert isinstance(file_sites(roll, [site(), private()], heads["east"]), list)
    _operators_live(roll, heads)
    Sequencer(roll).run_until_empty()
    yield roll
    schema.drop(database_url, NAME)


def guarded(url: str) -> list[tuple[object, ...]]:
    """The triggers and constraints of the roll's tables, each with whether it acts."""
    with psycopg.connect(url) as connection:
        return connection.execute(
            "select c.relname, t.tgname, t.tgenabled::text from pg_trigger t join pg_class c on c.oid = t.tgrelid where not"
            " t.tgisinternal and c.relnamespace = %(schema)s::regnamespace union all select conrelid::regclass::text, conname,"
            " pg_get_constraintdef(oid) from pg_constraint where connamespace = %(schema)s::regnamespace order by 1, 2",
            {"schema": schema.schema_of(NAME)},
        ).fetchall()


def test_everything_that_happens_to_operators_and_records_has_happened_here(lived: Roll) -> None:
    """A kind that is added tomorrow has to happen in this roll too, so that what follows is asked of it."""
    with lived.database.own() as connection:
        names = {name for (name,) in connection.execute("select distinct name from event").fetchall()}
    assert {name for name in KINDS if name.startswith(WALKED)} - OF_BEFORE <= names
    assert rebuild(lived, replace=False).differences == ()


def test_a_deposit_of_it_opens(lived: Roll, elsewhere: str, tmp_path: Path) -> None:
    """All of it comes back, and what guards the tables stands again."""
    holder = Holder(tmp_path)
    done = put_down(lived, tmp_path, holder)
    open_deposit(done.path, tmp_path / "home", elsewhere, holder.keys, clock=Ticking())
    new = found(tmp_path / "home", elsewhere, NAME)
    assert rebuild(new, replace=False).differences == ()
    assert guarded(elsewhere) == guarded(lived.database.url)


def test_a_dump_of_it_is_loaded(lived: Roll, elsewhere: str, tmp_path: Path) -> None:
    """As for a deposit, by the other way in."""
    path = tmp_path / "dump"
    dump_to(lived.database.url, lived.database.schema, path)
    load_rows(elsewhere, NAME, lambda: iter([path.read_bytes()]))
    with Database(elsewhere, NAME).open() as new, lived.database.open() as old:
        for one in projections.PROJECTIONS:
            query = f"select md5(string_agg(one::text, ' ' order by one::text)) from ({one.query}) one"
            assert new.execute(query).fetchone() == old.execute(query).fetchone(), one.table
    assert guarded(elsewhere) == guarded(lived.database.url)


def _delete(connection: Connection, table: str) -> None:
    connection.execute(f"delete from {table}")


def _swap(connection: Connection, table: str, key: str, column: str, free: str) -> None:
    """Two rows have each what the other should, of which no two have the same."""
    (one, its), (two, others) = connection.execute(
        f"select {key}, {column} from {table} where {column} is not null order by {key} limit 2"
    ).fetchall()
    for who, gets in ((one, free), (two, its), (one, others)):
        connection.execute(f"update {table} set {column} = %s where {key} = %s", (gets, who))


@pytest.mark.parametrize(
    "spoil",
    [
        *(partial(_delete, table=one.table) for one in projections.PROJECTIONS if one.mended),
        partial(_swap, table="subscription", key="number", column="handle", free="free"),
        partial(_swap, table="operator", key="name", column="number", free="-1"),
    ],
)
def test_whatever_is_missing_or_wrong_in_it_is_made_again(lived: Roll, spoil: Callable[[Connection], None]) -> None:
    """`rebuild` puts back each covered table, whatever is in force today, and guards it again; the next check finds nothing."""
    guards = guarded(lived.database.url)
    with lived.database.open() as connection, without_triggers(connection):
        spoil(connection)
    assert rebuild(lived, replace=True).differences
    assert rebuild(lived, replace=False).differences == ()
    assert guarded(lived.database.url) == guards
