"""The traceback of an unexpected error for the server's log, without its message: that may repeat what somebody typed."""

import traceback
from pathlib import Path
from typing import Any


def fault_trace(error: BaseException) -> str:
    """Where an error came from: its kind and the lines of code, of those that caused it too, and no value of any variable.

    Python's own text would add the message, and a message may hold a name ("invalid literal for int(): ..."). An error of the
    database is told by its SQLSTATE (PostgreSQL's appendix A), and by the table and constraint where it names one.
    """
    said: list[str] = []
    seen: set[int] = set()
    chained: BaseException | None = error
    while chained is not None and id(chained) not in seen:
        seen.add(id(chained))
        said.append(_kind(chained))
        frames = traceback.extract_tb(chained.__traceback__)
        said += [f"  {Path(one.filename).name}:{one.lineno} in {one.name}: {one.line}" for one in frames]
        chained = chained.__cause__ or chained.__context__
    return "\n".join(said)


def _kind(error: BaseException) -> str:
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    diag: Any = getattr(error, "diag", None)  # psycopg's, which is not imported here: a witness runs without it
    if diag is None or not hasattr(error, "sqlstate"):
        return name
    parts = (error.sqlstate, diag.table_name, diag.constraint_name)
    return " ".join([name, *(part for part in parts if part)])
