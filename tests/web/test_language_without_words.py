"""A roll may speak a language that Openroll has no words in yet: what is said in English is English in every way."""

from collections.abc import Iterator

import pytest

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
