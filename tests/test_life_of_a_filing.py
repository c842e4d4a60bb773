"""The page that tells the life of a filing, and the code that lives it, number the same steps."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "life-of-a-filing.md").read_text(encoding="utf-8")
STEP = re.compile(r"[Ss]teps? (\d+)(?: (?:to|and) (\d+))?")


def told() -> dict[int, list[str]]:
    """The steps of the page, with the files it names for each."""
    rows = re.findall(r"^\| (\d+) \| .*? \| (.*?) \|", PAGE, re.MULTILINE)
    return {int(number): re.findall(r"`([\w/]+\.py)`", places) for number, places in rows}


def marked(path: Path) -> set[int]:
    """The steps that a file's comments and docstrings number."""
    found: set[int] = set()
    for first, last in STEP.findall(path.read_text(encoding="utf-8")):
        found |= set(range(int(first), int(last or first) + 1))
    return found


def test_the_steps_are_numbered_without_a_gap() -> None:
    """The page tells steps 1 to 14, each once."""
    assert sorted(told()) == list(range(1, 15))


def test_each_step_stands_in_every_file_the_page_names() -> None:
    """Each step of the page is numbered in every file that it names for it."""
    for number, places in told().items():
        assert places, number
        paths = [ROOT / "src" / "openroll" / place for place in places]
        assert all(path.is_file() for path in paths), places
        assert [path.name for path in paths if number not in marked(path)] == [], number


def test_the_code_numbers_no_step_that_the_page_does_not_tell() -> None:
    """No comment in the service numbers a step beyond the page's."""
    for path in (ROOT / "src" / "openroll" / "service").rglob("*.py"):
        assert marked(path) <= set(told()), path
