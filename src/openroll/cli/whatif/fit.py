"""`openroll whatif fit`: how people come to file, fitted to a drive that happened, and what that would have predicted.

Ends with 0 when the fit was made, whether or not its predictions held (a failed prediction is a result); with 2 when there is no
such drive, rule or file, or when the file is broken (every fault is told on standard error, by its line).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import Console
from rich.text import Text

from openroll.cli.arguments import NotSaid, rule_named
from openroll.cli.output import err, fail, out
from openroll.cli.table import Rows
from openroll.rules import NoSuchRule, RuleFaults
from openroll.whatif.fitting.course import NoDuty
from openroll.whatif.fitting.drive import Drive, DriveFaults, NoSuchDrive, drives, load_drive, parse_drive
from openroll.whatif.fitting.fit import NothingSeen, fit
from openroll.whatif.fitting.holdout import HoldoutEvaluation, evaluate_holdout
from openroll.whatif.fitting.tempering import NoLikelihood

MOST_BYTES = 4_000_000
MILLION = 1e6


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Head:
    """What is said of a drive beside its rows, where its file does not say it."""

    rule: Annotated[
        str, Parameter(help="The rule the drive ran under: one that ships or a path, with overlays after +.")
    ] = ""
    opened: Annotated[str, Parameter(help="The first day on which one could file.")] = ""
    population: Annotated[str, Parameter(help="How many were asked to file.")] = ""
    before: Annotated[str, Parameter(help="How many had filed before it opened; every row counts them too.")] = ""


_ASIDE = Head()


def fit_drive(
    data: str,
    /,
    *,
    head: Head = _ASIDE,
    until: str = "",
    seed: Annotated[int, Parameter(validator=Number(gte=0))] = 0,
    draws: Annotated[int, Parameter(validator=Number(gte=100, lte=100_000))] = 2000,
    as_json: Annotated[bool, Parameter(name="--json", help="Print JSON instead of words.", negative="")] = False,
) -> None:
    """Fit how people come to file to a drive, and hold what it predicts against what then came.

    Parameters
    ----------
    data
        A drive that ships (philippines-2023), or the path of a CSV file (docs/drive-file.md).
    until
        The last day the fit may look at; what is later is predicted and compared.
    seed
        The same seed gives the same figures.
    draws
        How many draws are made from the posterior.
    """
    with _spoken():
        drive = _drive(data, **asdict(head))
        last = _day(until) if until else drive.until
        found = evaluate_holdout(fit(drive, rule_named(drive.rule), until=last, seed=seed, draws=draws), drive)
    if as_json:
        out.print_json(data=msgspec.to_builtins(found), ensure_ascii=False)
    else:
        show(out, drive, found)


@contextmanager
def _spoken() -> Iterator[None]:
    """Whatever a person can mend is a sentence on standard error and status 2."""
    try:
        yield
    except (DriveFaults, RuleFaults) as error:
        for fault in error.faults[:50]:
            err.print(Text(str(fault)), soft_wrap=True)
        fail(f"{len(error.faults)} fault{'' if len(error.faults) == 1 else 's'}; nothing was fitted.")
    except (NoSuchDrive, NoSuchRule) as error:
        fail(f"there is no {error.name!r}. There is {', '.join(error.known)}; a file is given by its path.")
    except (NothingSeen, NoDuty, NotSaid) as error:
        fail(str(error))
    except NoLikelihood as error:
        fail(f"{error}. Nothing was fitted: look at the first and the last rows, and at the population.")
    except UnicodeDecodeError as error:
        fail(f"the file is not UTF-8 text at byte {error.start}. Save it as UTF-8.")
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}. Give the path of a file that can be read.")


def _drive(data: str, **said: str) -> Drive:
    if data in drives():
        return load_drive(data, **said)
    if not data.endswith(".csv") and not Path(data).exists():
        raise NoSuchDrive(data, drives())
    with Path(data).open("rb") as stream:
        content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        fail(f"{data} is larger than {MOST_BYTES:,} bytes. A drive is a few rows: as_of, cumulative, quality, source.")
    return parse_drive(content.decode("utf-8-sig"), data, **said)


def _day(until: str) -> date:
    try:
        return date.fromisoformat(until)
    except ValueError:
        fail(f"--until {until}: expected a day, as in 2023-04-03.")


def show(console: Console, drive: Drive, found: HoldoutEvaluation) -> None:
    """A report as tables: assumptions, what was held out, paces, shape."""
    console.print(Text(drive.title, style="bold"))
    console.print(
        f"Fitted to {found.fitted_to} observations up to {found.until}, under {found.rule}; {found.draws} draws worth "
        f"{found.size:.0f}, seed {found.seed}. Bands are 80 %.",
        soft_wrap=True,
    )
    if drive.before:
        console.print(
            f"{drive.before:,} had filed before it opened, and are not among the numbers below.", soft_wrap=True
        )
    console.print(_assumptions(found))
    if not found.held_out:
        console.print("No observation is later: nothing was held out.")
        return
    console.print(_held_out(found))
    console.print(_paces(found))
    console.print(_shapes(found))
    missed = [str(one.day) for one in found.held_out if not one.inside]
    verdict = f"outside their bands: {', '.join(missed)}" if missed else "all inside their bands"
    low, middle, high = found.peak
    console.print(f"Most file on {middle} (80 %: {low} to {high}).")
    console.print(f"{len(found.held_out)} held-out numbers, {verdict}.", soft_wrap=True)


def _assumptions(found: HoldoutEvaluation) -> Rows:
    table = Rows("assumption", "low", "middle", "high", title="What is believed now")
    for name, edges in found.assumptions.items():
        table.add_row(name, *(f"{edge:.3g}" for edge in edges))
    return table


def _held_out(found: HoldoutEvaluation) -> Rows:
    table = Rows("day", "filed (million)", "predicted", "80 % band", "", "error", title="Held out")
    for one in found.held_out:
        band = f"{one.low / MILLION:.1f} to {one.high / MILLION:.1f}"
        told, middle = f"{one.filed / MILLION:.2f}", f"{one.middle / MILLION:.1f}"
        table.add_row(str(one.day), told, middle, band, _mark(one.inside), f"{one.error:+.1f} %")
    return table


def _paces(found: HoldoutEvaluation) -> Rows:
    table = Rows("from", "to", "a day (thousand)", "predicted", "80 % band", "", title="Paces")
    for one in found.paces:
        band = f"{one.low / 1e3:.0f} to {one.high / 1e3:.0f}"
        table.add_row(
            str(one.begin), str(one.end), f"{one.seen / 1e3:.0f}", f"{one.middle / 1e3:.0f}", band, _mark(one.inside)
        )
    return table


def _shapes(found: HoldoutEvaluation) -> Rows:
    table = Rows("shape", "what it says", "was so", "draws that do", "", title="Shape")
    for one in found.shapes:
        mark = "reproduced" if one.reproduced else Text("missed", style="bold red")
        table.add_row(one.name, one.says, "yes" if one.seen else "no", f"{one.predicted:.0%}", mark)
    return table


def _mark(inside: bool) -> str | Text:
    return "inside" if inside else Text("outside", style="bold red")
