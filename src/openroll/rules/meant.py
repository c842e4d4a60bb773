"""What a value that does not fit was meant to be: a sentence on what is wrong with it, and a right example near to it."""

import json
import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable
from datetime import date
from difflib import get_close_matches
from typing import Any, NamedTuple

from openroll.rules.language import ENGLISH, TAG_PATTERN
from openroll.rules.sentence import Sentence, sentence
from openroll.rules.slips import quoted, shortened
from openroll.rules.values import (
    AMOUNT_PATTERN,
    CURRENCY_PATTERN,
    FIELD_PATTERN,
    IDENTIFIER_PATTERN,
    PERIOD_PATTERN,
    TIME_PATTERN,
)


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


class Meant(NamedTuple):
    """What is wrong with a value, and what was probably meant; an empty example where nobody can tell."""

    found: Sentence
    example: str = ""


BOOLEANS = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}
"""The words that YAML 1.1 took for true and false, and YAML 1.2 takes for words."""
_UNITS = {"day": "D", "days": "D", "天": "D", "日": "D", "d": "D", "week": "W", "weeks": "W", "周": "W", "w": "W"}
_UNITS |= {"month": "M", "months": "M", "个月": "M", "m": "M", "year": "Y", "years": "Y", "年": "Y", "y": "Y"}
_WEEKS = re.compile(r"P([0-9]{1,3})W", re.IGNORECASE)
_OF_HOURS = re.compile(r"P(?:[0-9]+D)?T([0-9]{1,4})([HMS])", re.IGNORECASE)
_COUNTED = re.compile(r"P?\s*([0-9]{1,4})\s*([a-z天日周个月年]*)", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?:[T ].*)?")
_DAY_FIRST = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_CLOSE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")


def meant(validator: str, wanted: Any, value: Any) -> Meant | None:
    """What a value that failed a check of the schema was meant to be; None where there is nothing more to say of it.

    `validator` is the schema's keyword (`type`, `enum`, `format`, `pattern`) and `wanted` what it says.
    """
    narrow = unicodedata.normalize("NFKC", value) if isinstance(value, str) else value
    if narrow != value and (validator != "enum" or narrow in map(str, wanted)):
        wide = sentence(_("{value} is written in full-width characters."), value=shown(value))
        inner = meant(validator, wanted, narrow)
        return Meant(wide, inner.example if inner and inner.example else narrow)
    match validator:
        case "type":
            return _of_type(wanted, value)
        case "enum":
            return _one_of([str(one) for one in wanted], value)
        case "format":
            return _date(value) if isinstance(value, str) else None
        case "pattern":
            look = _BY_PATTERN.get(str(wanted))
            return look(value) if look and isinstance(value, str) else None
    return None


def shown(value: Any) -> str:
    """A value as it stands in a sentence."""
    return shortened(json.dumps(value, ensure_ascii=False, default=str))


def _of_type(wanted: Any, value: Any) -> Meant | None:
    if value is None:
        return Meant(Sentence(_("Nothing stands here.")))
    if wanted == "boolean":
        word = value.lower() if isinstance(value, str) else value
        found = sentence(_("{value} is a word here: YAML 1.2 knows true and false alone."), value=shown(value))
        return Meant(found, BOOLEANS[word]) if word in BOOLEANS else Meant(_unfit(value), "true")
    if wanted == "string" and isinstance(value, bool | int | float):
        return Meant(sentence(_("{value} is no text as it stands."), value=shown(value)), quoted(shown(value)))
    if wanted == "object" and isinstance(value, str):
        found = sentence(_("{value} is a text where keys with values are asked."), value=shown(value))
        return Meant(found, f"{{{ENGLISH}: {quoted(shortened(value))}}}" if " " in value else "")
    if wanted == "array" and isinstance(value, str | int):
        return Meant(sentence(_("{value} is one value where a list is asked."), value=shown(value)), f"[{value}]")
    if wanted in ("integer", "number") and isinstance(value, str):
        digits = re.search(r"[0-9]+", value)
        whole = re.fullmatch(r"0x[0-9a-f]+|0o[0-7]+", value, re.IGNORECASE)
        return Meant(_unfit(value), str(int(value, 0)) if whole else digits[0].lstrip("0") or "0" if digits else "1")
    return None


def _unfit(value: Any) -> Sentence:
    return sentence(_("{value} does not fit."), value=shown(value))


def _one_of(names: list[str], value: Any) -> Meant:
    if value is None:
        return Meant(Sentence(_("Nothing stands here.")), names[0])
    word = str(value).strip().lower().replace("_", "-").replace(" ", "-")
    near = [word] if word in names else get_close_matches(word, names, 1)
    return Meant(_unfit(value), near[0] if near else names[0])


