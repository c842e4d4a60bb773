"""Whether a number has the form that a jurisdiction's numbers have: by python-stdnum, by phonenumbers, or by a pattern."""

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple
from unicodedata import decimal

import phonenumbers
from stdnum.exceptions import ValidationError

from openroll.places.model import NumberFormat
from openroll.places.pattern import matches, read
from openroll.third_party import NotValid, third_party

_APART = re.compile(r"[\s-]")
_PLUS = r"[+\uff0b]"
_APART_DIALLED = r"[\s().\[\]/~\-\u2010-\u2015\u2053\u2212\u223c\u30fc\uff08\uff09\uff0d-\uff0f\uff3b\uff3d\uff5e]"
"""What a telephone number is written with besides, by the library: dashes, points and brackets of any width."""


def fits(number: str, form: NumberFormat) -> bool:
    """Whether a number has this form, in the digits of any script. Says nothing on whether it is anybody's. Never raises."""
    if _fits(number, form):
        return True
    plain = "" if number.isascii() else "".join(str(decimal(one)) if one.isdecimal() else one for one in number)
    return plain not in ("", number) and _fits(plain, form)


def _fits(number: str, form: NumberFormat) -> bool:
    try:
        if form.stdnum is not None:
            with third_party(f"stdnum.{form.stdnum}", ValidationError):
                module(form.stdnum).validate(number)
                return True
        if form.phonenumbers is not None:
            mobile = _mobile(form.phonenumbers)
            if mobile is not None and mobile.fullmatch(_APART.sub("", number)):
                return True
            with third_party("phonenumbers", phonenumbers.NumberParseException):
                return bool(phonenumbers.is_valid_number(phonenumbers.parse(number, form.phonenumbers)))
    except NotValid:
        return False
    return form.pattern is not None and matches(_APART.sub("", number), form.pattern)


@cache
def _mobile(region: str) -> re.Pattern[str] | None:
    """The mobile numbers of a region as people there dial them, of which lists are full: held to the plan without parsing.

    None where a prefix means more than that the number is at home.
    """
    plan = phonenumbers.PhoneMetadata.metadata_for_region(region, None)
    prefix = None if plan is None else plan.national_prefix
    if plan is None or plan.mobile is None or plan.national_prefix_for_parsing not in (None, prefix):
        return None
    return re.compile(f"{prefix or ''}(?:{plan.mobile.national_number_pattern})", re.ASCII)


@cache
def module(name: str) -> Any:
    """A module of python-stdnum by its name, as `za.idnr`. Raises ImportError for one that it does not have."""
    found = import_module(f"stdnum.{name}")
    if not hasattr(found, "validate"):
        raise ImportError(f"stdnum.{name} has no validator")
    return found


def knows_region(region: str) -> bool:
    """Whether phonenumbers knows the telephone numbers of a region (ISO 3166-1 alpha-2)."""
    return region in phonenumbers.SUPPORTED_REGIONS


class Shape(NamedTuple):
    """A form as a regular expression that Python and browsers read alike: `apart` is taken out first, then `shape` fits whole."""

    shape: str
    apart: str


def shape_of(form: NumberFormat) -> Shape | None:
    """What a browser, which has none of the libraries, can hold a number to; None for a form that only a library knows.

    A telephone number is held to the numbering plan of its region as phonenumbers has it, one of elsewhere to its length alone.
    """
    if form.pattern is not None:
        ways = (
            "".join(f"[{''.join(sorted(map(_literal, one.characters)))}]{{{one.least},{one.most}}}" for one in way)
            for way in read(form.pattern)
        )
        return Shape("|".join(ways), r"[\s-]")
    if form.phonenumbers is not None:
        return _telephone(form.phonenumbers)
    return None


def _literal(character: str) -> str:
    return "\\" + character if character in "-.^]\\/" else character


@cache
def _telephone(region: str) -> Shape | None:
    plan = phonenumbers.PhoneMetadata.metadata_for_region(region, None)
    if plan is None or plan.country_code is None:
        return None
    sharing = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[plan.country_code]  # some share one code, as +1 and +44
    plans = (phonenumbers.PhoneMetadata.metadata_for_region(one, None) for one in sharing)
    ways = dict.fromkeys(way for one in plans if one is not None for way in _ways(one))
    at_home = f"(?:(?:{_PLUS}|00)?{plan.country_code})?(?:{plan.national_prefix or ''})?(?:{'|'.join(ways)})"
    return Shape(rf"{at_home}|(?:{_PLUS}|00)(?!{plan.country_code})[1-9][0-9]{{6,14}}", _APART_DIALLED)


def _ways(plan: phonenumbers.PhoneMetadata) -> Iterator[str]:
    """The patterns of a region's numbers, without the code of its country."""
    kinds = (
        *(plan.fixed_line, plan.mobile, plan.toll_free, plan.premium_rate, plan.shared_cost),
        *(plan.personal_number, plan.voip, plan.pager, plan.uan, plan.voicemail),
    )
    yield from (kind.national_number_pattern for kind in kinds if kind is not None and kind.national_number_pattern)
