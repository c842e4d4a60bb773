"""Fetch the roll's public figures and recount them from the log's entries."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from openroll.register.roll.events import FiguresPublished
from openroll.tlog import CompactRange, Entry, TlogError, encode_bundle
from openroll.watch.audit.entries import is_late
from openroll.watch.audit.figures import (
    NotFigures,
    Table,
    Tally,
    digest_of,
    first_difference,
    published_in,
    read_table,
    tally_at,
)
from openroll.watch.audit.finding import Finding, hashes
from openroll.watch.audit.heads import Head
from openroll.watch.audit.state import State
from openroll.watch.log_reader import LogReader
from openroll.watch.source import Source

MOST_ENTRIES = 200_000
"""Entries that are laid beside figures as evidence; for more, the recount needs a mirror at hand."""


@dataclass
class Recount:
    """Compares one roll's figures with the entries of its log."""

    public: Source
    reader: LogReader
    head: Head
    tally: Tally
    tolerance: timedelta
    faults: list[Finding] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    uncountable: set[str] = field(default_factory=set)

    def live(self, state: State, now: datetime) -> None:
        """Compare today's figures. They count sequenced entries, which may be a few more than the head signs."""
        place = f"{self.public.where}/figures/json"
        data = self.public.get("figures/json")
        if data is None:
            self.notes.append(f"{place} is not there: the figures of the moment were not recounted")
            return
        try:
            table = read_table(data)
        except NotFigures as error:
            self._wrong(place, f"what is served there is no table of figures: {error}", data)
            return
        self.uncountable |= set(table.uncountable)
        ahead = table.size > self.head.size
        found = first_difference(table, self.tally if ahead else self._at(table.size), ahead=ahead)
        since = (state.ahead or now) if ahead else None
        if found:
            self._wrong(place, f"of the first {min(table.size, self.head.size):,} entries {found}", data)
        elif since is not None and now - since > self.tolerance:
            what = f"it counts {table.size:,} entries; since {since:%m-%d %H:%M} UTC the log shows fewer ({self.head.size:,})"
            self._wrong(place, what, data)
        state.ahead = since
        if not found:
            self.notes.append(f"the figures of the moment count {table.size:,} entries, day by day as the log has them")

    def published(self, acts: Sequence[tuple[int, bytes]]) -> None:
        """Compare figures that were published, each by an entry (its index and bytes) with the file's digest."""
        for index, data in acts:
            act = published_in(Entry.parse(data))
            if act is not None:
                self._one(index, data, act)

    def _one(self, index: int, entry: bytes, act: FiguresPublished) -> None:
        place = f"{self.public.where}/figures/published/{act.on}"
        files = {
            "head-1": self.head.note,
            "entry": entry,
            "entry-proof": hashes(self.reader.prove_inclusion(index)),
        }
        details: dict[str, str | int] = {"index": index, "on": act.on.isoformat()}
        text = self.public.get(f"figures/published/{act.on}")
        if text is None:
            what = f"entry {index:,} publishes figures of {act.on} under the digest {act.digest}; {place} is not there."
            self.faults.append(Finding("figures-gone", place, what, files, details))
            return
        files["figures"] = text
        if digest_of(text) != act.digest:
            what = f"the file's SHA-256 is {digest_of(text)}, entry {index:,} of the log says {act.digest}."
            self.faults.append(Finding("figures-changed", place, what, files, details))
            return
        try:
            table = read_table(text)
        except NotFigures as error:
            what = f"the log's entry {index:,} holds its digest, but it is no table of figures: {error}."
            self.faults.append(Finding("figures-wrong", place, what, files, details))
            return
        self.uncountable |= set(table.uncountable)
        self._table(place, index, act, table, files, details)

    def _table(
        self,
        place: str,
        index: int,
        act: FiguresPublished,
        table: Table,
        files: dict[str, bytes],
        details: dict[str, str | int],
    ) -> None:
        size = min(table.size, index)
        found = first_difference(table, self._at(size), ahead=table.size > index)
        if table.size > index:
            found = found or f"it counts {table.size:,} entries, and {index:,} stood in the log before it"
        if found:
            files |= self._shown(size)
            what = f"The registrar published it under entry {index:,}; of the first {size:,} entries {found}."
            self.faults.append(Finding("figures-wrong", place, what, files, details | {"size": size}))
            return
        left = next(iter(self.reader.entries(size, size + 1))) if size < index else None
        if left is not None and is_late(self.tolerance, Entry.parse(left).day, act.on.isoformat()):
            files |= {"earlier": left, "earlier-proof": hashes(self.reader.prove_inclusion(size))}
            what = f"figures of {act.on} leave out entry {size:,} of {Entry.parse(left).day} and what follows it."
            self.faults.append(
                Finding(
                    "figures-wrong",
                    place,
                    what,
                    files,
                    details | {"earlier-index": size, "tolerance": int(self.tolerance.total_seconds())},
                )
            )
            return
        self.notes.append(f"the figures of {act.on} count {size:,} entries, day by day as the log has them")

    def _at(self, size: int) -> Tally:
        return tally_at(self.head.size, self.tally, size, self.reader.entries)

    def _shown(self, size: int) -> dict[str, bytes]:
        """The first entries and the proof that the head begins with them: with these anyone can recount."""
        if not 0 < size <= MOST_ENTRIES:
            return {}
        entries = list(self.reader.entries(0, size))
        try:
            proof = self.reader.prove_consistency(size)
        except TlogError:
            return {}
        root = CompactRange().extend(entries).root
        laid = b"".join(encode_bundle(entries[at : at + 256]) for at in range(0, size, 256))
        return {"entries": laid, "proof": hashes(proof), "prefix-root": root.hex().encode() + b"\n"}

    def _wrong(self, place: str, what: str, data: bytes) -> None:
        files = {"head-1": self.head.note, "figures": data}
        self.faults.append(Finding("figures-wrong", place, f"{what[:1].upper()}{what[1:]}.", files))
