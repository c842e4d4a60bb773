"""Parse and validate the options of the `whatif` commands before any work begins."""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import polars as pl
from cyclopts import Parameter

from openroll import places
from openroll.cli.arguments import Language, NotSaid, is_file, rule_named, spoken, text_of
from openroll.cli.output import err
from openroll.rules import Rule, RuleFaults, digest
from openroll.rules.language import ENGLISH
from openroll.whatif import ANSWERS, City, NoSuchCity, Outcome, cities, deadline, load_city, parse_city, titles
from openroll.whatif.nation import nation, people_of
from openroll.whatif.overrides import NoSuchAssumption, known_path, with_overrides
from openroll.whatif.running import Mode
from openroll.whatif.sample import spread
from openroll.whatif.scale import CannotDeal, local, remote

MADE = re.compile(r"nation-([1-9][0-9]{0,5})m")
"""A made nation of so many million, as `nation-1400m`."""
MOST_RUNS = 1_000_000
MOST_SEED = 2**63 - 1
MOST_ONE_BY_ONE = 50_000_000
"""The most people moved one by one: 26 bytes each, and more while a day is worked out."""


@Parameter(name="*")
@dataclass(frozen=True)
class Asked:
    """What every command that makes runs is given."""

    city: Annotated[
        str, Parameter(help="A city that ships (openroll whatif cities), nation-1400m, or the path of a city file.")
    ]
    seed: Annotated[
        int, Parameter(help="Where chance begins: the same seed gives the same bytes, however many workers there are.")
    ] = 1
    by: Annotated[
        str | None,
        Parameter(help="The day filings are counted on (default: a rule's first fixed deadline, else the last day)."),
    ] = None
    settings: Annotated[
        list[str] | None,
        Parameter(name="--set", negative="", help="An assumption set by hand, as filing.lull=0.002. Repeatable."),
    ] = None
    liability: Annotated[
        Literal["symmetric", "asymmetric"] | None,
        Parameter(
            help="Whether who pays a bribe is punished as who takes it, or goes free (default: as the city has it)."
        ),
    ] = None
    lang: Annotated[Language, Parameter(help="The language of answers (BCP 47).")] = ENGLISH
    workers: Annotated[
        int | None,
        Parameter(help="Processes on this machine that share the runs (Dask; default: 1, a sweep's: one a core)."),
    ] = None
    scheduler: Annotated[
        str | None, Parameter(help="A Dask cluster that does the runs, by address, as tcp://10.0.0.5:8786.")
    ] = None
    as_json: Annotated[bool, Parameter(name="--json", negative="", help="Print JSON instead of words.")] = False

    def place(self) -> City:
        """The city, with what was set by hand."""
        city = with_settings(city_named(self.city), self.settings or ())
        return city if self.liability is None else msgspec.structs.replace(city, liability=self.liability)

    def day(self, rules: Sequence[Rule], city: City) -> date:
        """The day that filings are counted on."""
        return day_by(city, self.by) or deadline(Outcome(city, tuple(rules), 0, "cohorts", pl.DataFrame(), ()))


@contextmanager
def heard() -> Iterator[None]:
    """Whatever a person can mend is a sentence on standard error and status 2; Ctrl-C is 130."""
    try:
        with spoken("whatif"):
            try:
                yield
            except NoSuchCity as error:
                known = "".join(f"\n  {name}" for name in (*error.known, "nation-1400m (made, any number of millions)"))
                raise NotSaid(f"there is no {error.name!r}. There is:{known}\nA file is given by its path.") from error
            except NoSuchAssumption as error:
                raise NotSaid(_no_such_assumption(error)) from error
            except CannotDeal as error:
                raise NotSaid(str(error)) from error
    except KeyboardInterrupt as error:
        err.print("Stopped. Nothing was written.")
        raise SystemExit(130) from error


def _no_such_assumption(error: NoSuchAssumption) -> str:
    near = get_close_matches(error.path, error.known, 3, 0.5)
    nearest = f" Nearest: {', '.join(near)}." if near else ""
    return f"there is no assumption {error.path!r}.{nearest} All of them: openroll whatif city NAME --show."


def nations_city() -> str:
    """The city whose ways a made nation has: that of the jurisdiction which is meant where nobody named one."""
    return places.load(places.preset()).jurisdiction.city or cities()[0]


def city_named(name: str) -> City:
    """A city that ships, a made nation, or one in a file."""
    if made := MADE.fullmatch(name):
        return nation(load_city(nations_city()), int(made[1]) * 1_000_000)
    if not is_file(name, cities()):
        return load_city(name)
    return parse_city(text_of(Path(name), "a city"), name)


def rules_named(names: Sequence[str], least: int = 1) -> list[Rule]:
    """The rules to be put beside each other, each once; versions of one rule are told apart by `whatif.rule_effects.called`."""
    if len(names) < least:
        wanted = "a rule" if least == 1 else "two rules or more"
        raise NotSaid(f"expected {wanted}, by name (openroll rule list) or by the path of a file.")
    rules = [rule_named(name) for name in names]
    digests = [digest(rule) for rule in rules]
    for place, one in enumerate(digests):
        if one in digests[:place]:
            before = names[digests.index(one)]
            if before == names[place]:
                raise NotSaid(f"{before} is named twice. Expected: each rule once.")
            raise NotSaid(
                f"{before} and {names[place]} say the very same. Expected: each rule, or version of it, once."
            )
    return rules


