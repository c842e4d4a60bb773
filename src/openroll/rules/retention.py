"""How long a record is kept after the subscription's end, or after the event that the rule counts from."""

from collections.abc import Mapping
from datetime import date

import msgspec

from openroll.rules.calendar import add, moved_by, span_of
from openroll.rules.model import Retention
from openroll.rules.values import given

UNCONFIRMED_DAYS = 30
"""Days that a filing waits for its operator's word where neither the rule nor the roll's settings say otherwise."""


def kept_until(retention: Retention | None, ended: date, events: Mapping[str, date | None] | None = None) -> date:
    """The last day on which the rule keeps a record that ended on a day: that very day where it keeps none.

    `events` has the days of other events by name (`deactivation`), for a rule that counts from one; where that day is not known
    it is counted from the end. No record falls away before its end.
    """
    if retention is None:
        return ended
    begins = (events or {}).get(given(retention.counts_from, "end")) or ended
    if retention.end_of_next_calendar_year:
        return max(ended, date(begins.year + 1, 12, 31))
    return ended if retention.period is None else max(ended, add(begins, span_of(retention.period)))


def waits_until(retention: Retention | None, filed: date, days: int = UNCONFIRMED_DAYS) -> date:
    """The last day on which a filing made alone on a day waits for its operator's word: the rule's time, else so many days."""
    period = msgspec.UNSET if retention is None else retention.unconfirmed
    return moved_by(filed, days) if period is msgspec.UNSET else add(filed, span_of(period))
