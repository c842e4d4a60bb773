"""Subtrees of a log's tree, against the vectors that the draft itself publishes."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openroll.tlog import ProofFailed, leaf_hash, root_of
from openroll.tlog.subtree import is_subtree, prove_subtree, verify_subtree
from openroll.tlog.tree import prove_consistency, prove_inclusion

LEAVES = [leaf_hash(bytes([n])) for n in range(130)]
_ROOTS: dict[tuple[int, int], bytes] = {}


def read(level: int, index: int) -> bytes:
    """The root of a perfect subtree of the draft's own tree, whose leaves are the bytes 0, 1, 2, …"""
    if (level, index) not in _ROOTS:
        _ROOTS[level, index] = root_of(LEAVES[index << level : (index + 1) << level])
    return _ROOTS[level, index]


def subtrees(size: int) -> Sequence[tuple[int, int]]:
    """Every subtree of the first `size` leaves, in the order of the draft's vectors."""
    return [(start, end) for end in range(size + 1) for start in range(end + 1) if is_subtree(start, end)]


def test_the_draft_s_own_vector_of_subtree_hashes() -> None:
    """Which intervals are subtrees, and their hashes, up to 130 (draft-ietf-plants-merkle-tree-certs, "Subtree Hashes")."""
    rolling = hashlib.sha256()
    for start, end in subtrees(130):
        rolling.update(f"[{start}, {end}) {root_of(LEAVES[start:end]).hex()}\n".encode())
    assert rolling.hexdigest() == "b82806ad4265bb151c1119c0f4db437bb4d1a1f887b3a7fba1cd4ebf552e3e81"


def test_the_draft_s_own_vector_of_consistency_proofs() -> None:
    """Every proof of every subtree in every tree up to 130 is the draft's, byte for byte ("Subtree Consistency Proofs")."""
    rolling = hashlib.sha256()
    for size in range(131):
        for start, end in subtrees(size):
            proof = "".join(f" {one.hex()}" for one in prove_subtree(read, start, end, size))
            rolling.update(f"[{start}, {end}) {size}{proof}\n".encode())
    assert rolling.hexdigest() == "10fa99b37bf9bf9ffa26b412fbd98bd75363256d0b75d61bc4538b9c9c5a0a74"


def test_every_proof_up_to_forty_verifies() -> None:
    """What is proved is verified, for all subtrees of all trees; of the whole tree and of one leaf they are RFC 9162's."""
    for size in range(1, 41):
        root = root_of(LEAVES[:size])
        for start, end in subtrees(size):
            proof = prove_subtree(read, start, end, size)
            verify_subtree(start, end, size, proof, root_of(LEAVES[start:end]), root)
            if start == 0 and end:
                assert proof == prove_consistency(read, end, size)
            if end == start + 1:
                assert proof == prove_inclusion(read, size, start)


@given(st.data())
def test_no_other_subtree_verifies(data: st.DataObject) -> None:
    """With a leaf, a hash of the proof, a bound or the root changed, or a hash more or less, the proof fails."""
    size = data.draw(st.integers(1, 130))
    start, end = data.draw(st.sampled_from([one for one in subtrees(size) if one[0] < one[1]]))
    proof = prove_subtree(read, start, end, size)
    good, root = root_of(LEAVES[start:end]), root_of(LEAVES[:size])
    leaves = LEAVES[start:end]
    leaves[data.draw(st.integers(0, len(leaves) - 1))] = b"\x07" * 32
    wrong = [(start, end, size, proof, root_of(leaves), root), (start, end, size, [*proof, good], good, root)]
    wrong.append((start, end, size, proof, good, b"\x07" * 32))
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        wrong.append((start, end, size, [*proof[:at], b"\x07" * 32, *proof[at + 1 :]], good, root))
        wrong.append((start, end, size, [*proof[:at], *proof[at + 1 :]], good, root))
    if (start, end) != (0, size):
        # A root is no leaf: moved to another place of the tree, the same hashes prove something else.
        wrong.append((start + 1, end + 1, size, proof, good, root))
    for one in wrong:
        with pytest.raises(ProofFailed):
            verify_subtree(*one)


@pytest.mark.parametrize("bounds", [(1, 3), (4, 9), (-1, 0), (3, 2), (2, 5)])
def test_what_is_no_subtree(bounds: tuple[int, int]) -> None:
    """Intervals off the tree's own boundaries have no proof."""
    assert not is_subtree(*bounds)
    with pytest.raises(ProofFailed, match="no subtree"):
        verify_subtree(*bounds, 20, [], b"\x07" * 32, b"\x07" * 32)
    assert is_subtree(0, (1 << 63) - 1)
    assert not is_subtree(1, 1 << 62)
