"""Signing in: passkeys (with the browser's help), an organisation's own provider, invitations, and the development door."""

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from openroll.register.decision import Refused
from openroll.register.organisation.roles import ROLES
from openroll.register.sign_in_refusals import SignInFailed
from openroll.rules.language import in_language
from openroll.service.application import Application
from openroll.service.identity import filing_code, people, sessions
from openroll.service.identity.oidc import code_flow
from openroll.service.identity.oidc.provider import SignInFault
from openroll.service.identity.passkeys import MOST_EACH, Options, signin_options
from openroll.service.identity.sessions import Principal
from openroll.web.auth import (
    HOMES,
    SESSION,
    FormData,
    Lang,
    NotSignedIn,
    Request,
    base,
    page,
    place,
    record_number,
    retry_after,
    someone,
    source,
    to,
    with_session,
    within,
)
from openroll.web.forms import Form
from openroll.words import say, say_refused
from openroll.words.labels import SEATS, words

WAY = "__Host-way"
INVITED = "__Host-invited"
"""Holds an invitation on its way to the organisation's provider, so that no address does."""


class Answer(msgspec.Struct):
    """A browser's answer in a passkey's ceremony, with the invitation it is for, if any."""

    ceremony: str = ""
    credential: dict[str, Any] = {}
    invitation: str = ""
    next: str = ""

    def plain(self) -> dict[str, Any]:
        """As the service takes it."""
        return {"ceremony": self.ceremony, "credential": self.credential}


def _home(kind: str, lang: str) -> str:
    return f"/{lang}/{HOMES.get(kind, '')}"


@get("/{lang:str}/sign-in", include_in_schema=False)
async def sign_in(lang: FromPath[Lang], request: Request, application: NamedDependency[Application]) -> Response[str]:
    """Where people of organisations sign in."""
    return await _sign_in_page(request, application, lang)


async def _sign_in_page(
    request: Request, application: Application, lang: str, refused: Refused | None = None, status: int = 200
) -> Response[str]:
    await application.ask_together((people.organisations,), (code_flow.providers,))
    every = {one.name: in_language(one.title, lang) for one in await application.ask(people.organisations)}
    with_provider = [(name, every.get(name, name)) for name in await application.ask(code_flow.providers)]
    errors = []
    if refused is not None:
        errors = [{"text": say_refused(refused, lang)}]
    after = within(request.query_params.get("next", ""), "", application.roll.languages)
    given: dict[str, Any] = {"providers": with_provider, "errors": errors, "after": after}
    if development_door(request):
        given |= {"seats": await application.ask(_seats), "null": True}
    return page("sign-in.html", request, application, lang, "sign-in", status=status, **given)


def _seats(roll: Any) -> list[tuple[str, str]]:
    """Every role of every organisation, for the development door."""
    return [(one.name, role) for one in people.organisations(roll) for role in ROLES[one.kind]]


def development_door(request: Request) -> bool:
    """Whether the development sign-in is open to a request: it comes to this machine by its own name and through no proxy.

    A name of somebody else's that leads to this machine is a page of theirs that acts as anybody (DNS rebinding).
    """
    if any(name in request.headers for name in ("forwarded", "x-forwarded-for", "x-forwarded-host", "via")):
        return False
    return request.headers.get("host", "") in getattr(request.app.state, "null_sign_in", frozenset())


@post("/{lang:str}/sign-in/null", status_code=200, include_in_schema=False)
async def null_sign_in(
    lang: FromPath[Lang], data: FormData, request: Request, application: NamedDependency[Application]
) -> Any:
    """The development door: sit down in any seat. It is there only when the server was told so, on loopback."""
    if not development_door(request):
        raise NotSignedIn
    organisation, _, role = data.get("seat", "").partition("/")
    before = request.cookies.get(SESSION, "")
    secret = await application.ask(people.sign_in_without_a_way, organisation, role, before)
    if isinstance(secret, Refused):
        return await _sign_in_page(request, application, lang, secret, secret.refusal.status)
    await _came_in(request, application, secret)
    kind = next(one.kind for one in await application.ask(people.organisations) if one.name == organisation)
    application.wake()
    return with_session(to(within(data.get("next", ""), _home(kind, lang), application.roll.languages)), secret)


async def _came_in(request: Request, application: Application, secret: str) -> Principal:
    """Who has just signed in; a seat is written down as the answer leaves (web/app.py), the holder of a filing is not."""
    who = await application.ask(sessions.someone, secret)
    if who.seat is not None:
        request.state.came_in = who
    return who


