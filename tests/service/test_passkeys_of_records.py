"""Several passkeys of one filing: each is a fact, in a list, ended by its holder, and told; a younger one does not say no."""

from datetime import timedelta

import pytest

from openroll.register.decision import Refused
from openroll.register.organisation.roles import Seat
from openroll.register.subscription.commands import AddPasskey, EndPasskey, Hold, RefuseRelease
from openroll.register.subscription.filing_code import code_of
from openroll.register.subscription.refusals import PasskeyWaits
from openroll.service.filing.rebuild import rebuild
from openroll.service.filing.submit import Taken
from openroll.service.identity import address_links, filing_code, release, sessions
from openroll.service.identity.contact import MOST_OLD, OLD_CONTACT, forgetting
from openroll.service.identity.passkeys import Options, RelyingParty
from openroll.service.identity.sessions import NOBODY
from openroll.service.identity.telling import told_of
from openroll.service.queries import Record, by_number
from openroll.service.roll import Roll
from openroll.service.work import run_due
from openroll.store import contacts
from tests.addresses import give_address
from tests.seats import in_force, seated
from tests.service.filings import filing
from tests.service.test_holding import later, refused, submit
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
    lead = seated(roll, "east", "operator-lead")
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


def by_passkey(roll: Roll, number: int, nth: int) -> str:
    """A session that a passkey of the list begins."""
    listed = filing_code.passkeys_of_record(roll, number)
    with roll.database.own() as connection:
        made = sessions.begin_by_passkey(connection, roll, number, passkey=listed[nth][0])
    assert isinstance(made, str)
    return made


def says_no(roll: Roll, number: int, session: str) -> object:
    """Who has a session says no to what is asked."""
    return submit(roll, RefuseRelease(passkey=filing_code.signed_in_by(roll, number, session)), number)


def test_each_passkey_of_a_filing_is_a_fact_and_its_holder_is_told(roll: Roll, number: int) -> None:
    """The second stands in the history and the list as the first does, and a mail says so; so does the end of one."""
    assert isinstance(add(roll, number), str)
    give_address(roll, number)
    own = add(roll, number)
    assert isinstance(own, str)
    assert names(roll, number)[-1] == "subscription.passkey-added/1"
    assert mails(roll) == ["passkey-added"]
    first, second = filing_code.passkeys_of_record(roll, number)
    assert first[1] < second[1]
    later(roll, days=8)
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
    later(roll, days=8)
    own = by_passkey(roll, number, 1)
    other = by_passkey(roll, number, 0)
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
    assert isinstance(asked(roll, clerk, number), Taken)
    younger = add(roll, number)
    assert isinstance(younger, str)
    assert refused(says_no(roll, number, younger)) == "passkey-too-young"
    assert isinstance(says_no(roll, number, by_passkey(roll, number, 0)), Taken)


def test_a_passkey_added_shortly_before_a_release_does_not_refuse_it(roll: Roll, number: int, clerk: Seat) -> None:
    """Nor to the next asking of the same days; once it has stood as long as a holder may say no, it is as good as any."""
    assert isinstance(add(roll, number), str)
    assert isinstance(add(roll, number), str)
    for days in (0, roll.release_days):
        later(roll, days=days)
        assert isinstance(asked(roll, clerk, number), Taken)
        assert refused(says_no(roll, number, by_passkey(roll, number, 1))) == "passkey-too-young"
        assert isinstance(says_no(roll, number, by_passkey(roll, number, 0)), Taken)
    later(roll, days=1)
    assert isinstance(asked(roll, clerk, number), Taken)
    assert isinstance(says_no(roll, number, by_passkey(roll, number, 1)), Taken)


@pytest.mark.parametrize("before", [True, False])
def test_one_that_stands_because_an_older_one_was_ended_does_not_refuse_a_release(
    roll: Roll, number: int, clerk: Seat, before: bool
) -> None:
    """Who waited until the owner's passkey could be ended does not keep the filing: the owner's operator lets it go."""
    assert isinstance(add(roll, number), str)
    assert isinstance(add(roll, number), str)
    later(roll, days=30)
    thief = by_passkey(roll, number, 1)
    if before:
        assert end(roll, number, 0, thief) is None
        later(roll, days=roll.release_days)
    assert isinstance(asked(roll, clerk, number), Taken)
    if not before:
        assert end(roll, number, 0, thief) is None
    assert refused(says_no(roll, number, by_passkey(roll, number, 0))) == "passkey-too-young"


