"""Nobody is written to by the hundred: an address says yes first, is told once of a change, and ends mails with one press."""

import re
from email.message import EmailMessage
from uuid import UUID

from openroll.register.command import Actor
from openroll.register.subscription.commands import Confirm, Hold
from openroll.register.subscription.pace import ADDRESSES_A_DAY
from openroll.service.expiry import sweep
from openroll.service.filing.submit import Taken
from openroll.service.identity import address_links, contact, release
from openroll.service.identity.address_links import ASKED_FOR, Named, Standing
from openroll.service.identity.telling import told_of
from openroll.service.key_labels import CONTACT
from openroll.service.mail.message import message_of
from openroll.service.mail.outbox import deliver_due
from openroll.service.roll import Roll
from openroll.service.sealing import seal
from openroll.store import contacts
from openroll.store.contacts import ContactRow
from openroll.words.mails import write
from tests.addresses import confirm, give_address
from tests.handles import handle
from tests.seats import in_force
from tests.service.filings import filing
from tests.service.test_holding import later, refused, submit
from tests.service.test_unconfirmed import act, file_alone

EAST = Actor("operator", "east")
SITE = "https://roll.example/en/find"


def held(roll: Roll, account: str = "k-1") -> int:
    """A record of east's that its subscriber's passkey holds."""
    taken = submit(roll, filing(handle=handle(account)), None, EAST)
    assert isinstance(taken, Taken), taken
    assert isinstance(submit(roll, Hold(), taken.number), Taken)
    return taken.number


def give(roll: Roll, number: int, address: str) -> object:
    """Its holder types an address."""
    return release.keep_contact(roll, number, "en", address, roll.clock(), SITE)


class Box:
    """A mail server that keeps what it was given."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, EmailMessage]] = []

    def send(self, message: EmailMessage, to: str) -> None:
        """Take one."""
        self.taken.append((to, message))

    def to(self, address: str) -> list[str]:
        """The subjects of what went to an address."""
        return [str(message["Subject"]) for to, message in self.taken if to == address]


def word_of(message: EmailMessage) -> str:
    """The word of the link in a mail."""
    return str(message["List-Unsubscribe"]).strip("<>").rpartition("/")[2]


def sent(roll: Roll) -> Box:
    """Everything that waits, sent."""
    box = Box()
    deliver_due(roll, box, write, roll.clock())
    return box


def test_a_stranger_gets_one_mail_whatever_is_done_on_however_many_records(roll: Roll) -> None:
    """Written, replaced, written again, in another spelling, on other days and records, with a release asked: one mail."""
    one, other = held(roll), held(roll, "k-2")
    lead = in_force(roll, "east", "operator-lead")
    for _ in range(3):
        for number in (one, other):
            for address in ("victim@example.org", "Victim+1@EXAMPLE.org", ""):
                assert give(roll, number, address) is True
        later(roll, days=1)
    give(roll, one, "victim@example.org")
    assert isinstance(release.ask(roll, lead, one, "lost", "k" * 20, SITE), Taken)
    assert [to for to, _ in sent(roll).taken] == ["victim@example.org"]
    later(roll, days=ASKED_FOR.days - 4)
    assert give(roll, one, "victim@example.org") is True
    assert sent(roll).taken == []


def test_a_filing_that_nobody_took_asks_once_and_tells_nobody(roll: Roll) -> None:
    """What anybody makes alone has one mail sent in its life; with its operator's word it is as any other."""
    number = file_alone(roll)
    assert isinstance(submit(roll, Hold(), number), Taken)
    for n in range(3):
        give(roll, number, f"victim{n}@example.org")
        later(roll, days=1)
    assert [to for to, _ in sent(roll).taken] == ["victim0@example.org"]
    give(roll, number, "victim0@example.org")
    confirm(roll, number, "victim0@example.org")
    give(roll, number, "another@example.org")
    assert sent(roll).taken == []
    assert isinstance(act(roll, number, Confirm(handle=handle("taken-1")), EAST), Taken)
    give(roll, number, "third@example.org")
    assert sent(roll).to("third@example.org") == ["May this address be told of a filing?"]


def test_so_many_addresses_a_day(roll: Roll) -> None:
    """A fourth on one day is refused with the time to wait; to have it forgotten is open, and the next day is another one."""
    number = held(roll)
    for n in range(ADDRESSES_A_DAY):
        assert give(roll, number, f"a{n}@example.org") is True
    assert refused(give(roll, number, "more@example.org")) == "too-many-acts"
    assert give(roll, number, "") is True
    assert refused(give(roll, number, "more@example.org")) == "too-many-acts"
    later(roll, days=1)
    assert give(roll, number, "more@example.org") is True


