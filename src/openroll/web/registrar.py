"""The registrar's pages: the duties board, what waits for somebody, rules, figures, organisations, records."""

import functools
from collections.abc import Sequence
from datetime import date
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from markupsafe import Markup

from openroll.places import Bundle
from openroll.register.decision import Refused
from openroll.register.organisation.commands import AdmitOperator, AdmitOrganisation
from openroll.register.organisation.roles import REGISTRAR, ROLES
from openroll.register.roll.refusals import RuleFaulty, StartsTooSoon, TakesBack
from openroll.rules import Rule, check, full_title, known_rules, load, shipped
from openroll.rules.language import in_language
from openroll.rules.text import made_on
from openroll.service import work
from openroll.service.application import Application
from openroll.service.governance import figures, open_roll, rule_versions
from openroll.service.governance.made_on import ProposalOn, taken_back
from openroll.service.governance.rule_readings import words_of_today
from openroll.service.governance.settled_work import settle_work
from openroll.service.identity import people, seats
from openroll.service.identity.people import Organisation
from openroll.service.log.publishing import publishing
from openroll.service.records import audited_lookup
from openroll.service.roll import Roll
from openroll.web.auth import FormData, Lang, NotSignedIn, Request, link_of, page, seat, someone, source, to
from openroll.web.boards import board_of
from openroll.web.changes import changes, in_words
from openroll.web.forms import Form
from openroll.web.pages import fragment
from openroll.web.people import waiting_seats
from openroll.web.place_changes import place_changes
from openroll.web.public import versions_of
from openroll.web.readings_said import said_readings
from openroll.web.record_shown import shown_record
from openroll.words import catalogue, say, say_refused
from openroll.words.catalogue import gettext, name_in
from openroll.words.labels import MACHINE_WORK, ORGANISATIONS, SEATS, WORK, options, why_it_waits, words


@get("/{lang:str}/registrar", include_in_schema=False)
async def home(lang: FromPath[Lang], request: Request, application: NamedDependency[Application]) -> Response[str]:
    """The duties board, and how much waits."""
    await application.figures()
    board = board_of(application, await application.board(), lang)
    await application.ask_together((work.queue,), (seats.waiting, ""), (words_of_today,))
    queue = [one for one in await application.ask(work.queue) if one.row.owner == REGISTRAR]
    late = sum(one.left < 0 for one in queue)
    seats_here = sum(one["mine"] for one in await waiting_seats(request, application, lang, ""))
    words = await application.ask(words_of_today)
    return page(
        "registrar.html",
        request,
        application,
        lang,
        "registrar",
        board=board,
        waiting=len(queue) + seats_here,
        overdue=late,
        read=said_readings(lang, words) if words.missing else "",
    )


@get("/{lang:str}/registrar/work", include_in_schema=False)
async def work_page(lang: FromPath[Lang], request: Request, application: NamedDependency[Application]) -> Response[str]:
    """Everything that waits: why, until when, whose it is."""
    return await _work_page(request, application, lang, Form())


async def _work_page(
    request: Request, application: Application, lang: str, form: Form, status: int = 200
) -> Response[str]:
    me = someone(request).person
    await application.ask_together((work.queue,), (seats.waiting, ""), (publishing,))
    every = await application.ask(work.queue)
    queue = [
        {
            "id": one.row.id,
            "reason": words(lang, WORK, one.row.reason),
            "about": one.about or one.row.kind,
            "fault": one.row.fault.partition("\n")[0][:MOST_OF_A_FAULT],
            "link": f"/{lang}/registrar/rules" if one.row.kind == "proposal" else "",
            "due": catalogue.day(lang, one.on),
            "left": one.left,
            "owner": one.row.label,
            "mine": one.row.taken_by == me,
        }
        for one in every
        if one.row.owner == REGISTRAR
    ]
    elsewhere = [_elsewhere(application, one, lang) for one in every if one.row.owner != REGISTRAR]
    seats_here = [one for one in await waiting_seats(request, application, lang, "") if one["mine"]]
    given: dict[str, Any] = {"queue": queue, "waiting": seats_here, "form": form, "errors": form.summary()}
    given |= {"elsewhere": elsewhere, "stands": await application.ask(publishing)}
    return page("work.html", request, application, lang, "registrar/work", status=status, **given)


