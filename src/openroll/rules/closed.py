"""The closed words and periods of a rule, as people read them: English, marked for the catalogue (`sentence`)."""

import re

from openroll.rules.sentence import Sentence, sentence


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


DECIDERS = {
    "registrar": _("the registrar"),
    "police": _("the police"),
    "ministry": _("the ministry"),
    "operator": _("the operator"),
    "independent-body": _("an independent body"),
    "other-body": _("another body"),
    "court": _("a court"),
}
MEASURES = {
    "order-to-correct": _("order to correct"),
    "warning": _("warning"),
    "fine": _("fine"),
    "suspension": _("suspension"),
    "closure": _("closure"),
    "deactivation": _("deactivation"),
}
_PERIOD = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?")
_DAYS = (_("1 day"), _("{n} days"))
_UNITS = ((_("1 year"), _("{n} years")), (_("1 month"), _("{n} months")), _DAYS)


def word(words: dict[str, str], key: str) -> Sentence:
    """A closed word; the word itself where the table has none."""
    return Sentence(words[key]) if key in words else sentence("{key}", key=key)


def period(value: str) -> Sentence | None:
    """A period such as P1M15D in words: 1 month, 15 days. None for what is no period."""
    found = _PERIOD.fullmatch(value)
    if not found or not any(found.groups()):
        return None
    parts = zip(_UNITS, found.groups(), strict=True)
    return sentence("{parts}", parts=tuple(_counted(unit, int(n)) for unit, n in parts if n))


def days(count: int) -> Sentence:
    """A number of days in words."""
    return _counted(_DAYS, count)


def _counted(unit: tuple[str, str], count: int) -> Sentence:
    one, many = unit
    return sentence(one if count == 1 else many, n=count)
