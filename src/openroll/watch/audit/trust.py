"""Whom a monitor trusts: the log's keys, the witnesses' keys, and the quorum of cosignatures.

A log changes its keys by entries that the keys before sign; whoever holds the old ones follows it by its key history
(`tlog.key_history`), and needs no new keys from anybody.
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
    """Asks for no cosignatures: no policy was given."""
    return ""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A verified cosignature: its key, and its time (POSIX seconds)."""

    key: str
    time: int


@dataclass(frozen=True, slots=True)
class Trust:
    """The keys a monitor trusts: a head must be signed with every key of `log`, or those that followed them.

    `shortfall` says what a head lacks of a policy's quorum, or nothing. `history` is the log's key history as it was served,
    empty for a log that never changed its keys, and `key_history` what it proves.
    """

    log: tuple[Verifier, ...]
    witnesses: tuple[Verifier, ...] = ()
    shortfall: Callable[[Sequence[Verifier]], str] = no_quorum
    history: bytes = b""
    key_history: KeyHistory | None = None

    @property
    def origin(self) -> str:
        """The log's name."""
        return self.log[0].name

    def open(self, note: bytes) -> Checkpoint:
        """Verify a checkpoint of this log under the keys of its size. Raises a TlogError."""
        return self._key_history.open(note, origin=self.origin)

    def verify(self, receipt: bytes) -> Proved:
        """Verify a receipt of this log under the keys of its head's size. Raises a TlogError."""
        return verify_under(receipt, self._key_history)

    def following(self, history: bytes) -> "Trust":
        """The same trust after the log's key changes, as far as its key history proves them. Raises a TlogError."""
        proved = follow(handovers_of(history), self.log, origin=self.origin)
        return replace(self, history=history, key_history=proved) if proved.changes else self

    def under(self, policy: Policy) -> "Trust":
        """The same trust, with a policy's witnesses and quorum."""

        def lacks(signed: Sequence[Verifier]) -> str:
            have = {(one.name, one.key_id) for one in signed}
            names = [one.name for one in policy.witnesses if (one.verifier.name, one.verifier.key_id) in have]
            return "; ".join(map(str, policy.shortfalls(names)))

        return replace(self, witnesses=(*self.witnesses, *(one.verifier for one in policy.witnesses)), shortfall=lacks)

    @property
    def _key_history(self) -> KeyHistory:
        return self.key_history or KeyHistory(self.log)

    def stamps(self, note: bytes) -> list[Stamp]:
        """The verified cosignatures of known witnesses on a head. Raises SignatureFailed when one does not fit."""
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
