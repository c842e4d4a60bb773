"""Nobody is written to by the hundred: an address says yes first, is told once of a change, and ends mails with one press."""

import hmac
import re
from collections.abc import Callable
from email.message import EmailMessage
from uuid import UUID

import pytest

from openroll.register.command import Actor
from openroll.register.subscription.commands import Confirm, Hold
from openroll.register.subscription.pace import ADDRESSES_A_DAY
from openroll.service.expiry import sweep
from openroll.service.filing.submit import Taken
from openroll.service.identity import address_links, contact, release
from openroll.service.identity.address_links import ASKED_FOR, BY_ALONE, BY_TAKEN, OF_A_RECORD, Named, Standing
from openroll.service.identity.telling import told_of
from openroll.service.key_labels import CONTACT, OLD_ADDRESS_DIGEST
from openroll.service.mail import mailboxes
from openroll.service.mail.message import message_of
from openroll.service.mail.outbox import deliver_due, failed, send_later
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


def test_a_stranger_gets_few_mails_whatever_is_done_on_however_many_records(roll: Roll) -> None:
    """Written, replaced, written again, in another spelling, on other days and records: so many, no more."""
    lead = in_force(roll, "east", "operator-lead")
    one, *others = (held(roll, f"k-{n}") for n in range(5))
    for _ in range(2):
        for address in ("victim@example.org", "Victim+1@EXAMPLE.org", ""):
            assert give(roll, one, address) is True
        later(roll, days=1)
    give(roll, one, "victim@example.org")
    assert isinstance(release.ask(roll, lead, one, "lost", "k" * 20, SITE), Taken)
    assert [to.lower().replace("+1", "") for to, _ in sent(roll).taken] == ["victim@example.org"] * OF_A_RECORD
    for number in others:
        for nth in range(3):
            give(roll, number, f"VICTIM+{nth}@example.org")
    assert len(sent(roll).taken) == BY_TAKEN - OF_A_RECORD
    alone = [file_alone(roll) for _ in range(3)]
    for number in alone:
        submit(roll, Hold(), number)
        give(roll, number, "victim@example.org")
    assert len(sent(roll).taken) == BY_ALONE
    later(roll, days=ASKED_FOR.days - 4)
    for number in (one, *others, *alone):
        assert give(roll, number, "victim@example.org") is True
    assert sent(roll).taken == []


def test_no_stranger_s_filing_uses_up_what_the_owner_s_has(roll: Roll) -> None:
    """Typed first on filings made alone, and on one that an operator took: the owner's record asks all the same, and is told."""
    lead = in_force(roll, "east", "operator-lead")
    stranger, taken = file_alone(roll), file_alone(roll)
    for number in (stranger, taken):
        assert isinstance(submit(roll, Hold(), number), Taken)
        give(roll, number, "owner@example.org")
        give(roll, number, "")
    assert isinstance(act(roll, taken, Confirm(handle=handle("taken-1")), EAST), Taken)
    for _ in range(3):
        give(roll, taken, "owner@example.org")
        later(roll, days=1)
    sent(roll)
    mine = held(roll)
    assert give(roll, mine, "owner@example.org") is True
    (mail,) = sent(roll).taken
    assert address_links.standing_of(roll, mine) is Standing.WAITS
    named = address_links.named_by(roll, word_of(mail[1]))
    assert named is not None
    assert named.number == mine
    assert address_links.confirm(roll, named)
    assert isinstance(release.ask(roll, lead, mine, "lost", "k" * 20, SITE), Taken)
    assert sent(roll).to("owner@example.org") == ["Somebody asks to let your filing go from its passkey"]


@pytest.mark.parametrize("pressed", [address_links.confirm, address_links.allow])
def test_who_reads_any_link_of_ours_has_their_own_record_ask_again(
    roll: Roll, pressed: Callable[[Roll, Named], object]
) -> None:
    """All is used up by others and by lost mails, and the page says that none went; one press in any mail, and the next goes."""
    others = [held(roll, f"k-{n}") for n in range(BY_TAKEN)]
    for number in others:
        give(roll, number, "owner@example.org")
        give(roll, number, "")
    old = sent(roll).taken[0][1]
    mine = held(roll, "mine")
    give(roll, mine, "owner@example.org")
    assert sent(roll).taken == []
    assert address_links.standing_of(roll, mine) is Standing.UNASKED
    named = address_links.named_by(roll, word_of(old))
    assert named is not None
    assert address_links.standing(roll, named) is Standing.NONE
    assert sent(roll).taken == []
    assert not pressed(roll, named)
    give(roll, mine, "owner@example.org")
    assert sent(roll).to("owner@example.org") == ["May this address be told of a filing?"]
    assert address_links.standing_of(roll, mine) is Standing.WAITS


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("groß@example.org", "gross@example.org", False),
        ("ﬁ@example.org", "fi@example.org", False),
        ("a@straße.example", "a@strasse.example", False),
        ("me@example.org", "you@example.org", False),
        ("Me@Example.org", "mE@example.ORG", True),
        ("GROẞ@example.org", "groß@example.org", True),
        ("ÉVA@example.org", "e\u0301va@example.org", True),
        ("ΝΙΚΟΣ.Α@example.org", "νικος.α@example.org", True),
        ("me+1@example.org", "me@example.org", True),
        ("a@STRASSE.example", "a@strasse.example", True),
        ("a@straße.example", "a@xn--strae-oqa.example", True),
    ],
)
def test_one_mailbox_has_one_hash(roll: Roll, one: str, other: str, same: bool) -> None:
    """However it is written, and no two have the same: a stop is not walked around, and stops nobody else."""
    assert (mailboxes.digest_of(roll, one) == mailboxes.digest_of(roll, other)) is same


