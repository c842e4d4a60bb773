"""Whether a key of addresses is the roll's, where its home keeps no check value yet: tried on what was sealed under it."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TypeVar

import psycopg

from openroll.service.identity.contact import contact_opens
from openroll.service.identity.oidc.code_flow import secret_opens
from openroll.service.keys import Keys
from openroll.service.log.external_keys import KeysWrong
from openroll.service.mail.outbox import address_opens
from openroll.store import contacts, mail, people
from openroll.store.connect import Database

T = TypeVar("T")
_ANOTHERS = (
    "the keys given are not this roll's: the key of addresses (OPENROLL_ADDRESS_KEY, or keys/addresses.key) opens nothing of what"
    " the database has sealed under it. Nothing was changed; give the right one, or restore it from a backup"
)


def refuse_anothers_address_key(database: Database, keys: Keys) -> None:
    """Raise KeysWrong where something is sealed under a key of addresses, and this one opens none of it. As the owner."""
    tried = [opens(keys.address_key) for opens in _sealed(database)]
    if tried and not any(tried):
        raise KeysWrong(_ANOTHERS)


def is_address_key_used(database: Database) -> bool:
    """Whether anything is sealed under a key of addresses: then a lost one must not look like one there never was."""
    return any(True for _ in _sealed(database))


def _sealed(database: Database) -> Iterator[Callable[[bytes], bool]]:
    """For each kind of thing that is sealed under it one of these: whether a key opens it."""
    name = database.roll
    contact = _found(database, contacts.newest)
    if contact is not None:
        yield lambda key: contact_opens(key, name, *contact)
    waiting = _found(database, mail.newest_waiting)
    if waiting is not None:
        yield lambda key: address_opens(key, name, *waiting)
    for row in _found(database, people.providers) or ():
        if row.secret_sealed is not None:
            yield lambda key, row=row: secret_opens(key, name, row)  # type: ignore[misc] # bound at once


def _found(database: Database, look: Callable[[psycopg.Connection], T]) -> T | None:
    """What stands in a table; nothing where an older Openroll had no such table or column."""
    with suppress(psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn), database.open() as connection:
        return look(connection)
    return None