@get("/{lang:str}/sign-in/with/{organisation:str}", include_in_schema=False)
async def with_provider(
    lang: FromPath[Lang], organisation: FromPath[str], request: Request, application: NamedDependency[Application]
) -> Any:
    """To an organisation's own provider."""
    found = (await application.ask(code_flow.providers)).get(organisation)
    if found is None:
        return await _sign_in_page(request, application, lang, Refused(SignInFailed()), 404)
    # By a link and not by a form: a form that leads to another host is forbidden to our pages (form-action).
    invitation = request.cookies.get(INVITED, "") if "invited" in request.query_params else ""
    after = within(request.query_params.get("next", ""), "", application.roll.languages)
    try:
        way = await code_flow.go(
            application.roll,
            application.ask,
            application.starts,
            found,
            f"{place(request).origin}/sign-in/back/{lang}",
            source=source(request),
            invitation=invitation,
            after=after,
        )
    except SignInFault as fault:
        way = Refused(fault.refusal)
    if isinstance(way, Refused):
        shown = await _sign_in_page(request, application, lang, way, way.refusal.status)
        shown.headers.update(retry_after(way))
        return shown
    address, name = way
    answer = Redirect(address, status_code=303)
    answer.set_cookie(_cookie(WAY, name, 900))
    answer.set_cookie(_cookie(INVITED, "", 0))
    return answer


def _cookie(key: str, value: str, seconds: int) -> Cookie:
    return Cookie(key=key, value=value, path="/", secure=True, httponly=True, samesite="lax", max_age=seconds)


@get("/sign-in/back/{lang:str}", include_in_schema=False)
async def way_back(lang: FromPath[Lang], request: Request, application: NamedDependency[Application]) -> Any:
    """Back from the provider."""
    said = list(request.query_params.multi_items())
    query = {name: str(value) for name, value in said}
    if len(query) < len(
        said
    ):  # RFC 6749, section 3.1: no parameter more than once; which of two was meant, nobody knows
        refused = Refused(SignInFailed())
        return await _sign_in_page(request, application, lang, refused, refused.refusal.status)
    try:
        came = await code_flow.back(
            application.roll, application.ask, request.cookies.get(WAY, ""), query, request.cookies.get(SESSION, "")
        )
    except SignInFault as fault:
        came = Refused(fault.refusal)
    if isinstance(came, Refused):
        return await _sign_in_page(request, application, lang, came, came.refusal.status)
    secret, organisation, after = came
    await _came_in(request, application, secret)
    kind = next(one.kind for one in await application.ask(people.organisations) if one.name == organisation)
    application.wake()
    answer = with_session(to(within(after, _home(kind, lang), application.roll.languages)), secret)
    answer.set_cookie(_cookie(WAY, "", 0))
    return answer


@get("/{lang:str}/join", include_in_schema=False)
async def join(lang: FromPath[Lang], request: Request, application: NamedDependency[Application]) -> Response[str]:
    """Where an invitation is answered. (Links of before had it in their query; they are good for their week.)"""
    return await _join_page(request, application, lang, request.query_params.get("invitation", ""))


@post("/{lang:str}/join", status_code=200, include_in_schema=False)
async def join_typed(
    lang: FromPath[Lang], data: FormData, request: Request, application: NamedDependency[Application]
) -> Response[str]:
    """An invitation that was typed or pasted, with the link around it or without, or that came behind a link's hash."""
    typed = data.get("invitation", "").strip()
    return await _join_page(request, application, lang, typed.rpartition("#")[2].rpartition("invitation=")[2])


async def _join_page(request: Request, application: Application, lang: str, secret: str) -> Response[str]:
    form = Form({"invitation": secret})
    given: dict[str, Any] = {"form": form, "invited": None, "secret": ""}
    status = 200
    if secret:
        found = await application.ask(people.invitation, secret)
        if isinstance(found, Refused):
            form.fault("invitation", say(found.refusal.code, {}, lang))
            status = 404
        else:
            every = {one.name: in_language(one.title, lang) for one in await application.ask(people.organisations)}
            own = found.organisation in await application.ask(code_flow.providers)
            given |= {"invited": found, "secret": secret, "title": every[found.organisation], "own": own}
            given["role"] = words(lang, SEATS, found.role)
    answer = page("join.html", request, application, lang, "join", status=status, errors=form.summary(), **given)
    if given.get("own"):
        answer.set_cookie(_cookie(INVITED, secret, 900))
    return answer


def _json(answer: Options | Refused, lang: str) -> Response[Any]:
    if isinstance(answer, Refused):
        said = {"code": answer.refusal.code, "detail": say_refused(answer, lang)}
        return Response(said, status_code=answer.refusal.status, headers={"cache-control": "no-store"})
    return Response(msgspec.to_builtins(answer), headers={"cache-control": "no-store"})


