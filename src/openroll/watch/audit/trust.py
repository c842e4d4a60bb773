"""Whom a monitor trusts: the keys of the log, the keys of witnesses, and how many of those must have cosigned.

A log changes its keys by entries that the keys before sign; whoever holds the old ones follows it by its key history
(`tlog.succession`), and needs no new keys from anybody.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from openroll.tlog import (
    Checkpoint,
    KeyHistory,
    KeyMissing,
    Policy,
    Proved,
    SignatureFailed,
    Verifier,
    follow,
    open_note,
    split_note,
)
from openroll.tlog.key_history import handovers_of, verify_under
from openroll.tlog.note import ED25519


def no_quorum(_: Sequence[Verifier]) -> str:
    """Where no policy was given, no cosignature is asked for."""
    return ""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A cosignature that was checked: which key, and the time it says (POSIX seconds)."""

    key: str
    time: int


@dataclass(frozen=True, slots=True)
class Trust:
    """Every key of `log`, or those that followed them, must have signed a head.

    `shortfall` says what a head lacks of a policy's quorum, or nothing. `history` is the log's key history as it was served,
    empty for a log that never changed its keys, and `succession` what it proves.
    """

    log: tuple[Verifier, ...]
    witnesses: tuple[Verifier, ...] = ()
    shortfall: Callable[[Sequence[Verifier]], str] = no_quorum
    history: bytes = b""
    succession: KeyHistory | None = None

    @property
    def origin(self) -> str:
        """The log's name."""
        return self.log[0].name

    def open(self, note: bytes) -> Checkpoint:
        """A head of this log, under the keys of its size. Raises a TlogError."""
        return self._succession.open(note, origin=self.origin)

    def verify(self, receipt: bytes) -> Proved:
        """What a receipt of this log proves, under the keys of its head's size. Raises a TlogError."""
        return verify_under(receipt, self._succession)

    def following(self, history: bytes) -> "Trust":
        """The same trust, carried on by a log's key history as far as that is proved from these keys. Raises a TlogError."""
        proved = follow(handovers_of(history), self.log, origin=self.origin)
        return replace(self, history=history, succession=proved) if proved.changes else self

    def under(self, policy: Policy) -> "Trust":
        """The same trust, with a policy's witnesses and its quorum."""

        def lacks(signed: Sequence[Verifier]) -> str:
            have = {(one.name, one.key_id) for one in signed}
            names = [one.name for one in policy.witnesses if (one.verifier.name, one.verifier.key_id) in have]
            return "; ".join(map(str, policy.shortfalls(names)))

        return replace(self, witnesses=(*self.witnesses, *(one.verifier for one in policy.witnesses)), shortfall=lacks)

    @property
    def _succession(self) -> KeyHistory:
        return self.succession or KeyHistory(self.log)

    def stamps(self, note: bytes) -> list[Stamp]:
        """The cosignatures of known witnesses on a head. Raises SignatureFailed when a known one does not fit."""
        if not self.witnesses:
            return []
        try:
            opened = open_note(note, self.witnesses)
        except KeyMissing:
            return []
        signed = {(one.name, one.key_id): one for one in opened.signed_by}
        lines = split_note(note)[1]
        return [
            Stamp(str(signed[line.name, line.key_id]), int.from_bytes(line.signature[:8]))
            for line in lines
            if (line.name, line.key_id) in signed
        ]

    def lacks(self, note: bytes) -> str:
        """What the quorum still lacks on a head, in a sentence; nothing when it is reached."""
        try:
            signed = open_note(note, self.witnesses).signed_by if self.witnesses else ()
        except KeyMissing:
            signed = ()
        except SignatureFailed as error:
            return str(error)
        return self.shortfall(signed)


def trust_of(keys: Sequence[str], witnesses: Sequence[str] = ()) -> Trust:
    """Trust from what a person typed: verifier keys, or files with one a line. Raises Malformed, KeyMissing or OSError."""
    log = verifiers(keys)
    if not log:
        raise KeyMissing("no key was given: a log cannot be audited without its public key")
    others = [one for one in log if one.name != log[0].name]
    kept = tuple(one for one in log if one.name == log[0].name)
    known = (*others, *verifiers(witnesses))
    bad = next((one.name for one in known if one.algorithm == ED25519), None)
    if bad:
        raise KeyMissing(f"{bad} is neither a key of the log {log[0].name} nor one that cosigns")
    return Trust(kept, known)


def verifiers(given: Sequence[str]) -> list[Verifier]:
    """Verifier keys from strings and from files with one a line (# begins a comment). Raises Malformed or OSError."""
    lines: list[str] = []
    for one in given:
        path = Path(one)
        if "+" in one and not path.is_file():
            lines.append(one)
        else:
            lines += path.read_text(encoding="utf-8").splitlines()
    return [Verifier.parse(line) for line in lines if line.strip() and not line.startswith("#")]
