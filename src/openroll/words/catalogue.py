"""Babel's catalogues: English is what stands in templates and code, every other language is a folder of `locale`.

A language without a catalogue, or a sentence that its catalogue lacks, is said in English. Dates and numbers are Babel's, by
the language of the sentence that they stand in (Unicode CLDR).
"""

from collections.abc import Iterable
from datetime import date, datetime
from functools import cache, partial, reduce
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError, dates, numbers
from babel.support import NullTranslations, Translations

from openroll.rules.language import ENGLISH, ranges
from openroll.rules.sentence import Sentence

LOCALE: Traversable | Path = files("openroll.words") / "locale"
"""The folder of catalogues: `XX/LC_MESSAGES/messages.po` for the language XX, compiled by `script/frontend`."""

DRAFTED = "nobody yet; drafted by a machine"
"""The Last-Translator of a catalogue that no speaker has confirmed; whoever confirms it puts their own name there."""
_LOCALES = {"en": "en-GB"}
"""The region whose dates are written where a tag names none, and CLDR would take another."""
_SCRIPTS = {"zh": "zh-Hans"}
"""The script where a tag leaves it open: our Chinese is in simplified characters."""


@cache
def translations(lang: str) -> NullTranslations:
    """The catalogue of a language, or of the nearest one that has any; an empty one where none has, so that English is said.

    Raises FileNotFoundError when it was not compiled: `script/frontend` does that.
    """
    with as_file(LOCALE) as folder:
        for tag in ranges(lang):
            path = folder / tag / "LC_MESSAGES"
            if path.is_dir():
                with (path / "messages.mo").open("rb") as compiled:
                    return Translations(compiled)
    return NullTranslations()


def is_draft(lang: str) -> bool:
    """Whether a catalogue was drafted by a machine and no speaker has confirmed it yet, as its header says."""
    return translations(lang).info().get("last-translator") == DRAFTED


def has_words(lang: str) -> bool:
    """Whether sentences are said in a language: it has a catalogue, or a wider tag of its own has one, or it is English."""
    return ENGLISH in ranges(lang) or isinstance(translations(lang), Translations)


def spoken(lang: str) -> str:
    """The language that the sentences of a page in `lang` are in: itself, or English where it has no words.

    What stands in a sentence (dates, numbers, names of languages), and what markup says of it, follow the sentence.
    """
    return lang if has_words(lang) else ENGLISH


def gettext(lang: str, text: str) -> str:
    """A text in a language."""
    said: str = translations(lang).gettext(text)
    return said


def said(lang: str, told: Sentence) -> str:
    """A sentence that was put together elsewhere, in a language."""
    return told.said(partial(gettext, lang))


def by_language(languages: Iterable[str], told: Sentence) -> dict[str, str]:
    """The same in each of these languages, by its tag."""
    return {lang: said(lang, told) for lang in languages}


def shipped() -> tuple[str, ...]:
    """The languages that there are words for: English, and those that have a catalogue."""
    with as_file(LOCALE) as folder:
        return (ENGLISH, *sorted(path.name for path in folder.iterdir() if (path / "LC_MESSAGES").is_dir()))


def in_context(lang: str, context: str, text: str) -> str:
    """A short text in a language, told apart by its context: one English word can be two of another language."""
    return str(translations(lang).pgettext(context, text))


@cache
def locale(lang: str) -> Locale:
    """How dates and numbers are written in sentences of a language; as in English where it has no words, or is unknown."""
    lang = spoken(lang)
    try:
        return Locale.parse(_LOCALES.get(lang, lang), sep="-")
    except (ValueError, UnknownLocaleError):
        return Locale.parse(_LOCALES[ENGLISH], sep="-")


def html_lang(lang: str) -> str:
    """The tag that markup names a language by: a browser picks its glyphs by the script."""
    return _SCRIPTS.get(lang, lang)


def direction(lang: str) -> str:
    """`ltr` or `rtl`: how the sentences of a language are written."""
    return str(locale(lang).text_direction)


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


def listed(lang: str, names: Iterable[str]) -> str:
    """Names in a row."""
    return gettext(lang, ", ").join(names)


def day(lang: str, value: date) -> str:
    """A civil date as it is written in a language."""
    return str(dates.format_date(value, "long", locale=locale(lang)))


def moment(lang: str, value: datetime, zone: ZoneInfo) -> str:
    """A day and a time of day as they are written in a language."""
    return str(dates.format_datetime(value, "medium", tzinfo=zone, locale=locale(lang)))


def short_day(lang: str, value: date) -> str:
    """A day of the year, as short as a language writes it."""
    return str(dates.format_skeleton("MMMd", value, locale=locale(lang)))


def month(lang: str, value: date) -> str:
    """The month of a day, as short as a language writes it."""
    return str(dates.format_skeleton("MMM", value, locale=locale(lang)))


def year(lang: str, value: date) -> str:
    """The year of a day."""
    return str(dates.format_skeleton("y", value, locale=locale(lang)))


def number(lang: str, value: int) -> str:
    """A whole number as it is written in a language."""
    return str(numbers.format_decimal(value, locale=locale(lang)))
