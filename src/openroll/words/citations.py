"""Articles as each language cites them: rule files name them in English, as `Art. 12(1)`."""

import re

from openroll.words.catalogue import gettext

_ARTICLE = re.compile(r"(Overlay a|A)rt\. (\d+)(?:\((\d+)\))?")


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


_PHRASES = (
    _("the list of filed sites is published, no interval is given"),
    _("subpoena, court order or consent; not every subpoena is a court's"),
    _("duty and period of the regulation, article number not confirmed"),
    _("the person is not told of each access"),
    _("article number not confirmed"),
    _("10 years after deactivation"),
    _("only after a refusal to correct"),
    _("amounts of the regulation"),
    _("one extension of at most 120 days"),
    _("180 days of effect"),
    _("no correction step"),
    _("no appeal clause"),
    _("five days' grace"),
    _("not mentioned"),
    _("not confirmed"),
    _("the notice"),
    _("RA 11934"),
)
"""What stands in the shipped rules beside or instead of a number; longer ones first, where one holds another."""


def cited(lang: str, article: str) -> str:
    """An article as a language cites it. What no shipped rule says stays as its rule file has it."""
    said = _ARTICLE.sub(lambda found: _numbered(lang, found), article)
    for phrase in _PHRASES:
        said = said.replace(phrase, gettext(lang, phrase))
    return said.replace("; ", gettext(lang, "; ")).replace(": ", gettext(lang, ": "))


def _numbered(lang: str, found: re.Match[str]) -> str:
    over, number, part = found.groups()
    article = gettext(lang, _("Art. {number}({part})") if part else _("Art. {number}")).format(number=number, part=part)
    return (
        gettext(lang, _("Overlay {article}")).format(article=article.replace("Art.", "art."))
        if over.startswith("Over")
        else article
    )
