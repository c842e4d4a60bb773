"""No pair of languages stands in the source: a language is a tag, and which there are is data."""

import re
from functools import cache
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "openroll"
KINDS = ("*.py", "*.html", "*.typ", "*.sql", "*.js", "*.toml", "*.css")
PAIRS = {
    "a name with a language in it": r"\b\w+_(zh|en)\b",
    "an attribute of a language": r"(?<!messages)\.(zh|en)\b(?![/-])",
    "a choice between two languages": r"""(lang|language)\s*(==|!=|in)\s*["'(]""",
    "a type of two languages": r"""Literal\[\s*["'](zh|en)["']""",
    "an argument that is a language": r"\b(zh|en)=",
    "a map of two languages": r"""["'](zh|en)["']\s*:""",
    "a list of languages": r"""\(\s*["'](zh|en)["']\s*,\s*["'](zh|en)["']""",
    "a part of an address": r"""["'`/](zh|en)/""",
    "a test of both": r"""\{\s*["'](zh|en)["']\s*,\s*["'](zh|en)["']\s*\}""",
}
"""What a pair looks like, each as a pattern."""
EXCEPTIONS = {
    "rules/language.py": "PRESET_LANGUAGES: the languages of a roll that names none",
    "watch/mirror/site.py": "PRESET_LANGUAGES: the same for who runs a mirror, without the registrar's code",
    "register/organisation/events.py": "the bodies of version 1, readable for ever",
    "register/roll/events.py": "the same",
    "store/migrations/versions/0001_roll.sql": "tables as they were",
    "store/migrations/versions/0002_people.sql": "the same",
    "store/migrations/versions/0003_post.sql": "tables as they were",
    "store/migrations/versions/0011_seats.sql": "the same",
    "store/migrations/versions/0017_titles.sql": "from the old columns to the map",
    "cli/registrar.py": "--title-zh and --title-en, which scripts may give",
    "words/catalogue.py": "the region and the script of a tag that names none",
    "bench/measuring.py": "the titles of the roll that is measured",
    "bench/requests.py": "the titles of the roll that is measured",
    "rules/procedure_model.py": "examples in the published schema, which show a text by language",
    "places/model.py": "examples in the published schema, which show a text by language",
    "places/reading.py": "examples in the published schema, which show a text by language",
    "rules/duty.py": "examples in the published schema, which show a text by language",
    "rules/kinds.py": "examples in the published schema, which show a text by language",
    "rules/measures.py": "examples in the published schema, which show a text by language",
    "rules/model.py": "examples in the published schema, which show a text by language",
    "rules/values.py": "examples in the published schema, which show a text by language",
    "paper/sheet.typ": "languages whose characters are as wide as the apostrophe of the type",
    "bench/pages.py": "the addresses a benchmark asks for",
    "bench/beside_simulation.py": "the same",
    "bench/sites.py": "the same",
}
"""Where a pair may stand, and why."""


def lines_of(path: Path) -> list[tuple[int, str]]:
    """A file's lines by number."""
    return list(enumerate(path.read_text(encoding="utf-8").splitlines(), 1))


@cache
def found(pattern: str) -> dict[str, list[str]]:
    """The lines with a pattern, by file."""
    faults: dict[str, list[str]] = {}
    written = (one for kind in KINDS for one in SOURCE.rglob(kind) if "static/build" not in one.as_posix())
    for path in sorted(written):  # what is built from frontend/ has names of the minifier's own making
        hits = [f"{number}: {line.strip()[:120]}" for number, line in lines_of(path) if re.search(pattern, line)]
        if hits:
            faults[str(path.relative_to(SOURCE))] = hits
    return faults


@pytest.mark.parametrize("pattern", PAIRS.values(), ids=PAIRS)
def test_no_pair_of_languages_stands_in_the_source(pattern: str) -> None:
    """No title, choice, type, list or address is of two languages, but where the list of exceptions says why."""
    assert {name: hits for name, hits in found(pattern).items() if name not in EXCEPTIONS} == {}


def test_every_exception_is_one() -> None:
    """No file is excepted that has no pair."""
    with_pairs = {name for pattern in PAIRS.values() for name in found(pattern)}
    assert set(EXCEPTIONS) - with_pairs == set()
