"""What measures come to in a year: one that is in bounds once is counted again with each time and each record that it follows on.

A duty that comes again may be missed each time, and a duty about records is missed about each of them: what its bearer pays, or
how long it is off, adds up.
"""

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from openroll.rules.calendar import most_days
from openroll.rules.checks.breach import Breach, someone, story
from openroll.rules.checks.reach import MOST_PERCENT, Reach, most_fine
from openroll.rules.closed import days
from openroll.rules.duty import Duty
from openroll.rules.measures import Fine, Measure
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
    """Fines with an end for each time and none for all of them together; one with a `most` has that."""
    for duty, measure, often in _followed(reach):
        fine = given(measure.fine, Fine())
        if measure.kind != "fine" or often == 1 or fine.most is not msgspec.UNSET:
            continue
        percent = given(fine.percent_to, Decimal(0)) * often
        top = measure.fine_to
        most = most_fine(top.currency) if top else None
        beyond = bool(top and most and top.amount * often > most) or percent > MOST_PERCENT
        if beyond or reach.units_to(fine) * often > (reach.most_of_unit(fine) or Decimal("Infinity")):
            what = sentence(
                _("pays this {count} times in a year, and nothing caps the sum: {id} ({duty})"),
                count=often,
                id=measure.id,
                duty=duty.id,
            )
            yield Breach(story(someone(measure.against[0]), duty.since, what), measure.article, grave=True)


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
