"""Sites: what their acts are decided on, and the table that follows their events."""

from collections.abc import Sequence
from datetime import date

from psycopg import Connection

from openroll.register.event import Event
from openroll.register.site import commands, events
from openroll.register.site.decide import Known, Terms
from openroll.register.site.record import Site, evolve
from openroll.rules.kinds import fields_of_sites, natures
from openroll.rules.values import given
from openroll.service.roll import Roll
from openroll.service.way import NEW, Asked, Done, Mails, Projections, Record, Way, Ways
from openroll.store import sites
from openroll.store.events import EventRow
from openroll.store.sites import SiteRow


def _new_site(_: Connection, asked: Asked) -> Record:
    """A record of its own, of the operator that files."""
    return Record(NEW, asked.by.organisation)


def _of_site(connection: Connection, asked: Asked) -> Record:
    """The record of a site. Whoever asks after another operator's learns no more than of one that is not there."""
    row = sites.one(connection, asked.command.site)
    if row is None or row.operator != asked.by.organisation:
        return Record(None, "")
    return Record(row.stream, row.operator)


def kinds_of_site(roll: Roll, day: date | None = None) -> frozenset[str]:
    """The kinds of site that the rule of a day (of today) covers: none, where it is a rule of subscriptions alone."""
    rule = roll.rule if day is None else roll.rule_on(day).rule
    nature = natures(given(rule.kinds, ()))
    return frozenset(kind for kind in rule.covers if nature.get(kind) == "site")


def terms_on(roll: Roll, day: date) -> Terms:
    """What a filing of a site may say on a day, whatever is filed by then."""
    version = roll.rule_on(day)
    return Terms(kinds_of_site(roll, day), version.place.jurisdiction.earliest, len(fields_of_sites(version.rule)))


def _filing(connection: Connection, roll: Roll, asked: Asked) -> Terms:
    """Before a site is filed."""
    command, terms = asked.command, terms_on(roll, roll.day(asked.now))
    if isinstance(command, commands.FilePrivateSite):
        row = sites.under_handle(connection, asked.by.organisation, command.handle)
        handled = row is not None and row.ended is None
        return Terms(terms.kinds, terms.earliest, terms.digests, handled=handled)
    taken = _taken(connection, command.domains, asked.by.organisation, command.control)
    return Terms(terms.kinds, terms.earliest, terms.digests, taken=taken)


def _known(connection: Connection, roll: Roll, asked: Asked) -> Known:
    """Before something is done to a site."""
    command, terms = asked.command, terms_on(roll, roll.day(asked.now))
    row = sites.one(connection, command.site)
    if row is None:
        return Known(None, terms)
    domains = getattr(command, "domains", None) or row.domains
    control = getattr(command, "control", None) or row.control
    taken = {} if row.private else _taken(connection, domains, row.operator, control, row.number)
    return Known(site_of(row), Terms(terms.kinds, terms.earliest, terms.digests, taken=taken))


def _taken(connection: Connection, domains: Sequence[str], operator: str, control: str, but: int = 0) -> dict[str, int]:
    sites.hold_domains(connection)
    return sites.taken(connection, domains, operator, control=bool(control), but=but)


SITE_NUMBER = "site"
"""The counter of the numbers of sites."""


def _site_number(_: object) -> str:
    return SITE_NUMBER


WAYS: Ways = {
    commands.FileSite: Way(_new_site, _filing, _site_number),
    commands.FilePrivateSite: Way(_new_site, _filing, _site_number),
    **dict.fromkeys(
        (commands.ChangeSite, commands.ChangePrivateSite, commands.CheckSite, commands.EndSite), Way(_of_site, _known)
    ),
}


# What comes of events.


def site_of(row: SiteRow) -> Site:
    """A site as its row has it."""
    of = {name: getattr(row, name) for name in Site.__struct_fields__}
    return Site(**of | {"domains": tuple(row.domains), "digests": tuple(row.digests)})


def row_of(site: Site, stream: int, version: int) -> SiteRow:
    """The row of a site in its table."""
    of = {name: getattr(site, name) for name in Site.__struct_fields__}
    return SiteRow(stream=stream, version=version, **of | {"since": site.since or site.filed})


def row_after(row: SiteRow | None, fact: events.SiteEvent, event: EventRow) -> SiteRow:
    """The row of a site after one of its facts, stored as this event. Raises ValueError where the site was not filed."""
    return _row_after(row, fact, event.stream, event.version, event.day)


def _row_after(row: SiteRow | None, fact: events.SiteEvent, stream: int, version: int, day: date) -> SiteRow:
    site = evolve(None if row is None else site_of(row), fact, day)
    assert site is not None  # noqa: S101 - a fact of a site leaves one
    return row_of(site, stream, version)


def first_row(fact: Event, stream: int, day: date) -> SiteRow:
    """The row of a site that was filed on a day, as its first fact leaves it."""
    if not isinstance(fact, events.SiteEvent):
        raise TypeError(f"{type(fact).__name__} files no site")
    return _row_after(None, fact, stream, 1, day)


def _stepped(connection: Connection, done: Done, fact: events.SiteEvent) -> None:
    row = sites.one(connection, fact.site)
    sites.put(connection, _row_after(row, fact, done.number, done.version, done.day))


PROJECTIONS: Projections = dict.fromkeys(events.SiteEvent.__subclasses__(), _stepped)

MAILS: Mails = {}
