"""Sites: what their acts are decided on, and the table that follows their events."""

from collections.abc import Sequence
from datetime import date, timedelta

from psycopg import Connection

from openroll.register.site import commands, events
from openroll.register.site.decide import Known, Terms
from openroll.register.site.domains import taken
from openroll.register.site.number import number_of_record, number_text
from openroll.register.site.record import Site, as_of, evolve, read, written
from openroll.register.site.search import search_words
from openroll.rules.kinds import fields_of_sites, natures
from openroll.rules.values import given
from openroll.service.roll import Roll
from openroll.service.way import NEW, Asked, Done, Mails, Projections, Record, Way, Ways
from openroll.store import site_looks, sites
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


def _of_any_site(connection: Connection, asked: Asked) -> Record:
    """The record of a site, whoever hosts it: the roll looks at all of them."""
    row = sites.one(connection, asked.command.site)
    return Record(None, "") if row is None else Record(row.stream, row.operator)


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
    of_others = _taken(connection, roll, asked, command.domains, command.control)
    return Terms(terms.kinds, terms.earliest, terms.digests, taken=of_others)


def _known(connection: Connection, roll: Roll, asked: Asked) -> Known:
    """Before something is done to a site."""
    command, terms = asked.command, terms_on(roll, roll.day(asked.now))
    row = sites.one(connection, command.site)
    if row is None:
        return Known(None, terms)
    site = as_of(site_of(row), roll.day(asked.now))
    domains = getattr(command, "domains", None) or site.domains
    control = getattr(command, "control", None) or site.control
    of_others = {} if row.private else _taken(connection, roll, asked, domains, control, row.number)
    return Known(site, Terms(terms.kinds, terms.earliest, terms.digests, taken=of_others))


def _taken(
    connection: Connection, roll: Roll, asked: Asked, domains: Sequence[str], control: str, but: int = 0
) -> dict[str, int]:
    sites.hold_domains(connection)
    others = [row for row in sites.standing(connection, domains) if row.number != but]
    today = roll.day(asked.now)
    return taken([as_of(site_of(row), today) for row in others], domains, asked.by.organisation, control)


def _site_number(connection: Connection, roll: Roll, record: int) -> int:
    """The number of a new site. Raises RuntimeError where another has it: the key was changed, and nothing may be written."""
    number = number_of_record(record, roll.keys.code_key)
    if sites.one(connection, number) is not None:
        raise RuntimeError(
            f"the site {number_text(number)} is there already: the roll's key of filing codes is another"
        )
    return number


WAYS: Ways = {
    commands.FileSite: Way(_new_site, _filing, naming=_site_number),
    commands.FilePrivateSite: Way(_new_site, _filing, naming=_site_number),
    **dict.fromkeys(
        (commands.ChangeSite, commands.ChangePrivateSite, commands.CheckSite, commands.EndSite), Way(_of_site, _known)
    ),
    commands.SeeSite: Way(_of_any_site, _known),
}


# What comes of events.


def site_of(row: SiteRow) -> Site:
    """A site as its row has it: as its newest fact left it. `as_of` makes of it what it is on a day."""
    of = {name: getattr(row, name) for name in Site.__struct_fields__}
    announced = tuple(map(read, row.announced))
    return Site(**of | {"domains": tuple(row.domains), "digests": tuple(row.digests), "announced": announced})


def row_of(site: Site, stream: int, version: int) -> SiteRow:
    """The row of a site in its table."""
    of = {name: getattr(site, name) for name in Site.__struct_fields__}
    of |= {"since": site.since or site.filed, "announced": tuple(map(written, site.announced))}
    return SiteRow(stream=stream, version=version, **of)


def words_of(row: SiteRow) -> tuple[str, ...]:
    """The words by which a site is found, also those of what is announced: none where it is a person's."""
    if row.private:
        return ()
    announced = [read(text) for text in row.announced]
    said = [(row.sponsor, tuple(row.domains)), *((one.sponsor, one.domains) for one in announced)]
    return tuple(sorted({word for sponsor, domains in said for word in search_words(sponsor, domains)}))


def row_after(row: SiteRow | None, fact: events.SiteEvent, event: EventRow) -> SiteRow:
    """The row of a site after one of its facts, stored as this event. Raises ValueError where the site was not filed."""
    return _row_after(row, fact, event.stream, event.version, event.day)


def _row_after(row: SiteRow | None, fact: events.SiteEvent, stream: int, version: int, day: date) -> SiteRow:
    site = evolve(None if row is None else site_of(row), fact, day)
    assert site is not None  # noqa: S101 - a fact of a site leaves one
    return row_of(site, stream, version)


def _stepped(connection: Connection, done: Done, fact: events.SiteEvent) -> None:
    row = sites.one(connection, fact.site)
    after = _row_after(row, fact, done.number, done.version, done.day)
    sites.put(connection, after, words_of(after))
    _look(connection, done, row, after)


def _look(connection: Connection, done: Done, before: SiteRow | None, after: SiteRow) -> None:
    """Have the roll look at an organisation's site from the day on which it opens, or has other domains, until it ends."""
    if after.ended is not None:
        site_looks.end(connection, after.number)
    elif not after.private and (before is None or list(before.domains) != list(after.domains)):
        starts = after.began if before is None else after.changed or done.day
        site_looks.begin(connection, after.number, done.now + max(starts - done.day, timedelta()))


PROJECTIONS: Projections = dict.fromkeys(events.SiteEvent.__subclasses__(), _stepped)

MAILS: Mails = {}
