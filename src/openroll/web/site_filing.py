"""An operator's pages of the sites that it hosts: filed one by one in the open, changed, told of and ended."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from openroll.register.decision import Refused
from openroll.register.request.one_record import a_labels, domain_fault, u_labels
from openroll.register.site import commands
from openroll.register.site.number import number_text, read_number
from openroll.register.site.record import CONTROLS, STATES
from openroll.register.subscription.refusals import NothingAsked
from openroll.service.application import Application
from openroll.service.sites import filing, lookup
from openroll.service.sites.filing import Filed
from openroll.service.sites.lookup import ENDED, Seen
from openroll.service.sites.projections import kinds_of_site
from openroll.web.auth import FormData, Lang, Request, page, seat, to
from openroll.web.forms import MOST_TYPED, Form
from openroll.words import catalogue, say_refused
from openroll.words.catalogue import gettext
from openroll.words.labels import words
from openroll.words.sites import CONTROL
from openroll.words.sites import STATES as SAID

PATH = "operator/sites"
_MOST_DOMAINS = 3_000
"""Characters of all domains of a site, as they are typed."""
_BOXES = {"on": "changed"}
"""The field of a form for a part of a command that is called otherwise."""


@get("/{lang:str}/operator/sites", include_in_schema=False)
async def own_sites(
    lang: FromPath[Lang], request: Request, application: NamedDependency[Application], site: FromQuery[str] = ""
) -> Response[str] | Redirect:
    """Where an operator opens one of its sites, by its number or a domain, or files others."""
    form, operator = Form({"site": site}), seat(request).organisation
    if site.strip():
        numbers = await _sought(application, site.strip(), operator)
        if len(numbers) == 1:
            return to(f"/{lang}/{PATH}/{number_text(numbers[0])}")
        form.fault("site", _not_found(lang, numbers))
    given: dict[str, Any] = {"form": form, "errors": form.summary(), "covered": bool(kinds_of_site(application.roll))}
    given["standing"] = await application.ask(lookup.standing, operator)
    return page("operator-sites.html", request, application, lang, PATH, status=404 if form.errors else 200, **given)


async def _sought(application: Application, text: str, operator: str) -> list[int]:
    """The numbers of an operator's own sites by what somebody typed."""
    number = read_number(text)
    if number is not None:
        found = await application.ask(lookup.own, number, operator)
        return [] if found is None else [number]
    domain = a_labels(text)
    if domain_fault(domain):
        return []
    seen = await application.ask(lookup.by_domain, domain)
    return [one.number for one in seen if one.operator == operator]


def _not_found(lang: str, numbers: Sequence[int]) -> str:
    if not numbers:
        return gettext(
            lang,
            "None of your sites has this number or domain. A number has two digits that check the others; a private person's site"
            " is found by its number alone.",
        )
    named = catalogue.listed(lang, [number_text(one) for one in numbers])
    return gettext(lang, "Several of your sites had this domain. Give one of their numbers: {numbers}").format(
        numbers=named
    )


@get("/{lang:str}/operator/sites/new", include_in_schema=False, sync_to_thread=False)
def new_site(lang: FromPath[Lang], request: Request, application: NamedDependency[Application]) -> Response[str]:
    """The form of one site in the open."""
    return _new_page(request, application, lang, Form())


def _new_page(request: Request, application: Application, lang: str, form: Form, status: int = 200) -> Response[str]:
    kinds = sorted(kinds_of_site(application.roll))
    form.values.setdefault("kind", kinds[0] if len(kinds) == 1 else "")
    given: dict[str, Any] = {
        "form": form,
        "errors": form.summary(),
        "kinds": [{"value": one, "text": application.kind(one, lang)} for one in kinds],
        "controls": _controls(lang),
    }
    return page("operator-site-new.html", request, application, lang, f"{PATH}/new", status=status, **given)


def _controls(lang: str) -> list[dict[str, str]]:
    return [{"value": one or "none", "text": words(lang, CONTROL, one)} for one in CONTROLS]


@post("/{lang:str}/operator/sites/new", status_code=200, include_in_schema=False)
async def file_site(
    lang: FromPath[Lang], data: FormData, request: Request, application: NamedDependency[Application]
) -> Any:
    """File one site of an organisation. The same sent again is the same site."""
    form, by = Form(data), seat(request)
    day = form.day("began", lang)
    command = commands.FileSite(
        kind=form.value("kind"),
        sponsor=form.value("sponsor"),
        domains=_domains(form),
        services=form.value("services"),
        began=day or _today(application),
        control=_control(form, "control"),
    )
    _check_lengths(form, lang)
    refused, status = None, 422
    if not form.errors:  # first: what stands already in the same words is no fault
        filed = await application.ask(filing.file_sites, [command], by)
        one = filed if isinstance(filed, Refused) else filed[0]
        if isinstance(one, Filed):
            application.wake()
            return to(f"/{lang}/{PATH}/{number_text(one.number)}", "site-same" if one.repeated else "site-filed")
        refused, status = one, one.refusal.status
    await _say_faults(application, form, command, request, lang)
    if not form.errors and refused is not None:
        form.fault("domains", say_refused(refused, lang))
    return _new_page(request, application, lang, form, status)


def _domains(form: Form) -> tuple[str, ...]:
    """What stands in the box of domains, in any script, with blanks or lines between; as it is asked for."""
    return tuple(a_labels(one) for one in form.value("domains")[:_MOST_DOMAINS].split())


def _control(form: Form, name: str) -> str:
    """How control was shown, as it was chosen; what nobody can choose is refused by the roll."""
    chosen = form.value(name)
    return "" if chosen == "none" else chosen


def _today(application: Application) -> date:
    return application.roll.day(application.roll.clock())


