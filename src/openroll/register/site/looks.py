"""What is asked of a site and what was seen, whoever looks and however: the checker, a remote place, a made-up internet.

Yes or no, and when; never what a site says. Pure.
"""

from collections.abc import AsyncIterator, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, TypeVar

from openroll.register.site.control import Wanted
from openroll.register.site.life import Life

K = TypeVar("K", bound=Hashable)

Outcome = Literal[
    "answers",
    "faulty",
    "no-name",
    "names-silent",
    "names-fail",
    "forbidden",
    "nobody",
    "silent",
    "not-http",
    "redirect",
]
"""What was seen: an answer; one that says the server is broken (5xx); no such name; name servers that say nothing, or fail; an
address that may not be asked; nobody there; nothing within the time; something that is no HTTP; a redirect not followed."""

_NO_NAMES = ("names-silent", "names-fail")
ENOUGH = 4
"""Sites that answered before, of which most are silent at once, for that to be this machine's own trouble."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a site: its domains (A-labels), by the first of which it is called, and which proof of control is looked
    for, if one is. `number` says of which site."""

    number: int
    domains: tuple[str, ...]
    wanted: Wanted | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a site. `control` is how it is shown of all its domains (`record`, or `file` where one needs that), empty
    where it is not, None where that was not looked for or nobody could tell."""

    outcome: Outcome
    control: str | None = None

    @property
    def answers(self) -> bool:
        """Whether the site answers under the domain that it is called by."""
        return self.outcome == "answers"


Eye = Callable[[Sequence[Question], datetime, float], AsyncIterator[tuple[Question, Seen]]]
"""Looks at sites at a moment, for so many seconds at most, and gives each that it came to."""


class Sighted(Protocol):
    """What was seen of a site, as far as it says something of the machine that looked."""

    @property
    def outcome(self) -> Outcome:
        """What was seen."""
        ...

    @property
    def answers(self) -> bool:
        """Whether the site answers."""
        ...


def reaches_nobody(found: Mapping[K, Sighted], known: Mapping[K, Life]) -> bool:
    """Whether it is the looking machine's own trouble that sites are silent, by what was found and what was known before."""
    if found and not any(life.answered for life in known.values()):
        # Nothing is known of any yet: name servers that tell nothing of all of them are this machine's own.
        return all(seen.outcome in _NO_NAMES for seen in found.values())
    answered = [seen.answers for one, seen in found.items() if known[one].answered and not known[one].run]
    return len(answered) >= ENOUGH and answered.count(False) > len(answered) / 2
