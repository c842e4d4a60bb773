"""Evaluate a fit on held-out observations: each number beside its predicted band, paces, and the shape of the drive.

Nothing here changes a fit. A failed prediction is a row like another.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import TypeAlias

import msgspec
import numpy as np
from numpy.random import Generator, Philox
from numpy.typing import NDArray

from openroll.whatif.fitting.course import belief, later
from openroll.whatif.fitting.drive import Drive, Observation
from openroll.whatif.fitting.fit import BAND, Fitted

Numbers: TypeAlias = NDArray[np.float64]
WEEK = timedelta(days=5)
"""The week before a deadline begins at the newest observation that is at least so many days older than its end."""


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


class HeldOut(msgspec.Struct, frozen=True):
    """A held-out observation beside its predicted band, which includes the observation's own error."""

    day: date
    filed: int
    quality: str
    low: float
    middle: float
    high: float
    inside: bool
    error: float
    """The middle against what was told, in per cent: above 0 where too many were predicted."""
    place: float
    """Share of the predictive draws that were lower: 0.1 to 0.9 is inside the band."""


class Pace(msgspec.Struct, frozen=True):
    """Filings a day between two observations, the later one held out."""

    begin: date
    end: date
    seen: float
    low: float
    middle: float
    high: float
    inside: bool


class Shape(msgspec.Struct, frozen=True):
    """A qualitative feature of drives (lull, rush, ...): whether this one had it, and the share of draws that do.

    `says` is English, for the catalogues.
    """

    name: str
    says: str
    seen: bool
    predicted: float

    @property
    def reproduced(self) -> bool:
        """Whether most draws have the feature as the drive had it."""
        return (self.predicted >= 0.5) == self.seen


class HoldoutEvaluation(msgspec.Struct, frozen=True, kw_only=True):
    """The evaluation of a fit on held-out data."""

    drive: str
    rule: str
    until: date
    fitted_to: int
    seed: int
    draws: int
    size: float
    population: int
    assumptions: dict[str, tuple[float, float, float]]
    """Low, middle and high of each assumption's posterior."""
    held_out: tuple[HeldOut, ...]
    paces: tuple[Pace, ...]
    shapes: tuple[Shape, ...]
    peak: tuple[date, date, date]
    """The 10 %, 50 % and 90 % quantile of the day on which most file."""

    @property
    def coverage(self) -> float:
        """Share of the held-out numbers inside their bands; they hang together, so it is no test of its own."""
        return float(np.mean([one.inside for one in self.held_out])) if self.held_out else float("nan")


def evaluate_holdout(fitted: Fitted, drive: Drive) -> HoldoutEvaluation:
    """Evaluate a fit against the whole drive: only what is later than the fit's `until` counts."""
    held = [one for one in drive.observations if one.day > fitted.until]
    last = max([*(one.day for one in held), fitted.drive.observations[-1].day])
    drawn = fitted.trajectories(last)
    flow = np.diff(drawn, axis=0, prepend=0.0)
    seen = [*fitted.drive.observations, *held]
    low, middle, high = np.quantile(fitted.draws.to_numpy(), BAND, axis=0)
    days = np.quantile(flow.argmax(axis=0), BAND, method="nearest")

    def on(day: np.int64) -> date:
        return drive.opened + timedelta(days=int(day))

    return HoldoutEvaluation(
        drive=drive.id,
        rule=fitted.rule.ref,
        until=fitted.until,
        fitted_to=len(fitted.drive.observations),
        seed=fitted.seed,
        draws=len(fitted.z),
        size=fitted.size,
        population=drive.population,
        assumptions={
            name: (float(low[at]), float(middle[at]), float(high[at])) for at, name in enumerate(fitted.draws.columns)
        },
        held_out=tuple(_held_out(held, drawn, flow, drive, fitted.seed)),
        paces=tuple(_paces(seen, drawn, drive.opened, fitted.until)),
        shapes=tuple(_shapes(fitted, seen, drawn, last)) if held else (),
        peak=(on(days[0]), on(days[1]), on(days[2])),
    )


def _held_out(held: Sequence[Observation], drawn: Numbers, flow: Numbers, drive: Drive, seed: int) -> Iterator[HeldOut]:
    rng = Generator(Philox(key=[seed, 5]))
    for one in held:
        day = (one.day - drive.opened).days
        wrong = np.sqrt(one.variance + (one.days_adrift * flow[day]) ** 2)
        told = drawn[day] + wrong * rng.standard_normal(drawn.shape[1])
        low, middle, high = (float(edge) for edge in np.quantile(told, BAND))
        yield HeldOut(
            one.day,
            one.filed,
            one.quality,
            low,
            middle,
            high,
            low <= one.filed <= high,
            100 * (middle / one.filed - 1),
            float((told < one.filed).mean()),
        )


def _pace(drawn: Numbers, opened: date, begin: date, end: date) -> Numbers:
    at, to = (begin - opened).days, (end - opened).days
    return np.asarray((drawn[to] - drawn[at]) / (to - at))


