"""A receipt under an older head, made one under a later head: it outlives the server and the head it was given with.

1. The old receipt is verified. 2. The later head is fetched and its signatures are checked. 3. The later tree is proved to
begin with the old one. 4. The entry's place is proved under the later head. 5. The new receipt is verified like any other.
The result is an ordinary receipt: whoever has it needs nothing else, so no file that bridges two heads is kept beside it.
"""

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from openroll.tlog import (
    Checkpoint,
    Policy,
    Proof,
    Proved,
    Verifier,
    format_proof,
    open_checkpoint,
    open_under_policy,
    parse_proof,
    verify_receipt,
)
from openroll.tlog.errors import Missing, TlogError
from openroll.watch.audit.finding import Finding
from openroll.watch.audit.heads import Head, Prefix, fork, prefix_of
from openroll.watch.reading import Reading
from openroll.watch.source import Source


class NotLater(TlogError):
    """What is served is older than the receipt: nothing can be upgraded from there, and nothing is proved against anybody."""

    code = "not-later"


class Upgraded(msgspec.Struct, frozen=True):
    """The new receipt, and the two heads it leads from and to."""

    receipt: bytes
    old: Checkpoint
    new: Checkpoint


def upgrade(
    receipt: bytes, source: Source, verifiers: Sequence[Verifier], policy: Policy | None = None
) -> Upgraded | Finding:
    """Make a receipt one under the newest head that `source` serves. A finding when that head contradicts the receipt's own.

    EVERY key of `verifiers` must have signed both heads; under a policy its quorum must have cosigned the later one. Raises
    NotLater, another TlogError (the old receipt, the head or its files are not good), or Unreachable.
    """
    proved = verify_receipt(receipt, verifiers, policy=None if policy is None else replace(policy, quorum="none"))
    old = Head("the receipt", parse_proof(receipt).checkpoint, proved.checkpoint)
    new = _later(source, verifiers, policy, proved)
    if new.size < old.size:
        raise NotLater(
            f"{source.where} shows a head of {new.size:,} entries; the receipt's own has {old.size:,} already"
        )
    had = prefix_of(new, old.size)
    if had.root != old.root:
        return fork(old, new, Prefix(old.size, old.root, ()), had)
    path = Reading(source, new.checkpoint).prove_inclusion(proved.index)
    made = format_proof(Proof(parse_proof(receipt).extra, proved.index, tuple(path), new.note))
    verify_receipt(made, verifiers, policy=policy)
    return Upgraded(made, old.checkpoint, new.checkpoint)


def _later(source: Source, verifiers: Sequence[Verifier], policy: Policy | None, proved: Proved) -> Head:
    note = source.get("checkpoint")
    if note is None:
        raise Missing(f"{source.where} serves no checkpoint: is it a log's address?")
    origin = proved.checkpoint.origin
    if policy is None:
        return Head(source.where, note, open_checkpoint(note, verifiers, origin=origin), source)
    return Head(source.where, note, open_under_policy(note, policy, verifiers, origin=origin).checkpoint, source)
