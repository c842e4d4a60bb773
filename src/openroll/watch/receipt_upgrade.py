"""Bring a receipt under a newer head: from the roll, a mirror, or a mirror's folder.

What is upgraded is an ordinary receipt again, and needs nothing beside it; so no file that bridges two heads is kept. Whoever
serves the log learns from the tiles asked for in which 256 entries the receipt's is; a mirror's folder learns nothing.
"""

from collections.abc import Sequence

import msgspec

from openroll.tlog import (
    KEY_HISTORY,
    Checkpoint,
    KeyHistory,
    KeyRevoked,
    NotLater,
    Policy,
    Verifier,
    follow,
    handovers_of,
    open_later,
    open_old,
    parse_proof,
    upgrade_receipt,
)
from openroll.watch.audit.finding import Finding
from openroll.watch.audit.heads import Head, Prefix, fork, prefix_of
from openroll.watch.log_reader import LogReader
from openroll.watch.source import Source, Unreachable


class Upgraded(msgspec.Struct, frozen=True):
    """The new receipt, with the heads it was proved under before and now."""

    receipt: bytes
    old: Checkpoint
    new: Checkpoint


def upgrade(receipt: bytes, source: Source, keys: KeyHistory, policy: Policy | None = None) -> Upgraded | Finding:
    """Upgrade a receipt to the newest head that `source` serves. A Finding when that head contradicts the receipt's own.

    EVERY key that the log had at a head's size must have signed it; under a policy its quorum must have cosigned the newer.
    Raises NotLater for an older head, KeyRevoked for a contradiction by keys that are not believed any more, another TlogError
    where the receipt, the head or its files are not good, Unreachable.
    """
    proved = open_old(receipt, keys, policy)
    note = source.get("checkpoint")
    if note is None:
        raise Unreachable(f"{source.where}/checkpoint", "there is none. Give a log's address or folder, or a roll's")
    old = Head("the receipt", parse_proof(receipt).checkpoint, proved.checkpoint)
    new = Head(source.where, note, open_later(note, proved.checkpoint.origin, keys, policy), source)
    if new.size < old.size:
        raise NotLater(
            f"{source.where} shows a head of {new.size:,} entries; the receipt's own has {old.size:,} already"
        )
    had = prefix_of(new, old.size)
    if had.root != old.root:
        if not keys.believed(old.size):
            raise KeyRevoked("this receipt is not of the log: it was signed with keys that were revoked for its size")
        return fork(old, new, Prefix(old.size, old.root, ()), had)
    inclusion = LogReader(source, new.checkpoint).prove_inclusion(proved.index)
    made = upgrade_receipt(receipt, note, had.proof, inclusion, keys, policy)
    return Upgraded(made, old.checkpoint, new.checkpoint)


def log_keys_of(source: Source, trusted_keys: Sequence[Verifier], history: bytes | None = None) -> KeyHistory:
    """The key history of a log, from the keys a reader trusts and the history at hand or served beside the log, if any.

    A history proves itself under the keys held, so it matters little whence it comes. Raises a TlogError or Unreachable.
    """
    if trusted_keys and history is None:
        history = source.get(KEY_HISTORY)
    if not trusted_keys or history is None:
        return KeyHistory(trusted_keys)
    return follow(handovers_of(history), trusted_keys)
