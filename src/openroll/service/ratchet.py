"""The ratchet: the newest head this roll has ever signed, kept outside the database and only ever moved forward.

A restored backup is how a log comes to be forked: the database forgets heads that readers remember. The ratchet
remembers them. It also holds the tree's right edge, so that the next head is recomputed from the entries by code that
shares nothing with the code that grew the tree (facts/log.md, "Order" and "What went wrong elsewhere").
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

MANY = 32
"""Above so many files one sync of the whole file system is cheaper than one for each (facts/log.md, "Figures")."""


class Forked(Exception):
    """The database and what was signed before do not agree; signing now could show two logs. Nothing was signed."""


class Mark(msgspec.Struct, frozen=True):
    """A head with the right edge of its tree: the roots of its perfect subtrees, widest first (RFC 6962 section 2.1)."""

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

    def extend(self, entries: Iterable[bytes]) -> "Mark":
        """The mark after these entries, recomputed from their bytes alone."""
        sha256 = hashlib.sha256
        edge, size = list(self.edge), self.size
        for entry in entries:
            node, rest = sha256(b"\x00" + entry).digest(), size
            while rest & 1:
                node = sha256(b"\x01" + edge.pop() + node).digest()
                rest >>= 1
            edge.append(node)
            size += 1
        return Mark(size, tuple(edge))


class Ratchet:
    """A mark in a file (step 10), moved by compare-and-swap under a lock. Durable before `move` returns."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Mark:
        """The newest mark; the empty tree's when nothing was ever signed."""
        try:
            kept = json.loads(self._path.read_text(encoding="ascii"))
        except FileNotFoundError:
            return Mark()
        mark = Mark(kept["size"], tuple(map(bytes.fromhex, kept["edge"])))
        if mark.root.hex() != kept["root"]:
            raise Forked(f"{self._path} is damaged: its edge does not give its root")
        return mark

    def move(self, old: Mark, new: Mark) -> None:
        """Move from `old` to `new`. Raises Forked when the file is not at `old` or `new` would be a step back."""
        with (self._path.with_suffix(".lock")).open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self.read() != old:
                raise Forked(f"{self._path} moved while a head was being signed: is a second sequencer running?")
            if new.size < old.size or (new.size == old.size and new != old):
                raise Forked(f"a head of size {new.size} would step back behind the signed head of size {old.size}")
            kept = {"size": new.size, "root": new.root.hex(), "edge": [node.hex() for node in new.edge]}
            write_durably(self._path, json.dumps(kept).encode())


def write_durably(path: Path, data: bytes) -> None:
    """Replace a file's content at once: a reader sees the old bytes or the new, a crash keeps one of the two."""
    fresh = path.with_name(path.name + ".new")
    with fresh.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
    sync_folders([path.parent])


def sync_folders(folders: Iterable[Path]) -> None:
    """Make renames in these folders durable."""
    for folder in folders:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def write_all_durably(files: Sequence[tuple[Path, bytes]]) -> None:
    """Write many immutable files, each whole or not there, waiting for the disk as seldom as it can."""
    fresh = [path.with_name(path.name + ".new") for path, _ in files]
    for folder in {path.parent for path, _ in files}:
        folder.mkdir(parents=True, exist_ok=True)
    for path, (_, data) in zip(fresh, files, strict=True):
        path.write_bytes(data)
    if len(files) > MANY:
        os.sync()
    else:
        for path in fresh:
            _sync_file(path)
    for path, (final, _) in zip(fresh, files, strict=True):
        path.rename(final)
    sync_folders({path.parent for path, _ in files})


def _sync_file(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
