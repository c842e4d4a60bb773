"""What a check comes to: an outcome with what was seen, and for each way in which it is broken a witness."""

from collections.abc import Sequence
from datetime import date
from typing import Literal, NamedTuple

from openroll.rules.closed import KINDS, word
from openroll.rules.sentence import Sentence, sentence

Outcome = Literal["passed", "failed", "not-stated"]


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


class Breach(NamedTuple):
    """One way in which a safeguard is broken: the story that shows it, and the article it stands in.

    `grave` marks what keeps a live roll shut whichever check it breaks: a clause that says one thing and does another, or an
    abuse without measure. What merely misses a threshold is not grave.
    """

    witness: Sentence
    article: str = ""
    grave: bool = False


class Seen(NamedTuple):
    """What a check saw: the outcome, the article, the value in words, and the breaches, the one to show first."""

    outcome: Outcome
    article: str
    seen: Sentence
    breaches: tuple[Breach, ...] = ()

    @property
    def grave(self) -> bool:
        """Whether any breach keeps a live roll shut whichever check it is."""
        return any(one.grave for one in self.breaches)


def judged(breaches: Sequence[Breach], article: str, seen: Sentence) -> Seen:
    """Passed if nothing is broken; else failed, in the article of the first breach that names one. The grave come first."""
    ordered = tuple(sorted(breaches, key=lambda one: not one.grave))
    named = next((one.article for one in ordered if one.article), article)
    return Seen("failed" if ordered else "passed", named if ordered else article, seen, ordered)


def story(who: Sentence | str, when: date | None, what: Sentence) -> Sentence:
    """The story of a breach: who, when, what happens to them."""
    day: Sentence | date = when or Sentence(_("on any day"))
    return sentence(_("{who}, {when}: {what}"), who=who, when=day, what=what)


def someone(kind: str) -> Sentence:
    """A subject of a kind, in words; a kind that the rule declares is named as the rule names it."""
    return word(KINDS, kind)


OFFICER = Sentence(_("a subscriber whose identity an officer opens"))
ACCUSED = Sentence(_("whoever a measure is taken against"))
SUBSCRIBER = Sentence(_("a subscriber"))
