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


class Site(msgspec.Struct, frozen=True):
    """What is known of a site. Of a natural person's (`private`) there are digests, and no sponsor, domain or service.

    `since` is the day from which `state` holds; `changed` the one from which what is said holds, which may still come.
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
    replace = msgspec.structs.replace
    match fact:
        case events.SiteChanged():
            said = {"sponsor": fact.sponsor, "domains": fact.domains, "services": fact.services, "kind": fact.kind}
            return replace(site, changed=fact.on, control=fact.control, **said)
        case events.PrivateSiteChanged():
            return replace(site, changed=fact.on, control=fact.control, digests=fact.digests)
        case events.SiteChecked() | events.PrivateSiteChecked():
            since = site.since if fact.state == site.state else day
            return replace(site, control=fact.control, state=fact.state, since=since)
        case events.SiteEnded() | events.PrivateSiteEnded():
            return replace(site, ended=fact.on)
        case _:  # pragma: no cover - these are all
            return site
