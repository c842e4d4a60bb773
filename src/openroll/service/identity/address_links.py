"""What somebody who gets mails says about their address, by the link in each: yes, no more, or mails again.

An address that a holder typed may be anybody's. It is asked by a mail, and until it has said yes nothing else goes there. How
often it is asked has two allowances: one is all that filings made alone have, which anybody makes; the other is of records that
an operator filed or took, and each of these has some of its own. So no stranger's filing uses up what the owner's record needs.
The link is a sealed word for one address and one record: it stands in mails alone, needs no sign-in, and opens no record.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from psycopg import Connection

from openroll.service.identity import contact as contacts
from openroll.service.key_labels import ADDRESS_LINK, OLD_ADDRESS_LINK
from openroll.service.mail.mailboxes import digest_of, digests_of, digests_of_before, hashed, stopped_of
from openroll.service.mail.outbox import send_later
from openroll.service.roll import Roll
from openroll.service.sealing import CannotOpen, seal, unseal
from openroll.store import asked_addresses

ASKED_FOR = timedelta(days=90)
"""For so long a mail that asked counts, while the address says nothing."""
BY_ALONE = 1
"""So many mails ask one address in that time for all filings made alone together."""
BY_TAKEN = 6
"""So many at the most for all records that an operator filed or took."""
OF_A_RECORD = 2
"""So many for one record: the second is for who lost the first."""


class Standing(StrEnum):
    """How an address stands that a holder gave."""

    NONE = ""
    UNASKED = "unasked"
    """It has not said yes, and no mail of this record asks it."""
    WAITS = "waits"
    CONFIRMED = "confirmed"
    STOPPED = "stopped"


class Named(NamedTuple):
    """What a link is for: one record, and one address by its keyed hash."""

    number: int
    address: bytes


def _rows(roll: Roll, mailbox: bytes, allowance: str, mails: int) -> list[bytes]:
    """The rows that count the mails of one allowance; without the key nobody sees that they are of one mailbox."""
    return [hashed(roll, mailbox + f"{allowance} {nth}".encode()) for nth in range(mails)]


def _of_record(roll: Roll, mailbox: bytes, number: int) -> list[bytes]:
    return _rows(roll, mailbox, f"record {number}", OF_A_RECORD)


def _in_all(roll: Roll, mailbox: bytes, *, alone: bool) -> list[bytes]:
    return _rows(roll, mailbox, "alone", BY_ALONE) if alone else _rows(roll, mailbox, "taken", BY_TAKEN)


def _answer(roll: Roll, mailbox: bytes) -> bytes:
    """The row that says when who reads a mailbox last pressed something."""
    return hashed(roll, mailbox + b"answer")


def link_for(roll: Roll, number: int, address: str, lang: str, site: str) -> str:
    """Where who reads an address says what they want, about a record. `site` is where the roll's pages are, with a last slash."""
    text = f"{number} {digest_of(roll, address).hex()}"
    sealed = seal(ADDRESS_LINK.of(roll.keys), text, _bound(roll), roll.random_bytes)
    return f"{site}{lang}/mails/{urlsafe_b64encode(sealed).decode().rstrip('=')}"


def named_by(roll: Roll, word: str) -> Named | None:
    """What the word of a link is for; None for one that is none of ours, or was made under another key."""
    try:
        sealed = urlsafe_b64decode(word.encode("ascii") + b"=" * (-len(word) % 4))
        number, address = _opened(roll, sealed).split(" ")
        return Named(int(number), bytes.fromhex(address))
    except (CannotOpen, ValueError, binascii.Error):
        return None


def _opened(roll: Roll, sealed: bytes) -> str:
    """What a link says. The key is made from that of filing codes: a new key of addresses leaves links in old mails alive."""
    try:
        return unseal(ADDRESS_LINK.of(roll.keys), sealed, _bound(roll))
    except CannotOpen:
        return unseal(OLD_ADDRESS_LINK.of(roll.keys), sealed, _bound(roll))


def _bound(roll: Roll) -> str:
    return f"openroll mails of {roll.name}"


