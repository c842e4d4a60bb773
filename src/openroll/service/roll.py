"""An open roll as the service sees it: where it is kept, under which rule, by whose clock, with which keys."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from openroll.places.bundle import Bundle
from openroll.places.model import District
from openroll.register.decision import Refused
from openroll.register.roll.events import RollOpened
from openroll.register.roll.refusals import ClockWrong, RollHeld
from openroll.register.subscription.decide import RELEASE_DAYS, Setting
from openroll.register.subscription.terms import earlier_terms, terms_of
from openroll.rules import UNCONFIRMED_DAYS, Rule, waits_until
from openroll.service.keys import Keys
from openroll.service.log.ratchet import Ratchet
from openroll.service.log.signing_hold import current_hold, said
from openroll.service.numbers import Numbers
from openroll.store.connect import Database as Database  # noqa: PLC0414 - faces name the type, and import no store
from openroll.tlog import Policy

Clock = Callable[[], datetime]
RandomBytes = Callable[[int], bytes]


CLOCK_SLACK = timedelta(hours=1)
"""How far a clock may step back: more than any clock that is set right does, less than would reach into another day unseen."""


class NotNow(Exception):
    """Nothing is written at present, through no fault of whoever asks.

    The sentence is for who keeps the roll; everybody else gets the refusal.
    """

    refused = Refused(RollHeld())


class ClockBehind(NotNow):
    """The clock stands before what was written already. Nothing is written: an entry's day stays in the log for good."""

    refused = Refused(ClockWrong())


class RollIsHeld(NotNow):
    """The roll is held (service/log/signing_hold.py). Nothing is written: it could be lost, or given twice."""


@contextmanager
def writing_while_held(roll: "Roll") -> Iterator[None]:
    """For the acts by which a held roll goes on, and for nothing else."""
    roll.resuming = True
    try:
        yield
    finally:
        roll.resuming = False


