"""Commands on the city model: what a rule would do to a city, before anyone enforces it. They need no roll.

This module is imported when one of them is called, and not before: the model's libraries take seconds to load. Each command ends
with 0 when all is well, and with 2 and a sentence where something given to it cannot be meant.
"""

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import msgspec
import polars as pl
from cyclopts import App, Parameter

from openroll.cli.arguments import Language
from openroll.cli.output import bar, err, out
from openroll.cli.whatif import pages
from openroll.cli.whatif.jobs import answered, design_of, numbered, write_all, write_frame
from openroll.cli.whatif.options import (
    Asked,
    answers_named,
    city_named,
    hands,
    heard,
    hold_numbers,
    hold_output,
    nations_city,
    ranges_over,
    rules_named,
)
from openroll.rules import full_title
from openroll.rules.language import ENGLISH, in_language
from openroll.whatif import Outcome, answers, bands, cities, differences, load_city
from openroll.whatif import design as designs
from openroll.whatif.nation import nation
from openroll.whatif.parquet import beside
from openroll.whatif.running import Mode
from openroll.whatif.scale import Plan, gathered, parts, plan
from openroll.whatif.unmodelled import unmodelled

app = App(name="whatif", help="What a rule would do to a city: the same rule files on a made population, with bands.")

app.command("openroll.cli.whatif.fit:fit_drive", name="fit")

REPORTS = (".html", ".pdf")
Json = Annotated[bool, Parameter(name="--json", negative="")]
Output = Annotated[Path | None, Parameter(name=["--output", "-o"])]


def _write_report(outcome: Outcome, lang: Language, path: Path) -> None:
    """The one place where reports are written."""
    from openroll.report import write_report  # noqa: PLC0415 - drawing and setting take seconds to load

    write_report(outcome, lang, path)


@app.command(name="run")
def run_(
    *rules: str,
    asked: Asked,
    output: Output = None,
    runs: int = 100,
    mode: Mode = "cohorts",
    dry_run: bool = False,
) -> None:
    """Put a city through rules, side by side: who files when, what queues form, who is punished, what is learnt, what it costs.

    Parameters
    ----------
    rules
        Rules that ship (with +OVERLAY), or paths of rule files. The first is what the others are compared with.
    output
        Where to write a report (.html, .pdf) or every series of every run (.parquet; .answers and .drawn beside it).
    runs
        How often, each time with other values of what is assumed. 1 takes the values that the city file names.
    mode
        Whole cohorts at once, exact in law; or people one by one.
    dry_run
        Read and check everything, say what would be done, and do nothing.
    """
    with heard():
        work, day = _plan(rules, asked, runs, mode)
        hold_output(output, (*REPORTS, ".parquet"))
        if dry_run:
            _say_plan(work, day, output)
            return
        with hands(asked.workers, asked.scheduler, runs) as client, bar() as show:
            found = parts(work, _watched(show, runs), client)
            if output is None:
                values = answered(work, found, day)
            elif output.suffix == ".parquet":
                values = write_all(work, found, output, day)
            else:
                outcome = gathered(work, found)
                _write_report(outcome, asked.lang, output)
                values = answers(outcome, day)
    _say_answers(work, values, day, asked)
    _say_written(output)


@app.command
def compare(*rules: str, asked: Asked, runs: int = 100, mode: Mode = "cohorts") -> None:
    """Hold rules against the first of them, run by run, under the same assumptions and luck: what is carried, and what is not.

    Parameters
    ----------
    rules
        Two rules or more: those that ship (with +OVERLAY), or paths of rule files.
    runs
        How often, each time with other values of what is assumed.
    mode
        Whole cohorts at once, exact in law; or people one by one.
    """
    with heard():
        work, day = _plan(rules, asked, runs, mode, least=2)
        with hands(asked.workers, asked.scheduler, runs) as client, bar() as show:
            values = answered(work, parts(work, _watched(show, runs), client), day)
    base = work.refs[0]
    found = differences(values, base)
    if asked.as_json:
        _json(_head(work, day) | {"base": base, "differences": found.to_dicts()})
    else:
        pages.show_differences(out, pages.Speech(asked.lang, work.city, day), found, base)
        _say_unmodelled(work, asked.lang)


@app.command
def sweep(
    *rules: str,
    asked: Asked,
    over: Annotated[list[str] | None, Parameter(negative="")] = None,
    grid: int | None = None,
    sobol: int | None = None,
    runs: int | None = None,
    output: Output = None,
    answer: Annotated[list[str] | None, Parameter(negative="")] = None,
    dry_run: bool = False,
) -> None:
    """Move assumptions over their ranges and see which of them matter: by swings (default), on a grid, or by Sobol's indices.

    What is not moved stays at the value that the city file names.

    Parameters
    ----------
    rules
        Rules that ship (with +OVERLAY), or paths of rule files.
    over
        An assumption to move, over its range in the city file or over one said here: filing.lull, filing.lull=0.001..0.01.
        Repeatable (default: all that have a range).
    grid
        Take every combination of so many evenly spaced points of each; --runs repeats each with other luck.
    sobol
        First-order and total indices (Saltelli): a power of two, times the assumptions moved and two, is how many runs it takes.
    runs
        How many runs (default: 200, spread evenly over the ranges; on a grid 1 a point).
    output
        Where to write the answer of every run, as .parquet; what was found goes beside it, as .effects.parquet.
    answer
        An answer to show, as months-off. Repeatable (default: five of them); the file has them all.
    dry_run
        Read and check everything, say what would be done, and do nothing.
    """
    with heard():
        shown = answers_named(answer or pages.BY_DEFAULT)
        chosen, place = rules_named(rules), asked.place()
        hold_output(output, (".parquet",))
        day = asked.day(chosen, place)
        design = design_of(place, ranges_over(place, over or ()), grid, sobol, runs, asked.seed)
        work = Plan(tuple(chosen), place, design.drawn, design.numbers, asked.seed)
        if dry_run:
            _say_plan(work, day, output)
            return
        workers = asked.workers if asked.workers or asked.scheduler else os.cpu_count()
        with hands(workers, asked.scheduler, work.runs) as client, bar() as show:
            values = answered(work, parts(work, _watched(show, work.runs), client), day)
        found = designs.effects(design, values)
        if output is not None:
            write_frame(values.join(numbered(design.drawn), on="run", maintain_order="left"), output)
            write_frame(found, beside(output, "effects"))
    if asked.as_json:
        kept = found.filter(pl.col("answer").is_in(shown)) if answer else found
        head = _head(work, day) | {"design": design.kind, "over": dict(design.ranges)}
        _json(head | {"effects": kept.to_dicts()})
    else:
        pages.show_effects(out, pages.Speech(asked.lang, place, day), design.kind, found, shown)
    _say_written(output)


