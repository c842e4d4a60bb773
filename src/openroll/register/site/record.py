"""A site as its facts leave it. Pure."""

from collections.abc import Sequence
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

    `since` is the day from which `state` holds; `changed` the one from which what is said holds, which may still come; `shown`
    the one on which control was shown, as it is. `control_places` and `state_places` are from how many places the roll saw them
    so: 0 where its operator says it.
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
    shown: date | None = None
    control_places: int = 0
    state_places: int = 0

    @property
    def shows_control(self) -> bool:
        """Whether a proof of control stands by its operator's or the roll's check, and not by a word alone."""
        return self.control in PROOFS


def begun(fact: events.SiteFiled | events.PrivateSiteFiled, day: date) -> Site:
    """A site as its filing on a day leaves it."""
    number, operator, kind, began, control = fact.site, fact.operator, fact.kind, fact.began, fact.control
    private = isinstance(fact, events.PrivateSiteFiled)
    site = Site(number, operator, private, kind, began, day, control, since=day, shown=day if control else None)
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
            site = site if fact.domains == site.domains else _not_shown(site)
            return replace(_shown(site, fact.control, 0, day), changed=fact.on, **said)
        case events.PrivateSiteChanged():
            return replace(_shown(_not_shown(site), fact.control, 0, day), changed=fact.on, digests=fact.digests)
        case events.SiteChecked() | events.PrivateSiteChecked():
            sightings = fact.sightings if isinstance(fact, events.SiteChecked) else ()
            site = _shown(site, fact.control, _saw_control(sightings, fact.control), day)
            return _found(site, fact.state, saw_state(sightings, fact.state), day)
        case events.SiteEnded() | events.PrivateSiteEnded():
            return replace(site, ended=fact.on)
        case _:  # pragma: no cover - these are all
            return site


def _not_shown(site: Site) -> Site:
    """A site of which something else is said, so that what was shown says nothing of it."""
    return msgspec.structs.replace(site, control="", control_places=0, shown=None)


def _shown(site: Site, control: str, places: int, day: date) -> Site:
    """A site after control was said to be shown in a way, by so many places (0: by its operator)."""
    anew = control != site.control or (places > 0 and not site.control_places)
    if not anew:
        return site
    return msgspec.structs.replace(site, control=control, control_places=places, shown=day if control else None)


def _found(site: Site, state: str, places: int, day: date) -> Site:
    """A site after it was found in a state by so many places (0: by its operator)."""
    if state == site.state:
        return msgspec.structs.replace(site, state_places=places or site.state_places)
    return msgspec.structs.replace(site, state=state, state_places=places, since=day)


def saw_control(sighting: events.Sighting, control: str) -> bool:
    """Whether a place saw that control is shown, in whichever way; or, with an empty one, that it is not."""
    return sighting.control is not None and (sighting.control in PROOFS) == bool(control)


def saw_state(sightings: Sequence[events.Sighting], state: str) -> int:
    """How many places saw what a state says: that the site answers, or that it does not."""
    return sum(one.answers is (state == LIVE) for one in sightings)


def _saw_control(sightings: Sequence[events.Sighting], control: str) -> int:
    return sum(saw_control(one, control) for one in sightings)
