"""Whether a translation fits its English: the same places to fill in, the same markup and addresses, nothing that hides.

A page fills translations in as they are, so this is what keeps a catalogue of anybody's from breaking a page or writing into it.
"""

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from babel.messages.catalog import Message

_PERCENT = re.compile(r"%\([^)]*\)[-+ #0-9.*]*[a-zA-Z]?")
_CONVERSION = re.compile(r"![rsa](?=[:}])")
_TAG = re.compile(r"</?[A-Za-z!][^<>]*>|</?(?=[A-Za-z!])|&#?\w+;")
_ADDRESS = re.compile(r"(?:(?:https?|ftp|file)://|mailto:|javascript:|data:\w+/)[^\s<>，。；）]*", re.IGNORECASE)
_COMMAND = re.compile(r"`([^`]+)`")
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_WORDS_OF_MARKUP = re.compile(r"</?(?:a|abbr|b|bdi|br|code|em|i|kbd|p|span|strong|time|wbr)\b[^<>]*>|&#?\w+;")
MOST_TIMES, MOST_LONGER = 3, 10
"""So often a translation may fill in what its English fills in once, and so many times as long it may be: pages say it."""
_JOINERS = frozenset("\u200c\u200d\u00ad")
"""What Persian, Hindi and others need within words, and a hyphen where a long word may break."""


class Disagreement(NamedTuple):
    """How a translation differs from its English: what was found, and what was expected."""

    found: str
    expected: str


def forms_of(message: Message) -> tuple[str, ...]:
    """The translations of a message: one, or one a plural form."""
    said = message.string
    return (said,) if isinstance(said, str) else tuple(map(str, said or ()))


def disagreements(message: Message) -> list[Disagreement]:
    """All the ways in which the translations of a message do not fit it; none for one that has no translation."""
    sources = [message.id] if isinstance(message.id, str) else list(message.id)
    forms = forms_of(message)
    found: list[Disagreement] = []
    for form in forms:
        if form:
            # A plural form may do without the number, as the singular of the English may: the last says all there is.
            found += (
                one for one in differing(str(sources[-1]), str(form), or_like=str(sources[0])) if one not in found
            )
    return found


def differing(english: str, said: str, *, or_like: str = "") -> Iterator[Disagreement]:
    """The ways in which one text does not fit its English; `or_like` is another English text that it may have the places of."""
    yield from _places(english, said, or_like or english)
    yield from _markup(english, said)
    yield from _hidden(english, said)


def _places(english: str, said: str, like: str) -> Iterator[Disagreement]:
    wanted, alike = _fields(english), _fields(like) or Counter()
    had = _fields(said)
    if wanted is None:
        return  # braces of its own: no text that is filled in
    if had is None:
        yield Disagreement("Its braces do not pair.", "braces in pairs, with a name in them" if wanted else "no braces")
    elif _differ(had, wanted, alike):
        yield Disagreement(f"It fills in {_row(had)}.", _row(wanted))
    if len(said) > MOST_LONGER * len(english) + MOST_LONGER * 20:
        yield Disagreement(
            f"It has {len(said):,} characters.", f"about as long as the English, which has {len(english):,}"
        )
    if _PERCENT.sub("", english.replace("%%", "")).count("%") == 0:
        bare = _PERCENT.sub("", said.replace("%%", "")).count("%")
        if bare:
            yield Disagreement("It has a % that stands alone.", "no % sign, or %% where the English has that")
    if english.count("%%") != said.count("%%"):
        yield Disagreement(f"It has {said.count('%%')} times %%.", f"{english.count('%%')} times")


def _fields(text: str) -> Counter[str] | None:
    """The places of a text, `{name}` and `%(name)s`, each with how often it stands. None where its braces do not pair.

    What is asked of a value there belongs to its place (`{day:>9}`): a width makes a sentence of any length, and what is nested
    within reaches into the value.
    """
    try:
        parsed = [place for place in string.Formatter().parse(text) if place[1] is not None]
    except ValueError:
        return None
    braces = (
        "".join(("{", name or "", f"!{conversion}" if conversion else "", f":{spec}" if spec else "", "}"))
        for _, name, spec, conversion in parsed
    )
    return Counter([*braces, *(place.group() for place in _PERCENT.finditer(text.replace("%%", "")))])


def _differ(had: Counter[str], wanted: Counter[str], alike: Counter[str]) -> bool:
    """Whether a translation fills in other places than its English, in another way, or far more often."""
    plain, ours = _plain(had), _plain(wanted)
    if set(plain) not in (set(ours), set(_plain(alike))) or set(had) - set(wanted) - set(ours):
        return True
    return any(plain[one] > MOST_TIMES * ours[one] for one in plain)


def _plain(places: Counter[str]) -> Counter[str]:
    """Places without a conversion: what the English shows as Python writes it (`!r`) others may put in marks of their own."""
    found: Counter[str] = Counter()
    for one, times in places.items():
        found[_CONVERSION.sub("", one)] += times
    return found


def _row(names: Counter[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"


def _markup(english: str, said: str) -> Iterator[Disagreement]:
    allowed, wanted, had = (
        Counter(_TAG.findall(english)),
        Counter(_WORDS_OF_MARKUP.findall(english)),
        Counter(_TAG.findall(said)),
    )
    more, less = had - allowed, wanted - had
    if more or less:
        found = f"Its markup is {_marks(had)}."
        yield Disagreement(found, _marks(wanted or allowed))
    if '"' in said and '"' not in english:
        yield Disagreement(
            'It has a straight quotation mark (").', "the quotation marks of the language, which end no attribute"
        )
    if set(_ADDRESS.findall(said)) - set(_ADDRESS.findall(english)):
        yield Disagreement(
            "It has an address that the English has not.", ", ".join(_ADDRESS.findall(english)) or "no address"
        )
    for command in sorted(set(_COMMAND.findall(english))):
        if command not in said:
            yield Disagreement(f"It lacks what is typed or shown as it is: `{command}`.", f"`{command}`")


def _marks(found: Counter[str]) -> str:
    return " ".join(found.elements()) or "none"


def _hidden(english: str, said: str) -> Iterator[Disagreement]:
    for character in sorted(set(said) - set(english)):
        if character in _TURNING or (
            unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs") and character not in _JOINERS
        ):
            yield Disagreement(f"It has the invisible character U+{ord(character):04X}.", "characters that can be seen")
    if english.count("\n") == 0 and "\n" in said:
        yield Disagreement("It has a line break.", "one line, as the English is")