MOST_OF_A_FAULT = 200
"""Characters of a fault on the page; `openroll work list` has the whole."""


def _elsewhere(application: Application, one: work.Waiting, lang: str) -> dict[str, Any]:
    """What waits for the machine or another organisation. Whose record or message it is about is not shown."""
    machine = one.row.owner == work.MACHINE
    return {
        "kind": words(lang, MACHINE_WORK, one.row.kind),
        "owner": gettext(lang, "the machine") if machine else one.row.owner,
        "reason": why_it_waits(lang, one.row.kind, one.row.reason, machine=machine),
        "fault": one.row.fault.partition("\n")[0][:MOST_OF_A_FAULT],
        "due": catalogue.moment(lang, one.row.due, application.roll.zone),
        "attempts": one.row.attempts,
    }


@post("/{lang:str}/registrar/work/{number:int}/take", status_code=200, include_in_schema=False)
async def take(
    lang: FromPath[Lang], number: FromPath[int], request: Request, application: NamedDependency[Application]
) -> Response[Any]:
    """Make a piece of work one's own."""
    me = someone(request).person
    if me is None:
        raise NotSignedIn
    await application.ask(work.take, number, me)
    return to(f"/{lang}/registrar/work", "taken")


@post("/{lang:str}/registrar/work/{number:int}/done", status_code=200, include_in_schema=False)
async def done(
    lang: FromPath[Lang],
    number: FromPath[int],
    data: FormData,
    request: Request,
    application: NamedDependency[Application],
) -> Response[Any]:
    """Say how a piece of work ended."""
    form = Form(data)
    refused = await application.ask(settle_work, number, form.value(f"outcome-{number}"), seat(request))
    if refused is not None:
        form.fault(f"outcome-{number}", say_refused(refused, lang))
        return await _work_page(request, application, lang, form, 422)
    return to(f"/{lang}/registrar/work", "settled")


@get("/{lang:str}/registrar/rules", include_in_schema=False)
async def rules_page(
    lang: FromPath[Lang], request: Request, application: NamedDependency[Application]
) -> Response[str]:
    """Propose a rule, and what waits for a second pair of eyes."""
    return await _rules_page(request, application, lang, Form())


async def _rules_page(
    request: Request,
    application: Application,
    lang: str,
    form: Form,
    *,
    checked: Any = None,
    faults: Any = (),
    back: Any = None,
    status: int = 200,
) -> Response[str]:
    me = seat(request)
    waiting = []
    for row in await application.ask(rule_versions.waiting):
        eyes = await application.ask(rule_versions.eyes, row, me)
        title, changed = await application.made.get(
            ("proposal", lang, row.id, row.digest, *((one.name, one.since) for one in (eyes.on.then, *eyes.on.after))),
            functools.partial(_proposed, row, eyes.on, lang),
        )
        read = said_readings(lang, eyes.words) if eyes.words else ""
        waiting.append(
            {
                "id": row.id,
                "title": title,
                "name": f"{row.ref}@{row.digest[:16]}",
                "starts": catalogue.day(lang, row.starts),
                "seat": f"{me.organisation}/{row.seat}",
                "digest": row.digest,
                "read": read,
                "unread": say(eyes.unread.code, eyes.unread.params, lang) if eyes.unread else "",
                "parts": [words(lang, PARTS, part) for part in eyes.on.changes],
                "stale": say(eyes.stale.code, eyes.stale.params, lang) if eyes.stale else "",
                "why": say(eyes.refusal.code, eyes.refusal.params, lang) if eyes.refusal else "",
                "may": gettext(lang, ", ").join(map(str, eyes.may)),
                "changes": changed,
            }
        )
    own = [one for one in application.roll.place.jurisdiction.rules if one.partition("+")[0] in known_rules()]
    references = tuple(dict.fromkeys((*own, *shipped())))
    given: dict[str, Any] = {
        "waiting": waiting,
        "versions": versions_of(application, lang),
        "references": await application.made.get(
            ("references", lang, references), functools.partial(_titled, references, lang)
        ),
        "checked": checked,
        "faults": faults,
        "back": back,
        "form": form,
        "errors": form.summary(),
    }
    return page("rules.html", request, application, lang, "registrar/rules", status=status, **given)


