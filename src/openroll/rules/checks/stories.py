"""Stories: made subjects, lived through the days around each clause's edges, asked of `duties`.

Everything is enumerated in a fixed order, so that a rule always gives the same story, and bounded, so that the largest rule is
told in under a second. What is beyond the bound is still judged by structure; a story is its explanation.
"""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import msgspec

from openroll.rules.calendar import moved_by
from openroll.rules.checks.reach import Reach
from openroll.rules.deadlines import known_deadline
from openroll.rules.duties import DutyState, duties
from openroll.rules.duty import CALENDAR_EVENTS, Duty
from openroll.rules.model import Rule
from openroll.rules.subject import DONE_FIELDS, EVENT_FIELDS, Subject
from openroll.rules.values import given

MOST_STORIES = 4000
"""Times that `duties` is asked about one rule at most."""
MOST_BEGINS = 60
"""Days on which the event of one duty is told to happen at most."""
PLAIN_DAY = date(2020, 3, 2)
"""The day of an event in a rule that has no days of its own."""


class Story(NamedTuple):
    """A subject, and how one duty stands on it on a day. `prompt` tells that it acted on the very day of the event."""

    duty: Duty
    subject: Subject
    begun: date
    day: date
    state: DutyState
    prompt: bool


def stories(reach: Reach) -> tuple[Story, ...]:
    """The stories of a rule's duties: idle subjects and prompt ones of each nature, around each edge, in the rule's order."""
    told: list[Story] = []
    seen: set[bytes] = set()
    for duty in reach.duties:
        shape = msgspec.json.encode(_bare(duty))
        if shape in seen:
            continue
        seen.add(shape)
        told.extend(_of_duty(reach, duty))
        if len(told) > MOST_STORIES:
            break
    return tuple(told)


def _bare(duty: Duty) -> Duty:
    """A duty without its words: duties that are alike give the same stories."""
    deadlines = tuple(msgspec.structs.replace(one, article="", source="") for one in duty.deadlines)
    return msgspec.structs.replace(
        duty, id="any", title={}, to={}, via=None, article="", source="", deadlines=deadlines
    )


def _of_duty(reach: Reach, duty: Duty) -> Iterator[Story]:
    named = set(duty.measures)
    alone = msgspec.structs.replace(
        reach.rule,
        duties=(duty,),
        measures=tuple(one for one in reach.rule.measures if one.id in named),
        standing=msgspec.UNSET,
    )
    for kind in _kinds(reach, duty):
        for begun in _begins(reach.rule, duty):
            idle = _subject(duty, kind, begun)
            if idle is None:
                continue
            for day in _days(duty, alone, begun):
                yield Story(duty, idle, begun, day, duties(idle, alone, day)[0], prompt=False)
            prompt = _prompt(duty, idle, begun)
            if prompt is not None:
                yield Story(duty, prompt, begun, begun, duties(prompt, alone, begun)[0], prompt=True)


def _kinds(reach: Reach, duty: Duty) -> tuple[str, ...]:
    """A kind of each nature that the duty stands on, people first."""
    records = reach.records(duty)
    by_nature: dict[str, str] = {}
    for kind in reach.known_kinds:
        if kind in records:
            by_nature.setdefault("person" if kind in reach.natural else reach.of_kind[kind], kind)
    return tuple(sorted(by_nature.values(), key=lambda kind: kind not in reach.natural))


def _begins(rule: Rule, duty: Duty) -> tuple[date, ...]:
    """Days on which the event may happen: before, on and after the rule's first day, and the edges of the duty's clauses."""
    edges = [rule.in_force, duty.since, *(one.since for one in duty.deadlines)]
    begins = [day for edge in edges if edge is not None for day in (edge, moved_by(edge, -1))]
    return tuple(dict.fromkeys(begins))[:MOST_BEGINS] or (PLAIN_DAY,)


def _days(duty: Duty, rule: Rule, begun: date) -> tuple[date, ...]:
    """Days to look at: the event's, the rule's first, the last day of the deadline, and the one after it."""
    __, due = known_deadline(duty, begun)
    days = [begun, rule.in_force, due, moved_by(due, 1) if due else None]
    return tuple(dict.fromkeys(day for day in days if day is not None))


def _subject(duty: Duty, kind: str, begun: date) -> Subject | None:
    """Somebody to whom the event of a duty happens on a day, and who does nothing."""
    values: dict[str, object] = {"connected": begun}
    field = EVENT_FIELDS.get(duty.counts_from)
    if field is not None:
        values[field] = begun
    numbers: dict[str, int] = {}
    if threshold := given(duty.threshold, None):
        numbers[threshold.of] = threshold.above + 1
    if most := given(duty.most, None):
        numbers[most.of] = most.number + 1
    service = given(duty.services, (None,))[:1] or (None,)
    return msgspec.structs.replace(Subject(kind, numbers=numbers, service=service[0]), **values)


def _prompt(duty: Duty, idle: Subject, begun: date) -> Subject | None:
    """The same who acts on the very day; None where the act is none of a day, or comes again."""
    if duty.act not in DONE_FIELDS or duty.recurs or duty.counts_from in CALENDAR_EVENTS:
        return None
    return msgspec.structs.replace(idle, **{DONE_FIELDS[duty.act]: begun})
