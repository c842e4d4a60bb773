"""What becomes of a filing of a site, and of what is asked of one. Complete papers are filed: nobody chooses. Pure."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import msgspec

from openroll.register.decision import Accepted, Decision, Refused
from openroll.register.official import Under, not_acting
from openroll.register.organisation.refusals import NotAllowed
from openroll.register.organisation.roles import KEEPER, office_of
from openroll.register.organisation.seats import Member
from openroll.register.refusal import Refusal
from openroll.register.request.one_record import domain_fault
from openroll.register.site import commands, events, made
from openroll.register.site.life import GRACE
from openroll.register.site.number import number_text
from openroll.register.site.quorum import agreed
from openroll.register.site.record import CONTROLS, LIVE, PROOFS, RETIRED, SILENT, STATES, Site, as_of, saw_control
from openroll.register.site.refusals import (
    DomainsMiscounted,
    DomainTaken,
    DomainUnfit,
    PlacesDisagree,
    RetiredTooSoon,
    SiteHandleTaken,
    SiteIsEnded,
    SiteIsPrivate,
    SiteUnknown,
    SponsorMissing,
)
from openroll.register.subscription.decide import DIGEST
from openroll.register.subscription.handle import is_handle
from openroll.register.subscription.refusals import (
    DateOutOfRange,
    DigestShape,
    DigestsMiscounted,
    HandleForm,
    KindNotCovered,
    NothingAsked,
    WordUnknown,
)

MOST_DOMAINS = 10
"""Domains of one site."""
THE_ROLL = "roll"
"""By whom a fact is that the roll's own look made: no seat of anybody."""
AHEAD = timedelta(days=366)
"""How long before a site opens or changes that may be said: rules ask for it 30 days ahead."""


class Terms(msgspec.Struct, frozen=True):
    """What a filing of a site may say today: kinds of site under the rule, the earliest day, how many fields have a digest.

    `taken` are those domains of the command that another site has which stands, with its number: one of the same operator, or
    one of which control was shown at least as well as it is of this one;
    `handled` says that the operator has a site under the handle already. `fresh` is the number that a new site takes.
    """

    kinds: frozenset[str]
    earliest: date
    digests: int
    taken: Mapping[str, int] = {}
    handled: bool = False
    fresh: int = 0


class Known(msgspec.Struct, frozen=True):
    """Before something is asked of a site: what is known of it, and the terms of today."""

    site: Site | None
    terms: Terms


def file_site(command: commands.FileSite, state: Terms, by: Member, under: Under) -> Decision:
    """File the site of an organisation: whatever is complete is filed, at once, with a number."""
    if (refused := not_acting(by, under)) is not None:
        return refused
    refusal = _not_an_operator(by, "filesite") or _first(filing_faults(command, state, under))
    if refusal is not None:
        return Refused(refusal, under.rule)
    return Accepted((made.filed(command, state.fresh, by.seat, under.rule),))


def file_private_site(command: commands.FilePrivateSite, state: Terms, by: Member, under: Under) -> Decision:
    """File the site of a natural person, of whom nothing readable comes."""
    if (refused := not_acting(by, under)) is not None:
        return refused
    refusal = _not_an_operator(by, "filesite") or _first(filing_faults(command, state, under))
    if refusal is not None:
        return Refused(refusal, under.rule)
    return Accepted((made.filed(command, state.fresh, by.seat, under.rule),))


def change_site(command: commands.ChangeSite, state: Known, by: Member, under: Under) -> Decision:
    """Say what of an organisation's site is otherwise from a day on."""
    site = _standing(command, state, by, under)
    if isinstance(site, Refused):
        return site
    if site.private:
        return Refused(SiteIsPrivate(), under.rule)
    before = as_of(site, command.on)  # with what was announced for that day or one before
    sponsor, domains, services = said = _said_after(command, before)
    refusal = _first(change_faults(command, site, state.terms, under))
    if refusal is None and said == (before.sponsor, before.domains, before.services):
        refusal = NothingAsked()
    if refusal is not None:
        return Refused(refusal, under.rule)
    changed = events.SiteChanged(
        site=site.number,
        operator=site.operator,
        kind=site.kind,
        sponsor=sponsor,
        domains=domains,
        services=services,
        on=command.on,
        control=command.control or (before.control if domains == before.domains else ""),
        by=str(by.seat),
        rule=under.rule,
    )
    return Accepted((changed,))


