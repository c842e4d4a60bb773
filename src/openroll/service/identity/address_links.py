"""What somebody who gets mails says about their address, by the link in each: yes, no more, or mails again.

An address that a holder typed may be anybody's. It is asked once, by one mail, and until it has said yes nothing else goes there.
The link is a sealed word for one address and one record: it stands in mails alone, needs no sign-in, and opens no record.
"""

import binascii
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from psycopg import Connection

from openroll.service.identity import contact as contacts
from openroll.service.key_labels import ADDRESS_DIGEST, ADDRESS_LINK
from openroll.service.mail.outbox import send_later
from openroll.service.roll import Roll
from openroll.service.sealing import CannotOpen, seal, unseal
from openroll.store import asked_addresses

ASKED_FOR = timedelta(days=90)
"""For so long an address that said nothing is not asked again, whoever types it on whichever record."""


class Standing(StrEnum):
    """How an address stands that a holder gave."""

    NONE = ""
    WAITS = "waits"
    CONFIRMED = "confirmed"
    STOPPED = "stopped"


class Named(NamedTuple):
    """What a link is for: one record, and one address by its keyed hash."""

    number: int
    address: bytes


def digest_of(roll: Roll, address: str) -> bytes:
    """The keyed hash of an address: the same for every way of writing it, also with a sub-address (RFC 5233) behind a `+`."""
    local, _, domain = address.casefold().rpartition("@")
    plain = f"{local.partition('+')[0] or local}@{domain}"
    return hmac.digest(ADDRESS_DIGEST.of(roll.keys), plain.encode(), "sha256")


def link_for(roll: Roll, number: int, address: str, lang: str, site: str) -> str:
    """Where who reads an address says what they want, about a record. `site` is where the roll's pages are, with a last slash."""
    text = f"{number} {digest_of(roll, address).hex()}"
    sealed = seal(ADDRESS_LINK.of(roll.keys), text, _bound(roll), roll.random_bytes)
    return f"{site}{lang}/mails/{urlsafe_b64encode(sealed).decode().rstrip('=')}"


def named_by(roll: Roll, word: str) -> Named | None:
    """What the word of a link is for; None for one that is none of ours, or was made under another key."""
    try:
        sealed = urlsafe_b64decode(word.encode("ascii") + b"=" * (-len(word) % 4))
        number, address = unseal(ADDRESS_LINK.of(roll.keys), sealed, _bound(roll)).split(" ")
        return Named(int(number), bytes.fromhex(address))
    except (CannotOpen, ValueError, binascii.Error):
        return None


def _bound(roll: Roll) -> str:
    return f"openroll mails of {roll.name}"


def ask(connection: Connection, roll: Roll, number: int, lang: str, address: str, site: str, now: datetime) -> None:
    """Ask an address, by one mail, whether it may be told of a record; not one that was asked of late, or wants no mails."""
    if asked_addresses.ask(connection, digest_of(roll, address), now, now - ASKED_FOR):
        link = link_for(roll, number, address, lang, site)
        send_later(roll, "confirm-address", lang, {"link": link}, address, now, connection=connection, stop=link)


def standing(roll: Roll, named: Named) -> Standing:
    """How an address stands: whether it wants mails at all, and whether it is the one that a record's holder gave."""
    with roll.database.own() as connection:
        if asked_addresses.stopped(connection, [named.address]):
            return Standing.STOPPED
        found = _given(connection, roll, named)
    return Standing.NONE if found is None else Standing.CONFIRMED if found.confirmed else Standing.WAITS


def standing_of(roll: Roll, number: int) -> Standing:
    """How the address stands that a record's holder gave; one that does not open any more is none."""
    with roll.database.own() as connection:
        try:
            found = contacts.contact_of(connection, roll, number)
        except CannotOpen:
            found = None
        if found is None or not found.address:
            return Standing.NONE
        if not found.confirmed:
            return Standing.WAITS  # also one that wants no mails: it is nobody's business but its owner's
        stopped = asked_addresses.stopped(connection, [digest_of(roll, found.address)])
    return Standing.STOPPED if stopped else Standing.CONFIRMED


def confirm(roll: Roll, named: Named) -> bool:
    """Have an address be told of its record from now on; whether it is the one that the holder gave. Raises RollIsHeld."""
    roll.check_held()
    with roll.database.own() as connection:
        contacts.lock(connection, named.number)
        found = _given(connection, roll, named)
        if found is None:
            return False
        asked_addresses.answered(connection, named.address)
        contacts.keep(connection, roll, named.number, found._replace(confirmed=True))
    return True


def stop(roll: Roll, named: Named) -> None:
    """Have no mail go to an address any more, of whichever record."""
    with roll.database.own() as connection:
        asked_addresses.stop(connection, named.address, roll.clock())


def allow(roll: Roll, named: Named) -> None:
    """Take back that an address wants no mails."""
    with roll.database.own() as connection:
        asked_addresses.answered(connection, named.address)


def _given(connection: Connection, roll: Roll, named: Named) -> contacts.Contact | None:
    """Who is told of the record, where this is the address that its holder gave."""
    try:
        found = contacts.contact_of(connection, roll, named.number)
    except CannotOpen:
        return None
    if found is None or not found.address or digest_of(roll, found.address) != named.address:
        return None
    return found
