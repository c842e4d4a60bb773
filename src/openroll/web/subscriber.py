"""A subscriber's pages: open the filing, tell, take back, correct, move, end, erase, sign out.

Filing codes travel in forms and sessions, never in addresses, so that no list of addresses holds them. What is typed about a
person stays in the page where script makes its digests (frontend/src/telling.js); without it, it goes from form to form and is
never stored.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Any, Literal

from litestar import MediaType, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from openroll.register.decision import Refused
from openroll.register.refusals import TooManyTries
from openroll.register.subscription.decide import CONFIRMED
from openroll.register.subscription.refusals import CodeWrong, HeldByPasskey
from openroll.rules import kept_until
from openroll.service.application import Application
from openroll.service.identity import address_links, filing_code, sessions
from openroll.service.identity.people import organisations
from openroll.service.identity.release import keep_contact
from openroll.service.queries import Record
from openroll.web import commands
from openroll.web.auth import (
    SESSION,
    FormData,
    Lang,
    Request,
    base,
    page,
    record_number,
    retry_after,
    someone,
    source,
    to,
    with_session,
    without_session,
)
from openroll.web.filing_alone import choices, districts, fields_of, form_sent, puzzle_of
from openroll.web.forms import Form
from openroll.web.pages import shown_by
from openroll.web.record_shown import (
    given_from,
    names_in,
    organisations_there,
    own_record,
    standing_of,
    told_of,
)
from openroll.words import catalogue, say_refused
from openroll.words.catalogue import gettext
from openroll.words.citations import cited


@get("/{lang:str}/find", include_in_schema=False, sync_to_thread=False)
def find(lang: FromPath[Lang], request: Request, application: NamedDependency[Application]) -> Response[str]:
    """Where a filing code is typed."""
    return page("find.html", request, application, lang, "find", form=Form())


@post("/{lang:str}/find", status_code=200, include_in_schema=False)
async def found(
    lang: FromPath[Lang], data: FormData, request: Request, application: NamedDependency[Application]
) -> Any:
    """Open the filing of a code: from here on its session does."""
    form = Form(data)
    asked = (form.value("code"), source(request), form.value("proof"), request.cookies.get(SESSION, ""))
    secret = await application.ask(filing_code.sign_in_by_code, *asked)
    if isinstance(secret, Refused):
        refusal = secret.refusal
        form.fault("code", say_refused(secret, lang))
        status = 422 if isinstance(refusal, CodeWrong) else refusal.status
        held = isinstance(refusal, HeldByPasskey | TooManyTries)
        given: dict[str, Any] = {"form": form, "errors": form.summary(), "held": held, "puzzle": puzzle_of(refusal)}
        answer = page("find.html", request, application, lang, "find", status=status, **given)
        answer.headers.update(retry_after(secret))
        return answer
    return with_session(to(f"/{lang}/mine"), secret)


@get("/{lang:str}/mine", include_in_schema=False)
async def mine(lang: FromPath[Lang], request: Request, application: NamedDependency[Application]) -> Response[str]:
    """The filing as it stands, and everything that happened with it."""
    record = await own_record(request, application)
    before = request.query_params.get("before", "")
    shown = told_of(application, record, lang, await names_in(application, record, lang), before=before)
    return page("mine.html", request, application, lang, "mine", key=commands.new_key(application), **shown)


Step = Literal["subscription", "about", "check"]


Act = Literal["tell", "give", "take-back", "move", "correct", "end", "erase", "passkey"]


_HEX = re.compile("([0-9a-f]{2}){1,1023}")


PAGES = {"keep": "passkey"}
"""Acts that stand on another act's page."""


@get("/{lang:str}/mine/{act:str}", include_in_schema=False)
async def act_form(
    lang: FromPath[Lang], act: FromPath[Act], request: Request, application: NamedDependency[Application]
) -> Response[str]:
    """One thing a subscriber may do with their filing."""
    number, shown = record_number(request), shown_by(f"mine-{act}.html")
    asked: list[tuple[Any, ...]] = [(organisations,)] if "to_whom" in shown else []
    asked += [(address_links.shown_of, number)] if "contact" in shown else []
    asked += [(filing_code.passkeys_of_record, number)] if "passkeys" in shown else []
    await application.ask_together((filing_code.opened, number), *asked)
    record = await own_record(request, application)
    return await _act_page(request, application, lang, record, act, commands.new_form(application))


_REPLACES = ("move", "correct")
"""Acts that may put what is told anew in place of what the rule asked: the new disclosures are given on a page of their own."""

