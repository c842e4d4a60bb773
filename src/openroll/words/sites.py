"""Sites in words: their states, how control of their domains was shown, who looked and from where, and what a badge says."""

from collections.abc import Iterator
from datetime import date

from openroll.service.sites.lookup import ENDED, Seen
from openroll.words import catalogue
from openroll.words.catalogue import gettext
from openroll.words.labels import words


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


STATES = {
    "live": _("Live, as far as its operator said"),
    "silent": _("Silent, as its operator found"),
    "retired": _("Its number is retired: silent for long, as its operator found"),
    ENDED: _("It ended"),
}
"""A site's state by the word of its operator, as pages say it."""
STATES_SEEN = {
    "live": _("Live, by this roll's own looks"),
    "silent": _("Silent, by this roll's own looks"),
    "retired": _("Its number is retired: silent for long, by this roll's own looks"),
}
"""The same where the roll looked itself."""
STATES_SHORT = {"live": _("Live"), "silent": _("Silent"), "retired": _("Retired"), ENDED: _("Ended")}
"""The same, in a list."""
CONTROL = {
    "": _("Not shown"),
    "record": _("Shown by a record of the domain, as its operator checked"),
    "file": _("Shown by a file on the site, as its operator checked"),
    "word": _("Its operator gives its word"),
}
"""How it was shown that a site's organisation controls its domains."""
CONTROL_SEEN = {
    "": _("Not shown: this roll looked, and found no proof any more"),
    "record": _("Shown by a record of the domain, which this roll found itself"),
    "file": _("Shown by a file on the site, which this roll found itself"),
}
"""The same where the roll looked itself."""
BADGE = {
    "live": _("Filed site {number}"),
    "silent": _("Filed site {number}: silent"),
    "retired": _("Site {number}: retired"),
    ENDED: _("Site {number}: ended"),
}
"""What a badge says of a site in a state."""


TO_OPEN = _("It opens on a later day, as its operator said")
OPENS_ON = _("Opens on {day}")
"""What is said of a live site before the day on which it opens, on its page and in a list."""


def is_to_open(seen: Seen, today: date) -> bool:
    """Whether a site is filed ahead of the day on which it opens: nobody has it live yet."""
    return seen.state == "live" and seen.began is not None and seen.began > today


def state_said(seen: Seen, lang: str, today: date) -> str:
    """A site's state, and by whose looks it is so."""
    if is_to_open(seen, today):
        return gettext(lang, TO_OPEN)
    by_roll = seen.state in STATES_SEEN and (seen.state_places or (seen.state == "live" and seen.looked is not None))
    return words(lang, STATES_SEEN if by_roll else STATES, seen.state)


def control_said(seen: Seen, lang: str) -> str:
    """How control of a site's domains is shown, and who looked."""
    return words(lang, CONTROL_SEEN if seen.control_places else CONTROL, seen.control)


def looks_said(seen: Seen, lang: str) -> Iterator[tuple[str, str]]:
    """When control was shown, from how many places the roll looked, and when last: rows of a name and a value."""
    if seen.shown is not None:
        yield gettext(lang, "Control shown on"), catalogue.day(lang, seen.shown)
    if places := max(seen.control_places, seen.state_places):
        yield gettext(lang, "Looked at from"), places_said(places, lang)
    if seen.looked is not None:
        yield gettext(lang, "This roll looked last on"), catalogue.day(lang, seen.looked)


def places_said(places: int, lang: str) -> str:
    """How many places saw the same, the roll's own among them."""
    return gettext(lang, "one place") if places == 1 else gettext(lang, "{places} places").format(places=places)
