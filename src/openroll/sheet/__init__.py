"""The operator's file: formats to rows to verdicts, and `pack`, which runs on the operator's side.

Reading is a first pass that writes nothing; a file with any fault is refused whole, with every fault by row, column, value,
expectation and remedy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from openroll.register.subscription.terms import Terms
from openroll.sheet.faults import Fault, faults_csv
from openroll.sheet.rows import COLUMNS, check_row

if TYPE_CHECKING:
    from openroll.sheet.reading import Sheet, read

__all__ = ["COLUMNS", "Fault", "Sheet", "Terms", "check_row", "faults_csv", "read"]


def __getattr__(name: str) -> Any:
    """Load what reads whole files when it is first asked for (PEP 562): a server that files one by one does without Polars."""
    if name not in {"Sheet", "read"}:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module("openroll.sheet.reading"), name)
    globals()[name] = value
    return value
