"""What became of requests, counted from their facts alone: the same from the register's database and from the log's entries.

A request counts in the month in which it was filed, whatever happens later; so open and closed make the filed. Every column says
what it counts once a request, but `seconds`, which adds the time spent in each step that was left.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from openroll.register.request import events
from openroll.register.request.state import Request, evolve
from openroll.register.request.turns import is_late, telling_steps

COUNTS = (
    "filed",
    "open",
    "closed",
    "urgent",
    "preserve",
    "returned",
    "asked_back",
    "approved",
    "narrowed",
    "refused",
    "objected",
    "withdrawn",
    "confirmed",
    "annulled",
    "postponed",
    "answered",
    "told",
    "told_late",
    "late_now",
    "complained",
)
"""`closed` requests have nothing left to do. `approved` are those in all their fields; `annulled` by silence too;
`answered` by the operator, whatever it said; `told_late` after the time to tell was over, `late_now` not yet, or never."""


class Group(NamedTuple):
    """What requests are counted by: the month of filing (as `2026-11`), and the parties and registered use."""

    month: str
    authority: str
    reviewer: str
    operator: str
    use: int


class Row(msgspec.Struct, frozen=True):
    """The counts of one group: by COUNTS, by reason or ground, by outcome; and times in steps.

    `reasons` counts refusals and annulments by their reason, objections by their ground; `outcomes` what came of requests by its
    code, silence included. `steps` counts how often each step was left, `seconds` the time spent there in all. `acts` counts
    every fact by its kind, as `opened`: so no entry is left out that the figures do not show.
    """

    month: str
    authority: str
    reviewer: str
    operator: str
    use: int
    counts: Mapping[str, int]
    reasons: Mapping[str, int]
    outcomes: Mapping[str, int]
    steps: Mapping[str, int]
    seconds: Mapping[str, int]
    acts: Mapping[str, int] = {}


class Counted(msgspec.Struct, frozen=True):
    """What the first `size` entries of the log come to."""

    size: int
    rows: tuple[Row, ...]


_PARTS = ("counts", "reasons", "outcomes", "steps", "seconds", "acts")


class Tally:
    """Counts requests, each from all of its facts."""

    def __init__(self) -> None:
        self._rows: dict[Group, dict[str, Counter[str]]] = {}

    def add(self, facts: Sequence[events.RequestEvent], month: str) -> Request:
        """Count a request by its facts in their order, filed in a month; the request. Raises ValueError for no request's."""
        request, times = _lived(facts)
        filed, counts = facts[0], list(_counted(facts, request))
        assert isinstance(filed, events.RequestFiled)  # noqa: S101 - `_lived` raised for anything else
        row = self._rows.setdefault(
            Group(month, filed.authority, filed.reviewer, filed.operator, filed.use),
            {name: Counter() for name in _PARTS},
        )
        row["counts"].update(counts)
        row["reasons"].update(why for fact in facts if (why := _reason(fact)))
        if request.outcome:
            row["outcomes"][request.outcome] += 1
        for step, seconds in times:
            row["steps"][step] += 1
            row["seconds"][step] += seconds
        row["acts"].update(act_in(fact) for fact in facts)
        return request

    def merged(self, other: "Tally") -> "Tally":
        """The counts of both."""
        both = Tally()
        for tally in (self, other):
            for group, parts in tally._rows.items():
                into = both._rows.setdefault(group, {name: Counter() for name in _PARTS})
                for name, counted in parts.items():
                    into[name].update(counted)
        return both

    def without(self, other: "Tally") -> "Tally":
        """The counts less those of another, all of whose requests are among these."""
        rest = self.merged(Tally())
        for group, parts in other._rows.items():
            for name, counted in parts.items():
                rest._rows[group][name] -= counted  # what comes to nothing is left out
            if not rest._rows[group]["counts"]:
                del rest._rows[group]
        return rest

    def rows(self) -> tuple[Row, ...]:
        """The counts, by group in order."""
        return tuple(Row(*group, **_sorted(row)) for group, row in sorted(self._rows.items()))


def _lived(facts: Sequence[events.RequestEvent]) -> tuple[Request, list[tuple[str, int]]]:
    """Where a request stands after its facts, and how long it was in each step that it left, in whole seconds."""
    if not facts or not isinstance(facts[0], events.RequestFiled):
        raise ValueError("the first fact of a request is its filing")
    request = evolve(None, facts[0])
    times: list[tuple[str, int]] = []
    for fact in facts[1:]:
        after = evolve(request, fact)
        if after.standing.step != request.standing.step and not request.ended:  # an end lasts, but for one told anew
            times.append((request.standing.step, int((fact.at - request.standing.since).total_seconds())))
        request = after
    return request, times


def _counted(facts: Sequence[events.RequestEvent], request: Request) -> Iterable[str]:
    """The counts that a request is one of."""
    kinds = {type(fact) for fact in facts}
    late = any(
        isinstance(fact, events.TimePassed) and fact.step in telling_steps(request.by) and fact.to != fact.step
        for fact in facts
    )
    told = any(isinstance(fact, events.PersonTold) for fact in facts)
    held = {
        "filed": True,
        "open": not request.ended,
        "closed": request.ended,
        "urgent": request.urgency == "emergency",
        "preserve": request.desired == "preserve",
        "returned": events.RequestReturned in kinds,
        "asked_back": events.RequestAskedBack in kinds,
        "approved": events.RequestApproved in kinds,
        "narrowed": events.RequestNarrowed in kinds,
        "refused": events.RequestRefused in kinds,
        "objected": events.RequestObjected in kinds,
        "withdrawn": events.RequestWithdrawn in kinds,
        "confirmed": events.RequestConfirmed in kinds,
        "annulled": request.annulled,
        "postponed": events.TellingPostponed in kinds,
        "answered": events.RequestAnswered in kinds,
        "told": told,
        "told_late": told and late,
        "late_now": is_late(request) and not told,
        "complained": request.complained,
    }
    return [name for name in COUNTS if held[name]]


def act_in(fact: events.RequestEvent) -> str:
    """How figures call what a fact is, as `approved`."""
    return fact.name.partition(".")[2].partition("/")[0]


def _reason(fact: events.RequestEvent) -> str:
    if isinstance(fact, events.RequestRefused | events.RequestAnnulled):
        return fact.reason
    return fact.ground if isinstance(fact, events.RequestObjected) else ""


def summed(rows: Iterable[Row], *, yearly: bool = False) -> tuple[Row, ...]:
    """The same counts by month alone, or by year alone: whoever asked, decided or answered."""
    found: dict[str, dict[str, Counter[str]]] = {}
    for row in rows:
        period = row.month[:4] if yearly else row.month
        into = found.setdefault(period, {name: Counter() for name in _PARTS})
        for name, counted in into.items():
            counted.update(getattr(row, name))
    return tuple(Row(period, "", "", "", 0, **_sorted(into)) for period, into in sorted(found.items()))


def _sorted(row: Mapping[str, Counter[str]]) -> dict[str, Any]:
    """The counts of a row in their one order, so that two tables that say the same are equal."""
    return {name: dict(sorted(counted.items())) for name, counted in row.items()}
