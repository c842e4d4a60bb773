"""What is meant where nobody said anything: which shipped jurisdiction, and what its roll is called. Reads one small file."""

from functools import cache
from importlib.resources import files


@cache
def _preset() -> tuple[str, str]:
    jurisdiction, roll = (files("openroll.places") / "shipped" / "PRESET").read_text(encoding="ascii").split()
    return jurisdiction, roll


def preset() -> str:
    """The jurisdiction that is meant where nobody named one."""
    return _preset()[0]


def preset_roll() -> str:
    """The short name of the roll that is meant where OPENROLL_ROLL names none."""
    return _preset()[1]
