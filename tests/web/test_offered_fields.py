"""A field is offered to those it means anything for."""

from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest

from openroll.places import load as place
from openroll.register.subscription.terms import terms_of
from openroll.rules import Rule, RuleFaults, canonical, digest, load, parse_rule
from openroll.web.field_titles import title_to, titles_by_kind, titles_in
from openroll.web.filing_alone import fields_of
from openroll.web.forms import Form, check_told

KE = load("ke-notification")
DAY = date(2026, 11, 29)


def narrowed(*kinds: str) -> Rule:
    """Kenya's rule, with a contact person of these kinds alone."""
    fields = (msgspec.structs.replace(one, of=kinds) if one.name == "contact" else one for one in KE.fields)
    return msgspec.structs.replace(KE, fields=tuple(fields))


@pytest.mark.parametrize("hidden", ["\n", "\u202e", "\u200b", "\x00"])
def test_a_value_with_a_character_that_nobody_sees_is_not_told(hidden: str) -> None:
    """Without script too: a line's end in a name would make another line of it wherever it is shown."""
    form = Form({"field-name": f"Li{hidden}Si", "field-address": "Jiefangbei 1"})
    check_told(form, KE.fields, "", "en", terms_of(KE, place("ke"), DAY))
    assert form.errors == {"field-name": "It holds a character that nobody sees."}


def test_a_person_is_offered_no_field_of_organisations() -> None:
    """Who files alone or tells later as a person sees no contact person where the rule says that it is of organisations."""
    rule = narrowed("organisation")
    terms = terms_of(rule, place("ke"), DAY)
    roll = SimpleNamespace(
        rule=rule, clock=lambda: None, day=lambda _: DAY, setting=lambda _: SimpleNamespace(terms=terms)
    )
    application = cast("Any", SimpleNamespace(roll=roll, kind=lambda kind, _: kind))
    told = {
        kind: [one["name"] for one in fields_of(application, "en", teller=kind)] for kind in ("person", "organisation")
    }
    assert told == {"person": ["name", "address", "phone"], "organisation": ["name", "contact", "address", "phone"]}
    assert "contact" not in [one["name"] for one in fields_of(application, "en", "household")]
    assert terms.digests == 4


def test_a_households_name_is_no_organisations() -> None:
    """Where a household gives its name it is its own; an organisation's keeps the rule's title; whoever is given a name, or reads
    a notice, is told neither; whoever has the record before them is told what it is of."""
    rule = load("notification-2006")
    name = next(one for one in rule.fields if one.name == "name")
    field = msgspec.structs.replace(name, required_of=("organisation",), title={"en": "Name of the organisation"})
    application = cast("Any", SimpleNamespace(roll=SimpleNamespace(rule=rule)))
    called = [title_to(application, field, "en", kind) for kind in ("household", "organisation")]
    assert called == ["Your name", field.title["en"]]
    application.roll.rule = msgspec.structs.replace(rule, fields=(field,))
    assert titles_in(application, "en") == {"name": "Name (of a person or an organisation)"}
    known = titles_by_kind(application, "en")
    assert [known[kind]["name"] for kind in ("household", "organisation")] == ["Name of the person", field.title["en"]]


def test_of_is_a_key_that_older_rules_do_without() -> None:
    """A rule that does not say it has the digest that it had; one that names a kind there is not is told so."""
    assert b'"of"' not in canonical(KE)
    assert digest(narrowed("organisation")) != digest(KE)
    text = canonical(narrowed("organization")).decode().replace('"overlays":[],', "")
    with pytest.raises(RuleFaults, match="There is no kind 'organization'"):
        parse_rule(text, "rule.yaml")
