"""Sites filed together: what their decisions rest on is loaded once, each is decided by itself, and all are written at once."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from psycopg import Connection

from openroll.register.command import Actor
from openroll.register.decision import Accepted, Refused
from openroll.register.kinds import decided
from openroll.register.official import Under
from openroll.register.organisation.roles import Seat
from openroll.register.roll.decide import ROLL_STREAM
from openroll.register.site import commands
from openroll.register.site.decide import Terms
from openroll.service.acts import append
from openroll.service.event_rows import event_row
from openroll.service.identity.seats import member
from openroll.service.roll import Roll
from openroll.service.rollback_guard import new_numbers
from openroll.service.sites.projections import SITE_NUMBER, first_row, terms_on
from openroll.store import events, sites
from openroll.store.numbers import RECORD

_Filing = commands.FileSite | commands.FilePrivateSite


class Judged(NamedTuple):
    """A filing that is taken: by which state it was, and the earlier one of the same words among those filed with it, if any."""

    filing: _Filing
    state: Terms
    same_as: int | None = None


class Together:
    """Filings of one operator, in one transaction in which nobody else files. They are judged in their order, then written."""

    def __init__(self, connection: Connection, roll: Roll, by: Seat, filings: Sequence[_Filing]) -> None:
        self._connection, self._roll, self._by = connection, roll, by
        self._now = roll.clock()
        # Before anything is read: two lists are decided one after the other.
        events.version_of(connection, ROLL_STREAM)
        sites.hold_domains(connection)
        self._who = member(connection, by)
        day = roll.day(self._now)
        self._under = Under(roll.rule_on(day).name, day, self._now)
        self._terms = terms_on(roll, day)
        domains = [one for filing in filings if isinstance(filing, commands.FileSite) for one in filing.domains]
        self._taken = {
            control: sites.taken(connection, domains, by.organisation, control=control) for control in (False, True)
        }
        handles = [one.handle for one in filings if isinstance(one, commands.FilePrivateSite)]
        self._handled = sites.handled(connection, by.organisation, handles)
        self._judged: dict[_Filing, int] = {}

    def may_stand(self, filing: _Filing) -> bool:
        """Whether something of the operator's stands already under the handle, or the first domain, of a filing."""
        if isinstance(filing, commands.FilePrivateSite):
            return filing.handle in self._handled
        return bool(filing.domains) and filing.domains[0] in self._taken[False]

    def judge(self, filing: _Filing, place: int) -> Judged | Refused:
        """What comes of a filing, the one at this place, after those that were judged before it."""
        if filing in self._judged:
            return Judged(filing, self._terms, self._judged[filing])
        state = msgspec.structs.replace(self._terms, taken=self._taken[bool(filing.control)])
        if isinstance(filing, commands.FilePrivateSite):
            state = msgspec.structs.replace(self._terms, handled=filing.handle in self._handled)
        decision = decided(filing, state, self._who, self._under)
        if isinstance(decision, Refused):
            return decision
        self._judged[filing] = place
        if isinstance(filing, commands.FilePrivateSite):
            self._handled = self._handled | {filing.handle}
        else:
            for taken in self._taken.values():
                taken.update(dict.fromkeys(filing.domains, 0))
        return Judged(filing, state)

    def write(self, judged: Sequence[Judged]) -> list[int]:
        """Write what was judged; the number of each, in their order."""
        count = sum(one.same_as is None for one in judged)
        if not count:
            return []
        fresh, records = iter(new_numbers(self._roll, SITE_NUMBER, count)), iter(new_numbers(self._roll, RECORD, count))
        rows, stand, numbers = [], [], dict[_Filing, int]()
        actor = Actor(self._who.role, self._by.organisation)
        for one in judged:
            if one.same_as is not None:
                continue
            number, record = next(fresh), next(records)
            state = msgspec.structs.replace(one.state, taken={}, handled=False, fresh=number)
            decision = decided(one.filing, state, self._who, self._under)
            assert isinstance(decision, Accepted)  # noqa: S101 - a number makes no filing refused
            (fact,) = decision.events
            owner = self._by.organisation
            rows.append(event_row(self._roll, self._now, fact, stream=record, version=1, actor=actor, owner=owner))
            stand.append(first_row(fact, record, self._under.today))
            numbers[one.filing] = number
        append(self._connection, self._roll, rows)
        sites.put_all(self._connection, stand)
        return [numbers[one.filing] for one in judged]
