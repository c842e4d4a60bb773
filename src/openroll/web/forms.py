"""Parse submitted forms: values, faults by field, and the digests of what was told.

What hides a value comes from nothing that the roll keeps. With script the browser makes salts, decoys and digests, and sends
digests only (frontend/src/telling.js). Without it a form carries a seed of the server's randomness, which lives in the form's
page and nowhere else; salts and decoys are derived from it, so that the form sent twice tells the same thing once.
"""

import hmac
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from openroll.disclosure import Disclosure, digests_of, refused_character
from openroll.places.model import NumberFormat
from openroll.register.subscription.terms import Terms
from openroll.rules import Field
from openroll.rules.language import in_language
from openroll.words.catalogue import gettext

MOST_TYPED = 500
_MOST_PASTED, _MOST_TRIED = 20_000, 50
"""Characters, and words among them, in which a disclosure is looked for: one has less than 3,000."""
_SEED = re.compile(r"[0-9a-f]{64}")


class Form:
    """A form as it was sent: its values are kept for showing again, its errors stand beside their fields."""

    def __init__(self, values: Mapping[str, str] | None = None, key: str = "", seed: str = "") -> None:
        self.values = {name: str(value) for name, value in (values or {}).items()}
        self.key = key
        self.seed = seed
        self.errors: dict[str, str] = {}

    def value(self, name: str) -> str:
        """A value without the spaces around it."""
        return self.values.get(name, "").strip()

    def words(self, name: str) -> tuple[str, ...]:
        """A value that is a list of words."""
        return tuple(self.value(name).split())

    @property
    def in_page(self) -> bool:
        """Whether the sender's own browser made the digests: what was typed did not come along."""
        return self.value("in-page") == "yes"

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

    def day_if_any(self, name: str, lang: str) -> date | None:
        """A date of three boxes that may be left empty, all of them; says so when it is none."""
        return self.day(name, lang) if any(self.value(f"{name}-{part}") for part in ("year", "month", "day")) else None

    def summary(self) -> list[dict[str, Any]]:
        """The errors as links to their fields, for the summary at the top."""
        return [{"text": text, "href": f"#{_first_box(name)}"} for name, text in self.errors.items()]


def _first_box(name: str) -> str:
    return f"{name}-year" if name in ("connected", "right-connected", "changed", "ended", "began") else name


class Told(msgspec.Struct, frozen=True):
    """What somebody told in a form, as the roll takes it: digests; and what only they get: the disclosures."""

    digests: tuple[str, ...]
    chosen: tuple[str, ...]
    disclosures: tuple[str, ...]


def seed_of(typed: str, random: Callable[[int], bytes]) -> str:
    """The seed a form came with; a new one for a form that brought none, or a word of somebody's own."""
    return typed if _SEED.fullmatch(typed) else random(32).hex()


def told(form: Form, fields: Sequence[Field], kind: str) -> Told:
    """The digests of what a form tells.

    Fields that the rule asks of this kind go among the record's own digests, with decoys for the rest; what is told by
    choice is kept apart, so that it can be taken back. Where the browser made them they are taken as they came, to be judged
    like anybody's; else salts and decoys are derived from the form's seed, which is then forgotten.
    """
    if form.in_page:
        return Told(form.words("digests"), form.words("told"), ())
    values = {field.name: value for field in fields if (value := _typed(form, field))}
    asked = {field.name: values[field.name] for field in fields if field.name in values and kind in field.required_of}
    chosen = {name: value for name, value in values.items() if name not in asked}
    seed = bytes.fromhex(form.seed)
    salts = {name: derived(seed, "salt", name, value)[:16] for name, value in values.items()}
    decoys = [derived(seed, "decoy", str(n)) for n in range(len(fields) - len(asked))]
    digests, opened = digests_of(asked, salts, decoys)
    by_choice, opened_by_choice = digests_of(chosen, salts, [])
    kept = [*opened.values(), *opened_by_choice.values()]
    return Told(tuple(digests), tuple(by_choice), tuple(one.encoded for one in kept))


def _typed(form: Form, field: Field) -> str:
    """What was typed about somebody, as it is digested: one way of writing the same letters (Unicode NFC)."""
    return unicodedata.normalize("NFC", form.value(f"field-{field.name}"))


def derived(seed: bytes, *parts: str) -> bytes:
    """A salt (its first 16 bytes) or a decoy, from a form's seed and what it is for."""
    return hmac.digest(seed, "\0".join(parts).encode(), "sha256")


def check_told(form: Form, fields: Sequence[Field], kind: str, lang: str, terms: Terms) -> None:
    """Say what is missing of what the rule asks of this kind, what is too long, and what is no number of its field's form.

    A browser that keeps what was typed names those asked fields that are filled in, and none that are told by choice.
    """
    for field in fields:
        value = form.value(f"field-{field.name}")
        filled = field.name in form.words("filled") if form.in_page else bool(value)
        title = in_language(field.title, lang)
        if kind in field.required_of and not filled:
            form.fault(f"field-{field.name}", gettext(lang, "The rule asks this of you: {field}").format(field=title))
        if refused_character(value):
            form.fault(f"field-{field.name}", unseen_fault(lang))
        if len(value) > MOST_TYPED:
            form.fault(f"field-{field.name}", gettext(lang, "Use fewer characters: {field}").format(field=title))
        number = terms.misfit(field.name, value)
        if number is not None:
            form.fault(f"field-{field.name}", number_fault(lang, number))


def unseen_fault(lang: str) -> str:
    """What is said of a value with a line's end, a control or another character that does not show."""
    return gettext(lang, "It holds a character that nobody sees.")


def number_fault(lang: str, number: NumberFormat) -> str:
    """What is said of a number that has not the form of its field."""
    return gettext(lang, "Check this number. It is written as in this example: {example}").format(
        example=number.example
    )


def disclosures_of(text: str) -> Iterator[Disclosure]:
    """The disclosures in what somebody pasted, with or without words around them, in its order."""
    for word in text[:_MOST_PASTED].replace("~", " ").split()[:_MOST_TRIED]:
        try:
            yield Disclosure.parse(word)
        except ValueError:
            continue
