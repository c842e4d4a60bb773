"""An address that does not open stops no act: what cannot be told is logged, and waits for the registrar's people."""

import logging
from collections.abc import Callable

import pytest

from openroll.register.command import Actor
from openroll.register.organisation.roles import Seat
from openroll.register.subscription.commands import Hold
from openroll.service import work
from openroll.service.filing import porting
from openroll.service.filing.porting import Party
from openroll.service.filing.submit import Taken
from openroll.service.governance.settled_work import settle_work
from openroll.service.identity import filing_code, release, sessions
from openroll.service.identity.passkeys import Options, RelyingParty
from openroll.service.roll import Roll
from openroll.store import sessions as ways_in
from openroll.store.sessions import PasskeyRow
from tests.addresses import give_address
from tests.handles import handle
from tests.seats import in_force
from tests.service.filings import filing
from tests.service.test_holding import later, submit
from tests.service.test_porting import reference
from tests.web.attacks.authenticator import Authenticator

EAST = Actor("operator", "east")
LEAD = Seat("east", 1)
PLACE = RelyingParty("https://roll.example", "roll.example")


@pytest.fixture
def number(roll: Roll) -> int:
    """A record that two passkeys hold, and whose holder's address is sealed under a key that is lost."""
    assert in_force(roll, "east", "operator-lead") == LEAD
    taken = submit(roll, filing(handle=handle("k-1")), None, EAST)
    assert isinstance(taken, Taken), taken
    assert isinstance(submit(roll, Hold(), taken.number), Taken)
    with roll.database.own() as connection:
        for credential in (b"lost", b"other"):
            ways_in.put_passkey(connection, PasskeyRow(credential, None, taken.number, b"key", 0, "", roll.clock()))
    give_address(roll, taken.number)
    with roll.database.own() as connection:
        connection.execute("update contact set address_sealed = %s where record = %s", (b"x" * 80, taken.number))
    return taken.number


def asked(roll: Roll, number: int) -> object:
    """A clerk asks to let it go."""
    return release.ask(roll, LEAD, number, "lost", "k" * 20)


def released(roll: Roll, number: int) -> object:
    """Two clerks let it go, after its days."""
    first = in_force(roll, "registrar", "registrar-lead")
    one, other = (in_force(roll, "east", "clerk", LEAD, first) for _ in range(2))
    assert isinstance(release.ask(roll, one, number, "lost", "k" * 20), Taken)
    assert isinstance(release.second(roll, other, number, "l" * 20), Taken)
    with roll.database.own() as connection:
        connection.execute("delete from work where kind = 'contact'")
    later(roll, days=8)
    return release.release(roll, one, number, "m" * 20)


def ported(roll: Roll, number: int) -> object:
    """It goes to another operator."""
    assert isinstance(porting.offer(roll, Party("east"), number, "west"), Taken)
    return porting.agree(roll, Party("west"), reference(roll), handle("w-1"))


def added(roll: Roll, number: int) -> object:
    """A further passkey is made."""
    begun = filing_code.passkey_for_record(roll, PLACE, number, roll.clock())
    assert isinstance(begun, Options)
    made = Authenticator("https://roll.example", "roll.example").made(
        {"ceremony": begun.ceremony, "options": begun.options}
    )
    return filing_code.hold_by_passkey(roll, PLACE, number, made, "")


def ended(roll: Roll, number: int) -> object:
    """One of its passkeys is ended."""
    with roll.database.own() as connection:
        session = sessions.begin_by_passkey(connection, roll, number, passkey=b"lost")
    assert isinstance(session, str)
    return filing_code.end_passkey(roll, number, b"other", roll.clock(), session)


@pytest.mark.parametrize("act", [asked, released, ported, added, ended])
def test_an_address_that_does_not_open_stops_no_act(
    act: Callable[[Roll, int], object],
    roll: Roll,
    number: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is done as if none had been left; the log says so without a name, and the registrar's people have it to see to."""
    caplog.set_level(logging.WARNING, logger="openroll")
    outcome = act(roll, number)
    assert outcome is None or isinstance(outcome, Taken | str), outcome
    assert "does not open" in caplog.text
    assert handle("k-1") not in caplog.text
    assert "@" not in caplog.text
    (waits,) = [one for one in work.queue(roll) if one.row.kind == "contact"]
    assert waits.row.owner == "registrar"
    called = f"west {handle('w-1')}" if act is ported else f"east {handle('k-1')}"
    assert waits.about == called


def test_the_work_ends_as_the_holder_gives_the_address_again(roll: Roll, number: int) -> None:
    """It waits once, however often somebody was not told; the registrar's people may end it too, in an act without a name."""
    assert isinstance(asked(roll, number), Taken)
    assert ended(roll, number) is None
    assert [one.row.kind for one in work.queue(roll) if one.row.owner == "registrar"] == ["contact"]
    (waits,) = [one for one in work.queue(roll) if one.row.kind == "contact"]
    assert settle_work(roll, waits.row.id, "told by letter", in_force(roll, "registrar", "registrar-lead")) is None
    assert isinstance(added(roll, number), str)
    assert [one.row.kind for one in work.queue(roll) if one.row.owner == "registrar"] == ["contact"]
    assert release.keep_contact(roll, number, "en", "again@example.org", roll.clock()) is True
    assert "contact" not in {one.row.kind for one in work.queue(roll)}
