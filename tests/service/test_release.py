"""Letting a filing go from a lost passkey: two clerks, days in which its holder can say no, a fresh code, and names."""

from typing import Any

import pytest

from openroll.register.command import Actor
from openroll.register.decision import Accepted
from openroll.register.organisation.events import SeatAnnounced, SeatConfirmed
from openroll.register.organisation.roles import KEEPER, Seat
from openroll.register.subscription.commands import End, Hold, RefuseRelease
from openroll.register.subscription.filing_code import code_of
from openroll.service import work
from openroll.service.filing.letters import codes_for_letters
from openroll.service.filing.rebuild import rebuild
from openroll.service.filing.submit import Taken
from openroll.service.identity import address_links, filing_code, people, release, sessions
from openroll.service.identity.passkeys import Options, RelyingParty
from openroll.service.identity.sessions import NOBODY
from openroll.service.log.sequencer import Sequencer
from openroll.service.log.signing_hold import SigningHold, hold
from openroll.service.queries import Record, by_code, by_number, codes
from openroll.service.roll import NotNow, Roll
from openroll.store import sessions as ways_in
from openroll.store.sessions import PasskeyRow
from tests.addresses import give_address
from tests.handles import handle
from tests.seats import in_force, invited
from tests.service.filings import filing
from tests.service.test_holding import later, refused, submit
from tests.service.test_own_seats import by_token, made, registrars, word
from tests.web.attacks.authenticator import Authenticator

EAST = Actor("operator", "east")


@pytest.fixture
def clerks(roll: Roll) -> tuple[Seat, Seat, Seat]:
    """East's lead, and two clerks whom the lead invited and the registrar confirmed."""
    first = in_force(roll, "registrar", "registrar-lead")
    lead = in_force(roll, "east", "operator-lead")
    one, other = (in_force(roll, "east", "clerk", lead, first) for _ in range(2))
    return lead, one, other


@pytest.fixture
def number(roll: Roll) -> int:
    """A record that east filed and whose subscriber's passkey holds it."""
    taken = submit(roll, filing(handle=handle("k-1")), None, EAST)
    assert isinstance(taken, Taken), taken
    assert isinstance(submit(roll, Hold(), taken.number), Taken)
    with roll.database.own() as connection:
        row = PasskeyRow(b"lost", None, taken.number, b"key", 0, "", roll.clock())
        ways_in.put_passkey(connection, row)
    return taken.number


def asked(roll: Roll, by: Seat, number: int) -> object:
    """A clerk asks."""
    return release.ask(
        roll, by, number, "came to the counter", roll.random_bytes(8).hex(), "https://roll.example/en/find"
    )


def key(roll: Roll) -> str:
    """The key of a form."""
    return roll.random_bytes(8).hex()


def by_passkey(roll: Roll, number: int) -> str:
    """A session of the record's holder."""
    with roll.database.own() as connection:
        session = sessions.begin_by_passkey(connection, roll, number)
    assert isinstance(session, str)
    assert sessions.someone(roll, session).record == number
    return session


def code(roll: Roll, number: int) -> str:
    """A record's first code."""
    return code_of(number, roll.keys.code_key)


def test_one_clerk_takes_nothing_over(roll: Roll, clerks: tuple[Seat, Seat, Seat], number: int) -> None:
    """Alone a clerk can only ask: neither at once, nor after the days, nor with the lead who invited the clerk."""
    lead, one, _ = clerks
    session = by_passkey(roll, number)
    assert refused(release.release(roll, one, number, key(roll))) == "release-not-asked"
    assert isinstance(asked(roll, one, number), Taken)
    assert refused(asked(roll, one, number)) == "release-asked-already"
    assert refused(release.second(roll, one, number, key(roll))) == "second-clerk-needed"
    assert refused(release.second(roll, lead, number, key(roll))) == "second-clerk-needed"
    waits = invited(roll, "east", "clerk", lead)
    assert refused(release.second(roll, waits, number, key(roll))) == "seat-waiting"
    later(roll, days=100)
    assert refused(release.release(roll, one, number, key(roll))) == "second-clerk-needed"
    assert refused(filing_code.open_by_code(roll, code(roll, number), "192.0.2.1")) == "held-by-passkey"
    assert sessions.someone(roll, session) == NOBODY  # ended by time alone: hours, not the clerk


