"""The work of the `whatif` commands: which runs a sweep makes, answers kept and series written as parts of the work come in."""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import polars as pl

from openroll.cli.arguments import NotSaid
from openroll.cli.whatif.options import hold_numbers
from openroll.durable import output_file
from openroll.whatif import City, Outcome, answers
from openroll.whatif import design as designs
from openroll.whatif.parquet import beside, part_frame, writing
from openroll.whatif.scale import Part, Plan


def design_of(
    city: City, ranges: designs.Ranges, grid: int | None, sobol: int | None, runs: int | None, seed: int
) -> designs.Design:
    """The runs of a sweep, each number held to what can be done."""
    if grid is not None and sobol is not None:
        raise NotSaid("--grid and --sobol: expected one of them, or neither for a Latin hypercube.")
    if not ranges:
        raise NotSaid(f"{city.id} gives nothing a range. Expected: --over PATH=LOW..HIGH.")
    if sobol is not None:
        if runs is not None:
            raise NotSaid("--runs and --sobol: expected --sobol alone, which says how many runs there are.")
        if sobol < 2 or sobol & (sobol - 1):
            raise NotSaid(f"--sobol {sobol}: expected a power of two, as 64 or 256.")
        hold_numbers(city, sobol * (len(ranges) + 2), seed)
        return designs.sobol(ranges, sobol, seed)
    if grid is not None:
        if grid < 2:
            raise NotSaid(f"--grid {grid}: expected 2 points or more.")
        hold_numbers(city, min(grid ** len(ranges), 10**9) * (1 if runs is None else runs), seed)
        return designs.grid(ranges, grid, runs or 1, seed)
    count = 200 if runs is None else runs
    hold_numbers(city, count, seed)
    return designs.hypercube(ranges, count, seed)


def answered(work: Plan, found: Iterable[Part], day: date) -> pl.DataFrame:
    """The answers of every run, and nothing else kept: rule, run, answer, value, by rule and then by run."""
    frames = [_answers_of(work, part, day) for part in found]
    refs = work.refs
    order = pl.col("rule").replace_strict(refs, range(len(refs)), return_dtype=pl.Int64)
    return pl.concat(frames).sort(order, "run", maintain_order=True)


def _answers_of(work: Plan, part: Part, day: date) -> pl.DataFrame:
    here = work.piece(part.first, part.first + part.runs)
    outcome = Outcome(work.city, work.rules, work.seed, work.mode, here.drawn, part.series)
    return answers(outcome, day).with_columns(pl.col("run") + part.first)


def write_all(work: Plan, found: Iterable[Part], path: Path, day: date) -> pl.DataFrame:
    """Write every series as it comes, then the answers and what was drawn beside it; gives the answers."""
    with writing(path) as give:

        def passing() -> Iterator[Part]:
            for part in found:
                give(part_frame(work.city, part))
                yield part

        values = answered(work, passing(), day)
    write_frame(values, beside(path, "answers"))
    write_frame(numbered(work.drawn), beside(path, "drawn"))
    return values


def numbered(drawn: pl.DataFrame) -> pl.DataFrame:
    """What was drawn, with the numbers of the runs."""
    return drawn.with_row_index("run").cast({"run": pl.Int64})


def write_frame(frame: pl.DataFrame, path: Path) -> None:
    """Write a small frame: the file is there, whole, or as it was before."""
    with output_file(path) as file:  # not by its name, which polars would read for an address
        frame.write_parquet(file, compression="zstd")
