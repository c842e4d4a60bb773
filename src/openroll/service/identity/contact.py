"""Where a record's holder is told of dangers: one address, sealed, and for some days more those that it came in place of.

Who sits a minute at an open browser could else write an address of their own, and the owner would hear of nothing that follows.
"""

import functools
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from psycopg import Connection

from openroll.service.key_labels import CONTACT
from openroll.service.roll import Roll
from openroll.service.sealing import CannotOpen, opens, seal, unseal
from openroll.service.work import CONTACT as WORK
from openroll.service.work import MACHINE, Done, Kind, enqueue
from openroll.store import contacts
from openroll.store.contacts import ContactRow
from openroll.store.work import WorkRow, end

OLD_CONTACT = "old-contact"
"""The kind of work that forgets an address which another came in place of."""

MOST_OLD = 8
"""So many addresses at the most are told besides the one that stands; the oldest of them, whoever writes others meanwhile."""

_WAITS = "?"
"""Stands behind an address that has not confirmed itself. Those of before this was asked stand without it, and are told."""


class Old(NamedTuple):
    """An address that another came in place of: told up to and including the day `until`."""

    until: date
    lang: str
    address: str


class Contact(NamedTuple):
    """Who is told of a record: the `address` that stands (empty: none) with its language, and the old ones.

    The one that stands is told once it has `confirmed` itself (`address_links`), and those that did are the old ones.
    """

    lang: str
    address: str
    old: tuple[Old, ...] = ()
    confirmed: bool = False

    def told(self, today: date) -> list[tuple[str, str]]:
        """The languages and addresses that are told today."""
        now = [(self.lang, self.address)] if self.address and self.confirmed else []
        return now + [(one.lang, one.address) for one in self.old if today <= one.until and one.address != self.address]


def old_until(roll: Roll, now: datetime) -> date:
    """The last day on which an address is told that another comes in place of `now`.

    Twice the days that a passkey waits before it ends an older one, so that the address hears of what the wait leads to.
    """
    return roll.day(now) + timedelta(days=2 * roll.release_days)


def contact_of(connection: Connection, roll: Roll, number: int) -> Contact | None:
    """Who is told of a record; None where nobody is. Raises CannotOpen."""
    row = contacts.get(connection, number)
    if row is None:
        return None
    first, *lines = unseal(CONTACT.of(roll.keys), row.address_sealed, bound(roll.name, number)).split("\n")
    address, _, waits = first.partition(" ")
    return Contact(row.lang, address, tuple(_old(line) for line in lines), not waits)


def _old(line: str) -> Old:
    until, lang, address = line.split(" ")
    return Old(date.fromisoformat(until), lang, address)


def replace(
    connection: Connection, roll: Roll, number: int, lang: str, address: str, now: datetime
) -> tuple[Contact, Contact]:
    """Have an address (none, where it is empty) stand in place of what was there; who was told until now, and who is."""
    try:
        before = contact_of(connection, roll, number)
    except CannotOpen:  # the key was lost, and the holder gives the address again
        before = None
    before = before or Contact(lang, "")
    old = tuple(one for one in before.old if roll.day(now) <= one.until)
    same = before.confirmed and before.address == address
    confirmed = bool(address) and (same or any(one.address == address for one in old))
    if before.address and before.confirmed and before.address != address:
        until = old_until(roll, now)
        others = tuple(one for one in old if one.address != before.address)
        again = len(others) < len(old)  # it was told already, and counts among the oldest
        one = Old(until, before.lang, before.address)
        old = (one, *others) if again else (*old, one)[:MOST_OLD]
        over = datetime.combine(until + timedelta(days=1), time(), tzinfo=roll.zone)
        enqueue(connection, OLD_CONTACT, f"{number} {until}", MACHINE, "clock-work", over, now=now)
    after = Contact(lang, address, old, confirmed)
    keep(connection, roll, number, after)
    end(connection, WORK, str(number), "replaced", now)  # the one that did not open is gone
    return before, after


def lock(connection: Connection, number: int) -> None:
    """Have others who change who is told of a record wait for this transaction."""
    contacts.lock(connection, number)


def keep(connection: Connection, roll: Roll, number: int, contact: Contact) -> None:
    """Keep who is told of a record, sealed; nothing where nobody is."""
    if not contact.address and not contact.old:
        contacts.forget(connection, number)
        return
    first = contact.address if contact.confirmed or not contact.address else f"{contact.address} {_WAITS}"
    text = "\n".join([first, *(f"{one.until} {one.lang} {one.address}" for one in contact.old)])
    sealed = seal(CONTACT.of(roll.keys), text, bound(roll.name, number), roll.random_bytes)
    contacts.put(connection, number, ContactRow(contact.lang, sealed))


def forgetting(roll: Roll) -> Kind:
    """How old addresses are forgotten when their days are over, for the background worker."""
    return Kind(functools.partial(_forget, roll), "clock-work")


def _forget(roll: Roll, row: WorkRow) -> Done:
    number, today = int(row.key.split(" ")[0]), roll.day(roll.clock())
    with roll.database.own() as connection:
        contacts.lock(connection, number)
        try:
            contact = contact_of(connection, roll, number)
        except CannotOpen:  # nobody reads it any more
            return Done()
        if contact is not None:
            left = tuple(one for one in contact.old if today <= one.until)
            keep(connection, roll, number, contact._replace(old=left))
    return Done()


def contact_opens(key: bytes, name: str, number: int, sealed: bytes) -> bool:
    """Whether a key of addresses opens where a record's holder wants to be told, in the roll of this name."""
    return opens(CONTACT.from_secret(key), sealed, bound(name, number))


def bound(name: str, number: int) -> str:
    """What a sealed address is for: one record of one roll."""
    return f"openroll contact of record {number} in {name}"
