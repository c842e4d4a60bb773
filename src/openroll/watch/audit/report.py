"""A monitor's limits, and its report of one visit."""

from dataclasses import dataclass, field
from datetime import timedelta

from openroll.watch.audit.entries import TOLERANCE, CivilDays
from openroll.watch.audit.finding import Finding


@dataclass(frozen=True, slots=True)
class MonitorLimits:
    """What the monitor tolerates. `lag`, `lag_entries`: how far a mirror may be behind; `quiet`: how long a head may stand still.

    `tolerance` is how long after the end of its day an entry may get its place. `whole` reads every entry again.
    `roll` says whether the log is a roll's; None looks at its first entry.
    """

    days: CivilDays = field(default_factory=CivilDays)
    tolerance: timedelta = TOLERANCE
    lag: timedelta = timedelta(hours=24)
    lag_entries: int | None = None
    quiet: timedelta = timedelta(days=7)
    whole: bool = False
    roll: bool | None = None


@dataclass
class VisitReport:
    """The report of one visit: faults, warnings, what was checked and what could not be, and sources that did not answer."""

    log: str
    size: int = 0
    root: str = ""
    read: int = 0
    faults: list[Finding] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    checked: list[str] = field(default_factory=list)
    not_checked: list[str] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)

    @property
    def status(self) -> int:
        """0 when all was looked at and agrees, 1 with a fault, 2 when something could not be looked at."""
        return 1 if self.faults else 2 if self.trouble else 0
