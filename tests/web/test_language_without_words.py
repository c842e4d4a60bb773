"""A roll may speak a language that Openroll has no words in yet: what is said in English is English in every way."""

import re
from collections.abc import Iterator

import pytest

from openroll.rules.sentence import Sentence
from openroll.web import pages
from openroll.words import catalogue
from tests.web.house import House, house, name_of

LANGUAGES = ("it", "ar", "en")


@pytest.fixture(scope="module")
def french(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A roll of languages of which two have no catalogue."""
    with house(database_url, tmp_path_factory.mktemp("french"), name_of("french"), languages=LANGUAGES) as made:
        yield made


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_page_said_in_english_is_marked_and_dated_as_english(french: House, lang: str) -> None:
    """The tag for screen readers, the direction, the dates and the numbers are those of the sentences on the page."""
    today = french.roll.day(french.roll.clock())
    for path in ("", "figures", "rule", "help", "verify"):
        page = french.visitor().get(f"/{lang}/{path}").text
        assert '<html lang="en" dir="ltr"' in page, path
    figures = french.visitor().get(f"/{lang}/figures").text
    assert catalogue.day("en", today) in figures
    assert "dicembre" not in figures
    assert catalogue.number(lang, 10_000) == catalogue.number("en", 10_000)
    refused = french.client.get("/api/v1/filings/x", headers={"accept-language": lang})
    assert refused.headers["content-language"] == "en"


def test_a_language_with_words_is_its_own() -> None:
    """Chinese is Chinese, by whatever wider tag its words are found; English of a region has that region's dates."""
    assert [catalogue.has_words(one) for one in ("zh", "zh-TW", "en-US", "it", "ar")] == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert catalogue.spoken("zh-TW") == "zh"
    assert catalogue.spoken("ar") == "en"


def test_a_text_side_by_side_says_its_own_language_and_direction() -> None:
    """In the order of the place's languages, by the nearest tag that the text has; a sentence without words there is English."""
    macro = pages._environment("fr").get_template("parts.html").make_module().__dict__["both"]
    title = {"ar": "نظام", "fr": "Système", "en": "System", "sr-Arab": "x"}
    shown = re.findall(r'lang="([^"]+)" dir="([^"]+)">([^<]+)', macro(title, ("fr-MA", "ar-MA")))
    assert shown == [
        ("fr", "ltr", "Système"),
        ("ar", "rtl", "نظام"),
        ("en", "ltr", "System"),
        ("sr-Arab", "rtl", "x"),
    ]
    sentence = Sentence("no reversed burden of proof")
    said = catalogue.by_language(("fr-MA", "qaa-Arab"), sentence)
    assert (list(said), said["en"]) == (["fr-MA", "en"], "no reversed burden of proof")


def test_the_kit_says_its_own_words_in_the_language() -> None:
    """Before the fault of a field stands that it is one, for who hears it, and no English word."""
    name = "govuk_frontend_jinja/components/input/macro.html"
    field = pages._environment("fr").get_template(name).make_module().__dict__["govukInput"]
    shown = field({"id": "a", "name": "a", "label": {"text": "b"}, "errorMessage": {"text": "c <d>"}})
    assert f"{catalogue.gettext('fr', 'Error:')}</span> c &lt;d&gt;" in shown
    assert "Error" not in re.sub("<[^>]+>", "", shown)
