"""Handles: keyed pseudonyms with check characters, the same in every language that docs/handles.md shows."""

import json
import re
import shutil
import string
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.handles import KEY, handle

from openroll.register.subscription.handle import (
    ALPHABET,
    AccountUnfit,
    KeyDamaged,
    handle_of,
    is_handle,
    key_line,
    key_of,
)
from openroll.sheet.columns import good_handles

PAGE = (Path(__file__).parents[2] / "docs" / "handles.md").read_text(encoding="utf-8")
VECTORS = {
    json.loads(account): made for account, made in re.findall(r'^\| `(".*")` \| `(h1\w+)` \|$', PAGE, re.MULTILINE)
}


@pytest.mark.parametrize("account", VECTORS)
def test_vectors(account: str) -> None:
    """Each account number of the page gives the handle beside it, which has the form."""
    assert handle_of(account, KEY) == VECTORS[account]
    assert is_handle(VECTORS[account])


def test_the_vectors_tell_what_they_should() -> None:
    """Full-width digits, blanks around and composed letters make no other account; case and zeros do."""
    assert len(VECTORS) == 10
    assert VECTORS["１３８１２３４５６７８"] == VECTORS["13812345678"]
    assert VECTORS["Müller/3"] == VECTORS["Mu\u0308ller/3"]
    assert len(set(VECTORS.values())) == 8


def _program(fence: str) -> str:
    found = re.search(rf"^```{fence}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert found
    return found.group(1)


@pytest.mark.parametrize(("fence", "name"), [("python", "handle.py"), ("js", "handle.js"), ("java", "Handle.java")])
def test_the_programs_of_the_page_make_the_vectors(fence: str, name: str, tmp_path: Path) -> None:
    """What the page shows for each language runs as it stands and makes every vector."""
    program = {"python": sys.executable, "js": shutil.which("node"), "java": shutil.which("java")}[fence]
    if program is None:
        pytest.skip(f"no {fence} here: what docs/handles.md shows of it was not run")
    path = tmp_path / name
    path.write_text(_program(fence), encoding="utf-8")
    accounts = (
        VECTORS if fence != "java" else {"１３８１２３４５６７８": "", "Mu\u0308ller/3": ""}
    )  # a second each to start
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "JAVA_TOOL_OPTIONS": "-Dsun.jnu.encoding=UTF-8"}
    for account in accounts:
        done = subprocess.run(
            [program, path, KEY.hex(), account], capture_output=True, text=True, check=True, env=environment
        )
        assert done.stdout.strip() == VECTORS[account], account


@given(st.text("0123456789abc", min_size=1), st.integers(0, 35), st.sampled_from(string.printable))
def test_any_wrong_character_shows(account: str, at: int, char: str) -> None:
    """A handle with any one character changed is none."""
    made = handle(account)
    assert is_handle(made)
    assert is_handle(made[:at] + char + made[at + 1 :]) == (made[at] == char)


@given(st.text("0123456789abc", min_size=1))
def test_any_two_exchanged_characters_show(account: str) -> None:
    """A handle with any two characters exchanged, neighbours or not, is none."""
    made = handle(account)
    for one in range(36):
        for other in range(one):
            chars = list(made)
            chars[one], chars[other] = chars[other], chars[one]
            assert is_handle("".join(chars)) == (made[one] == made[other])


TEXTS = st.text(max_size=40) | st.text(ALPHABET, min_size=34, max_size=34).map("h1".__add__)


@given(st.lists(TEXTS | TEXTS.map(lambda account: handle_of(f"x{len(account)}", KEY)), max_size=20))
def test_columns_and_rows_judge_alike(texts: list[str]) -> None:
    """The check of a whole column says of each cell what the check of one says."""
    assert good_handles(pl.Series(texts, dtype=pl.String)).to_list() == [is_handle(text) for text in texts]


@pytest.mark.parametrize(
    "account", ["", "  ", "x" * 257, "a\tb", "a\u200bb", "a\u202eb", "\ue000", "\ufffd", "a\n", "\U000e0041", "\u0378"]
)
def test_account_numbers_that_make_no_handle(account: str) -> None:
    """Nothing, too much, and characters that do not show are refused: two numbers that look alike would be two accounts."""
    with pytest.raises(AccountUnfit):
        handle_of(account, KEY)


def test_another_key_makes_another_handle() -> None:
    """Without the key nobody finds a handle's account by trying."""
    assert handle_of("13812345678", bytes(32)) != handle_of("13812345678", KEY)
    with pytest.raises(ValueError, match="32 bytes"):
        handle_of("13812345678", b"short")


def test_a_key_file_shows_its_damage() -> None:
    """A key comes back from its file; with any character of it changed it is refused, as its handles would find nothing."""
    line = key_line(KEY)
    assert key_of(line) == KEY
    for at, char in enumerate(line[:-1]):
        other = "b" if char != "b" else "c"
        with pytest.raises(KeyDamaged):
            key_of(line[:at] + other + line[at + 1 :])
    with pytest.raises(KeyDamaged):
        key_of("")
