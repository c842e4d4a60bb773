"""Sites by program: filed by operators, one or many, and looked up by anybody, one at a time. As data: `site_data`."""

from datetime import date
from typing import Annotated, Any, Literal

import litestar
import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery, JSONBody

from openroll.api.openapi import BY_TOKEN, problems
from openroll.api.problems import RefusedError
from openroll.api.programs import program_first, seat_at
from openroll.api.tokens import BY_SEAT
from openroll.api.values import Short, Text
from openroll.register.decision import Refused
from openroll.register.refusals import RequestShape
from openroll.register.request.one_record import a_labels
from openroll.register.site import commands
from openroll.register.site.decide import MOST_DOMAINS
from openroll.register.site.number import number_text, read_number
from openroll.register.subscription.refusals import FilingFaulty
from openroll.rules.language import ENGLISH
from openroll.service.application import Application
from openroll.service.requests.proofs import FactSeen
from openroll.service.roll import Roll
from openroll.service.sites import filing, lookup
from openroll.service.sites.filing import MOST, Filed
from openroll.service.sites.look_ups import LOOKS_UP
from openroll.service.sites.lookup import Seen
from openroll.sheet import Fault
from openroll.words import say_refused

Request = litestar.Request[Any, Any, Any]
Digests = Annotated[tuple[Short, ...], msgspec.Meta(max_length=100)]
Domains = Annotated[tuple[Text, ...], msgspec.Meta(max_length=4 * MOST_DOMAINS)]
_OPEN, _PRIVATE = frozenset({"sponsor", "domains", "services"}), frozenset({"handle", "digests"})


class NewSite(msgspec.Struct, forbid_unknown_fields=True):
    """A site. An organisation's has `sponsor`, `domains` (in any script) and `services`; a natural person's `handle` and
    `digests`, one for each field of the rule, and none of the others. `began` is the day on which it opens, up to a year ahead;
    `control` how it was shown that they control the domains: `record` or `file`, as checked, `word`, or empty."""

    began: date
    kind: Short = "site"
    control: Literal["", "record", "file", "word"] = ""
    sponsor: Text | msgspec.UnsetType = msgspec.UNSET
    domains: Domains | msgspec.UnsetType = msgspec.UNSET
    services: Text | msgspec.UnsetType = msgspec.UNSET
    handle: Short | msgspec.UnsetType = msgspec.UNSET
    digests: Digests | msgspec.UnsetType = msgspec.UNSET


class NewSites(msgspec.Struct, forbid_unknown_fields=True):
    """Sites to be filed, all or none. With `dry_run` nothing is written."""

    sites: Annotated[tuple[NewSite, ...], msgspec.Meta(min_length=1, max_length=4 * MOST)]
    dry_run: bool = False


class SiteStep(msgspec.Struct, forbid_unknown_fields=True):
    """What becomes of a site: `change` with what is otherwise from the day `on`, `check` with the `state` or the `control` that a
    check found, `end` on a day. A natural person's site changes by `digests`."""

    act: Literal["change", "check", "end"]
    on: date | msgspec.UnsetType = msgspec.UNSET
    sponsor: Text | msgspec.UnsetType = msgspec.UNSET
    domains: Domains | msgspec.UnsetType = msgspec.UNSET
    services: Text | msgspec.UnsetType = msgspec.UNSET
    digests: Digests | msgspec.UnsetType = msgspec.UNSET
    control: Literal["", "record", "file", "word"] | msgspec.UnsetType = msgspec.UNSET
    state: Literal["live", "silent", "retired"] | msgspec.UnsetType = msgspec.UNSET
    dry_run: bool = False


class FiledSite(msgspec.Struct):
    """A site's number (empty where nothing was written); `repeated` says that the very same stood already, `state` in which state
    the roll has it: live, silent or retired."""

    number: str
    repeated: bool
    state: str


class FiledSites(msgspec.Struct):
    """The sites in the order in which they were sent, and from which seat they were taken."""

    sites: list[FiledSite]
    by: str


class SiteDone(msgspec.Struct):
    """The names of the facts that were made of a site, and from which seat that was taken."""

    facts: list[str]
    by: str


class AnnouncedSite(msgspec.Struct):
    """What is so of a site from the day `on`, which is to come."""

    on: date
    sponsor: str
    domains: tuple[str, ...]
    services: str


