"""No function is too long to be read at once: 60 lines anywhere, 40 where something is written."""

import ast
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src/openroll"
MOST, MOST_WRITING = 60, 40
WRITING = (
    "register",
    "store",
    "sheet",
    "api/app",
    "api/fast_filing",
    "api/filing",
    "api/intake",
    "api/unconfirmed",
    "service",
    "web/changes",
    "web/filing_alone",
    "web/commands",
    "web/file_form",
    "web/forms",
    "web/receipts",
    "web/subscriber",
)
"""Rooms that what is filed or acted goes through until it is in the log."""


def lengths(path: Path) -> list[tuple[int, str]]:
    """Each function of a file with its lines, from `def` to its last; what stands within another counts in both."""
    return [
        ((node.end_lineno or node.lineno) - node.lineno + 1, f"{path.relative_to(SOURCE)} {node.name}")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def test_no_function_is_too_long() -> None:
    """The longest are named with their lines, so that the next one is split and not excused."""
    found = [one for path in SOURCE.rglob("*.py") for one in lengths(path)]
    long = [(lines, name) for lines, name in found if lines > (MOST_WRITING if name.startswith(WRITING) else MOST)]
    assert sorted(long, reverse=True) == []
    assert len(found) > 1_000
