"""Checkpoints (C2SP tlog-checkpoint): sign, parse and open a log's signed head: its name, size and root hash."""

from base64 import b64encode
from collections.abc import Sequence
from typing import NamedTuple

from openroll.tlog.errors import KeyMissing, Malformed, OtherLog
from openroll.tlog.note import Signing, Verifier, checkpoint_lines, open_note, sign_note


class Checkpoint(NamedTuple):
    """A log's tree head: `origin` names the log, `size` counts its entries, `root` is 32 bytes."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The text that is signed: three lines."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Read the text of a checkpoint; extension lines are allowed and left alone. Raises Malformed."""
        return cls(*checkpoint_lines(text))


def sign_checkpoint(checkpoint: Checkpoint, signers: Sequence[Signing], *, timestamp: int = 0) -> bytes:
    """A signed checkpoint. Danger: signing two of one size with different roots forks the log for good."""
    return sign_note(checkpoint.text(), signers, timestamp=timestamp)


def open_checkpoint(data: bytes, verifiers: Sequence[Verifier], *, origin: str | None = None) -> Checkpoint:
    """Open a signed checkpoint of the log `origin` (by default: of the first key's name).

    EVERY key given must have signed, so that nothing a reader relies on can be taken away unseen. Raises OtherLog,
    KeyMissing, SignatureFailed or Malformed.
    """
    if not verifiers:
        raise KeyMissing("no key was given: a checkpoint cannot be checked without one", rule="K6")
    wanted = verifiers[0].name if origin is None else origin
    found = origin_of(data)
    if found != wanted:
        raise OtherLog(f"this is from the log {found!r}; the key you gave is for the log {wanted!r}", rule="S1")
    try:
        note = open_note(data, verifiers, once=True)
    except KeyMissing as error:
        raise OtherLog(
            f"this is from another log than yours, although it is called {found!r} too: its keys differ",
            rule="S5",
        ) from error
    missing = [verifier for verifier in verifiers if verifier not in note.signed_by]
    if missing:
        raise KeyMissing(f"the key {missing[0].name}+{missing[0].key_id.hex()} has not signed this", rule="S6")
    return Checkpoint.parse(note.text)


def origin_of(data: bytes) -> str:
    """The first line of a note: which log it says it is from, before anything was checked. Raises Malformed."""
    line = data.split(b"\n", 1)[0]
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("a checkpoint is UTF-8 text") from error