def _date(value: str) -> Meant:
    """A day that the calendar does not have, or that is written in another way."""
    parts = _YEAR_FIRST.fullmatch(value) or _CLOSE.fullmatch(value)
    numbers = tuple(map(int, parts.groups())) if parts else ()
    if not parts and (parts := _DAY_FIRST.fullmatch(value)):
        numbers = tuple(int(one) for one in reversed(parts.groups()))
    if not numbers:
        return Meant(_unfit(value), "2006-10-30")
    year, month, day = numbers
    if not 1 <= month <= 12 or not year:
        return Meant(sentence(_("There is no month {month}."), month=month), "2006-10-30")
    last = monthrange(year, month)[1]
    if not 1 <= day <= last:
        found = sentence(_("There is no day {value}: that month has {last} days."), value=value, last=last)
        return Meant(found, date(year, month, last).isoformat())
    return Meant(_unfit(value), date(year, month, day).isoformat())


def _period(value: str) -> Meant:
    """A period of hours or weeks, in words, or in another order."""
    hours = _OF_HOURS.fullmatch(value)
    if hours:
        found = sentence(_("{value} counts hours, where days are asked: hours have a key of their own."), value=value)
        return Meant(found, f"hours: {int(hours[1]) if hours[2].upper() == 'H' else 1}")
    weeks = _WEEKS.fullmatch(value)
    counted = _COUNTED.fullmatch(value.strip())
    unit = _UNITS.get(counted[2].lower(), "D" if not counted[2] else "") if counted else ""
    number = weeks[1] if weeks else counted[1] if counted and unit == "W" else ""
    if number:
        found = sentence(_("{value} counts weeks, where days are asked."), value=value)
        return Meant(found, f"P{int(number) * 7}D")
    if counted and unit and int(counted[1]) < (1000 if unit != "Y" else 100):
        return Meant(_unfit(value), f"P{int(counted[1])}{unit}")
    return Meant(_unfit(value), "P30D")


_HOURS = {"h": "H", "hour": "H", "hours": "H", "小时": "H", "时": "H", "min": "M", "minutes": "M", "分钟": "M"}
_BARE = re.compile(r"P?T?\s*([0-9]{1,4})\s*([a-z天日周小时分钟]*)", re.IGNORECASE)


def _time(value: str) -> Meant:
    """A time in words, in small letters, without its T, or of weeks."""
    counted = _BARE.fullmatch(value.strip())
    number, unit = (int(counted[1]), counted[2].lower()) if counted else (0, "")
    if counted and (short := _HOURS.get(unit)):
        return Meant(_unfit(value), f"PT{number}{short}")
    days = {"D": 1, "W": 7}.get(_UNITS.get(unit, "D" if not unit else "")) if counted else None
    return Meant(_unfit(value), f"P{number * days}D" if days else "P10D")


def _name(between: str) -> Callable[[str], Meant]:
    def look(value: str) -> Meant:
        plain = unicodedata.normalize("NFKD", value.lower())
        name = re.sub("[^a-z0-9]+", between, plain).strip(between)[:32].lstrip("0123456789-_")
        return Meant(_unfit(value), name if len(name) > 1 else f"my{between}rule" if between == "-" else "id_number")

    return look


def _amount(value: str) -> Meant:
    digits = re.sub(r"[^0-9.]", "", value).strip(".")
    return Meant(_unfit(value), f"'{digits}'" if re.fullmatch(AMOUNT_PATTERN, digits) else "'3000'")


def _currency(value: str) -> Meant:
    word = value.strip().upper()
    return Meant(_unfit(value), word if re.fullmatch(CURRENCY_PATTERN, word) else "")


def _tag(value: str) -> Meant:
    word = value.strip().replace("_", "-")
    head, _dash, tail = word.partition("-")
    tag = "-".join(one for one in (head.lower(), tail.upper() if len(tail) == 2 else tail) if one)
    found = sentence(_("{value} is no tag of a language."), value=shown(value))
    return Meant(found, tag if re.fullmatch(TAG_PATTERN, tag) else ENGLISH)


_BY_PATTERN: dict[str, Callable[[str], Meant]] = {
    PERIOD_PATTERN: _period,
    TIME_PATTERN: _time,
    IDENTIFIER_PATTERN: _name("-"),
    FIELD_PATTERN: _name("_"),
    AMOUNT_PATTERN: _amount,
    CURRENCY_PATTERN: _currency,
    TAG_PATTERN: _tag,
}
