"""Upgrade an inclusion proof to a later checkpoint of the same log, by a consistency proof.

Whoever hands over the later head and the two proofs need not be trusted: both heads are signed, the tree under the later one is
proved to begin with the old one, and the entry to be in it. The result is an ordinary tlog-proof and needs nothing beside it.
"""

from collections.abc import Sequence
from dataclasses import replace

from openroll.tlog.checkpoint import Checkpoint, open_checkpoint
from openroll.tlog.cosigned import open_under_policy
from openroll.tlog.errors import KeyRevoked, NotLater
from openroll.tlog.key_history import KeyHistory, claimed_size, receipt_size
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


def open_old(receipt: bytes, keys: KeyHistory, policy: Policy | None = None) -> Proved:
    """A receipt that is to be upgraded, under the log's keys of its time.

    Its head need not have the quorum of the policy, nor keys that are still believed: the later head will. Raises a TlogError.
    """
    had = keys.at(receipt_size(receipt))
    return verify_receipt(receipt, had, policy=None if policy is None else replace(policy, quorum="none"))


def open_later(note: bytes, origin: str, keys: KeyHistory, policy: Policy | None = None) -> Checkpoint:
    """A later head of the log `origin`: EVERY key of its time signed it, the policy's quorum cosigned. Raises a TlogError."""
    size = claimed_size(note)
    if policy is None:
        head = open_checkpoint(note, keys.at(size), origin=origin)
    else:
        head = open_under_policy(note, policy, keys.at(size), origin=origin).checkpoint
    if not keys.believed(size):
        raise KeyRevoked(f"the keys of the later head are revoked for its size, {size:,}: wait for a newer one")
    return head


def upgrade_receipt(
    receipt: bytes,
    note: bytes,
    consistency: Sequence[bytes],
    inclusion: Sequence[bytes],
    keys: KeyHistory,
    policy: Policy | None = None,
) -> bytes:
    """The receipt under the later head `note`, by the consistency proof from its own head and the entry's inclusion proof.

    Raises a TlogError for whatever is not good; what is returned verifies under `keys` and `policy`.
    """
    proved = open_old(receipt, keys, policy)
    new = open_later(note, proved.checkpoint.origin, keys, policy)
    leaf = leaf_hash(proved.entry.encode())
    made = bring_under(parse_proof(receipt), leaf, proved.checkpoint, new, consistency, inclusion)
    return format_proof(replace(made, checkpoint=note))
