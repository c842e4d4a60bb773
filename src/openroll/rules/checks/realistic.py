"""The check of time: existing users get a realistic one, and no period is one that nobody can meet."""

from collections.abc import Iterator, Sequence
from datetime import date

import msgspec

from openroll.rules.calendar import EVERY_WEEK, moved_by
from openroll.rules.checks.breach import Breach, Seen, judged, someone, story
from openroll.rules.checks.people import who_bears
from openroll.rules.checks.reach import Reach
from openroll.rules.checks.stories import Story
from openroll.rules.checks.takings import told_stories
from openroll.rules.closed import ACTS, days, word
from openroll.rules.duties import deadline_on, due_date
from openroll.rules.duty import Deadline, Duty
from openroll.rules.model import Rule
from openroll.rules.sentence import sentence
from openroll.rules.values import given

SHORT = 118
"""Days that reached 52 % in the Philippine drive of 2023: existing users need more."""
LEAST_LEFT = 14
"""Days below which nobody who was connected before a rule can act in time (our policy: as long as there is to correct)."""
LONG_AGO = 3653
"""How many days those connected before a rule may have been so."""
_OWN_EVENT = {
    "report-change": frozenset({"change", "transfer", "port", "suspension", "deactivation", "reactivation", "end"}),
    "report-end": frozenset({"end", "deactivation", "transfer", "port"}),
    "report-loss": frozenset({"loss", "notice"}),
}
"""What may have happened before it can be reported. A report that counts from anything else is owed of nothing."""
_PLANNED = frozenset({"change", "end", "transfer", "port", "suspension", "deactivation", "sale"})
"""Events that the bearer knows in advance, so that a deadline may be counted back from them."""


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


def realistic(reach: Reach) -> Seen:
    """Existing users get a realistic time from the day each deadline was known, and no period is one that nobody can meet."""
    begun = reach.rule.in_force
    impossible = list(_impossible(reach))
    existing = [duty for duty in reach.duties if duty.applies == "existing" and begun]
    unsaid = [duty for duty in reach.duties if duty.applies == "all" and duty.act == "file" and begun]
    if impossible:
        names = tuple(dict.fromkeys(name for name, __ in impossible))
        return judged([one for __, one in impossible], "", sentence(_("cannot be met: {names}"), names=names))
    if not existing and unsaid:
        told = sentence(_("those already connected get no time of their own"))
        return Seen("not-stated", unsaid[0].article, told, tuple(_late_already(reach, unsaid, begun)))
    if begun is None and (counted := from_connection(reach.rule)):
        told = sentence(
            _("no first day is stated: whoever is connected already is counted from that day ({names})"), names=counted
        )
        return Seen("passed", "", told)
    if not existing or begun is None:
        return Seen("passed", "", sentence(_("no duty falls on those already connected")))
    spans = [(left, known, due, duty) for duty in existing for left, known, due in _times(duty, begun)]
    short = [
        Breach(
            story(
                who_bears(reach, duty),
                known,
                sentence(_("learns that {day} is the last day: {time} are left"), day=due, time=days(max(left, 0))),
            ),
            duty.article,
            grave=left <= 0 or known > begun,
        )
        for left, known, due, duty in spans
        if left <= SHORT
    ]
    shortest = min((left for left, *__ in spans), default=0)
    return judged(short, existing[0].article, sentence(_("{value} days for existing users"), value=shortest))


def from_connection(rule: Rule) -> tuple[str, ...]:
    """The duties to file that a rule without a first day counts from a connection, however long ago that was."""
    return tuple(
        duty.id
        for duty in rule.duties
        if rule.in_force is None and duty.act == "file" and duty.counts_from in ("connection", "activation")
    )


