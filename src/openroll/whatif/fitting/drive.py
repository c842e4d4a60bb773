"""Read a filing drive that happened (CSV): how many had filed by which day, with errors and source.

A drive file is CSV with the columns as_of, cumulative, quality, source. Lines before it that begin with `#` say what the rows
are of (`# population: 168977773`); what they leave out may be said by the caller. Every mistake is told with its line.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from datetime import date
from importlib.resources import files
from itertools import pairwise

import msgspec

from openroll.rules import Fault

_SHIPPED = files("openroll.whatif.fitting") / "drives"
COLUMNS = ("as_of", "cumulative", "quality", "source")
NOT_DRIVES = frozenset({"rushes"})
"""Files beside the drives that are not drives: what `priors` reads."""

COUNTING = 0.001
"""Error of a number called exact, as a share of it: late reports, corrections, days that end a little early."""

SUMMING = 0.01
"""Error of a sum over operators whose days end at different hours: two such sums for 28 December 2022 differ by 1.4 %."""

_QUALITIES = "exact, rounded, a % of the base, sum of N operators; any of them with: date +-1 day"
_PER_CENT = re.compile(r"\d+(?:\.(\d+))?\s*%")


class DriveFaults(ValueError):
    """The file is not a drive. `faults` holds every mistake found, in the order of the lines."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.line, fault.path)))
        super().__init__("\n".join(map(str, self.faults)))


class NoSuchDrive(LookupError):
    """No drive of this name ships with Openroll. `known` lists what does."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        self.name, self.known = name, tuple(known)
        super().__init__(f"there is no drive {name!r}; there is {', '.join(known)}")


class Observation(msgspec.Struct, frozen=True):
    """How many had filed by the end of a day. `share` and `step` are the two parts of its error, `adrift` the day's own.

    `share` is a standard deviation as a share of the number; `step` is what it was rounded to; `adrift` says that the day
    itself may be off by one, either way.
    """

    day: date
    filed: int
    quality: str
    share: float
    step: float
    adrift: bool
    source: str = ""

    @property
    def variance(self) -> float:
        """Variance of the number about the truth, but for the day. A rounded number is even over its step: step^2/12."""
        return (self.share * self.filed) ** 2 + self.step**2 / 12

    @property
    def days_adrift(self) -> float:
        """Standard deviation of the day, in days: -1, 0 and 1 are held equally likely where it is uncertain."""
        return (2 / 3) ** 0.5 if self.adrift else 0.0


class Drive(msgspec.Struct, frozen=True, kw_only=True):
    """An observed filing drive. `connected`, the day those asked got their subscriptions, decides which duty is theirs.

    Where it is not said they are taken to be those the rule found when it came into force.
    """

    id: str
    title: str
    rule: str
    kind: str
    connected: date | None
    opened: date
    """The first day on which one could file: day 0."""
    population: int
    """How many were asked to file, without those who had filed before the drive opened."""
    before: int = 0
    """How many had filed before it opened. They are in no observation here: those count from the opening on."""
    until: date
    """The last day that a fit may see when the rest is held out."""
    observations: tuple[Observation, ...]

    def seen(self, until: date) -> "Drive":
        """The drive as it was known on a day: no later observation."""
        return msgspec.structs.replace(self, observations=tuple(one for one in self.observations if one.day <= until))


class _Head(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What the `#` lines of a drive file say."""

    rule: str
    opened: date
    population: int
    title: str = ""
    kind: str = "person"
    connected: date | None = None
    until: date | None = None
    before: int = 0
    sources: str = ""


def drives() -> tuple[str, ...]:
    """The names of the drives that ship, in order."""
    names = (file.name.removesuffix(".csv") for file in _SHIPPED.iterdir() if file.name.endswith(".csv"))
    return tuple(sorted(name for name in names if name not in NOT_DRIVES))


def load_drive(name: str, **said: str) -> Drive:
    """A shipped drive by name, `said` as in `parse_drive`. Raises NoSuchDrive, and DriveFaults for what is said wrongly."""
    if name not in drives():
        raise NoSuchDrive(name, drives())
    return parse_drive((_SHIPPED / f"{name}.csv").read_text(encoding="utf-8"), f"{name}.csv", **said)


def parse_drive(text: str, name: str, **said: str) -> Drive:
    """The drive that a CSV text describes. `said` fills in or overrides its `#` lines. Raises DriveFaults with every mistake."""
    faults: list[Fault] = []
    lines = text.removeprefix("\ufeff").splitlines()
    above = next((at for at, line in enumerate(lines) if line.strip() and not line.startswith("#")), len(lines))
    head = _head(lines[:above], name, said, faults)
    population = head.population if head else 1
    observations = list(_observations(lines, above, name, population, faults))
    if not faults and len(observations) < 2:
        faults.append(
            Fault(name, len(lines) or 1, "", f"There are {len(observations)} rows.", "two observations or more")
        )
    if head and not faults:
        faults += _validate(observations, head, name)
    if faults or head is None:
        raise DriveFaults(faults)
    return Drive(
        id=name.rpartition("/")[2].removesuffix(".csv"),
        title=head.title or name,
        rule=head.rule,
        kind=head.kind,
        connected=head.connected,
        opened=head.opened,
        population=head.population - head.before,
        before=head.before,
        until=head.until or observations[-1][1].day,
        observations=tuple(_from_the_opening(one, head.before) for _, one in observations),
    )


def _from_the_opening(one: Observation, before: int) -> Observation:
    """An observation without those who had filed before the drive opened; its error stays that of the number as it was told."""
    filed = one.filed - before
    return msgspec.structs.replace(one, filed=filed, share=one.share * one.filed / filed) if before and filed else one


