"""Who watches the log: its policy, its witnesses and what they last cosigned, for pages, programs and the keeper."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from openroll.service.log.receipts import published
from openroll.service.roll import Roll
from openroll.store import cosignatures, log
from openroll.tlog import (
    Cosigned,
    KnownLog,
    Policy,
    Shortfall,
    TlogError,
    Verifier,
    Witness,
    format_policy,
    open_cosigned,
    parse_policy,
    shown,
)
from openroll.tlog.policy import NONE

_NO_WITNESSES = Policy((), (), (), NONE)


class WitnessSeen(msgspec.Struct, frozen=True):
    """A witness: its name, the size it last cosigned and when by its clock (None before), and whether that is the newest head."""

    name: str
    size: int | None
    at: datetime | None
    newest: bool


class Lack(msgspec.Struct, frozen=True):
    """What the quorum lacks: a group or witness, how many of its members it asks for, which count and which do not."""

    name: str
    threshold: int
    having: tuple[str, ...]
    lacking: tuple[str, ...]


class WitnessStatus(msgspec.Struct, frozen=True):
    """How the published head stands with the policy: whether it asks for witnesses at all, and whether enough cosigned."""

    witnesses: tuple[WitnessSeen, ...]
    asks: bool
    reached: bool
    lacks: tuple[Lack, ...]


class Meter(msgspec.Struct, frozen=True):
    """The log in numbers: entries published, seconds since they were, events that wait, and cosignatures of that head."""

    size: int
    age: float | None
    waiting: int
    cosignatures: int
    reached: bool


def read_policy(path: Path, origin: str) -> Policy:
    """The policy in a file, for a roll whose log is called `origin`. Raises ValueError: it is read when a process starts.

    It may list this log with any keys or none: which keys the log has, the log itself says (`policy_text`). A policy that had to
    name them would keep the roll from starting after each change of keys.
    """
    try:
        policy = parse_policy(path.read_bytes())
    except OSError as error:
        raise ValueError(f"OPENROLL_POLICY: {path} cannot be read: {error.strerror}") from error
    except TlogError as error:
        raise ValueError(f"OPENROLL_POLICY: {path}: {error}") from error
    if policy.logs and not any(one.verifier.name == origin for one in policy.logs):
        raise ValueError(
            f"OPENROLL_POLICY: {path} lists logs, and this roll's, {origin}, is not among them: is it another roll's? "
            "List no log at all, and the roll adds its own keys"
        )
    return policy


def policy_text(roll: Roll, address: str) -> bytes:
    """The policy that receipts of this roll are verified under: its log's keys, its witnesses with where they are, its quorum.

    `address` is the roll's public one. A roll without a policy asks for no witness, and says so.
    """
    mine = [KnownLog(one, f"{address}/log" if address else "") for one in _believed(roll)]
    policy = roll.policy or _NO_WITNESSES
    # What the file says of this log's own keys is not passed on: it may list one that was revoked since.
    others = [one for one in policy.logs if one.verifier.name != roll.origin]
    return format_policy(policy.with_logs([*mine, *others]))


def witness_policy(roll: Roll) -> bytes:
    """The roll's policy without its log, for readers who have the log's keys already."""
    return format_policy((roll.policy or _NO_WITNESSES).with_logs(()))


def _believed(roll: Roll) -> list[Verifier]:
    """The log's keys, those of today first, then earlier ones under which receipts are held; none that was revoked."""
    terms = reversed(roll.keys.succession.terms)
    revoked = {str(key) for change in roll.keys.succession.changes for key in change.revoked}
    every = {str(key): key for key in (*roll.keys.verifiers, *(key for epoch in terms for key in epoch.keys))}
    return [key for name, key in every.items() if name not in revoked]


def witness_status(roll: Roll) -> WitnessStatus | None:
    """How the published head stands with the roll's policy; None without one."""
    if roll.policy is None:
        return None
    opened = _opened(roll, roll.policy)
    times = {one.witness.name: one.time for one in opened.cosignatures} if opened else {}
    with roll.database.transaction("registrar") as connection:
        kept = {(row.name, row.key_id): row for row in cosignatures.newest(connection)}

    def seen(witness: Witness) -> WitnessSeen:
        name = shown(witness.name)
        if opened and witness.name in times:
            return WitnessSeen(name, opened.checkpoint.size, _moment(times[witness.name]), True)
        row = kept.get((witness.verifier.name, witness.verifier.key_id))
        if row is None:
            return WitnessSeen(name, None, None, False)
        return WitnessSeen(name, row.size, _moment(int.from_bytes(row.signature[:8])), False)

    lacks = opened.shortfalls if opened else roll.policy.shortfalls(())
    return WitnessStatus(
        tuple(map(seen, roll.policy.witnesses)), roll.policy.quorum != NONE, not lacks, tuple(map(_lack, lacks))
    )


def measure(roll: Roll) -> Meter:
    """The log in numbers, as of now."""
    newest = published(roll)
    size = newest[1].size if newest else 0
    with roll.database.transaction("registrar") as connection:
        at = log.published_at(connection, size)
        waiting = log.waiting(connection)
    opened = _opened(roll, roll.policy) if roll.policy else None
    age = None if at is None else max((roll.clock() - at).total_seconds(), 0.0)
    return Meter(
        size,
        age,
        waiting,
        len(opened.cosignatures) if opened else 0,
        opened.reached if opened else roll.policy is None or roll.policy.satisfied(()),
    )


def _opened(roll: Roll, policy: Policy) -> Cosigned | None:
    newest = published(roll)
    if newest is None:
        return None
    try:
        return open_cosigned(newest[0], policy.with_logs(()), roll.keys.verifiers, origin=roll.origin)
    except TlogError:
        # A cosignature that does not fit: whoever knows the witness rejects the checkpoint, so it has none. fsck names it.
        return Cosigned(newest[1], (), policy.shortfalls(()))


def _lack(one: Shortfall) -> Lack:
    return Lack(shown(one.name), one.threshold, _names(one.having), _names(one.lacking))


def _names(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(map(shown, names))


def _moment(time: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(time, UTC) if time else None
    except (OverflowError, ValueError, OSError):
        return None
