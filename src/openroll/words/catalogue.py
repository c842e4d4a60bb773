"""Babel's catalogues: English is what stands in templates and code, every other language is a folder of `locale`.

A roll may have catalogues of its own beside those that ship (`words.own`): its words come first, word by word. A tag with a
region (`de-CH`) has the words of its parent where it has none. A language without a catalogue, or a sentence that all of its
catalogues lack, is said in English. Dates, numbers, money and lists are CLDR's, by the tag itself: `de-CH` groups with an
apostrophe, `de` with a point. It is the one place where a face, a paper, a mail or a chart turns a value into text.
"""

import decimal
import math
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import cache, lru_cache, partial, reduce
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError, dates, numbers
from babel.numbers import parse_pattern
from babel.support import NullTranslations, Translations

from openroll.rules.language import ENGLISH, ranges
from openroll.rules.sentence import Sentence
from openroll.words import own
from openroll.words.tags import direction_of_script, script

LOCALE: Traversable | Path = files("openroll.words") / "locale"
"""The folder of catalogues: `XX/LC_MESSAGES/messages.po` for the language XX, compiled by `script/frontend`."""

DRAFTED = "nobody yet; drafted by a machine"
"""The Last-Translator of a catalogue that no speaker has confirmed; whoever confirms it puts their own name there."""
_LOCALES = {"en": "en-GB"}
"""The region whose dates are written where a tag names none, and CLDR would take another."""
MINUS = "\N{MINUS SIGN}"
_NARROW = {0x202F: 0xA0}
"""The narrow blank that does not break has no type in the fonts of print; the wide one has, and does not break either."""
_SCRIPTS = {"zh": "zh-Hans"}
"""The script where a tag leaves it open: our Chinese is in simplified characters."""


@cache
def translations(lang: str) -> NullTranslations:
    """The words of a language: the roll's own before those that ship, each before those of a wider tag; empty where none has any.

    Raises FileNotFoundError when a shipped one was not compiled: `script/frontend` does that.
    """
    layers = [made for tag in ranges(lang) for made in (own.catalogue(tag), shipped_words(tag)) if made is not None]
    for nearer, wider in pairwise(layers):
        nearer.add_fallback(wider)
    return layers[0] if layers else NullTranslations()


def shipped_words(tag: str) -> Translations | None:
    """The catalogue that ships for exactly this tag, read anew: what it falls back to is whose it is."""
    with as_file(LOCALE) as folder:
        path = folder / tag / "LC_MESSAGES"
        if not path.is_dir():
            return None
        with (path / "messages.mo").open("rb") as compiled:
            return Translations(compiled)


def words_in(layer: NullTranslations, context: str, text: str) -> str:
    """The translation that one catalogue has of a text, or its first plural form; empty where it has none."""
    key = f"{context}\x04{text}" if context else text
    had: dict[object, str] = getattr(layer, "_catalog", {})
    return str(had.get(key) or had.get((key, 0)) or "")


def own_digests(lang: str) -> tuple[tuple[str, str], ...]:
    """The roll's own catalogues that a language is said by, each with the SHA-256 of its file."""
    return tuple((tag, own.digest(tag)) for tag in ranges(lang) if own.digest(tag))


def _layers(lang: str) -> Iterator[NullTranslations]:
    layer: NullTranslations | None = translations(lang)
    while layer is not None:
        yield layer
        layer = layer._fallback  # gettext's own name for it


def is_draft(lang: str) -> bool:
    """Whether words of a language were drafted by a machine and no speaker has confirmed them yet, as their header says."""
    return any(layer.info().get("last-translator") == DRAFTED for layer in _layers(lang))


@cache
def missing(lang: str) -> int:
    """How many of the standing words have no translation yet and are said in English; 0 for English and what has no words."""
    if ENGLISH in ranges(lang) or not has_words(lang):
        return 0
    had = {key for layer in _layers(lang) for key in getattr(layer, "_catalog", {}) if key != ""}
    return len(_all_words() - had)


@cache
def _all_words() -> frozenset[object]:
    """Every sentence there is, by its key: what the fullest of the shipped catalogues has."""
    made = (shipped_words(tag) for tag in shipped() if tag != ENGLISH)
    every = [frozenset(key for key in one._catalog if key != "") for one in made if one is not None]
    return max(every, key=len, default=frozenset())