def _read(_: Roll, reference: str, text: str) -> Rule | Refused:
    """The rule that a form means."""
    return rule_versions.read_rule(reference, text)


def _proposed(row: rule_versions.ProposalRow, on: ProposalOn, lang: str) -> tuple[str, Markup]:
    """A proposal's title, and all that it changes of what is in force on its first day; then what comes after, likewise."""
    shown = [(f"{row.ref}@{row.digest[:16]}", "", _differences(on.then.rule, on.then.place, on.rule, on.place, lang))]
    for one in on.after:
        starts = catalogue.day(lang, one.starts)
        shown.append((one.name, starts, _differences(on.rule, on.place, one.rule, one.place, lang)))
    parts = [fragment("rule-changes.html", lang, name=name, day=day, changes=found) for name, day, found in shown]
    return in_language(full_title(on.rule), lang), Markup("").join(parts)


def _differences(rule: Rule, place: Bundle, later: Rule, there: Bundle, lang: str) -> list[dict[str, str]]:
    return [*changes(rule, later, lang), *place_changes(place, there, lang)]


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


PARTS = {"rule": _("the rule"), "jurisdiction": _("the jurisdiction")}
"""What a proposal changes."""


def _titled(references: Sequence[str], lang: str) -> list[dict[str, str]]:
    """Shipped rules as a list of choices shows them."""
    return [{"value": one, "text": f"{in_language(full_title(load(one)), lang)} ({one})"} for one in references]


_PLACES = {StartsTooSoon: "starts", TakesBack: "back"}
"""The fields of the form that refusals are about; the rest are about the rule."""


def _back(roll: Roll, rule: Rule, starts: date, lang: str) -> dict[str, Any]:
    """What a rule takes back of what was changed before, in words, and the rule that is in force on its first day."""
    then = roll.rule_on(starts)
    return {
        "shown": then.name,
        "taken": in_words(taken_back(roll, starts, rule, then.place).rule, then.rule, rule, lang),
    }


def _checked(_: Roll, rule: Rule, there: Rule, lang: str) -> dict[str, Any]:
    """What a rule came to when it was checked, and what it changes of the one that is in force on its day."""
    findings = check(rule)
    opens = not any(one.shuts for one in findings)
    return {"rule": rule, "findings": findings, "opens": opens, "changes": changes(there, rule, lang)}


@post("/{lang:str}/registrar/rules", status_code=200, include_in_schema=False)
async def propose(
    lang: FromPath[Lang], data: FormData, request: Request, application: NamedDependency[Application]
) -> Response[Any]:
    """Check a rule, or propose it to be in force from a day."""
    form = Form(data)
    if not form.value("reference") and not form.value("text"):
        form.fault("reference", gettext(lang, "Choose a rule, or paste one"))
        return await _rules_page(request, application, lang, form, status=422)
    by, roll = seat(request), application.roll
    starts = form.day("starts", lang) if form.value("act") != "check" or form.value("starts-year") else None
    if "starts" in form.errors:
        return await _rules_page(request, application, lang, form, status=422)
    rule = await application.weigh(by, _read, form.value("reference"), form.values.get("text", ""))
    if isinstance(rule, Refused) and not isinstance(rule.refusal, RuleFaulty):
        form.fault("reference", say_refused(rule, lang))
        return await _rules_page(request, application, lang, form, status=rule.refusal.status)
    if isinstance(rule, Refused):
        # The first fault stands at the field; all of them as a list, because a file has many at once.
        told = rule.refusal.faults if isinstance(rule.refusal, RuleFaulty) else ()
        faults = tuple(catalogue.said(lang, one) for one in told)
        form.fault("text", say(rule.refusal.code, {"faults": faults[:1]}, lang))
        return await _rules_page(request, application, lang, form, faults=faults if len(faults) > 1 else (), status=422)
    if form.value("act") == "check":
        there = roll.rule if starts is None else roll.rule_on(starts).rule
        checked = await application.weigh(by, _checked, rule, there, lang)
        if isinstance(checked, Refused):
            form.fault("reference", say_refused(checked, lang))
            return await _rules_page(request, application, lang, form, status=checked.refusal.status)
        return await _rules_page(request, application, lang, form, checked=checked)
    if starts is None:
        return await _rules_page(request, application, lang, form, status=422)
    base = made_on(form.values.get("text", "")) or form.value("back")
    proposed = await application.weigh(by, rule_versions.propose_text, rule, starts, by, base)
    if isinstance(proposed, Refused):
        place = _PLACES.get(type(proposed.refusal), "reference")
        form.fault(place, say_refused(proposed, lang))
        back = await application.weigh(by, _back, rule, starts, lang) if place == "back" else None
        return await _rules_page(request, application, lang, form, status=422, back=back)
    application.wake()
    return to(f"/{lang}/registrar/rules", "proposed")


