"""The words of the mails: whole in both languages, with the same parameters."""

import re
from string import Formatter
from unicodedata import east_asian_width

import pytest

from openroll.rules.language import PRESET_LANGUAGES as LANGUAGES
from openroll.service.mail.message import TEMPLATES, Kind, Letter
from openroll.words.catalogue import gettext
from openroll.words.mails import MAILS, WIDTH, write

GIVEN: dict[Kind, str | int] = {
    "text": "a text",
    "day": "2007-01-05",
    "number": 12345,
    "link": "https://roll.example/" + "x" * 100,
}


def asked(text: str) -> set[str]:
    """The parameters that a text asks for."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_every_mail_is_there_in_every_language() -> None:
    """The mails that can be sent are those that have words, each in the languages of the pages."""
    assert set(MAILS) == set(TEMPLATES)


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_mail_says_all_it_is_given(template: str) -> None:
    """Subject and text ask for the same parameters in both languages, and the text for every one of the template."""
    zh, en = (Letter(*(gettext(lang, text) for text in MAILS[template])) for lang in LANGUAGES)
    assert asked(zh.subject) == asked(en.subject) <= set(TEMPLATES[template])
    assert asked(zh.subject + zh.body) == asked(en.subject + en.body) == set(TEMPLATES[template])
    assert re.search(r"[\u4e00-\u9fff]", zh.subject)
    assert en.subject.isascii()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_a_mail_is_written(template: str, lang: str) -> None:
    """A written mail has a subject of one line, no placeholder left, no line over 76 columns but the link, unbroken."""
    letter = write(template, lang, {name: GIVEN[kind] for name, kind in TEMPLATES[template].items()})
    assert "\n" not in letter.subject
    assert "{" not in letter.subject + letter.body
    lines = letter.body.splitlines()
    assert "link" not in TEMPLATES[template] or GIVEN["link"] in lines
    for line in lines:
        columns = sum(2 if east_asian_width(char) in "WF" else 1 for char in line)
        assert columns <= WIDTH or line == GIVEN["link"]


def test_days_and_numbers_as_the_language_writes_them() -> None:
    """A day and a number are written as readers of the language write them."""
    en = write(
        "upload-done", "en", {"file": "a.csv", "rows": 12345, "stored": 0, "faults": 3, "link": "https://a.example"}
    )
    assert "Rows: 12,345\nStored: 0\nFaults: 3\n" in en.body
    zh = write("reminder-due", "zh", {"duty": "备案", "due": "2007-01-05", "link": "https://a.example"})
    assert zh.subject == "提醒：备案，期限2007年1月5日"