class RuleVersion(msgspec.Struct, frozen=True):
    """A rule of the roll from the day `starts` on, with the jurisdiction it is read with.

    `name` is how events name the rule and `place_name` how they name the jurisdiction: by id and SHA-256, by its id alone in a
    roll of before it had a digest. `since` is when it was published.
    """

    starts: date
    rule: Rule
    name: str
    since: datetime
    place: Bundle
    place_name: str

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which the rule counts its days."""
        return ZoneInfo(self.rule.zone)


def version_on(versions: Sequence[RuleVersion], day: date) -> RuleVersion:
    """The rule of a civil day: the last that has started, the first one before any has."""
    return next((one for one in reversed(versions) if one.starts <= day), versions[0])


@dataclass(kw_only=True, eq=False)
class Roll:
    """An open roll. Everything that varies (time, randomness, place, keys) was handed in; nothing is looked up.

    `versions` are its rules in the order of their first days; the rule of a day is the last that has started. `policy` names
    the witnesses that are asked to cosign its log, `witness_deadline` the seconds they get; without one nobody is asked.
    `latest` is the latest time known at which anything was written. `least_count` is the step in which public figures count
    living subscriptions. `unconfirmed_days` is how long filings made alone wait for their operator's word where the rule does
    not say. `resuming` is true for the one command that writes to a held roll: that which lets it go on. `release_days` is
    for how many days the holder of a passkey may say no before a record is let go from it. `before` are the names of its logs
    that ended, each with the moment at which it did, the oldest first.
    """

    database: Database
    home: Path
    opened: RollOpened
    origin: str
    versions: tuple[RuleVersion, ...]
    keys: Keys
    clock: Clock
    random_bytes: RandomBytes
    policy: Policy | None = None
    witness_deadline: float = 2.0
    latest: datetime | None = None
    least_count: int = 10
    unconfirmed_days: int = UNCONFIRMED_DAYS
    resuming: bool = False
    release_days: int = RELEASE_DAYS
    before: tuple[tuple[datetime, str], ...] = ()

    def origin_at(self, when: datetime) -> str:
        """The name that the roll's log had at a moment: what was sealed then is bound to it."""
        return next((name for ended, name in self.before if when <= ended), self.origin)

    def check_clock(self, now: datetime) -> None:
        """Raise ClockBehind when `now` is well before the latest time anything was written at."""
        if self.latest is not None and now < self.latest - CLOCK_SLACK:
            raise ClockBehind(
                f"the clock says {now:%Y-%m-%d %H:%M}, and something was written at {self.latest:%Y-%m-%d %H:%M} already: "
                "nothing is written or logged until the clock is set right (or, if it was wrong then, see "
                "OPENROLL_CLOCK_WAS_WRONG)"
            )

    def check_held(self) -> None:
        """Raise RollIsHeld when the roll is held: nothing is acknowledged that could be lost."""
        why = None if self.resuming else current_hold(self.home)
        if why is not None:
            raise RollIsHeld(said(why))

    def writes_at(self, now: datetime) -> None:
        """Something is written now: `check_held`, `check_clock`, and remember the time."""
        self.check_held()
        self.check_clock(now)
        self.latest = now if self.latest is None else max(self.latest, now)

    @property
    def version(self) -> RuleVersion:
        """The rule version of today; where there was never another, no clock is asked."""
        versions = self.versions
        return versions[0] if len(versions) == 1 else self.rule_on(self.day(self.clock()))

    @property
    def rule(self) -> Rule:
        """The rule of today."""
        return self.version.rule

    @property
    def rule_name(self) -> str:
        """How events name the rule of today: its reference and the beginning of its digest."""
        return self.version.name

    def rule_on(self, day: date) -> RuleVersion:
        """The rule of a civil day."""
        return version_on(self.versions, day)

    def adopt(self, versions: tuple[RuleVersion, ...]) -> None:
        """Go on under these rule versions: somebody published one, in whichever process."""
        self.versions = versions
        self.__dict__[
            "_settings"
        ] = {}  # a new one: what another thread computes under the old versions lands in the old one

    @property
    def name(self) -> str:
        """The roll's short name."""
        return self.database.roll

    @cached_property
    def numbers(self) -> Numbers:
        """Where numbers come from that never repeat."""
        return Numbers(self.home / "numbers", self.database)

    @cached_property
    def ratchet(self) -> Ratchet:
        """The newest head that was ever signed."""
        return Ratchet(self.home / "ratchet")

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the rule of today: civil days are days there."""
        return self.version.zone

    def _zone_at(self, now: datetime) -> ZoneInfo:
        """The time zone of the rule that is in force at an instant: a rule begins with its first day in its own zone.

        So days never go back: under a zone further west the former one's day lasts until the new one's has come.
        """
        versions = self.versions
        for version in reversed(versions[1:]):
            zone = version.zone
            if now.astimezone(zone).date() >= version.starts:
                return zone
        return versions[0].zone

    @property
    def place(self) -> Bundle:
        """The jurisdiction of today."""
        return self.version.place

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the roll's pages, mails and papers today, its main one first."""
        return self.place.jurisdiction.languages

    @property
    def districts(self) -> Mapping[str, District]:
        """The districts of today's jurisdiction by their codes, those that ended and those with parts too."""
        return self.place.by_code

    @property
    def public(self) -> Path:
        """The folder of the log's public files, as any static file server could serve it."""
        return self.home / "public"

    def day(self, now: datetime) -> date:
        """The civil day of an instant, in the rule's zone."""
        return now.astimezone(self._zone_at(now)).date()

    def setting(self, day: date) -> Setting:
        """Under what a decision of this civil day is made."""
        settings = self._settings  # before the versions are looked at: see `adopt`
        if day not in settings:
            version = self.rule_on(day)
            begun = ((one.rule, one.place) for one in self.versions if one.starts <= day)
            terms = terms_of(version.rule, version.place, day, self.unconfirmed_days, earlier_terms(begun))
            settings[day] = Setting(version.name, terms, self.release_days)
        return settings[day]

    def waits_until(self, filed: date, since: date | None) -> date:
        """The last day on which a filing made alone waits for its operator's word.

        What was filed before the day `since` which filings fall away here waits its whole time from then on.
        """
        terms = self.setting(self.day(self.clock())).terms
        return waits_until(terms.retention, max(filed, since or filed), terms.unconfirmed_days)

    def last_day_to_refuse(self, now: datetime) -> date:
        """The last day on which a release that is asked now may be refused by the record's holder."""
        return self.day(now) + timedelta(days=self.release_days)

    @cached_property
    def _settings(self) -> dict[date, Setting]:
        return {}
