"""The expected course of a filing drive, without randomness: the share filed by each day under given assumptions.

Everyone is unaware, open (heard, not filed) or filed. On a day the unaware hear with chance `word`, and the open file with the
chance that `eagerness` gives; those who hear today may file tomorrow. It is the mean of the city model's cohorts where nothing
else happens.
"""

from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from openroll.rules import Rule, Subject, duties
from openroll.whatif.city import Filing
from openroll.whatif.filing import MOST, eagerness
from openroll.whatif.fitting.drive import Drive
from openroll.whatif.unmodelled import is_modelled

Numbers: TypeAlias = NDArray[np.float64]


class NoDuty(ValueError):
    """The rule asks no filing of those the drive is about, on any of its days; the text says what was asked of whom."""


class Belief(NamedTuple):
    """The deadline as people know it, day by day; each array has one number a day.

    `since`: days since they could file and had the duty. `left`: days to the deadline in force that day, below 0 after it,
    infinite where there is none. `put_off`: how often the deadline has moved to a later day so far.
    """

    since: Numbers
    left: Numbers
    put_off: Numbers
    days: tuple[date, ...]
    due: tuple[date | None, ...]


class Course(NamedTuple):
    """The expected shares of everyone by the end of each day, [days, draws], and the probability of filing on it."""

    unaware: Numbers
    open: Numbers
    filed: Numbers
    probability: Numbers

    @property
    def flow(self) -> Numbers:
        """The share that files on each day."""
        return np.diff(self.filed, axis=0, prepend=0.0)


def belief(rule: Rule, drive: Drive, last: date) -> Belief:
    """What the rule says on each day from the drive's first to `last`, by `duties`. Raises NoDuty."""
    days = tuple(drive.opened + timedelta(days=n) for n in range((last - drive.opened).days + 1))
    connected = drive.connected or (rule.in_force - timedelta(days=1) if rule.in_force else drive.opened)
    subject = Subject(drive.kind, connected=connected, activated=connected)
    filings = {duty.id for duty in rule.duties if duty.act == "file" and is_modelled(duty)}
    asked: list[tuple[bool, date | None]] = []
    for day in days:
        mine = [one for one in duties(subject, rule, day) if one.duty in filings and one.state != "none"]
        dues = [one.due for one in mine if one.due is not None]
        asked.append((bool(mine), min(dues, default=None)))
    bound = [at for at, (mine, _) in enumerate(asked) if mine]
    if not bound:
        raise NoDuty(
            f"{rule.id} asks no filing of a {drive.kind} connected on {connected} between {days[0]} and {last}."
        )
    due = tuple(one for _, one in asked)
    left = [np.inf if one is None else float((one - day).days) for day, one in zip(days, due, strict=True)]
    put_off = np.cumsum([0, *(later(before, after) for before, after in pairwise(due))])
    since = np.arange(float(len(days))) - bound[0]
    return Belief(since, np.array(left), put_off.astype(np.float64), days, due)


def later(before: date | None, after: date | None) -> bool:
    """Whether a deadline has moved to a later day."""
    return before is not None and after is not None and after > before


def course(assumptions: Filing[Numbers], known: Belief) -> Course:
    """The expected shares by day for each draw of assumptions. Days before the duty bound anyone have no filings."""
    columns = (known.since[:, None], known.left[:, None], known.put_off[:, None])
    return rolled(assumptions, eagerness(assumptions, *columns) * (columns[0] >= 0))


def rolled(assumptions: Filing[Numbers], probability: Numbers) -> Course:
    """The expected shares by day from known daily probabilities of filing, [days, draws]."""
    deaf = np.log1p(-np.minimum(assumptions.word, MOST))
    unaware = (1 - assumptions.heed) * np.exp(deaf * np.arange(len(probability) + 1.0)[:, None])
    hears, stays = -np.diff(unaware, axis=0), 1 - probability
    waiting = np.empty_like(probability)
    before = assumptions.heed
    for day in range(len(probability)):
        before = waiting[day] = before * stays[day] + hears[day]
    return Course(unaware[1:], waiting, 1 - unaware[1:] - waiting, probability)
