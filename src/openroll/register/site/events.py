"""What happens to a site.

A site for which an organisation answers stands in the open: its facts are in the log whole. Of a natural person's the register
has digests and a number, and the log a kind, a day and a commitment: which domain it is stays with its operator and its person.
"""

from datetime import date

import msgspec

from openroll.register.event import Event


class SiteEvent(Event, frozen=True, kw_only=True):
    """A fact of a site: its number, the operator that hosts it, and by whom the fact was made."""

    site: int
    operator: str
    by: str
    rule: str


class SiteFiled(SiteEvent, frozen=True):
    """The site of an organisation (`sponsor`) was filed under its domains, the first of which it is called by.

    `began` is the day on which it opens or opened; `control` says how it was shown that the sponsor controls the domains: by a
    `record` or a `file`, as checked, by the operator's `word`, or not at all (empty).
    """

    name = "site.filed/1"
    official = True
    kind: str
    sponsor: str
    domains: tuple[str, ...]
    services: str
    began: date
    control: str


class SiteChanged(SiteEvent, frozen=True):
    """From a day on the site has other domains, services or another sponsor; what is said stands whole. Control is shown anew."""

    name = "site.changed/1"
    official = True
    kind: str
    sponsor: str
    domains: tuple[str, ...]
    services: str
    on: date
    control: str


class Sighting(msgspec.Struct, frozen=True):
    """What one place saw of a site at a moment (Unix seconds): whether it answers, and how control of its domains is shown.

    `place` is the name that a remote place signs under, empty for the roll itself. `control` is as in `SiteFiled`, None where it
    was not looked for; `answers` is None too for a place that said nothing. `signature` is a remote place's, over the text that
    `register.site.sightings` makes of all this; the roll's own is that of its log.
    """

    place: str
    at: int
    answers: bool | None
    control: str | None = None
    signature: str = ""


class SiteChecked(SiteEvent, frozen=True):
    """A check found the site in another state (live, silent, retired), or its control shown in another way than before.

    Where the roll looked itself (`by` is `roll` then), `sightings` are what it saw and, behind that, each remote place, in favour
    or not; `account` is the one of which a proof of control was looked for, where it was. Without sightings it is the word of the
    operator.
    """

    name = "site.checked/1"
    official = True
    control: str
    state: str
    account: str = ""
    sightings: tuple[Sighting, ...] = ()


class SiteEnded(SiteEvent, frozen=True):
    """The site ended on a day. Its number says so, and is given to no other."""

    name = "site.ended/1"
    official = True
    on: date


class PrivateSiteFiled(SiteEvent, frozen=True):
    """The site of a natural person was filed by digests: of who that is, of its domains and of its services."""

    name = "private-site.filed/1"
    kind: str
    handle: str
    digests: tuple[str, ...]
    began: date
    control: str


class PrivateSiteChanged(SiteEvent, frozen=True):
    """From a day on something else is so of a natural person's site: its digests stand whole."""

    name = "private-site.changed/1"
    digests: tuple[str, ...]
    on: date
    control: str


class PrivateSiteChecked(SiteEvent, frozen=True):
    """Its operator's check found a natural person's site in another state, or its control shown in another way."""

    name = "private-site.checked/1"
    control: str
    state: str


class PrivateSiteEnded(SiteEvent, frozen=True):
    """A natural person's site ended on a day."""

    name = "private-site.ended/1"
    on: date
