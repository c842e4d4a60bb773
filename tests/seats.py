"""Seats for tests: people who joined and were confirmed, each through the ways that people go."""

from openroll.register.decision import Accepted
from openroll.register.organisation.roles import KEEPER, Seat
from openroll.rules import Rule, digest, words_digest
from openroll.service.governance.rule_readings import sign
from openroll.service.identity import people
from openroll.service.identity.people import confirm_seat, organisations
from openroll.service.identity.seats import member
from openroll.service.roll import Roll


def invited(roll: Roll, organisation: str, role: str, by: Seat = KEEPER) -> Seat:
    """Somebody whom `by` invited and who joined; unless it is the first lead there, their seat waits to be confirmed."""
    secret = people.invite(roll, organisation, role, "somebody", by)
    assert isinstance(secret, str), secret
    joined = people.join_with_subject(roll, secret, "https://id.example", roll.random_bytes(8).hex())
    assert isinstance(joined, str), joined
    with roll.database.own() as connection:
        row = connection.execute("select max(seat) from person where organisation = %s", (organisation,)).fetchone()
    assert row is not None
    return Seat(organisation, row[0])


def in_force(roll: Roll, organisation: str, role: str, by: Seat = KEEPER, confirmed_by: Seat | None = None) -> Seat:
    """As `invited`, with the word of `confirmed_by`."""
    seat = invited(roll, organisation, role, by)
    if confirmed_by is not None:
        assert isinstance(confirm_seat(roll, organisation, seat.number, confirmed_by), Accepted)
    with roll.database.own() as connection:
        assert member(connection, seat).in_force
    return seat


def seated(roll: Roll, organisation: str, role: str) -> Seat:
    """Somebody who sits down by the development door, in force and of a line of their own."""
    person = people.create_seat(roll, organisation, role, "somebody")
    assert isinstance(person, int)
    with roll.database.own() as connection:
        row = connection.execute("select seat from person where id = %s", (person,)).fetchone()
    assert row is not None
    return Seat(organisation, row[0])


def words_read(roll: Roll, rule: Rule) -> tuple[Seat, ...]:
    """Two people of different organisations read the words of a rule and sign, as its publication asks; their seats."""
    operators = [one.name for one in organisations(roll) if one.kind == "operator"]
    readers = [seated(roll, name, "operator-lead") for name in operators[:2]]
    if len(readers) < 2:
        readers.append(seated(roll, "registrar", "registrar-lead"))
    for seat in readers:
        said = sign(roll, digest(rule), words_digest(rule), seat)
        assert said is None, said
    return tuple(readers)


def another_day(roll: Roll) -> None:
    """Have the invitations that were made be of the day before: a seat makes so many a day, and tests share their roll."""
    with roll.database.open() as connection:
        connection.execute("update invitation set issued = issued - interval '1 day'")
