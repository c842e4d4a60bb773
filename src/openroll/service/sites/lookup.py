"""What anybody may know of a site, by its number or a domain of it. Lists of organisations' sites are in `directory`.

Of a natural person's site that is its number, its state and the year in which it was filed: whoever has the number reads it on
the site itself. A day would say which entries of the log are its own.
"""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec
from psycopg import Connection

from openroll.register.site import events
from openroll.register.site.domains import in_order
from openroll.register.site.record import PROOFS, Announced, Site, as_of
from openroll.service.requests.proofs import FactSeen, facts_proved
from openroll.service.roll import Roll
from openroll.service.sites.changes import FACTS
from openroll.service.sites.projections import site_of
from openroll.store import events as events_of
from openroll.store import site_looks, sites
from openroll.store.sites import SiteRow

ENDED = "ended"
MOST = 20
"""Sites that are given under one domain."""
MOST_FACTS = 100
"""Facts of a site that are shown, the newest: all of them stand in the log."""

FILED = (events.SiteFiled.name, events.PrivateSiteFiled.name)
CHANGED = (events.SiteChanged.name, events.PrivateSiteChanged.name)


class Seen(msgspec.Struct, frozen=True):
    """A site as anybody sees it. Of a natural person's there are number, state and year alone.

    `state` is that of `register.site.record`, or `ended`; `since` from which day on. `changed` is the day from which what is said
    holds, `announced` what is said for days to come. `shown` is the day on which control was shown, as it is; `control_places`
    and `state_places` from how many places the roll saw control and state so, 0 where its operator says it. `looked` is the day
    on which the roll looked last.
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
    announced: tuple[Announced, ...] = ()
    shown: date | None = None
    control_places: int = 0
    state_places: int = 0
    looked: date | None = None


def by_number(roll: Roll, number: int) -> Seen | None:
    """The site of a number, also one that ended; None for a number that none has."""
    with roll.database.own() as connection:
        row = sites.one(connection, number)
        return None if row is None else seen_of(connection, roll, [row])[0]


def own(roll: Roll, number: int, operator: str) -> Seen | None:
    """A site as the operator that hosts it sees it, a natural person's with its days; None for another's number."""
    with roll.database.own() as connection:
        row = sites.one(connection, number)
        if row is None or row.operator != operator:
            return None
        looked = site_looks.looked_at(connection, [number])
    return _whole(as_of(site_of(row), roll.day(roll.clock())), looked.get(number), roll)


def standing(roll: Roll, operator: str) -> int:
    """How many sites of an operator stand."""
    with roll.database.own() as connection:
        return sites.living(connection, operator)


def by_domain(roll: Roll, domain: str) -> list[Seen]:
    """The sites of organisations under a domain in A-labels, so many at most. A natural person's is found by no domain.

    Those that stand come first: of which control was shown before all others, then in the order of their filing. Whoever files
    later, and shows nothing, stands before nobody.
    """
    today = roll.day(roll.clock())
    with roll.database.own() as connection:
        rows = [*sites.standing(connection, [domain]), *sites.ended(connection, domain)]
        found = [as_of(site_of(row), today) for row in rows]
        return _all_seen(connection, roll, in_order([site for site in found if domain in site.domains])[:MOST])


def unshown(found: Sequence[Seen]) -> list[Seen]:
    """Those that stand under a domain (as `by_domain` gives them) where they are several, and none shows that it has it."""
    stand = [one for one in found if one.state != ENDED]
    return stand if len(stand) > 1 and stand[0].control not in PROOFS else []


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


def seen_of(connection: Connection, roll: Roll, rows: Sequence[SiteRow]) -> list[Seen]:
    """Sites as anybody sees them today."""
    today = roll.day(roll.clock())
    return _all_seen(connection, roll, [as_of(site_of(row), today) for row in rows])


def _all_seen(connection: Connection, roll: Roll, found: Sequence[Site]) -> list[Seen]:
    looked = site_looks.looked_at(connection, [site.number for site in found if not site.private])
    return [_seen(site, looked.get(site.number), roll) for site in found]


def _seen(site: Site, looked: datetime | None, roll: Roll) -> Seen:
    """A site as it is today, as anybody sees it."""
    return Seen(site.number, True, _state(site), site.filed.year) if site.private else _whole(site, looked, roll)


def _state(site: Site) -> str:
    return site.state if site.ended is None else ENDED


def _whole(site: Site, looked: datetime | None, roll: Roll) -> Seen:
    """All that is known of a site but digests and handle."""
    return Seen(
        number=site.number,
        private=site.private,
        state=_state(site),
        year=site.filed.year,
        operator=site.operator,
        kind=site.kind,
        sponsor=site.sponsor,
        domains=site.domains,
        services=site.services,
        control=site.control,
        began=site.began,
        filed=site.filed,
        since=site.ended or site.since,
        changed=site.changed,
        announced=site.announced,
        shown=site.shown,
        control_places=site.control_places,
        state_places=site.state_places,
        looked=None if looked is None else roll.day(looked),
    )
