"""What a witness decides about a subtree, clause by clause of C2SP tlog-witness, "sign-subtree"."""

from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openroll.tlog import Checkpoint, Malformed, SignatureFailed, Signer, root_of, sign_checkpoint
from openroll.tlog.subtree import prove_subtree
from openroll.tlog.subtree_witnessing import (
    SubtreeAsked,
    format_subtree_request,
    judge_subtree,
    parse_subtree_request,
    subtree_cosignatures,
)
from openroll.tlog.witnessing import Answer
from tests.watch.made_log import MadeLog, line

LOG = MadeLog()
OWN = [Signer.from_seed("witness.example/w1", b"\x05" * 32, kind) for kind in ("cosignature", "ml-dsa-44")]
KEYS = [signer.verifier for signer in OWN]
SIZE = 14
LEAVES = LOG.leaves(SIZE)
SEEN = sign_checkpoint(Checkpoint(LOG.origin, SIZE, LOG.root(SIZE)), OWN, timestamp=1_700_000_000)
HASH = line(b"\x07" * 32)


def asked(start: int, end: int, checkpoint: bytes = SEEN) -> SubtreeAsked:
    """A good request about the made log."""
    proof = prove_subtree(lambda level, index: root_of(LEAVES[index << level : (index + 1) << level]), start, end, SIZE)
    return SubtreeAsked(start, end, root_of(LEAVES[start:end]), tuple(proof), checkpoint)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_request_or_malformed(data: bytes) -> None:
    """No bytes make the reader fail in another way; what it takes it would write again byte for byte."""
    try:
        found = parse_subtree_request(data)
    except Malformed:
        return
    assert format_subtree_request(found) == data


@pytest.mark.parametrize("bounds", [(0, 14), (0, 0), (8, 13), (4, 8), (13, 14), (0, 5)])
def test_a_subtree_of_a_head_it_has_seen_is_cosigned(bounds: tuple[int, int]) -> None:
    """The answer is an ML-DSA-44 signature over exactly these bounds and this root, with no time in it."""
    one = parse_subtree_request(format_subtree_request(asked(*bounds)))
    checkpoint = judge_subtree(one, KEYS)
    assert checkpoint == Checkpoint(LOG.origin, SIZE, LOG.root(SIZE))
    lines = subtree_cosignatures(one, LOG.origin, OWN).decode().splitlines()
    assert len(lines) == 1
    data = b64decode(lines[0].split(" ")[2])
    assert (data[:4], data[4:12]) == (KEYS[1].key_id, bytes(8))
    KEYS[1].verify_subtree(LOG.origin, bounds, one.root, data[4:])
    with pytest.raises(SignatureFailed):
        KEYS[1].verify_subtree(LOG.origin, (bounds[0], bounds[1] + 1), one.root, data[4:])


@pytest.mark.parametrize(
    "head",
    [
        "",
        "subtree 8 13",
        f"subtree 8\n{HASH}",
        f"subtree 8 13 1\n{HASH}",
        f"subtree 08 13\n{HASH}",
        f"subtree 8  13\n{HASH}",
        f"subtree 9 13\n{HASH}",
        f"subtree 13 8\n{HASH}",
        f"old 8 13\n{HASH}",
        f"subtree 8 13\n{HASH[:-4]}",
        "subtree 8 13\n" + "\n".join([HASH] * 65),
        f"subtree 8 9223372036854775808\n{HASH}",
    ],
)
def test_only_the_one_form_is_taken(head: str) -> None:
    """Bounds that are no subtree, a missing hash, 64 hashes of a proof: none of it is a request."""
    with pytest.raises(Malformed):
        parse_subtree_request(head.encode() + b"\n\n" + SEEN)


def refused(one: SubtreeAsked) -> int:
    """The status of a refusal."""
    found = judge_subtree(one, KEYS)
    assert isinstance(found, Answer)
    return found.status


def test_statuses() -> None:
    """403 where our own cosignature is missing or fails, 400 beyond the head, 422 where the proof fails."""
    assert refused(asked(8, 13, LOG.checkpoint(SIZE))) == 403
    other = sign_checkpoint(Checkpoint(LOG.origin, SIZE, b"\x07" * 32), OWN, timestamp=1_700_000_000)
    spliced = b"\n\n".join([SEEN.split(b"\n\n")[0], other.split(b"\n\n")[1]])
    assert refused(asked(8, 13, spliced)) == 403
    assert refused(asked(8, 13)._replace(end=16)) == 400
    assert refused(asked(8, 13)._replace(root=b"\x07" * 32)) == 422
    assert refused(asked(8, 13)._replace(proof=())) == 422
    assert refused(asked(8, 13, other)) == 422


def test_a_witness_with_ed25519_only_signs_no_subtree() -> None:
    """An Ed25519 cosignature cannot stand under a subtree: no line is made, and the key itself refuses."""
    assert subtree_cosignatures(asked(8, 13), LOG.origin, OWN[:1]) == b""
    with pytest.raises(Malformed, match="ML-DSA-44"):
        OWN[0].sign_subtree(LOG.origin, (8, 13), LOG.root(3))
