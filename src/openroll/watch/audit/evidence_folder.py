"""An evidence folder as it is read anew, and the answers there are to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

import msgspec

from openroll.tlog import Checkpoint, Entry, Malformed, TlogError, leaf_hash, verify_inclusion
from openroll.tlog.encoding import strict_base64
from openroll.watch.audit.entries import TOLERANCE
from openroll.watch.audit.trust import Trust

Answer = Literal["holds", "on the word", "fails"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What evidence is worth, and why, in a sentence."""

    answer: Answer
    why: str


class Fails(Exception):
    """The files do not show what they are said to show."""


class Folder:
    """An evidence folder, read as it is asked for. Raises Fails for a file that lacks."""

    def __init__(self, folder: Path, trust: Trust) -> None:
        self._folder = folder
        self.trust = trust
        if self.has("key-history"):
            try:
                self.trust = trust.following(self.file("key-history"))
            except TlogError as error:
                raise Fails(f"key-history does not lead from your keys to later ones: {error}") from error
        try:
            self.said: Mapping[str, str | int] = msgspec.json.decode(
                self.file("evidence.json"), type=dict[str, str | int]
            )
        except Fails:
            self.said = {}  # another program's evidence: what is shown follows from which files there are
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            raise Fails(f"evidence.json does not read: {error}") from error

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        return (self._folder / name).is_file()

    def file(self, name: str) -> bytes:
        """A file's bytes."""
        try:
            return (self._folder / name).read_bytes()
        except OSError as error:
            raise Fails(f"the file {name} lacks") from error

    def head(self, name: str) -> Checkpoint:
        """A head, with its signatures checked."""
        try:
            return self.trust.open(self.file(name))
        except TlogError as error:
            raise Fails(f"{name} is no head of {self.trust.origin}: {error}") from error

    def proof(self, name: str) -> list[bytes]:
        """A proof; empty when there is no such file."""
        told = self.file(name).decode("ascii", "replace").strip("\n") if self.has(name) else ""
        lines = told.split("\n") if told else []
        try:
            return [strict_base64(line) for line in lines]
        except Malformed as error:
            raise Fails(f"{name} holds something else than hashes") from error

    def root(self, name: str) -> bytes | None:
        """A root in hexadecimal, if there is one."""
        if not self.has(name):
            return None
        try:
            return bytes.fromhex(self.file(name).decode("ascii"))
        except (UnicodeDecodeError, ValueError) as error:
            raise Fails(f"{name} holds no root") from error

    def number(self, name: str) -> int:
        """A number of evidence.json."""
        value = self.said.get(name)
        if not isinstance(value, int):
            raise Fails(f"evidence.json lacks {name}")
        return value

    @property
    def tolerance(self) -> timedelta:
        """How long after the end of its day an entry may come, as the writer of the evidence had it."""
        seconds = self.said.get("tolerance", TOLERANCE.total_seconds())
        return timedelta(seconds=seconds) if isinstance(seconds, int | float) and 0 <= seconds < 10**8 else TOLERANCE

    def entry(self, name: str, index: str) -> Entry:
        """An entry that head-1 is proved to hold at the index said; it may not read as one (Malformed)."""
        data, at, head = self.file(name), self.number(index), self.head("head-1")
        verify_inclusion(leaf_hash(data), at, head.size, self.proof(f"{name}-proof"), head.root)
        return Entry.parse(data)