def test_a_passkey_ends_no_older_one_in_its_first_days(roll: Roll, number: int) -> None:
    """It says until when; the older one ends it meanwhile, it ends what is younger still, and both after its days."""
    assert isinstance(add(roll, number), str)
    today = roll.day(roll.clock())
    own = add(roll, number)
    assert isinstance(own, str)
    third = add(roll, number)
    assert isinstance(third, str)
    for days in (0, roll.release_days):
        later(roll, days=days)
        for nth in (0, 1):
            waits = end(roll, number, nth, by_passkey(roll, number, 2))
            assert isinstance(waits, Refused)
            assert waits.refusal == PasskeyWaits(until=today + timedelta(days=roll.release_days))
    assert end(roll, number, 2, by_passkey(roll, number, 1)) is None
    assert refused(end(roll, number, 0, by_passkey(roll, number, 1))) == "passkey-waits"
    later(roll, days=1)
    assert end(roll, number, 0, by_passkey(roll, number, 1)) is None
    assert rebuild(roll, replace=False).differences == ()


def test_who_writes_another_address_is_heard_of_at_the_one_that_was(roll: Roll, number: int) -> None:
    """A fresh session, a fact without the address, a mail to the old one, which goes on being told for its days."""
    assert isinstance(add(roll, number), str)
    old = roll.clock() - sessions.FRESH * 2
    assert refused(release.keep_contact(roll, number, "en", "thief@example.org", old)) == "session-old"
    give_address(roll, number, "own@example.org", "zh")
    assert mails(roll) == []
    with roll.database.own() as connection:
        before = told_of(connection, roll, number, roll.clock()).addresses
    assert before == [("zh", "own@example.org")]
    give_address(roll, number, "thief@example.org")
    assert names(roll, number)[-2:] == ["subscription.contact-changed/1"] * 2
    found = by_number(roll, number)
    assert isinstance(found, Record)
    assert "example.org" not in str(found.history)
    assert mails(roll) == ["contact-changed"]
    for n in range(
        MOST_OLD + 2
    ):  # whoever writes ever others pushes nobody out, and the owner is told of the first alone
        later(roll, days=n % 2)
        give_address(roll, number, f"thief{n}@example.org")
    assert release.keep_contact(roll, number, "en", "", roll.clock()) is True
    assert address_links.standing_of(roll, number) == ""
    assert mails(roll).count("contact-changed") == MOST_OLD + 4
    with roll.database.own() as connection:
        told = connection.execute("select lang from mail where template = 'contact-changed'").fetchall()
        assert ("zh", "own@example.org") in told_of(connection, roll, number, roll.clock()).addresses
    assert told.count(("zh",)) == 1
    later(roll, days=2 * roll.release_days - (MOST_OLD + 2) // 2)
    with roll.database.own() as connection:
        assert ("zh", "own@example.org") in told_of(connection, roll, number, roll.clock()).addresses
    later(roll, days=1)
    with roll.database.own() as connection:
        assert ("zh", "own@example.org") not in told_of(connection, roll, number, roll.clock()).addresses
        assert contacts.get(connection, number) is not None
    later(roll, days=2 * roll.release_days)
    assert run_due(roll, {OLD_CONTACT: forgetting(roll)}, roll.clock())
    with roll.database.own() as connection:
        assert contacts.get(connection, number) is None


def test_the_owner_has_a_way_back_from_who_sat_at_their_browser(roll: Roll, number: int, clerk: Seat) -> None:
    """Address, passkey, end and No of a thief, all in a minute and again after the wait: the two clerks let the filing go."""
    other = in_force(roll, "east", "clerk", Seat("east", 1), Seat("registrar", 1))
    assert isinstance(add(roll, number), str)
    give_address(roll, number, "own@example.org")
    thief = add(roll, number)
    assert isinstance(thief, str)
    assert release.keep_contact(roll, number, "en", "thief@example.org", roll.clock()) is True
    assert refused(end(roll, number, 0, thief)) == "passkey-waits"
    later(roll, days=8)
    assert end(roll, number, 0, by_passkey(roll, number, 1)) is None
    with roll.database.own() as connection:
        assert ("en", "own@example.org") in told_of(connection, roll, number, roll.clock()).addresses
    assert isinstance(asked(roll, clerk, number), Taken)
    thief = by_passkey(roll, number, 0)
    assert refused(says_no(roll, number, thief)) == "passkey-too-young"
    assert isinstance(release.second(roll, other, number, form_key(roll)), Taken)
    later(roll, days=8)
    assert isinstance(release.release(roll, clerk, number, form_key(roll)), Taken)
    assert sessions.someone(roll, thief) == NOBODY
