"""Who asks, who decides and who answers are three: a browser or an authenticator that has a seat takes no other."""

import pytest

from openroll.register.decision import Refused
from openroll.register.organisation.refusals import PasskeyHasASeat
from openroll.register.organisation.roles import KEEPER, Seat
from openroll.service.identity import people, sessions
from openroll.service.roll import Roll
from openroll.store import sessions as kept
from openroll.store.people import in_seat
from tests.seats import invited
from tests.service.requests.bodies import Bodies, bodies


@pytest.fixture
def made(roll: Roll) -> Bodies:
    """A roll with a body of each kind, and people in their seats."""
    return bodies(roll)


def person_in(roll: Roll, seat: Seat) -> int:
    """The number of who sits in a seat."""
    with roll.database.own() as connection:
        person = in_seat(connection, seat.organisation, seat.number)
    assert person is not None
    return person.id


@pytest.mark.parametrize("who", ["officer", "reviewer", "lead"])
def test_who_is_signed_in_sits_down_in_no_second_seat(made: Bodies, who: str) -> None:
    """In the browser of an officer or a reviewer nobody becomes the operator's clerk; nor the other way."""
    own, of = ("east lead", "police") if who == "lead" else (who, "east")
    cookie = sessions.begin(made.roll, person=person_in(made.roll, made.seats[own]))
    secret = people.invite(made.roll, of, "officer" if of == "police" else "clerk", "somebody")
    assert isinstance(secret, str)
    said = people.join_with_subject(made.roll, secret, "https://other.example", "sub-1", cookie)
    assert isinstance(said, Refused)
    assert isinstance(said.refusal, PasskeyHasASeat)


def test_an_authenticator_of_another_kind_of_body_is_kept_out(made: Bodies) -> None:
    """Also one whose seat has ended: whoever had it may not come back as another."""
    roll, officer = made.roll, made.seats["officer"]
    person = person_in(roll, officer)
    with roll.database.own() as connection:
        row = kept.PasskeyRow(b"credential-1", person, None, b"key", 0, "p", roll.clock())
        kept.put_passkey(connection, row)
        connection.execute("update passkey set ended = added where id = %s", (b"credential-1",))
        assert kept.passkeys_of_organisation(connection, "east") == [b"credential-1"]
        assert kept.passkeys_of_organisation(connection, officer.organisation) == [b"credential-1"]


def test_an_authenticator_of_a_seat_that_was_never_in_force_may_take_another(made: Bodies) -> None:
    """Nobody asked or decided anything in it: whoever gave it up can be invited anew, as at the word of a token."""
    roll = made.roll
    for ends, kept_out in ((False, [b"credential-2"]), (True, [])):
        seat = invited(roll, "east", "clerk", KEEPER)
        with roll.database.own() as connection:
            number = in_seat(connection, "east", seat.number)
            assert number is not None
            if ends:
                connection.execute("delete from passkey where id = %s", (b"credential-2",))
            kept.put_passkey(
                connection, kept.PasskeyRow(b"credential-2", number.id, None, b"key", 0, "p", roll.clock())
            )
        if ends:
            assert not isinstance(people.end_seat(roll, "east", seat.number, seat), Refused)
        with roll.database.own() as connection:
            assert kept.passkeys_of_organisation(connection, "east") == kept_out