def with_settings(city: City, said: Sequence[str]) -> City:
    """The city with every `--set PATH=NUMBER` in it."""
    values: dict[str, float] = {}
    for one in said:
        path, equals, number = one.partition("=")
        if not equals:
            raise NotSaid(f"--set {one}: expected PATH=NUMBER, as in filing.lull=0.002.")
        if path in values:
            raise NotSaid(f"--set {path} is said twice. Expected: each assumption once.")
        known_path(path)
        values[path] = _number(f"--set {one}", number, path)
    try:
        return with_overrides(city, values)
    except RuleFaults as error:
        paths = [one.path.removeprefix("assumptions/").replace("/", ".") for one in error.faults]
        faults = [
            f"--set: {path}: {one.found} Expected: {one.expected}."
            for path, one in zip(paths, error.faults, strict=True)
        ]
        raise NotSaid("\n".join(faults)) from error


def _number(said: str, number: str, path: str) -> float:
    expected = titles()[path].expected
    try:
        value = float(number)
    except ValueError as error:
        raise NotSaid(f"{said}: {number!r} is no number. Expected: {expected}.") from error
    least, most = titles()[path].bounds
    if not least <= value <= most:
        raise NotSaid(f"{said}: {number} makes no sense for {path}. Expected: {expected}.")
    return value


def ranges_over(city: City, said: Sequence[str]) -> dict[str, tuple[float, float]]:
    """What is swept: every `--over PATH` with the city's range, or `--over PATH=LOW..HIGH`; where none is said, all ranges."""
    known = spread(city)
    if not said:
        return known
    ranges: dict[str, tuple[float, float]] = {}
    for one in said:
        path, equals, numbers = one.partition("=")
        known_path(path)
        if path in ranges:
            raise NotSaid(f"--over {path} is said twice. Expected: each assumption once.")
        if equals:
            low, dots, high = numbers.partition("..")
            ends = (_number(f"--over {one}", low, path), _number(f"--over {one}", high, path)) if dots else (0.0, 0.0)
            if not ends[0] < ends[1]:
                raise NotSaid(
                    f"--over {one}: expected PATH=LOW..HIGH with the low end first, as in filing.lull=0.001..0.01."
                )
            ranges[path] = ends
        elif path in known:
            ranges[path] = known[path]
        else:
            raise NotSaid(f"--over {path}: {city.id} gives it no range. Expected: a range, as in {path}=LOW..HIGH.")
    return ranges


def day_by(city: City, by: str | None) -> date | None:
    """The day that `filed` is asked on, inside the run; None where nothing is said."""
    if by is None:
        return None
    last = city.begin + timedelta(days=city.days - 1)
    expected = f"--by {by}: expected a day of the run, from {city.begin} to {last}."
    try:
        day = date.fromisoformat(by)
    except ValueError as error:
        raise NotSaid(expected) from error
    if not city.begin <= day <= last:
        raise NotSaid(expected)
    return day


def hold_numbers(city: City, runs: int, seed: int, mode: Mode = "cohorts") -> None:
    """Refuse numbers of runs, seeds and people that cannot be worked on."""
    if not 1 <= runs <= MOST_RUNS:
        raise NotSaid(f"{runs} runs: expected 1 to {MOST_RUNS:,}.")
    if not 0 <= seed <= MOST_SEED:
        raise NotSaid(f"--seed {seed}: expected a whole number from 0 to {MOST_SEED}.")
    people = people_of(city)
    if mode == "people" and people > MOST_ONE_BY_ONE:
        raise NotSaid(
            f"--mode people: {city.id} has {people:,.0f} people, and each would be moved one by one. "
            f"Expected: at most {MOST_ONE_BY_ONE:,} of them, or --mode cohorts, which is exact in law for any number."
        )


def hold_output(path: Path | None, kinds: Sequence[str]) -> None:
    """Refuse a file that could not be written, before hours are spent on what should stand in it."""
    if path is None:
        return
    if path.suffix not in kinds:
        raise NotSaid(f"-o {path}: expected a name that ends in {' or '.join(kinds)}.")
    if path.is_dir():
        raise NotSaid(f"-o {path} is a folder. Expected: the name of a file in it.")
    if not path.parent.is_dir():
        raise NotSaid(f"-o {path}: there is no folder {path.parent}. Make it first, or name another.")
    if not os.access(path.parent, os.W_OK):
        raise NotSaid(f"-o {path}: nothing can be written in {path.parent}. Name another folder.")


@contextmanager
def hands(workers: int | None, scheduler: str | None, runs: int) -> Iterator[Any]:
    """Who does the work: None for this process, else a Dask client of processes of ours or of somebody's cluster."""
    if workers is not None and scheduler is not None:
        raise NotSaid("--workers and --scheduler: expected one of them. Processes here, or a cluster by its address.")
    if workers is not None and not 1 <= workers <= 1024:
        raise NotSaid(
            f"--workers {workers}: expected 1 to 1,024 processes; {os.cpu_count()} is what this machine has cores for."
        )
    if scheduler is not None and not re.fullmatch(r"(tcp|tls)://[^/\s]+:\d+", scheduler):
        raise NotSaid(
            f"--scheduler {scheduler}: expected an address as a Dask scheduler prints it, tcp://10.0.0.5:8786."
        )
    if scheduler is not None:
        found: Any = remote(scheduler)
    else:
        processes = min(workers or 1, runs)
        found = local(processes) if processes > 1 else nullcontext(None)
    with found as client:
        yield client


def answers_named(names: Sequence[str]) -> tuple[str, ...]:
    """Answers by name, each that there is."""
    known = tuple(one.name for one in ANSWERS)
    for name in names:
        if name not in known:
            raise NotSaid(f"--answer {name}: expected one of {', '.join(known)}.")
    return tuple(dict.fromkeys(names))
