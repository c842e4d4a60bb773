"""RDAP over HTTP (RFC 7480): what is asked by its address, and how an answer or a fault is sent."""

import hashlib
from typing import Any

import litestar
import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from openroll.hosts import ascii_host
from openroll.places import country_of
from openroll.rdap.answers import Reader, Roll, domain, entity, help_answer, nothing_else
from openroll.rdap.objects import LEVEL, MEDIA_TYPE, Answer, Fault
from openroll.register.decision import Refused
from openroll.rules.language import ENGLISH, PRESET_LANGUAGES, negotiated
from openroll.service.application import Application
from openroll.service.identity.people import organisations
from openroll.service.sites.look_ups import LOOKS_UP
from openroll.service.sites.lookup import by_domain, unshown
from openroll.words import say_refused
from openroll.words.catalogue import gettext, spoken

PREFIX = "/rdap/"
"""Where RDAP begins on a roll's address."""
UNSUPPORTED = ("ip", "autnum", "nameserver", "domains", "nameservers", "entities")
"""What RDAP can ask for, and a register of sites has no answer to: networks, name servers, and any search (RFC 9082)."""
_FOR_ALL = {"access-control-allow-origin": "*"}
"""Pages of others may read answers (RFC 7480 section 5.6)."""
_KEPT = "public, max-age=60"

Request = litestar.Request[Any, Any, Any]


@get(["/rdap", "/rdap/{rest:path}"], include_in_schema=False, opt={LOOKS_UP: True})
async def rdap(
    request: Request, application: NamedDependency[Application], rest: FromPath[str] = ""
) -> Response[bytes]:
    """What is asked in RDAP's words (RFC 9082 section 3.1). An empty part between slashes counts for nothing."""
    match [part for part in rest.split("/") if part]:
        case ["domain", name]:
            return await _domain(name, request, application)
        case ["entity", handle]:
            return await _entity(handle, request, application)
        case ["help"]:
            return answered(request, help_answer(_reader(request)))
        case ["dns.json"]:
            return bootstrap(request, application)
        case [kind, *_] if kind in UNSUPPORTED:
            return fault(request, 501, nothing_else(language(request)))
        case _:
            return fault(request, 404, gettext(language(request), "There is no such address in RDAP."))


async def _domain(name: str, request: Request, application: Application) -> Response[bytes]:
    """The site that has a domain, in any of its forms (RFC 9082 section 3.1.3)."""
    try:
        asked = ascii_host(name.removesuffix("."))
    except ValueError:
        return fault(request, 400, gettext(language(request), "This is no name of a domain."))
    sites = await application.ask(by_domain, asked)
    if not sites:
        return fault(
            request,
            404,
            gettext(language(request), "No site of an organisation is filed under this domain."),
            gettext(language(request), "A site for which a person answers stands in this register under no domain."),
        )
    roll = await _roll(application, sites[0].operator)
    return answered(request, domain(sites[0], asked, roll, _reader(request), unshown(sites)))


async def _entity(handle: str, request: Request, application: Application) -> Response[bytes]:
    """An organisation of the roll (RFC 9082 section 3.1.5): nobody else has a handle here. Some clients write it large."""
    titles, name = (await _roll(application)).titles, handle.lower()
    if name not in titles:
        return fault(request, 404, gettext(language(request), "No organisation of this roll has this name."))
    return answered(request, entity(name, titles[name], _reader(request)))


def bootstrap(request: Request, application: Application) -> Response[bytes]:
    """An entry for a client's own list of servers (RFC 9224): that names under the country's domain are asked for here.

    IANA lists the registries of those domains, and no register of sites: which names somebody asks for here is theirs to say.
    """
    country = country_of(application.roll.version.place)
    entry = {
        "version": "1.0",
        "publication": f"{application.roll.day(application.roll.clock())}T00:00:00Z",
        "description": f"Sites in {application.roll.origin}",
        "services": [[[country.lower()], [_reader(request).where]]] if country else [],
    }
    return sent(request, msgspec.json.encode(entry), "application/json")


def answered(request: Request, answer: Answer) -> Response[bytes]:
    """An answer as it is sent: with a tag of its bytes, by which whoever has it already is told so (RFC 9110 section 13.1.2)."""
    return sent(request, msgspec.json.encode(answer), MEDIA_TYPE)


def sent(request: Request, body: bytes, media_type: str) -> Response[bytes]:
    """Bytes as an answer that may be kept for a minute, or that they are known."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = _FOR_ALL | {"etag": tag, "cache-control": _KEPT, "vary": "accept-language"}
    headers["content-language"] = spoken(language(request))
    known = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    if tag in known or known == ["*"]:
        return Response(b"", status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def fault(request: Request, status: int, *said: str, headers: dict[str, str] | None = None) -> Response[bytes]:
    """Why there is no answer (RFC 9083 section 6)."""
    lang = language(request)
    title = {
        400: gettext(lang, "This cannot be asked"),
        404: gettext(lang, "Nothing is found"),
        429: gettext(lang, "Too much at once"),
        501: gettext(lang, "This is not answered here"),
    }.get(status, gettext(lang, "There is no answer just now"))
    body = msgspec.json.encode(
        Fault(rdap_conformance=(LEVEL,), lang=lang, error_code=status, title=title, description=said)
    )
    sent = _FOR_ALL | {"cache-control": "no-store", "content-language": spoken(lang)} | (headers or {})
    return Response(body, status_code=status, media_type=MEDIA_TYPE, headers=sent)


def refused_fault(request: Request, refused: Refused) -> Response[bytes]:
    """A refusal as a fault."""
    refusal = refused.refusal
    wait = {"retry-after": str(refusal.retry_after)} if refusal.retry_after else {}
    return fault(request, refusal.status, say_refused(refused, language(request)), headers=wait)


def http_fault(request: Request, error: HTTPException) -> Response[bytes]:
    """What the framework refuses, as a fault; an address whose parts cannot be read names nothing."""
    headers = {name: value for name, value in (error.headers or {}).items() if name.lower() in ("retry-after", "allow")}
    return fault(request, error.status_code, headers=headers)


def language(request: Request) -> str:
    """The language of the roll that the reader prefers (`Accept-Language`), else English."""
    app = request.scope.get("litestar_app")  # none where a fault came before anybody knew whose the request is
    languages = PRESET_LANGUAGES if app is None else app.state.application.roll.languages
    return negotiated(request.headers.get("accept-language", ""), languages, ENGLISH)


def _reader(request: Request) -> Reader:
    site = request.app.state.place.origin.rstrip("/") + "/"
    wants = request.query_params.get("jscontact", "").lower() in ("1", "true")
    return Reader(language(request), f"{site}{PREFIX.strip('/')}/", site, wants)


async def _roll(application: Application, operator: str = "") -> Roll:
    """The roll, with the titles of its organisations; of one operator alone, where the figures know it: no look-up of its own."""
    roll = application.roll
    known = (await application.figures()).operators if operator else ()
    titles = {one.name: one.title for one in known if one.name == operator}
    if not titles:
        titles = {one.name: one.title for one in await application.ask(organisations)}
    return Roll(roll.origin, roll.zone, roll.day(roll.clock()), titles)


rdap_handlers: tuple[ControllerRouterHandler, ...] = (rdap,)
