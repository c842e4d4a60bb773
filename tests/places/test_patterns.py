"""Patterns of numbers: whatever a folder says, a browser that tries them way by way is done in bounded steps."""

import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openroll.places import load, shipped
from openroll.places.pattern import MOST_LENGTH, MOST_WAYS, Atom, PatternWrong, matches, read

SHAPE = Path(__file__).parents[2] / "frontend" / "src" / "shape.js"


@pytest.mark.parametrize(
    "pattern",
    [
        "[0-9]?" * 28 + "[A-Z]",
        "[0-9]{0,12}" * 4 + "[A-Z]",
        "[0-9]{0,9}" * 19 + "A",
        "[0-9]{1,11}[A-Z]{1,11}[0-9]{1,11}",
        "|".join(["[0-9]?" * 9 + "A", "[0-9]?" * 9 + "B"]),
        "[0-9]{40}" * 3,
    ],
)
def test_a_pattern_that_runs_long_in_a_browser_is_refused(pattern: str) -> None:
    """Counts that vary one after another multiply, side by side they add up; no number is longer than 100."""
    with pytest.raises(PatternWrong, match=r"can be gone through in|characters, more than"):
        read(pattern)


@pytest.mark.parametrize(
    "pattern", ["[0-9]{7,8}", "A[0-9]{6}|[0-9]{9}[A-Z]?", "[A-Z]{1,3}-?[0-9]{4,9}/?[0-9]{2,4}[A-Z]?"]
)
def test_patterns_of_numbers_that_there_are_stay(pattern: str) -> None:
    """A few counts that vary are in every country's numbers, and what ships is read."""
    assert read(pattern)
    assert all(read(form.pattern) for name in shipped() for form in load(name).jurisdiction.numbers if form.pattern)


def steps(text: str, atoms: tuple[Atom, ...], at: int = 0) -> tuple[bool, int]:
    """Whether the whole text fits and how many characters were looked at, trying the most of each first, as browsers do."""
    if not atoms:
        return at == len(text), 1
    first, looked = atoms[0], 1
    run = at
    while run < len(text) and run - at < first.most and text[run] in first.characters:
        run, looked = run + 1, looked + 1
    for end in range(run, at + first.least - 1, -1):
        fits, more = steps(text, atoms[1:], end)
        looked += more
        if fits:
            return True, looked
    return False, looked


atom = st.tuples(
    st.sampled_from(["1", "[0-9]", "[0-2]", "A"]), st.sampled_from(["", "?", "{2}", "{0,3}", "{1,9}", "{0,40}"])
)
row = st.lists(atom, min_size=1, max_size=12).map(lambda parts: "".join(one + times for one, times in parts))


@settings(max_examples=150)
@given(
    st.lists(row, min_size=1, max_size=3).map("|".join), st.integers(0, MOST_LENGTH), st.sampled_from(["", "9", "!"])
)
def test_each_pattern_that_is_read_is_done_in_bounded_steps(pattern: str, ones: int, end: str) -> None:
    """On the worst of texts, that nearly fits, too; and the way by way says what all ways at once do."""
    text = "1" * ones + end
    with suppress(PatternWrong):
        found = [steps(text, atoms) for atoms in read(pattern)]
        assert sum(looked for __, looked in found) <= 2 * MOST_WAYS * (MOST_LENGTH + len(pattern))
        assert any(fits for fits, __ in found) == matches(text, pattern)


def test_a_browser_tries_nothing_longer_than_a_pattern_fits() -> None:
    """The script has the same bound, and holds the whole text to the pattern."""
    script = SHAPE.read_text(encoding="utf-8")
    assert f"const LONGEST = {MOST_LENGTH};" in script
    assert re.search(r"length <= LONGEST && new RegExp\(`\^\(\?:\$\{shape\}\)\$`\)", script)
