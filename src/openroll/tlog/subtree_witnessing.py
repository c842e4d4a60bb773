"""What a witness decides on a request to cosign a subtree (C2SP tlog-witness, "sign-subtree"), pure.

It keeps nothing for this: the reference checkpoint bears the witness's own cosignature, so the witness has seen it, and the
proof shows that the subtree belongs to it. Only ML-DSA-44 cosignatures can stand under a subtree, and they bear no time.
"""

from base64 import b64encode
from collections.abc import Sequence
from typing import NamedTuple

from openroll.tlog.checkpoint import Checkpoint
from openroll.tlog.encoding import strict_decimal
from openroll.tlog.errors import KeyMissing, Malformed, ProofFailed, SignatureFailed
from openroll.tlog.note import SUBTREE, Signer, Verifier, open_note
from openroll.tlog.subtree import is_subtree, verify_subtree
from openroll.tlog.witnessing import Answer, head_and_checkpoint, one_hash, proof_lines


class SubtreeAsked(NamedTuple):
    """A request: the entries from `start` to `end` (excluded), their root, the proof, the reference checkpoint's bytes."""

    start: int
    end: int
    root: bytes
    proof: tuple[bytes, ...]
    checkpoint: bytes


def format_subtree_request(asked: SubtreeAsked) -> bytes:
    """Write a request's body."""
    hashes = (b64encode(one).decode() for one in (asked.root, *asked.proof))
    return "\n".join([f"subtree {asked.start} {asked.end}", *hashes]).encode() + b"\n\n" + asked.checkpoint


def parse_subtree_request(data: bytes) -> SubtreeAsked:
    """Read a request's body; only its one form is taken. Raises Malformed."""
    (first, *hashes), checkpoint = head_and_checkpoint(data)
    words = first.split(" ")
    if len(words) != 3 or words[0] != "subtree" or not hashes:
        raise Malformed("a request begins with the lines: subtree <start> <end>, and the subtree's hash")
    start, end = (strict_decimal(word, "a bound of the subtree") for word in words[1:])
    if not is_subtree(start, end):
        raise Malformed(f"[{start}, {end}) is no subtree of any tree")
    return SubtreeAsked(start, end, one_hash(hashes[0], "the subtree's hash"), proof_lines(hashes[1:]), checkpoint)


def judge_subtree(asked: SubtreeAsked, own: Sequence[Verifier]) -> Checkpoint | Answer:
    """The reference checkpoint where the subtree may be cosigned; else 403, 400 or 422. The origin is known already."""
    try:
        checkpoint = Checkpoint.parse(open_note(asked.checkpoint, own).text)
        if asked.end > checkpoint.size:
            raise Malformed(f"the subtree ends at {asked.end}, beyond the checkpoint's {checkpoint.size}")
        verify_subtree(asked.start, asked.end, checkpoint.size, asked.proof, asked.root, checkpoint.root)
    except (KeyMissing, SignatureFailed) as error:
        return Answer(403, f"{error}\n")
    except Malformed as error:
        return Answer(400, f"{error}\n")
    except ProofFailed as error:
        return Answer(422, f"{error}\n")
    return checkpoint


def subtree_cosignatures(asked: SubtreeAsked, origin: str, signers: Sequence[Signer]) -> bytes:
    """The signature lines of those signers that can sign a subtree; none where none can."""
    lines = []
    for signer in signers:
        if signer.algorithm == SUBTREE:
            signature = signer.sign_subtree(origin, (asked.start, asked.end), asked.root)
            encoded = b64encode(signer.verifier.key_id + signature).decode()
            lines.append(f"— {signer.name} {encoded}\n")
    return "".join(lines).encode()