def has_words(lang: str) -> bool:
    """Whether sentences are said in a language: it has a catalogue, or a wider tag of its own has one, or it is English."""
    return ENGLISH in ranges(lang) or isinstance(translations(lang), Translations)


LEAST_SHARE = 20
"""A catalogue with fewer than one in so many of all texts makes no page of its language: most of what stands there is English."""


@cache
def spoken(lang: str) -> str:
    """The language that the sentences of a page in `lang` are in: itself; the wider one whose words it borrows where that is
    written in another script (`zh` for `zh-TW`); English where there are none, or hardly any.

    What stands in a sentence (dates, numbers, names of languages), and what markup says of it (its direction too), follow it.
    """
    if not has_words(lang) or missing(lang) * LEAST_SHARE > len(_all_words()) * (LEAST_SHARE - 1):
        return ENGLISH
    nearest = next(tag for tag in ranges(lang) if tag == ENGLISH or own.digest(tag) or shipped_words(tag))
    return lang if script(nearest) == script(lang) else nearest


def use_own(folder: Path | None) -> None:
    """Say the words of this folder before those that ship. Called when a process starts: pages and papers keep what they said."""
    own.use(folder)
    for cached in (translations, missing, spoken, locale, direction):
        cached.cache_clear()


def gettext(lang: str, text: str) -> str:
    """A text in a language."""
    said: str = translations(lang).gettext(text)
    return said


def said(lang: str, told: Sentence) -> str:
    """A sentence that was put together elsewhere, in a language."""
    return told.said(partial(gettext, lang))


def by_language(languages: Iterable[str], told: Sentence) -> dict[str, str]:
    """The same in each of these languages, by its tag; where one has no words for it, in English, by that tag."""
    english = said(ENGLISH, told)
    found = ((lang, said(lang, told)) for lang in languages)
    return {lang if words != english else ENGLISH: words for lang, words in found}


def shipped() -> tuple[str, ...]:
    """The languages that there are words for: English, and those that have a catalogue."""
    with as_file(LOCALE) as folder:
        return (ENGLISH, *sorted(path.name for path in folder.iterdir() if (path / "LC_MESSAGES").is_dir()))


def in_context(lang: str, context: str, text: str) -> str:
    """A short text in a language, told apart by its context: one English word can be two of another language."""
    return str(translations(lang).pgettext(context, text))


@cache
def locale(lang: str) -> Locale:
    """How dates and numbers are written where sentences are in a language: as the tag itself has it, region and all.

    A region that CLDR does not know for a language writes as the language does; a language without words, or that CLDR does not
    know, as English does, since that is what its sentences are in.
    """
    for tag in ranges(spoken(lang)):
        try:
            return Locale.parse(_LOCALES.get(tag, tag), sep="-")
        except (ValueError, UnknownLocaleError):
            continue
    return Locale.parse(_LOCALES[ENGLISH], sep="-")


def html_lang(lang: str) -> str:
    """The tag that markup names a language by: a browser picks its glyphs by the script."""
    return _SCRIPTS.get(lang, lang)


@cache
def direction(lang: str) -> str:
    """`ltr` or `rtl`: how the sentences of a language are written. A tag that names its script is written as that script is."""
    return direction_of_script(spoken(lang)) or str(locale(lang).text_direction)


def direction_of_text(lang: str) -> str:
    """`ltr` or `rtl`: how a text of a language is written, on whatever page it stands; that language needs no words here."""
    if named := direction_of_script(lang):
        return named
    for tag in ranges(lang):
        try:
            return str(Locale.parse(tag, sep="-").text_direction)
        except (ValueError, UnknownLocaleError):
            continue
    return "ltr"


@lru_cache(64)
def own_name(lang: str) -> str:
    """What a language calls itself; its tag where CLDR does not know it."""
    try:
        return str(Locale.parse(lang, sep="-").get_display_name() or lang)
    except (ValueError, UnknownLocaleError):
        return lang


def name_in(lang: str, named: str) -> str:
    """What one language calls another; the tag of that where CLDR does not know it."""
    try:
        return str(Locale.parse(named, sep="-").get_display_name(locale(lang)) or named)
    except (ValueError, UnknownLocaleError):
        return named


