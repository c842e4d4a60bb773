"""The check of time: existing users get a realistic one, and no period is one that nobody can meet."""

from collections.abc import Iterator, Sequence
from datetime import date

import msgspec

from openroll.rules.calendar import EVERY_WEEK, LONGEST_REST, end_of_months, moved_by, span_of
from openroll.rules.checks.breach import Breach, Seen, judged, someone, story
from openroll.rules.checks.people import who_bears
from openroll.rules.checks.reach import Reach
from openroll.rules.checks.stories import PLAIN_DAY, Story
from openroll.rules.checks.takings import told_stories
from openroll.rules.closed import ACTS, days, word
from openroll.rules.deadlines import due_date, known_deadline
from openroll.rules.duty import Deadline, Duty
from openroll.rules.model import Rule
from openroll.rules.recurring import step_of
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
_PLANNED = frozenset({"change", "end", "transfer", "port", "sale"})
"""What organisations plan of their own, so that a deadline may be counted back from it."""
_PLANNED_OF_OTHERS = frozenset({"suspension", "deactivation"})
"""What operators plan of the subscriptions that they keep: who changes, ends or ports one is its subscriber."""
LONGEST_AHEAD = 31
"""Days before its event that something may be owed at most (our policy): nobody knows a change much longer."""


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
        __, due = known_deadline(duty, before, begun)
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
        if (too_early := _owed_too_early(reach, duty)) is not None:
            yield duty.id, too_early
        for deadline in duty.deadlines if duty.applies != "existing" else ():
            if _falls_before(deadline):
                what = sentence(
                    _("has no working day left to do it: its event falls on the first of {time} off"),
                    time=days(LONGEST_REST),
                )
                yield duty.id, Breach(story(who_bears(reach, duty), None, what), duty.article, grave=True)
            if deadline.fixed is not None and not _is_over(reach, deadline.fixed):
                what = sentence(_("is late from the first day on: everybody's last day was {day}"), day=deadline.fixed)
                witness = story(who_bears(reach, duty), moved_by(deadline.fixed, 1), what)
                yield duty.id, Breach(witness, deadline.article or duty.article, grave=True)
    yield from _taken_time(reach)
    late: set[str] = set()
    for told in told_stories(reach):
        if told.prompt and told.state.state == "met-late" and not _is_judged(told) and told.duty.id not in late:
            late.add(told.duty.id)
            what = sentence(ON_THE_VERY_DAY, event=told.begun, due=told.state.due)
            yield told.duty.id, Breach(story(someone(told.subject.kind), told.day, what), told.duty.article, grave=True)


def _taken_time(reach: Reach) -> Iterator[tuple[str, Breach]]:
    """Duties that ask later for what another one asks already, with less time: who has that of before is late by the second.

    Of the deadlines of one duty that cannot be (`rules.deadlines`); a duty of another name is told by its story: an event on the
    day before the second began, and the act in time by what stood then.
    """
    for later in (one for one in reach.duties if one.since is not None):
        first = later.since or date.min
        event = moved_by(first, -1)
        for before in reach.duties:
            if not _asks_the_same(reach, before, later) or not before.holds(event):
                continue
            (__, had), (__, has) = (known_deadline(one, event, first) for one in (before, later))
            due = has if has is None or has >= first else known_deadline(later, first)[1]
            if due is not None and due < (had or date.max):
                left = days(max((due - first).days, 0))
                what = sentence(_("learns that {day} is the last day: {time} are left"), day=due, time=left)
                yield later.id, Breach(story(who_bears(reach, later), first, what), later.article, grave=True)
                break


def _asks_the_same(reach: Reach, one: Duty, other: Duty) -> bool:
    """Whether two duties ask somebody for the same act at the same event, once each."""
    alike = (one.act, one.counts_from, one.of_others) == (other.act, other.counts_from, other.of_others)
    once = step_of(one) is None and step_of(other) is None and one.act != "hold-at-most"
    return one.id != other.id and alike and once and bool(reach.records(one) & reach.records(other))


def _owed_too_early(reach: Reach, duty: Duty) -> Breach | None:
    """Whether a duty is owed, under any of its deadlines, before an event that its bearer cannot know so long ahead."""
    planned = duty.counts_from in (_PLANNED_OF_OTHERS if duty.of_others else _PLANNED)
    for deadline in duty.deadlines:
        if not deadline.backwards or (planned and max(_spans(deadline)) <= LONGEST_AHEAD):
            continue
        begun = max(day for day in (reach.rule.in_force, duty.since, deadline.since, PLAIN_DAY) if day is not None)
        what = sentence(ON_THE_VERY_DAY, event=begun, due=due_date(deadline, begun, EVERY_WEEK))
        return Breach(story(who_bears(reach, duty), begun, what), deadline.article or duty.article, grave=True)
    return None


ON_THE_VERY_DAY = _("does it on the very day of the event ({event}), and is late: it was due on {due}")


def _spans(deadline: Deadline) -> tuple[int, ...]:
    """The days between an event and the last day, before it moves, over events on the edges of months, which differ in length."""
    still = msgspec.structs.replace(deadline, moves=msgspec.UNSET)
    varies = deadline.working_days is not msgspec.UNSET or bool(deadline.period and span_of(deadline.period).months)
    dues = [(due_date(still, begun, EVERY_WEEK), begun) for begun in (_EDGES if varies else _EDGES[:1])]
    return tuple(abs((due - begun).days) for due, begun in dues if due is not None) or (0,)


_EDGES = tuple(day for month in range(1, 13) for day in (date(2001, month, 1), end_of_months(date(2001, month, 1), 1)))


def _falls_before(deadline: Deadline) -> bool:
    """Whether a last day that moves back to a working day may be left no day where many days in a row are days off."""
    if given(deadline.moves, "") != "previous-working-day" or deadline.backwards or deadline.fixed:
        return False
    counted = deadline.working_days is msgspec.UNSET and not deadline.promptly
    return counted and min(_spans(deadline)) < LONGEST_REST


def _is_over(reach: Reach, day: date) -> bool:
    """Whether the rule has ended by a day, so that nobody comes after it."""
    return reach.rule.ended is not None and reach.rule.ended <= day


def _is_judged(told: Story) -> bool:
    """Whether the deadline of a story is judged by structure: one counted back, or one day for all."""
    deadline, __ = known_deadline(told.duty, told.begun, told.day)
    return deadline.backwards or deadline.fixed is not None
