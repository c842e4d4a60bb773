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
    days to come, one for a day, in their order: it holds from its day on without any further fact (`as_of`). `shown` is the day
    on which control was shown, as it is. `control_places` and `state_places` are from how many places the roll saw them so: 0
    where its operator says it.
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
    announced: tuple[Announced, ...] = ()

    @property
    def shows_control(self) -> bool:
        """Whether a proof of control stands by its operator's or the roll's check, and not by a word alone."""
        return self.control in PROOFS


def written(said: Announced) -> str:
    """What was announced, as a text that the table of sites keeps."""
    return msgspec.json.encode(said, order="sorted").decode()


def read(text: str) -> Announced:
    """What was announced, from such a text."""
    return msgspec.json.decode(text, type=Announced)


def as_of(site: Site, day: date) -> Site:
    """A site as it is on a day: of what was announced, that of the newest day that has come holds."""
    if site.ended is not None:
        return site
    for said in site.announced:
        if said.on <= day:
            # What was shown of the same domains meanwhile was shown of these. Which a person's are nobody sees.
            same = not site.private and said.domains == site.domains
            site = _said(site, said, said.on, site.control if same else said.control)
    return msgspec.structs.replace(site, announced=tuple(one for one in site.announced if one.on > day))


def _said(site: Site, said: Announced, day: date, control: str) -> Site:
    """A site of which this is so from a day on, and control of its domains shown in such a way."""
    same = not site.private and said.domains == site.domains
    site = _shown(site if same else _not_shown(site), control, 0, day)
    of = {"sponsor": said.sponsor, "domains": said.domains, "services": said.services, "digests": said.digests}
    return msgspec.structs.replace(site, changed=said.on, **of)


def _changed(site: Site, fact: events.SiteChanged | events.PrivateSiteChanged, day: date) -> Site:
    """A site of which something else was said on a day: so at once, or from a day on that is to come. Other days stay."""
    if isinstance(fact, events.SiteChanged):
        said = Announced(fact.on, fact.control, fact.sponsor, fact.domains, fact.services)
    else:
        said = Announced(fact.on, fact.control, digests=fact.digests)
    if said.on <= day:
        return _said(site, said, day, said.control)
    others = [one for one in site.announced if one.on != said.on]
    return msgspec.structs.replace(site, announced=tuple(sorted([*others, said], key=lambda one: one.on)))


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
    replace, site = msgspec.structs.replace, as_of(site, day)
    match fact:
        case events.SiteChanged() | events.PrivateSiteChanged():
            return _changed(site, fact, day)
        case events.SiteChecked() | events.PrivateSiteChecked():
            sightings = fact.sightings if isinstance(fact, events.SiteChecked) else ()
            site = _shown(site, fact.control, _saw_control(sightings, fact.control), day)
            return _found(site, fact.state, saw_state(sightings, fact.state), day)
        case events.SiteEnded() | events.PrivateSiteEnded():
            return replace(site, ended=fact.on, announced=())
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
