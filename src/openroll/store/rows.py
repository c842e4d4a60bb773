"""What goes to the database by the many: the source of an INSERT (one row as values, many as arrays), and lists of words."""

from collections.abc import Sequence
from typing import Any, LiteralString

WORDS: LiteralString = "string_to_array(%b::text, chr(10))"
"""A list of words in SQL, given by `words`."""


def words(given: Sequence[str]) -> str:
    """Words without line ends as one text, for WORDS: psycopg needs 40 ms for an array of 25,000, and this is a join."""
    return "\n".join(given)


def rows_source(types: LiteralString, rows: Sequence[Sequence[Any]]) -> tuple[LiteralString, list[Any]]:
    """What comes after `insert into TABLE (COLUMNS)`, and its parameters. `types` are the columns' types, with commas between."""
    if len(rows) == 1:
        values: LiteralString = ", ".join("%b::" + one for one in types.split(", "))
        return "values (" + values + ")", list(rows[0])
    arrays: LiteralString = ", ".join("%b::" + one + "[]" for one in types.split(", "))
    return "select * from unnest(" + arrays + ")", [list(column) for column in zip(*rows, strict=True)]
