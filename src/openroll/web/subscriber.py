"""A subscriber's pages: file in three steps, open the filing, tell, take back, correct, move, end, erase, prove.

Filing codes travel in forms and sessions, never in addresses, so that no list of addresses holds them. What is typed about a
person stays in the page where script makes its digests (frontend/src/telling.js); without it, it goes from form to form and is
never stored.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal

import segno
from litestar import MediaType, Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler

from openroll.paper import PrintedReceipt, receipt_pdf
from openroll.places.bundle import Bundle
from openroll.places.model import Choice, District
from openroll.register.decision import Refused
from openroll.register.refusal import Refusal
from openroll.register.refusals import TooManyFilings, TooManyTries
from openroll.register.subscription.decide import DISOWNED, LAPSED
from openroll.register.subscription.events import PortOffered, SubscriptionNotified, SubscriptionPorted
from openroll.register.subscription.refusals import CodeWrong, HeldByPasskey, SubscriptionUnknown
from openroll.rules import NATURAL, Duty, Field, kept_until
from openroll.rules.language import in_language
from openroll.service.application import Application
from openroll.service.identity import filing_code, sessions
from openroll.service.identity.people import organisations
from openroll.service.identity.release import has_contact
from openroll.service.log import receipts
from openroll.service.queries import Happening, Record
from openroll.web import commands
from openroll.web.auth import (
    SESSION,
    FormData,
    Lang,
    NotSignedIn,
    Request,
    base,
    form_key,
    page,
    record_number,
    refused_page,
    retry_after,
    someone,
    source,
    to,
    with_session,
    without_session,
)
from openroll.web.forms import Form, number_fault, seed_of
from openroll.web.local import district_word, offices_of
from openroll.web.packing import number_shape
from openroll.web.pages import svg
from openroll.words import catalogue, say_refused
from openroll.words.catalogue import gettext
from openroll.words.citations import cited
from openroll.words.labels import EVENTS, OWN_ROLES, ROLES, STATES, words

MOST_SHOWN = 100
"""Facts of a record's history on one page: a page is made on the event loop, and a history may be long."""


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


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


def puzzle_of(refusal: Refusal) -> str:
    """The puzzle that opens another way at once; empty where there is none."""
    return refusal.puzzle if isinstance(refusal, TooManyTries | TooManyFilings) else ""


async def _record(request: Request, application: Application) -> Record:
    record = await application.ask(filing_code.opened, record_number(request))
    if isinstance(record, Refused):
        raise NotSignedIn  # it was erased from another device: this session opens nothing any more
    return record


@get("/{lang:str}/mine", include_in_schema=False)
async def mine(lang: FromPath[Lang], request: Request, application: NamedDependency[Application]) -> Response[str]:
    """The filing as it stands, and everything that happened with it."""
    record = await _record(request, application)
    before = request.query_params.get("before", "")
    shown = _shown(application, record, lang, await _names(application, lang), before=before)
    return page("mine.html", request, application, lang, "mine", key=commands.new_key(application), **shown)


async def _operators(application: Application, lang: str) -> dict[str, str]:
    """The operators that a subscription can be filed with."""
    every = (await application.figures()).operators
    return {one.name: in_language(one.title, lang) for one in every if one.ended is None}