def test_two_leads_by_the_operators_own_word_let_a_filing_go(roll: Roll, number: int) -> None:
    """Both go back to its token, as others do to a founding seat: they are two, and whom one of them invites is not another."""
    by, _ = registrars(roll)
    token = made(roll)
    one, other = by_token(roll, token, "one"), by_token(roll, token, "other")
    assert word(roll, one, by) is SeatConfirmed
    assert word(roll, other, by) is SeatAnnounced  # a lead speaks for it by now
    later(roll, days=40)
    assert word(roll, other, by) is SeatConfirmed
    clerk = in_force(roll, "east", "clerk", one, by)
    assert isinstance(asked(roll, one, number), Taken)
    assert refused(release.second(roll, clerk, number, key(roll))) == "second-clerk-needed"
    assert isinstance(release.second(roll, other, number, key(roll)), Taken)


def test_what_a_clerk_asked_is_void_when_their_seat_ends(
    roll: Roll, clerks: tuple[Seat, Seat, Seat], number: int
) -> None:
    """A clerk sees that it counts no more, and may neither confirm nor release it; given up, it is asked anew."""
    lead, one, other = clerks
    third = in_force(roll, "east", "clerk", lead, Seat("registrar", 1))

    def stands(by: Seat) -> release.Standing:
        record = by_number(roll, number)
        assert isinstance(record, Record)
        return release.standing_of(roll, by, record)

    assert stands(other) == release.Standing(may_second=False, void=False)
    assert isinstance(asked(roll, one, number), Taken)
    assert [stands(by).may_second for by in (one, lead, other)] == [False, False, True]
    assert isinstance(people.end_seat(roll, "east", one.number, lead), Accepted)
    assert stands(other) == release.Standing(may_second=False, void=True)
    assert refused(release.second(roll, other, number, key(roll))) == "release-not-asked"
    assert isinstance(release.give_up(roll, other, number, key(roll)), Taken)
    assert isinstance(asked(roll, other, number), Taken)
    assert isinstance(release.second(roll, third, number, key(roll)), Taken)
    assert stands(other) == release.Standing(may_second=False, void=False)
    assert isinstance(people.end_seat(roll, "east", third.number, lead), Accepted)
    assert stands(other).void


