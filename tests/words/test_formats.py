"""Dates, numbers, money and lists as a reader writes them: by the tag of their language, region and all."""

import json
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from openroll.paper.typeface import typeface
from openroll.report import figures
from openroll.report.draw import _amounts
from openroll.words import catalogue, say

SHIPPED = catalogue.shipped()
REGIONS = ("de-CH", "de-AT", "fr-CH", "en-KE", "en-PH", "en-IN", "sw-TZ", "fil-PH", "zh-CN", "de-KE")
DAY = date(2026, 7, 1)


@pytest.mark.parametrize(
    ("lang", "number", "day", "share"),
    [
        ("en", "610,000.5", "1 July 2026", "57%"),
        ("en-PH", "610,000.5", "July 1, 2026", "57%"),
        ("en-KE", "610,000.5", "1 July 2026", "57%"),
        ("en-IN", "6,10,000.5", "1 July 2026", "57%"),
        ("zh", "610,000.5", "2026年7月1日", "57%"),
        ("de", "610.000,5", "1. Juli 2026", "57\xa0%"),
        ("de-CH", "610’000.5", "1. Juli 2026", "57%"),
        ("de-KE", "610.000,5", "1. Juli 2026", "57\xa0%"),
        ("fr", "610\xa0000,5", "1 juillet 2026", "57\xa0%"),
        ("sw-TZ", "610,000.5", "1 Julai 2026", "57%"),
        ("fil", "610,000.5", "Hulyo 1, 2026", "57%"),
    ],
)
def test_values_are_written_as_the_tag_has_them(lang: str, number: str, day: str, share: str) -> None:
    """Numbers, days and shares are CLDR's for the tag, of the nearest wider tag where CLDR does not know the region."""
    assert catalogue.number(lang, 610_000.5, 1) == number
    assert catalogue.day(lang, DAY) == day
    assert catalogue.percent(lang, 0.57) == share


def test_money_and_lists_are_the_readers() -> None:
    """An amount has its sign where the place writes one; a list is pointed as the language points it."""
    assert catalogue.money("sw-TZ", 1234.5, "KES") == "Ksh\xa01,234.50" == catalogue.money("en-KE", 1234.5, "KES")
    assert catalogue.money("en", 5_000, "GHS") == "GHS\xa05,000"
    assert catalogue.money("de-CH", 1234.5, "CHF") == "CHF\xa01’234.50"
    assert figures.currency("de-CH", "KES") == "Kenia-Schilling"
    assert figures.currency("sw", "XQQ") == "XQQ"
    assert catalogue.listed("zh", ["甲", "乙", "丙"]) == "甲、乙、丙"


def test_a_region_has_the_words_of_its_language() -> None:
    """`de-CH` is said in German and marked as Swiss German; what `zh-TW` borrows is marked by the script it is written in."""
    assert catalogue.gettext("de-CH", "Filed") == catalogue.gettext("de", "Filed") != "Filed"
    assert catalogue.html_lang(catalogue.spoken("de-CH")) == "de-CH"
    assert catalogue.is_draft("de-CH")
    assert catalogue.missing("de-CH") == 0
    assert catalogue.gettext("zh-CN", "Filed") == catalogue.gettext("zh", "Filed")
    assert catalogue.gettext("zh-TW", "Filed") == catalogue.gettext("zh", "Filed")
    assert catalogue.html_lang(catalogue.spoken("zh-TW")) == "zh-Hans"


@pytest.mark.parametrize("lang", [*SHIPPED, *REGIONS])
def test_every_face_writes_numbers_with_the_one_formatter(lang: str) -> None:
    """The report, its axes, refusals and faults have the marks of the reader's language, and no others."""
    group, point = catalogue.marks(lang)
    sizes = {float(size) for size, _ in figures.steps(lang, "plain")}
    shown = figures.plain(lang, 4_321)
    assert shown == f"4{group}300"
    assert figures.plain(lang, 3.14) == f"3{point}1"
    assert figures.percent(lang, 0.019).startswith(f"1{point}9")
    assert figures.percent(lang, 0.0004).startswith(f"<0{point}1")
    assert 1e6 not in sizes or figures.plain(lang, 1_240_000).startswith(f"1{point}2")
    axis = _amounts(lang)
    assert f"'.', {json.dumps(point)})" in axis
    assert f"/_/g, {json.dumps(group)})" in axis
    assert f"5{group}000" in say("form-too-large", {"most": 5_000, "fields": 2}, lang)


@pytest.mark.parametrize("lang", [*SHIPPED, *REGIONS])
def test_what_is_formatted_can_be_printed(lang: str) -> None:
    """No blank, mark or month's name of a format is one that the fonts of print lack."""
    zone = ZoneInfo("Africa/Nairobi")
    moments = [catalogue.moment(lang, datetime(2026, month, 17, 15, 5, tzinfo=UTC), zone) for month in range(1, 13)]
    days = [catalogue.day(lang, date(2026, month, 28)) for month in range(1, 13)]
    amounts = [figures.currency(lang, code) for code in ("KES", "PHP", "CHF", "CNY", "EUR", "TZS")]
    shown = "".join(
        [*moments, *days, *amounts, catalogue.number(lang, -1_234_567.25, 2), catalogue.percent(lang, -0.5)]
    )
    assert [one for one in shown if not typeface().can_show(one)] == []


@pytest.mark.parametrize("lang", ["en", "zh", "de", "fr", "fil", "sw", "de-CH", "es", "pl", "hi", "ar", "fa"])
def test_a_count_is_written_as_any_other_number(lang: str) -> None:
    """Where a language groups by thousands, counts are written without reading its pattern each time."""
    pattern = catalogue.locale(lang).decimal_formats[None].pattern
    for count in (0, 9, 10, 999, 1_000, 9_999, 10_000, 1_234_567, 10**18 - 1, 10**18):
        assert catalogue.number(lang, count) == catalogue._number(lang, count, pattern, 0)
