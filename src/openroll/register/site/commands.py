"""What may be asked of a site, by the operator that hosts it."""

from datetime import date

from openroll.register.command import Command
from openroll.register.site.events import Sighting


class FileSite(Command, frozen=True):
    """File the site of an organisation. `events.SiteFiled` says what each part is."""

    kind: str
    sponsor: str
    domains: tuple[str, ...]
    services: str
    began: date
    control: str = ""


class FilePrivateSite(Command, frozen=True):
    """File the site of a natural person: under the operator's handle, by a digest for each field of the rule."""

    kind: str
    handle: str
    digests: tuple[str, ...]
    began: date
    control: str = ""


class OfSite(Command, frozen=True):
    """Something asked of the site of this number."""

    site: int


class ChangeSite(OfSite, frozen=True):
    """Say what of an organisation's site is otherwise from a day on, which may still come. What is None stays as it is."""

    on: date
    sponsor: str | None = None
    domains: tuple[str, ...] | None = None
    services: str | None = None
    control: str = ""


class ChangePrivateSite(OfSite, frozen=True):
    """Say that something of a natural person's site is otherwise from a day on: all its digests as they are then."""

    on: date
    digests: tuple[str, ...]
    control: str = ""


class CheckSite(OfSite, frozen=True):
    """Say what a check of the site found. What is None stays as it is."""

    control: str | None = None
    state: str | None = None


class SeeSite(OfSite, frozen=True):
    """Say what the roll itself saw of an organisation's site, and its remote places. What is None stays as it is.

    `events.SiteChecked` says what each part is.
    """

    sightings: tuple[Sighting, ...]
    control: str | None = None
    state: str | None = None
    account: str = ""


class EndSite(OfSite, frozen=True):
    """End the site on a day."""

    on: date