def _shown(
    application: Application,
    record: Record,
    lang: str,
    operators: Mapping[str, str],
    roles: dict[str, str] = OWN_ROLES,
    *,
    before: str = "",
) -> dict[str, Any]:
    """What pages show of a record; of its history MOST_SHOWN facts, those before the one numbered `before` or the newest."""
    state = record.state
    where = application.district(state.district)
    day = catalogue.day
    rows = [
        (gettext(lang, "Operator"), _answering(record, operators, lang)),
        (gettext(lang, "Who subscribes"), application.kind(state.kind, lang)),
        (gettext(lang, "How you connect"), application.access(state.access, lang)),
        (district_word(application, lang), in_language(where.title, lang)),
        (gettext(lang, "When the subscription began"), day(lang, state.connected)),
        (gettext(lang, "Filed"), day(lang, state.filed)),
        *([(gettext(lang, "Ended"), day(lang, state.ended))] if state.ended else []),
    ]
    last = int(before) if before.isascii() and before.isdigit() and len(before) < 10 else 10**9
    part = [one for one in record.history if one.version < last][-MOST_SHOWN:]
    return {
        "older": part[0].version if part and part[0].version > record.history[0].version else 0,
        "record": record,
        "rows": rows,
        "offices": offices_of(application, lang, state.district),
        "history": [_happened(lang, one, roles, operators) for one in part],
        "duties": _duties(application, record, lang, own=True),
        "operator_duties": _duties(application, record, lang, own=False),
        "ended": state.ended is not None,
        "held": state.held,
        "standing": state.standing,
        "waits_until": day(lang, record.waits_until) if record.waits_until else "",
        "told": len(state.told),
        "release": state.release and {"why": state.release.why, "until": day(lang, state.release.until)},
        "release_days": application.roll.release_days,
    }


def _answering(record: Record, operators: Mapping[str, str], lang: str) -> str:
    """The operator that answers for a record, and since when where another one did before, which is named with its days."""
    if len(record.operators) < 2:
        return operators.get(record.state.operator, record.state.operator)
    said = []
    for one in record.operators:
        name, since = operators.get(one.operator, one.operator), catalogue.day(lang, one.since)
        if one.until is None:
            said.append(gettext(lang, "{operator} since {since}").format(operator=name, since=since))
        else:
            until = catalogue.day(lang, one.until)
            span = gettext(lang, "{operator} from {since} to {until}")
            said.append(span.format(operator=name, since=since, until=until))
    return gettext(lang, "; ").join(reversed(said))


NAMES_AN_ORGANISATION = (SubscriptionNotified.name, PortOffered.name, SubscriptionPorted.name)
"""Kinds of which the detail is an organisation: the one that something was told to, or that the record goes to."""


def _happened(lang: str, one: Happening, roles: Mapping[str, str], operators: Mapping[str, str]) -> dict[str, Any]:
    """One fact of a record's history in words."""
    told = one.name in NAMES_AN_ORGANISATION
    return {
        "version": one.version,
        "day": catalogue.day(lang, one.day),
        "what": words(lang, EVENTS, one.name),
        "by": acted(lang, one, roles, operators),
        "detail": operators.get(one.detail, one.detail) if told else one.detail,
    }


def acted(lang: str, one: Happening, roles: Mapping[str, str], operators: Mapping[str, str]) -> str:
    """Who did something: a role and, of an organisation, which and whose seat. Only who certainly is the holder is "you"."""
    role = "code" if one.role == "subscriber" and not one.holder else one.role
    said = words(lang, dict(roles), role)
    named = operators.get(one.organisation, one.organisation)
    parts = (named, gettext(lang, "seat {seat}").format(seat=one.seat) if one.seat else "")
    return gettext(lang, ", ").join((said, *filter(None, parts)))


def shown_record(application: Application, record: Record, lang: str) -> dict[str, Any]:
    """A record as its operator sees it."""
    state = record.state
    named = {state.operator, *(one.operator for one in record.operators), *(one.organisation for one in record.history)}
    titles = {name: application.operator_title(name, lang) for name in named}
    return _shown(application, record, lang, titles, ROLES)


def _duties(application: Application, record: Record, lang: str, *, own: bool) -> list[tuple[str, str]]:
    """Duties with their states: the subscriber's own, or those that others (its operator) have about this record."""
    by_id: dict[str, Duty] = {duty.id: duty for duty in application.roll.rule.duties}
    said = []
    for one in record.duties:
        if one.state != "none" and (one.bearer == "subscriber") == own:
            title = by_id[one.duty].title
            due = f" ({catalogue.day(lang, one.due)})" if one.due else ""
            said.append((in_language(title, lang), words(lang, STATES, one.state) + due))
    return said


_OF_PEOPLE = {"name": _("Your name")}
"""What a field that the rule asks of organisations is called where a person or a household may tell it."""


