"""An open roll as the service sees it: where it is kept, under which rule, by whose clock, with which keys."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from openroll.register.districts import District
from openroll.register.events import RollOpened
from openroll.register.subscription import Setting
from openroll.register.terms import terms_of
from openroll.rules import Rule
from openroll.service.keys import Keys
from openroll.store.connect import Database

Clock = Callable[[], datetime]
Salts = Callable[[int], bytes]


@dataclass(kw_only=True, eq=False)
class Roll:
    """An open roll. Everything that varies (time, randomness, place, keys) was handed in; nothing is looked up."""

    database: Database
    home: Path
    opened: RollOpened
    origin: str
    rule: Rule
    rule_name: str
    districts: Mapping[str, District]
    keys: Keys
    clock: Clock
    salts: Salts

    @property
    def name(self) -> str:
        """The roll's short name."""
        return self.database.roll

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone of the rule: civil days are days there."""
        return ZoneInfo(self.rule.zone)

    @property
    def public(self) -> Path:
        """The folder of the log's public files, as any static file server could serve it."""
        return self.home / "public"

    def day(self, now: datetime) -> date:
        """The civil day of an instant, in the rule's zone."""
        return now.astimezone(self.zone).date()

    def setting(self, day: date) -> Setting:
        """Under what a decision of this civil day is made."""
        if day not in self._settings:
            self._settings[day] = Setting(self.rule_name, terms_of(self.rule, self.districts, day))
        return self._settings[day]

    @cached_property
    def _settings(self) -> dict[date, Setting]:
        return {}
