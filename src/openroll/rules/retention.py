"""How long a record is kept after the subscription's end."""

from datetime import date

from openroll.rules.calendar import add, span_of
from openroll.rules.model import Retention


def kept_until(retention: Retention | None, ended: date) -> date:
    """The last day on which the rule keeps a record that ended on a day: that very day where it keeps none."""
    if retention is None:
        return ended
    if retention.end_of_next_calendar_year:
        return date(ended.year + 1, 12, 31)
    return ended if retention.period is None else add(ended, span_of(retention.period))
