"""Receipts: inclusion proofs in the form of C2SP tlog-proof that carry what the leaf is recomputed from; format, parse, verify.

The `extra` line holds, as base64 of canonical JSON, the entry, and the salt and body its commitment is made of. It is not
authenticated by itself; recomputing the leaf from it is what binds it to the log.
"""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from openroll.tlog.checkpoint import Checkpoint, open_checkpoint
from openroll.tlog.cosigned import Cosignature, Cosigned, hold_to_quorum, open_cosigned
from openroll.tlog.encoding import strict_base64, strict_decimal
from openroll.tlog.entry import SALT_SIZE, Entry, commit
from openroll.tlog.errors import (
    ContentChanged,
    Malformed,
    ProofFailed,
    QuorumMissing,
    SavedAsText,
    under_rule,
)
from openroll.tlog.note import Verifier, split_note
from openroll.tlog.policy import Policy
from openroll.tlog.saved_text import restored
from openroll.tlog.tree import leaf_hash, verify_inclusion

HEAD = "c2sp.org/tlog-proof@v1"
MOST_BYTES = 1_000_000
"""Bytes of a receipt at most."""
MOST_SIZE = 2**53
"""Index and size of a receipt are below it, so that every program that checks one has numbers that hold them exactly."""
_MOST_HASHES = 63
_DOMAIN = re.compile("[a-z0-9][a-z0-9./-]{0,63}")
_KEYS = ["body", "domain", "entry", "salt"]


@dataclass(frozen=True, slots=True)
class Proof:
    """A parsed tlog-proof: `extra` (None when absent), the entry's index, the audit path, the checkpoint's bytes."""

    extra: bytes | None
    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes


