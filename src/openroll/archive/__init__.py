"""Archives: one file that holds many, sealed to its holder's key, written in one stream and whole or not there at all.

Backups and escrow deposits are archives. This room knows nothing of rolls: it streams, seals, checks and lists.
"""

from openroll.archive.box import Box, Broken, Item, open_box, read_box, write_box
from openroll.archive.seal import CannotSeal, CannotUnseal, KeyLacks, Keys, Sealing, sealed, unsealed

__all__ = [
    "Box",
    "Broken",
    "CannotSeal",
    "CannotUnseal",
    "Item",
    "KeyLacks",
    "Keys",
    "Sealing",
    "open_box",
    "read_box",
    "sealed",
    "unsealed",
    "write_box",
]