def test_nobody_confirms_what_was_asked_in_between(
    roll: Roll, clerks: tuple[Seat, Seat, Seat], number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a clerk confirms another's asking, it is given up and her own lead asks: hers is not confirmed by that."""
    lead, one, other = clerks
    assert isinstance(asked(roll, other, number), Taken)
    read = release._state

    def slow(*args: Any) -> Any:
        state = read(*args)
        monkeypatch.setattr(release, "_state", read)
        assert isinstance(release.give_up(roll, one, number, key(roll)), Taken)
        assert isinstance(asked(roll, lead, number), Taken)
        return state

    monkeypatch.setattr(release, "_state", slow)
    assert refused(release.second(roll, one, number, key(roll))) == "release-not-asked"
    assert refused(release.second(roll, one, number, key(roll))) == "second-clerk-needed"


def test_two_clerks_and_the_days_let_it_go_with_a_fresh_code(
    roll: Roll, clerks: tuple[Seat, Seat, Seat], number: int
) -> None:
    """The old code opens nothing from then on, the fresh one does; the passkey and its sessions end in the same transaction."""
    lead, one, other = clerks
    assert isinstance(asked(roll, one, number), Taken)
    assert isinstance(release.second(roll, other, number, key(roll)), Taken)
    assert refused(release.second(roll, lead, number, key(roll))) == "nothing-asked"
    waits = release.release(roll, one, number, key(roll))
    assert refused(waits) == "release-waits"
    later(roll, days=7)
    assert refused(release.release(roll, one, number, key(roll))) == "release-waits"
    later(roll, days=1)
    session, form = by_passkey(roll, number), key(roll)
    assert isinstance(release.release(roll, one, number, form), Taken)
    repeated = release.release(roll, one, number, form)
    assert isinstance(repeated, Taken)
    assert repeated.repeated
    assert sessions.someone(roll, session) == NOBODY
    with roll.database.own() as connection:
        assert ways_in.passkeys_of(connection, record=number) == []
    assert refused(by_code(roll, code(roll, number))) == "subscription-unknown"
    record = by_number(roll, number)
    assert isinstance(record, Record)
    assert record.code != code(roll, number)
    opened = filing_code.open_by_code(roll, record.code, "192.0.2.1")
    assert isinstance(opened, Record)
    assert opened.number == number
    assert dict(codes(roll, "east")) == {handle("k-1"): record.code}
    assert codes_for_letters(roll, "east", 0) == [(handle("k-1"), record.code, "500103")]
    assert refused(by_code(roll, code_of(number + 1000, roll.keys.code_key))) == "subscription-unknown"
    Sequencer(roll).run_until_empty()
    assert rebuild(roll, replace=False).differences == ()


def test_a_fresh_code_is_no_other_records(roll: Roll, clerks: tuple[Seat, Seat, Seat], number: int) -> None:
    """The number behind a fresh code is taken from the counter of records: no record that comes later gets that code."""
    _, one, other = clerks
    asked(roll, one, number)
    release.second(roll, other, number, key(roll))
    later(roll, days=8)
    assert isinstance(release.release(roll, one, number, key(roll)), Taken)
    record = by_number(roll, number)
    assert isinstance(record, Record)
    taken = submit(roll, filing(handle=handle("k-2")), None, EAST)
    assert isinstance(taken, Taken)
    assert taken.number != record.state.code
    assert code(roll, taken.number) != record.code


def test_its_holder_says_no_with_one_act(roll: Roll, clerks: tuple[Seat, Seat, Seat], number: int) -> None:
    """After that nothing is asked any more: the passkey goes on holding, and the clerks begin again or not at all."""
    _, one, other = clerks
    asked(roll, one, number)
    release.second(roll, other, number, key(roll))
    assert isinstance(submit(roll, RefuseRelease(passkey="first"), number), Taken)
    later(roll, days=30)
    assert refused(release.release(roll, one, number, key(roll))) == "release-not-asked"
    assert refused(submit(roll, RefuseRelease(passkey="first"), number)) == "release-not-asked"
    record = by_number(roll, number)
    assert isinstance(record, Record)
    assert record.state.held
    assert [one.name for one in record.history][-1] == "subscription.release-refused/1"
    assert isinstance(asked(roll, one, number), Taken)
    assert refused(release.release(roll, other, number, key(roll))) == "second-clerk-needed"


def test_history_says_who(roll: Roll, clerks: tuple[Seat, Seat, Seat], number: int) -> None:
    """Each step names role, organisation and seat; what is done with a code that clerks could have is not called the holder's."""
    _, one, other = clerks
    asked(roll, one, number)
    release.second(roll, other, number, key(roll))
    later(roll, days=8)
    release.release(roll, one, number, key(roll))
    assert isinstance(submit(roll, End(on=roll.day(roll.clock())), number), Taken)
    record = by_number(roll, number)
    assert isinstance(record, Record)
    said = [(one.name, one.role, one.organisation, one.seat, one.holder) for one in record.history[1:]]
    assert said == [
        ("subscription.held/1", "subscriber", "", "", False),
        ("subscription.release-asked/1", "operator", "east", str(clerks[1]), False),
        ("subscription.release-seconded/1", "operator", "east", str(clerks[2]), False),
        ("subscription.released/1", "operator", "east", str(clerks[1]), False),
        ("subscription.ended/1", "subscriber", "", "", False),
    ]


def test_another_operator_and_the_registrar_release_nothing(
    roll: Roll, clerks: tuple[Seat, Seat, Seat], number: int
) -> None:
    """Only the operator that filed it can ask, confirm or release; a reason is needed, and something must be held."""
    west = in_force(roll, "west", "operator-lead")
    assert refused(asked(roll, west, number)) == "subscription-unknown"
    assert refused(asked(roll, KEEPER, number)) == "subscription-unknown"
    assert refused(release.ask(roll, clerks[1], number, "  ", key(roll))) == "reason-missing"
    assert isinstance(asked(roll, clerks[1], number), Taken)
    assert refused(release.second(roll, west, number, key(roll))) == "release-not-asked"
    assert isinstance(release.give_up(roll, clerks[1], number, key(roll)), Taken)
    bare = submit(roll, filing(handle=handle("k-3")), None, EAST)
    assert isinstance(bare, Taken)
    assert refused(asked(roll, clerks[1], bare.number)) == "not-held"


def test_its_holder_is_told_where_they_chose(roll: Roll, clerks: tuple[Seat, Seat, Seat], number: int) -> None:
    """A mail waits as soon as somebody asks, in the holder's language; the address is sealed, and gone with the release."""
    _, one, other = clerks
    give_address(roll, number, lang="zh")
    assert release.keep_contact(roll, number, "zh", "no address", roll.clock()) is False
    with roll.database.own() as connection:
        kept = str(connection.execute("select c::text from contact c").fetchall())
    assert "holder" not in kept
    asked(roll, one, number)
    release.second(roll, other, number, key(roll))
    later(roll, days=8)
    release.release(roll, one, number, key(roll))
    with roll.database.own() as connection:
        mails = connection.execute("select template, lang, params from mail order by made").fetchall()
    assert [(name, lang) for name, lang, _ in mails] == [("release-asked", "zh"), ("passkey-released", "zh")]
    assert "2006-12-27" in str(mails[0][2])
    assert address_links.standing_of(roll, number) == ""


def test_the_days_are_the_rolls_to_set(roll: Roll, clerks: tuple[Seat, Seat, Seat], number: int) -> None:
    """How long the holder has is a setting of the roll, and is fixed for a record when somebody asks."""
    roll.release_days = 20
    roll.adopt(roll.versions)
    _, one, other = clerks
    asked(roll, one, number)
    release.second(roll, other, number, key(roll))
    roll.release_days = 3
    later(roll, days=20)
    assert refused(release.release(roll, one, number, key(roll))) == "release-waits"
    later(roll, days=1)
    assert isinstance(release.release(roll, other, number, key(roll)), Taken)


def test_a_reason_that_names_somebody_is_refused(roll: Roll, clerks: tuple[Seat, Seat, Seat], number: int) -> None:
    """A telephone number in the reason of a release does not come to stand on the record."""
    assert refused(release.ask(roll, clerks[1], number, "13812345678 came", key(roll))) == "text-names-somebody"


def test_a_page_that_has_gone_stale_confirms_nobody_elses_asking(
    roll: Roll, clerks: tuple[Seat, Seat, Seat], number: int
) -> None:
    """A asks, B looks, A gives it up, C asks: what B presses then counts for none, be it to confirm, give up or release."""
    lead, one, other = clerks
    third = in_force(roll, "east", "clerk", lead, Seat("registrar", 1))
    assert isinstance(asked(roll, one, number), Taken)
    looked = by_number(roll, number)
    assert isinstance(looked, Record)
    shown = release.asking_of(looked)
    assert shown == looked.state.version
    assert isinstance(release.give_up(roll, one, number, key(roll), shown), Taken)
    assert isinstance(asked(roll, third, number), Taken)
    for act in (release.second, release.give_up):
        assert refused(act(roll, other, number, key(roll), shown)) == "release-not-asked"
    later(roll, days=100)
    assert refused(release.release(roll, other, number, key(roll), asking=shown)) == "release-not-asked"
    now = by_number(roll, number)
    assert isinstance(now, Record)
    assert now.state.release is not None
    assert (now.state.release.clerk, now.state.release.second) == (str(third), "")
    assert isinstance(release.second(roll, other, number, key(roll), release.asking_of(now)), Taken)


def test_a_release_ends_the_passkeys_that_are_being_made(
    roll: Roll, clerks: tuple[Seat, Seat, Seat], number: int
) -> None:
    """Whoever held the record and began one cannot finish it, in whatever session: what was begun is gone with the release."""
    _, one, other = clerks
    assert isinstance(asked(roll, one, number), Taken)
    assert isinstance(release.second(roll, other, number, key(roll)), Taken)
    later(roll, days=8)
    place = RelyingParty("https://roll.example", "roll.example")
    begun = filing_code.passkey_for_record(roll, place, number, roll.clock())
    assert isinstance(begun, Options)
    made = Authenticator("https://roll.example", "roll.example").made(
        {"ceremony": begun.ceremony, "options": begun.options}
    )
    assert isinstance(release.release(roll, other, number, key(roll)), Taken)
    assert refused(filing_code.hold_by_passkey(roll, place, number, made, "")) == "sign-in-failed"
    found = by_number(roll, number)
    assert isinstance(found, Record)
    assert not found.state.held
    assert isinstance(filing_code.open_by_code(roll, found.code, "192.0.2.1"), Record)


def test_a_held_roll_keeps_no_address(roll: Roll, number: int) -> None:
    """Where to be told is written down like every other act: not while the roll takes nothing."""
    hold(roll.home, SigningHold(roll.clock(), "keeper", why="test"))
    with pytest.raises(NotNow):
        release.keep_contact(roll, number, "en", "a@example.org", roll.clock())
    assert address_links.standing_of(roll, number) == ""


def test_a_release_that_is_under_way_is_work_of_the_operator_until_it_is_over(
    roll: Roll, clerks: tuple[Seat, Seat, Seat], number: int
) -> None:
    """Asked, it waits for a second clerk; confirmed, for its day; the holder's no, the release and the end of it all end that."""
    _, one, other = clerks

    def waits() -> list[tuple[str, str, str]]:
        return [(waiting.row.kind, waiting.row.owner, waiting.row.reason) for waiting in work.queue(roll)]

    assert waits() == []
    asked(roll, one, number)
    assert waits() == [("release", "east", "release-asked")]
    assert work.queue(roll)[0].on == roll.last_day_to_refuse(roll.clock())
    release.second(roll, other, number, key(roll))
    assert waits() == [("release", "east", "release-seconded")]
    assert isinstance(submit(roll, RefuseRelease(passkey="first"), number), Taken)
    assert waits() == []
    asked(roll, one, number)
    release.second(roll, other, number, key(roll))
    later(roll, days=8)
    assert isinstance(release.release(roll, one, number, key(roll)), Taken)
    assert waits() == []
