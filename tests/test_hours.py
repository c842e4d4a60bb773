"""What `script/test at HH:MM` runs is there, and an hour that is none is refused before anything is done."""

import subprocess
from pathlib import Path

import pytest

from tests.hours import DRIVES_THE_CLOCK, UNMINDED

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", [*DRIVES_THE_CLOCK, *UNMINDED])
def test_what_minds_the_hour_is_there(name: str) -> None:
    """Each beginning of a name in tests/hours.py is that of a file or folder of tests."""
    assert [*ROOT.glob(f"{name}*")] or (ROOT / name).is_dir()


@pytest.mark.parametrize("hour", ["", "24:00", "9:5", "noon"])
def test_an_hour_that_is_none_is_refused_in_a_sentence(hour: str) -> None:
    """Before anything is set up, installed or run."""
    done = subprocess.run([ROOT / "script/test", "at", hour], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "script/test: an hour is said as HH:MM, UTC: script/test at 23:55\n"
