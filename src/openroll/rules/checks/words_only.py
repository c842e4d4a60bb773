"""The parts of a rule that are words only: what no check can judge, so that people read it before a roll opens."""

from collections.abc import Callable

from openroll.rules.model import Rule
from openroll.rules.sentence import Sentence, sentence
from openroll.rules.telltales import unread
from openroll.rules.values import given


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
    (_("titles of kinds ({count})"), lambda rule: len(given(rule.kinds, ()))),
    (_("reasons it gives, and whom they speak of ({count})"), lambda rule: len(given(rule.evidence, ()))),
)


def unjudged(rule: Rule) -> tuple[Sentence, ...]:
    """The parts of a rule that are words, each with how many there are of it."""
    counted = ((text, count(rule)) for text, count in _PARTS)
    parts = tuple(sentence(text, count=number) for text, number in counted if number)
    tongues = tuple(tag for tag in _languages(rule) if unread("cutting", {tag: tag}))
    return (
        (*parts, sentence(_("all that is said in these languages: {languages}"), languages=tongues))
        if tongues
        else parts
    )


def _languages(rule: Rule) -> tuple[str, ...]:
    """The languages in which a rule says what a check reads by its words."""
    texts = [one.title for one in rule.measures] + [one.title for one in rule.fields]
    texts += [
        *(one.title for one in given(rule.kinds, ())),
        *rule.purposes,
        *(one.note for one in rule.safeguards.values() if one.note),
    ]
    return tuple(dict.fromkeys(tag for text in texts for tag in text))