def _check_lengths(form: Form, lang: str) -> None:
    for name, most in (("sponsor", MOST_TYPED), ("services", MOST_TYPED), ("domains", _MOST_DOMAINS)):
        if len(form.value(name)) > most:
            form.fault(name, gettext(lang, "Use fewer characters"))


async def _say_faults(
    application: Application,
    form: Form,
    command: commands.FileSite | commands.ChangeSite,
    request: Request,
    lang: str,
) -> None:
    """Say all that the roll finds wrong with what was typed, beside its fields."""
    found: dict[str, list[str]] = {}
    for field, refused in await application.ask(filing.faults, command, seat(request)):
        found.setdefault(_BOXES.get(field, field), []).append(say_refused(refused, lang))
    for name, said in found.items():
        form.fault(name, " ".join(said))


@get("/{lang:str}/operator/sites/{site:str}", include_in_schema=False)
async def own_site(
    lang: FromPath[Lang], site: FromPath[str], request: Request, application: NamedDependency[Application]
) -> Response[str]:
    """One of the operator's own sites, and what may be done to it."""
    seen = await _own(application, site, request)
    return _own_page(request, application, lang, seen, _form_of(seen))


async def _own(application: Application, site: str, request: Request) -> Seen:
    number = read_number(site)
    seen = None if number is None else await application.ask(lookup.own, number, seat(request).organisation)
    if seen is None:
        raise NotFoundException
    return seen


def _form_of(seen: Seen) -> Form:
    """The forms of a site, filled in with what it is now."""
    return Form(
        {
            "sponsor": seen.sponsor,
            "domains": "\n".join(map(u_labels, seen.domains)),
            "services": seen.services,
            "control": seen.control or "none",
            "shown": seen.control or "none",
            "state": seen.state,
        }
    )


def _own_page(
    request: Request, application: Application, lang: str, seen: Seen, form: Form, status: int = 200
) -> Response[str]:
    number = number_text(seen.number)
    given: dict[str, Any] = {
        "form": form,
        "errors": form.summary(),
        "number_said": number,
        "private": seen.private,
        "ended": seen.state == ENDED,
        "rows": list(_rows(seen, lang)),
        "states": [{"value": one, "text": words(lang, SAID, one)} for one in STATES],
        "controls": _controls(lang),
    }
    return page("operator-site.html", request, application, lang, f"{PATH}/{number}", status=status, **given)


def _rows(seen: Seen, lang: str) -> Iterator[tuple[str, str]]:
    """What stands of a site and no form shows."""
    yield gettext(lang, "State"), words(lang, SAID, seen.state)
    days = {
        gettext(lang, "So since"): seen.since,
        gettext(lang, "Opens or opened on"): seen.began,
        gettext(lang, "Filed on"): seen.filed,
        gettext(lang, "Changed"): seen.changed,
        gettext(lang, "Something else is announced for"): seen.announced[0].on if seen.announced else None,
    }
    yield from ((name, catalogue.day(lang, day)) for name, day in days.items() if day is not None)
    yield gettext(lang, "Control of the domains"), words(lang, CONTROL, seen.control)


@post("/{lang:str}/operator/sites/{site:str}", status_code=200, include_in_schema=False)
async def act_on_site(
    lang: FromPath[Lang],
    site: FromPath[str],
    data: FormData,
    request: Request,
    application: NamedDependency[Application],
) -> Any:
    """Change one, say what a check of it found, or end it."""
    seen, sent = await _own(application, site, request), Form(data)
    form = Form(_form_of(seen).values | sent.values)
    act = form.value("act") if form.value("act") in _MAKERS else "tell"
    command = _MAKERS[act](application, form, seen.number, lang)
    if isinstance(command, commands.ChangeSite):
        _check_lengths(form, lang)
        await _say_faults(application, form, command, request, lang)
    if form.errors:
        return _own_page(request, application, lang, seen, form, 422)
    acted = await application.ask(filing.step, command, seat(request))
    if isinstance(acted, Refused) and not isinstance(acted.refusal, NothingAsked):
        form.fault(_PLACES[act], say_refused(acted, lang))
        return _own_page(request, application, lang, seen, form, acted.refusal.status)
    application.wake()
    return to(
        f"/{lang}/{PATH}/{number_text(seen.number)}", "site-same" if isinstance(acted, Refused) else f"site-{act}"
    )


def _change(application: Application, form: Form, number: int, lang: str) -> commands.OfSite:
    day = form.day("changed", lang)
    return commands.ChangeSite(
        site=number,
        on=day or _today(application),
        sponsor=form.value("sponsor"),
        domains=_domains(form),
        services=form.value("services"),
        control=_control(form, "control"),
    )


def _check(_: Application, form: Form, number: int, _lang: str) -> commands.OfSite:
    return commands.CheckSite(site=number, control=_control(form, "shown"), state=form.value("state"))


def _end(application: Application, form: Form, number: int, lang: str) -> commands.OfSite:
    day = form.day("ended", lang)
    if form.value("sure") != "yes":
        form.fault("sure", gettext(lang, "Say that you are sure: a site that ended does not come back"))
    return commands.EndSite(site=number, on=day or _today(application))


_MAKERS = {"change": _change, "tell": _check, "end": _end}
_PLACES = {"change": "domains", "tell": "state", "end": "ended"}
"""The field at which a refusal of each act is said."""


def filed_said(filed: Sequence[Filed]) -> list[dict[str, Any]]:
    """Sites that stand, as a page's script takes them."""
    return [
        {"number": number_text(one.number) if one.number else "", "repeated": one.repeated, "state": one.state}
        for one in filed
    ]


site_filing_handlers: tuple[ControllerRouterHandler, ...] = (own_sites, new_site, file_site, own_site, act_on_site)
"""The pages of an operator's own sites."""