def _paces(seen: Sequence[Observation], drawn: Numbers, opened: date, until: date) -> Iterator[Pace]:
    for before, after in pairwise(seen):
        if after.day <= until:
            continue
        told = (after.filed - before.filed) / (after.day - before.day).days
        low, middle, high = (float(one) for one in np.quantile(_pace(drawn, opened, before.day, after.day), BAND))
        yield Pace(before.day, after.day, told, low, middle, high, low <= told <= high)


class _Windows:
    """The paces between observations, observed and drawn, looked up by their days."""

    def __init__(self, seen: Sequence[Observation], drawn: Numbers, opened: date) -> None:
        self._seen, self._drawn, self._opened = list(seen), drawn, opened

    def between(self, begin: Observation, end: Observation) -> tuple[float, Numbers]:
        told = (end.filed - begin.filed) / (end.day - begin.day).days
        return told, _pace(self._drawn, self._opened, begin.day, end.day)

    def all(self, after: date = date.min, to: date = date.max) -> tuple[Numbers, Numbers]:
        """Every window that begins on or after a day and ends by another: told [windows], drawn [windows, draws]."""
        pairs = [self.between(a, b) for a, b in pairwise(self._seen) if a.day >= after and b.day <= to]
        return np.array([told for told, _ in pairs]), np.array([drawn for _, drawn in pairs])

    def first(self, after: date) -> tuple[float, Numbers] | None:
        """The first window that begins no earlier than the newest observation before a day."""
        pairs = [(a, b) for a, b in pairwise(self._seen) if b.day > after]
        return self.between(*pairs[0]) if pairs else None

    def week_before(self, end: date) -> tuple[float, Numbers] | None:
        """From the newest observation that is a week or so older than the last one up to a day, to that one."""
        ends = [one for one in self._seen if one.day <= end]
        begins = [one for one in ends if one.day <= ends[-1].day - WEEK]
        return self.between(begins[-1], ends[-1]) if begins else None


def _shapes(fitted: Fitted, seen: Sequence[Observation], drawn: Numbers, last: date) -> Iterator[Shape]:
    """Lull, rush, peak; and where the deadline moved, slump and second rush; and what came after the last day."""
    known = belief(fitted.rule, fitted.drive, last)
    windows = _Windows(seen, drawn, fitted.drive.opened)
    moves = [
        day
        for day, before, after in zip(known.days[1:], known.due, known.due[1:], strict=False)
        if later(before, after)
    ]
    final = known.due[-1]
    ends = [day - timedelta(days=1) for day in moves] + ([final] if final and final <= last else [])
    if not ends or (rush := windows.week_before(ends[0])) is None:
        return
    told, paces = windows.all(to=ends[0])
    yield _shape(
        "lull",
        _("the slowest stretch before the deadline is below half the first and half the last week"),
        told.min() < 0.5 * min(told[0], rush[0]),
        paces.min(axis=0) < 0.5 * np.minimum(paces[0], rush[1]),
    )
    if fitted.until < ends[0]:  # what was fitted is no prediction
        quiet, quiets = windows.all(to=fitted.until)
        yield _shape(
            "rush",
            _("the week before the deadline is faster than every stretch that was fitted but the first"),
            rush[0] > quiet[1:].max(),
            rush[1] > quiets[1:].max(axis=0),
        )
    told, paces = windows.all()
    yield _shape(
        "peak",
        _("the fastest stretch of all is the one that was"),
        True,
        paces.argmax(axis=0) == told.argmax(),
    )
    if moves:
        yield from _moved_shapes(windows, moves[-1], final, last, rush)
    if final and final < last and (grace := windows.first(final)) and (second := windows.week_before(final)):
        yield _shape(
            "grace",
            _("on the last day and after it, filing is faster than in the week before"),
            grace[0] > second[0],
            grace[1] > second[1],
        )


def _moved_shapes(
    windows: _Windows, moved: date, final: date | None, last: date, rush: tuple[float, Numbers]
) -> Iterator[Shape]:
    """What followed once the deadline was put off: slump and second rush."""
    if slump := windows.first(moved):
        yield _shape(
            "slump",
            _("the first stretch after the deadline was put off is below half the week before"),
            slump[0] < 0.5 * rush[0],
            slump[1] < 0.5 * rush[1],
        )
    if final and final <= last and (second := windows.week_before(final)):
        told, paces = windows.all(after=moved, to=final)
        yield _shape(
            "second rush",
            _("the week before the new deadline is over 1.5 times the slowest stretch since it was put off"),
            second[0] > 1.5 * told.min(),
            second[1] > 1.5 * paces.min(axis=0),
        )


def _shape(name: str, says: str, seen: bool, drawn: NDArray[np.bool_]) -> Shape:
    return Shape(name, says, bool(seen), float(np.mean(drawn)))
