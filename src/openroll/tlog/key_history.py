"""The history of a log's signing keys: which keys sign at which tree size, proved from old keys to new by the log itself.

A log changes its keys by an entry that names them. The size an entry makes is the border: the checkpoint that ends in the
entry is signed by the keys before it, every larger one by the keys the entry names. So the last thing old keys sign
is who comes after them; which keys a checkpoint needs follows from its size and the entries alone; and a receipt of
that entry under that checkpoint, a *handover*, proves the new keys to whoever holds the old ones, offline.

An act is canonical JSON of which these members are read: `keys` (who signs from the next size on), `leaving` (those of them
that sign only so that readers have time), `revoked`, `unbelieved_from` (from this size on a revoked key's word proves nothing)
and `lost` (revoked keys that could not sign their own farewell: the new keys sign that checkpoint beside the rest).
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from openroll.tlog.checkpoint import Checkpoint, open_checkpoint
from openroll.tlog.errors import KeyMissing, KeyRevoked, Malformed, OtherLog
from openroll.tlog.note import Verifier, checkpoint_lines
from openroll.tlog.policy import Policy
from openroll.tlog.proof import (
    Proved,
    parse_proof,
    restored_receipt,
    unverified_entry,
    verify_receipt,
    verify_receipt_under,
)

KEYS_CHANGED, KEYS_REVOKED = "log.keys-changed/1", "log.keys-revoked/1"
"""The kinds of entry that change the keys of a log."""
KEY_HISTORY = "key-history.json"
"""Where a log's handovers are below its prefix: a name that files can have too, so that a copy serves it as the log does."""

Keys = tuple[Verifier, ...]


class Change(NamedTuple):
    """A key change, made by the entry at `position`; the members of its act are described at the head of this file."""

    position: int
    keys: Keys
    leaving: Keys = ()
    revoked: Keys = ()
    unbelieved_from: int = 0
    lost: bool = False


class KeyEpoch(NamedTuple):
    """The keys that sign every tree size from `first` to the next epoch; `leaving` are about to be retired."""

    first: int
    keys: Keys
    leaving: Keys = ()

    @property
    def staying(self) -> Keys:
        """The keys to give to new readers: those not about to be retired."""
        return tuple(key for key in self.keys if key not in self.leaving)


class KeyHistory:
    """The signing keys of one log from its beginning, by tree size. Immutable."""

    def __init__(self, first: Sequence[Verifier], changes: Iterable[Change] = ()) -> None:
        """`first` signed from the beginning on; `changes` are in the order of their positions. Raises Malformed."""
        terms = [KeyEpoch(0, tuple(first))]
        self.changes = tuple(changes)
        for change in self.changes:
            if change.position < terms[-1].first - 1 or not change.keys:
                raise Malformed(f"the change of keys at {change.position} names no key, or comes before an earlier one")
            if change.lost:
                rest = tuple(key for key in terms[-1].keys if key not in change.revoked + change.keys)
                terms.append(KeyEpoch(change.position + 1, rest + change.keys, rest))
            terms.append(KeyEpoch(change.position + 2, change.keys, change.leaving))
        self.terms = tuple(terms)

    def epoch(self, size: int) -> KeyEpoch:
        """The epoch that a checkpoint of this size falls in."""
        return next(epoch for epoch in reversed(self.terms) if epoch.first <= size)

    def at(self, size: int) -> Keys:
        """The keys that must all have signed a checkpoint of this size."""
        return self.epoch(size).keys

    def ever(self) -> frozenset[str]:
        """Every key this log has or had, as verifier keys."""
        return frozenset(str(key) for epoch in self.terms for key in epoch.keys)

    def unbelieved(self, size: int) -> Keys:
        """The keys at this size that were later revoked for it."""
        return tuple(
            key
            for key in self.at(size)
            if any(key in change.revoked and size >= change.unbelieved_from for change in self.changes)
        )

    def believed(self, size: int) -> bool:
        """Whether the keys of this size are still believed for it: one of them is enough."""
        return not self.at(size) or not set(self.at(size)) <= set(self.unbelieved(size))

    def open(self, data: bytes, *, origin: str | None = None) -> Checkpoint:
        """Open a checkpoint under the keys of its own size: all of these have signed, whoever else has. Raises TlogError.

        A key of another time proves nothing, however good its signature.
        """
        return open_checkpoint(data, self.at(claimed_size(data)), origin=origin)


def claimed_size(data: bytes) -> int:
    """The size a checkpoint says of itself, unverified. Raises Malformed."""
    try:
        text = data.rpartition(b"\n\n")[0].decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("a checkpoint is UTF-8 text") from error
    return checkpoint_lines(text + "\n")[1]


def receipt_size(data: bytes) -> int:
    """The size that a receipt's checkpoint says of itself, unverified; also of one saved as text. Raises Malformed."""
    return claimed_size(parse_proof(restored_receipt(data) or data).checkpoint)


