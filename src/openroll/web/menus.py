"""The navigation menus: one for everyone, one for who is signed in."""

from openroll.register.roll.rule_readings import READERS
from openroll.service.identity.sessions import Principal, has_role
from openroll.words.catalogue import gettext


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


Menu = tuple[tuple[str, str], ...]
MENU: Menu = (
    ("", _("The roll")),
    ("rule", _("The rule")),
    ("figures", _("Figures")),
    ("what-if", _("What if")),
    ("find", _("Your filing")),
    ("file", _("File")),
    ("verify", _("Check a receipt")),
)
_SUBSCRIBER: Menu = (("mine", _("Your filing")), ("mine/tell", _("Tell")), ("mine/take-back", _("Take back")))
_OPERATOR: Menu = (
    ("operator", _("Overview")),
    ("operator/files", _("Files")),
    ("operator/duties", _("Duties")),
    ("operator/records", _("Records")),
    ("operator/unconfirmed", _("To confirm")),
    ("operator/porting", _("Porting")),
    ("operator/letters", _("Letters")),
    ("desk", _("Requests")),
)
_SITES = ("operator/sites", _("Your sites"))
"""Where the rule covers sites: operators of access alone see nothing of them."""
_LIFE = ("operator/succession", _("Merging and leaving"))
_REGISTRAR: Menu = (
    ("registrar", _("Duties board")),
    ("registrar/work", _("Work")),
    ("registrar/rules", _("Rules")),
    ("registrar/figures", _("Publish figures")),
    ("registrar/organisations", _("Organisations")),
    ("registrar/records", _("Records")),
)
_OFFICE: Menu = (("office", _("Overview")), ("desk", _("Requests")))
_READINGS: Menu = (("readings", _("Rules to read")),)
_PEOPLE: Menu = (("people", _("People")),)


def own_menu(who: Principal, *, sites: bool) -> Menu:
    """The menu of who is signed in; empty for nobody. `sites`: whether the roll's rule covers sites."""
    if who.record is not None:
        return _SUBSCRIBER
    if who.person is None:
        return ()
    return (*_of_the_office(who, sites=sites), *(_READINGS if has_role(who, READERS) else ()), *_PEOPLE)


def _of_the_office(who: Principal, *, sites: bool) -> Menu:
    hosting = (_SITES,) if sites else ()
    if "operator-lead" in who.roles:
        return (*_OPERATOR, *hosting, ("operator/tokens", _("Tokens")), _LIFE)
    if "clerk" in who.roles:
        return (*_OPERATOR, *hosting)
    return _REGISTRAR if "registrar" in who.roles else _OFFICE


def said(lang: str, menu: Menu) -> list[tuple[str, str]]:
    """A menu in a language."""
    return [(path, gettext(lang, words)) for path, words in menu]