@app.command(name="cities")
def cities_(*, as_json: Json = False) -> None:
    """The cities that ship with Openroll. nation-1400m (any number of millions) is made on the spot, and assumed whole."""
    found = [load_city(name) for name in cities()]
    if as_json:
        _json([{"id": one.id, "title": one.title, "begin": one.begin, "days": one.days} for one in found])
        return
    pages.show_cities(out, found)
    made = nation(load_city(nations_city()), 1_400_000_000)
    out.print()
    out.print(f"nation-1400m, or any number of millions: {in_language(made.summary, ENGLISH)}")


@app.command(name="city")
def city_(name: str, /, *, show: Annotated[bool, Parameter(negative="")] = False, as_json: Json = False) -> None:
    """A city: what it is, and whether its file is whole; with --show every number with its range and where it comes from.

    Parameters
    ----------
    name
        A city that ships, nation-1400m, or the path of a city file. Every mistake is told with its line.
    show
        Print values, ranges and sources.
    as_json
        Print the whole city as JSON.
    """
    with heard():
        shown = city_named(name)
    if as_json:
        _json(shown)
    else:
        pages.show_city(out, shown, whole=show)


# How they work


def _plan(names: Sequence[str], asked: Asked, runs: int, mode: Mode, least: int = 1) -> tuple[Plan, date]:
    """The runs asked for, and the day that filings are counted on."""
    rules, place = rules_named(names, least), asked.place()
    hold_numbers(place, runs, asked.seed, mode)
    return plan(rules, place, runs=runs, seed=asked.seed, mode=mode), asked.day(rules, place)


def _watched(show: Any, runs: int) -> Any:
    return lambda part: show("runs", int(part * runs), runs)


def _head(work: Plan, day: date) -> dict[str, Any]:
    return {
        "city": work.city.id,
        "rules": list(work.refs),
        "runs": work.runs,
        "seed": work.seed,
        "mode": work.mode,
        "by": day,
        "unmodelled": {ref: unmodelled(rule, work.city) for ref, rule in zip(work.refs, work.rules, strict=True)},
    }


def _say_plan(work: Plan, day: date, output: Path | None) -> None:
    names = ", ".join(work.refs)
    whole = work.runs * len(work.rules)
    out.print(f"Would put {work.city.id} through {names}: {whole:,} runs of {work.city.days} days.", soft_wrap=True)
    out.print(f"Filings would be counted on {day}. Nothing was run.")
    if output is not None:
        out.print(f"Would write {output}{' (and replace what is there)' if output.exists() else ''}.", soft_wrap=True)


def _say_answers(work: Plan, values: pl.DataFrame, day: date, asked: Asked) -> None:
    refs = list(work.refs)
    told = bands(values)
    apart = differences(values, refs[0]) if len(refs) > 1 else None
    if asked.as_json:
        rows = [row | {"unit": pages.UNITS[row["answer"]]} for row in told.to_dicts()]
        _json(_head(work, day) | {"answers": rows, "differences": [] if apart is None else apart.to_dicts()})
        return
    say = pages.Speech(asked.lang, work.city, day)
    for ref, rule in zip(refs, work.rules, strict=True):
        out.print(f"{ref}: {in_language(full_title(rule), asked.lang)}")
    pages.show_answers(out, say, told, refs)
    if apart is not None:
        pages.show_differences(out, say, apart, refs[0])
    _say_unmodelled(work, asked.lang)


def _say_unmodelled(work: Plan, lang: str) -> None:
    """What the rules say that nobody of the city was put through."""
    from openroll.report.provenance import not_modelled  # noqa: PLC0415 - drawing and setting take seconds to load
    from openroll.report.wording import words  # noqa: PLC0415 - as above

    for ref, rule in zip(work.refs, work.rules, strict=True):
        told = not_modelled(rule, work.city, lang)
        if told:
            out.print()
            out.print(f"{words('unmodelled', lang)['rule'].format(letter=ref)}", markup=False)
        for sentence in told:
            out.print(f"- {sentence}", markup=False)


def _say_written(output: Path | None) -> None:
    if output is not None:
        err.print(f"Written: {output}", markup=False, soft_wrap=True)


def _json(value: Any) -> None:
    out.print_json(data=msgspec.to_builtins(value), ensure_ascii=False)
