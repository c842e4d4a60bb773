"""The directory of organisations' sites: searched as one types, narrowed, leafed through; a number or a whole domain leads on."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from openroll.register.request.one_record import a_labels, domain_fault, u_labels
from openroll.register.site.number import is_like_a_number, number_text, read_number
from openroll.rules.language import in_language
from openroll.service.application import Application
from openroll.service.sites import directory, lookup
from openroll.service.sites.directory import ALL_STATES, Search
from openroll.service.sites.look_ups import LOOKS_UP
from openroll.service.sites.lookup import Seen
from openroll.service.sites.projections import kinds_of_site
from openroll.web.auth import Lang, Request, page, to
from openroll.web.forms import Form
from openroll.words import catalogue
from openroll.words.catalogue import gettext
from openroll.words.labels import words
from openroll.words.sites import OPENS_ON, STATES_SHORT, is_to_open

_MOST_TYPED = 300
_NARROWED = ("state", "kind", "operator", "year")
DOMAINS_SHOWN = 3


@get("/{lang:str}/sites", include_in_schema=False, opt={LOOKS_UP: True})
async def sites_page(
    lang: FromPath[Lang], request: Request, application: NamedDependency[Application]
) -> Response[str] | Redirect:
    """A page of the directory. A number, or a domain that one site alone has, leads to that site's own page."""
    asked = {name: request.query_params.get(name, "")[:_MOST_TYPED] for name in ("site", "after", *_NARROWED)}
    form, text = Form({name: value for name, value in asked.items() if name != "after"}), asked["site"].strip()
    if text and (number := read_number(text)) is not None:
        return to(f"/{lang}/sites/{number_text(number)}")
    if text and not domain_fault(domain := a_labels(text)):
        alone = await application.ask(lookup.by_domain, domain)
        if len(alone) == 1 and not any(asked[name] for name in _NARROWED):
            return to(f"/{lang}/sites/{number_text(alone[0].number)}")
    if is_like_a_number(text):
        form.fault("site", gettext(lang, "This is no site's number. A number has two digits that check the others."))
    wanted = Search(text, asked["state"], asked["kind"], asked["operator"], asked["year"], asked["after"])
    if not form.errors:
        await application.ask_together((directory.search, wanted), (directory.years,))
    found = directory.Page(()) if form.errors else await application.ask(directory.search, wanted)
    today = application.roll.day(application.roll.clock())
    given: dict[str, Any] = {
        "form": form,
        "errors": form.summary(),
        "found": [_line(one, lang, today) for one in found.sites],
        "further": urlencode({**{name: value for name, value in form.values.items() if value}, "after": found.next}),
        "goes_on": bool(found.next),
        "narrowed": any(asked[name] for name in _NARROWED),
        "covered": bool(kinds_of_site(application.roll)),
        **await _choices(application, lang),
    }
    return page("sites.html", request, application, lang, "sites", status=404 if form.errors else 200, **given)


async def _choices(application: Application, lang: str) -> dict[str, list[dict[str, str]]]:
    """What the list may be narrowed to: states, kinds, operators and years."""
    kinds = sorted(kinds_of_site(application.roll))
    operators = (await application.figures()).operators
    return {
        "states": [{"value": state, "text": words(lang, STATES_SHORT, state)} for state in ALL_STATES],
        "kinds": [{"value": kind, "text": application.kind(kind, lang)} for kind in kinds],
        "operators": [{"value": one.name, "text": in_language(one.title, lang)} for one in operators],
        "years": [{"value": str(year), "text": str(year)} for year in await application.ask(directory.years)],
    }


def _line(seen: Seen, lang: str, today: date) -> dict[str, Any]:
    state, opens = words(lang, STATES_SHORT, seen.state), seen.began if is_to_open(seen, today) else None
    shown = catalogue.listed(lang, [u_labels(one) for one in seen.domains[:DOMAINS_SHOWN]])
    more = len(seen.domains) - DOMAINS_SHOWN
    return {
        "number": number_text(seen.number),
        "sponsor": seen.sponsor,
        "domains": gettext(lang, "{domains} and {more} more").format(domains=shown, more=more) if more > 0 else shown,
        "state": state if opens is None else gettext(lang, OPENS_ON).format(day=catalogue.day(lang, opens)),
        "since": catalogue.day(lang, seen.since) if seen.since and opens is None else "",
    }
