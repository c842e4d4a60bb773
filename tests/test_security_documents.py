"""What SECURITY.md, docs/inventory.md and docs/asvs.md point at is there, and the scores add up."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

TREE = Path(__file__).parents[1]
PAGES = ("SECURITY.md", "docs/inventory.md", "docs/asvs.md")
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
_FILE = re.compile(r"`((?:src|tests|docs|script|frontend|requirements|\.ci)/[\w./-]+)(?:::\w+)?`")
_LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
_WITHIN = re.compile(r"`(src/[\w/]+\.py)` \(`([A-Za-z_]+)`\)")

LEVELS = {
    1: (8, 19),
    2: (4, 7),
    3: (8, 11),
    4: (2, 8),
    5: (4, 5),
    6: (13, 22),
    7: (6, 12),
    8: (4, 3),
    9: (4, 3),
    10: (5, 24),
    11: (3, 11),
    12: (3, 6),
    13: (1, 12),
    14: (2, 7),
    15: (3, 10),
    16: (0, 16),
    17: (0, 7),
}
"""How many requirements of level 1 and of level 2 each chapter of ASVS 5.0.0 has."""
VERDICTS = ("met", "in part", "not met", "not applicable")
_ROW = re.compile(r"^\| V(\d+)\.(\d+)\.(\d+) \| ([12]) \| ([a-z ]+) \| (.+?) \| (.*?) ?\|$", re.MULTILINE)
_SUM = re.compile(r"^\| \[V(\d+) .*?\]\(#v\d+\) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| ([a-z ]+) \|$", re.MULTILINE)


@cache
def text_of(name: str) -> str:
    """A file of this tree, or nothing where there is none."""
    path = TREE / name
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def missing(page: str) -> list[str]:
    """What a page names and this tree lacks."""
    text = text_of(page)
    tests = [f"{path}::{name}" for path, name in _TEST.findall(text) if f"def {name}(" not in text_of(path)]
    files = [name for name in _FILE.findall(text) if not (TREE / name).exists()]
    links = [name for name in _LINK.findall(text) if not (TREE / page).parent.joinpath(name).exists()]
    within = [f"{path}: {name}" for path, name in _WITHIN.findall(text) if name not in text_of(path)]
    return [*tests, *files, *links, *within]


def verdict_of(rows: Sequence[tuple[str, ...]]) -> str:
    """A chapter's verdict by the sentence at the top of docs/asvs.md. A row has level and verdict as its 4th and 5th."""
    applies = [row for row in rows if row[4] != "not applicable"]
    second = [row for row in applies if row[3] == "2"]
    lacking = [row for row in applies if row[4] == "not met"]
    if not applies:
        return "not applicable"
    if any(row[3] == "1" for row in lacking) or (second and 4 * len(lacking) >= len(second)):
        return "fail"
    return "pass" if all(row[4] == "met" for row in applies) else "pass with gaps"


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_names_is_there(page: str) -> None:
    """Each test, file, link, and name within a file that the page gives as evidence exists."""
    assert missing(page) == []


def test_no_time_is_promised_that_nobody_keeps() -> None:
    """Nobody here is on duty for advisories: the inventory says who does what about one, and promises no days."""
    part = text_of("docs/inventory.md").partition("## Parts of others")[2].partition("\n## ")[0]
    assert "advisories" in part
    assert not re.search(r"\d+\W* (hour|day|week|month)", part)


def test_every_row_of_the_table_names_a_test() -> None:
    """Whatever SECURITY.md says is kept from whom, a test shows it."""
    rows = [line for line in text_of("SECURITY.md").splitlines() if line.startswith("| ")][1:]
    assert len(rows) >= 20
    assert [row for row in rows if not _TEST.search(row) or row.count("|") != 9] == []


def test_every_table_is_of_one_class() -> None:
    """What a table holds is said once in the inventory: one that is added is not forgotten there."""
    part = (
        text_of("docs/inventory.md").partition("Every table is of one class:")[2].partition("What no class may do")[0]
    )
    said = Counter(re.findall(r"`(\w+)`", part))
    tables = re.findall(r"CREATE TABLE \w+\.(\w+)", text_of("tests/golden/schema.sql"))
    assert len(tables) > 50
    assert said == Counter(tables)


def test_what_programs_and_bodies_do_is_scored() -> None:
    """Requests, envelopes, tokens of seats and links in mails have evidence among the requirements of each chapter they touch."""
    chapters = dict(re.findall(r'<a id="(v\d+)"></a>\n(.*?)(?=<a id="v|\Z)', text_of("docs/asvs.md"), re.DOTALL))
    for name, touched in {
        "tests/service/requests/": ("v2", "v8", "v14"),
        "tests/api/test_requests.py": ("v2", "v8"),
        "tests/service/test_token_seats.py": ("v7", "v8"),
        "tests/disclosure/test_envelope.py": ("v9", "v11"),
        "tests/service/test_asked_addresses.py": ("v2", "v9"),
    }.items():
        assert [one for one in touched if name not in chapters[one]] == [], name


def test_every_requirement_has_its_row() -> None:
    """Each chapter of the standard has as many rows of each level as the standard, once each, with evidence where it applies."""
    rows = _ROW.findall(text_of("docs/asvs.md"))
    assert len(rows) == len({row[:3] for row in rows})
    counted = Counter((int(row[0]), int(row[3])) for row in rows)
    assert {chapter: (counted[chapter, 1], counted[chapter, 2]) for chapter in LEVELS} == LEVELS
    assert [row for row in rows if row[4] not in VERDICTS] == []
    assert [row for row in rows if not row[6] and row[4] != "not applicable"] == []


def test_the_summary_is_the_tables_and_no_chapter_fails() -> None:
    """Counts and verdicts at the top are those of the rows, and none is a fail."""
    page = text_of("docs/asvs.md")
    rows = _ROW.findall(page)
    said = {int(line[0]): (tuple(map(int, line[1:5])), line[5]) for line in _SUM.findall(page)}
    assert set(said) == set(LEVELS)
    for chapter, (counts, verdict) in said.items():
        own = [row for row in rows if int(row[0]) == chapter]
        counted = Counter(row[4] for row in own)
        assert tuple(counted[one] for one in VERDICTS) == counts, chapter
        assert verdict_of(own) == verdict != "fail", chapter


def test_a_chapter_can_fail() -> None:
    """The control: one lack at level 1, or a quarter at level 2, is a fail, whatever else is met."""
    met, lacks = ("1", "1", "1", "2", "met"), ("1", "1", "2", "2", "not met")
    assert verdict_of([met, met, met, lacks]) == "fail"
    assert verdict_of([met] * 4 + [lacks]) == "pass with gaps"
    assert verdict_of([met] * 20 + [("1", "1", "3", "1", "not met")]) == "fail"
