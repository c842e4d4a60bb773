"""Tell a list that was cut off in the middle of a row from one whose last row is wrong: by a last line without its line end.

Nothing of a file that was cut off may be taken, as nobody can say what came after it. A cut between two rows does not show:
whoever sends a list compares how many rows were filed with how many it has.
"""

from collections.abc import Mapping, Sequence

from openroll.register.subscription.terms import Terms
from openroll.sheet.faults import Fault
from openroll.sheet.rows import ACTS, check_row

BROKEN_OFF = "broken-off"
"""The `shape` of a row that is broken because it ends too early."""
_WHOLE = frozenset(
    (
        "cell-too-long",
        "character-hidden",
        "character-refused",
        "date-range",
        "handle-duplicate",
        "handle-filed",
        "handle-unknown",
        "line-break",
        "not-empty",
        "number-rounded",
    )
)
"""Faults of a cell that is there whole: they are no sign of a cut."""


def ends_in_row(faults: Sequence[Fault], last_column: str) -> bool:
    """Whether the faults of a last row without line end are those of a cut: too few cells, or a last one broken off."""
    return any(_of_a_cut(fault, last_column) for fault in faults)


def _of_a_cut(fault: Fault, last_column: str) -> bool:
    if fault.code == "row-ragged":
        return int(fault.params["found"]) < int(fault.params["expected"])
    if fault.code == "row-broken":
        return fault.params.get("shape") == BROKEN_OFF
    return fault.column == last_column and bool(last_column) and fault.code not in _WHOLE


def may_go_on(row: Mapping[str, str], last_column: str, terms: Terms) -> bool:
    """Whether a good last row without line end may have been cut all the same: its last cell begins a longer one as good.

    An empty district of a change is a whole act, and so is what was cut off before it; a code may be the beginning of another.
    What is told in words of one's own has no end that is known: whoever packs a list is told to look at its last row.
    """
    cell = row.get(last_column, "")
    if last_column == "digests":
        return not cell and row.get("act") == "change"
    earlier = terms.earlier
    words = {
        "act": ACTS,
        "kind": terms.kinds | earlier.kinds,
        "access": terms.accesses | earlier.accesses,
        "district": terms.districts | earlier.districts,
    }.get(last_column, ())
    longer = (word for word in words if word != cell and word.startswith(cell))
    return any(not check_row({**row, last_column: word}, terms, 0) for word in longer)
