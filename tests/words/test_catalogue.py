"""The Chinese catalogue: complete, nothing doubtful, nothing left in English, every placeholder in its place."""

import re
from importlib.resources import files

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

SOURCE = files("openroll")


def catalogue() -> Catalog:
    """The catalogue as it stands."""
    with (SOURCE / "words" / "locale" / "zh" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale="zh")


def texts() -> set[str]:
    """Every text that templates and code ask to be said."""
    methods = [("web/templates/**.html", "jinja2"), ("web/**.py", "python")]
    words = {"_": None, "gettext": (2,)}
    found: set[str] = set()
    for pattern, method in methods:
        asked = words if method == "python" else {"_": None}
        rows = extract_from_dir(str(SOURCE), [(pattern, method)], keywords=asked)
        found |= {row[2] for row in rows if isinstance(row[2], str)}
    return found


MESSAGES = [message for message in catalogue() if message.id]


def test_the_catalogue_is_not_doubtful_as_a_whole() -> None:
    """The catalogue is not marked fuzzy, which would keep it from being compiled."""
    assert not catalogue().fuzzy


def test_everything_that_is_said_is_translated() -> None:
    """There is no text of a page without a translation, and no translation without a text."""
    assert texts() == {str(message.id) for message in MESSAGES}


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: str(message.id)[:40])
def test_a_translation_is_whole(message: Message) -> None:
    """A translation is there, is not the English again, is not doubtful, and keeps the placeholders."""
    english, chinese = str(message.id), str(message.string)
    assert chinese
    assert not message.fuzzy
    assert chinese != english or not re.search("[a-z]{2}", english.replace("For example", ""))
    placeholders = r"%\([a-z]+\)s|\{[a-z]+\}"
    assert sorted(re.findall(placeholders, english)) == sorted(re.findall(placeholders, chinese))
