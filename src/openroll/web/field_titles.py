"""What a field that is asked of organisations is called where a household tells it, or where it is not known who told it."""

from openroll.rules import NATURAL, Field
from openroll.rules.language import in_language
from openroll.service.application import Application
from openroll.words.catalogue import gettext


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


_OF_PEOPLE = {"name": _("Your name")}
_OF_A_PERSON = {"name": _("Name of the person")}
_OF_ANYBODY = {"name": _("Name (of a person or an organisation)")}
_ORGANISATION = "organisation"


def title_to(application: Application, field: Field, lang: str, teller: str) -> str:
    """A field's title to who tells it, of a kind: a person who need not tell the name of an organisation tells their own."""
    alone = application.roll.rule.natures.get(teller) in NATURAL
    if alone and field.name in _OF_PEOPLE and teller not in field.required_of and _ORGANISATION in field.required_of:
        return gettext(lang, _OF_PEOPLE[field.name])
    return in_language(field.title, lang)


def title_of_anybody(field: Field, lang: str) -> str:
    """A field's title where it is not known who told it: no household's name is called an organisation's."""
    if field.name in _OF_ANYBODY and _ORGANISATION in field.required_of:
        return gettext(lang, _OF_ANYBODY[field.name])
    return in_language(field.title, lang)


def titles_in(application: Application, lang: str) -> dict[str, str]:
    """What every field of the roll's rule is called where it is not known who told it, by the fields' names."""
    return {field.name: title_of_anybody(field, lang) for field in application.roll.rule.fields}


def titles_by_kind(application: Application, lang: str) -> dict[str, dict[str, str]]:
    """What fields are called otherwise than by `titles_in` as soon as it is known who told them, by the kind of subscriber."""
    rule, found = application.roll.rule, dict[str, dict[str, str]]()
    for kind, nature in rule.natures.items():
        for field in rule.fields:
            if title_of_anybody(field, lang) != (own := in_language(field.title, lang)):
                alone = nature in NATURAL and kind not in field.required_of
                found.setdefault(kind, {})[field.name] = gettext(lang, _OF_A_PERSON[field.name]) if alone else own
    return found