async def _settle(request: Request, application: Application, lang: str, number: int, *, drop: bool) -> Response[Any]:
    by = seat(request)
    refused = await application.weigh(by, rule_versions.settle, number, by, drop=drop)
    if refused is not None:
        form = Form()
        form.fault("waiting", say_refused(refused, lang))
        return await _rules_page(request, application, lang, form, status=refused.refusal.status)
    application.wake()
    return to(f"/{lang}/registrar/rules", "dropped" if drop else "published")


@post("/{lang:str}/registrar/rules/{number:int}/publish", status_code=200, include_in_schema=False)
async def publish(
    lang: FromPath[Lang], number: FromPath[int], request: Request, application: NamedDependency[Application]
) -> Response[Any]:
    """The second pair of eyes: publish what another proposed."""
    return await _settle(request, application, lang, number, drop=False)


@post("/{lang:str}/registrar/rules/{number:int}/drop", status_code=200, include_in_schema=False)
async def drop(
    lang: FromPath[Lang], number: FromPath[int], request: Request, application: NamedDependency[Application]
) -> Response[Any]:
    """Drop a proposal."""
    return await _settle(request, application, lang, number, drop=True)


@get("/{lang:str}/registrar/figures", include_in_schema=False)
async def figures_page(
    lang: FromPath[Lang], request: Request, application: NamedDependency[Application]
) -> Response[str]:
    """Publish the figures of today, and what was published."""
    return await _figures_page(request, application, lang, [])


async def _figures_page(
    request: Request, application: Application, lang: str, errors: list[dict[str, str]], status: int = 200
) -> Response[str]:
    published = [(catalogue.day(lang, day), digest) for day, _, digest in await application.ask(figures.published)]
    today = catalogue.day(lang, application.roll.day(application.roll.clock()))
    given: dict[str, Any] = {"published": published, "errors": errors, "today": today}
    given["over"] = any(day == today for day, _ in published)
    return page("figures-publish.html", request, application, lang, "registrar/figures", status=status, **given)


@post("/{lang:str}/registrar/figures", status_code=200, include_in_schema=False)
async def publish_figures(
    lang: FromPath[Lang], request: Request, application: NamedDependency[Application]
) -> Response[Any]:
    """Publish them."""
    digest = await application.ask(figures.publish, seat(request))
    if isinstance(digest, Refused):
        errors = [{"text": say_refused(digest, lang)}]
        return await _figures_page(request, application, lang, errors, digest.refusal.status)
    application.wake()
    return to(f"/{lang}/registrar/figures", "figures")


@get("/{lang:str}/registrar/organisations", include_in_schema=False)
async def organisations(
    lang: FromPath[Lang], request: Request, application: NamedDependency[Application]
) -> Response[str]:
    """Operators, authorities and reviewers: who is admitted, and admitting another."""
    return await _organisations_page(request, application, lang, Form())


async def _organisations_page(
    request: Request, application: Application, lang: str, form: Form, *, invitation: str = "", status: int = 200
) -> Response[str]:
    await application.ask_together((people.organisations,), (seats.waiting, ""))
    every = [
        {
            "name": one.name,
            "kind": words(lang, ORGANISATIONS, one.kind),
            "title": in_language(one.title, lang),
            "lead": ROLES[one.kind][-1],
            "operator": one.kind == "operator",
        }
        for one in await application.ask(people.organisations)
    ]
    given: dict[str, Any] = {
        "organisations": every,
        "kinds": options(lang, ORGANISATIONS, ("operator", "authority", "reviewer")),
        "waiting": await waiting_seats(request, application, lang, ""),
        "invitation": link_of(request, lang, invitation) if invitation else "",
        "form": form,
        "errors": form.summary(),
    }
    return page("organisations.html", request, application, lang, "registrar/organisations", status=status, **given)


