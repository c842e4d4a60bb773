"""What the background worker does for one operator waits for nobody but that one: the others' goes on."""

from datetime import date, datetime, timedelta

from psycopg import Connection

from openroll.service import work
from openroll.service.filing.unconfirmed import lapse_due
from openroll.service.roll import Roll
from openroll.service.work import Again, Kind, Ran
from openroll.store import operators
from openroll.store import work as rows
from tests.seats import seated
from tests.service.filings import filing, rows_file, submission_of
from tests.service.test_held_filings import ALONE
from tests.service.test_unconfirmed import do, on
from tests.service.test_uploads import ended, sent


def test_a_filing_of_a_held_operator_falls_away_the_next_time_and_the_others_now(roll: Roll) -> None:
    """The clock lets fall away what nobody confirmed, whichever operator is being succeeded meanwhile."""
    lapse_due(roll)
    for day, operator in enumerate(("east", "east", "west"), 1):
        do(roll, submission_of(filing(operator, "", connected=date(2006, 11, day)), ALONE))
    on(roll, 60)
    with roll.database.own() as connection:
        operators.hold_alone(connection, "east")
        assert lapse_due(roll) == 1
    assert lapse_due(roll) == 2


def test_a_file_of_a_held_operator_holds_up_no_other_s(roll: Roll) -> None:
    """A succession writes the rows of its files; they are taken when it is over, and another operator's now."""
    east, west = seated(roll, "east", "clerk"), seated(roll, "west", "clerk")
    first = sent(roll, rows_file(2, "e-").read(), by=east)
    second = sent(roll, rows_file(2, "w-").read(), by=west)
    with roll.database.own() as connection:
        connection.execute("update upload set operator = operator where operator = 'east'")
        assert [(one.id, one.state) for one in ended(roll)] == [(second.id, "done")]
    assert [(one.id, one.state) for one in ended(roll)] == [(first.id, "done")]


def test_the_worker_waits_for_no_row_of_work_that_is_held(roll: Roll) -> None:
    """It renews the leases of the others, and says of that one what came of it when it is let go."""
    now, kinds = roll.clock(), {"one": Kind(lambda _: Again(), "test"), "two": Kind(lambda _: Again(), "test")}
    with roll.database.own() as connection:
        for kind in kinds:
            rows.enqueue(connection, kind, "", "machine", "test", now, now=now)
    taken = [work.take_due(roll, {kind: kinds[kind]}, now) for kind in kinds]
    numbers = [row.id for row in taken if row is not None]
    later = now + timedelta(hours=1)
    with roll.database.own() as holding:
        holding.execute("select from work where id = %s for update", (numbers[0],))
        with roll.database.own() as connection:
            rows.renew(connection, numbers, later)
        assert leases(holding, numbers, later) == [False, True]
    with roll.database.own() as connection:
        rows.renew(connection, numbers, later)
        assert leases(connection, numbers, later) == [True, True]
    assert isinstance(taken[0], rows.WorkRow)
    work.settle(roll, kinds["one"], Ran(taken[0], Again()), now)


def leases(connection: Connection, numbers: list[int], until: datetime) -> list[bool]:
    """Which of these are leased until then."""
    found = connection.execute("select taken_until = %s from work where id = any(%s) order by id", (until, numbers))
    return [row[0] for row in found]
