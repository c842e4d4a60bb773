"""What `script/test at HH:MM` runs under another clock: the tests whose outcome the hour of the day could turn.

They are those whose files read the machine's clock, and those that drive programs which do (servers, monitors, passes): there a
day of the roll (often east of Greenwich) and a day of the machine can differ, and midnight can fall within a test.
"""

import re

import pytest

READS_THE_CLOCK = re.compile(r"datetime\.now\(|time\.time\(|date\.today\(|Beside\(|time_ns\(")
"""How a test's file reads the machine's clock by itself."""

DRIVES_THE_CLOCK = (
    "tests/service/test_expiry.py",
    "tests/service/test_linkage.py",
    "tests/service/test_governance.py",
    "tests/service/test_release.py",
    "tests/service/test_api_tokens.py",
    "tests/service/test_unconfirmed.py",
    "tests/watch/cheats/",
    "tests/watch/test_monitor.py",
    "tests/web/journeys/test_registrar.py",
    "tests/web/test_clock.py",
    "tests/web/test_copy.py",
    "tests/web/test_serving.py",
)
"""Beginnings of the names of tests that ask for the hour through what they start."""

UNMINDED = ("tests/service/test_backup",)
"""They read the clock, but for how long something takes; and they take minutes."""


def keep_hours(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect everything else, when pytest was asked for `--hours`."""
    if not config.getoption("--hours"):
        return
    files = {item.path for item in items}
    readers = {path for path in files if READS_THE_CLOCK.search(path.read_text(encoding="utf-8"))}

    def minds_the_hour(item: pytest.Item) -> bool:
        if item.nodeid.startswith(UNMINDED):
            return False
        return item.nodeid.startswith(DRIVES_THE_CLOCK) or item.path in readers

    kept = [item for item in items if minds_the_hour(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept
