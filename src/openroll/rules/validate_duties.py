"""What a schema cannot say of one duty: deadlines that say one thing, and clauses that do not go together."""

from collections import Counter
from collections.abc import Iterator

from openroll.rules.calendar import span_of
from openroll.rules.duty import CALENDAR_EVENTS, Deadline, Duty
from openroll.rules.text import Path
from openroll.rules.values import given

Found = tuple[Path, str, str, str]
"""A mistake before it has a line: where, what was found, what was expected, an example."""

_KINDS_OF_DEADLINE = "one of period, fixed, promptly, working_days, hours, at_once"


def duty_faults(duty: Duty, path: Path) -> Iterator[Found]:
    """Every mistake of sense in one duty."""
    for index, deadline in enumerate(duty.deadlines):
        yield from _deadline(deadline, (*path, "deadlines", index))
    for since, times in Counter(deadline.since for deadline in duty.deadlines).items():
        if times > 1:
            where = (*path, "deadlines")
            yield where, f"{times} deadlines hold from {since or 'the start'}.", "a `since` of its own on each", ""
    yield from _numbers(duty, path)
    yield from _recurring(duty, path)


def _deadline(deadline: Deadline, path: Path) -> Iterator[Found]:
    counted = [bool(deadline.period), bool(deadline.working_days), bool(deadline.hours)]
    if sum((*counted, deadline.fixed is not None, deadline.promptly, deadline.immediate)) != 1:
        yield path, "It says more than one thing, or nothing.", _KINDS_OF_DEADLINE, "period: P30D"
        return
    if deadline.backwards and not any(counted):
        yield (*path, "before"), "There is nothing to count back.", "before with period, working_days or hours", ""
    if deadline.rounded and not deadline.hours:
        yield (*path, "rounded"), "There are no hours to round.", "rounded with hours", "hours: 24"
    if deadline.moves and deadline.promptly:
        yield (
            (*path, "moves"),
            'There is no last day that could move: "promptly" has none.',
            "moves with a last day",
            "",
        )
    if deadline.until:
        want = "no until: a deadline holds until the `since` of the next"
        yield (*path, "until"), "A duty without a deadline would be left.", want, ""


def _numbers(duty: Duty, path: Path) -> Iterator[Found]:
    if (duty.act == "hold-at-most") != bool(duty.most):
        want = "`act: hold-at-most` and `most` together"
        yield (*path, "act"), "How many may be held is said by both of these.", want, "most: {of: lines, number: 9}"
    if not duty.natures and not set(given(duty.about, duty.bearers)) - set(given(duty.exempt, ())):
        yield (*path, "exempt"), "Nobody is left whom the duty stands on.", "fewer kinds", ""


def _recurring(duty: Duty, path: Path) -> Iterator[Found]:
    recurring = bool(duty.recurs) or duty.counts_from in CALENDAR_EVENTS
    if not recurring:
        return
    if duty.recurs and duty.counts_from in CALENDAR_EVENTS:
        want = f"no recurs: {duty.counts_from} comes again by itself"
        yield (*path, "recurs"), "It comes again twice over.", want, ""
    span = span_of(given(duty.recurs, "P1M"))
    if bool(span.months) == bool(span.days):
        yield (*path, "recurs"), f"{duty.recurs} is no even step.", "years and months, or days, not both or none", "P3M"
    if given(duty.condition, "").startswith("before-"):
        want = "an act that is done once, or after-activation"
        yield (*path, "condition"), "What comes again cannot all be done before.", want, "after-activation"
    if duty.act == "hold-at-most":
        yield (*path, "act"), "A number that is kept does not come again.", "an act of a day", "report"
    for index, deadline in enumerate(duty.deadlines):
        if deadline.backwards or deadline.fixed:
            where = (*path, "deadlines", index)
            want = "a deadline counted from each time: period, working_days, hours, at_once, promptly"
            yield where, "What comes again has no one date, and is not counted back.", want, "period: P15D"