def _late_already(reach: Reach, unsaid: Sequence[Duty], begun: date | None) -> Iterator[Breach]:
    """Duties on everybody that leave whoever was connected the day before the rule began less than the time to correct."""
    for duty in unsaid:
        if begun is None or duty.counts_from not in ("connection", "activation"):
            continue
        before = moved_by(begun, -1)
        due = due_date(deadline_on(duty, begun), before, EVERY_WEEK)
        if due is not None and (due - before).days < LEAST_LEFT:
            left = days(max((due - begun).days, 0))
            what = sentence(_("learns that {day} is the last day: {time} are left"), day=due, time=left)
            yield Breach(story(who_bears(reach, duty), begun, what), duty.article, grave=True)


def _times(duty: Duty, begun: date) -> Iterator[tuple[int, date, date]]:
    """Of each deadline on those connected before: the days left when it became known, that day, and the last day.

    A deadline that only puts the one before off was known as soon as that was. A period counts from an event of long ago.
    """
    if duty.counts_from not in ("connection", "activation", "in-force"):
        return
    known, before = begun, None
    since_when = begun if duty.counts_from == "in-force" else moved_by(begun, -LONG_AGO)
    for deadline in sorted(duty.deadlines, key=lambda one: one.since or date.min):
        due = due_date(deadline, since_when, EVERY_WEEK)
        if due is None:
            continue
        known = known if before is None or due >= before else max(deadline.since or begun, begun)
        before = due
        yield (due - known).days, known, due


def _impossible(reach: Reach) -> Iterator[tuple[str, Breach]]:
    for duty in reach.duties:
        own = _OWN_EVENT.get(duty.act)
        if own is not None and duty.counts_from not in own and not duty.recurs:
            what = sentence(
                _("must {act}, though nothing has happened that could be reported"), act=word(ACTS, duty.act)
            )
            yield duty.id, Breach(story(who_bears(reach, duty), None, what), duty.article, grave=True)
        for deadline in duty.deadlines if duty.applies != "existing" else ():
            if _falls_before(deadline):
                what = sentence(
                    _("had to do it before its event, which falls on the first of {time} off"), time=days(LONGEST_REST)
                )
                yield duty.id, Breach(story(who_bears(reach, duty), None, what), duty.article, grave=True)
            if deadline.fixed is not None and not _is_over(reach, deadline.fixed):
                what = sentence(_("is late from the first day on: everybody's last day was {day}"), day=deadline.fixed)
                witness = story(who_bears(reach, duty), moved_by(deadline.fixed, 1), what)
                yield duty.id, Breach(witness, deadline.article or duty.article, grave=True)
    late: set[str] = set()
    for told in told_stories(reach):
        if told.prompt and told.state.state == "met-late" and _is_unforeseen(told) and told.duty.id not in late:
            late.add(told.duty.id)
            what = sentence(
                _("does it on the very day of the event ({event}), and is late: it was due on {due}"),
                event=told.begun,
                due=told.state.due,
            )
            yield told.duty.id, Breach(story(someone(told.subject.kind), told.day, what), told.duty.article, grave=True)


def _falls_before(deadline: Deadline) -> bool:
    """Whether a last day that moves back to a working day comes before its event where many days in a row are days off."""
    if given(deadline.moves, "") != "previous-working-day" or deadline.backwards or deadline.fixed:
        return False
    begun = date(2001, 1, 1)
    due = due_date(msgspec.structs.replace(deadline, moves=msgspec.UNSET), begun, EVERY_WEEK)
    return deadline.working_days is msgspec.UNSET and due is not None and (due - begun).days < LONGEST_REST


LONGEST_REST = 31
"""Days off in a row that some calendar may have (our policy): no rule names its calendar."""


def _is_over(reach: Reach, day: date) -> bool:
    """Whether the rule has ended by a day, so that nobody comes after it."""
    return reach.rule.ended is not None and reach.rule.ended <= day


def _is_unforeseen(told: Story) -> bool:
    deadline = deadline_on(told.duty, told.day)
    return not (deadline.backwards and told.duty.counts_from in _PLANNED) and not deadline.fixed