class PublicSite(msgspec.Struct):
    """A site as anybody sees it. Of a natural person's (`private`) there are number, state and year of filing alone.

    `state` is live, silent, retired or ended, `since` from which day on; `control` is how it was shown that its sponsor controls
    the domains (empty: not at all), `shown` on which day; `changed` is the day from which what is said is so, `announced` what
    will be so from days on that are to come. `control_places` and `state_places` say from how many places the roll saw that
    itself: 0 where it is the word of its operator. `looked` is the day on which the roll looked last. A live site whose `began`
    is still to come opens only then.
    """

    number: str
    private: bool
    state: str
    year: int
    operator: str
    kind: str
    sponsor: str
    domains: tuple[str, ...]
    services: str
    control: str
    began: date | None
    filed: date | None
    since: date | None
    changed: date | None
    announced: list[AnnouncedSite]
    shown: date | None
    control_places: int | None
    state_places: int | None
    looked: date | None


class SiteFacts(msgspec.Struct):
    """The newest facts of a site in their order, each with its receipt (empty while it has no place in the log)."""

    facts: list[FactSeen]


class ProvedSite(msgspec.Struct):
    """A site, with an organisation's facts in their order, each with its receipt (empty while it has no place in the log)."""

    site: PublicSite
    facts: list[FactSeen]


def public_site(seen: Seen) -> PublicSite:
    """A site as it is sent."""
    announced = [AnnouncedSite(one.on, one.sponsor, one.domains, one.services) for one in seen.announced]
    untold: dict[str, object] = {"control_places": None, "state_places": None} if seen.private else {}
    told = {"number": number_text(seen.number), "announced": announced}
    return PublicSite(**msgspec.structs.asdict(seen) | untold | told)


@post(
    "/sites",
    status_code=201,
    summary="File sites, one or many",
    guards=[program_first],
    opt={BY_SEAT: True},
    security=BY_TOKEN,
    responses=problems(token=True, sent=True, more=(403,)),
)
async def file_sites(
    data: JSONBody[NewSites], request: Request, application: NamedDependency[Application]
) -> FiledSites:
    """All or none: where some have faults, nothing is written and each is said. The same sent again is the same site."""
    by = await seat_at(request, application)
    filings = [_filing_of(one) for one in data.sites]
    filed = await application.ask(filing.file_sites, filings, by, dry_run=data.dry_run)
    if isinstance(filed, Refused):
        raise RefusedError(filed)
    wrong = [(row, one) for row, one in enumerate(filed, 1) if isinstance(one, Refused)]
    if wrong and len(filed) == 1:
        raise RefusedError(wrong[0][1])
    if wrong:
        faults = tuple(_fault(row, one, data.sites[row - 1]) for row, one in wrong)
        raise RefusedError(Refused(FilingFaulty(faults=len(faults))), faults)
    application.wake()
    said = [
        FiledSite(number_text(one.number) if one.number else "", one.repeated, one.state)
        for one in filed
        if isinstance(one, Filed)
    ]
    return FiledSites(said, str(by))


def _filing_of(said: NewSite) -> filing.Filing:
    given = {name: value for name, value in msgspec.structs.asdict(said).items() if value is not msgspec.UNSET}
    of = {name: given[name] for name in ("kind", "began", "control")}
    there = given.keys() & (_OPEN | _PRIVATE)
    if there == _OPEN:
        return commands.FileSite(
            **of, sponsor=given["sponsor"], domains=_in_a_labels(said.domains), services=given["services"]
        )
    if there == _PRIVATE:
        return commands.FilePrivateSite(**of, handle=given["handle"], digests=given["digests"])
    detail = "a site has `sponsor`, `domains` and `services`; a natural person's `handle` and `digests` alone"
    raise RefusedError(Refused(RequestShape(detail=detail)))


def _in_a_labels(domains: tuple[str, ...] | msgspec.UnsetType) -> tuple[str, ...]:
    return () if isinstance(domains, msgspec.UnsetType) else tuple(a_labels(one.strip()) for one in domains)


def _fault(row: int, refused: Refused, said: NewSite) -> Fault:
    """What is wrong with one of several sites: which it is by its place, from 1, and what it is called."""
    value = said.handle if isinstance(said.handle, str) else next(iter(_in_a_labels(said.domains)), "")
    params = {name: str(one) for name, one in refused.refusal.params.items()}
    return Fault(
        row, "", value, refused.refusal.code, "a site that can be filed", say_refused(refused, ENGLISH), params
    )


