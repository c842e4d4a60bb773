"""What a schema cannot say of one duty: deadlines that say one thing, and clauses that do not go together."""

from collections import Counter
from collections.abc import Iterator

from openroll.rules.calendar import span_of
from openroll.rules.duty import CALENDAR_EVENTS, Deadline, Duty
from openroll.rules.sentence import Sentence, sentence
from openroll.rules.text import Path
from openroll.rules.values import given


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


Found = tuple[Path, Sentence | str, Sentence | str, str]
"""A mistake before it has a line: where, what was found, what was expected, an example."""

_KINDS_OF_DEADLINE = sentence(
    _("one of {names}"), names=("period", "fixed", "promptly", "working_days", "hours", "at_once")
)


def duty_faults(duty: Duty, path: Path) -> Iterator[Found]:
    """Every mistake of sense in one duty."""
    for index, deadline in enumerate(duty.deadlines):
        yield from _deadline(deadline, (*path, "deadlines", index))
    for since, times in Counter(deadline.since for deadline in duty.deadlines).items():
        if times > 1:
            found = sentence(
                _("{times} deadlines hold from {since}."), times=times, since=since or Sentence(_("the start"))
            )
            yield (*path, "deadlines"), found, Sentence(_("a `since` of its own on each")), ""
    yield from _numbers(duty, path)
    yield from _recurring(duty, path)


def _deadline(deadline: Deadline, path: Path) -> Iterator[Found]:
    counted = [bool(deadline.period), bool(deadline.working_days), bool(deadline.hours)]
    if sum((*counted, deadline.fixed is not None, deadline.promptly, deadline.immediate)) != 1:
        yield path, Sentence(_("It says more than one thing, or nothing.")), _KINDS_OF_DEADLINE, "period: P30D"
        return
    if deadline.backwards and not any(counted):
        want = Sentence(_("before with period, working_days or hours"))
        yield (*path, "before"), Sentence(_("There is nothing to count back.")), want, ""
    if deadline.rounded and not deadline.hours:
        want = Sentence(_("rounded with hours"))
        yield (*path, "rounded"), Sentence(_("There are no hours to round.")), want, "hours: 24"
    if deadline.moves and deadline.promptly:
        found = Sentence(_('There is no last day that could move: "promptly" has none.'))
        yield (*path, "moves"), found, Sentence(_("moves with a last day")), ""
    if deadline.until:
        want = Sentence(_("no until: a deadline holds until the `since` of the next"))
        yield (*path, "until"), Sentence(_("A duty without a deadline would be left.")), want, ""


def _numbers(duty: Duty, path: Path) -> Iterator[Found]:
    if (duty.act == "hold-at-most") != bool(duty.most):
        want = Sentence(_("`act: hold-at-most` and `most` together"))
        found = Sentence(_("How many may be held is said by both of these."))
        yield (*path, "act"), found, want, "most: {of: lines, number: 9}"
    if not duty.natures and not set(given(duty.about, duty.bearers)) - set(given(duty.exempt, ())):
        found = Sentence(_("Nobody is left whom the duty stands on."))
        yield (*path, "exempt"), found, Sentence(_("fewer kinds")), ""


def _recurring(duty: Duty, path: Path) -> Iterator[Found]:
    recurring = bool(duty.recurs) or duty.counts_from in CALENDAR_EVENTS
    if not recurring:
        return
    if duty.recurs and duty.counts_from in CALENDAR_EVENTS:
        want = sentence(_("no recurs: {event} comes again by itself"), event=duty.counts_from)
        yield (*path, "recurs"), Sentence(_("It comes again twice over.")), want, ""
    span = span_of(given(duty.recurs, "P1M"))
    if bool(span.months) == bool(span.days):
        found = sentence(_("{period} is no even step."), period=duty.recurs)
        yield (*path, "recurs"), found, Sentence(_("years and months, or days, not both or none")), "P3M"
    if given(duty.condition, "").startswith("before-"):
        found = Sentence(_("What comes again cannot all be done before."))
        yield (
            (*path, "condition"),
            found,
            Sentence(_("an act that is done once, or after-activation")),
            "after-activation",
        )
    if duty.act == "hold-at-most":
        found = Sentence(_("A number that is kept does not come again."))
        yield (*path, "act"), found, Sentence(_("an act of a day")), "report"
    for index, deadline in enumerate(duty.deadlines):
        if deadline.backwards or deadline.fixed:
            where = (*path, "deadlines", index)
            want = Sentence(_("a deadline counted from each time: period, working_days, hours, at_once, promptly"))
            found = Sentence(_("What comes again has no one date, and is not counted back."))
            yield where, found, want, "period: P15D"