def fields_of(application: Application, lang: str, kind: str = "", *, teller: str = "") -> list[dict[str, Any]]:
    """The rule's personal fields as a form asks them: the title, and why, by which article, and whether by choice.

    `kind` is whose duty is said; `teller` who tells, where all is by choice.
    """
    return [
        _asked(application, field, lang, kind, teller or kind)
        for field in application.roll.rule.fields
        if field.personal
    ]


def _asked(application: Application, field: Field, lang: str, kind: str, teller: str) -> dict[str, Any]:
    aims = gettext(lang, ", ").join(in_language(aim, lang) for aim in field.aims)
    kinds = gettext(lang, ", ").join(application.kind(one, lang) for one in field.required_of)
    asked = kind in field.required_of
    if kind:
        duty = gettext(lang, "Asked of you") if asked else gettext(lang, "By choice")
    else:
        free = field.by_choice or (teller and teller not in field.required_of)
        duty = gettext(lang, "By choice") if free else gettext(lang, "Asked of: {kinds}").format(kinds=kinds)
    title = in_language(field.title, lang)
    alone = application.roll.rule.natures.get(teller) in NATURAL
    if alone and teller not in field.required_of and "organisation" in field.required_of:
        title = gettext(lang, _OF_PEOPLE[field.name]) if field.name in _OF_PEOPLE else title
    optional = gettext(lang, "{field} (optional)").format(field=title)
    # What the rule asks of others is no article that anybody who tells by choice is held to.
    parts = (duty, aims, cited(lang, field.article) if asked or not teller else "")
    label = title if asked or not kind else optional
    hint = " · ".join(part for part in parts if part)
    form = application.roll.setting(application.roll.day(application.roll.clock())).terms.form_of(field.name)
    example = gettext(lang, "For example {example}").format(example=form.example) if form else ""
    shape = number_shape(form) | ({"fault": number_fault(lang, form)} if form else {})
    told = {"name": field.name, "title": title, "label": label, "asked": asked, "shape": shape}
    return told | {"hint": " · ".join(filter(None, (hint, example)))}


def districts(application: Application, lang: str) -> list[dict[str, str]]:
    """The districts of today that a filing may name, as the items of a select; those of a wider one stand together."""
    roll = application.roll
    leaves = roll.place.leaves(roll.day(roll.clock()))
    return [{"value": one.code, "text": _with_parents(roll.place, one, lang)} for one in leaves]


def _with_parents(place: Bundle, district: District, lang: str) -> str:
    """A district's name, behind those of what it is part of: `Seeland, Biel/Bienne`."""
    return gettext(lang, ", ").join(in_language(one.title, lang) for one in place.path(district.code))


def choices(listed: Sequence[Choice], lang: str) -> list[dict[str, str]]:
    """A closed list of the jurisdiction as the items of a select."""
    return [{"value": one.id, "text": in_language(one.title, lang)} for one in listed]


Step = Literal["subscription", "about", "check"]


@get("/{lang:str}/file", include_in_schema=False)
async def file_form(lang: FromPath[Lang], request: Request, application: NamedDependency[Application]) -> Response[str]:
    """Where somebody files without an operator's file: the first of three steps."""
    return await _file_page(request, application, lang, commands.new_form(application), "subscription")


async def _file_page(
    request: Request, application: Application, lang: str, form: Form, step: str, status: int = 200, puzzle: str = ""
) -> Response[str]:
    operators = await _operators(application, lang)
    lists = {
        "operators": [{"value": name, "text": title} for name, title in operators.items()],
        "kinds": choices(application.kinds(), lang),
        "accesses": choices(application.roll.place.jurisdiction.accesses, lang),
        "districts": districts(application, lang),
    }
    fields = fields_of(application, lang, form.value("kind") if step != "subscription" else "")
    where = district_word(application, lang)
    answers = _answers(form, lists, fields, lang, where) if step == "check" else []
    given: dict[str, Any] = {**lists, "fields": fields, "form": form, "errors": form.summary(), "answers": answers}
    given["puzzle"] = puzzle
    given["offices"] = offices_of(application, lang, form.value("district")) if step == "check" else []
    return page(f"file-{step}.html", request, application, lang, "file", status=status, **given)


