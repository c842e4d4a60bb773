"""Subtrees of a log's tree, and the proof that one belongs to a head (draft-ietf-plants-merkle-tree-certs, section 4).

A subtree is the Merkle tree over the entries [start, end), where start lies on a boundary that the log's own tree has too. It
serves shorter inclusion proofs: who holds a cosigned subtree needs no path beyond it.
"""

from collections.abc import Sequence

from openroll.tlog.errors import Malformed, ProofFailed
from openroll.tlog.tree import EMPTY_ROOT, HASH_SIZE, ReadRange, node_hash, range_root, split


def is_subtree(start: int, end: int) -> bool:
    """Whether [start, end) is a subtree: start is a multiple of the power of two that holds them all (section 4.1)."""
    if not 0 <= start <= end:
        return False
    return start % (1 << max(end - start - 1, 0).bit_length()) == 0


def prove_subtree(read: ReadRange, start: int, end: int, size: int) -> list[bytes]:
    """The proof that the subtree [start, end) stands in the tree of `size` leaves (section 4.4.1). Raises Malformed."""
    if not is_subtree(start, end) or end > size:
        raise Malformed(f"[{start}, {end}) is no subtree of a tree of {size}")
    if start == end:
        return []
    proof, low, high, whole = [], 0, size, True
    while (start, end) != (low, high):
        middle = low + split(high - low)
        if end <= middle:
            proof.append(range_root(read, middle, high))
            high = middle
        elif middle <= start:
            proof.append(range_root(read, low, middle))
            low = middle
        else:
            proof.append(range_root(read, low, middle))
            low = start = middle
            whole = False
    if not whole:
        proof.append(range_root(read, low, high))
    return proof[::-1]


def verify_subtree(start: int, end: int, size: int, proof: Sequence[bytes], subtree_root: bytes, root: bytes) -> None:
    """Raise ProofFailed unless the entries under `subtree_root` are [start, end) of the tree under `root` (section 4.4.3)."""
    if not is_subtree(start, end) or end > size:
        raise ProofFailed(f"[{start}, {end}) is no subtree of a tree of {size}")
    if any(len(one) != HASH_SIZE for one in (subtree_root, root, *proof)):
        raise ProofFailed("every hash of a proof is 32 bytes")
    if start == end:
        if proof or subtree_root != EMPTY_ROOT:
            raise ProofFailed("an empty subtree has the root SHA-256 of nothing and an empty proof")
        return
    from_subtree, from_root = _climbed(start, end - 1, size - 1, proof, subtree_root)
    if from_subtree != subtree_root:
        raise ProofFailed(f"the proof leads to the subtree {from_subtree.hex()}, not to {subtree_root.hex()}")
    if from_root != root:
        raise ProofFailed(f"the proof leads to root {from_root.hex()}, not to {root.hex()}")


def _climbed(first: int, last: int, end: int, proof: Sequence[bytes], subtree_root: bytes) -> tuple[bytes, bytes]:
    """Both hashes that a proof leads to; `first` and `last` are the subtree's outer nodes, `end` the tree's last one."""
    while first != last and (last == end or last & 1):
        first, last, end = first >> 1, last >> 1, end >> 1
    rest = list(proof)
    if first == last:
        begun = subtree_root
    elif rest:
        begun = rest.pop(0)
    else:
        raise ProofFailed("the proof is empty")
    of_subtree = of_root = begun
    for sibling in rest:
        if end == 0:
            raise ProofFailed("the proof is longer than the tree is high")
        if last & 1 or last == end:
            if first < last:
                of_subtree = node_hash(sibling, of_subtree)
            of_root = node_hash(sibling, of_root)
            while not last & 1:
                first, last, end = first >> 1, last >> 1, end >> 1
        else:
            of_root = node_hash(of_root, sibling)
        first, last, end = first >> 1, last >> 1, end >> 1
    if end:
        raise ProofFailed("the proof is shorter than the tree is high")
    return of_subtree, of_root
