"""A proof under an older head, made one under a later head of the same log: whoever keeps it needs no server any more.

Whoever hands over the later head and the two proofs need not be trusted: both heads are signed, the tree under the later one is
proved to begin with the old one, and the entry to be in it. The result is an ordinary tlog-proof and needs nothing beside it.
"""

from collections.abc import Sequence
from dataclasses import replace

from openroll.tlog.checkpoint import Checkpoint, open_checkpoint
from openroll.tlog.cosigned import open_under_policy
from openroll.tlog.errors import NotLater
from openroll.tlog.note import Verifier
from openroll.tlog.policy import Policy
from openroll.tlog.proof import Proof, Proved, format_proof, parse_proof, verify_receipt
from openroll.tlog.tree import leaf_hash, verify_consistency, verify_inclusion


def bring_under(
    proof: Proof,
    leaf: bytes,
    old: Checkpoint,
    new: Checkpoint,
    consistency: Sequence[bytes],
    inclusion: Sequence[bytes],
) -> Proof:
    """A proof of the entry with this leaf hash under `new`, still with its old checkpoint. For a proof of any C2SP log.

    `old` is the head of `proof`; both heads were opened by the caller, who also puts the new checkpoint's bytes in. Raises
    NotLater, or ProofFailed when either head does not hold the entry there or `new` does not begin with `old`.
    """
    if new.size < old.size:
        raise NotLater(f"its head has {new.size:,} entries; the receipt's own has {old.size:,} already")
    verify_inclusion(leaf, proof.index, old.size, proof.path, old.root)
    verify_consistency(old.size, new.size, consistency, old.root, new.root)
    verify_inclusion(leaf, proof.index, new.size, inclusion, new.root)
    return replace(proof, path=tuple(inclusion))


def open_old(data: bytes, verifiers: Sequence[Verifier], policy: Policy | None = None) -> Proved:
    """A receipt that is to be upgraded. Its own head need not have the quorum of the policy: the later head will."""
    return verify_receipt(data, verifiers, policy=None if policy is None else replace(policy, quorum="none"))


def open_later(note: bytes, origin: str, verifiers: Sequence[Verifier], policy: Policy | None = None) -> Checkpoint:
    """A later head of the log `origin`: EVERY key given has signed, the policy's quorum has cosigned. Raises a TlogError."""
    if policy is None:
        return open_checkpoint(note, verifiers, origin=origin)
    return open_under_policy(note, policy, verifiers, origin=origin).checkpoint


def upgrade_receipt(
    receipt: bytes,
    note: bytes,
    proofs: tuple[Sequence[bytes], Sequence[bytes]],
    verifiers: Sequence[Verifier],
    *,
    later: Sequence[Verifier] | None = None,
    policy: Policy | None = None,
) -> bytes:
    """The receipt under the later head `note`, by the consistency proof from its own head and the entry's inclusion proof.

    `verifiers` are the keys of the receipt, `later` those of the later head where the log has changed its keys since. Raises
    a TlogError for whatever is not good; what is returned verifies under `later` and `policy`.
    """
    proved, keys = open_old(receipt, verifiers, policy), verifiers if later is None else later
    new = open_later(note, proved.checkpoint.origin, keys, policy)
    leaf = leaf_hash(proved.entry.encode())
    made = bring_under(parse_proof(receipt), leaf, proved.checkpoint, new, *proofs)
    return format_proof(replace(made, checkpoint=note))
