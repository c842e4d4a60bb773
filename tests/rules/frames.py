"""Subjects as a frame, for asking by column what is asked one by one."""

from collections.abc import Sequence

import msgspec
import polars as pl

from openroll.rules import DATES, KIND, Rule, Subject


def frame_of(subjects: Sequence[Subject], rule: Rule | None = None) -> pl.DataFrame:
    """Subjects as a frame with every column; `numbers` become a column each, for every name that any of them has."""
    kind = KIND if rule is None or not rule.kinds else pl.Enum(rule.known_kinds)
    names = sorted({name for subject in subjects for name in subject.numbers})
    rows = [
        {key: value for key, value in msgspec.structs.asdict(subject).items() if key != "numbers"}
        | {f"numbers.{name}": subject.numbers.get(name) for name in names}
        for subject in subjects
    ]
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "kind": kind,
        **dict.fromkeys(DATES, pl.Date),
        **{f"numbers.{name}": pl.Int64 for name in names},
        "service": pl.String,
        "zone": pl.String,
    }
    return pl.DataFrame(rows, schema=schema)
