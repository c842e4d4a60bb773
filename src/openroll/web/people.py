"""Pages of any organisation: its people, who is invited, one's own passkeys; and the first page of authorities and reviewers."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from openroll.register.decision import Decision, Refused
from openroll.register.organisation.events import SeatAnnounced
from openroll.register.organisation.refusals import SeatGone, TooManyInvitations
from openroll.register.organisation.roles import KEEPER, REGISTRAR, ROLES, lead_of, seat_of
from openroll.rules.language import in_language
from openroll.service.application import Application
from openroll.service.identity import people, seats, sessions
from openroll.web.auth import SESSION, FormData, Lang, Request, link_of, page, seat, someone, to, without_session
from openroll.web.forms import Form
from openroll.words import catalogue, say_refused
from openroll.words.catalogue import gettext
from openroll.words.labels import SEATS, options, words


@get("/{lang:str}/office", include_in_schema=False, sync_to_thread=False)
def office(lang: FromPath[Lang], request: Request, application: NamedDependency[Application]) -> Response[str]:
    """The first page of an authority's or reviewer's people."""
    title = in_language(someone(request).title, lang)
    return page("office.html", request, application, lang, "office", title=title)


@get("/{lang:str}/people", include_in_schema=False)
async def people_page(
    lang: FromPath[Lang], request: Request, application: NamedDependency[Application]
) -> Response[str]:
    """Who sits in this organisation, and one's own passkeys."""
    return await _page(request, application, lang, Form())


async def _page(
    request: Request, application: Application, lang: str, form: Form, *, invitation: str = "", status: int = 200
) -> Response[str]:
    me = someone(request)
    await application.ask_together((people.overview, me.organisation, me.person or 0), (seats.waiting, me.organisation))
    sitting, invited, passkeys = await application.ask(people.overview, me.organisation, me.person or 0)
    zone, called = application.roll.zone, {one.seat: one.label for one in sitting}
    given: dict[str, Any] = {
        "people": [
            {
                "seat": one.seat,
                "label": one.label,
                "role": words(lang, SEATS, one.role),
                "me": one.id == me.person,
                "founding": one.founding,
                "waits": not one.in_force,
                "invited_by": _who(one.invited_by, me.organisation, called, lang),
                "confirmed_by": _who(one.confirmed_by or "", me.organisation, called, lang),
            }
            for one in sitting
        ],
        "invited": [
            {
                "digest": one.hash.hex(),
                "label": one.label,
                "role": words(lang, SEATS, one.role),
                "until": catalogue.moment(lang, one.expires, zone),
            }
            for one in invited
        ],
        "passkeys": [{"id": one.id.hex(), "added": catalogue.moment(lang, one.added, zone)} for one in passkeys],
        "roles": options(lang, SEATS, ROLES[me.kind]),
        "lead": lead_of(me.kind) in me.roles and not me.waiting,
        "waiting": await waiting_seats(request, application, lang, me.organisation),
        "invitation": link_of(request, lang, invitation) if invitation else "",
        "delivers": application.delivers,
        "form": form,
        "errors": form.summary(),
    }
    return page("people.html", request, application, lang, "people", status=status, **given)


def _who(text: str, organisation: str, called: Mapping[int, str], lang: str) -> str:
    """A seat as its colleagues know it, and as the log names it: as it is `called` in its own, else whose it is."""
    by = seat_of(text)
    if by is None:
        return text
    if by == KEEPER:
        said = gettext(lang, "whoever keeps the machine")
    elif by.number == 0:
        said = gettext(lang, "a token of its programs")
    elif by.organisation == REGISTRAR != organisation:
        said = gettext(lang, "the registrar, seat {number}").format(number=by.number)
    elif not (said := called.get(by.number, "") if by.organisation == organisation else ""):
        return text
    return gettext(lang, "{said} ({seat})").format(said=said, seat=by)


async def waiting_seats(
    request: Request, application: Application, lang: str, organisation: str
) -> list[dict[str, Any]]:
    """The seats of an organisation (or of all) that wait for another's word, and whether it is ours to give."""
    me = seat(request)
    return [
        {
            "seat": str(one.seat),
            "role": words(lang, SEATS, one.role),
            "invited_by": _who(one.invited_by, me.organisation, {}, lang),
            "may": gettext(lang, ", ").join(_who(str(by), me.organisation, {}, lang) for by in one.may_confirm),
            "mine": me in one.may_confirm,
            "announces": me in one.may_announce,
            "notice": _notice(one, lang),
        }
        for one in await application.ask(seats.waiting, organisation)
    ]


def _notice(one: seats.Waiting, lang: str) -> str:
    """How far the notice of a new seat is for which nobody of its organisation spoke, in a sentence."""
    if one.heard is not None:
        day = catalogue.day(lang, one.heard)
        return gettext(lang, "The notice is void: the organisation gave a sign of life on {day}.").format(day=day)
    if one.until is not None:
        day = catalogue.day(lang, one.until)
        return gettext(
            lang, "Notice until {day}: in force after that, unless somebody of the organisation is there."
        ).format(day=day)
    return ""