_ADDS = ("tell", "move", "correct", "end")
"""Acts that add to a record, which one that has ended takes no more."""


async def _act_page(
    request: Request,
    application: Application,
    lang: str,
    record: Record,
    act: str,
    form: Form,
    status: int = 200,
    ended: date | None = None,
) -> Response[str]:
    """The page of one act. `ended` is the day that somebody is about to report as the end: what follows from it is said."""
    ended = record.state.ended or ended
    until = kept_until(application.roll.rule.retention, ended, record.state.event_days) if ended else None
    name = "over" if act in _ADDS and record.state.ended else act
    template = f"mine-{name}.html"
    shown = shown_by(template)
    parts = _parts(application, record, lang, form, ended)
    given: dict[str, Any] = {
        "errors": form.summary() if name == act else [],
        "may_erase": record.state.never_counted
        or (record.state.waits and ended is not None)
        or (until is not None and until < application.roll.day(application.roll.clock())),
        "until": catalogue.day(lang, until) if until else "",
        **{part: make() for part, make in parts.items() if part in shown},
        **standing_of(application, record, lang),
    }
    if "to_whom" in shown:
        given["to_whom"] = await _to_whom(application, lang)
    if "contact" in shown:
        given |= await _contact(application, record, lang)
    given |= await _of_act(application, record, lang, act)
    return page(template, request, application, lang, f"mine/{act}", status=status, **given)


def _parts(
    application: Application, record: Record, lang: str, form: Form, ended: date | None
) -> dict[str, Callable[[], Any]]:
    """What pages of acts show, and how it is made: none shows all of it, and the rule's fields and districts are long lists."""
    roll, kind = application.roll, record.state.kind
    retention = roll.rule.retention
    return {
        "form": lambda: form,
        "fields": lambda: fields_of(application, lang, teller=kind),
        "asked": lambda: [one for one in fields_of(application, lang, kind) if one["asked"]],
        "present": lambda: " ".join(sorted(record.state.digests)),
        "fields_told": lambda: [
            {"value": one["name"], "text": one["title"]} for one in fields_of(application, lang, teller=kind)
        ],
        "districts": lambda: districts(application, lang),
        "accesses": lambda: choices(roll.place.jurisdiction.accesses, lang),
        "kinds": lambda: choices(application.kinds(), lang),
        "ending": lambda: catalogue.day(lang, ended) if ended else "",
        "article": lambda: cited(lang, retention.article) if retention else "",
        "taken": lambda: record.state.standing == CONFIRMED,
    }


async def _contact(application: Application, record: Record, lang: str) -> dict[str, Any]:
    """How the address stands that is told, and when a mail last asked it."""
    standing, went = await application.ask(address_links.shown_of, record.number)
    return {
        "contact": standing.value,
        "went": catalogue.day(lang, went) if went else "",
        "asked_days": address_links.ASKED_FOR.days,
        "of_a_record": address_links.OF_A_RECORD,
    }


async def _of_act(application: Application, record: Record, lang: str, act: str) -> dict[str, Any]:
    """What one act's page needs and no other's: the passkeys, or what is needed to give."""
    passkeys = await _passkeys(application, record, lang) if act == "passkey" else []
    return {"passkeys": passkeys, **(given_from(application, record, lang) if act == "give" else {})}


async def _passkeys(application: Application, record: Record, lang: str) -> list[dict[str, str]]:
    """The passkeys that open the filing, each with the day on which it was added."""
    found = await application.ask(filing_code.passkeys_of_record, record.number)
    zone = application.roll.zone
    return [{"id": credential.hex(), "added": catalogue.moment(lang, added, zone)} for credential, added in found]


async def _end_passkey(
    request: Request, application: Application, lang: str, record: Record, form: Form
) -> Response[Any]:
    """End one of the passkeys that open the filing."""
    cookie = request.cookies.get(SESSION, "")
    credential = bytes.fromhex(form.value("passkey")) if _HEX.fullmatch(form.value("passkey")) else b""
    link, begun = f"{base(request)}{lang}/find", someone(request).begun
    signs_out = await application.ask(sessions.ends_with, cookie, credential)
    refused = await application.ask(filing_code.end_passkey, record.number, credential, begun, cookie, link)
    if refused is not None:
        form.fault("passkey", say_refused(refused, lang))
        return await _act_page(request, application, lang, record, "passkey", form, refused.refusal.status)
    application.wake()
    if signs_out:
        return without_session(to(f"/{lang}/find", "own-passkey-ended"))
    return to(f"/{lang}/mine/passkey", "passkey-ended")


