"""Whether a number has the form that a jurisdiction's numbers have: by python-stdnum, by phonenumbers, or by a pattern."""

import re
from functools import cache
from importlib import import_module
from typing import Any

import phonenumbers
from stdnum.exceptions import ValidationError

from openroll.places.model import NumberFormat
from openroll.places.pattern import matches
from openroll.third_party import NotValid, third_party

_APART = re.compile(r"[\s-]")


def fits(number: str, form: NumberFormat) -> bool:
    """Whether a number has this form. Says nothing on whether it is anybody's. Never raises."""
    try:
        if form.stdnum is not None:
            with third_party(f"stdnum.{form.stdnum}", ValidationError):
                module(form.stdnum).validate(number)
                return True
        if form.phonenumbers is not None:
            with third_party("phonenumbers", phonenumbers.NumberParseException):
                return bool(phonenumbers.is_valid_number(phonenumbers.parse(number, form.phonenumbers)))
    except NotValid:
        return False
    return form.pattern is not None and matches(_APART.sub("", number), form.pattern)


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