def _head(lines: Sequence[str], name: str, said: dict[str, str], faults: list[Fault]) -> _Head | None:
    places = {key: (1, value) for key, value in said.items() if value}
    for number, line in enumerate(lines, 1):
        key, colon, value = line.lstrip("# ").partition(":")
        if colon and key in _Head.__struct_fields__:
            places.setdefault(key, (number, value.strip()))
        elif line.strip("# "):
            known = ", ".join(_Head.__struct_fields__)
            faults.append(
                Fault(name, number, key, "This line says nothing known.", f"one of {known}", "# until: 2023-04-03")
            )
    for key, expected in (
        ("rule", "the name of a rule"),
        ("opened", "the first day"),
        ("population", "how many are asked"),
    ):
        if key not in places:
            faults.append(Fault(name, 1, key, f"{key!r} is not said.", f"{expected}, above the rows", f"# {key}: ..."))
    values: dict[str, object] = {}
    for key, (number, value) in places.items():
        try:
            values[key] = _typed(key, value)
        except ValueError:
            least = _WHOLE.get(key)
            expected = "a date, YYYY-MM-DD" if least is None else f"a whole number from {least}"
            example = "2022-12-27" if least is None else "168977773"
            faults.append(Fault(name, number, key, f"{value!r} does not fit.", expected, example))
    return None if faults else msgspec.convert(values, _Head)


_WHOLE = {"population": 1, "before": 0}
"""Keys that say how many, and the least that makes sense."""


def _typed(key: str, value: str) -> object:
    if key in ("opened", "connected", "until"):
        return date.fromisoformat(value)
    return _whole(value, _WHOLE[key]) if key in _WHOLE else value


def _whole(value: str, least: int) -> int:
    if not re.fullmatch(r"[0-9]{1,15}", value) or int(value) < least:
        raise ValueError(value)
    return int(value)


def _observations(
    lines: Sequence[str], above: int, name: str, population: int, faults: list[Fault]
) -> Iterator[tuple[int, Observation]]:
    reader = csv.reader(lines[above:])
    titles = tuple(next(reader, ()))
    if titles != COLUMNS:
        faults.append(Fault(name, above + 1, "", f"The columns are {', '.join(titles) or 'none'}.", ", ".join(COLUMNS)))
        return
    for cells in reader:
        number = above + reader.line_num
        if not any(cells):
            continue
        if len(cells) != len(COLUMNS):
            faults.append(
                Fault(
                    name,
                    number,
                    "",
                    f"The row has {len(cells)} cell{'' if len(cells) == 1 else 's'}.",
                    f"{len(COLUMNS)}: {', '.join(COLUMNS)}",
                )
            )
            continue
        found = list(_cell_faults(cells, name, number))
        faults += found
        if not found:
            yield number, _observation(cells, population)


def _cell_faults(cells: Sequence[str], name: str, number: int) -> Iterator[Fault]:
    as_of, cumulative, quality, _ = cells
    try:
        date.fromisoformat(as_of)
    except ValueError:
        yield Fault(name, number, "as_of", f"{as_of!r} is no date.", "a date, YYYY-MM-DD", "2023-04-03")
    try:
        _whole(cumulative, 0)
    except ValueError:
        yield Fault(
            name, number, "cumulative", f"{cumulative!r} is no number of filings.", "a whole number", "58277996"
        )
    if not re.match(r"exact|rounded|sum of|[\d.]+\s*%", quality):
        yield Fault(name, number, "quality", f"{quality!r} is no quality.", _QUALITIES, "exact")


def _observation(cells: Sequence[str], population: int) -> Observation:
    as_of, cumulative, quality, source = cells
    filed = int(cumulative)
    share = SUMMING if quality.startswith("sum of") else COUNTING
    adrift = re.search(r"date (\+-|±)1 day", quality) is not None
    return Observation(
        date.fromisoformat(as_of), filed, quality, share, _step(filed, quality, population), adrift, source
    )


def _step(filed: int, quality: str, population: int) -> float:
    """What a number was rounded to: the last place of its per cent, else its last place that is no zero."""
    if quality.startswith(("exact", "sum of")):
        return 1.0
    if per_cent := _PER_CENT.search(quality):
        return float(population / 100 / 10 ** len(per_cent[1] or ""))
    digits = str(filed)
    return float(10 ** (len(digits) - len(digits.rstrip("0"))))


def _validate(rows: Sequence[tuple[int, Observation]], head: _Head, name: str) -> Iterator[Fault]:
    """What each row may look well without: days and numbers that rise, and nobody counted who is not there."""
    number, first = rows[0]
    if first.day < head.opened:
        want = f"{head.opened} or later; what was filed before is said once, above the rows"
        yield Fault(name, number, "as_of", f"{first.day} is before the drive opened.", want, f"# before: {first.filed}")
    if head.before >= min(first.filed, head.population):
        want = f"fewer than the {min(first.filed, head.population)} of the first row: every row counts them too"
        yield Fault(name, number, "before", f"{head.before} had filed before the drive opened.", want, "# before: 0")
    for (_, before), (number, after) in pairwise(rows):
        if after.day <= before.day:
            yield Fault(name, number, "as_of", f"{after.day} follows {before.day}.", "days in order, each once")
        if after.filed < before.filed:
            yield Fault(
                name, number, "cumulative", f"{after.filed} follows {before.filed}.", "a number that does not fall"
            )
    for number, one in rows:
        if one.filed > head.population:
            yield Fault(name, number, "cumulative", f"{one.filed} have filed.", f"at most the {head.population} asked")