@post(
    "/sites/{site:str}/steps",
    status_code=200,
    summary="Change, check or end a site",
    guards=[program_first],
    opt={BY_SEAT: True},
    security=BY_TOKEN,
    responses=problems(token=True, sent=True, more=(403,)),
)
async def act_on_site(
    site: FromPath[str], data: JSONBody[SiteStep], request: Request, application: NamedDependency[Application]
) -> SiteDone:
    """As the operator that hosts it. With `dry_run` nothing is done."""
    by = await seat_at(request, application)
    acted = await application.ask(filing.step, _step_of(_number(site), data), by, dry_run=data.dry_run)
    if isinstance(acted, Refused):
        raise RefusedError(acted)
    application.wake()
    return SiteDone([fact.name for fact in acted.events], str(by))


_TAKES: dict[str, tuple[type[commands.OfSite], frozenset[str]]] = {
    "check": (commands.CheckSite, frozenset({"control", "state"})),
    "end": (commands.EndSite, frozenset({"on"})),
}


def _step_of(number: int, said: SiteStep) -> commands.OfSite:
    """The command that a step is. Raises RefusedError for what it does not take, or lacks."""
    given = {name: value for name, value in msgspec.structs.asdict(said).items() if value is not msgspec.UNSET}
    given = {name: value for name, value in given.items() if name not in ("act", "dry_run")}
    if "domains" in given:
        given["domains"] = _in_a_labels(said.domains)
    kind, takes = _TAKES.get(said.act, (commands.ChangeSite, frozenset({"on", "control"} | _OPEN)))
    if said.act == "change" and "digests" in given:
        kind, takes = commands.ChangePrivateSite, frozenset({"on", "control", "digests"})
    unknown = sorted(given.keys() - takes)
    if unknown or (said.act != "check" and "on" not in given):
        detail = "; ".join([f"`{said.act}` takes no `{name}`" for name in unknown] or [f"`{said.act}` needs `on`"])
        raise RefusedError(Refused(RequestShape(detail=detail)))
    return kind(site=number, **given)


@get("/sites", summary="The sites under a domain", responses=problems(), opt={LOOKS_UP: True})
async def sites_of_domain(domain: FromQuery[Text], application: NamedDependency[Application]) -> list[PublicSite]:
    """Those of organisations, in any script: that stand before that ended, of which control was shown before the others, and
    otherwise in the order of their filing. A natural person's is found by its number alone."""
    return [public_site(one) for one in await application.ask(lookup.by_domain, a_labels(domain.strip()))]


@get("/sites/{site:str}", summary="A site by its number", responses=problems(), opt={LOOKS_UP: True})
async def one_site(site: FromPath[str], application: NamedDependency[Application]) -> ProvedSite:
    """Also one that has ended: its number says so. One that is mistyped is none (its last two digits check the others)."""
    found = await application.ask(proved_site, _number(site))
    if found is None:
        raise NotFoundException("no site has this number")
    return found


@get(
    "/sites/{site:str}/facts",
    summary="The facts of a site that you host",
    opt={BY_SEAT: True},
    security=BY_TOKEN,
    responses=problems(token=True, more=(403,)),
)
async def facts_of_site(site: FromPath[str], request: Request, application: NamedDependency[Application]) -> SiteFacts:
    """The newest 100, of a natural person's site too: so its operator holds the log's word against what it sent."""
    by = await seat_at(request, application)
    found = await application.ask(lookup.own_facts, _number(site), by.organisation)
    if found is None:
        raise NotFoundException("no site of yours has this number")
    return SiteFacts(found)


def proved_site(roll: Roll, number: int) -> ProvedSite | None:
    """A site with its facts; None for a number that none has."""
    seen = lookup.by_number(roll, number)
    return None if seen is None else ProvedSite(public_site(seen), lookup.history(roll, number))


def _number(text: str) -> int:
    number = read_number(text)
    if number is None:
        raise NotFoundException("no site has this number: the last two of its digits check the others")
    return number


site_handlers = [file_sites, act_on_site, sites_of_domain, one_site, facts_of_site]
"""The routes of sites."""