def change_of(position: int, act: str) -> Change:
    """Read the act of an entry that changes keys. Raises Malformed."""
    try:
        said: Any = json.loads(act)
    except (ValueError, RecursionError) as error:
        raise Malformed("a change of keys is JSON") from error
    if not isinstance(said, dict):
        raise Malformed("a change of keys is a JSON object")
    size, lost = said.get("unbelieved_from", 0), said.get("lost", False)
    if type(size) is not int or size < 0 or type(lost) is not bool:
        raise Malformed("a change of keys says from which size on a key is no longer believed, and whether it was lost")
    return Change(position, _keys(said, "keys"), _keys(said, "leaving"), _keys(said, "revoked"), size, lost)


def _keys(said: dict[str, Any], name: str) -> Keys:
    listed = said.get(name, [])
    if not isinstance(listed, list) or not all(isinstance(key, str) for key in listed):
        raise Malformed(f"{name} is a list of verifier keys")
    return tuple(map(Verifier.parse, listed))


def handovers_of(history: bytes) -> list[bytes]:
    """Read the handovers from a served key history (JSON: `handovers`, each with a `receipt`). Raises Malformed."""
    try:
        said: Any = json.loads(history.decode("utf-8"))
        return [one["receipt"].encode() for one in said["handovers"]]
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise Malformed("this is not a log's key history: JSON with its handovers, each with its receipt") from error


def history_of(handovers: Sequence[bytes]) -> bytes:
    """Write a key history (JSON) of these handovers alone: what it says of each is read from its receipt."""
    told = []
    for handover in handovers:
        proof = parse_proof(handover)
        entry = unverified_entry(proof)
        act = json.loads(entry.act or "{}")
        told.append({"position": proof.index, "kind": entry.kind, "act": act, "receipt": handover.decode()})
    return json.dumps({"handovers": told}, ensure_ascii=False, indent=1).encode() + b"\n"


def follow(handovers: Sequence[bytes], trusted_keys: Sequence[Verifier], *, origin: str | None = None) -> KeyHistory:
    """Verify a chain of handovers from `trusted_keys` to the log's newest keys, in the order of the log.

    Handovers from before these keys signed are passed over. Each of the rest must be vouched for by every key then
    trusted that it does not itself revoke. Raises KeyRevoked where no such key is left, KeyMissing where they have not signed,
    or another TlogError. What it cannot prove is that there was no later change: a newer checkpoint shows that.
    """
    trusted, changes = tuple(trusted_keys), list[Change]()
    wanted = origin or trusted[0].name
    for handover in handovers:
        checkpoint = parse_proof(handover).checkpoint
        if not checkpoint.startswith(f"{wanted}\n".encode()):
            raise OtherLog(f"this is the history of another log than {wanted!r}")
        try:
            change = _proved(handover, trusted, wanted)
        except (OtherLog, KeyMissing):
            if changes:
                raise
            continue  # from before the keys held here
        if claimed_size(checkpoint) != change.position + 1:
            raise Malformed("a handover's checkpoint ends in the entry that changes the keys")
        changes.append(change)
        trusted = change.keys
    return KeyHistory(trusted_keys, changes)


def _proved(handover: bytes, trusted: Keys, origin: str) -> Change:
    proof = parse_proof(handover)
    claimed = change_of(proof.index, unverified_entry(proof).act or "")
    vouching = tuple(key for key in trusted if key not in claimed.revoked)
    if not claimed.lost or vouching:
        # What is lost cannot sign; whoever is left must have. A stolen key does say its own farewell.
        proved = verify_receipt(handover, vouching if claimed.lost else trusted, origin=origin)
        if proved.entry.kind not in (KEYS_CHANGED, KEYS_REVOKED):
            raise Malformed(f"{proved.entry.kind} changes no keys")
    if not vouching:
        named = ", ".join(f"{key.name}+{key.key_id.hex()}" for key in claimed.keys)
        raise KeyRevoked(
            f"the log says that every key you hold is revoked from size {claimed.unbelieved_from} on, and names {named}. "
            "A thief of the old key could say the same: get the new keys another way, and ask witnesses whose log goes on"
        )
    return claimed


def verify_under(data: bytes, key_history: KeyHistory, policy: Policy | None = None, *, by_act: bool = False) -> Proved:
    """Verify a receipt under the keys of its checkpoint's size. Raises KeyRevoked when none of them is believed for it."""
    proved = verify_receipt_under(data, key_history.at, policy=policy, by_act=by_act)
    size = proved.checkpoint.size
    if not key_history.believed(size):
        raise KeyRevoked(
            f"the keys of this receipt are revoked for size {size}: ask for it anew, under a newer checkpoint"
        )
    return proved
