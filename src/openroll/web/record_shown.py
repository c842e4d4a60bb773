"""A record as pages show it: what is public of it, who answers for it, what happened with it, what is due."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec

from openroll.register.decision import Refused
from openroll.register.grant import MOST_DAYS, PRESET_DAYS
from openroll.register.subscription.events import (
    PortOffered,
    SubscriptionChanged,
    SubscriptionCorrected,
    SubscriptionFiled,
    SubscriptionNotified,
    SubscriptionPorted,
    SubscriptionWithdrawn,
)
from openroll.rules import Duty
from openroll.rules.language import in_language
from openroll.service.application import Application
from openroll.service.identity import filing_code
from openroll.service.identity.people import organisations
from openroll.service.queries import Happening, Record
from openroll.web.auth import (
    NotSignedIn,
    Request,
    record_number,
)
from openroll.web.field_titles import title_to
from openroll.web.local import district_word, offices_of, with_parents
from openroll.words import catalogue
from openroll.words.catalogue import gettext
from openroll.words.labels import EVENTS, GIVEN, OWN_ROLES, ROLES, STATES, words

MOST_SHOWN = 100
"""Facts of a record's history on one page: a page is made on the event loop, and a history may be long."""

BEARING = (
    SubscriptionFiled.name,
    SubscriptionChanged.name,
    SubscriptionCorrected.name,
    SubscriptionNotified.name,
    SubscriptionWithdrawn.name,
)
"""Kinds of facts that say which digests stand on a record, or no longer do."""


async def own_record(request: Request, application: Application) -> Record:
    """The filing that a session opened. Raises NotSignedIn where it opens nothing any more."""
    record = await application.ask(filing_code.opened, record_number(request))
    if isinstance(record, Refused):
        raise NotSignedIn  # it was erased from another device: this session opens nothing any more
    return record


async def operators_in_force(application: Application, lang: str) -> dict[str, str]:
    """The operators that a subscription can be filed with."""
    every = (await application.figures()).operators
    return {one.name: in_language(one.title, lang) for one in every if one.ended is None}


def told_of(
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
        (district_word(application, lang), with_parents(application.roll.place, where, lang)),
        (gettext(lang, "When the subscription began"), day(lang, state.connected)),
        (gettext(lang, "Filed"), day(lang, state.filed)),
        *([(gettext(lang, "Ended"), day(lang, state.ended))] if state.ended else []),
    ]
    last = int(before) if before.isascii() and before.isdigit() and len(before) < 10 else 10**9
    part = [one for one in record.history if one.version < last][-MOST_SHOWN:]
    return {
        "older": part[0].version if part and part[0].version > record.history[0].version else 0,
        "rows": rows,
        "offices": offices_of(application, lang, state.district),
        "history": [_happened(lang, one, roles, operators) for one in part],
        "duties": _duties(application, record, lang, own=True),
        "operator_duties": _duties(application, record, lang, own=False),
        **standing_of(application, record, lang),
    }


def standing_of(application: Application, record: Record, lang: str) -> dict[str, Any]:
    """How a record stands, which every page about it may say."""
    state, day = record.state, catalogue.day
    return {
        "record": record,
        "by_operator": any(one.role == "operator" and one.name in BEARING for one in record.history),
        "ended": state.ended is not None,
        "held": state.held,
        "standing": state.standing,
        "waits_until": day(lang, record.waits_until) if record.waits_until else "",
        "told": len(state.told),
        "release": state.release and {"why": state.release.why, "until": day(lang, state.release.until)},
        "release_days": application.roll.release_days,
    }


MOST_RECEIPTS = 64
"""Receipts that the page fetches from which somebody gives what they told: the filing's, and the newest."""


def given_from(application: Application, record: Record, lang: str) -> dict[str, Any]:
    """What the page needs on which somebody gives what they told: the versions whose receipts may prove it, and words."""
    first, *others = [one.version for one in record.history if one.name in BEARING] or [1]
    roll = application.roll
    names = {field.name: title_to(application, field, lang, record.state.kind) for field in roll.rule.fields}
    today = roll.day(roll.clock())
    preset, last = today + timedelta(days=PRESET_DAYS), today + timedelta(days=MOST_DAYS)
    return {
        "today": today.isoformat(),
        "preset": preset.isoformat(),
        "last": last.isoformat(),
        "preset_day": catalogue.day(lang, preset),
        "last_day": catalogue.day(lang, last),
        "bearing": [first, *others[-(MOST_RECEIPTS - 1) :]],
        "names": msgspec.json.encode(names).decode(),
        "given": msgspec.json.encode({name: gettext(lang, text) for name, text in GIVEN.items()}).decode(),
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
    titles = {name: application.operator_title(name, lang) for name in _organisations_of(record)}
    return told_of(application, record, lang, titles, ROLES)


def _organisations_of(record: Record) -> set[str]:
    """The organisations that answer or answered for a record, or did something with it."""
    answering = {record.state.operator, *(one.operator for one in record.operators)}
    return answering | {one.organisation for one in record.history}


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


async def names_in(application: Application, record: Record, lang: str) -> dict[str, str]:
    """What the organisations that a record names are called, also operators that are in the roll no more.

    The operators there are or were are counted with the figures; others are asked for where the record names one.
    """
    operators = {one.name: in_language(one.title, lang) for one in (await application.figures()).operators}
    named = _organisations_of(record) | {one.detail for one in record.history if one.name in NAMES_AN_ORGANISATION}
    if named <= operators.keys() | {""}:
        return operators
    return operators | await organisations_there(application, lang)


async def organisations_there(application: Application, lang: str) -> dict[str, str]:
    """What every organisation that is in the roll today is called."""
    return {one.name: in_language(one.title, lang) for one in await application.ask(organisations)}