def change_private_site(command: commands.ChangePrivateSite, state: Known, by: Member, under: Under) -> Decision:
    """Say that something of a natural person's site is otherwise from a day on. Nobody sees what: control is shown anew."""
    site = _standing(command, state, by, under)
    if isinstance(site, Refused):
        return site
    if not site.private:
        return Refused(SiteIsPrivate(), under.rule)
    refusal = (
        _word_refusal("control", command.control, CONTROLS)
        or _date_refusal("on", command.on, site.began, under)
        or _digests_refusal(command.digests, state.terms.digests)
        or (NothingAsked() if tuple(sorted(command.digests)) == as_of(site, command.on).digests else None)
    )
    if refusal is not None:
        return Refused(refusal, under.rule)
    changed = events.PrivateSiteChanged(
        site=site.number,
        operator=site.operator,
        digests=tuple(sorted(command.digests)),
        on=command.on,
        control=command.control,
        by="operator",
        rule=under.rule,
    )
    return Accepted((changed,))


def check_site(command: commands.CheckSite, state: Known, by: Member, under: Under) -> Decision:
    """Say what a check found, where that is something new: a register with a fact for each look would say nothing."""
    site = _standing(command, state, by, under)
    if isinstance(site, Refused):
        return site
    control = site.control if command.control is None else command.control
    found = site.state if command.state is None else command.state
    refusal = (
        _word_refusal("control", control, CONTROLS)
        or _word_refusal("state", found, STATES)
        or (_retired_refusal(site, under.today) if found == RETIRED else None)
        or (NothingAsked() if (control, found) == (site.control, site.state) else None)
        or (_taken_refusal(site.domains, state.terms) if _shows_more(control, site.control) else None)
    )
    if refusal is not None:
        return Refused(refusal, under.rule)
    return Accepted((made.checked(command, site, by.seat, under.rule),))


def see_site(command: commands.SeeSite, state: Known, by: Member, under: Under) -> Decision:
    """Say what the roll itself saw of a site, with its remote places; where that is something new, and enough of them agree."""
    site = state.site
    if by.seat != KEEPER:
        return Refused(NotAllowed(role=by.role, act="seesite"), under.rule)
    if site is None:
        return Refused(SiteUnknown(site=number_text(command.site)), under.rule)
    if site.private:
        return Refused(SiteIsPrivate(), under.rule)
    if site.ended is not None:
        return Refused(SiteIsEnded(ended=site.ended), under.rule)
    control = site.control if command.control is None else command.control
    found = site.state if command.state is None else command.state
    shown_anew = command.control is not None and (
        control != site.control or (control != "" and not site.control_places)
    )
    refusal = (
        _word_refusal("control", control, CONTROLS if command.control is None else ("", *PROOFS))
        or _word_refusal("state", found, STATES)
        or (_retired_refusal(site, under.today) if found == RETIRED else None)
        or (None if shown_anew or found != site.state else NothingAsked())
        or (None if _agreed(command, shown=shown_anew, changed=found != site.state) else PlacesDisagree())
        or (_taken_refusal(site.domains, state.terms) if control and shown_anew else None)
    )
    if refusal is not None:
        return Refused(refusal, under.rule)
    checked = events.SiteChecked(
        site=site.number,
        operator=site.operator,
        control=control,
        state=found,
        account=command.account,
        sightings=command.sightings,
        by=THE_ROLL,
        rule=under.rule,
    )
    return Accepted((checked,))


def _agreed(command: commands.SeeSite, *, shown: bool, changed: bool) -> bool:
    """Whether the roll's own look and enough remote ones saw each part of what is said that is new."""
    saw = [saw_control(one, command.control or "") for one in command.sightings] if shown else []
    if shown and not (saw and not command.sightings[0].place and agreed(saw[0], saw[1:])):
        return False
    saw = [one.answers is (command.state == LIVE) for one in command.sightings] if changed else []
    return not changed or (bool(saw) and not command.sightings[0].place and agreed(saw[0], saw[1:]))


def end_site(command: commands.EndSite, state: Known, by: Member, under: Under) -> Decision:
    """End a site on a day that was."""
    site = _standing(command, state, by, under)
    if isinstance(site, Refused):
        return site
    first = min(site.began, site.filed)
    if not first <= command.on <= under.today:
        wrong = DateOutOfRange(field="on", value=command.on, earliest=first, latest=under.today)
        return Refused(wrong, under.rule)
    kind = events.PrivateSiteEnded if site.private else events.SiteEnded
    by_whom = "operator" if site.private else str(by.seat)
    ended = kind(site=site.number, operator=site.operator, on=command.on, by=by_whom, rule=under.rule)
    return Accepted((ended,))


def _not_an_operator(by: Member, act: str) -> Refusal | None:
    """Why a seat files no site: it is none of an operator, whose duty that is."""
    return None if office_of(by.role) == "operator" else NotAllowed(role=by.role, act=act)


