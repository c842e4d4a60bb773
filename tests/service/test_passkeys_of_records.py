"""Several passkeys of one filing: each is a fact, in a list, ended by its holder, and told; a younger one does not say no."""

import pytest

from openroll.register.decision import Refused
from openroll.register.organisation.roles import Seat
from openroll.register.subscription.commands import AddPasskey, EndPasskey, Hold, RefuseRelease
from openroll.register.subscription.filing_code import code_of
from openroll.service.filing.rebuild import rebuild
from openroll.service.filing.submit import Taken
from openroll.service.identity import filing_code, release, sessions
from openroll.service.identity.passkeys import Options, RelyingParty
from openroll.service.identity.sessions import NOBODY
from openroll.service.queries import Record, by_number
from openroll.service.roll import Roll
from tests.seats import in_force
from tests.service.filings import filing
from tests.service.test_holding import refused, submit
from tests.service.test_release import EAST, asked
from tests.service.test_release import key as form_key
from tests.web.attacks.authenticator import Authenticator

PLACE = RelyingParty("https://roll.example", "roll.example")


@pytest.fixture
def number(roll: Roll) -> int:
    """A record that east filed; nothing holds it yet."""
    taken = submit(roll, filing(), None, EAST)
    assert isinstance(taken, Taken), taken
    return taken.number


@pytest.fixture
def clerk(roll: Roll) -> Seat:
    """A clerk of east's."""
    lead = in_force(roll, "east", "operator-lead")
    return in_force(roll, "east", "clerk", lead, in_force(roll, "registrar", "registrar-lead"))


def add(roll: Roll, number: int, cookie: str = "") -> str | Refused:
    """A holder makes a passkey; the session that it begins."""
    begun = filing_code.passkey_for_record(roll, PLACE, number, roll.clock())
    assert isinstance(begun, Options)
    answer = Authenticator("https://roll.example", "roll.example").made(
        {"ceremony": begun.ceremony, "options": begun.options}
    )
    return filing_code.hold_by_passkey(roll, PLACE, number, answer, cookie)


def names(roll: Roll, number: int) -> list[str]:
    """What happened with a record."""
    found = by_number(roll, number)
    assert isinstance(found, Record)
    return [one.name for one in found.history]


def mails(roll: Roll) -> list[str]:
    """The mails that wait, by template."""
    with roll.database.own() as connection:
        return [str(one) for (one,) in connection.execute("select template from mail order by made, id").fetchall()]


def end(roll: Roll, number: int, nth: int, cookie: str) -> Refused | None:
    """A holder ends a passkey of the list."""
    listed = filing_code.passkeys_of_record(roll, number)
    return filing_code.end_passkey(roll, number, listed[nth][0], roll.clock(), cookie)


def test_each_passkey_of_a_filing_is_a_fact_and_its_holder_is_told(roll: Roll, number: int) -> None:
    """The second stands in the history and the list as the first does, and a mail says so; so does the end of one."""
    assert isinstance(add(roll, number), str)
    assert release.keep_contact(roll, number, "en", "holder@example.org")
    own = add(roll, number)
    assert isinstance(own, str)
    assert names(roll, number)[-2:] == ["subscription.held/1", "subscription.passkey-added/1"]
    assert mails(roll) == ["passkey-added"]
    first, second = filing_code.passkeys_of_record(roll, number)
    assert first[1] < second[1]
    assert end(roll, number, 0, own) is None
    assert names(roll, number)[-1] == "subscription.passkey-ended/1"
    assert mails(roll) == ["passkey-added", "passkey-ended"]
    assert filing_code.passkeys_of_record(roll, number) == [second]
    assert rebuild(roll, replace=False).differences == ()


def test_who_ends_a_passkey_ends_what_it_opened_and_never_the_last(roll: Roll, number: int) -> None:
    """Every session but this browser's ends; neither the last passkey ends, nor another record's, nor by an old session."""
    thief = add(roll, number)
    own = add(roll, number, "")
    assert isinstance(thief, str)
    assert isinstance(own, str)
    listed = filing_code.passkeys_of_record(roll, number)
    old = filing_code.end_passkey(roll, number, listed[0][0], roll.clock() - sessions.FRESH * 2, own)
    assert old is not None
    assert old.refusal.code == "session-old"
    with roll.database.own() as connection:
        other = sessions.begin_by_passkey(connection, roll, number, passkey=listed[0][0])
    assert isinstance(other, str)
    assert refused(filing_code.end_passkey(roll, number, b"another", roll.clock(), own)) == "last-passkey"
    assert end(roll, number, 0, own) is None
    assert sessions.someone(roll, other) == NOBODY
    assert sessions.someone(roll, own).record == number
    assert refused(end(roll, number, 0, own)) == "last-passkey"
    assert (
        refused(filing_code.open_by_code(roll, code_of(number, roll.keys.code_key), "192.0.2.1")) == "held-by-passkey"
    )


def test_only_who_holds_a_record_adds_or_ends_a_passkey_of_it(roll: Roll, number: int) -> None:
    """Neither stands where no passkey holds it, and no clerk does either."""
    assert refused(submit(roll, AddPasskey(passkey="a"), number)) == "not-held"
    assert refused(submit(roll, EndPasskey(passkey="a", last=False), number)) == "not-held"
    assert isinstance(submit(roll, Hold(), number), Taken)
    assert refused(submit(roll, AddPasskey(passkey="a"), number, EAST)) == "not-allowed"
    assert refused(submit(roll, EndPasskey(passkey="a", last=False), number, EAST)) == "not-allowed"
    assert refused(submit(roll, EndPasskey(passkey="a", last=True), number)) == "last-passkey"


def test_a_passkey_younger_than_a_release_does_not_refuse_it(roll: Roll, number: int, clerk: Seat) -> None:
    """Who came to the browser and made a passkey does not say no to the owner, who asked for help; the older passkey does."""
    older = add(roll, number)
    assert isinstance(older, str)
    first = filing_code.passkeys_of_record(roll, number)[0][0]
    assert isinstance(asked(roll, clerk, number), Taken)
    younger = add(roll, number)
    assert isinstance(younger, str)

    def says_no(session: str) -> object:
        return submit(roll, RefuseRelease(passkey=filing_code.signed_in_by(roll, session)), number)

    assert refused(says_no(younger)) == "passkey-too-young"
    with roll.database.own() as connection:
        older = sessions.begin_by_passkey(connection, roll, number, passkey=first)
    assert isinstance(older, str)
    assert isinstance(says_no(older), Taken)
    assert isinstance(asked(roll, clerk, number), Taken)
    assert isinstance(says_no(younger), Taken)  # by now it is the older one


def test_what_is_not_known_to_be_younger_says_no_as_before(roll: Roll, number: int, clerk: Seat) -> None:
    """A session of before its passkey was kept, and a record of before these facts were, keep their meaning."""
    assert isinstance(add(roll, number), str)
    assert isinstance(asked(roll, clerk, number), Taken)
    with roll.database.own() as connection:
        session = sessions.begin_by_passkey(connection, roll, number)
    assert isinstance(session, str)
    assert filing_code.signed_in_by(roll, session) == ""
    assert isinstance(submit(roll, RefuseRelease(passkey=""), number), Taken)
    assert release.give_up(roll, clerk, number, form_key(roll)) is not None
