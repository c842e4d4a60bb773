"""The parts of a rule that are words only: what no check can judge, so that people read it before a roll opens."""

from collections.abc import Callable

from openroll.rules.model import Rule
from openroll.rules.sentence import Sentence, sentence


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


_PARTS: tuple[tuple[str, Callable[[Rule], int]], ...] = (
    (_("title and summary"), lambda _rule: 1),
    (_("to whom duties are owed, and through whom ({count})"), lambda rule: len(rule.duties)),
    (_("titles of duties ({count})"), lambda rule: len(rule.duties)),
    (_("titles of measures ({count})"), lambda rule: len(rule.measures)),
    (_("titles and aims of fields ({count})"), lambda rule: len(rule.fields)),
    (_("purposes ({count})"), lambda rule: len(rule.purposes)),
    (_("notes of safeguards ({count})"), lambda rule: sum(one.note is not None for one in rule.safeguards.values())),
    (_("notes ({count})"), lambda rule: len(rule.notes)),
)


def unjudged(rule: Rule) -> tuple[Sentence, ...]:
    """The parts of a rule that are words, each with how many there are of it."""
    counted = ((text, count(rule)) for text, count in _PARTS)
    return tuple(sentence(text, count=number) for text, number in counted if number)
