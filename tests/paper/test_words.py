"""The standing words on paper: both languages, the words of the pages, and type that suits them."""

import re
import tomllib
from importlib.resources import files

import pytest
from babel.messages.pofile import read_po

from openroll.paper.typeface import typeface

FOLDER = files("openroll.paper")
TEXTS = [
    (f"{part}.{key}", text)
    for part, texts in tomllib.loads((FOLDER / "words.toml").read_text(encoding="utf-8")).items()
    for key, text in texts.items()
]


@pytest.mark.parametrize("text", [text for _, text in TEXTS], ids=[name for name, _ in TEXTS])
def test_a_text_is_there_in_both_languages(text: dict[str, str]) -> None:
    """A text is Chinese and English, can be printed, and in English has nothing of a Chinese character's width."""
    assert set(text) == {"zh", "en"}
    assert all(text.values())
    assert typeface().can_show(text["zh"] + text["en"])
    assert not re.search("[‘’“”…—]", text["en"])
    assert not re.search("[,;:!?()]", re.sub(r"[!-~]*[A-Za-z][!-~]*", "", text["zh"]))


def test_what_the_pages_say_too_is_said_in_the_same_words() -> None:
    """Where a page says the same English sentence, the Chinese is the same too."""
    with (files("openroll") / "words/locale/zh/LC_MESSAGES/messages.po").open("rb") as file:
        said = {str(message.id): str(message.string) for message in read_po(file, locale="zh") if message.id}
    shared = {text["en"]: text["zh"] for _, text in TEXTS if text["en"] in said}
    assert len(shared) > 15
    assert {en: zh for en, zh in shared.items() if said[en] != zh} == {}


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
