"""Checkpoints with witness cosignatures (C2SP tlog-cosignature), opened under a trust policy (C2SP tlog-policy).

A policy accepts a checkpoint that ANY of its logs signed: two keys of one log, on two lines, are two ways in, and a policy
cannot ask for both. Whoever holds all keys of a log and wants each of them to have signed gives them beside the policy.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from openroll.tlog.checkpoint import Checkpoint, origin_of
from openroll.tlog.errors import KeyMissing, Malformed, OtherLog, QuorumMissing, SignatureFailed
from openroll.tlog.note import ED25519, Note, Signature, Verifier, open_note
from openroll.tlog.policy import Policy, Shortfall, Witness, shown


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A verified cosignature of a policy's witness. `time`: POSIX seconds by the witness's clock; 0 when it does not say."""

    witness: Witness
    time: int
    signature: Signature


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A checkpoint opened under a policy: its cosignatures in the policy's order, and what its quorum lacks, if anything."""

    checkpoint: Checkpoint
    cosignatures: tuple[Cosignature, ...] = ()
    shortfalls: tuple[Shortfall, ...] = ()

    @property
    def reached(self) -> bool:
        """Whether the policy's quorum is reached."""
        return not self.shortfalls


def open_cosigned(
    data: bytes, policy: Policy, verifiers: Sequence[Verifier] = (), *, origin: str | None = None
) -> Cosigned:
    """Open a checkpoint under a policy, whether or not its quorum is reached.

    One of the policy's logs must have signed, one whose key's name is the checkpoint's origin; a policy without logs leaves
    that to `verifiers`. EVERY key of `verifiers` must have signed. A signature line of any of these keys, or of any witness,
    that does not fit rejects the whole. Raises OtherLog, KeyMissing, SignatureFailed or Malformed.
    """
    if not verifiers and not policy.logs:
        raise KeyMissing(
            "no key was given, and the policy lists no log: a checkpoint cannot be checked without one", rule="K6"
        )
    found = origin_of(data)
    accepted = _origins(policy, verifiers, origin)
    if found not in accepted:
        names = " or ".join(map(repr, sorted(accepted)))
        raise OtherLog(f"this is from the log {found!r}; the keys you gave are for the log {names}", rule="S1")
    logs = [log.verifier for log in policy.logs if log.verifier.name == found]
    if policy.logs and not logs:
        raise OtherLog(f"this is from the log {found!r}, which the policy does not list", rule="S2")
    note = _open(data, [*verifiers, *(log.verifier for log in policy.logs), *_keys(policy)], found)
    signed = {(one.name, one.key_id): line for one, line in zip(note.signed_by, note.signatures, strict=True)}
    for verifier in verifiers:
        if (verifier.name, verifier.key_id) not in signed:
            raise KeyMissing(f"the key {verifier.name}+{verifier.key_id.hex()} has not signed this", rule="S6")
    if logs and not any((one.name, one.key_id) in signed for one in logs):
        raise KeyMissing(f"none of the keys that the policy lists for the log {found!r} has signed this", rule="S7")
    cosignatures = tuple(
        Cosignature(one, int.from_bytes(line.signature[:8]), line)
        for one in policy.witnesses
        if (line := signed.get((one.verifier.name, one.verifier.key_id)))
    )
    lacking = policy.shortfalls([one.witness.name for one in cosignatures])
    return Cosigned(Checkpoint.parse(note.text), cosignatures, lacking)


def open_under_policy(
    data: bytes, policy: Policy, verifiers: Sequence[Verifier] = (), *, origin: str | None = None
) -> Cosigned:
    """`open_cosigned`, and the quorum must be reached. Raises QuorumMissing too, saying who cosigned and who is missing."""
    opened = open_cosigned(data, policy, verifiers, origin=origin)
    hold_to_quorum(opened)
    return opened


def hold_to_quorum(opened: Cosigned) -> None:
    """Raise QuorumMissing, saying who cosigned and who is missing, unless the policy's quorum is reached."""
    if not opened.reached:
        have = ", ".join(shown(one.witness.name) for one in opened.cosignatures) or "no witness of the policy"
        lacks = "; ".join(map(str, opened.shortfalls))
        raise QuorumMissing(f"the log has signed this, and {have} cosigned it, which is too few: {lacks}", rule="Q1")


def cosigned_by(text: str, lines: bytes, verifiers: Sequence[Verifier]) -> tuple[Signature, ...]:
    """The cosignatures among signature lines, each verified over a checkpoint's text (tlog-witness, "add-checkpoint").

    Lines of other keys are left out. Raises KeyMissing when none is left, SignatureFailed when one of these keys does not
    fit or says no time, Malformed.
    """
    note = open_note(text.encode() + b"\n" + lines, verifiers)
    if note.text != text:
        raise Malformed("there is more than signature lines")
    for verifier, signature in zip(note.signed_by, note.signatures, strict=True):
        if verifier.algorithm == ED25519 or not any(signature.signature[:8]):
            raise SignatureFailed(f"the cosignature by {verifier.name} does not say when it was made")
    return note.signatures


def add_cosignatures(checkpoint: bytes, signatures: Sequence[Signature]) -> bytes:
    """A signed checkpoint with these signature lines after its own."""
    return checkpoint + "".join(signature.line() for signature in signatures).encode()


def _origins(policy: Policy, verifiers: Sequence[Verifier], origin: str | None) -> set[str]:
    if origin is not None:
        return {origin}
    return {verifiers[0].name} if verifiers else {log.verifier.name for log in policy.logs}


def _keys(policy: Policy) -> list[Verifier]:
    return [witness.verifier for witness in policy.witnesses]


def _open(data: bytes, verifiers: Sequence[Verifier], origin: str) -> Note:
    try:
        return open_note(data, verifiers, once=True)
    except KeyMissing as error:
        raise OtherLog(
            f"this is from another log than yours, although it is called {origin!r} too: its keys differ",
            rule="S5",
        ) from error
