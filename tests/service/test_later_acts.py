"""A database that went back: what an official act ended stays ended, as its entry in the log says it whole."""

from openroll.register.decision import Refused
from openroll.register.organisation.roles import REGISTRAR, Seat
from openroll.service.governance.open_roll import organisation_of, token_hash
from openroll.service.identity import people, sessions
from openroll.service.identity.api_tokens import end_token, issue_token, live_tokens, replace_token
from openroll.service.identity.seats import member
from openroll.service.log.sequencer import Sequencer
from openroll.service.recovery.resume import Resumed, resume
from openroll.service.roll import Roll
from openroll.store.people import in_seat
from tests.seats import in_force
from tests.service.copies import clean
from tests.service.going_back import remember
from tests.service.test_own_seats import registrars
from tests.service.test_porting import filed


def resumed(roll: Roll) -> Resumed:
    """The log goes on with the entries of its own public files; `rebuild --check` and `log fsck` find nothing."""
    done = resume(roll, [], take_missing=True)
    Sequencer(roll).run_until_empty()
    assert clean(roll) > done.size
    return done


def session_of(roll: Roll, seat: Seat) -> str:
    """A session of whoever sits there."""
    with roll.database.own() as connection:
        person = in_seat(connection, seat.organisation, seat.number)
    assert person is not None
    return sessions.begin(roll, person=person.id)


def test_who_was_put_out_does_not_sit_again(roll: Roll) -> None:
    """Dismissed, its token ended, its session ended, and then the database went back: none of the three lets in."""
    first, second = registrars(roll)
    east = in_force(roll, "east", "operator-lead")
    filed(roll, "a-1")
    stolen = issue_token(roll, "east", "billing", east)
    assert isinstance(stolen, str)
    cookie, other = session_of(roll, second), session_of(roll, first)
    Sequencer(roll).run_until_empty()
    go_back = remember(roll)
    (live,) = live_tokens(roll, "east")
    assert end_token(roll, "east", live.number, east) is None
    assert not isinstance(people.end_seat(roll, REGISTRAR, second.number, first), Refused)
    Sequencer(roll).run_until_empty()
    go_back()
    done = resumed(roll)
    assert (done.brought, done.replayed, done.lost) == (2, 2, 0)
    assert organisation_of(roll, token_hash(stolen)) is None
    assert [sessions.someone(roll, one).person for one in (cookie, other)] == [None, None]
    with roll.database.own() as connection:
        assert not member(connection, second).sits
        assert member(connection, first).in_force
    assert isinstance(people.invite(roll, "west", "operator-lead", "x", second), Refused)


def test_a_token_that_got_a_successor_ends_when_its_entry_says(roll: Roll) -> None:
    """Its successor is there under its number, and nobody has a text that lets in by it."""
    east = in_force(roll, "east", "operator-lead")
    old = issue_token(roll, "east", "billing", east)
    assert isinstance(old, str)
    Sequencer(roll).run_until_empty()
    go_back = remember(roll)
    (live,) = live_tokens(roll, "east")
    new = replace_token(roll, "east", live.number, east, overlap=0)
    assert isinstance(new, str)
    Sequencer(roll).run_until_empty()
    go_back()
    assert organisation_of(roll, token_hash(old)) == "east"
    assert resumed(roll).replayed == 1
    assert [organisation_of(roll, token_hash(one)) for one in (old, new)] == [None, None]
    assert [one.replaced for one in live_tokens(roll, "east")] == [False]


def test_a_session_ends_where_nothing_is_missing_too(roll: Roll) -> None:
    """That a session was ended stands in no entry: a roll that goes on has none."""
    first, _ = registrars(roll)
    cookie = session_of(roll, first)
    Sequencer(roll).run_until_empty()
    go_back = remember(roll)
    filed(roll, "a-1")
    Sequencer(roll).run_until_empty()
    go_back()
    done = resumed(roll)
    assert (done.lost, done.untold) == (1, (("subscription.filed/1", 1),))
    assert sessions.someone(roll, cookie).person is None
