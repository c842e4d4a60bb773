"""The rules that each entry of a roll's log must keep, checked entry by entry as a monitor reads; and counts by day and kind.

**Back-dated**, exactly. An event carries the civil day of its writing in the zone of the roll's rule, and gets its place in
the log seconds, at most hours, later. So when an entry of day d has its place behind a moment t that is known to have
passed, and t is later than the end of d by more than the tolerance, then either d is false or the entry was kept out of the log
for longer than is allowed; from outside these are the same, and both are faults. Two moments are known:

- the beginning of day m, for an entry behind one of day m: the log itself shows that, and convinces anyone;
- the time of the monitor's last visit, for an entry that the head of that visit did not hold: the monitor's word, or the time of
  a witness's cosignature on that head.

Without the zone a day is taken to last from its beginning at UTC+14 to its end at UTC-12.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Literal

from openroll.register.event import Event
from openroll.register.events import EVENTS
from openroll.register.request.events import PersonTold
from openroll.register.roll.events import FiguresPublished
from openroll.tlog import Entry, Malformed
from openroll.watch.audit.bodies import Bodies
from openroll.watch.audit.request_rules import RequestRules
from openroll.watch.audit.roll_acts import may_not_act, may_not_in
from openroll.watch.audit.tellings import TellerKey, Telling, key_of, take_telling
from openroll.watch.facts import Wrong, read_entry
from openroll.watch.requests.lives import Lives

TOLERANCE = timedelta(hours=6)
"""Between the end of a day and the place in the log of an entry of that day."""

_EARLIEST, _LATEST = timedelta(hours=14), timedelta(hours=12)

Broken = Wrong | Literal["not-an-entry", "back-dated", "post-dated", "act-missing", "notice-missing"]


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """An entry that breaks a rule; `earlier` is the index of the entry that proves it, where there is one. `of` is the entry's
    kind, empty for one that is unknown here."""

    kind: Broken
    index: int
    what: str
    data: bytes
    earlier: int | None = None
    of: str = ""


@dataclass(frozen=True, slots=True)
class CivilDays:
    """When calendar days begin and end, in a time zone or anywhere on Earth."""

    zone: tzinfo | None = None

    def begins(self, day: str) -> datetime:
        """The first moment of a day (without a zone: the earliest there is)."""
        start = datetime.combine(_within(day), time.min, self.zone or UTC)
        return start if self.zone else start - _EARLIEST

    def ends(self, day: str) -> datetime:
        """The moment a day is over (without a zone: the last there is)."""
        end = datetime.combine(_within(day) + timedelta(days=1), time.min, self.zone or UTC)
        return end if self.zone else end + _LATEST

    def within(self, day: str) -> tuple[datetime, datetime]:
        """The moments between which a day is, as the two above say."""
        return self.begins(day), self.ends(day)


def _within(day: str) -> date:
    """A day, or the nearest that calendars can reckon from: an entry may say any day of the years 1 to 9999."""
    return min(max(date.fromisoformat(day), date(2, 1, 1)), date(9998, 1, 1))


def moment(seconds: int) -> datetime:
    """A time in POSIX seconds, or the last there is: a cosignature may say anything below 2**63."""
    return datetime.fromtimestamp(min(seconds, 253_000_000_000), UTC)


def is_late(tolerance: timedelta, day: str, newest: str) -> bool:
    """Whether an entry of `day` stands too late behind one of `newest`, by the log alone and in whatever zone."""
    between = (date.fromisoformat(newest) - date.fromisoformat(day)).days - 1
    return timedelta(days=between) > tolerance


@dataclass
class EntryRules:
    """Checks a log's entries in order against the rules. Entries from `seen_size` on were not published at the visit `seen`.

    `published` are the entries (index and bytes) that publish figures: at most one a day. `lives` are the requests, where every
    entry is read; `tellings` the last telling of each request, `retold` those before it, and `keys` those that notices may be
    signed with.
    """

    days: CivilDays
    tolerance: timedelta
    now: datetime
    size: int = 0
    seen: datetime | None = None
    seen_size: int = 0
    newest: tuple[str, int] = ("", 0)
    tallies: Counter[tuple[str, str]] = field(default_factory=Counter)
    unknown: set[str] = field(default_factory=set)
    published: list[tuple[int, bytes]] = field(default_factory=list)
    requests: RequestRules = field(default_factory=lambda: RequestRules(bodies=Bodies(), from_first=True))
    lives: Lives | None = None
    tellings: dict[int, Telling] = field(default_factory=dict)
    retold: list[tuple[int, Telling]] = field(default_factory=list)
    keys: list[TellerKey] = field(default_factory=list)

    def take(self, data: bytes) -> Iterator[BrokenRule]:
        """Check and count the next entry; the rules it breaks."""
        index = self.size
        self.size += 1
        try:
            entry = Entry.parse(data)
        except Malformed as error:
            yield BrokenRule("not-an-entry", index, f"entry {index:,} does not read: {error}", data)
            return
        self.tallies[entry.day, entry.kind] += 1
        if entry.kind not in EVENTS:
            self.unknown.add(entry.kind)
        if self.lives is not None:
            self.lives.take(index, entry)
        fact, wrong = read_entry(entry.kind, entry.act)
        if wrong is not None:
            yield BrokenRule(wrong[0], index, f"entry {index:,}: {wrong[1]}", data, of=entry.kind)
        if not self._is_anothers(fact):
            take_telling(index, fact, self.tellings, self.retold)
        if isinstance(fact, FiguresPublished):
            self.published.append((index, data))
        if fact is not None and (missing := self.requests.follow(fact, self.days.within(entry.day))):
            yield BrokenRule("act-missing", index, f"entry {index:,}, {entry.kind}: {missing}", data, of=entry.kind)
        self.keys += key_of(index, fact, self.requests.bodies)
        of = entry.kind if entry.kind in EVENTS else ""
        yield from (replace(one, of=of) for one in self._dated(entry, index, data))

    def _is_anothers(self, fact: Event | None) -> bool:
        """Whether somebody tells who may not, as far as it is known who may: it stands in the place of no operator's telling."""
        bodies = self.requests.bodies
        if not isinstance(fact, PersonTold) or bodies is None:
            return False
        request = self.requests.going.get(fact.request) or self.requests.over.get(fact.request)
        if request is not None:
            return bool(may_not_in(request, fact, bodies))
        return fact.request in self.requests.unfollowed and bool(may_not_act(fact.by, bodies))

    def _dated(self, entry: Entry, index: int, data: bytes) -> Iterator[BrokenRule]:
        named = f"entry {index:,}, {entry.kind}, is dated {entry.day}"
        if self.days.begins(entry.day) > self.now:
            yield BrokenRule("post-dated", index, f"{named}, which has not begun at {_said(self.now)}", data)
            return
        newest, first = self.newest
        if newest and is_late(self.tolerance, entry.day, newest):
            what = f"{named}, and stands behind entry {first:,} of {newest}"
            yield BrokenRule("back-dated", index, f"{what}; {_hours(self.tolerance)} are allowed", data, first)
        elif (
            self.seen is not None and index >= self.seen_size and self.seen > self.days.ends(entry.day) + self.tolerance
        ):
            what = f"{named}, and was not in the log yet on {_said(self.seen)}"
            far = self.seen - self.days.ends(entry.day) > _ANOTHER_CLOCK
            yield BrokenRule(
                "back-dated",
                index,
                f"{what}; {_hours(self.tolerance)} after the day's end are allowed{_OF_ANOTHER if far else ''}",
                data,
            )
        if entry.day > newest:
            self.newest = (entry.day, index)


_ANOTHER_CLOCK = timedelta(days=366)
_OF_ANOTHER = (
    ". The visit is dated by this machine's clock: that of a demonstration stands in another year, and then this shows nothing"
    " (docs/monitor.md)"
)
"""Said where day and visit are more than a year apart: of a roll that people file with it is a fault like any other."""


def _said(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _hours(tolerance: timedelta) -> str:
    return f"{tolerance.total_seconds() / 3600:g} hours"
