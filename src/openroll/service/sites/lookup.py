"""What anybody may know of a site, by its number or a domain of it. Lists of organisations' sites are in `directory`.

Of a natural person's site that is its number, its state and the year in which it was filed: whoever has the number reads it on
the site itself. A day would say which entries of the log are its own.
"""

from datetime import date

import msgspec

from openroll.service.requests.proofs import FactSeen, facts_proved
from openroll.service.roll import Roll
from openroll.service.sites.changes import FACTS
from openroll.store import events as events_of
from openroll.store import sites
from openroll.store.sites import SiteRow

ENDED = "ended"
MOST_FACTS = 100
"""Facts of a site that are shown, the newest: all of them stand in the log."""


class Seen(msgspec.Struct, frozen=True):
    """A site as anybody sees it. Of a natural person's there are number, state and year alone.

    `state` is that of `register.site.record`, or `ended`; `since` from which day on. `changed` is the day from which what is said
    holds, where that has come, `upcoming` where it has not.
    """

    number: int
    private: bool
    state: str
    year: int
    operator: str = ""
    kind: str = ""
    sponsor: str = ""
    domains: tuple[str, ...] = ()
    services: str = ""
    control: str = ""
    began: date | None = None
    filed: date | None = None
    since: date | None = None
    changed: date | None = None
    upcoming: date | None = None


def by_number(roll: Roll, number: int) -> Seen | None:
    """The site of a number, also one that ended; None for a number that none has."""
    with roll.database.own() as connection:
        row = sites.one(connection, number)
    return None if row is None else seen_of(row, roll.day(roll.clock()))


def by_domain(roll: Roll, domain: str) -> list[Seen]:
    """The sites of organisations under a domain in A-labels: those that stand first. A natural person's is found by no domain."""
    with roll.database.own() as connection:
        rows = sites.of_domain(connection, domain)
    today = roll.day(roll.clock())
    return [seen_of(row, today) for row in rows]


def history(roll: Roll, number: int) -> list[FactSeen]:
    """The newest facts of an organisation's site as the log holds them, each with its receipt; none of a natural person's."""
    row = _in_the_open(roll, number)
    return [] if row is None else facts_proved(roll, row.stream, FACTS, newest=MOST_FACTS)


def steps(roll: Roll, number: int) -> list[tuple[str, date]]:
    """The newest facts of an organisation's site by kind and day; none of a natural person's."""
    row = _in_the_open(roll, number)
    if row is None:
        return []
    with roll.database.own() as connection:
        facts = [(fact.name, fact.day) for fact in events_of.of_streams(connection, [row.stream])]
    return facts[-MOST_FACTS:]


def _in_the_open(roll: Roll, number: int) -> SiteRow | None:
    with roll.database.own() as connection:
        row = sites.one(connection, number)
    return None if row is None or row.private else row


def seen_of(row: SiteRow, today: date) -> Seen:
    """A site as anybody sees it today."""
    state = row.state if row.ended is None else ENDED
    if row.private:
        return Seen(row.number, True, state, row.filed.year)
    comes = row.changed is not None and row.changed > today
    return Seen(
        number=row.number,
        private=False,
        state=state,
        year=row.filed.year,
        operator=row.operator,
        kind=row.kind,
        sponsor=row.sponsor,
        domains=tuple(row.domains),
        services=row.services,
        control=row.control,
        began=row.began,
        filed=row.filed,
        since=row.ended or row.since,
        changed=None if comes else row.changed,
        upcoming=row.changed if comes else None,
    )
