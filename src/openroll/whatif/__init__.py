"""The city model (what-if): simulate a synthetic population under each rule, to measure a rule before anyone enforces it.

A *city* says who lives there and what is assumed of them; a *rule* says what is asked of them. `run` puts people through
days: each day every person makes at most one move (files, is turned away, is warned, gives up ...) with a chance that
small processes work out from the rule and the day. People of one group in one district are exchangeable, so whole cohorts
move at once as multinomials, exact in law, or person by person, one uniform number each: both modes read the same table
of chances. docs/whatif.md tells it whole.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from openroll.whatif.cities import NoSuchCity, cities, load_city, parse_city
from openroll.whatif.city import City, Quantity
from openroll.whatif.titles import titles

if TYPE_CHECKING:
    from openroll.whatif.metrics import ANSWERS, BAND, answers, bands, daily, deadline, differences, swings
    from openroll.whatif.running import Outcome, run

__all__ = [
    "ANSWERS",
    "BAND",
    "City",
    "NoSuchCity",
    "Outcome",
    "Quantity",
    "answers",
    "bands",
    "cities",
    "daily",
    "deadline",
    "differences",
    "load_city",
    "parse_city",
    "run",
    "swings",
    "titles",
]

_RUNNING = ("Outcome", "run")


def __getattr__(name: str) -> Any:
    """Load the model itself when it is first asked for (PEP 562): who only reads cities does not wait for NumPy and Numba."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{'running' if name in _RUNNING else 'metrics'}"), name)
    globals()[name] = value
    return value
