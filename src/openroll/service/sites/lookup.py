"""What anybody may know of a site, by its number or a domain of it. One at a time: no list of sites is given.

Of a natural person's site that is its number, its state and the year in which it was filed: whoever has the number reads it on
the site itself. A day would say which entries of the log are its own.
"""

from datetime import date

import msgspec

from openroll.register.site import events
from openroll.service.requests.proofs import FactSeen, facts_proved
from openroll.service.roll import Roll
from openroll.store import events as events_of
from openroll.store import sites
from openroll.store.sites import SiteRow

ENDED = "ended"
MOST_FACTS = 100
"""Facts of a site that are shown, the newest: all of them stand in the log."""
FACTS = tuple(kind.name for kind in events.SiteEvent.__subclasses__() if kind.official)

FILED = (events.SiteFiled.name, events.PrivateSiteFiled.name)
CHANGED = (events.SiteChanged.name, events.PrivateSiteChanged.name)


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
    return None if row is None else _seen(row, roll.day(roll.clock()))


def own(roll: Roll, number: int, operator: str) -> Seen | None:
    """A site as the operator that hosts it sees it, a natural person's with its days; None for another's number."""
    with roll.database.own() as connection:
        row = sites.one(connection, number)
    return None if row is None or row.operator != operator else _whole(row, roll.day(roll.clock()))


def standing(roll: Roll, operator: str) -> int:
    """How many sites of an operator stand."""
    with roll.database.own() as connection:
        return sites.living(connection, operator)


def by_domain(roll: Roll, domain: str) -> list[Seen]:
    """The sites of organisations under a domain in A-labels: those that stand first. A natural person's is found by no domain."""
    with roll.database.own() as connection:
        rows = sites.of_domain(connection, domain)
    today = roll.day(roll.clock())
    return [_seen(row, today) for row in rows]


def history(roll: Roll, number: int) -> list[FactSeen]:
    """The newest facts of an organisation's site as the log holds them, each with its receipt; none of a natural person's."""
    row = _in_the_open(roll, number)
    return [] if row is None else facts_proved(roll, row.stream, FACTS, newest=MOST_FACTS)


def own_facts(roll: Roll, number: int, operator: str) -> list[FactSeen] | None:
    """The facts of a site that an operator hosts, a natural person's too, each with its receipt; None for another's.

    Of more than so many: its filing, its newest change and the newest others. What it is now follows from those too.
    """
    with roll.database.own() as connection:
        row = sites.one(connection, number)
    if row is None or row.operator != operator:
        return None
    newest = facts_proved(roll, row.stream, newest=MOST_FACTS)
    if len(newest) < MOST_FACTS:
        return newest
    saying = [facts_proved(roll, row.stream, names, newest=1) for names in (FILED, CHANGED)]
    return [*(fact for found in saying for fact in found), *newest]


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


def _seen(row: SiteRow, today: date) -> Seen:
    return Seen(row.number, True, _state(row), row.filed.year) if row.private else _whole(row, today)


def _state(row: SiteRow) -> str:
    return row.state if row.ended is None else ENDED


def _whole(row: SiteRow, today: date) -> Seen:
    """All that is known of a site but digests and handle."""
    comes = row.changed is not None and row.changed > today
    return Seen(
        number=row.number,
        private=row.private,
        state=_state(row),
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
