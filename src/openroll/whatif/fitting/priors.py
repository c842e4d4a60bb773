"""The prior distribution of each filing assumption, with its reason.

The rush before a deadline, and how fast it builds, come from other drives (`drives/rushes.csv`, each row with its source): the
same hazard is fitted to what seven of them filed near their deadlines (`rushes`), and the prior is the mean and the spread of
those, widened for the one more that is to come. Nothing in this file was read off a drive that it is used on; see
docs/whatif-philippines.md. All priors are independent and stand on a standard normal `z` each.
"""

from importlib.resources import files
from typing import Literal, TypeAlias

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.special import expit, ndtr

from openroll.whatif.city import Filing
from openroll.whatif.filing import eagerness

Numbers: TypeAlias = NDArray[np.float64]


class Prior(msgspec.Struct, frozen=True):
    """The prior of one assumption.

    `log`: its logarithm is normal about that of `centre`; `logit`: the same for a share and its log-odds; `even`: from 0 to 1.
    """

    name: str
    shape: Literal["log", "logit", "even"]
    centre: float
    spread: float
    """Standard deviation on the scale of the shape: exp(1.28 spread) is the factor to either end of the middle 80 %."""
    why: str

    def value(self, z: Numbers) -> Numbers:
        """The assumption's value at `z` standard deviations."""
        if self.shape == "log":
            return np.asarray(self.centre * np.exp(self.spread * z))
        if self.shape == "logit":
            return np.asarray(expit(np.log(self.centre / (1 - self.centre)) + self.spread * z))
        return np.asarray(ndtr(z))


PRIORS: tuple[Prior, ...] = (
    Prior(
        "heed",
        "logit",
        0.5,
        1.0,
        "Asked in autumn 2022, 45 % had heard of the coming duty before (SWS, malaya.com.ph); a SIM is "
        "not a person, and hearing is not heeding: 22 % to 78 %.",
    ),
    Prior("word", "log", 0.01, 1.2, "Half of those who had not heard do so in 70 days, give or take a factor of 5."),
    Prior("launch", "log", 0.05, 1.5, "The first day of a portal anywhere from 0.7 % to 34 % of those who know."),
    Prior("launch_days", "log", 7.0, 1.0, "A launch is news for days to weeks: 2 to 25 days."),
    Prior(
        "lull",
        "log",
        0.007,
        1.0,
        "Seven other drives: 0.3 % to 1.3 % a day of everyone (rushes.csv); of those who know it is more, "
        "hence the spread.",
    ),
    Prior("rush", "log", 0.15, 1.2, "Seven other drives: 1.8 % to 57 % on the last day (rushes.csv)."),
    Prior("rush_days", "log", 3.3, 1.3, "Seven other drives: 0.3 to 18 days (rushes.csv)."),
    Prior(
        "disbelief",
        "even",
        0.5,
        0.0,
        "The one drive of the seven that was put off (Bangladesh) rushed no less the second time; "
        "nothing is known, from none of the rush lost to all of it.",
    ),
    Prior(
        "late",
        "log",
        0.7,
        1.1,
        "After the day: more than before in Indonesia (blocked by steps), less in the EU settlement scheme of "
        "2021 (400,000 in the last month, 58,200 in the next): 0.17 to 2.9.",
    ),
    Prior(
        "wander",
        "log",
        0.25,
        0.6,
        "Daily filings stray from any smooth course by tens of per cent (weekends, news, portals down): 12 % to 54 %.",
    ),
    Prior("memory", "log", 14.0, 0.7, "... and stay astray for one to five weeks."),
)
"""In the order of the columns of every array of draws."""

NAMES = tuple(prior.name for prior in PRIORS)
OF_FILING = tuple(name for name in NAMES if name in Filing.__struct_fields__)


def rushes() -> pl.DataFrame:
    """The hazard of filing near the deadline in other drives: columns drive, lull, rush, rush_days; penalised least squares.

    The penalty (lull about 1 % and rush about 10 % within a factor of 7; rush_days about 4 within a factor of 3) decides only
    what a drive's few numbers leave open, as where the last day alone is known.
    """
    table = pl.read_csv((files("openroll.whatif.fitting") / "drives" / "rushes.csv").read_bytes())
    rows = [(name, *_rush(near)) for (name,), near in table.group_by("drive", maintain_order=True)]
    return pl.DataFrame(rows, schema=["drive", "lull", "rush", "rush_days"], orient="row")


def _rush(near: pl.DataFrame) -> tuple[float, float, float]:
    left = near["left"].to_numpy()
    still = (near["pool"] - near["filed"]).to_numpy()
    seen = np.log(still[:-1] / still[1:])
    days = np.arange(int(left[0]) + 1.0)
    within = np.clip(np.minimum(left[:-1, None], days + 1) - np.maximum(left[1:, None], days), 0, None)
    about, width = np.log([0.01, 0.1, 4.0]), np.array([2.0, 2.0, 1.0])

    def off(logs: Numbers) -> Numbers:
        lull, rush, rush_days = np.exp(logs)
        probability = eagerness(_plain(lull, rush, rush_days), days, days, np.zeros(()))
        missed = np.log(within @ -np.log1p(-probability) / seen) / 0.3
        return np.concatenate([missed, (logs - about) / width])

    lull, rush, rush_days = np.exp(least_squares(off, about).x)
    return float(lull), float(rush), float(rush_days)


def _plain(lull: float, rush: float, rush_days: float) -> Filing[Numbers]:
    """Filing with a lull and one rush, and nothing else of it."""
    assumptions = dict.fromkeys(Filing.__struct_fields__, 0.0) | {"launch_days": 1.0, "late": 1.0}
    assumptions |= {"lull": lull, "rush": rush, "rush_days": rush_days}
    return Filing(**{name: np.asarray(value) for name, value in assumptions.items()})