@post("/{lang:str}/registrar/organisations", status_code=200, include_in_schema=False)
async def admit(
    lang: FromPath[Lang], data: FormData, request: Request, application: NamedDependency[Application]
) -> Response[Any]:
    """Admit an organisation (an official act)."""
    form = Form(data)
    languages = application.roll.languages
    for own in languages:
        if not 0 < len(form.value(f"title-{own}")) <= 100:
            told = gettext(lang, "Write its name in this language: {language}")
            form.fault(f"title-{own}", told.format(language=name_in(lang, own)))
    if form.value("kind") not in ("operator", "authority", "reviewer"):
        form.fault("kind", gettext(lang, "Choose what it is"))
    if form.errors:
        return await _organisations_page(request, application, lang, form, status=422)
    decision = await application.ask(_admit, form, someone(request).seat)
    if isinstance(decision, Refused):
        form.fault("name", say_refused(decision, lang))
        return await _organisations_page(request, application, lang, form, status=422)
    application.wake()
    return to(f"/{lang}/registrar/organisations", "admitted")


def _admit(roll: Any, form: Form, by: Any) -> Any:
    title = {lang: form.value(f"title-{lang}") for lang in roll.languages}
    if form.value("kind") == "operator":
        return open_roll.admit_operator(
            roll, AdmitOperator(operator=form.value("name"), kind="access-operator", by=str(by), title=title)
        )
    command = AdmitOrganisation(organisation=form.value("name"), kind=form.value("kind"), title=title)
    return people.admit_organisation(roll, command, by)


@post("/{lang:str}/registrar/organisations/{name:str}/invite", status_code=200, include_in_schema=False)
async def invite_lead(
    lang: FromPath[Lang], name: FromPath[str], request: Request, application: NamedDependency[Application]
) -> Response[Any]:
    """Invite an organisation's first lead; the link is shown on this one page."""
    found: Organisation | None = next(
        (one for one in await application.ask(people.organisations) if one.name == name), None
    )
    form = Form()
    lead = ROLES[found.kind][-1] if found else ""
    secret = await application.ask(people.invite, name, lead, words(lang, SEATS, lead), seat(request))
    if isinstance(secret, Refused):
        form.fault("name", say_refused(secret, lang))
        return await _organisations_page(request, application, lang, form, status=secret.refusal.status)
    return await _organisations_page(request, application, lang, form, invitation=secret)


@get("/{lang:str}/registrar/records", include_in_schema=False)
async def records(lang: FromPath[Lang], request: Request, application: NamedDependency[Application]) -> Response[str]:
    """Where one record is found, by its code or by its operator's handle: never by a name, for there is none."""
    return await _records_page(request, application, lang, Form(), None)


async def _records_page(
    request: Request, application: Application, lang: str, form: Form, shown: dict[str, Any] | None, status: int = 200
) -> Response[str]:
    operators = [
        {"value": one.name, "text": in_language(one.title, lang)}
        for one in (await application.figures()).operators
        if one.ended is None
    ]
    given: dict[str, Any] = {"record": None, **(shown or {})}
    given |= {"operators": operators, "form": form, "errors": form.summary()}
    return page("search.html", request, application, lang, "registrar/records", status=status, **given)


@post("/{lang:str}/registrar/records", status_code=200, include_in_schema=False)
async def found(
    lang: FromPath[Lang], data: FormData, request: Request, application: NamedDependency[Application]
) -> Response[str]:
    """One record's public part."""
    form = Form(data)
    record = await application.ask(
        audited_lookup, form.value("sought"), form.value("operator"), seat(request), source(request)
    )
    application.wake()
    if isinstance(record, Refused):
        form.fault("sought", say_refused(record, lang))
        status = record.refusal.status if record.refusal.status in (403, 429) else 404
        return await _records_page(request, application, lang, form, None, status)
    return await _records_page(request, application, lang, form, shown_record(application, record, lang))


registrar_handlers: tuple[ControllerRouterHandler, ...] = (
    home,
    work_page,
    take,
    done,
    rules_page,
    propose,
    publish,
    drop,
    figures_page,
    publish_figures,
    organisations,
    admit,
    invite_lead,
    records,
    found,
)
"""The registrar's pages."""
