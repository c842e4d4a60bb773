"""The Merkle tree of RFC 6962 section 2.1 over SHA-256: roots, inclusion proofs, consistency proofs.

Hashes are 32 bytes. Verifying returns nothing and raises `ProofFailed`; there is no False to forget to look at.
"""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256

from openroll.tlog.errors import Malformed, ProofFailed

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()

ReadRange = Callable[[int, int], bytes]
"""The root of the perfect subtree (level, index): 2**level leaves from leaf index * 2**level on."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry as a leaf: SHA-256(0x00 || entry)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


def root_of(leaf_hashes: Sequence[bytes]) -> bytes:
    """The root of a tree from all its leaf hashes (RFC 6962 section 2.1, MTH)."""
    if not leaf_hashes:
        return EMPTY_ROOT
    row = list(leaf_hashes)
    while len(row) > 1:
        paired = [node_hash(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)]
        row = paired + row[len(paired) * 2 :]
    return row[0]


def perfect_subtrees(start: int, end: int) -> list[tuple[int, int]]:
    """The perfect subtrees (level, index), widest first, that make up leaves start to end; start is one's boundary."""
    subtrees = []
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        subtrees.append((level, start >> level))
        start += 1 << level
    return subtrees


def range_root(read: ReadRange, start: int, end: int) -> bytes:
    """The hash of leaves start to end (end excluded), a subtree of the tree as RFC 6962 splits it."""
    hashes = [read(level, index) for level, index in perfect_subtrees(start, end)]
    root = hashes.pop()
    while hashes:
        root = node_hash(hashes.pop(), root)
    return root


def prove_inclusion(read: ReadRange, size: int, index: int) -> list[bytes]:
    """The audit path of leaf `index` in a tree of `size` leaves (RFC 6962 section 2.1.1), lowest sibling first."""
    if not 0 <= index < size:
        raise Malformed(f"there is no leaf {index} in a tree of {size}")
    proof, start, end = [], 0, size
    while end - start > 1:
        middle = start + split(end - start)
        if index < middle:
            proof.append(range_root(read, middle, end))
            end = middle
        else:
            proof.append(range_root(read, start, middle))
            start = middle
    return proof[::-1]


def prove_consistency(read: ReadRange, old: int, new: int) -> list[bytes]:
    """The proof that a tree of `new` leaves begins with the tree of `old` (RFC 6962 section 2.1.2)."""
    if not 0 <= old <= new:
        raise Malformed(f"a tree of {new} leaves cannot begin with one of {old}")
    if old in (0, new):
        return []
    proof, start, end, whole = [], 0, new, True
    while old != end:
        middle = start + split(end - start)
        if old <= middle:
            proof.append(range_root(read, middle, end))
            end = middle
        else:
            proof.append(range_root(read, start, middle))
            start, whole = middle, False
    if not whole:
        proof.append(range_root(read, start, end))
    return proof[::-1]


def split(count: int) -> int:
    """The largest power of two smaller than `count` (RFC 6962 section 2.1)."""
    return 1 << ((count - 1).bit_length() - 1)


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raise ProofFailed unless `proof` leads from `leaf` at `index` to `root` of a tree of `size` (RFC 9162 2.1.3.2)."""
    _check_hashes([leaf, root, *proof])
    if not 0 <= index < size:
        raise ProofFailed(f"there is no leaf {index} in a tree of {size}")
    computed = leaf
    for sibling, from_left in _climb(index, size - 1, proof):
        computed = node_hash(sibling, computed) if from_left else node_hash(computed, sibling)
    if computed != root:
        raise ProofFailed(f"the proof leads to root {computed.hex()}, not to {root.hex()}")


def _climb(node: int, last: int, path: Sequence[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Walk from a node up to the root: each sibling of the path, and whether it stands to the left."""
    for sibling in path:
        if last == 0:
            raise ProofFailed("the proof is longer than the tree is high")
        from_left = bool(node & 1) or node == last
        yield sibling, from_left
        while from_left and not node & 1 and node:
            node, last = node >> 1, last >> 1
        node, last = node >> 1, last >> 1
    if last:
        raise ProofFailed("the proof is shorter than the tree is high")


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Raise ProofFailed unless the tree of `new` leaves under `new_root` begins with the one of `old` (RFC 9162 2.1.4.2)."""
    if not 0 <= old <= new:
        raise ProofFailed(f"a tree of {new} leaves cannot begin with one of {old}")
    if old in (0, new):
        _verify_trivial(old, new, proof, old_root, new_root)
        return
    _check_hashes([old_root, new_root, *proof])
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        raise ProofFailed("the proof is empty")
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    from_old = from_new = path[0]
    for sibling, from_left in _climb(node, last, path[1:]):
        if from_left:
            from_old = node_hash(sibling, from_old)
        from_new = node_hash(sibling, from_new) if from_left else node_hash(from_new, sibling)
    if from_old != old_root:
        raise ProofFailed(f"the proof leads to the old root {from_old.hex()}, not to {old_root.hex()}")
    if from_new != new_root:
        raise ProofFailed(f"the proof leads to the new root {from_new.hex()}, not to {new_root.hex()}")


def _verify_trivial(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    if proof:
        raise ProofFailed("the proof should be empty")
    if old == new and old_root != new_root:
        raise ProofFailed("two trees of one size have different roots")
    if new == 0 and new_root != EMPTY_ROOT:
        raise ProofFailed("the root of the empty tree is SHA-256 of nothing")
    if old != new:
        raise ProofFailed("every tree begins with the empty one: nothing is proved from size 0")


def _check_hashes(hashes: Sequence[bytes]) -> None:
    if any(len(one) != HASH_SIZE for one in hashes):
        raise ProofFailed("every hash of a proof is 32 bytes")
