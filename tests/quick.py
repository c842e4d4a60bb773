"""What `script/test quick` runs: what says most in least time, and everything that a change touches.

Left out are browsers and Node.js, served rolls, processes that are killed, clusters, and what takes long by itself. A test file
that was changed, or that is named like a changed file of the program, is run all the same, but for those with a browser.
"""

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

SLOW_FIXTURES = {"browser", "inside", "installed", "live", "program", "served", "walk", "walker", "wheel"}
"""Fixtures that start a browser, a server or other programs, or make something large."""

SLOW = (
    "tests/api/",
    "tests/bench/",
    "tests/cli/",
    "tests/paper/",
    "tests/report/",
    "tests/service/",
    "tests/sheet/test_bounds.py",
    "tests/sheet/test_mend.py::test_mending_takes_flat_memory",
    "tests/sheet/test_reading.py::test_memory_stays_flat",
    "tests/test_nothing_readable.py",
    "tests/watch/",
    "tests/web/",
    "tests/whatif/",
)
"""Beginnings of the names of tests that take long."""

IN_NODE = (
    "tests/disclosure/test_browser_envelopes.py",
    "tests/register/test_given_in_page.py",
    "tests/register/test_request_compared.py",
    "tests/register/test_request_in_browser.py",
)
"""Test files that hold what the pages' own programs do under Node.js against what ours do."""

KEPT = (
    "tests/service/test_governance.py",
    "tests/service/test_filing.py",
    "tests/watch/test_log_reader.py",
    "tests/whatif/test_rule_effects.py",
)
"""Test files that are run all the same, so that each room is looked into."""


def changed_files() -> list[str]:
    """The files that differ from the newest commit, and those git does not know yet; nothing outside a checkout."""
    asked = ["git", "status", "--porcelain", "--untracked-files=all", "--no-renames"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    return [line[3:] for line in done.stdout.splitlines()] if done.returncode == 0 else []


def touched_by(changed: Iterable[str]) -> set[str]:
    """The stems of test files that a change touches: the changed tests, and those named like a changed file of the program.

    Where one of the pages' own programs changed, what is held against it under Node.js too.
    """
    paths = list(changed)
    stems = {Path(path).stem for path in paths if re.match(r"(src/openroll|tests)/.*\.py$", path)}
    if any(path.startswith("frontend/") for path in paths):
        stems |= {Path(path).stem for path in IN_NODE}
    return {stem if stem.startswith("test_") else f"test_{stem}" for stem in stems}


def is_quick(item: pytest.Item, touched: set[str]) -> bool:
    """Whether a test is among the quick ones."""
    fixtures = set(getattr(item, "fixturenames", ()))
    if "browser" in fixtures or item.get_closest_marker("browser") is not None:
        return False
    if item.path.stem in touched:
        return True
    if fixtures & SLOW_FIXTURES:
        return False
    return item.nodeid.startswith(KEPT) or not item.nodeid.startswith((*SLOW, *IN_NODE))


def keep_quick(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect everything else, when pytest was asked for `--quick`."""
    if not config.getoption("--quick"):
        return
    touched = touched_by(changed_files())
    kept = [item for item in items if is_quick(item, touched)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept
