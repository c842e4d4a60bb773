"""Replace what a record holds of the fields that the rule asks: digests of what is told now, in place of those of before.

Which digest is of which field nobody can see but who has the disclosure. So its holder brings that; or, without it, tells all
that the rule asks anew, and every digest on the record goes.
"""

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from openroll.disclosure import digests_of
from openroll.register.subscription.terms import Terms
from openroll.rules import Field
from openroll.rules.language import in_language
from openroll.web.forms import Form, check_told, derived, disclosures_of
from openroll.words.catalogue import gettext


class Replaced(NamedTuple):
    """Digests that come (`added`) in place of as many that go (`dropped`), and the disclosures that open the new ones.

    The browser keeps those to itself where it made them.
    """

    added: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    disclosures: tuple[str, ...] = ()


def asked_of(fields: Sequence[Field], kind: str) -> list[Field]:
    """The personal fields that the rule asks of a kind: what such a record holds among its own digests."""
    return [field for field in fields if field.personal and kind in field.required_of]


def replaced(form: Form, asked: Sequence[Field], lang: str, terms: Terms) -> Replaced:
    """What a form replaces among the digests that its record had when the page was made: nothing where no field is filled in.

    Those come with the form, so that the form sent twice asks for the same twice; whether the record has them still is the
    register's to say. Says in the form what is missing: the disclosure of a field that is told anew, where not all of them are.
    """
    if form.in_page:
        new = Replaced(form.words("digests"), form.words("dropped"))
        if new.added and not new.dropped:
            form.fault("kept", _missing(asked, lang))
        return new
    values = {field.name: value for field in asked if (value := _typed(form, field.name))}
    if not values:
        return Replaced()
    check_told(form, [field for field in asked if field.name in values], "", lang, terms)
    present = form.words("present")
    held = {one.name: one.digest() for one in disclosures_of(form.value("kept")) if one.digest() in present}
    if values.keys() <= held.keys():
        dropped = [held[name] for name in values]
    elif len(values) == len(asked):
        dropped = list(present)
    else:
        form.fault("kept", _missing(asked, lang))
        return Replaced()
    seed = bytes.fromhex(form.seed)
    salts = {name: derived(seed, "salt", name, value)[:16] for name, value in values.items()}
    decoys = [derived(seed, "decoy", str(n)) for n in range(len(dropped) - len(values))]
    added, opened = digests_of(values, salts, decoys)
    return Replaced(tuple(added), tuple(sorted(dropped)), tuple(one.encoded for one in opened.values()))


def _typed(form: Form, name: str) -> str:
    return unicodedata.normalize("NFC", form.value(f"field-{name}"))


def _missing(asked: Sequence[Field], lang: str) -> str:
    listed = gettext(lang, ", ").join(in_language(field.title, lang) for field in asked)
    return gettext(
        lang, "Paste the text that you kept of what is to be replaced; or, without it, fill in all of these: {fields}"
    ).format(fields=listed)
