"""What differs between two rules, as people read it: the things of a rule by their titles, closed lists by their words."""

from collections.abc import Mapping
from typing import Any

from openroll.rules import Rule, plain
from openroll.rules.closed import DECIDERS, MEASURES, period
from openroll.rules.diff import Difference, differences
from openroll.rules.language import in_language, is_text
from openroll.words.catalogue import gettext, said
from openroll.words.citations import cited
from openroll.words.labels import KINDS, words

MOST_SAID = 400
"""Characters of a changed value that are shown."""
KEPT_BOOKS = {"source", "sources", "id", "overlays", "version", "since"}
"""Where values were read and what files are called: no part of what a rule asks."""


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


PARTS = {
    "act": _("what is to be done"),
    "after_correction": _("only after a time to correct"),
    "against": _("against whom"),
    "aims": _("what for"),
    "activity": _("data of activity"),
    "applies": _("for which subscriptions"),
    "bearers": _("who bears it"),
    "by": _("who decides"),
    "cap": _("for how long at most"),
    "counts_from": _("counted from"),
    "covers": _("whom the rule covers"),
    "days": _("days"),
    "deadlines": _("deadlines"),
    "decider": _("who decides"),
    "duties": _("duties"),
    "end_of_next_calendar_year": _("to the end of the calendar year after"),
    "ended": _("no longer in force from"),
    "fields": _("what is asked"),
    "fine_from": _("fine from"),
    "fine_to": _("fine up to"),
    "fixed": _("by the day"),
    "in_force": _("in force from"),
    "kind": _("kind"),
    "measures": _("measures"),
    "minimum": _("the least that is asked"),
    "note": _("note"),
    "notes": _("notes"),
    "notice_days": _("days of notice"),
    "period": _("period"),
    "personal": _("personal"),
    "present": _("stated"),
    "promptly": _("promptly, without a number"),
    "purposes": _("purposes"),
    "records": _("records in one request"),
    "required_of": _("asked of"),
    "retention": _("how long it is kept"),
    "safeguards": _("safeguards"),
    "status": _("standing"),
    "step": _("step of the ladder"),
    "summary": _("in a sentence"),
    "suspends": _("an appeal suspends"),
    "title": _("wording"),
    "to": _("to whom"),
    "via": _("through whom"),
    "zone": _("time zone"),
}
SAFEGUARDS = {
    "activity": _("data of activity"),
    "apart": _("identity apart from activity"),
    "appeal": _("appeal"),
    "choice": _("choice"),
    "correction": _("time to correct"),
    "hearing": _("hearing"),
    "innocence": _("no reversed burden of proof"),
    "ladder": _("ladder of measures"),
    "misuse": _("answering for misuse"),
    "no-bulk": _("one record at a time"),
    "prior-review": _("prior review"),
    "report": _("yearly report"),
    "review": _("review of the rule"),
    "rights": _("rights of the person"),
    "told": _("the person is told"),
}
CLOSED = {
    **KINDS,
    **MEASURES,
    **DECIDERS,
    "connection": _("the connection"),
    "change": _("the change"),
    "end": _("the end"),
    "file": _("file"),
    "report-change": _("report a change"),
    "report-end": _("report the end"),
    "new": _("new ones"),
    "existing": _("existing ones"),
    "all": _("all of them"),
    "in-force": _("in force"),
    "repealed": _("repealed"),
    "struck-down": _("struck down"),
    "proposal": _("proposal"),
    "historic": _("historic"),
}


def changes(old: Rule, new: Rule, lang: str) -> list[dict[str, str]]:
    """What differs between two rules, a line each: where, by which article, what it was and what it is."""
    before, after = plain(old), plain(new)
    found = [one for one in differences(before, after) if not KEPT_BOOKS & set(one.path)]
    return [_line(one, _titles(before, lang) | _titles(after, lang), lang) for one in found]


def _line(one: Difference, titles: Mapping[str, str], lang: str) -> dict[str, str]:
    return {
        "path": " › ".join(_place(part, place, one.path, titles, lang) for place, part in enumerate(one.path)),
        "article": cited(lang, one.article),
        "old": _said(one.old, titles, lang),
        "new": _said(one.new, titles, lang),
    }


def _titles(rule: Mapping[str, Any], lang: str) -> dict[str, str]:
    """The duties, fields and measures of a rule by their names."""
    things = [thing for part in ("duties", "fields", "measures") for thing in rule.get(part, ())]
    return {str(thing.get("id") or thing.get("name")): in_language(thing["title"], lang) for thing in things}


def _place(part: str, place: int, path: tuple[str, ...], titles: Mapping[str, str], lang: str) -> str:
    if place == 1 and path[0] == "safeguards":
        return words(lang, SAFEGUARDS, part)
    if place == 1 and part in titles:
        return titles[part]
    return words(lang, PARTS, part)


def _said(value: Any, titles: Mapping[str, str], lang: str) -> str:
    if isinstance(value, bool):
        return gettext(lang, "yes") if value else gettext(lang, "no")
    if isinstance(value, list | tuple):
        return gettext(lang, "; ").join(_said(one, titles, lang) for one in value)[:MOST_SAID]
    if isinstance(value, Mapping):
        return _thing(value, titles, lang)[:MOST_SAID]
    if isinstance(value, str):
        lasts = period(value)
        return titles.get(value) or (words(lang, CLOSED, value) if lasts is None else said(lang, lasts))
    return "" if value is None else str(value)


def _thing(value: Mapping[str, Any], titles: Mapping[str, str], lang: str) -> str:
    if is_text(value):
        return in_language(value, lang)
    if set(value) == {"amount", "currency"}:
        return f"{value['amount']} {value['currency']}"
    parts = [
        f"{words(lang, PARTS, name)}{gettext(lang, ': ')}{_said(one, titles, lang)}"
        for name, one in value.items()
        if one not in (None, False, "", [], ()) and name not in KEPT_BOOKS | {"title", "article", "name"}
    ]
    title = [in_language(value["title"], lang)] if "title" in value else []
    return gettext(lang, "; ").join([*title, *parts])
