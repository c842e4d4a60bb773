"""The ratchet: the newest head this roll has ever signed, kept outside the database and only ever moved forward.

A restored backup is how a log comes to be forked: the database forgets heads that readers remember. The ratchet
remembers them. It also holds the tree's right edge, so that the next head is recomputed (step 8) from the entries by code that
shares nothing with the code that grew the tree (docs/facts/log.md, "Order" and "What went wrong elsewhere").
"""

import fcntl
import json
import os
from pathlib import Path

from openroll.durable import PRIVATE, open_to_write, sync_folders, write_durably
from openroll.tlog import CompactRange


class Forked(Exception):
    """The database and what was signed before do not agree; signing now could show two logs. Nothing was signed."""


class RatchetDamaged(Forked):
    """The file of the ratchet cannot be read: what was signed last is not known on this machine."""


class Ratchet:
    """A mark in a file (step 10), moved by compare-and-swap under a lock. Durable before `move` returns."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[tuple[int, ...], int] | None = None

    def size(self) -> int:
        """The size of the newest mark, without reading again a file that nobody has replaced. Raises RatchetDamaged."""
        try:
            now = self._path.stat()
        except FileNotFoundError:
            return self.read().size
        # It is only ever replaced whole, by a file that was there beside it: so its number on the disk tells them apart.
        seen = (now.st_ino, now.st_mtime_ns, now.st_ctime_ns, now.st_size)
        if self._seen is None or self._seen[0] != seen:
            self._seen = (seen, self.read().size)
        return self._seen[1]

    def read(self) -> CompactRange:
        """The newest mark; the empty tree's when nothing was ever signed."""
        try:
            kept = json.loads(self._path.read_text(encoding="ascii"))
            mark = CompactRange(kept["size"], tuple(map(bytes.fromhex, kept["edge"])))
            root = mark.root.hex()
        except FileNotFoundError:
            return CompactRange()
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise RatchetDamaged(
                f"the file {self._path.name} of the roll's home is damaged: it cannot be read"
            ) from error
        if root != kept["root"]:
            raise RatchetDamaged(
                f"the file {self._path.name} of the roll's home is damaged: its edge does not give its root"
            )
        return mark

    def set_aside(self) -> None:
        """Danger: forget what was signed. Only for a damaged file, once the log was compared with what others have seen."""
        self._path.rename(self._path.with_name("ratchet.damaged"))
        sync_folders([self._path.parent])

    def move(self, old: CompactRange, new: CompactRange) -> None:
        """Move from `old` to `new`. Raises Forked when the file is not at `old` or `new` would be a step back."""
        with open_to_write(self._path.with_suffix(".lock"), PRIVATE, os.O_APPEND) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self.read() != old:
                raise Forked(f"{self._path} moved while a head was being signed: is a second sequencer running?")
            if new.size < old.size or (new.size == old.size and new != old):
                raise Forked(f"a head of size {new.size} would step back behind the signed head of size {old.size}")
            kept = {"size": new.size, "root": new.root.hex(), "edge": [node.hex() for node in new.edge]}
            write_durably(self._path, json.dumps(kept).encode(), PRIVATE)
