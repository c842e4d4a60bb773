"""The standing words on paper: both languages, the words of the pages, and type that suits them."""

import re
import tomllib
from importlib.resources import files

import pytest

from openroll.paper.typeface import typeface
from openroll.words.catalogue import gettext

FOLDER = files("openroll.paper")
TEXTS = [
    (f"{part}.{key}", text)
    for part, texts in tomllib.loads((FOLDER / "words.toml").read_text(encoding="utf-8")).items()
    for key, text in texts.items()
]


@pytest.mark.parametrize("text", [text for _, text in TEXTS], ids=[name for name, _ in TEXTS])
def test_a_text_is_there_in_both_languages(text: str) -> None:
    """A text is English and has Chinese, can be printed, and in English has nothing of a Chinese character's width."""
    chinese = gettext("zh", text)
    assert chinese != text
    assert typeface().can_show(chinese + text)
    assert not re.search("[‘’“”…—]", text)
    assert not re.search("[,;:!?()]", re.sub(r"[!-~]*[A-Za-z][!-~]*", "", chinese))


def test_every_word_has_its_place() -> None:
    """No text stands in the file that no template shows."""
    templates = "".join((FOLDER / name).read_text(encoding="utf-8") for name in ("receipt.typ", "letters.typ"))
    shown = set(re.findall(r"\b[a-z]+(?:_[a-z0-9]+)?\b", templates))
    assert {name.split(".")[1] for name, _ in TEXTS} - shown == set()


def test_the_accent_colour_is_used_once() -> None:
    """Cinnabar is the colour of the seal and of nothing else."""
    templates = "".join(
        (FOLDER / f"{name}.typ").read_text(encoding="utf-8") for name in ("sheet", "receipt", "letters")
    )
    assert templates.count("8c2f1b") == 1
