"""Which mailbox an address is, by a keyed hash that is the same however it is written, and whether it wants mails.

The hash is made under the key of filing codes, which stays as long as the roll. Under the key of addresses, which may be changed,
a new key would forget who said that they want no more.
"""

import hmac
import unicodedata
from collections.abc import Collection

from psycopg import Connection

from openroll.hosts import ascii_host
from openroll.service.key_labels import ADDRESS_DIGEST, OLD_ADDRESS_DIGEST
from openroll.service.roll import Roll
from openroll.store import asked_addresses

_FINAL_SIGMA = unicodedata.lookup("GREEK SMALL LETTER FINAL SIGMA")
_SIGMA = unicodedata.lookup("GREEK SMALL LETTER SIGMA")


def digest_of(roll: Roll, address: str) -> bytes:
    """The keyed hash of a mailbox: the same for every way of writing one, and for no other.

    The domain counts in its ASCII form. The local part counts in NFC and lower case: a server may tell `A` from `a` (RFC 5321,
    2.4), none in wide use does, and a stop must not be walked around with the shift key. Not by Unicode's case folding, which
    takes `ss` for `ß` and `fi` for `ﬁ`: other mailboxes. A sub-address behind a `+` (RFC 5233) is left out: its reader is one.
    """
    return hashed(roll, _text(address))


def hashed(roll: Roll, text: bytes) -> bytes:
    """A text about a mailbox as tables keep it: nobody without the key tells which mailbox it is about."""
    return hmac.digest(ADDRESS_DIGEST.of(roll.keys), text, "sha256")


def digests_of_before(roll: Roll, address: str) -> tuple[bytes, bytes]:
    """The hashes that stood for an address before it was hashed as now: old stops hold, and old links lead.

    The first is of when the key of addresses made it, the second of when it also told fewer mailboxes apart.
    """
    key = OLD_ADDRESS_DIGEST.of(roll.keys)
    local, _, domain = address.casefold().rpartition("@")
    folded = f"{local.partition('+')[0] or local}@{domain}".encode()
    return hmac.digest(key, _text(address), "sha256"), hmac.digest(key, folded, "sha256")


def digests_of(roll: Roll, address: str) -> set[bytes]:
    """Every hash that stands for an address in tables and links, the one of now and those of before."""
    return {digest_of(roll, address), *digests_of_before(roll, address)}


def stopped_of(connection: Connection, roll: Roll, addresses: Collection[str]) -> set[str]:
    """Which of these addresses want no mails."""
    forms = {address: digests_of(roll, address) for address in addresses}
    found = asked_addresses.stopped(connection, set().union(*forms.values()))
    return {address for address, digests in forms.items() if digests & found}


def _text(address: str) -> bytes:
    local, _, domain = address.rpartition("@")
    # One letter in two shapes; which is written hangs on what follows.
    lower = unicodedata.normalize("NFC", local).lower().replace(_FINAL_SIGMA, _SIGMA)
    local = unicodedata.normalize("NFC", lower)
    try:
        domain = ascii_host(domain)
    except ValueError:
        domain = domain.lower()
    return f"mailbox\0{local.partition('+')[0] or local}@{domain}".encode()
