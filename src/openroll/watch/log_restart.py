"""Check a log that was restarted from one that ended: what a monitor does on that day, without the registrar's help.

The new log's first entry is an act `log.begun/1` (its text is JSON) with `before` (the old log's name), `checkpoint` (its last
checkpoint, whole), `keys` (its public keys) and `carried`: the first so many entries of the old log stand, byte for byte, as the
new log's entries from 1 on.
"""

from collections.abc import Sequence
from typing import NamedTuple

from openroll.register.roll.events import LogBegun
from openroll.tlog import Entry, Malformed, Missing, Verifier
from openroll.watch.facts import read_entry
from openroll.watch.log_reader import LogReader, fetch_checkpoint
from openroll.watch.receipt_upgrade import log_keys_of
from openroll.watch.source import Source

MOST_BEFORE = 100
"""Names of logs that a log goes on from."""


class NotARestart(Exception):
    """The new log does not continue the old one as its first entry says."""


class LogRestart(NamedTuple):
    """A log that continues another: their names, the reason, how many entries were carried over and how many are lost."""

    before: str
    after: str
    why: str
    carried: int
    lost: int


def check_restart(old: Source, old_keys: Sequence[Verifier], new: Source, new_keys: Sequence[Verifier]) -> LogRestart:
    """Check that the log `new` continues `old`. Raises NotARestart, TlogError or Unreachable.

    Keys of the old log from before a change of them will do: its own history leads on from those.
    """
    after, _ = fetch_checkpoint(new, new_keys)
    then = LogReader(new, after)
    act = _act(next(then.entries(0, 1), b""))
    keys = log_keys_of(old, old_keys)
    last = keys.open(act.checkpoint.encode(), origin=act.before)
    note = old.get("checkpoint")
    if note is None:
        raise Missing(f"{old.where} serves no checkpoint: is it a log's address?")
    seen = keys.open(note, origin=act.before)
    if seen.size > last.size:
        raise NotARestart(
            f"{old.where} shows a signed head of {seen.size} entries, the act names one of {last.size}: it forgets some"
        )
    carried = act.carried
    if carried > seen.size or carried + 1 > after.size:
        raise NotARestart(f"{carried} entries are said to be carried over, and there are not so many to compare")
    pairs = zip(LogReader(old, seen).entries(0, carried), then.entries(1, carried + 1), strict=True)
    for index, (one, other) in enumerate(pairs):
        if one != other:
            raise NotARestart(f"entry {index} of {last.origin} was not carried over as it was")
    return LogRestart(last.origin, after.origin, act.why, carried, last.size - carried)


def names_before(log: LogReader) -> tuple[str, ...]:
    """The names of the logs that a log goes on from, the newest first, as its first entries say.

    Raises TlogError, Unreachable.
    """
    names = []
    for data in log.entries(0, min(log.checkpoint.size, MOST_BEFORE)):
        try:
            entry = Entry.parse(data)
        except Malformed:
            break
        fact = read_entry(entry.kind, entry.act).fact
        if not isinstance(fact, LogBegun):
            break
        names.append(fact.before)
    return tuple(names)


def _act(entry: bytes) -> LogBegun:
    found = Entry.parse(entry)
    if found.kind != LogBegun.name:
        raise NotARestart(f"its first entry is {found.kind}: this log goes on from no other")
    fact, wrong = read_entry(found.kind, found.act)
    if not isinstance(fact, LogBegun):
        raise Malformed(f"the act that begins this log does not say what it goes on from: {wrong[1] if wrong else ''}")
    if fact.carried < 0:
        raise Malformed(f"{fact.carried} entries are said to be carried over")
    return fact
