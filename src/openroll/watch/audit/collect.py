"""Collect the heads of a log that a monitor compares: from the log, mirrors, witnesses, receipts and saved checkpoints."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from openroll.tlog import Proved, TlogError, parse_proof
from openroll.watch.audit.finding import Finding
from openroll.watch.audit.heads import Head
from openroll.watch.audit.state import State
from openroll.watch.audit.trust import Trust
from openroll.watch.source import Source, Unreachable


@dataclass(frozen=True, slots=True)
class NamedBytes:
    """A file the auditor holds, a checkpoint or receipt, with its name."""

    where: str
    data: bytes


@dataclass(frozen=True, slots=True)
class LogSources:
    """Where a monitor looks for a log's heads: its address, the roll's pages, mirrors, witnesses; saved checkpoints, receipts."""

    log: Source
    public: Source | None = None
    mirrors: Sequence[Source] = ()
    witnesses: Sequence[Source] = ()
    heads: Sequence[NamedBytes] = ()
    receipts: Sequence[NamedBytes] = ()


@dataclass
class CollectedHeads:
    """The heads that were collected, by who showed them, with faults in what was shown and sources that did not answer."""

    mirrors: list[Head] = field(default_factory=list)
    witnesses: list[Head] = field(default_factory=list)
    shown: list[Head] = field(default_factory=list)
    receipts: list[tuple[Head, NamedBytes, Proved]] = field(default_factory=list)
    faults: list[Finding] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)

    def others(self) -> list[Head]:
        """Every head but the log's own."""
        return [*self.mirrors, *self.witnesses, *self.shown, *(head for head, _, _ in self.receipts)]


def log_head(source: Source, trust: Trust) -> Head | Finding:
    """Fetch the head that a log or a mirror serves; a Finding when it is not this log's. Raises Unreachable."""
    note = source.get("checkpoint")
    if note is None:
        raise Unreachable(f"{source.where}/checkpoint", "there is none. Give a log's address or folder, or a roll's")
    return _opened(source.where, note, trust, source)


def _opened(where: str, note: bytes, trust: Trust, source: Source | None = None) -> Head | Finding:
    try:
        return Head(where, note, trust.open(note), source)
    except TlogError as error:
        what = f"{where} serves as head of the log {trust.origin} what does not verify ({error.code}): {error}."
        return Finding("other-log", where, what, {"head-1": note}, {"code": error.code})


def last_head(state: State, trust: Trust) -> Head | None:
    """The head that the monitor saw at its last visit, with its compact range."""
    if not state.head:
        return None
    note = state.head.encode()
    return Head("the last visit", note, trust.open(note), None, state.mark)


def collect_heads(places: LogSources, trust: Trust) -> CollectedHeads:
    """Ask mirrors and witnesses for their heads, before the log: so none can be ahead of it for having been asked later."""
    collected = CollectedHeads()
    for source in places.mirrors:
        if not _take(collected, collected.mirrors, source, "checkpoint", trust, source):
            collected.trouble.append(
                f"{source.where}/checkpoint cannot be read: there is none. Is it a mirror of this log"
            )
    path = f"{hashlib.sha256(trust.origin.encode()).hexdigest()}/checkpoint"
    for source in places.witnesses:
        if not _take(collected, collected.witnesses, source, path, trust, None):
            collected.warnings.append(f"{source.where} has no head of this log")
    for one in places.heads:
        opened = _opened(one.where, one.data, trust)
        if isinstance(opened, Head):
            collected.shown.append(opened)
        else:
            # Whoever handed it in may have been deceived by anybody: it says nothing about the log.
            collected.trouble.append(f"{one.where} is no head of this log and proves nothing: {opened.what}")
    for one in places.receipts:
        _receipt(collected, one, trust)
    return collected


def _take(
    collected: CollectedHeads, into: list[Head], source: Source, path: str, trust: Trust, tree: Source | None
) -> bool:
    """Fetch a source's head into the list; False when the source answers that there is none."""
    try:
        note = source.get(path)
    except Unreachable as error:
        collected.trouble.append(str(error))
        return True
    if note is None:
        return False
    opened = _opened(source.where, note, trust, tree)
    if isinstance(opened, Head):
        into.append(opened)
    else:
        collected.faults.append(opened)
    return True


def _receipt(collected: CollectedHeads, one: NamedBytes, trust: Trust) -> None:
    try:
        proved = trust.verify(one.data)
        note = parse_proof(one.data).checkpoint
    except TlogError as error:
        collected.trouble.append(f"{one.where} is not good by itself ({error.code}) and proves nothing: {error}")
        return
    collected.receipts.append((Head(one.where, note, proved.checkpoint), one, proved))