def test_an_address_is_told_from_its_yes_until_it_wants_no_more(roll: Roll) -> None:
    """The link in the mail says yes and no; no counts for every record, and is taken back by the same link alone."""
    number, other = held(roll), held(roll, "k-2")
    lead = in_force(roll, "east", "operator-lead")
    assert give(roll, number, "me@example.org") is True
    assert address_links.standing_of(roll, number) == Standing.WAITS
    asked = sent(roll)
    assert asked.to("me@example.org") == ["May this address be told of a filing?"]
    message = asked.taken[0][1]
    named = address_links.named_by(roll, word_of(message))
    assert named is not None
    assert address_links.confirm(roll, named)
    assert address_links.standing(roll, named) == Standing.CONFIRMED
    give_address(roll, other, "me@example.org")  # it may be asked of another record, once it has answered
    assert isinstance(release.ask(roll, lead, number, "lost", "k" * 20, SITE), Taken)
    assert sent(roll).to("me@example.org") == ["Somebody asks to let your filing go from its passkey"]
    address_links.stop(roll, named)
    assert address_links.standing_of(roll, number) == Standing.STOPPED
    for n, at in enumerate((number, other)):
        release.give_up(roll, lead, at, f"{n}" * 20)
        assert isinstance(release.ask(roll, lead, at, "lost", f"a{n}" * 10, SITE), Taken)
    assert give(roll, held(roll, "k-3"), "me@example.org") is True
    assert sent(roll).taken == []
    later(roll, days=ASKED_FOR.days + 1)
    sweep(roll)
    assert address_links.standing(roll, named) == Standing.STOPPED
    address_links.allow(roll, named)
    assert address_links.standing(roll, named) == Standing.CONFIRMED
    for word in ("", "x", word_of(message)[:-2], "AAAA" * 30, "\u00e9"):
        assert address_links.named_by(roll, word) is None


def test_every_mail_to_a_holder_ends_mails_with_one_press(roll: Roll) -> None:
    """Head and foot name the link, whole in its line (RFC 8058); an invitation has none, and reads as before."""
    number = held(roll)
    give_address(roll, number, "me@example.org")
    give(roll, number, "other@example.org")
    for to, message in sent(roll).taken:
        raw = message.as_bytes().decode()
        link = re.search(r"^List-Unsubscribe: <(https://roll\.example/en/mails/[\w-]+)>\r?$", raw, re.MULTILINE)
        assert link, (to, raw)
        assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in raw
        assert link[1] in message.get_content()
        named = address_links.named_by(roll, word_of(message))
        assert named == Named(number, address_links.digest_of(roll, to))
    plain = message_of(
        write("trial", "en", {}), "en", number=UUID(int=1), made=roll.clock(), to="a@b.example", host="x"
    )
    assert "List-Unsubscribe" not in plain
    with roll.database.own() as connection:
        kept = str(connection.execute("select m::text from mail m").fetchall())
        assert "/mails/" not in kept, "whoever reads the table could say it for them"


def test_what_was_asked_is_forgotten_in_time(roll: Roll) -> None:
    """Nothing is kept of an address that said nothing, once it may be asked again; and none is readable meanwhile."""
    number = held(roll)
    assert give(roll, number, "me@example.org") is True
    with roll.database.own() as connection:
        assert connection.execute("select count(*) from asked_address").fetchone() == (1,)
    later(roll, days=ASKED_FOR.days + 1)
    sweep(roll)
    with roll.database.own() as connection:
        assert connection.execute("select count(*) from asked_address").fetchone() == (0,)
    assert give(roll, number, "me@example.org") is True
    assert len(sent(roll).taken) == 2  # the first one waited all the while


def test_an_address_of_before_is_told_without_a_yes(roll: Roll) -> None:
    """What stood when this came was given under another promise: it is told, and may stop it."""
    number = held(roll)
    with roll.database.own() as connection:
        text = "old@example.org\n2006-12-31 zh older@example.org"
        sealed = seal(CONTACT.of(roll.keys), text, contact.bound(roll.name, number), roll.random_bytes)
        contacts.put(connection, number, ContactRow("en", sealed))
        told = told_of(connection, roll, number, roll.clock()).addresses
    assert list(told) == [("en", "old@example.org"), ("zh", "older@example.org")]