def test_a_stop_stops_its_own_mailbox_and_stops_of_before_hold(roll: Roll) -> None:
    """Both confirmed, one wants no more: the other is told. A row of before stops both that it cannot tell apart."""
    one, other = held(roll), held(roll, "k-2")
    for number, address in ((one, "groß@example.org"), (other, "gross@example.org")):
        give_address(roll, number, address)
    address_links.stop(roll, Named(one, mailboxes.digest_of(roll, "GROß@example.org")))
    stands = (address_links.standing_of(roll, one), address_links.standing_of(roll, other))
    assert stands == (Standing.STOPPED, Standing.CONFIRMED)
    give(roll, held(roll, "k-3"), "GROẞ@example.org")
    assert sent(roll).taken == []
    key = OLD_ADDRESS_DIGEST.of(roll.keys)
    old = Named(other, hmac.digest(key, b"gross@example.org", "sha256"))
    address_links.stop(roll, old)
    assert address_links.standing_of(roll, other) is Standing.STOPPED
    assert address_links.standing(roll, Named(other, mailboxes.digest_of(roll, "gross@example.org"))) == "stopped"
    with roll.database.own() as connection:
        assert mailboxes.stopped_of(connection, roll, ["Gross@example.org", "x@example.org"]) == {"Gross@example.org"}
    address_links.allow(roll, old)
    assert address_links.standing_of(roll, other) is Standing.CONFIRMED
    assert address_links.standing_of(roll, one) is Standing.STOPPED


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
    lead = in_force(roll, "east", "operator-lead")
    number, other = held(roll), held(roll, "k-2")
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
        assert named == Named(number, mailboxes.digest_of(roll, to))
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
        assert connection.execute("select count(*) from asked_address").fetchone() == (2,)  # of its record, and in all
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


def test_a_mail_that_waits_does_not_go_out_once_its_reader_wants_none(roll: Roll) -> None:
    """It was handed in before; what tries it, at whichever attempt, asks. It is nobody's work, and nothing sealed stays."""
    lead = in_force(roll, "east", "operator-lead")
    number = held(roll)
    give_address(roll, number, "me@example.org")
    assert isinstance(release.ask(roll, lead, number, "lost", "k" * 20, SITE), Taken)
    send_later(
        roll, "trial", "en", {}, "me@example.org", roll.clock()
    )  # no mail about a filing has one press to end it
    address_links.stop(roll, Named(number, mailboxes.digest_of(roll, "Me@example.org")))
    later(roll, days=1)
    assert [str(message["Subject"]) for _, message in sent(roll).taken] == [write("trial", "en", {}).subject]
    assert failed(roll) == []
    with roll.database.own() as connection:
        kept = (
            "select count(*) from mail where state = 'waiting' or address_sealed is not null or link_sealed is not null"
        )
        assert connection.execute(kept).fetchone() == (0,)
        assert connection.execute("select count(*) from work where kind = 'mail' and ended is null").fetchone() == (0,)


def test_a_new_key_of_addresses_forgets_nobody_who_wants_no_mails(roll: Roll) -> None:
    """A stop holds, links in mails of before lead, also those with one press, and what asked an address counts as before."""
    number, other = held(roll), held(roll, "k-2")
    give(roll, number, "me@example.org")
    give(roll, other, "you@example.org")
    mine, yours = (address_links.named_by(roll, word_of(message)) for _, message in sent(roll).taken)
    assert mine is not None
    address_links.stop(roll, mine)
    words = [address_links.link_for(roll, number, "me@example.org", "en", SITE).rpartition("/")[2]]
    roll.keys.address_key = roll.random_bytes(32)
    assert [address_links.named_by(roll, word) for word in words] == [mine]
    for record, address in (
        (number, "ME@example.org"),
        (held(roll, "k-3"), "me+1@example.org"),
        (other, "you@example.org"),
    ):
        give(roll, record, address)
    assert sent(roll).to("you@example.org") == [
        "May this address be told of a filing?"
    ]  # the second, as its record has two
    assert yours is not None
    address_links.stop(roll, yours)
    give(roll, held(roll, "k-4"), "you@example.org")
    assert sent(roll).taken == []
