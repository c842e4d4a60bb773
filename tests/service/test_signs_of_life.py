"""A sign of life is kept whichever rows somebody holds, and who is refused holds none."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from psycopg import Connection

from openroll.register.organisation.events import SeatAnnounced
from openroll.service.filing.rebuild import rebuild
from openroll.service.governance.lives import leave_roll, offer_succession, succeed, withdraw_succession
from openroll.service.governance.open_roll import organisation_of, token_hash
from openroll.service.identity import people, sessions
from openroll.service.identity.api_tokens import issue_token
from openroll.service.roll import Roll
from openroll.store import migrations, operators
from tests.seats import in_force, invited, seated
from tests.service.test_own_seats import signs_in, word
from tests.service.test_porting import code, filed
from tests.service.test_unasked import announced
from tests.service.test_unconfirmed import on

STATEMENTS = Path(migrations.__file__).parent / "versions" / "0032_signs_of_life.sql"


@pytest.mark.parametrize("sign", ["a page", "a sign-in", "a program"])
def test_a_sign_is_kept_whoever_holds_the_organisations_rows(roll: Roll, sign: str) -> None:
    """An operator's own row, its tokens' and all its seats' are somebody's meanwhile: nobody waits, and nothing goes over."""
    lead = in_force(roll, "east", "operator-lead")
    token = issue_token(roll, "east", "by test")
    assert isinstance(token, str)
    person = people.create_seat(roll, "east", "clerk", "somebody")
    assert isinstance(person, int)
    cookie = sessions.begin(roll, person=person)
    first, second, _ = announced(roll)
    friend = invited(roll, "east", "operator-lead", first)
    assert word(roll, friend, second) is SeatAnnounced
    given: dict[str, Callable[[], object]] = {
        "a page": lambda: sessions.someone(roll, cookie),
        "a sign-in": lambda: signs_in(roll, lead),
        "a program": lambda: organisation_of(roll, token_hash(token)),
    }
    with roll.database.own() as held:
        operators.hold_alone(held, "east")
        held.execute("select from person where organisation = 'east' for share")  # as `member` holds one
        given[sign]()
    on(roll, 40)
    assert code(succeed(roll, "east", by=second)) == "operator-lives"
    assert word(roll, friend, second) == "organisation-lives"
    assert rebuild(roll, replace=True).differences == ()
    assert code(succeed(roll, "east", by=second)) == "operator-lives"


def test_who_is_refused_holds_no_operator_up(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever agrees, carries out or leaves in vain, and be it all day long, has nobody's filing or page wait."""
    held: list[str] = []
    hold_alone = operators.hold_alone

    def noted(connection: Connection, name: str) -> None:
        held.append(name)
        hold_alone(connection, name)

    monkeypatch.setattr(operators, "hold_alone", noted)
    filed(roll, "a-1")
    on(roll, 1)
    east = seated(roll, "east", "operator-lead")
    first, second, heir = announced(roll)
    presses: list[tuple[Callable[[], object], str]] = [
        (lambda: succeed(roll, "east", by=heir), "succession-offered-already"),
        (lambda: succeed(roll, "east", by=second), "notice-runs"),
        (lambda: succeed(roll, "east", by=east), "not-allowed"),
        (lambda: leave_roll(roll, "east", by=east), "still-answers"),
        (lambda: leave_roll(roll, "east", "gone", second), "still-answers"),
    ]
    for press, refused in presses:
        assert code(press()) == refused
    assert code(withdraw_succession(roll, "east", by=first)) == ""
    assert code(succeed(roll, "east", by=second)) == "succession-not-offered"
    assert code(offer_succession(roll, "east", "west", first)) == ""
    assert code(succeed(roll, "east", by=heir)) == ""
    assert held == []
    on(roll, 40)
    assert code(succeed(roll, "east", by=second)) == ""
    assert held == ["east"]


def test_what_was_heard_ends_with_what_was_announced(roll: Roll) -> None:
    """A sign voids the announcement under which it was given, the succession's or a seat's, and no later one."""
    lead = in_force(roll, "east", "operator-lead")
    first, second, heir = announced(roll)
    friend = invited(roll, "east", "operator-lead", first)
    assert word(roll, friend, second) is SeatAnnounced
    signs_in(roll, lead)
    assert code(withdraw_succession(roll, "east", by=first)) == ""
    assert code(offer_succession(roll, "east", "west", first)) == ""
    assert code(succeed(roll, "east", by=heir)) == ""
    assert word(roll, friend, second) == "organisation-lives"
    on(roll, 40)
    assert code(succeed(roll, "east", by=second)) == ""
    with roll.database.own() as connection:
        assert connection.execute("select count(*) from sign_of_life").fetchone() == (0,)


def test_what_was_heard_before_the_upgrade_is_heard_after_it(roll: Roll) -> None:
    """Signs that an older Openroll kept in the rows themselves, of a succession and of a seat."""
    first, second, _ = announced(roll)
    in_force(roll, "east", "operator-lead")
    friend = invited(roll, "east", "operator-lead", first)
    assert word(roll, friend, second) is SeatAnnounced
    with roll.database.open() as connection:
        connection.execute(
            "drop table sign_of_life; alter table operator add heard date; alter table person add heard date"
        )
        connection.execute("update operator set heard = '2007-01-01' where name = 'east'")
        connection.execute("update person set heard = '2007-01-02' where announced is not null")
        connection.execute(STATEMENTS.read_bytes())
        kept = connection.execute("select organisation, seat, day from sign_of_life order by seat").fetchall()
    assert kept == [("east", 0, date(2007, 1, 1)), ("east", friend.number, date(2007, 1, 2))]