def _next(address: str) -> Response[Any]:
    return Response({"next": address}, headers={"cache-control": "no-store"})


@post("/{lang:str}/passkey/sign-in/options", status_code=200, include_in_schema=False)
async def sign_in_options(
    lang: FromPath[Lang], request: Request, application: NamedDependency[Application]
) -> Response[Any]:
    """The first step of signing in with a passkey."""
    return _json(await application.ask(signin_options, place(request)), lang)


@post("/{lang:str}/passkey/sign-in", status_code=200, include_in_schema=False)
async def signed_in(
    lang: FromPath[Lang], data: JSONBody[Answer], request: Request, application: NamedDependency[Application]
) -> Response[Any]:
    """The second step: a session for the person, or for the filing, whose passkey it is."""
    came = await application.ask(filing_code.sign_in, place(request), data.plain(), request.cookies.get(SESSION, ""))
    if isinstance(came, Refused):
        return _json(came, lang)
    secret, opens_record = came
    who = await _came_in(request, application, secret)
    home = f"/{lang}/mine" if opens_record else _home(who.kind, lang)
    return _with(within(data.next, home, application.roll.languages), secret)


def _with(address: str, secret: str) -> Response[Any]:
    answer: Response[Any] = with_session(_next(address), secret)
    return answer


@post("/{lang:str}/passkey/join/options", status_code=200, include_in_schema=False)
async def join_options(
    lang: FromPath[Lang], data: JSONBody[Answer], request: Request, application: NamedDependency[Application]
) -> Response[Any]:
    """The first step of answering an invitation with a passkey."""
    return _json(await application.ask(people.passkey_for_invitation, place(request), data.invitation), lang)


@post("/{lang:str}/passkey/join", status_code=200, include_in_schema=False)
async def joined(
    lang: FromPath[Lang], data: JSONBody[Answer], request: Request, application: NamedDependency[Application]
) -> Response[Any]:
    """The second step: a seat, with the passkey that was made."""
    secret = await application.ask(
        people.join_with_passkey, place(request), data.invitation, data.plain(), request.cookies.get(SESSION, "")
    )
    if isinstance(secret, Refused):
        return _json(secret, lang)
    application.wake()
    who = await _came_in(request, application, secret)
    return _with(_home(who.kind, lang), secret)


@post("/{lang:str}/passkey/hold/options", status_code=200, include_in_schema=False)
async def hold_options(
    lang: FromPath[Lang], request: Request, application: NamedDependency[Application]
) -> Response[Any]:
    """The first step of having a passkey hold a filing."""
    return _json(
        await application.ask(
            filing_code.passkey_for_record, place(request), record_number(request), someone(request).begun
        ),
        lang,
    )


@post("/{lang:str}/passkey/hold", status_code=200, include_in_schema=False)
async def held(
    lang: FromPath[Lang], data: JSONBody[Answer], request: Request, application: NamedDependency[Application]
) -> Response[Any]:
    """The second step: the passkey holds the filing from now on."""
    cookie = request.cookies.get(SESSION, "")
    secret = await application.ask(
        filing_code.hold_by_passkey,
        place(request),
        record_number(request),
        data.plain(),
        cookie,
        f"{base(request)}{lang}/find",
    )
    if isinstance(secret, Refused):
        return _json(secret, lang)
    application.wake()
    return _with(f"/{lang}/mine?done=passkey", secret)


@post("/{lang:str}/passkey/add/options", status_code=200, include_in_schema=False)
async def add_options(
    lang: FromPath[Lang], request: Request, application: NamedDependency[Application]
) -> Response[Any]:
    """The first step of making another passkey for oneself."""
    return _json(await application.ask(people.passkey_for_person, place(request), someone(request)), lang)


@post("/{lang:str}/passkey/add", status_code=200, include_in_schema=False)
async def added(
    lang: FromPath[Lang], data: JSONBody[Answer], request: Request, application: NamedDependency[Application]
) -> Response[Any]:
    """The second step."""
    done = await application.ask(people.add_passkey, place(request), someone(request), data.plain(), MOST_EACH)
    if isinstance(done, Refused):
        return _json(done, lang)
    return _next(f"/{lang}/people?done=passkey")


sign_in_handlers: tuple[ControllerRouterHandler, ...] = (
    sign_in,
    null_sign_in,
    with_provider,
    way_back,
    join,
    join_typed,
    sign_in_options,
    signed_in,
    join_options,
    joined,
    hold_options,
    held,
    add_options,
    added,
)
"""Ways in."""
