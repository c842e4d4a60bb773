"""Which clock a check judges a last day by: the roll's, where it is asked anyway, else this machine's. Which, is said."""

from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from openroll.cli.requests.at_roll import json_at
from openroll.watch.roll_api import RollApi


class Clock(NamedTuple):
    """The moment by a clock, the zone that days are counted in, whose clock it is, and the moment by this machine's own."""

    now: datetime
    zone: ZoneInfo
    whose: str
    own: datetime

    @property
    def today(self) -> date:
        """The day by this clock."""
        return self.now.astimezone(self.zone).date()

    @property
    def said(self) -> str:
        """What day it is by which clock; and by this machine's, where that is not nearly the same moment."""
        apart = f", and by this machine's {self.day(self.own)}" if abs(self.now - self.own) > timedelta(days=1) else ""
        return f"By the clock of {self.whose} it is {self.today}{apart} (days of {self.zone.key})."

    def day(self, moment: datetime) -> str:
        """The day of a moment in this zone, as `2006-12-31`; the moment itself where no day is left for it."""
        try:
            return f"{moment.astimezone(self.zone):%Y-%m-%d}"
        except OverflowError:  # the first or last day that there is
            return moment.isoformat()


def own_clock(now: datetime) -> Clock:
    """This machine's clock, which shows `now`: without a roll there is no other, and its days are those of UTC."""
    return Clock(now, ZoneInfo("UTC"), "this machine", now)


class _Told(msgspec.Struct):
    now: datetime
    zone: str = "UTC"


def clock_of(api: RollApi, own: datetime) -> Clock:
    """The clock of a roll, in its zone, where this machine's shows `own`. Raises Declined, Unreachable."""
    told = json_at(api, "log", _Told)
    return Clock(told.now, zone_named(told.zone), api.where, own)


def zone_named(name: str) -> ZoneInfo:
    """A time zone by its name; UTC for a name that is none here."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")