def ask(
    connection: Connection, roll: Roll, number: int, lang: str, address: str, site: str, now: datetime, *, alone: bool
) -> None:
    """Ask an address, by one mail, whether it may be told of a record; not one that was asked too often, or wants no mails.

    `alone`: somebody filed the record alone, and its operator has not taken it.
    """
    if stopped_of(connection, roll, [address]):
        return
    mailbox = digest_of(roll, address)
    since = asked_addresses.asked(connection, [_answer(roll, mailbox)], now - ASKED_FOR) or now - ASKED_FOR
    if alone and asked_addresses.asked(connection, digests_of_before(roll, address), since):
        return  # asked when all had one allowance
    allowances = (_of_record(roll, mailbox, number), _in_all(roll, mailbox, alone=alone))
    if asked_addresses.ask(connection, allowances, now, since):
        link = link_for(roll, number, address, lang, site)
        send_later(roll, "confirm-address", lang, {"link": link}, address, now, connection=connection, stop=link)


def standing(roll: Roll, named: Named) -> Standing:
    """How an address stands: whether it wants mails at all, and whether it is the one that a record's holder gave."""
    with roll.database.own() as connection:
        found = _given(connection, roll, named)
        if asked_addresses.stopped(connection, _mailboxes(roll, named, found)):
            return Standing.STOPPED
    return Standing.NONE if found is None else Standing.CONFIRMED if found.confirmed else Standing.WAITS


def standing_of(roll: Roll, number: int) -> Standing:
    """How the address stands that a record's holder gave, as `shown_of` tells it."""
    return shown_of(roll, number)[0]


def shown_of(roll: Roll, number: int) -> tuple[Standing, date | None]:
    """How the address stands that a record's holder gave, and the day on which a mail of this record last asked it, if one did.

    One that does not open any more is none. Of one that has not said yes it is told whether a mail went there, and not why none
    did.
    """
    with roll.database.own() as connection:
        try:
            found = contacts.contact_of(connection, roll, number)
        except CannotOpen:
            found = None
        if found is None or not found.address:
            return Standing.NONE, None
        went = _went(connection, roll, number, found.address)
        if found.confirmed:
            stopped = stopped_of(connection, roll, [found.address])
            standing = Standing.STOPPED if stopped else Standing.CONFIRMED
        else:  # why no mail went is nobody's business but its reader's
            standing = Standing.WAITS if went else Standing.UNASKED
    return standing, None if went is None else roll.day(went)


def _went(connection: Connection, roll: Roll, number: int, address: str) -> datetime | None:
    """When a mail of a record last asked an address; before records had mails of their own, one of any record."""
    rows = [*_of_record(roll, digest_of(roll, address), number), *digests_of_before(roll, address)]
    return asked_addresses.asked(connection, rows, roll.clock() - ASKED_FOR)


def confirm(roll: Roll, named: Named) -> bool:
    """Have an address be told of its record from now on; whether it is the one that the holder gave. Raises RollIsHeld.

    Either way who reads it has answered, and it may be asked again, of a record of its reader's.
    """
    roll.check_held()
    with roll.database.own() as connection:
        contacts.lock(connection, named.number)
        found = _given(connection, roll, named)
        _answered(connection, roll, named, found)
        if found is None:
            return False
        contacts.keep(connection, roll, named.number, found._replace(confirmed=True))
    return True


def stop(roll: Roll, named: Named) -> None:
    """Have no mail go to an address any more, of whichever record; nor one that waits already."""
    with roll.database.own() as connection:
        found = _given(connection, roll, named)
        for one in {named.address, *(() if found is None else (digest_of(roll, found.address),))}:
            asked_addresses.stop(connection, one, roll.clock())


def allow(roll: Roll, named: Named) -> None:
    """Take back that an address wants no mails; and however often it was asked, it may be asked again."""
    with roll.database.own() as connection:
        _answered(connection, roll, named, _given(connection, roll, named))


def _answered(connection: Connection, roll: Roll, named: Named, found: contacts.Contact | None) -> None:
    """No mail that asked an address until now counts any more, of whichever record; nor that it wanted no mails."""
    rows = _mailboxes(roll, named, found)
    mailbox = named.address if found is None else digest_of(roll, found.address)
    asked_addresses.answered(connection, rows, _answer(roll, mailbox), roll.clock())


def _mailboxes(roll: Roll, named: Named, found: contacts.Contact | None) -> set[bytes]:
    """The hashes of an address: the one of its link, and where its record still names it, those of before or since."""
    return {named.address, *(() if found is None else digests_of(roll, found.address))}


def _given(connection: Connection, roll: Roll, named: Named) -> contacts.Contact | None:
    """Who is told of the record, where this is the address that its holder gave."""
    try:
        found = contacts.contact_of(connection, roll, named.number)
    except CannotOpen:
        return None
    if found is None or not found.address:
        return None
    return found if named.address in digests_of(roll, found.address) else None
