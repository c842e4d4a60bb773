"""What happens to the keys of the log."""

from datetime import date

from openroll.register.event import Event


class LogKeysChanged(Event, frozen=True):
    """An official act: from the checkpoint after this entry's on, `keys` sign the log, `leaving` among them for a while only.

    What `tlog.key_history` reads of it is told there. The checkpoint that ends in this entry is the old keys' own.
    """

    name = "log.keys-changed/1"
    official = True
    before: tuple[str, ...]
    keys: tuple[str, ...]
    leaving: tuple[str, ...]
    reason: str
    on: date
    by: str
    rule: str


class LogKeysRevoked(Event, frozen=True):
    """An official act: the word of `revoked` proves nothing for checkpoints of `unbelieved_from` entries or more.

    With `lost` they could not even sign the checkpoint that ends in this entry; `keys` sign from now on.
    """

    name = "log.keys-revoked/1"
    official = True
    before: tuple[str, ...]
    revoked: tuple[str, ...]
    unbelieved_from: int
    lost: bool
    keys: tuple[str, ...]
    leaving: tuple[str, ...]
    reason: str
    on: date
    by: str
    rule: str
