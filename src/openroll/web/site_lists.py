"""An operator's page on which a list of sites is filed: read, and taken apart where it is of people, in the browser alone.

The page's script sends what `openroll site file` sends. Without it no list can be sent from here, as what it says of people
would come along.
"""

import json
from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from openroll.register.decision import Refused
from openroll.register.refusals import RequestShape
from openroll.register.request.one_record import a_labels
from openroll.register.site import commands
from openroll.register.site.record import CONTROLS
from openroll.rules.kinds import fields_of_sites
from openroll.service.application import Application
from openroll.service.sites import filing
from openroll.service.sites.filing import MOST, Filed
from openroll.service.sites.projections import kinds_of_site
from openroll.web.auth import FormData, Lang, Request, page, seat
from openroll.web.site_filing import PATH, filed_said
from openroll.words import say_refused
from openroll.words.catalogue import gettext
from openroll.words.labels import words
from openroll.words.sites import CONTROL

_Line = Annotated[str, msgspec.Meta(max_length=500, pattern=r"^[^\u0000]*$")]


class _Open(msgspec.Struct, forbid_unknown_fields=True, tag="open", tag_field="is"):
    """A site of an organisation, as the page's script sends it."""

    sponsor: _Line
    domains: Annotated[tuple[_Line, ...], msgspec.Meta(max_length=40)]
    services: _Line
    began: date
    kind: _Line
    control: _Line


class _Private(msgspec.Struct, forbid_unknown_fields=True, tag="private", tag_field="is"):
    """A site of a natural person, taken apart."""

    handle: _Line
    digests: Annotated[tuple[_Line, ...], msgspec.Meta(max_length=100)]
    began: date
    kind: _Line
    control: _Line


_Sites = Annotated[list[_Open | _Private], msgspec.Meta(min_length=1, max_length=MOST)]


@get("/{lang:str}/operator/sites/list", include_in_schema=False, sync_to_thread=False)
def list_page(lang: FromPath[Lang], request: Request, application: NamedDependency[Application]) -> Response[str]:
    """Where a list is chosen."""
    terms = {
        "fields": [one.name for one in fields_of_sites(application.roll.rule)],
        "kinds": sorted(kinds_of_site(application.roll)),
    }
    given: dict[str, Any] = {
        "list_terms": json.dumps(terms),
        "list_words": json.dumps(_words(lang)),
        "controls": [{"value": one or "none", "text": words(lang, CONTROL, one)} for one in CONTROLS],
    }
    return page("operator-site-list.html", request, application, lang, f"{PATH}/list", **given)


@post("/{lang:str}/operator/sites/list", status_code=200, include_in_schema=False)
async def list_sent(
    lang: FromPath[Lang], data: FormData, request: Request, application: NamedDependency[Application]
) -> Response[Any]:
    """A part of a list: what is wrong with each of its sites, or the numbers that they have. `write` says to file them."""
    by = seat(request)
    try:
        sites = msgspec.json.decode(data.get("sites", ""), type=_Sites)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return _answer({"refused": say_refused(Refused(RequestShape(detail="sites")), lang)}, 422)
    filings = [_filing(one) for one in sites]
    filed = await application.ask(filing.file_sites, filings, by, dry_run=data.get("write") != "yes")
    if isinstance(filed, Refused):
        return _answer({"refused": say_refused(filed, lang)}, filed.refusal.status)
    wrong = [(at, one) for at, one in enumerate(filed) if isinstance(one, Refused)]
    if wrong:
        faults = []
        for at, refused in wrong:
            every = await application.ask(filing.faults, filings[at], by)
            faults += [
                {"at": at, "field": field, "said": say_refused(one, lang)} for field, one in every or [("", refused)]
            ]
        return _answer({"faults": faults}, 422)
    application.wake()
    return _answer({"filed": filed_said([one for one in filed if isinstance(one, Filed)])}, 200)


def _answer(said: dict[str, Any], status: int) -> Response[Any]:
    return Response(said, status_code=status, headers={"cache-control": "no-store"})


def _filing(said: _Open | _Private) -> filing.Filing:
    of: dict[str, Any] = {name: getattr(said, name) for name in ("kind", "began", "control")}
    if isinstance(said, _Private):
        return commands.FilePrivateSite(handle=said.handle, digests=said.digests, **of)
    domains = tuple(a_labels(one.strip()) for one in said.domains)
    return commands.FileSite(sponsor=said.sponsor, domains=domains, services=said.services, **of)


def _words(lang: str) -> dict[str, str]:
    """Every sentence that the script says."""
    return {
        "list": gettext(lang, "Choose your list"),
        "key": gettext(lang, "A site of the list has an account: choose your handle key."),
        "damaged": gettext(
            lang,
            "This is no handle key, or it was changed. Take it from your copy: a new key would find none of your records.",
        ),
        "earlier": gettext(lang, "This is no file of disclosures that can be read here."),
        "large": gettext(lang, "This list is too large for a browser: use `openroll site file`.").replace("`", ""),
        "unreadable": gettext(lang, "This is no list that can be read here: save it as CSV UTF-8."),
        "broken": gettext(lang, "A quotation mark in the list is not closed, or stands in the middle of a cell."),
        "empty": gettext(lang, "The list has no site behind its header."),
        "failed": gettext(lang, "The roll could not be asked, or its answer could not be read: try again."),
        "cut": gettext(
            lang,
            "The roll did not answer. What was sent before this is filed; send the list again: nothing is filed twice.",
        ),
        "faults": gettext(lang, "Nothing was filed. Faults: {count}"),
        "asking": gettext(lang, "Asking the roll: {done} of {all}"),
        "good": gettext(lang, "Nothing is wrong with the list. Sites: {count}"),
        "keep": gettext(
            lang,
            "First save what opens the digests of private persons' sites. Guard it: nobody else has it, and no roll does.",
        ),
        "file": gettext(lang, "File these sites"),
        "filed": gettext(lang, "Filed: {fresh}. In the register in the same words already: {known}"),
        "numbers": gettext(lang, "The numbers, for the command that tells what checks found"),
        "row": gettext(lang, "Row"),
        "column": gettext(lang, "Column"),
        "value": gettext(lang, "Value"),
        "what": gettext(lang, "What is wrong"),
        "number": gettext(lang, "Number"),
        "domain": gettext(lang, "Domain or account"),
        "add": gettext(lang, "Add this column"),
        "take-out": gettext(lang, "Take this column out: neither the roll nor its rule asks for it"),
        "ragged": gettext(lang, "This row has more cells than the header"),
        "fill": gettext(lang, "Fill this cell in"),
        "day": gettext(lang, "Write the day as 2026-11-30"),
        "form": gettext(lang, "Write each as example.org, without http:// and path"),
        "unfit": gettext(lang, "No handle can be made of this account number"),
        "doubled": gettext(lang, "This stands in the list already: keep one of the two"),
        "unseen": gettext(lang, "It holds a character that nobody sees."),
    }


site_list_handlers: tuple[ControllerRouterHandler, ...] = (list_page, list_sent)
"""The page on which a list of sites is filed."""