@dataclass(frozen=True, slots=True)
class Proved:
    """What a verified receipt proves: this entry, with this body, at this index under this signed checkpoint.

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
    """Parse a tlog-proof, strictly. Verifies nothing. Raises Malformed."""
    if len(data) > MOST_BYTES:
        raise Malformed(f"this is not a receipt: one has at most {MOST_BYTES:,} bytes", rule="F1")
    head, separator, checkpoint = data.partition(b"\n\n")
    if not separator:
        raise Malformed("this is not a receipt: a tlog-proof has a proof, an empty line and a checkpoint", rule="F2")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise Malformed("this is not a receipt: a tlog-proof is plain text", rule="F3") from error
    if lines[0] != HEAD:
        raise Malformed(f"this is not a receipt: its first line is not {HEAD}", rule="F3")
    extra = None
    if len(lines) > 1 and lines[1].startswith("extra "):
        with under_rule("F4"):
            extra = strict_base64(lines.pop(1)[6:], "the extra line")
    if len(lines) < 2 or not lines[1].startswith("index "):
        raise Malformed("the receipt has no index line", rule="F5")
    with under_rule("F5"):
        index = strict_decimal(lines[1][6:], "the index")
    if len(lines) > 2 + _MOST_HASHES:
        raise Malformed(f"the receipt has more than {_MOST_HASHES} hashes", rule="F6")
    with under_rule("F6"):
        path = tuple(strict_base64(line, "a hash of the proof") for line in lines[2:])
    if any(len(node) != 32 for node in path):
        raise Malformed("a hash of the proof is not 32 bytes", rule="F6")
    return Proof(extra, index, path, checkpoint)


def format_receipt(
    entry: Entry, domain: bytes, salt: bytes, body: bytes, index: int, path: Sequence[bytes], checkpoint: bytes
) -> bytes:
    """Write a receipt: a tlog-proof whose extra line holds what the leaf is recomputed from."""
    fields = {
        "body": body.decode(),
        "domain": domain.decode(),
        "entry": entry.encode().decode(),
        "salt": b64encode(salt).decode(),
    }
    return format_proof(Proof(_canonical(fields), index, tuple(path), checkpoint))


def _canonical(fields: dict[str, str]) -> bytes:
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _receipt_fields(extra: bytes | None) -> dict[str, str]:
    if extra is None:
        raise Malformed("the receipt has no extra line: what was logged cannot be recomputed from it", rule="F4")
    try:
        fields = json.loads(extra.decode("utf-8"))
        whole = (
            isinstance(fields, dict) and sorted(fields) == _KEYS and all(isinstance(v, str) for v in fields.values())
        )
        if not whole or _canonical(fields) != extra:
            raise Malformed("the receipt's extra line is not in its one canonical form", rule="F7")
    except (ValueError, RecursionError) as error:
        raise Malformed("the receipt's extra line is not JSON in UTF-8", rule="F7") from error
    kept: dict[str, str] = fields
    return kept


def unverified_entry(proof: Proof) -> Entry:
    """The entry that a receipt names, unverified: to know whose signatures to ask for. Raises Malformed."""
    return Entry.parse(_receipt_fields(proof.extra)["entry"].encode())


def unverified_body(proof: Proof) -> bytes:
    """The body that a receipt holds, unverified: to know which of many is meant. Raises Malformed."""
    return _receipt_fields(proof.extra)["body"].encode()


def unverified_salt(proof: Proof) -> bytes:
    """The salt that a receipt holds, unverified: to know which others are of the same record. Raises Malformed."""
    return strict_base64(_receipt_fields(proof.extra)["salt"], "the salt")


class _Receipt(NamedTuple):
    """A receipt whose form is good, and of which nothing is verified."""

    proof: Proof
    entry: Entry
    domain: bytes
    salt: bytes
    body: bytes
    checkpoint: Checkpoint


def _parse_receipt(data: bytes) -> _Receipt:
    """Rules F1 to F14 of docs/proofs.md, in their order. Raises Malformed."""
    proof = parse_proof(data)
    if proof.index >= MOST_SIZE:
        raise Malformed("the index is not below 2**53", rule="F5")
    fields = _receipt_fields(proof.extra)
    with under_rule("F8"):
        salt = strict_base64(fields["salt"], "the salt")
    if len(salt) != SALT_SIZE:
        raise Malformed(f"the salt is not {SALT_SIZE} bytes: without that, salt and body could be cut anew", rule="F8")
    if not _DOMAIN.fullmatch(fields["domain"]):
        raise Malformed("the domain is not 1 to 64 letters, digits and ./-", rule="F9")
    with under_rule("F10"):
        entry = Entry.parse(fields["entry"].encode())
    text, _ = split_note(proof.checkpoint)
    with under_rule("F13"):
        checkpoint = Checkpoint.parse(text)
    if checkpoint.size >= MOST_SIZE:
        raise Malformed("the tree's size is not below 2**53", rule="F13")
    return _Receipt(proof, entry, fields["domain"].encode(), salt, fields["body"].encode(), checkpoint)


def checkpoint_in(data: bytes) -> bytes:
    """The signed checkpoint in a receipt, one that was saved as text too; anything else as it is. Nothing is verified."""
    try:
        return parse_proof(restored_receipt(data) or data).checkpoint
    except Malformed:
        return data


def restored_receipt(data: bytes) -> bytes | None:
    """Undo what a text editor did to a receipt; None where nothing was done or it would be no receipt.

    Nothing is verified. What comes back has the form of a receipt (rules F1 to F14).
    """
    try:
        _parse_receipt(data)
    except Malformed:
        if len(data) > MOST_BYTES or (text := restored(data)) is None:
            return None
        try:
            _parse_receipt(text)
        except Malformed:
            return None
        return text
    return None


def verify_receipt(
    data: bytes,
    verifiers: Sequence[Verifier],
    *,
    origin: str | None = None,
    policy: Policy | None = None,
    by_act: bool = False,
) -> Proved:
    """Verify a receipt with public keys only, and say what it proves. EVERY key given must have signed.

    Under a policy one of its logs must have signed too, and its quorum of witnesses have cosigned; `verifiers` may then be
    empty. Raises a TlogError: Malformed, OtherLog, KeyMissing, SignatureFailed, ContentChanged, ProofFailed or QuorumMissing;
    its `rule` is the one of docs/proofs.md. SavedAsText is raised for what would be good but for the program that saved it.

    `by_act`: where the salt is gone with the machine that had it (all zeros), the body is held against the act that the entry
    itself says. Every reader of the log reads the same there; only that its commitment is of this act is not proved.
    """
    return verify_receipt_under(data, lambda _: verifiers, origin=origin, policy=policy, by_act=by_act)


def verify_receipt_under(
    data: bytes,
    verifiers_of: Callable[[int], Sequence[Verifier]],
    *,
    origin: str | None = None,
    policy: Policy | None = None,
    by_act: bool = False,
) -> Proved:
    """As `verify_receipt`, with the keys of the size that its checkpoint says."""
    try:
        receipt = _parse_receipt(data)
    except Malformed:
        if (text := restored_receipt(data)) is None:
            raise
        receipt = _parse_receipt(text)
    else:
        return _verified(receipt, verifiers_of(receipt.checkpoint.size), origin, policy, by_act=by_act)
    with suppress(QuorumMissing):  # which says less than that the file was changed
        _verified(receipt, verifiers_of(receipt.checkpoint.size), origin, policy, by_act=by_act)
    raise SavedAsText(
        "this file was changed by a program that saves text (its line ends, or its encoding), and by nobody else: get it "
        "anew, or repair it (python -P -m openroll.tlog repair, or openroll receipt repair)",
        rule="F0",
    )


def _verified(
    receipt: _Receipt, verifiers: Sequence[Verifier], origin: str | None, policy: Policy | None, *, by_act: bool
) -> Proved:
    """Rules S1 to Q1 of docs/proofs.md, in their order."""
    proof, entry, checkpoint = receipt.proof, receipt.entry, receipt.checkpoint
    if policy is None:
        opened = Cosigned(open_checkpoint(proof.checkpoint, verifiers, origin=origin))
    else:
        opened = open_cosigned(proof.checkpoint, policy, verifiers, origin=origin)
    said_by_entry = by_act and receipt.salt == bytes(SALT_SIZE) and (entry.act or "").encode() == receipt.body
    if not said_by_entry and commit(receipt.domain, receipt.salt, receipt.body) != entry.commitment:
        raise ContentChanged(
            "what the receipt says was logged does not give the commitment in the log: it was altered", rule="C1"
        )
    if entry.act is not None and entry.act.encode() != receipt.body:
        raise ContentChanged(
            "the log says this act in clear, and the receipt says something else: one entry would prove two things",
            rule="C2",
        )
    if proof.index >= checkpoint.size:
        raise ProofFailed(f"there is no leaf {proof.index} in a tree of {checkpoint.size}", rule="I1")
    with under_rule("I2"):
        verify_inclusion(leaf_hash(entry.encode()), proof.index, checkpoint.size, proof.path, checkpoint.root)
    hold_to_quorum(opened)
    return Proved(entry, receipt.body, receipt.salt, proof.index, checkpoint, opened.cosignatures)
