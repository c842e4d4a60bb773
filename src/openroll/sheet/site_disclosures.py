"""The disclosures file of a list of sites: what opens the digests of natural persons' sites. Lines are only ever added.

The roll has the digests of one line of a site; of which, only it knows: a filing may be refused, or its answer lost. So no line
takes the place of another, and whoever opens a site's digests finds the line that has them among all of its handle.
"""

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from openroll.durable import sync_folders
from openroll.sheet.pack import Kept, fresh_name, writing_beside


class DisclosuresUnread(Exception):
    """A disclosures file that cannot be read, and why. Nothing was changed in it."""


class KeptLines:
    """The lines of a disclosures file by their handles, the oldest first, and those that are to stand behind them."""

    def __init__(self, lines: Sequence[Kept]) -> None:
        self._by_handle: dict[str, list[Kept]] = defaultdict(list)
        self.added: list[Kept] = []
        for one in lines:
            self._by_handle[one.handle].append(one)

    @property
    def by_handle(self) -> Mapping[str, Sequence[Kept]]:
        """All lines, by their handles."""
        return self._by_handle

    def keep(self, kept: Kept) -> None:
        """Have a line stand in the file: behind all others, unless it stands there."""
        if kept not in self._by_handle.get(kept.handle, ()):
            self._by_handle[kept.handle].append(kept)
            self.added.append(kept)


@contextmanager
def adding_lines(path: Path, *, dry_run: bool = False) -> Iterator[KeptLines]:
    """The lines of a file, which is made if it is not there, for one run at a time to add to. They are on the disk at the end.

    A crash leaves the old bytes, or those with the new lines behind them. `dry_run` writes nothing. Raises DisclosuresUnread, and
    OSError for what cannot be written: then the file is as it was.
    """
    if dry_run:
        yield KeptLines(_lines(_bytes(path)))
        return
    with writing_beside(path, 0o600) as file:
        before = _bytes(path)
        lines = KeptLines(_lines(before))
        yield lines
        file.write(before.decode())
        if before and not before.endswith(b"\n"):
            file.write("\n")
        for kept in lines.added:
            file.write(msgspec.json.encode(kept).decode() + "\n")
        file.flush()
        os.fsync(file.fileno())
        fresh_name(path).rename(path)
        sync_folders([path.parent])


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise DisclosuresUnread(error.strerror or str(error)) from error


def _lines(data: bytes) -> list[Kept]:
    try:
        return [msgspec.json.decode(line, type=Kept) for line in data.splitlines() if line.strip()]
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise DisclosuresUnread(str(error)) from error
