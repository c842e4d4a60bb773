"""A roll of before seats were confirmed: its seats go on, and who invited whom is found where it was written down."""

from pathlib import Path

from psycopg import Connection

from openroll.register.organisation.roles import Seat
from openroll.service.identity import people
from openroll.service.identity.seats import member
from openroll.service.roll import Roll
from openroll.store import migrations
from tests.seats import in_force, invited

STATEMENTS = Path(migrations.__file__).parent / "versions" / "0011_seats.sql"
BACK = """
    drop index passkey_public_key;
    alter table provider drop secret_sealed;
    drop table contact;
    alter table subscription drop code;
    alter table person drop invited_by, drop founding, drop confirmed_by, drop confirmed;
    alter table invitation drop invited_by;
"""


def upgrade_anew(connection: Connection) -> None:
    """Make the tables as they were before, and upgrade them."""
    connection.execute(BACK)
    connection.execute(STATEMENTS.read_bytes())


def test_seats_of_before_stand_and_keep_their_lines(roll: Roll) -> None:
    """All act on; an invitation of before makes no second pair of eyes; what nobody wrote down counts as the keeper's."""
    first = in_force(roll, "registrar", "registrar-lead")
    second = in_force(roll, "registrar", "registrar-lead", confirmed_by=first)
    child = invited(roll, "registrar", "registrar", first)
    secret = people.invite(roll, "registrar", "registrar-lead", "somebody", first)
    assert isinstance(secret, str)
    old = people.create_seat(roll, "east", "operator-lead", "seated by nobody")
    assert isinstance(old, int)
    with roll.database.open() as connection:
        upgrade_anew(connection)
        found = {one: member(connection, one) for one in (first, second, child)}
        assert all(one.in_force for one in found.values())
        assert found[first].line == found[child].line == first
        assert found[second].line == Seat("registrar", 0)
        assert member(connection, Seat("east", 1)).line == Seat("registrar", 0)
    assert isinstance(people.join_with_subject(roll, secret, "https://id.example", "late"), str)
    with roll.database.own() as connection:
        late = member(connection, Seat("registrar", 4))
    assert not late.in_force
    assert late.line == first
