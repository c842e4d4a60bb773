"""The page on drive files: every key and column of the code stands in it, and its example says what the page says it does."""

import re
from pathlib import Path

import pytest

from openroll.whatif.fitting import drive as drives

PAGE = (Path(__file__).parents[2] / "docs" / "drive-file.md").read_text(encoding="utf-8")
EXAMPLE = re.findall(r"```csv\n(.*?)```", PAGE, re.DOTALL)[0]


def test_every_key_and_column_is_on_the_page() -> None:
    """The keys above the rows and the columns are those that the reading knows, no more and no fewer."""
    above, rows = PAGE.split("## Above the rows")[1].split("## The rows")
    keys = {key for row in re.findall(r"^\| (`.*?) \|", above, re.MULTILINE) for key in re.findall("`([a-z]+)`", row)}
    assert keys == set(drives._Head.__struct_fields__)
    assert tuple(re.findall(r"^\| `([a-z_]+)` \| [a-z]", rows, re.MULTILINE)[:4]) == drives.COLUMNS


def test_the_example_is_what_the_page_says_of_it() -> None:
    """Of 251,000 who had filed at its end 231,000 came with the drive, out of 480,000; a share in a row's place is told."""
    found = drives.parse_drive(EXAMPLE, "mine.csv")
    assert (found.population, found.before, found.observations[-1].filed) == (480_000, 20_000, 231_000)
    with pytest.raises(drives.DriveFaults) as wrong:
        drives.parse_drive(EXAMPLE.replace(",180000,", ",36 %,"), "mine.csv")
    assert [(one.line, one.path) for one in wrong.value.faults] == [(13, "cumulative")]


@pytest.mark.parametrize(
    ("quality", "share"),
    [("exact", 0.001), ("rounded", 0.001), ("12.5 % of the base", 0.001), ("sum of 3 operators", 0.01)],
)
def test_the_errors_of_the_page_are_those_of_the_code(quality: str, share: float) -> None:
    """Each quality that the page names is read, with the error that it names."""
    assert f"`{quality}`" in PAGE
    text = "# rule: x\n# opened: 2023-01-01\n# population: 1000\nas_of,cumulative,quality,source\n"
    found = drives.parse_drive(f"{text}2023-01-02,100,{quality},a\n2023-01-03,200,exact,a\n", "x.csv")
    assert found.observations[0].share == share
