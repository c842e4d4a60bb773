"""Compact range: recompute a tree's root from the entries alone, sharing no code with what grows tiles."""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple


class CompactRange(NamedTuple):
    """The roots of a tree's perfect subtrees, widest first (RFC 6962 section 2.1): enough to append and to get the root."""

    size: int = 0
    edge: tuple[bytes, ...] = ()

    @property
    def root(self) -> bytes:
        """The tree's root: SHA-256 of nothing for the empty tree, else the edge folded from the right."""
        if not self.edge:
            return hashlib.sha256(b"").digest()
        root = self.edge[-1]
        for left in reversed(self.edge[:-1]):
            root = hashlib.sha256(b"\x01" + left + root).digest()
        return root

    def extend(self, entries: Iterable[bytes]) -> "CompactRange":
        """The range after these entries, recomputed from their bytes alone."""
        sha256 = hashlib.sha256
        edge, size = list(self.edge), self.size
        for entry in entries:
            node, rest = sha256(b"\x00" + entry).digest(), size
            while rest & 1:
                node = sha256(b"\x01" + edge.pop() + node).digest()
                rest >>= 1
            edge.append(node)
            size += 1
        return CompactRange(size, tuple(edge))
