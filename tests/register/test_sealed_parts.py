"""Envelopes held against those that the log names: every way to leave some out, judged alike by commands and pages."""

from datetime import UTC, datetime, timedelta
from itertools import combinations, permutations, product
from typing import Any, NamedTuple

import pytest
from tests.register.test_request_in_browser import said

from openroll.register.request import sealed_parts
from openroll.register.request.events import RequestEvent
from openroll.register.request.sealed_parts import in_order, missing, replaced, rested_on, sealed_in
from openroll.register.request.turns import PARTS

NAMES = {part: kind.name for kind, part in PARTS.items()}
LATER = ("complete", "ask-back", "answer-back", "answer", "complaint")
MATTERS = [("ask", *rest) for many in range(3) for rest in product(LATER, repeat=many)]
MATTERS += [("ask", "ask-back", "answer-back", "complete", "complete", "answer", "complaint")]
"""Requests, each by the parts that were sealed in it."""


def judged(parts: tuple[str, ...], there: tuple[int, ...], party: str, *, annulled: bool) -> list[Any]:
    """What the commands make of a matter: the places of what is missing, is rested on, and was replaced."""
    facts: Any = [(part, str(place)) for place, part in enumerate(parts)]
    sealed = sealed_in(facts)
    lacking = missing(sealed, [party], [str(place) for place in there], annulled=annulled)
    rests = rested_on(sealed, [party])
    return [
        [one.place for one in lacking],
        [one.place for one in rests],
        [place for place in range(len(parts)) if replaced(sealed, place)],
    ]


class Fact(NamedTuple):
    """A fact: its part, and how many seconds after the first it was."""

    part: str
    after: int

    @property
    def at(self) -> datetime:
        """Its moment."""
        return datetime(2006, 12, 20, tzinfo=UTC) + timedelta(seconds=self.after)


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fact is its part and its digest."""

    def part_of(fact: RequestEvent) -> Any:
        return fact

    monkeypatch.setattr(sealed_parts, "part_of", part_of)


def test_the_last_ask_is_missed_by_every_body_and_the_rest_by_whoever_reads_it() -> None:
    """What was sent anew counts, not what it replaced; a question is the reviewer's; what was annulled is given out no more."""
    whole = ("ask", "complete", "ask-back", "answer-back", "answer")
    assert judged(whole, (0,), "operator", annulled=False) == [[1], [1], [0]]
    assert judged(whole, (0, 1), "reviewer", annulled=False) == [[2, 3], [1, 3], [0]]
    assert judged(whole, (0, 1, 2, 3), "authority", annulled=False) == [[4], [1, 3], [0]]
    assert judged(whole, (0, 1, 2, 3), "authority", annulled=True) == [[], [1, 3], [0]]


def test_the_page_misses_what_the_command_misses() -> None:
    """For each matter, each body, and each set of envelopes that it could be given of it."""
    every = [
        (parts, there, party, annulled)
        for parts in MATTERS
        for many in range(len(parts) + 1)
        for there in combinations(range(len(parts)), many)
        for party in sealed_parts.PARTIES
        for annulled in (False, True)
    ]
    asked = [["held", [NAMES[one] for one in parts], there, *rest] for parts, there, *rest in every]
    ours = [judged(parts, there, party, annulled=annulled) for parts, there, party, annulled in every]
    assert said(*asked) == ours


def test_no_older_ask_passes_for_the_newest_by_being_given_last() -> None:
    """Asks given in another order than that of their moments are not believed, and answers back neither; on the page alike."""
    kinds = ("ask", "complete", "complete", "answer-back", "answer-back", "answer")
    orders: list[Any] = [*permutations([Fact(part, after) for after, part in enumerate(kinds)])]
    asked = [
        [{"name": NAMES[one.part], "envelope": "e", "at": one.at.isoformat()} for one in facts] for facts in orders
    ]
    ours = [in_order(facts) for facts in orders]
    want = [
        [one.after for one in facts if one.after < 3] == [0, 1, 2]
        and [one.after for one in facts if one.after in (3, 4)] == [3, 4]
        for facts in orders
    ]
    assert ours == want
    assert said(*(["ordered", one] for one in asked)) == ours
