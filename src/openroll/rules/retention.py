"""How long a record is kept after the subscription's end."""

from datetime import date, timedelta

import msgspec

from openroll.rules.calendar import add, span_of
from openroll.rules.model import Retention

UNCONFIRMED_DAYS = 30
"""Days that a filing waits for its operator's word where neither the rule nor the roll's settings say otherwise."""


def kept_until(retention: Retention | None, ended: date) -> date:
    """The last day on which the rule keeps a record that ended on a day: that very day where it keeps none."""
    if retention is None:
        return ended
    if retention.end_of_next_calendar_year:
        return date(ended.year + 1, 12, 31)
    return ended if retention.period is None else add(ended, span_of(retention.period))


def waits_until(retention: Retention | None, filed: date, days: int = UNCONFIRMED_DAYS) -> date:
    """The last day on which a filing made alone on a day waits for its operator's word: the rule's time, else so many days."""
    period = msgspec.UNSET if retention is None else retention.unconfirmed
    return filed + timedelta(days=days) if period is msgspec.UNSET else add(filed, span_of(period))