def _standing(command: commands.OfSite, state: Known, by: Member, under: Under) -> Site | Refused:
    """The site that something is done to, as it is today; or why nothing is: it is not there, is another operator's, or ended."""
    if (refused := not_acting(by, under)) is not None:
        return refused
    site = state.site
    if site is None or by.seat.organisation != site.operator:
        return Refused(SiteUnknown(site=number_text(command.site)), under.rule)
    return as_of(site, under.today) if site.ended is None else Refused(SiteIsEnded(ended=site.ended), under.rule)


Faults = Iterator[tuple[str, Refusal]]
"""What is wrong with something that was said of a site, each with the field in which it stands."""


def _first(faults: Faults) -> Refusal | None:
    return next((refusal for _, refusal in faults), None)


def filing_faults(command: commands.FileSite | commands.FilePrivateSite, terms: Terms, under: Under) -> Faults:
    """All that is wrong with a filing of a site: with the first of it the filing is refused."""
    if command.kind not in terms.kinds:
        yield "kind", KindNotCovered(kind=command.kind)
    yield from _of_field("control", _word_refusal("control", command.control, CONTROLS))
    yield from _of_field("began", _date_refusal("began", command.began, terms.earliest, under))
    if isinstance(command, commands.FileSite):
        yield from _said_faults(command.sponsor, command.domains, command.services, terms)
        return
    if not is_handle(command.handle):
        yield "handle", HandleForm()
    elif terms.handled:
        yield "handle", SiteHandleTaken(handle=command.handle)
    yield from _of_field("digests", _digests_refusal(command.digests, terms.digests))


def change_faults(command: commands.ChangeSite, site: Site, terms: Terms, under: Under) -> Faults:
    """All that is wrong with a change of an organisation's site, as `filing_faults`."""
    yield from _of_field("control", _word_refusal("control", command.control, CONTROLS))
    yield from _of_field("on", _date_refusal("on", command.on, site.began, under))
    yield from _said_faults(*_said_after(command, as_of(site, command.on)), terms)


def _said_after(command: commands.ChangeSite, site: Site) -> tuple[str, tuple[str, ...], str]:
    """Sponsor, domains and services of a site as a change leaves them."""
    return (
        site.sponsor if command.sponsor is None else command.sponsor.strip(),
        site.domains if command.domains is None else command.domains,
        site.services if command.services is None else command.services.strip(),
    )


def _of_field(field: str, refusal: Refusal | None) -> Faults:
    if refusal is not None:
        yield field, refusal


def _said_faults(sponsor: str, domains: tuple[str, ...], services: str, terms: Terms) -> Faults:
    """What is wrong with what an organisation's site says of itself."""
    for field, said in (("sponsor", sponsor), ("services", services)):
        if not said.strip():
            yield field, SponsorMissing()
    if not 1 <= len(set(domains)) == len(domains) <= MOST_DOMAINS:
        yield "domains", DomainsMiscounted(most=MOST_DOMAINS)
    for domain in domains[:MOST_DOMAINS]:
        if domain_fault(domain):
            yield "domains", DomainUnfit(domain=domain)
        else:
            yield from _of_field("domains", _taken_refusal((domain,), terms))


def _taken_refusal(domains: tuple[str, ...], terms: Terms) -> Refusal | None:
    """Why a site is not filed under a domain: its operator has one there, or control of it was shown for another as well as here.

    Two operators may file under one domain until one of them shows control: nobody keeps a domain from whose it is, by filing
    first or by a word.
    """
    taken = next((domain for domain in domains if domain in terms.taken), None)
    return None if taken is None else DomainTaken(domain=taken, site=number_text(terms.taken[taken]))


def _shows_more(control: str, before: str) -> bool:
    """Whether a way of showing control says more than the one before."""
    return (control != "" and before == "") or (control in PROOFS and before not in PROOFS)


def _digests_refusal(digests: tuple[str, ...], expected: int) -> Refusal | None:
    if len(digests) != expected:
        return DigestsMiscounted(expected=expected, found=len(digests))
    seen: set[str] = set()
    for digest in digests:
        if digest in seen or not DIGEST.fullmatch(digest):
            return DigestShape(value=digest)
        seen.add(digest)
    return None


def _word_refusal(field: str, value: str, words: tuple[str, ...]) -> Refusal | None:
    return None if value in words else WordUnknown(field=field, value=value)


def _date_refusal(field: str, value: date, earliest: date, under: Under) -> Refusal | None:
    latest = under.today + AHEAD
    if earliest <= value <= latest:
        return None
    return DateOutOfRange(field=field, value=value, earliest=earliest, latest=latest)


def _retired_refusal(site: Site, today: date) -> Refusal | None:
    """Why a number is not retired yet: its site answers, or has not been silent for as long as its filer is given."""
    if site.state == RETIRED:
        return None
    silent_since = site.since if site.state == SILENT and site.since is not None else today
    until = silent_since + GRACE
    return RetiredTooSoon(until=until) if site.state == LIVE or today < until else None
