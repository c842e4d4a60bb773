"""A place's own words on its pages: a region's single words, a language from right to left, one that is not finished."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Route

from openroll.web import pages
from openroll.words import catalogue
from openroll.words.agreement import disagreements
from openroll.words.po import read_catalogue
from openroll.words.po_text import new_catalogue
from openroll.words.template import Words, every_text
from tests.web.house import ADDRESS, House, house, name_of
from tests.web.test_barriers import AXE

RTL, TANZANIA, SWISS, AMHARIC = "qaa-Arab", "sw-TZ", "de-CH", "am"
"""A made-up language in Arabic letters; a region with a word of its own; one without any; a language just begun."""
FITS = "document.documentElement.scrollWidth <= window.innerWidth"


def made_up(one: Words) -> str:
    """A text in the made-up language: its places as they were, between Arabic letters."""
    return f"\u0633 {one.text} \u0645"


@pytest.fixture(scope="module")
def kenya(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A roll that says its own words beside those that ship."""
    words = tmp_path_factory.mktemp("words")
    files = {
        RTL: new_catalogue(RTL, "made up", "Its speaker", every_text(), made_up),
        TANZANIA: new_catalogue(
            TANZANIA, "Kiswahili", "A speaker", every_text(), lambda one: "Usaidizi wetu" if one.text == "Help" else ""
        ),
        AMHARIC: new_catalogue(
            AMHARIC, "አማርኛ", "A speaker", every_text(), lambda one: "እገዛ" if one.text == "Help" else ""
        ),
    }
    for tag, text in files.items():
        (words / f"{tag}.po").write_text(text, encoding="utf-8")
    catalogue.use_own(words)
    languages = (TANZANIA, RTL, SWISS, AMHARIC, "en")
    try:
        with house(database_url, tmp_path_factory.mktemp("own"), name_of("own"), languages=languages) as made:
            yield made
    finally:
        catalogue.use_own(None)
        pages._environment.cache_clear()


def test_the_made_up_catalogue_is_whole(kenya: House) -> None:
    """Nothing of the made-up language was left out: what the next test sees is what a speaker would see."""
    assert kenya.roll.languages[1] == RTL
    text = new_catalogue(RTL, "made up", "Its speaker", every_text(), made_up).encode()
    assert [one.id for one in read_catalogue(text, RTL)[0] if one.id and disagreements(one)] == []


def test_a_page_from_right_to_left(kenya: House, browser: Browser) -> None:
    """Marked so, without a fault that axe finds, and no wider than a phone: the home page, a form, a table, a rule."""
    visitor = kenya.visitor()

    def answer(route: Route) -> None:
        found = visitor.get(route.request.url.removeprefix(ADDRESS))
        route.fulfill(status=found.status_code, headers=dict(found.headers), body=found.content)

    context = browser.new_context(viewport={"width": 390, "height": 844}, bypass_csp=True)
    page = context.new_page()
    page.route("**/*", answer)
    for path in ("", "file", "figures", "rule", "verify"):
        page.goto(f"{ADDRESS}/{RTL}/{path}")
        assert page.evaluate("[document.documentElement.dir, document.documentElement.lang]") == ["rtl", RTL], path
        assert page.evaluate(FITS), path
        violations = Axe().run(page, options=AXE).response["violations"]
        assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in violations] == [], path
    context.close()


def test_a_region_says_its_own_word_and_shows_whose_it_is(kenya: House) -> None:
    """One word is the region's, the rest Swahili's; at the foot stands the digest of the roll's own words."""
    page = kenya.visitor().get(f"/{TANZANIA}/help").text
    assert f'<html lang="{TANZANIA}" dir="ltr"' in page
    assert "Usaidizi wetu" in page
    assert catalogue.gettext("sw", "For programs") in page
    ((tag, digest),) = catalogue.own_digests(TANZANIA)
    assert (tag, len(digest)) == (TANZANIA, 64)
    assert digest in page
    assert catalogue.gettext("sw", "Unfinished translation") not in page


def test_a_region_without_words_writes_its_own_numbers(kenya: House) -> None:
    """A Swiss page is in German words, marked as Swiss and as a draft, and has no digest: it has no words of its own."""
    page = kenya.visitor().get(f"/{SWISS}/figures").text
    assert f'<html lang="{SWISS}" dir="ltr"' in page
    assert catalogue.day(SWISS, kenya.roll.day(kenya.roll.clock())) in page
    assert catalogue.gettext("de", "Draft") in page
    assert "SHA-256:" not in page


def test_a_language_just_begun_says_that_it_is(kenya: House) -> None:
    """What has no translation is in English, and every page says how much that is."""
    page = kenya.visitor().get(f"/{AMHARIC}/help").text
    assert '<html lang="en" dir="ltr"' in page  # a screen reader would read English as Amharic
    assert "እገዛ" in page
    assert f"without a translation are in English ({catalogue.number(AMHARIC, len(every_text()) - 1)})" in page
