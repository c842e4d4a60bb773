"""Which of the faults that a visit found it names, and which a later one: no flood of others leaves one unsaid for ever.

A visit names so many faults of each kind of fault and of entry, those first that none named before; the others it owes, and the
next visits name them in their turn. More than are kept are counted, and `--whole` finds them anew.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import msgspec

from openroll.watch.audit.entries import Broken, BrokenRule

MOST_OF_A_KIND = 20
"""Faults of one kind, in entries of one kind, that get a folder each in one visit; the rest are owed."""
MOST_OWED = 200
"""Faults of one kind, in entries of one kind, that are owed; the rest are counted."""


class Owed(msgspec.Struct, frozen=True, array_like=True):
    """A fault that a visit found and did not name: of which kind, at which entry (a damaged tile: over which bundle) and of which
    kind that is, what it is; the entry that proves it; and the size that the log had at the visit before."""

    kind: Broken | Literal["damaged"]
    index: int
    of: str
    what: str
    earlier: int | None = None
    seen_size: int = 0

    @property
    def by_a_visit(self) -> bool:
        """Whether nothing but the time of the visit before it shows it."""
        return self.kind == "back-dated" and self.earlier is None


@dataclass
class Named:
    """Sorts the broken rules of a visit in their order: `new` and `known` are named, the others `owed`, or `lost` to a count.

    `before` counts what was named by earlier visits and is not named again.
    """

    is_known: Callable[[BrokenRule], bool]
    seen_size: int = 0
    new: list[BrokenRule] = field(default_factory=list)
    known: list[BrokenRule] = field(default_factory=list)
    owed: list[Owed] = field(default_factory=list)
    lost: Counter[str] = field(default_factory=Counter)
    before: Counter[str] = field(default_factory=Counter)
    _count: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def take(self, wrong: BrokenRule) -> None:
        """Take the next one."""
        known = self.is_known(wrong)
        if self._first("known" if known else "new", wrong.kind, wrong.of, MOST_OF_A_KIND):
            (self.known if known else self.new).append(wrong)
        elif known:
            self.before[wrong.kind] += 1
        else:
            self.owe(Owed(wrong.kind, wrong.index, wrong.of, _short(wrong.what), wrong.earlier, self.seen_size))

    def owe(self, one: Owed) -> None:
        """Leave one for a later visit."""
        if self._first("owed", one.kind, one.of, MOST_OWED):
            self.owed.append(one)
        else:
            self.lost[one.kind] += 1

    def _first(self, which: str, kind: str, of: str, most: int) -> bool:
        self._count[which, kind, of] += 1
        return self._count[which, kind, of] <= most


class Debts(msgspec.Struct):
    """What visits found and did not name: the faults `owed`, how many by kind were too many to be kept (`lost`), and by its size
    each `head` that some of them are shown by, as it was served, with the time of its visit."""

    owed: list[Owed] = msgspec.field(default_factory=list)
    lost: dict[str, int] = msgspec.field(default_factory=dict)
    heads: dict[int, tuple[str, datetime]] = msgspec.field(default_factory=dict)

    def turn(self, *, whole: bool) -> tuple[list[Owed], list[Owed]]:
        """Of what is owed, what a visit names, and what stays. Who reads the `whole` log finds all of it anew, but what only the
        time of an earlier visit shows."""
        now, rest, count = list[Owed](), list[Owed](), Counter[tuple[str, str]]()
        for one in self.owed:
            if whole and not one.by_a_visit:
                continue
            count[one.kind, one.of] += 1
            (now if count[one.kind, one.of] <= MOST_OF_A_KIND else rest).append(one)
        return now, rest

    def after(self, rest: Iterable[Owed], named: Named, seen: tuple[str, datetime] | None, *, whole: bool) -> "Debts":
        """What is owed once a visit named its turn: the `rest`, and what it owes itself; `seen` is the head before it."""
        both = Named(named.is_known)
        for one in (*rest, *named.owed):
            both.owe(one)
        heads = self.heads | ({} if seen is None else {named.seen_size: seen})
        used = {one.seen_size for one in both.owed if one.by_a_visit}
        lost = both.lost + named.lost + Counter({} if whole else self.lost)
        return Debts(both.owed, dict(lost), {size: head for size, head in heads.items() if size in used})

    def said(self) -> list[str]:
        """What is not named yet, as warnings."""
        later = Counter(one.kind for one in self.owed)
        return [
            f"{count:,} more faults of the kind {kind}: the next visits name them"
            for kind, count in sorted(later.items())
        ] + [
            f"{count:,} more faults of the kind {kind} than are kept: --whole names them, those first that no visit named"
            for kind, count in sorted(self.lost.items())
        ]


def named_before(count: Counter[str]) -> list[str]:
    """What was found once more and not named again, as warnings."""
    return [
        f"{number:,} more faults of the kind {kind}, which earlier visits named"
        for kind, number in sorted(count.items())
    ]


def _short(what: str) -> str:
    return what if len(what) <= _MOST_SAID else f"{what[:_MOST_SAID]}…"


_MOST_SAID = 500
