"""A log that goes on from one that ended: what a monitor checks on that day, without the registrar's help.

The new log's first entry is an act `log.begun/1` (its text is JSON) with `before` (the old log's name), `checkpoint` (its last
checkpoint, whole), `keys` (its public keys) and `carried`: the first so many entries of the old log stand, byte for byte, as the
new log's entries from 1 on.
"""

import json
from collections.abc import Sequence
from typing import NamedTuple

from openroll.tlog import Entry, Malformed, Missing, Verifier
from openroll.watch.reading import Reading, fetch_checkpoint
from openroll.watch.source import Source
from openroll.watch.upgrading import keys_of

KIND = "log.begun/1"


class NoSuccession(Exception):
    """The new log does not go on from the old one as it says."""


class Succession(NamedTuple):
    """One log goes on from another: their names, why, how many entries were carried over, how many are lost."""

    before: str
    after: str
    why: str
    carried: int
    lost: int


def succession(old: Source, old_keys: Sequence[Verifier], new: Source, new_keys: Sequence[Verifier]) -> Succession:
    """Check that `new` goes on from `old`. Raises NoSuccession, TlogError or Unreachable.

    Keys of the old log from before a change of them will do: its own history leads on from those.
    """
    after, _ = fetch_checkpoint(new, new_keys)
    then = Reading(new, after)
    act = _act(next(then.entries(0, 1), b""))
    keys = keys_of(old, old_keys)
    last = keys.open(act["checkpoint"].encode(), origin=act["before"])
    note = old.get("checkpoint")
    if note is None:
        raise Missing(f"{old.where} serves no checkpoint: is it a log's address?")
    seen = keys.open(note, origin=act["before"])
    if seen.size > last.size:
        raise NoSuccession(
            f"{old.where} shows a signed head of {seen.size} entries, the act names one of {last.size}: it forgets some"
        )
    carried = int(act["carried"])
    if carried > seen.size or carried + 1 > after.size:
        raise NoSuccession(f"{carried} entries are said to be carried over, and there are not so many to compare")
    pairs = zip(Reading(old, seen).entries(0, carried), then.entries(1, carried + 1), strict=True)
    for index, (one, other) in enumerate(pairs):
        if one != other:
            raise NoSuccession(f"entry {index} of {last.origin} was not carried over as it was")
    return Succession(last.origin, after.origin, str(act["why"]), carried, last.size - carried)


def _act(entry: bytes) -> dict[str, str]:
    found = Entry.parse(entry)
    if found.kind != KIND or found.act is None:
        raise NoSuccession(f"its first entry is {found.kind}: this log goes on from no other")
    act = json.loads(found.act)
    if not isinstance(act, dict) or not {"before", "checkpoint", "carried", "why"} <= set(act):
        raise Malformed("the act that begins this log does not say what it goes on from")
    return act
