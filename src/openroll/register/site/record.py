"""A site as its facts leave it. Pure."""

from datetime import date

import msgspec

from openroll.register.event import Event
from openroll.register.site import events

LIVE, SILENT, RETIRED = "live", "silent", "retired"
STATES = (LIVE, SILENT, RETIRED)
"""What a check may find; a site that does not answer for an hour is no fact yet."""
PROOFS = ("record", "file")
"""What can be looked for, and found, by anybody."""
CONTROLS = ("", "record", "file", "word")
"""How control of the domains was shown: not at all, by a record or a file that was found, or by the operator's word."""


class Announced(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was said to be so of a site from a day on that had not come then: whole, as its fact has it."""

    on: date
    control: str = ""
    sponsor: str = ""
    domains: tuple[str, ...] = ()
    services: str = ""
    digests: tuple[str, ...] = ()


class Site(msgspec.Struct, frozen=True):
    """What is known of a site. Of a natural person's (`private`) there are digests, and no sponsor, domain or service.

    `since` is the day from which `state` holds; `changed` the one from which what is said holds. `announced` is what is said for
    days to come, one for a day, in their order: it holds from its day on without any further fact (`as_of`).
    """

    number: int
    operator: str
    private: bool
    kind: str
    began: date
    filed: date
    control: str
    sponsor: str = ""
    domains: tuple[str, ...] = ()
    services: str = ""
    handle: str = ""
    digests: tuple[str, ...] = ()
    changed: date | None = None
    state: str = LIVE
    since: date | None = None
    ended: date | None = None
    announced: tuple[Announced, ...] = ()


def written(said: Announced) -> str:
    """What was announced, as a text that the table of sites keeps."""
    return msgspec.json.encode(said, order="sorted").decode()


def read(text: str) -> Announced:
    """What was announced, from such a text."""
    return msgspec.json.decode(text, type=Announced)


def coming(site: Site) -> tuple[str, ...]:
    """The domains that a site is announced to have, each once."""
    return tuple(dict.fromkeys(domain for one in site.announced for domain in one.domains))


def as_of(site: Site, day: date) -> Site:
    """A site as it is on a day: of what was announced, that of the newest day that has come holds."""
    if site.ended is not None:
        return site
    for said in site.announced:
        if said.on <= day:
            # What was shown of the same domains meanwhile was shown of these. Which a person's are nobody sees.
            same = not site.private and said.domains == site.domains
            site = _said(site, said, site.control if same else said.control)
    return msgspec.structs.replace(site, announced=tuple(one for one in site.announced if one.on > day))


def _said(site: Site, said: Announced, control: str) -> Site:
    of = {"sponsor": said.sponsor, "domains": said.domains, "services": said.services, "digests": said.digests}
    return msgspec.structs.replace(site, changed=said.on, control=control, **of)


def _changed(site: Site, fact: events.SiteChanged | events.PrivateSiteChanged, day: date) -> Site:
    """A site of which something else was said on a day: so at once, or from a day on that is to come. Other days stay."""
    if isinstance(fact, events.SiteChanged):
        said = Announced(fact.on, fact.control, fact.sponsor, fact.domains, fact.services)
    else:
        said = Announced(fact.on, fact.control, digests=fact.digests)
    if said.on <= day:
        return _said(site, said, said.control)
    others = [one for one in site.announced if one.on != said.on]
    return msgspec.structs.replace(site, announced=tuple(sorted([*others, said], key=lambda one: one.on)))


def begun(fact: events.SiteFiled | events.PrivateSiteFiled, day: date) -> Site:
    """A site as its filing on a day leaves it."""
    number, operator, kind, began, control = fact.site, fact.operator, fact.kind, fact.began, fact.control
    private = isinstance(fact, events.PrivateSiteFiled)
    site = Site(number, operator, private, kind, began, day, control, since=day)
    if isinstance(fact, events.PrivateSiteFiled):
        return msgspec.structs.replace(site, handle=fact.handle, digests=fact.digests)
    return msgspec.structs.replace(site, sponsor=fact.sponsor, domains=fact.domains, services=fact.services)


def evolve(site: Site | None, fact: Event, day: date) -> Site | None:
    """A site after one of its facts, which happened on a day; what is no fact of a site changes nothing.

    Raises ValueError for a fact of a site that was never filed.
    """
    if isinstance(fact, events.SiteFiled | events.PrivateSiteFiled):
        return begun(fact, day)
    if not isinstance(fact, events.SiteEvent):
        return site
    if site is None:
        raise ValueError(f"{fact.name} of a site that was not filed")
    replace, site = msgspec.structs.replace, as_of(site, day)
    match fact:
        case events.SiteChanged() | events.PrivateSiteChanged():
            return _changed(site, fact, day)
        case events.SiteChecked() | events.PrivateSiteChecked():
            since = site.since if fact.state == site.state else day
            return replace(site, control=fact.control, state=fact.state, since=since)
        case events.SiteEnded() | events.PrivateSiteEnded():
            return replace(site, ended=fact.on, announced=())
        case _:  # pragma: no cover - these are all
            return site