async def _change_contact(
    request: Request, application: Application, lang: str, record: Record, form: Form
) -> Response[Any]:
    """Where to be told when something happens to what opens the filing; the address that was is told so."""
    asked = (record.number, lang, form.value("email"), someone(request).begun, f"{base(request)}{lang}/find")
    kept = await application.ask(keep_contact, *asked) if record.state.held else False
    if kept is True:
        application.wake()
        standing = await application.ask(address_links.standing_of, record.number)
        if standing == address_links.Standing.UNASKED:
            return to(f"/{lang}/mine/passkey", "contact-unasked")
        return to(f"/{lang}/mine", "contact-asked" if standing == address_links.Standing.WAITS else "contact")
    if isinstance(kept, Refused):
        form.fault("email", say_refused(kept, lang))
        return await _act_page(request, application, lang, record, "passkey", form, kept.refusal.status)
    form.fault("email", gettext(lang, "This is not an e-mail address"))
    return await _act_page(request, application, lang, record, "passkey", form, 422)


async def _to_whom(application: Application, lang: str) -> list[dict[str, str]]:
    """To whom somebody may tell something: any organisation of the roll, or whomever they show it to."""
    return [{"value": name, "text": title} for name, title in (await organisations_there(application, lang)).items()]


@post("/{lang:str}/mine/{act:str}", status_code=200, include_in_schema=False)
async def act_sent(
    lang: FromPath[Lang],
    act: FromPath[Literal["tell", "take-back", "move", "correct", "end", "erase", "keep", "contact", "end-passkey"]],
    data: FormData,
    request: Request,
    application: NamedDependency[Application],
) -> Any:
    """Do it; what was told goes back to its teller on this one page."""
    record = await own_record(request, application)
    form = form_sent(data, request, application)
    if form.value("to") not in {one["value"] for one in await _to_whom(application, lang)}:
        form.values["to"] = ""
    if act == "end" and form.value("sure") != "yes" and (day := commands.check_end(application, record, form, lang)):
        return await _act_page(request, application, lang, record, "end-check", form, ended=day)
    if act == "keep":
        # Which passkey says no is what the session says, whatever stands in the form.
        form.values["signed-in-by"] = await application.ask(
            filing_code.signed_in_by, record.number, request.cookies.get(SESSION, "")
        )
    if act == "end-passkey":
        return await _end_passkey(request, application, lang, record, form)
    if act == "contact":
        return await _change_contact(request, application, lang, record, form)
    kept, version = await commands.act_on(application, record, act, form, lang)
    if form.errors:
        form.key = commands.new_key(application)
        return await _act_page(request, application, lang, record, PAGES.get(act, act), form, 422)
    if act == "tell" or (act in _REPLACES and (kept or form.value("digests"))):
        to_whom = {one["value"]: one["text"] for one in await _to_whom(application, lang)}
        recipient = to_whom.get(form.value("to"), "") if act == "tell" else ""
        given: dict[str, Any] = {"disclosures": kept, "recipient": recipient, "in_page": form.in_page}
        given |= {"version": version, "act": act}
        return page("told.html", request, application, lang, "mine", **given)
    if act == "erase":
        return without_session(to(f"/{lang}/", "erased"))
    return to(f"/{lang}/mine", act)


@post("/{lang:str}/disclosures", status_code=200, include_in_schema=False, sync_to_thread=False)
def disclosures(lang: FromPath[Lang], data: FormData) -> Response[str]:
    """Give somebody's own text back as a file: it was never stored."""
    text = data.get("disclosures", "")[:100_000]
    headers = {"content-disposition": f'attachment; filename="disclosures-{lang}.txt"', "cache-control": "no-store"}
    return Response(text, media_type=MediaType.TEXT, headers=headers)


@post("/{lang:str}/sign-out", status_code=200, include_in_schema=False)
async def sign_out(
    lang: FromPath[Lang], data: FormData, request: Request, application: NamedDependency[Application]
) -> Any:
    """End this session, or every session of who is signed in."""
    if data.get("everywhere"):
        await application.ask(sessions.end_everywhere, someone(request), request.cookies.get(SESSION, ""))
    else:
        await application.ask(sessions.end, request.cookies.get(SESSION, ""))
    return without_session(to(f"/{lang}/", "signed-out"))


subscriber_handlers: tuple[ControllerRouterHandler, ...] = (
    find,
    found,
    mine,
    act_form,
    act_sent,
    disclosures,
    sign_out,
)
"""A subscriber's pages."""