@post("/{lang:str}/people/confirm", status_code=200, include_in_schema=False)
async def confirm(
    lang: FromPath[Lang], data: FormData, request: Request, application: NamedDependency[Application]
) -> Response[Any]:
    """Give one's word that another person sits in a new seat."""
    by, new = seat(request), seat_of(data.get("seat", ""))
    decision: Decision = Refused(SeatGone(seat=data.get("seat", "")[:50]))
    if new is not None:
        decision = await application.ask(people.confirm_seat, new.organisation, new.number, by)
    if isinstance(decision, Refused):
        form = Form()
        form.fault("waiting", say_refused(decision, lang))
        return await _page(request, application, lang, form, status=decision.refusal.status)
    application.wake()
    home = "people" if new is not None and new.organisation == by.organisation else "registrar/organisations"
    announced = isinstance(decision.events[0], SeatAnnounced)
    return to(f"/{lang}/{home}", "seat-announced" if announced else "confirmed")


@post("/{lang:str}/people/invite", status_code=200, include_in_schema=False)
async def invite(
    lang: FromPath[Lang], data: FormData, request: Request, application: NamedDependency[Application]
) -> Response[str]:
    """Invite a colleague; the link is shown on this one page."""
    form = Form(data)
    organisation = seat(request).organisation
    if not form.value("role"):
        form.fault("role", gettext(lang, "Choose a role"))
        return await _page(request, application, lang, form, status=422)
    outcome = await _invited(request, application, lang, form, organisation)
    if isinstance(outcome, Refused):
        place = "role" if outcome.refusal.code == "role-unknown" else "label"
        form.fault(place, say_refused(outcome, lang))
        status = outcome.refusal.status if outcome.refusal.status == TooManyInvitations.status else 422
        return await _page(request, application, lang, form, status=status)
    application.wake()
    if form.value("email") and not outcome.mailed:
        form.fault(
            "email", gettext(lang, "This is not an e-mail address. The invitation stands: give the link yourself")
        )
        return await _page(request, application, lang, form, invitation=outcome.secret, status=422)
    return await _page(request, application, lang, Form(), invitation=outcome.secret)


async def _invited(
    request: Request, application: Application, lang: str, form: Form, organisation: str
) -> people.Invited | Refused:
    """Invite, by mail where the form has an address."""
    asked = (organisation, form.value("role"), form.value("label"), seat(request))
    if not form.value("email"):
        secret = await application.ask(people.invite, *asked)
        return secret if isinstance(secret, Refused) else people.Invited(secret, mailed=False)
    every = {one.name: in_language(one.title, lang) for one in await application.ask(people.organisations)}
    mail = people.InvitationMail(
        lang,
        form.value("email"),
        {
            "organisation": every.get(organisation, organisation),
            "role": words(lang, SEATS, form.value("role")),
            "expires": application.roll.day(application.roll.clock() + people.INVITATION_LASTS).isoformat(),
        },
        lambda secret: link_of(request, lang, secret),
    )
    return await application.ask(people.invite_by_mail, *asked, mail)


@post("/{lang:str}/people/uninvite", status_code=200, include_in_schema=False)
async def uninvite(
    lang: FromPath[Lang], data: FormData, request: Request, application: NamedDependency[Application]
) -> Response[Any]:
    """Take an invitation back."""
    by = seat(request)
    await application.ask(people.revoke_invitation, by.organisation, data.get("digest", ""), by)
    application.wake()
    return to(f"/{lang}/people", "uninvited")


@post("/{lang:str}/people/{number:int}/end", status_code=200, include_in_schema=False)
async def end_seat(
    lang: FromPath[Lang], number: FromPath[int], request: Request, application: NamedDependency[Application]
) -> Response[Any]:
    """A colleague left: their ways in and sessions end at once."""
    by = seat(request)
    decision = await application.ask(people.end_seat, by.organisation, number, by)
    if isinstance(decision, Refused):
        form = Form()
        form.fault("people", say_refused(decision, lang))
        return await _page(request, application, lang, form, status=decision.refusal.status)
    application.wake()
    return to(f"/{lang}/people" if number != by.number else f"/{lang}/", "left")


@post("/{lang:str}/people/passkeys/end", status_code=200, include_in_schema=False)
async def end_passkey(
    lang: FromPath[Lang], data: FormData, request: Request, application: NamedDependency[Application]
) -> Response[Any]:
    """End one of one's own passkeys, as of a device that was lost, and with it every other session."""
    try:
        credential = bytes.fromhex(data.get("passkey", ""))
    except ValueError:
        credential = b""
    cookie = request.cookies.get(SESSION, "")
    signs_out = await application.ask(sessions.ends_with, cookie, credential)
    refused = await application.ask(people.end_passkey, someone(request), credential, cookie)
    if refused is not None:
        form = Form()
        form.fault("passkeys", say_refused(refused, lang))
        return await _page(request, application, lang, form, status=refused.refusal.status)
    if signs_out:
        return without_session(to(f"/{lang}/sign-in", "own-passkey-ended"))
    return to(f"/{lang}/people", "passkey-ended")


@post("/{lang:str}/people/sessions/end", status_code=200, include_in_schema=False)
async def end_sessions(
    lang: FromPath[Lang], request: Request, application: NamedDependency[Application]
) -> Response[Any]:
    """Sign out on every other device, and stay signed in on this one."""
    await application.ask(sessions.end_others, someone(request), request.cookies.get(SESSION, ""))
    return to(f"/{lang}/people", "others-out")


people_handlers: tuple[ControllerRouterHandler, ...] = (
    office,
    people_page,
    confirm,
    invite,
    uninvite,
    end_seat,
    end_passkey,
    end_sessions,
)
"""Pages of any organisation."""
