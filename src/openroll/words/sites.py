"""Sites in words: their states, how control of their domains was shown, and what a badge says."""

from openroll.service.sites.lookup import ENDED


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


STATES = {
    "live": _("Live, as far as its operator said"),
    "silent": _("Silent, as its operator found"),
    "retired": _("Its number is retired: silent for long, as its operator found"),
    ENDED: _("It ended"),
}
"""A site's state, as pages say it."""
STATES_SHORT = {"live": _("Live"), "silent": _("Silent"), "retired": _("Retired"), ENDED: _("Ended")}
"""The same, in a list."""
CONTROL = {
    "": _("Not shown"),
    "record": _("Shown by a record of the domain, as its operator checked"),
    "file": _("Shown by a file on the site, as its operator checked"),
    "word": _("Its operator gives its word"),
}
"""How it was shown that a site's organisation controls its domains."""
BADGE = {
    "live": _("Filed site {number}"),
    "silent": _("Filed site {number}: silent"),
    "retired": _("Site {number}: retired"),
    ENDED: _("Site {number}: ended"),
}
"""What a badge says of a site in a state."""
