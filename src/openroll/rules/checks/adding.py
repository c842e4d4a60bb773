"""What measures come to in a year: one that is in bounds once is counted again with each time and each record that it follows on.

A duty that comes again may be missed each time, and a duty about records is missed about each of them: what its bearer pays, or
how long it is off, adds up.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

import msgspec

from openroll.rules.calendar import most_days, moved_by
from openroll.rules.checks.breach import Breach, someone, story
from openroll.rules.checks.fines import Share, excess, share
from openroll.rules.checks.reach import Reach
from openroll.rules.closed import days
from openroll.rules.duty import Duty
from openroll.rules.measures import Measure
from openroll.rules.recurring import step_of
from openroll.rules.sentence import sentence
from openroll.rules.values import given

RECORDS = 100
"""Records that a small operator keeps at least, each of which it may have failed to file (our policy)."""
MOST_OFF = 30
"""Days in a year for which service may be taken, in all: those of the check `cap`."""
_YEAR = 365


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


def times(duty: Duty, measure: Measure) -> int:
    """How often a measure may follow in a year on a duty: with each time that it comes again, and for each record it is about."""
    step = step_of(duty)
    again = 1 if step is None else max(1, 12 // step.months if step.months else _YEAR // step.days)
    each = RECORDS if duty.of_others and set(duty.bearers) & set(measure.against) else 1
    return again * each


def fines_that_add_up(reach: Reach) -> Iterator[Breach]:
    """Fines with an end for each time and none for all of them together, of one duty or of all that somebody has."""
    followed = [one for one in _followed(reach) if one[1].kind == "fine" and excess(one[1], reach.rule) is None]
    sums: dict[str, list[Fined]] = {}
    beyond = False
    for duty, measure, often in followed:
        mine = share(measure, reach.rule, often)
        if often > 1 and max(mine) > 1:
            beyond = True
            what = sentence(
                _("pays this {count} times in a year, and nothing caps the sum: {id} ({duty})"),
                count=often,
                id=measure.id,
                duty=duty.id,
            )
            yield Breach(story(someone(measure.against[0]), duty.since, what), measure.article, grave=True)
        for kind in set(measure.against) & (reach.records(duty) | set(duty.bearers)):
            sums.setdefault(kind, []).append(Fined(duty, mine))
    for kind in reach.known_kinds if not beyond else ():
        if (at_once := _beyond_together(sums.get(kind, []))) is not None:
            day, found = at_once
            names = tuple(dict.fromkeys(one.duty.id for one in found))
            what = sentence(
                _("pays for {count} duties in a year, and together more than any fine may be: {names}"),
                count=len(names),
                names=names[:NAMED],
            )
            yield Breach(story(someone(kind), day, what), found[0].duty.article, grave=True)


class Fined(NamedTuple):
    """A fine that may follow on a duty, and which part of the most it is."""

    duty: Duty
    part: Share


NAMED = 5
"""Duties that a story of many names."""


def _beyond_together(fined: Sequence[Fined]) -> tuple[date | None, list[Fined]] | None:
    """The fines that one subject may have to pay at one time and that are together more than one may be; None if none are.

    A duty on those connected before the rule and one on those after it are no one's both, nor are duties on two services.
    """
    for leaves_out in ("existing", "new"):
        with_me = [one for one in fined if one.duty.applies != leaves_out]
        services = {name for one in with_me for name in given(one.duty.services, ())} or {""}
        for service in sorted(services):
            mine = [one for one in with_me if service in given(one.duty.services, (service,))]
            if _sum(mine) > 1 and (day := _day_beyond(mine)) is not None:
                return day, [one for one in mine if one.duty.holds(day)]
    return None


def _sum(fined: Iterable[Fined]) -> Fraction:
    parts = [one.part for one in fined]
    return max(sum((part.money for part in parts), Fraction(0)), sum((part.percent for part in parts), Fraction(0)))


def _day_beyond(fined: Sequence[Fined]) -> date | None:
    """The first day on which the fines that hold are together more than one may be; None where there is none."""
    steps: dict[date, list[Share]] = {}
    for one in fined:
        steps.setdefault(one.duty.since or date.min, []).append(one.part)
        if not isinstance(one.duty.until, msgspec.UnsetType):
            after = moved_by(one.duty.until, 1)
            steps.setdefault(after, []).append(Share(-one.part.money, -one.part.percent))
    money = percent = Fraction(0)
    for day, parts in sorted(steps.items()):
        money += sum((part.money for part in parts), Fraction(0))
        percent += sum((part.percent for part in parts), Fraction(0))
        if max(money, percent) > 1:
            return day
    return None


def cuts_that_add_up(reach: Reach) -> Iterator[Breach]:
    """What takes service ends in time, and begins again with the next time, the next record, the next duty or measure."""
    off: dict[tuple[str, str], list[tuple[Duty, Measure, int]]] = {}
    for duty, measure, often in _followed(reach):
        if measure.cap is None or not reach.ends_business(measure):
            continue
        for kind in measure.against:
            # Duties that come again are missed in one year, each of the others once in a while.
            together = "" if step_of(duty) else duty.id
            off.setdefault((kind, together), []).append((duty, measure, most_days(measure.cap) * often))
    for (kind, __), found in off.items():
        time = min(sum(lasts for *__, lasts in found), _YEAR)
        duty, measure, alone = found[-1]
        if time <= MOST_OFF or (len(found) == 1 and alone == most_days(measure.cap or "")):
            continue
        what = sentence(
            _("is without service for {time} of a year, for it comes again and again: {id} ({duty})"),
            time=days(time),
            id=measure.id,
            duty=duty.id,
        )
        yield Breach(story(someone(kind), duty.since, what), measure.article, grave=True)


def _followed(reach: Reach) -> Iterator[tuple[Duty, Measure, int]]:
    for duty in reach.duties:
        for name in duty.measures:
            if name in reach.by_id:
                yield duty, reach.by_id[name], times(duty, reach.by_id[name])
