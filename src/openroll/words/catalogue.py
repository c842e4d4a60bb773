"""Babel's catalogues: English is what stands in templates and code, Chinese is in `locale/zh`. Dates and numbers by language."""

from datetime import date, datetime
from functools import cache
from importlib.resources import as_file, files
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers
from babel.support import NullTranslations, Translations

LANGUAGES = ("zh", "en")
_LOCALES = {"zh": Locale("zh", script="Hans", territory="CN"), "en": Locale("en", "GB")}


@cache
def translations(lang: str) -> NullTranslations:
    """The catalogue of a language. Raises FileNotFoundError when it was not compiled: `script/frontend` does that."""
    if lang == "en":
        return NullTranslations()
    with as_file(files("openroll.words") / "locale") as folder:
        path = folder / lang / "LC_MESSAGES" / "messages.mo"
        with path.open("rb") as compiled:
            return Translations(compiled)


def gettext(lang: str, text: str) -> str:
    """A text in a language."""
    said: str = translations(lang).gettext(text)
    return said


def day(lang: str, value: date) -> str:
    """A civil date as it is written in a language."""
    return str(dates.format_date(value, "long", locale=_LOCALES[lang]))


def moment(lang: str, value: datetime, zone: ZoneInfo) -> str:
    """A day and a time of day as they are written in a language."""
    return str(dates.format_datetime(value, "medium", tzinfo=zone, locale=_LOCALES[lang]))


def number(lang: str, value: int) -> str:
    """A whole number as it is written in a language."""
    return str(numbers.format_decimal(value, locale=_LOCALES[lang]))
