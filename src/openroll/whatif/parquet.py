"""Write every run's series as Parquet, part by part in constant memory; the same runs give the same bytes.

Rows stand by run, then rule, series and day, however the runs were cut up. All rules have the same series: what cannot happen
under a rule was 0 on every day. docs/whatif-commands.md tells every column and every series.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from queue import Full, Queue
from threading import Thread

import numpy as np
import polars as pl
from numpy.typing import NDArray
from polars.io.plugins import register_io_source

from openroll.whatif.city import City
from openroll.whatif.scale import Part

SCHEMA: dict[str, type[pl.DataType]] = {
    "rule": pl.String,
    "run": pl.Int64,
    "day": pl.Date,
    "series": pl.String,
    "value": pl.Float64,
}
_ROWS = 2**20
"""Rows of a row group."""
_FRAMES_WAITING = 2


def part_frame(city: City, part: Part) -> pl.DataFrame:
    """The series of some runs as a frame: rule, run, day, series, value."""
    names = sorted(set().union(*(one.city for one in part.series)))
    nothing = np.zeros((part.runs, city.days))
    # [runs, rules, names, days]
    values = np.stack([np.stack([one.city.get(name, nothing) for name in names], 1) for one in part.series], 1)
    days = pl.Series([city.begin + timedelta(days=place) for place in range(city.days)], dtype=pl.Date)
    runs, rules = np.arange(part.first, part.first + part.runs), [one.ref for one in part.series]
    size = len(names) * city.days
    columns = {
        "rule": _spelt(rules, np.tile(np.repeat(np.arange(len(rules)), size), part.runs)),
        "run": np.repeat(runs, len(rules) * size),
        "day": days.gather(np.tile(np.arange(city.days), part.runs * len(rules) * len(names))),
        "series": _spelt(names, np.tile(np.repeat(np.arange(len(names)), city.days), part.runs * len(rules))),
        "value": values.reshape(-1),
    }
    return pl.DataFrame(columns, schema=SCHEMA)


def _spelt(words: Sequence[str], places: NDArray[np.int64]) -> pl.Series:
    return pl.Series(words, dtype=pl.String).gather(places)


@contextmanager
def writing(path: Path) -> Iterator[Callable[[pl.DataFrame], None]]:
    """Write frames of `SCHEMA` to a Parquet file, atomically: whole at the end, or as it was before."""
    fresh = path.with_name(path.name + ".new")
    frames: Queue[pl.DataFrame | None] = Queue(_FRAMES_WAITING)
    failed: list[BaseException] = []

    def arriving(*_: object) -> Iterator[pl.DataFrame]:
        while (frame := frames.get()) is not None:
            yield frame

    def write() -> None:
        try:
            source = register_io_source(arriving, schema=SCHEMA)
            with fresh.open("wb") as file:  # an open file: a name would be taken for an address where it looks like one
                source.sink_parquet(file, compression="zstd", row_group_size=_ROWS, statistics=True)
        except BaseException as error:  # handed to the thread that asked for it
            failed.append(error)

    def give(frame: pl.DataFrame | None) -> None:
        while writer.is_alive():
            with suppress(Full):
                frames.put(frame, timeout=0.5)
                return

    writer = Thread(target=write, name="parquet", daemon=True)
    writer.start()
    try:
        yield give
        give(None)
        writer.join()
        if failed:
            raise failed[0]
        fresh.replace(path)
    finally:
        give(None)
        writer.join()
        fresh.unlink(missing_ok=True)


def beside(path: Path, what: str) -> Path:
    """The name of a file that goes with another: `year.parquet`, `answers` -> `year.answers.parquet`."""
    return path.with_name(f"{path.stem}.{what}{path.suffix}")
