"""Changing the log's keys. The act is one event in one transaction: before it nothing has begun, after it the rest follows.

A new key is durable in its place before the event that names it; a key nobody names signs nothing, so what a crash leaves
before the event is a file that the next rotation takes up. After the event the sequencer does what is left on its ordinary
way, however often it is killed: the entry is placed last in a tree, the keys before sign that tree, the new keys every later
one (tlog.key_history).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from openroll.register.decision import Accepted, Refused
from openroll.register.log_keys.commands import BeginKeys, FinishKeys, RevokeKeys
from openroll.register.log_keys.events import LogKeysChanged, LogKeysRevoked
from openroll.register.log_keys.refusals import LogKeysUnclear, LogKeyUnknown
from openroll.register.log_keys.state import Keys
from openroll.register.organisation.roles import KEEPER, Seat
from openroll.service.acts import act
from openroll.service.keys import ALGORITHMS, keep_log_key
from openroll.service.log.key_history import adopt_keys, standing
from openroll.service.roll import Roll
from openroll.tlog import Signer, Verifier

Command = BeginKeys | FinishKeys | RevokeKeys


class Turn(msgspec.Struct, frozen=True):
    """A change of keys that was decided: who will sign, who of them is to leave, and the keys that were made for it."""

    keys: Keys
    leaving: Keys
    made: Keys


class _New(msgspec.Struct, frozen=True):
    """The keys that begin: those held and never used, and those made for it, which are on no disk yet."""

    held: Keys = ()
    made: tuple[Signer, ...] = ()

    @property
    def keys(self) -> Keys:
        return (*self.held, *(one.verifier for one in self.made))


@dataclass(frozen=True)
class Acting:
    """How an act is done: under which seat, whether only to see what would come of it, and who is told of each step."""

    by: Seat = KEEPER
    dry_run: bool = False
    step: Callable[[str], None] = lambda _: None


KEEPERS = Acting()


def rotate(
    roll: Roll,
    reason: str,
    *,
    kinds: Sequence[int] = tuple(ALGORITHMS),
    overlap: bool = True,
    acting: Acting = KEEPERS,
) -> Turn | Refused:
    """Have a new key of each of these kinds sign: one held here that never signed, or else one made in the keys folder.

    With an `overlap` the old keys sign beside them until `finish`.
    """
    new = _new(roll, kinds)
    return new if isinstance(new, Refused) else _act(roll, BeginKeys(new.keys, reason, overlap), new, acting)


def finish(roll: Roll, reason: str, *, acting: Acting = KEEPERS) -> Turn | Refused:
    """End the overlap: the old keys sign no more. Their private halves can be destroyed once this is published."""
    return _act(roll, FinishKeys(reason), _New(), acting)


def revoke(
    roll: Roll,
    named: tuple[str, ...],
    reason: str,
    *,
    unbelieved_from: int | None = None,
    lost: bool = False,
    acting: Acting = KEEPERS,
) -> Turn | Refused:
    """Say that keys are not to be believed from a size on (the next size, unless said), and put new ones in their place.

    A key is named by its id, its eight hexadecimal digits, or the whole verifier key. `lost`: they cannot sign any more; keys
    that went together go in one act, for each act is signed by all that are left.
    """
    with roll.database.own() as connection:
        state = standing(connection, roll)
    ever = [Verifier.parse(key) for key in sorted(state.ever)]
    found: tuple[Verifier, ...] = ()
    for name in dict.fromkeys(named):
        meant = [one for one in ever if name in (str(one), one.key_id.hex())]
        if len(meant) != 1:
            return Refused(LogKeyUnknown(key=name[:80]), roll.rule_name)
        found += tuple(one for one in meant if one not in found)
    stay = {one.algorithm for one in state.now if one not in (*state.leaving, *found)}
    new = _new(roll, sorted({one.algorithm for one in found if one in state.now} - stay))
    if isinstance(new, Refused):
        return new
    size = state.size + 1 if unbelieved_from is None else unbelieved_from
    return _act(roll, RevokeKeys(found, new.keys, size, lost, reason), new, acting)


def _new(roll: Roll, kinds: Sequence[int]) -> _New | Refused:
    with roll.database.own() as connection:
        adopt_keys(roll, connection)  # so that no key of another time looks unused
    held: list[Verifier] = []
    made: list[Signer] = []
    for kind in kinds:
        waiting = roll.keys.waiting(kind)
        if len(waiting) > 1:
            named = tuple(f"{key.name}+{key.key_id.hex()}" for key in waiting)
            return Refused(LogKeysUnclear(keys=named), roll.rule_name)
        held += waiting
        if not waiting:
            made.append(Signer.from_seed(roll.origin, roll.random_bytes(32), ALGORITHMS[kind]))
    return _New(tuple(held), tuple(made))


def _act(roll: Roll, command: Command, new: _New, acting: Acting) -> Turn | Refused:
    step = acting.step
    step("1 decide: before")
    with roll.database.own() as connection:
        # The roll's record is held from here on, so that what is decided now is what is written below.
        decision = act(connection, roll, command, acting.by, dry_run=True)
        if isinstance(decision, Refused):
            return decision
        if not acting.dry_run:
            step("2 key: before")
            for signer in new.made:
                keep_log_key(roll.home / "keys", signer)
            step("2 key: after")
            decision = act(connection, roll, command, acting.by)
            if isinstance(decision, Refused):
                return decision
        step("3 act: in the transaction")
    step("3 act: after")
    return _turn(decision, new)


def _turn(decision: Accepted, new: _New) -> Turn:
    act = decision.events[0]
    assert isinstance(act, LogKeysChanged | LogKeysRevoked)  # noqa: S101 - nothing else comes of these commands
    keys, leaving = (tuple(map(Verifier.parse, named)) for named in (act.keys, act.leaving))
    return Turn(keys, leaving, tuple(one.verifier for one in new.made))
