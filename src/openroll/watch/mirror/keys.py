"""The log's keys that a mirror verifies with: those it was begun with, continued by the log's key history.

A log that changes its keys hands over by receipts that the keys before sign (`tlog.key_history`). The copy keeps these
beside its checkpoint, and nothing else of the history: so it follows a change by itself, and who has nothing but the copy
does too. A thief of old keys can write a history; what he cannot do is have its heads lie within the log that was copied,
so each of them is held against it like any head the log ever showed.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from openroll.tlog import (
    KEY_HISTORY,
    KeyHistory,
    Malformed,
    Missing,
    TlogError,
    Verifier,
    change_of,
    follow,
    handovers_of,
    leaf_hash,
    parse_proof,
    root_at,
    verify_inclusion,
)
from openroll.tlog.key_history import claimed_size
from openroll.tlog.proof import unverified_entry
from openroll.watch.mirror.folder import MirrorFolder, MirrorState, head_of
from openroll.watch.mirror.heads import Head, Tile
from openroll.watch.source import Source, Unreachable

MOST_HISTORY = 4_000_000
"""Bytes of a key history: some hundreds of changes, each under a signature of 3,300 bytes."""


class Keys(NamedTuple):
    """A log's key history and the handovers that prove it."""

    key_history: KeyHistory
    handovers: tuple[bytes, ...] = ()

    def proves(self, keys: Sequence[Verifier]) -> bool:
        """Whether these are the keys of some size of the log, all of them or those for new readers."""
        named = set(map(str, keys))
        return any(named in ({*map(str, epoch.keys)}, {*map(str, epoch.staying)}) for epoch in self.key_history.terms)


def first_keys(state: MirrorState) -> Keys:
    """The keys the mirror was begun with."""
    return Keys(KeyHistory([Verifier.parse(key) for key in state.keys]))


def kept_keys(folder: MirrorFolder, state: MirrorState) -> Keys:
    """The keys as the mirror's own copy proves them. Raises TlogError when its key history does not."""
    return _carried(state, folder.source(state.shape).get(KEY_HISTORY))


def open_head(known: Keys, state: MirrorState, source: Source) -> tuple[Head, Keys]:
    """The head a log shows, and the keys by which it is good: those known, or as the log's history carries them on.

    A history that proves nothing is of no account while the head needs none; else its fault is raised. Raises TlogError or
    Unreachable.
    """
    note = source.get("checkpoint")
    if note is None:
        raise Missing(f"{source.where} serves no checkpoint: is it a log's address?")
    # Asked for after the head, the history is never behind it.
    doubt, keys = None, known
    try:
        told = _carried(state, source.get(KEY_HISTORY))
        if len(told.key_history.changes) >= len(known.key_history.changes):
            keys = Keys(told.key_history, _together(known.handovers, told.handovers))
    except (TlogError, Unreachable) as error:
        doubt = error
    try:
        return Head(keys.key_history.open(note, origin=state.origin), note), keys
    except TlogError as error:
        raise (doubt or error) from error


def heads_of(keys: Keys, known: Keys, size: int) -> Iterator[Head]:
    """The heads by which the log handed over, up to `size`, that were not known before."""
    positions = {change.position for change in keys.key_history.changes}
    for handover in keys.handovers:
        proof = parse_proof(handover)
        if proof.index in positions and proof.index < size and handover not in known.handovers:
            yield Head(head_of(proof.checkpoint.decode()), proof.checkpoint)


def keys_within(keys: Keys, size: int, tile: Tile) -> Keys:
    """What of a history stands in a log of `size` entries, whose tiles are proved: the rest is not kept.

    Handovers from before the keys a mirror was begun with prove nothing to it by their signatures, and are no less in the log.
    """
    stand = tuple(one for one in keys.handovers if _stands(one, size, tile))
    return Keys(keys.key_history, stand)


def _carried(state: MirrorState, history: bytes | None) -> Keys:
    first = first_keys(state)
    if history is None:
        return first
    if len(history) > MOST_HISTORY:
        raise Malformed(f"a key history of {len(history):,} bytes is longer than any log's")
    handovers = tuple(handovers_of(history))
    return Keys(follow(handovers, first.key_history.terms[0].keys, origin=state.origin), handovers)


def _together(known: Sequence[bytes], told: Sequence[bytes]) -> tuple[bytes, ...]:
    """Both in the order of the log: who serves a shorter history today takes nothing out of the one kept."""
    by_place = {parse_proof(one).index: one for one in (*known, *told)}
    return tuple(by_place[place] for place in sorted(by_place))


def _stands(handover: bytes, size: int, tile: Callable[[int, int, int], bytes]) -> bool:
    proof = parse_proof(handover)
    entry = unverified_entry(proof)
    try:
        change_of(proof.index, entry.act or "")
        head = claimed_size(proof.checkpoint)
    except Malformed:
        return False
    if not proof.index < head <= size:
        return False
    root = root_at(tile, head)  # a tile that is wrong or missing is no fault of the history
    try:
        verify_inclusion(leaf_hash(entry.encode()), proof.index, head, proof.path, root)
    except TlogError:
        return False
    return True
