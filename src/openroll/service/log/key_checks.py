"""Whether the secrets that are given are this roll's: a check value of each, kept in the roll's home and read at every opening.

A key of filing codes that is another's makes codes that look good and open nothing; another key of addresses opens no waiting
mail. Neither shows by itself, so each has a check value: 16 bytes of HMAC-SHA-256 (RFC 2104) under the key, over a label of
its own. The keys are 32 random bytes, so the value helps nobody to guess them. The log's keys need none: `log.pub` and the log
name them. The file stands beside the folder of keys rather than in it: whoever swaps that folder for another roll's is told.
"""

import hmac
from collections.abc import Mapping
from pathlib import Path

from openroll.durable import PRIVATE, write_durably
from openroll.service.key_labels import ADDRESSES_CHECK, CODES_CHECK
from openroll.service.keys import Keys
from openroll.service.log.external_keys import KeysWrong

FILE = "key-checks"
"""The file's name in a roll's home: one line for each secret, its label and its check value in hexadecimal."""
CODES = "codes"
ADDRESSES = "addresses"
_WHERE = {
    CODES: "the key of filing codes (OPENROLL_CODES_KEY, or keys/filing-codes.key) is another's",
    ADDRESSES: "the key of addresses (OPENROLL_ADDRESS_KEY, or keys/addresses.key) is another's",
}
_MEND = {
    CODES: "give the right one, or restore it from a backup",
    ADDRESSES: f"give the right one; if it was changed on purpose, see docs/keys.md on the file {FILE}",
}
_BYTES = 16


def read_checks(home: Path) -> dict[str, str]:
    """The check values by label; nothing where an older Openroll made the roll. Raises KeysWrong for a damaged file."""
    path = home / FILE
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError:
        lines = ["damaged"]
    parted = [line.split() for line in lines if line.strip()]
    if any(len(one) != 2 or one[0] not in _WHERE or len(one[1]) != 2 * _BYTES for one in parted):
        raise KeysWrong(f"{path} is damaged: restore it from a backup")
    return {one[0]: one[1] for one in parted}


def refuse_others(home: Path, keys: Keys) -> Mapping[str, str]:
    """Raise KeysWrong, naming it, for a secret that is not the one this roll had; else what is known of them, by label."""
    known = read_checks(home)
    for label, value in _values(keys).items():
        if label in known and not hmac.compare_digest(known[label], value):
            raise KeysWrong(f"the keys given are not this roll's: {_WHERE[label]}. Nothing was changed; {_MEND[label]}")
    return known


def keep_checks(home: Path, keys: Keys) -> None:
    """Write the check values of secrets that have none yet, durably. Raises KeysWrong for one that does not fit."""
    known, now = refuse_others(home, keys), _values(keys)
    if known != now:
        write_durably(home / FILE, "".join(f"{label} {value}\n" for label, value in now.items()).encode(), PRIVATE)


def _values(keys: Keys) -> dict[str, str]:
    return {label: use.of(keys)[:_BYTES].hex() for label, use in ((CODES, CODES_CHECK), (ADDRESSES, ADDRESSES_CHECK))}