def _answers(
    form: Form, lists: Mapping[str, list[dict[str, str]]], fields: list[dict[str, Any]], lang: str, district: str
) -> list[tuple[str, str, str, str]]:
    """What was typed, to be checked before it is filed: (question, answer, the step it was asked in, personal field)."""

    def chosen(name: str, items: str) -> str:
        return next((one["text"] for one in lists[items] if one["value"] == form.value(name)), "")

    connected = form.day("connected", lang)
    first = [
        (gettext(lang, "Your operator"), chosen("operator", "operators")),
        (gettext(lang, "Who subscribes"), chosen("kind", "kinds")),
        (gettext(lang, "How you connect"), chosen("access", "accesses")),
        (district, chosen("district", "districts")),
        (gettext(lang, "When the subscription began"), catalogue.day(lang, connected) if connected else ""),
    ]
    nothing = gettext(lang, "not told")
    second = [(one["title"], form.value(f"field-{one['name']}") or nothing, "about", one["name"]) for one in fields]
    return [(*one, "subscription", "") for one in first] + second


def _sent(data: Mapping[str, str], request: Request, application: Application) -> Form:
    """A form that was sent: under its key, with the seed of what it tells."""
    return Form(
        data, form_key(request, data.get("key", "")), seed_of(data.get("seed", ""), application.roll.random_bytes)
    )


@post("/{lang:str}/file", status_code=200, include_in_schema=False)
async def file_sent(
    lang: FromPath[Lang], data: FormData, request: Request, application: NamedDependency[Application]
) -> Any:
    """On to the next step, back to an earlier one, or file. What was told goes back to its teller and is not kept."""
    form = _sent(data, request, application)
    operators = set(await _operators(application, lang))
    back, step = form.value("back"), form.value("step")
    if back in ("subscription", "about"):
        return await _file_page(request, application, lang, form, back)
    first = commands.check_subscription(application, form, operators, lang)
    if not first:
        return await _file_page(request, application, lang, form, "subscription", 422)
    if step == "subscription":
        return await _file_page(request, application, lang, form, "about")
    if not commands.check_about(application, form, lang):
        return await _file_page(request, application, lang, form, "about", 422)
    if step == "about":
        return await _file_page(request, application, lang, form, "check")
    refused = await _may_file(request, application, form)
    if refused is not None:
        form.fault("operator", say_refused(refused, lang))
        answer = await _file_page(
            request, application, lang, form, "check", refused.refusal.status, puzzle=puzzle_of(refused.refusal)
        )
        answer.headers.update(retry_after(refused))
        return answer
    filed = await commands.file_alone(application, form, operators, lang)
    if filed is None:
        return await _file_page(request, application, lang, form, "subscription", 503 if application.held else 422)
    secret = await application.ask(filing_code.session_of_record, filed.number, request.cookies.get(SESSION, ""))
    given: dict[str, Any] = {"code": filed.code, "disclosures": filed.disclosures, "in_page": form.in_page}
    given["told"] = filed.version if filed.version > 1 else 0
    shown = page("filed.html", request, application, lang, "file", **given)
    return shown if isinstance(secret, Refused) else with_session(shown, secret)


async def _may_file(request: Request, application: Application, form: Form) -> Refused | None:
    burst, operator = request.app.state.filings_alone, form.value("operator")
    return await application.ask(filing_code.may_file_alone, burst, operator, source(request), form.value("proof"))


Act = Literal["tell", "take-back", "move", "correct", "end", "erase", "passkey"]


_HEX = re.compile("([0-9a-f]{2}){1,1023}")
PAGES = {"keep": "passkey", "contact": "passkey", "end-passkey": "passkey"}
"""Acts that stand on another act's page."""


