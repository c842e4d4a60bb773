"""Which files that were sent may wait on their page to be put right, and which are not kept for a moment."""

from collections.abc import Iterable

from openroll.sheet.faults import Fault

NOT_KEPT = frozenset(
    (
        "column-missing",
        "column-unknown",
        "encoding",
        "encoding-unsure",
        "file-cut-off",
        "file-empty",
        "file-over-bound",
        "file-too-heavy",
        "file-unreadable",
        "handle-form",
        "header-broken",
        "line-too-long",
        "list-filed",
        "list-of-old-key",
        "not-a-list",
        "not-text",
        "row-broken",
    )
)
"""Faults that nobody can put right cell by cell, or behind which no cell was judged: with one of them there is no reason to keep
a file, and often one not to."""
RAW = "raw"
"""Marks a row that has more or fewer cells than the header, and something in them that no cell of a filing holds."""


def shuts_out(fault: Fault) -> bool:
    """Whether a file with this fault is not kept."""
    return fault.code in NOT_KEPT or RAW in fault.params


def keepable(faults: Iterable[Fault]) -> bool:
    """Whether a file with these faults may wait to be put right on its page."""
    return not any(map(shuts_out, faults))
