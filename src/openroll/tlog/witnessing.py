"""What a witness decides on a request to cosign (C2SP tlog-witness, "add-checkpoint"), pure: request, answer, cosignature.

The sibling call, "sign-subtree", is in `tlog/subtree_witnessing.py`.

A witness holds one head a log: the last it cosigned. It cosigns another only when that one begins with its own. Everything
here is a value: the head that is held and the moment come in, and what is to be kept or answered goes out.
"""

from base64 import b64encode
from collections.abc import Sequence
from typing import NamedTuple

from openroll.tlog.checkpoint import Checkpoint
from openroll.tlog.encoding import strict_base64, strict_decimal
from openroll.tlog.errors import KeyMissing, Malformed, ProofFailed, SignatureFailed
from openroll.tlog.note import Signer, Verifier, open_note, sign_note
from openroll.tlog.tree import EMPTY_ROOT, HASH_SIZE, verify_consistency

MOST_PROOF = 63
MOST_REQUEST = 300_000
"""Bytes of a request: 63 hashes and a checkpoint with more cosignatures than any log collects."""
SIZE_TYPE = "text/x.tlog.size"
TEXT_TYPE = "text/plain; charset=utf-8"


class Submission(NamedTuple):
    """A request to cosign: the size the sender believes the witness holds, the proof from there, the checkpoint's bytes."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: bytes


class Signed(NamedTuple):
    """A submission whose checkpoint the log has signed: `note` has the log's signatures and no others."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: Checkpoint
    text: str
    note: bytes


class CosignedHead(NamedTuple):
    """The last tree head that a witness cosigned for a log; size 0 where there was none."""

    size: int = 0
    root: bytes = EMPTY_ROOT


class Answer(NamedTuple):
    """A refusal: its HTTP status, its body and media type. `evidence`: the log signed something that it should not have.

    `wait` is in seconds, 0 where asking again later would change nothing.
    """

    status: int
    body: str
    media_type: str = TEXT_TYPE
    evidence: bool = False
    wait: int = 0


def format_submission(submission: Submission) -> bytes:
    """Write a request's body: the old size, the proof, an empty line, the checkpoint."""
    lines = [f"old {submission.old}", *(b64encode(one).decode() for one in submission.proof)]
    return "\n".join(lines).encode() + b"\n\n" + submission.checkpoint


def parse_submission(data: bytes) -> Submission:
    """Read a request's body; only its one form is taken. Raises Malformed."""
    lines, checkpoint = head_and_checkpoint(data)
    first, *hashes = lines
    if not first.startswith("old "):
        raise Malformed("the first line reads: old <size>")
    return Submission(strict_decimal(first[4:], "the old size"), proof_lines(hashes), checkpoint)


def head_and_checkpoint(data: bytes) -> tuple[list[str], bytes]:
    """A request's own lines, one at least, and the checkpoint behind the empty line. Raises Malformed."""
    head, separator, checkpoint = data.partition(b"\n\n")
    if not separator or len(data) > MOST_REQUEST:
        raise Malformed("a request has lines of its own, an empty line and a checkpoint")
    try:
        return head.decode("ascii").split("\n"), checkpoint
    except UnicodeDecodeError as error:
        raise Malformed("what stands before the checkpoint is plain ASCII") from error


def proof_lines(lines: Sequence[str]) -> tuple[bytes, ...]:
    """The hashes of a proof, one a line, 63 at most. Raises Malformed."""
    if len(lines) > MOST_PROOF:
        raise Malformed(f"a proof has at most {MOST_PROOF} hashes")
    return tuple(one_hash(line, "a hash of the proof") for line in lines)


def one_hash(line: str, what: str) -> bytes:
    """A hash in base64. Raises Malformed."""
    found = strict_base64(line, what)
    if len(found) != HASH_SIZE:
        raise Malformed(f"{what} is 32 bytes")
    return found


def signed(submission: Submission, keys: Sequence[Verifier]) -> Signed | Answer:
    """The submission, once one of the log's `keys` has signed its checkpoint and no signature of theirs fails.

    403 where none has, 400 where it is no checkpoint or smaller than the old size.
    """
    try:
        note = open_note(submission.checkpoint, keys)
        checkpoint = Checkpoint.parse(note.text)
    except (KeyMissing, SignatureFailed) as error:
        return Answer(403, f"{error}\n")
    except Malformed as error:
        return Answer(400, f"{error}\n")
    if submission.old > checkpoint.size:
        return Answer(400, f"the old size {submission.old} is beyond the checkpoint's {checkpoint.size}\n")
    note_bytes = (note.text + "\n" + "".join(one.line() for one in note.signatures)).encode()
    return Signed(submission.old, submission.proof, checkpoint, note.text, note_bytes)


def judge(last: CosignedHead, asked: Signed) -> Answer | None:
    """None where the checkpoint may be cosigned; else the answer: 409 with the size held, or 422.

    422 is evidence against the log, whose signature stands under a head that does not go on from the one held; but for a
    proof that fails the sender may only have sent a wrong one, so it is kept and not called a proof of guilt. Of the very head
    that is held nothing is evidence: anybody can send it with a proof that it does not need.
    """
    checkpoint = asked.checkpoint
    if asked.old != last.size:
        return Answer(409, f"{last.size}\n", SIZE_TYPE)
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        return Answer(422, "the root of the empty tree is SHA-256 of nothing\n", evidence=True)
    if last.size == 0:
        return Answer(422, "from size 0 there is nothing to prove\n") if asked.proof else None
    try:
        verify_consistency(last.size, checkpoint.size, asked.proof, last.root, checkpoint.root)
    except ProofFailed as error:
        return Answer(422, f"{error}\n", evidence=last != (checkpoint.size, checkpoint.root))
    return None


def cosignatures(text: str, signers: Sequence[Signer], timestamp: int) -> bytes:
    """The signature lines of a witness over a checkpoint's text. `timestamp` is POSIX seconds and not 0."""
    if timestamp <= 0:
        raise Malformed("a witness says when it saw a head: the timestamp is not 0")
    return sign_note(text, signers, timestamp=timestamp)[len(text.encode()) + 1 :]