@get("/{lang:str}/mine/{act:str}", include_in_schema=False)
async def act_form(
    lang: FromPath[Lang], act: FromPath[Act], request: Request, application: NamedDependency[Application]
) -> Response[str]:
    """One thing a subscriber may do with their filing."""
    record = await _record(request, application)
    return await _act_page(request, application, lang, record, act, commands.new_form(application))


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
    retention = application.roll.rule.retention
    ended = record.state.ended or ended
    until = kept_until(retention, ended, record.state.event_days) if ended else None
    name = "over" if act in _ADDS and record.state.ended else act
    given: dict[str, Any] = {
        "form": form,
        "errors": form.summary() if name == act else [],
        "fields": fields_of(application, lang, teller=record.state.kind),
        "to_whom": await _to_whom(application, lang),
        "districts": districts(application, lang),
        "accesses": choices(application.roll.place.jurisdiction.accesses, lang),
        "kinds": choices(application.kinds(), lang),
        "until": catalogue.day(lang, until) if until else "",
        "ending": catalogue.day(lang, ended) if ended else "",
        "may_erase": record.state.standing in (DISOWNED, LAPSED)
        or (until is not None and until < application.roll.day(application.roll.clock())),
        "article": cited(lang, retention.article) if retention else "",
        "contact": await application.ask(has_contact, record.number),
        "passkeys": await _passkeys(application, record, lang) if act == "passkey" else [],
        **_shown(application, record, lang, await _names(application, lang)),
    }
    return page(f"mine-{name}.html", request, application, lang, f"mine/{act}", status=status, **given)


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
    refused = await application.ask(filing_code.end_passkey, record.number, credential, begun, cookie, link)
    if refused is not None:
        form.fault("passkey", say_refused(refused, lang))
        return await _act_page(request, application, lang, record, "passkey", form, refused.refusal.status)
    application.wake()
    return to(f"/{lang}/mine/passkey", "passkey-ended")


async def _names(application: Application, lang: str) -> dict[str, str]:
    """What every organisation of the roll is called, also operators that are in it no more."""
    before = {one.name: in_language(one.title, lang) for one in (await application.figures()).operators}
    return before | await _there(application, lang)


async def _there(application: Application, lang: str) -> dict[str, str]:
    """What every organisation that is in the roll today is called."""
    return {one.name: in_language(one.title, lang) for one in await application.ask(organisations)}


async def _to_whom(application: Application, lang: str) -> list[dict[str, str]]:
    """To whom somebody may tell something: any organisation of the roll, or whomever they show it to."""
    return [{"value": name, "text": title} for name, title in (await _there(application, lang)).items()]


@post("/{lang:str}/mine/{act:str}", status_code=200, include_in_schema=False)
async def act_sent(
    lang: FromPath[Lang],
    act: FromPath[Literal["tell", "take-back", "move", "correct", "end", "erase", "keep", "contact", "end-passkey"]],
    data: FormData,
    request: Request,
    application: NamedDependency[Application],
) -> Any:
    """Do it; what was told goes back to its teller on this one page."""
    record = await _record(request, application)
    form = _sent(data, request, application)
    if form.value("to") not in {one["value"] for one in await _to_whom(application, lang)}:
        form.values["to"] = ""
    if act == "end" and form.value("sure") != "yes" and (day := commands.check_end(application, record, form, lang)):
        return await _act_page(request, application, lang, record, "end-check", form, ended=day)
    if act == "keep":
        # Which passkey says no is what the session says, whatever stands in the form.
        form.values["signed-in-by"] = await application.ask(filing_code.signed_in_by, request.cookies.get(SESSION, ""))
    if act == "end-passkey":
        return await _end_passkey(request, application, lang, record, form)
    kept, version = await commands.act_on(application, record, act, form, lang)
    if form.errors:
        form.key = commands.new_key(application)
        return await _act_page(request, application, lang, record, PAGES.get(act, act), form, 422)
    if act == "tell":
        to_whom = {one["value"]: one["text"] for one in await _to_whom(application, lang)}
        recipient = to_whom.get(form.value("to"), "")
        given: dict[str, Any] = {"disclosures": kept, "recipient": recipient, "in_page": form.in_page}
        given["version"] = version
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


