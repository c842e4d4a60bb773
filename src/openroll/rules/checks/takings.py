"""What is taken by a duty: no act, no service; somebody has to be deactivated; no more than so much may be held.

Such a duty takes what a suspension takes, and nobody decides on it: no court, no hearing, no time to correct, no end, no appeal.
It is judged as a measure would be that is decided by an operator, at once and for ever.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from openroll.rules.checks.asked import COUNTED
from openroll.rules.checks.breach import Breach, Seen, judged, someone, story
from openroll.rules.checks.reach import Reach
from openroll.rules.checks.stories import Story, stories
from openroll.rules.closed import ACTS, word
from openroll.rules.duty import Deadline, Duty
from openroll.rules.sentence import Sentence, sentence
from openroll.rules.values import given


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


class Taking(NamedTuple):
    """What a duty takes, and from whom: kinds in the rule's order."""

    duty: Duty
    whom: tuple[str, ...]
    what: Sentence


@lru_cache(maxsize=1)
def told_stories(reach: Reach) -> tuple[Story, ...]:
    """The stories of a rule, told once for all checks."""
    return stories(reach)


@lru_cache(maxsize=1)
def takings(reach: Reach) -> tuple[Taking, ...]:
    """Everything that the duties of a rule take, from whomever."""
    found = []
    for duty in reach.duties:
        records = reach.records(duty)
        whom = tuple(kind for kind in reach.known_kinds if kind in records)
        found += [Taking(duty, whom, what) for what in _taken(reach, duty, whom) if whom]
    return tuple(found)


def _taken(reach: Reach, duty: Duty, whom: tuple[str, ...]) -> Iterator[Sentence]:
    if duty.condition:
        yield sentence(_("has no service, for this is not done: {act} ({id})"), act=word(ACTS, duty.act), id=duty.id)
    if duty.act == "deactivate" and not _follows_the_end(duty):
        yield sentence(_("their operator has to deactivate them ({id})"), id=duty.id)
    most = given(duty.most, None)
    if most is None:
        return
    if most.number == 0:
        yield Sentence(_("may hold no line at all"))
    elif most.of not in COUNTED or reach.operators.intersection(whom) or _below_the_floor(reach, most.number, whom):
        yield sentence(
            _("may have no more than {number} of this: {of} ({id})"), number=most.number, of=most.of, id=duty.id
        )


def _below_the_floor(reach: Reach, number: int, whom: tuple[str, ...]) -> bool:
    """Whether a limit of lines falls on more than people at home, who are one each, and is too low for a school of a thousand."""
    return number < LEAST_LINES and bool(set(whom) - reach.natural)


LEAST_LINES = 1000
"""Lines that an organisation or a site may hold at least under a limit (our policy)."""


def _follows_the_end(duty: Duty) -> bool:
    """Whether a duty to deactivate does no more than close what has ended by itself."""
    return duty.counts_from == "end" and not duty.recurs and all(map(_comes_after, duty.deadlines))


def _comes_after(deadline: Deadline) -> bool:
    early = deadline.backwards or given(deadline.moves, "") == "previous-working-day"
    return not early and deadline.fixed is None


def from_people(reach: Reach) -> Iterator[tuple[Taking, tuple[str, ...], bool]]:
    """The takings that reach people at home: whom, and whether only through the operator that serves them."""
    for one in takings(reach):
        if people := reach.people(one.whom):
            yield one, people, False
        elif reach.operators.intersection(one.whom):
            yield one, reach.served, True


def cut_by_duty(reach: Reach) -> Iterator[tuple[Sentence | str, Breach]]:
    """What people at home lose by a duty: the name of each, and its story."""
    without: Mapping[str, Story] = {one.duty.id: one for one in reversed(told_stories(reach)) if one.state.no_service}
    for one, people, through in from_people(reach):
        duty, lived = one.duty, without.get(one.duty.id) if one.duty.condition else None
        day = lived.day if lived else max((on for on in (reach.rule.in_force, duty.since) if on), default=None)
        what = one.what
        if through:
            what = sentence(_("goes offline with its operator, which {what}"), what=one.what)
        name = sentence(_("{name}: no service without it"), name=duty.id) if duty.condition else duty.id
        yield name, Breach(story(someone(people[0]), day, what), duty.article, grave=True)


NOBODY_DECIDES = {
    "court": _("no court decides on this: {what}"),
    "cap": _("nothing says when this ends: {what}"),
    "correction": _("this follows without time to correct: {what}"),
    "hearing": _("is not heard before this: {what}"),
    "appeal": _("there is no decision to appeal against: {what}"),
}
"""What is missing where a duty takes, by the check that asks for it."""


def with_takings(check: str, reach: Reach, seen: Seen) -> Seen:
    """What a check of measures saw, and beside it what duties take in their place."""
    more = list(_undecided(check, takings(reach)))
    if not more:
        return seen
    ids = tuple(dict.fromkeys(one.duty.id for one in takings(reach)))
    told = sentence(_("{seen}; taken by a duty: {names}"), seen=seen.seen, names=ids)
    return judged([*seen.breaches, *more], seen.article, told)


def _undecided(check: str, taken: Iterable[Taking]) -> Iterator[Breach]:
    for one in taken:
        what = sentence(NOBODY_DECIDES[check], what=one.what)
        yield Breach(story(someone(one.whom[0]), one.duty.since, what), one.duty.article, grave=True)