def sentences(lang: str, told: Iterable[str]) -> str:
    """Sentences one after another, as a language sets them."""
    return reduce(lambda before, after: gettext(lang, "{before} {after}").format(before=before, after=after), told)


def _set(text: str) -> str:
    return str(text).translate(_NARROW)


def listed(lang: str, names: Iterable[str]) -> str:
    """Names in a row."""
    return gettext(lang, ", ").join(names)


def day(lang: str, value: date) -> str:
    """A civil date as it is written in a language."""
    return _set(dates.format_date(value, "long", locale=locale(lang)))


def moment(lang: str, value: datetime, zone: ZoneInfo) -> str:
    """A day and a time of day as they are written in a language."""
    return _set(dates.format_datetime(value, "medium", tzinfo=zone, locale=locale(lang)))


def short_day(lang: str, value: date) -> str:
    """A day of the year, as short as a language writes it."""
    return _set(dates.format_skeleton("MMMd", value, locale=locale(lang)))


def month(lang: str, value: date) -> str:
    """The month of a day, as short as a language writes it."""
    return _set(dates.format_skeleton("MMM", value, locale=locale(lang)))


def year(lang: str, value: date) -> str:
    """The year of a day."""
    return _set(dates.format_skeleton("y", value, locale=locale(lang)))


def number(lang: str, value: float, decimals: int = 0) -> str:
    """A number as it is written in a language, with at most so many decimals and no zeros at its end."""
    form = locale(lang).decimal_formats[None]
    # A page of figures says fifty counts, and reading the pattern anew for each was a fifth of its time.
    if type(value) is int and 0 <= value < _MOST_WRITTEN_PLAINLY and form.grouping == (3, 3):
        return f"{value:,}".replace(",", marks(lang)[0])
    return _number(lang, value, form.pattern, decimals)


def exact(lang: str, value: float, figures: int = 10) -> str:
    """A number with all the figures it was given with, at most so many that count."""
    if value == 0:
        return number(lang, 0)
    return number(lang, value, max(figures - 1 - math.floor(math.log10(abs(value))), 0))


def percent(lang: str, share: float, decimals: int = 0) -> str:
    """A share of one as per cent, with at most so many decimals: 57%, and in German 57 %."""
    return _number(lang, share, locale(lang).percent_formats[None].pattern, decimals)


def money(lang: str, value: float, code: str) -> str:
    """An amount of a currency (ISO 4217), with its sign where a language has one and its code where not; whole, without cents.

    A sign of letters stands apart from the digits (CLDR, currencySpacing).
    """
    pattern = locale(lang).currency_formats["standard"].pattern
    if value == int(value):
        pattern = re.sub(r"\.0+", "", pattern)
    amount = numbers.format_currency(value, code, pattern, locale=locale(lang), currency_digits=False)
    return re.sub(r"(?<=[^\W\d_])(?=[\d-])|(?<=\d)(?=[^\W\d_])", "\N{NO-BREAK SPACE}", _set(amount)).replace("-", MINUS)


def currency_name(lang: str, code: str) -> str:
    """What a currency is called, of many of it: Kenyan shillings; its code where CLDR has no name for it in the language."""
    try:
        return _set(numbers.get_currency_name(code, count=2, locale=locale(lang)))
    except (ValueError, LookupError):
        return code


@cache
def marks(lang: str) -> tuple[str, str]:
    """What stands between thousands and before decimals, for charts that write their numbers by themselves."""
    return (
        _set(numbers.get_group_symbol(locale(lang))),
        _set(numbers.get_decimal_symbol(locale(lang))),
    )


_MOST_WRITTEN_PLAINLY = 10**18
_MOST_DIGITS = 5_000
"""Python reads no text of more digits than some 4,300 as a number."""


def _number(lang: str, value: float, pattern: str, decimals: int) -> str:
    """A number in a pattern of CLDR (`#,##,##0%`) with its places after the point replaced."""
    if not isinstance(value, int) and not math.isfinite(value):
        raise ValueError(f"{value} is no number that can be said")
    places = "." + "#" * decimals if decimals else ""
    set_out = parse_pattern(re.sub(r"0(\.[0#]+)?", f"0{places}", pattern))
    with decimal.localcontext(prec=_MOST_DIGITS):  # what somebody typed has more digits than a number of ours
        return _set(set_out.apply(value, locale(lang))).replace("-", MINUS)
