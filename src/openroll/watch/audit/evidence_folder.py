"""An evidence folder as a checker reads it, and the verdicts on it."""

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
    """What a piece of evidence is worth, with the reason in a sentence."""

    answer: Answer
    why: str


class EvidenceFails(Exception):
    """The files of the evidence do not show what they are said to show."""


class EvidenceFolder:
    """The files of one piece of evidence, read on demand. Raises EvidenceFails for a missing file."""

    def __init__(self, folder: Path, trust: Trust) -> None:
        self._folder = folder
        self.trust = trust
        if self.has("key-history"):
            try:
                self.trust = trust.following(self.file("key-history"))
            except TlogError as error:
                raise EvidenceFails(f"key-history does not lead from your keys to later ones: {error}") from error
        try:
            self.details: Mapping[str, str | int] = msgspec.json.decode(
                self.file("evidence.json"), type=dict[str, str | int]
            )
        except EvidenceFails:
            self.details = {}  # another program's evidence: what is shown follows from which files there are
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            raise EvidenceFails(f"evidence.json does not read: {error}") from error

    def has(self, name: str) -> bool:
        """Whether the evidence has this file."""
        return (self._folder / name).is_file()

    def file(self, name: str) -> bytes:
        """The bytes of a file of the evidence."""
        try:
            return (self._folder / name).read_bytes()
        except OSError as error:
            raise EvidenceFails(f"the file {name} lacks") from error

    def head(self, name: str) -> Checkpoint:
        """A checkpoint of the evidence, its signatures verified."""
        try:
            return self.trust.open(self.file(name))
        except TlogError as error:
            raise EvidenceFails(f"{name} is no head of {self.trust.origin}: {error}") from error

    def proof(self, name: str) -> list[bytes]:
        """A Merkle proof of the evidence; empty when there is no such file."""
        told = self.file(name).decode("ascii", "replace").strip("\n") if self.has(name) else ""
        lines = told.split("\n") if told else []
        try:
            return [strict_base64(line) for line in lines]
        except Malformed as error:
            raise EvidenceFails(f"{name} holds something else than hashes") from error

    def root(self, name: str) -> bytes | None:
        """A root in hexadecimal, if there is one."""
        if not self.has(name):
            return None
        try:
            return bytes.fromhex(self.file(name).decode("ascii"))
        except (UnicodeDecodeError, ValueError) as error:
            raise EvidenceFails(f"{name} holds no root") from error

    def number(self, name: str) -> int:
        """A number from evidence.json."""
        value = self.details.get(name)
        if not isinstance(value, int):
            raise EvidenceFails(f"evidence.json lacks {name}")
        return value

    @property
    def tolerance(self) -> timedelta:
        """How long after the end of its day an entry may come, as the writer of the evidence had it."""
        seconds = self.details.get("tolerance", TOLERANCE.total_seconds())
        return timedelta(seconds=seconds) if isinstance(seconds, int | float) and 0 <= seconds < 10**8 else TOLERANCE

    def entry(self, name: str, index: str) -> Entry:
        """An entry that head-1 is proved to hold at the index said; it may not read as one (Malformed)."""
        data, at, head = self.file(name), self.number(index), self.head("head-1")
        verify_inclusion(leaf_hash(data), at, head.size, self.proof(f"{name}-proof"), head.root)
        return Entry.parse(data)
