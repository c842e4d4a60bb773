"""Receipts: tlog-proofs (C2SP tlog-proof) that also carry what the leaf is recomputed from.

The `extra` line holds, as base64 of canonical JSON, the entry, and the salt and body its commitment is made of. It is not
authenticated by itself; recomputing the leaf from it is what binds it to the log.
"""

import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from openroll.tlog.checkpoint import Checkpoint, open_checkpoint
from openroll.tlog.cosigned import Cosignature, Cosigned, open_under_policy
from openroll.tlog.entry import Entry, commit
from openroll.tlog.errors import ContentChanged, Malformed
from openroll.tlog.note import Verifier, strict_base64, strict_decimal
from openroll.tlog.policy import Policy
from openroll.tlog.tree import leaf_hash, verify_inclusion

HEAD = "c2sp.org/tlog-proof@v1"
_MOST_HASHES = 63
_MOST_BYTES = 1_000_000
_KEYS = ["body", "domain", "entry", "salt"]


@dataclass(frozen=True, slots=True)
class Proof:
    """A tlog-proof taken apart: `extra` (None when absent), the entry's index, the audit path, the checkpoint's bytes."""

    extra: bytes | None
    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes


@dataclass(frozen=True, slots=True)
class Proved:
    """What a receipt proves: this entry, with this body, has this place under this signed checkpoint.

    `cosignatures` are those of the witnesses of the policy it was verified under; none without a policy.
    """

    entry: Entry
    body: bytes
    salt: bytes
    index: int
    checkpoint: Checkpoint
    cosignatures: tuple[Cosignature, ...] = ()


def format_proof(proof: Proof) -> bytes:
    """Write a tlog-proof."""
    lines = [HEAD]
    if proof.extra is not None:
        lines.append("extra " + b64encode(proof.extra).decode())
    lines.append(f"index {proof.index}")
    lines += [b64encode(node).decode() for node in proof.path]
    return "\n".join(lines).encode() + b"\n\n" + proof.checkpoint


def parse_proof(data: bytes) -> Proof:
    """Take a tlog-proof apart, strictly. Verifies nothing. Raises Malformed."""
    head, separator, checkpoint = data.partition(b"\n\n")
    if len(data) > _MOST_BYTES or not separator:
        raise Malformed("this is not a receipt: a tlog-proof has a proof, an empty line and a checkpoint")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise Malformed("this is not a receipt: a tlog-proof is plain text") from error
    if lines[0] != HEAD:
        raise Malformed(f"this is not a receipt: its first line is not {HEAD}")
    extra = None
    if len(lines) > 1 and lines[1].startswith("extra "):
        extra = strict_base64(lines.pop(1)[6:], "the extra line")
    if len(lines) < 2 or not lines[1].startswith("index ") or len(lines) > 2 + _MOST_HASHES:
        raise Malformed("the receipt has no index line, or too many hashes")
    path = tuple(strict_base64(line, "a hash of the proof") for line in lines[2:])
    if any(len(node) != 32 for node in path):
        raise Malformed("a hash of the proof is not 32 bytes")
    return Proof(extra, strict_decimal(lines[1][6:], "the index"), path, checkpoint)


def format_receipt(
    entry: Entry, domain: bytes, salt: bytes, body: bytes, index: int, path: Sequence[bytes], checkpoint: bytes
) -> bytes:
    """Write a receipt: a tlog-proof whose extra line holds what the leaf is recomputed from."""
    held = {
        "body": body.decode(),
        "domain": domain.decode(),
        "entry": entry.encode().decode(),
        "salt": b64encode(salt).decode(),
    }
    return format_proof(Proof(_canonical(held), index, tuple(path), checkpoint))


def _canonical(held: dict[str, str]) -> bytes:
    return json.dumps(held, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _held(extra: bytes | None) -> dict[str, str]:
    if extra is None:
        raise Malformed("the receipt has no extra line: what was logged cannot be recomputed from it")
    try:
        held = json.loads(extra.decode("utf-8"))
        whole = isinstance(held, dict) and sorted(held) == _KEYS and all(isinstance(v, str) for v in held.values())
        if not whole or _canonical(held) != extra:
            raise Malformed("the receipt's extra line is not in its one canonical form")
    except (ValueError, RecursionError) as error:
        raise Malformed("the receipt's extra line is not JSON in UTF-8") from error
    kept: dict[str, str] = held
    return kept


def unverified_entry(proof: Proof) -> Entry:
    """The entry a receipt says it is of. Nothing is verified: to know whose signatures to ask for. Raises Malformed."""
    return Entry.parse(_held(proof.extra)["entry"].encode())


def verify_receipt(
    data: bytes, verifiers: Sequence[Verifier], *, origin: str | None = None, policy: Policy | None = None
) -> Proved:
    """Verify a receipt with public keys only, and say what it proves. EVERY key given must have signed.

    Under a policy one of its logs must have signed too, and its quorum of witnesses have cosigned; `verifiers` may then be
    empty. Raises a TlogError: Malformed, OtherLog, KeyMissing, QuorumMissing, SignatureFailed, ProofFailed or ContentChanged.
    """
    proof = parse_proof(data)
    if policy is None:
        opened = Cosigned(open_checkpoint(proof.checkpoint, verifiers, origin=origin))
    else:
        opened = open_under_policy(proof.checkpoint, policy, verifiers, origin=origin)
    checkpoint = opened.checkpoint
    held = _held(proof.extra)
    entry = Entry.parse(held["entry"].encode())
    salt, body = strict_base64(held["salt"], "the salt"), held["body"].encode()
    if commit(held["domain"].encode(), salt, body) != entry.commitment:
        raise ContentChanged("what the receipt says was logged does not give the commitment in the log: it was altered")
    verify_inclusion(leaf_hash(entry.encode()), proof.index, checkpoint.size, proof.path, checkpoint.root)
    return Proved(entry, body, salt, proof.index, checkpoint, opened.cosignatures)