@get("/{lang:str}/mine/receipts/{version:int}", include_in_schema=False)
async def receipt(
    lang: FromPath[Lang], version: FromPath[int], request: Request, application: NamedDependency[Application]
) -> Response[str]:
    """A receipt's page: what it proves and what not."""
    record = await _record(request, application)
    proof = await application.receipt(record.number, version)
    if isinstance(proof, Refused) and isinstance(proof.refusal, SubscriptionUnknown):
        raise NotFoundException
    shown: dict[str, Any] = {"code": record.code, "version": version, "waiting": isinstance(proof, Refused)}
    if isinstance(proof, bytes):
        proved = receipts.proved(application.roll, proof)
        shown |= {
            "proved": proved,
            "keys": application.roll.keys.succession.at(proved.checkpoint.size),
            "what": words(lang, EVENTS, proved.entry.kind),
            "day": catalogue.day(lang, date.fromisoformat(proved.entry.day)),
            "qr": svg(segno.make_qr(address_of(request, lang, record), error="m")),
        }
    return page("receipt.html", request, application, lang, f"mine/receipts/{version}", **shown)


@get("/{lang:str}/mine/receipts/{version:int}/proof", include_in_schema=False)
async def receipt_file(
    lang: FromPath[Lang], version: FromPath[int], request: Request, application: NamedDependency[Application]
) -> Response[Any]:
    """The receipt itself."""
    proof = await _proof(request, application, version)
    if proof is None:
        return to(f"/{lang}/mine/receipts/{version}")
    name = receipts.file_name(application.roll, proof, version)
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(proof, media_type="text/plain", headers=headers)


def address_of(request: Request, lang: str, record: Record) -> str:
    """Where a filing is opened, with its code after the hash, which browsers send to nobody."""
    return f"{base(request)}{lang}/find#{record.code.replace(' ', '')}"


async def _proof(request: Request, application: Application, version: int) -> bytes | None:
    proof = await application.receipt(record_number(request), version)
    return proof if isinstance(proof, bytes) else None


@get("/{lang:str}/mine/receipts/{version:int}/pdf", include_in_schema=False)
async def receipt_paper(
    lang: FromPath[Lang],
    version: FromPath[int],
    request: Request,
    application: NamedDependency[Application],
    with_code: FromQuery[bool] = False,
) -> Response[Any]:
    """The receipt to print, in both languages: a copy to be shown, or with the filing code one to be kept like a key."""
    record = await _record(request, application)
    proof = await _proof(request, application, version)
    if proof is None:
        return to(f"/{lang}/mine/receipts/{version}")
    code = record.code if with_code else ""
    printed = printed_receipt(application, proof, f"{base(request)}{lang}/verify", code)
    data = await application.print(f"record {record.number}", lambda roll: receipt_pdf(printed, made=roll.clock()))
    if isinstance(data, Refused):
        return refused_page(application, lang, data)
    name = "receipt-with-code.pdf" if with_code else "receipt.pdf"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(data, media_type="application/pdf", headers=headers)


def printed_receipt(application: Application, proof: bytes, address: str, code: str) -> PrintedReceipt:
    """What a printed receipt says; `address` is where it is checked, and `code` empty on a copy to be shown."""
    proved = receipts.proved(application.roll, proof)
    opened = application.roll.opened
    return PrintedReceipt(
        title=opened.title,
        languages=application.roll.languages,
        registrar=opened.registrar,
        code=code,
        what={lang: words(lang, EVENTS, proved.entry.kind) for lang in application.roll.languages},
        day=date.fromisoformat(proved.entry.day),
        index=proved.index,
        size=proved.checkpoint.size,
        origin=application.roll.origin,
        root=proved.checkpoint.root.hex(),
        commitment=proved.entry.commitment.hex(),
        address=address,
        proof=proof,
        demonstration=opened.demonstration,
    )


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
    file_form,
    file_sent,
    act_form,
    act_sent,
    disclosures,
    receipt,
    receipt_file,
    receipt_paper,
    sign_out,
)
"""A subscriber's pages."""
