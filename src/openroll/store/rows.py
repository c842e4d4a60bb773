"""The source of an INSERT: one row as values, many as arrays (unnest), whichever is faster."""

from collections.abc import Sequence
from typing import Any, LiteralString


def rows_source(types: LiteralString, rows: Sequence[Sequence[Any]]) -> tuple[LiteralString, list[Any]]:
    """What comes after `insert into TABLE (COLUMNS)`, and its parameters. `types` are the columns' types, with commas between."""
    if len(rows) == 1:
        values: LiteralString = ", ".join("%b::" + one for one in types.split(", "))
        return "values (" + values + ")", list(rows[0])
    arrays: LiteralString = ", ".join("%b::" + one + "[]" for one in types.split(", "))
    return "select * from unnest(" + arrays + ")", [list(column) for column in zip(*rows, strict=True)]
