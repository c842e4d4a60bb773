"""A receipt under an older head, brought under the newest that a place shows: the roll, a mirror, or a mirror's folder.

What is upgraded is an ordinary receipt again, and needs nothing beside it; so no file that bridges two heads is kept. Whoever
serves the log learns from the tiles asked for in which 256 entries the receipt's is; a mirror's folder learns nothing.
"""

from collections.abc import Sequence

import msgspec

from openroll.tlog import (
    Checkpoint,
    NotLater,
    Policy,
    Verifier,
    open_later,
    open_old,
    parse_proof,
    upgrade_receipt,
)
from openroll.tlog.errors import Missing
from openroll.watch.audit.finding import Finding
from openroll.watch.audit.heads import Head, Prefix, fork, prefix_of
from openroll.watch.reading import Reading
from openroll.watch.source import Source


class Upgraded(msgspec.Struct, frozen=True):
    """The new receipt, and the two heads it leads from and to."""

    receipt: bytes
    old: Checkpoint
    new: Checkpoint


def upgrade(
    receipt: bytes,
    source: Source,
    verifiers: Sequence[Verifier],
    policy: Policy | None = None,
    later: Sequence[Verifier] | None = None,
) -> Upgraded | Finding:
    """Make a receipt one under the newest head that `source` serves. A finding when that head contradicts the receipt's own.

    EVERY key of `verifiers` must have signed the receipt's head, and of `later` (by default the same) the newer one; under a
    policy its quorum must have cosigned the newer one. Raises NotLater for an older head, another TlogError where the receipt,
    the head or its files are not good, Unreachable.
    """
    proved = open_old(receipt, verifiers, policy)
    note = source.get("checkpoint")
    if note is None:
        raise Missing(f"{source.where} serves no checkpoint: is it a log's address?")
    keys = verifiers if later is None else later
    old = Head("the receipt", parse_proof(receipt).checkpoint, proved.checkpoint)
    new = Head(source.where, note, open_later(note, proved.checkpoint.origin, keys, policy), source)
    if new.size < old.size:
        raise NotLater(
            f"{source.where} shows a head of {new.size:,} entries; the receipt's own has {old.size:,} already"
        )
    had = prefix_of(new, old.size)
    if had.root != old.root:
        return fork(old, new, Prefix(old.size, old.root, ()), had)
    inclusion = Reading(source, new.checkpoint).prove_inclusion(proved.index)
    made = upgrade_receipt(receipt, note, (had.proof, inclusion), verifiers, later=later, policy=policy)
    return Upgraded(made, old.checkpoint, new.checkpoint)
