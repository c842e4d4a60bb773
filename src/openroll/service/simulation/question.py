"""A question to the city model: which city, which rules, what is held fixed, and in how many runs it is answered."""

import hashlib
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlencode

import msgspec

if TYPE_CHECKING:
    from openroll.whatif import City

SEED = 1
MOST_RULES = 3
LEAST_RUNS, MOST_RUNS = 12, 60
DAYS_WORTH = 200_000
"""Days that all runs of a question may take together, over its rules and districts, before they are as few as may be."""


class Question(msgspec.Struct, frozen=True):
    """What is asked: a city, rules, whether the giver of a bribe goes free, and what is held fixed.

    `brought` are those rules and that city, as JSON by their names, that do not ship: what answers has nothing of the roll.
    `liability` is empty where it is as the city's file has it. `moved` holds assumptions by path, as `filing.heed`, in order.
    """

    city: str
    rules: tuple[str, ...]
    liability: Literal["", "symmetric", "asymmetric"] = ""
    moved: tuple[tuple[str, float], ...] = ()
    brought: tuple[tuple[str, str], ...] = ()

    @property
    def query(self) -> str:
        """The question as the end of an address, always the same for the same question."""
        pairs = [("city", self.city), *(("rule", rule) for rule in self.rules)]
        pairs += [("liability", self.liability)] if self.liability else []
        return urlencode([*pairs, *((path, f"{value:.12g}") for path, value in self.moved)])

    @property
    def digest(self) -> str:
        """A name for the question, with what it brought."""
        whole = [self.query, *(text for pair in self.brought for text in pair)]
        return hashlib.sha256("\0".join(whole).encode()).hexdigest()[:24]


def runs_of(city: "City", rules: int) -> int:
    """How often a city is put through each rule: as often as it takes little time, within bounds."""
    return min(max(DAYS_WORTH // (len(city.districts) * city.days * rules), LEAST_RUNS), MOST_RUNS)


def hold_fixed(city: "City", question: Question) -> "City":
    """A city with what the question holds fixed. What is drawn for the rest stays the same (`whatif.sample`).

    Raises RuleFaults for values that make no sense beside the others.
    """
    from openroll.whatif.overrides import with_overrides  # noqa: PLC0415 - a server that is asked nothing does not load the cities

    overridden = with_overrides(city, dict(question.moved))
    return msgspec.structs.replace(overridden, liability=question.liability or city.liability)
