"""Reading forms: what was typed, what is wrong with it, and the digests of what was told."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from openroll.disclosure import Disclosure, digests_of
from openroll.rules import Field
from openroll.words.catalogue import gettext

MOST_TYPED = 500


class Form:
    """A form as it was sent: its values are kept for showing again, its errors stand beside their fields."""

    def __init__(self, values: Mapping[str, str] | None = None, key: str = "") -> None:
        self.values = {name: str(value) for name, value in (values or {}).items()}
        self.key = key
        self.errors: dict[str, str] = {}

    def value(self, name: str) -> str:
        """A value without the spaces around it."""
        return self.values.get(name, "").strip()

    def fault(self, name: str, sentence: str) -> None:
        """Say what is wrong with a field; the first thing wrong stays."""
        self.errors.setdefault(name, sentence)

    def day(self, name: str, lang: str) -> date | None:
        """A date of three boxes; says so when it is none."""
        parts = [self.value(f"{name}-{part}") for part in ("year", "month", "day")]
        try:
            return date(*(int(part) for part in parts))
        except (ValueError, OverflowError):
            self.fault(name, gettext(lang, "Enter a real date: year, month and day in numbers"))
            return None

    def summary(self) -> list[dict[str, Any]]:
        """The errors as links to their fields, for the summary at the top."""
        return [{"text": text, "href": f"#{_first_box(name)}"} for name, text in self.errors.items()]


def _first_box(name: str) -> str:
    return f"{name}-year" if name in ("connected", "changed", "ended") else name


class Told(msgspec.Struct, frozen=True):
    """What somebody told in a form, as the roll takes it: digests; and what only they get: the disclosures."""

    digests: tuple[str, ...]
    chosen: tuple[str, ...]
    disclosures: tuple[str, ...]


def told(form: Form, fields: Sequence[Field], kind: str, salt_key: bytes) -> Told:
    """The digests of the fields in a form.

    Fields that the rule asks of this kind go among the record's own digests, with decoys for the rest; what is told by
    choice is kept apart, so that it can be taken back. Salts come from the form's key, so that sending a form twice tells
    the same thing once.
    """
    values = {field.name: form.value(f"field-{field.name}") for field in fields if form.value(f"field-{field.name}")}
    asked = {field.name: values[field.name] for field in fields if field.name in values and kind in field.required_of}
    chosen = {name: value for name, value in values.items() if name not in asked}
    salts = {name: _derived(salt_key, form.key, "salt", name)[:16] for name in values}
    decoys = [_derived(salt_key, form.key, "decoy", str(n)) for n in range(len(fields) - len(asked))]
    digests, opened = digests_of(asked, salts, decoys)
    by_choice, opened_by_choice = digests_of(chosen, salts, [])
    kept = [*opened.values(), *opened_by_choice.values()]
    return Told(tuple(digests), tuple(by_choice), tuple(one.encoded for one in kept))


def _derived(salt_key: bytes, *parts: str) -> bytes:
    return hmac.new(salt_key, "\0".join(parts).encode(), hashlib.sha256).digest()


def check_told(form: Form, fields: Sequence[Field], kind: str, lang: str) -> None:
    """Say what is missing of what the rule asks of this kind, and what is too long."""
    for field in fields:
        value = form.value(f"field-{field.name}")
        title = field.title.zh if lang == "zh" else field.title.en
        if kind in field.required_of and not value:
            form.fault(f"field-{field.name}", gettext(lang, "The rule asks this of you: {field}").format(field=title))
        if len(value) > MOST_TYPED:
            form.fault(f"field-{field.name}", gettext(lang, "Use fewer characters: {field}").format(field=title))


def disclosure_of(text: str) -> Disclosure | None:
    """The disclosure in what somebody pasted: the encoded text, with or without words around it; None when there is none."""
    for word in text.replace("~", " ").split():
        try:
            return Disclosure.parse(word)
        except ValueError:
            continue
    return None
