"""Pages for anyone: what the roll is, its rule and the rule's history, figures, the log, help."""

import csv
import functools
import io
import itertools
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, timedelta
from typing import Any, Literal, NamedTuple

import msgspec
from litestar import MediaType, Response, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler
from markupsafe import Markup

from openroll.register.events import event_of
from openroll.register.organisation.events import TokenIssued
from openroll.rules import check, full_title
from openroll.rules.language import in_language, negotiated
from openroll.rules.procedure import procedure_for
from openroll.service import queries
from openroll.service.application import Application
from openroll.service.governance import figures
from openroll.service.governance.figures import Row
from openroll.service.governance.rule_readings import words_of
from openroll.service.identity.seats import founding
from openroll.service.log.witness_status import WitnessSeen, WitnessStatus, witness_policy, witness_status
from openroll.service.roll import RuleVersion
from openroll.service.sites.projections import kinds_of_site
from openroll.web.auth import Lang, Request, base, page
from openroll.web.bridge import reading_page
from openroll.web.changes import changes, said_kinds, terms
from openroll.web.charts import bars
from openroll.web.field_titles import titles_in
from openroll.web.local import district_word, offices_by_district
from openroll.web.pages import fragment, inlined, render
from openroll.web.place_changes import place_changes
from openroll.web.procedures import procedure_shown
from openroll.web.readings_said import said_readings
from openroll.words import catalogue
from openroll.words.catalogue import gettext, number
from openroll.words.labels import EVENTS, GIVEN, TOLD, VERDICTS, words
from openroll.words.reasons import REASONS, reason

COUNTED = (
    "subscription.filed/1",
    "subscription.changed/1",
    "subscription.ended/1",
    "subscription.notified/1",
    "subscription.withdrawn/1",
    "subscription.corrected/1",
    "subscription.erased/1",
)
"""The people's acts that the figures count by day."""


@get("/", include_in_schema=False, sync_to_thread=False)
def front(request: Request, application: NamedDependency[Application]) -> Redirect:
    """To the reader's language, or the roll's main one."""
    languages = application.roll.languages
    lang = negotiated(request.headers.get("accept-language", ""), languages, languages[0])
    return Redirect(f"/{lang}/", headers={"vary": "accept-language"})


@get("/{lang:str}/", include_in_schema=False)
async def home(lang: FromPath[Lang], request: Request, application: NamedDependency[Application]) -> Response[str]:
    """What this roll is and is not, and what anyone can do here."""
    counted = await application.figures()
    shown = {
        "living": at_least(lang, counted.living, counted.least),
        "least": counted.least,
        "day": counted.day,
        "notified": counted.by_event.get("subscription.notified/1", 0),
        "withdrawn": counted.by_event.get("subscription.withdrawn/1", 0),
    }
    return reading_page(
        "home.html",
        request,
        application,
        lang,
        "",
        figures=shown,
        has_sites=bool(kinds_of_site(application.roll)),
        rule=application.roll.rule,
        coming=coming_rules(application, lang),
        trouble=application.trouble,
    )


@get("/{lang:str}/rule", include_in_schema=False)
async def rule(lang: FromPath[Lang], request: Request, application: NamedDependency[Application]) -> Response[str]:
    """The rule in both languages side by side, and how it stands with the safeguards."""
    version, languages = application.roll.version, tuple(application.roll.languages)
    (words,) = await application.ask(words_of, [version.rule])
    read = said_readings(lang, words)
    make = functools.partial(_rule_body, version, lang, languages, read)
    key = ("rule", lang, version.name, version.place_name, version.since, languages, read)
    body = await application.made.get(key, make)
    coming = coming_rules(application, lang)
    return reading_page("rule.html", request, application, lang, "rule", body=body, coming=coming)


def _rule_body(version: RuleVersion, lang: str, languages: Sequence[str], read: str) -> Markup:
    shown = version.rule
    return fragment(
        "rule-body.html",
        lang,
        languages=languages,
        rule=shown,
        heading=full_title(shown),
        read=read,
        findings=check(shown),
        procedure=procedure_shown(procedure_for(shown), lang),
        terms=lambda clause: terms(clause, shown, lang, version.place),
        said_kinds=lambda kinds: said_kinds(kinds, shown, lang, version.place),
    )


@get("/{lang:str}/rule/history", include_in_schema=False)
async def history(lang: FromPath[Lang], request: Request, application: NamedDependency[Application]) -> Response[str]:
    """Every rule the roll was, is and will be under, and what each changed."""
    versions, shown = application.roll.versions, versions_of(application, lang)
    words = await application.ask(words_of, [one.rule for one in reversed(versions)])
    shown = [{**one, "read": said_readings(lang, read)} for one, read in zip(shown, words, strict=True)]
    places = tuple(one.place_name for one in versions)
    key = ("history", lang, places, tuple((one["name"], one["starts"], one["now"], one["read"]) for one in shown))
    body = await application.made.get(key, functools.partial(_history_body, versions, shown, lang))
    return reading_page("history.html", request, application, lang, "rule/history", body=body)


def _history_body(versions: Sequence[RuleVersion], shown: Sequence[Mapping[str, Any]], lang: str) -> Markup:
    pairs = [
        {
            "version": one,
            "changes": [*changes(before.rule, one.rule, lang), *place_changes(before.place, one.place, lang)],
        }
        for before, one in reversed(list(itertools.pairwise(versions)))
    ]
    return fragment("history-body.html", lang, pairs=pairs, versions=shown)


def versions_of(application: Application, lang: str) -> list[dict[str, Any]]:
    """The rules the roll was, is and will be under, the newest first."""
    today = application.roll.rule_on(application.roll.day(application.roll.clock()))
    return [_version(one, one is today, lang) for one in reversed(application.roll.versions)]


def coming_rules(application: Application, lang: str) -> list[tuple[str, str, bool]]:
    """The day and the title of each version that is published and not in force yet, the next first.

    Where it leaves the rule as it is on the day before, the title is that of the jurisdiction, and the last is true.
    """
    today = application.roll.day(application.roll.clock())
    ordered = sorted(application.roll.versions, key=lambda one: one.starts)
    told = []
    for before, one in itertools.pairwise(ordered):
        if one.starts > today:
            stays = one.name == before.name
            title = one.place.jurisdiction.title if stays else full_title(one.rule)
            told.append((catalogue.day(lang, one.starts), in_language(title, lang), stays))
    return told


def _version(one: RuleVersion, now: bool, lang: str) -> dict[str, Any]:
    starts = catalogue.day(lang, one.starts) if one.starts > date.min else gettext(lang, "when the roll was opened")
    title = in_language(full_title(one.rule), lang)
    return {"name": one.name, "place": one.place_name, "title": title, "starts": starts, "now": now}


TABLES = ("days", "districts", "kinds", "operators")
Table = Literal["days", "districts", "kinds", "operators"]


@get("/{lang:str}/figures", include_in_schema=False)
async def figures_page(
    lang: FromPath[Lang], request: Request, application: NamedDependency[Application]
) -> Response[str]:
    """The public figures: charts, the tables behind them, files to take away, and what was published."""
    rows = await application.table()
    living = await application.figures()
    counted = rows.made("entries", _entries)
    given: dict[str, Any] = {
        "tables": tuple(_table(application, name, rows, lang, living.least) for name in TABLES),
        "acts": tuple((words(lang, EVENTS, name), counted[name]) for name in COUNTED),
        "published": tuple((on, digest) for on, _, digest in (await application.ask(figures.published))[:12]),
        "least": living.least,
        "on": living.day,
        "unconfirmed": lines_of(application, "unconfirmed", rows, lang, living.least),
    }
    make = functools.partial(fragment, "figures-body.html", lang, **given)
    body = await application.made.get(("figures", lang, *given.values()), make)
    return reading_page("figures.html", request, application, lang, "figures", body=body)


class _Table(NamedTuple):
    """A table of the figures as it is shown, with its chart."""

    name: str
    title: str
    head: str
    lines: tuple[tuple[str, int, str], ...]


def _entries(rows: Sequence[Row]) -> Counter[str]:
    """How many entries the log has of each event."""
    counted = Counter[str]()
    for row in rows:
        if row.table == "days":
            counted[row.event] += row.count
    return counted


def _table(application: Application, name: str, rows: figures.Table, lang: str, least: int) -> _Table:
    level = application.roll.place.level(lang)
    titles = {
        "days": gettext(lang, "Entries by day"),
        "districts": gettext(lang, "Subscriptions by place ({level})").format(level=level)
        if level
        else gettext(lang, "Subscriptions by district"),
        "kinds": gettext(lang, "Subscriptions by who subscribes"),
        "operators": gettext(lang, "Subscriptions by operator"),
    }
    heads = {
        "days": gettext(lang, "Day"),
        "districts": district_word(application, lang),
        "kinds": gettext(lang, "Who subscribes"),
        "operators": gettext(lang, "Operator"),
    }
    return _Table(name, titles[name], heads[name], lines_of(application, name, rows, lang, least))


def at_least(lang: str, count: int, least: int) -> str:
    """A count that was rounded down to a multiple of `least`, as people read it: 0 is fewer than that."""
    return number(lang, count) if count else gettext(lang, "fewer than {least}").format(least=number(lang, least))


Lines = tuple[tuple[str, int, str], ...]


def lines_of(application: Application, name: str, rows: figures.Table, lang: str, least: int) -> Lines:
    """The lines of one table: names, counts, counts in words. Days stand in their order, the rest from the greatest."""
    make = functools.partial(_lines_of, application, name, lang, least)
    if name not in ("days", "districts", "kinds"):
        return make(rows.rows)  # operators' titles come with another count
    version = application.roll.version
    return rows.made((name, lang, least, version.name, version.place_name, len(application.roll.versions)), make)


def _lines_of(application: Application, name: str, lang: str, least: int, rows: Sequence[Row]) -> Lines:
    counted: Counter[str] = Counter()
    for row in rows:
        if row.table == name:
            counted[row.key] += row.count
    if name == "days":
        days = [(catalogue.day(lang, date.fromisoformat(key)), count) for key, count in sorted(counted.items())][-31:]
        return tuple((day, count, number(lang, count)) for day, count in days)

    def said(key: str) -> str:
        if name == "districts":
            return _either(application.district(key), lang)
        return application.kind(key, lang) if name == "kinds" else application.operator_title(key, lang)

    return tuple((said(key), count, at_least(lang, count, least)) for key, count in counted.most_common())


def _either(named: Any, lang: str) -> str:
    return str(in_language(named.title, lang))


@get("/{lang:str}/figures/{table:str}/chart", include_in_schema=False)
async def chart(
    lang: FromPath[Lang], table: FromPath[Table], request: Request, application: NamedDependency[Application]
) -> Response[bytes]:
    """A chart of one table, light or dark."""
    rows = await application.table()
    dark = request.query_params.get("theme") == "dark"
    least = (await application.figures()).least
    lines, across = lines_of(application, table, rows, lang, least), table == "days"
    make = functools.partial(bars, lines, dark, across=across)
    drawn = await application.made.get(("chart", lines, dark, across), make)
    return Response(drawn, media_type="image/svg+xml", headers={"cache-control": "public, max-age=60"})


FORMS = {"csv": "text/csv", "json": "application/json", "parquet": "application/vnd.apache.parquet"}


@get("/figures/{form:str}", include_in_schema=False)
async def figures_file(
    form: FromPath[Literal["csv", "json", "parquet"]], application: NamedDependency[Application]
) -> Response[bytes]:
    """All figures as one table: table, key, event, count. What is living is rounded down to the least count; 0 is fewer."""
    table = await application.table()
    make = functools.partial(table.made, form, functools.partial(written, form=form))
    data = make() if form in table else await application.made.draw(make)
    # The application counts every ten seconds at most; a browser's copy on top would let two files taken together differ.
    headers = {"content-disposition": f'attachment; filename="figures.{form}"', "cache-control": "no-cache"}
    return Response(data, media_type=FORMS[form], headers=headers)


def written(rows: Sequence[Row], form: str) -> bytes:
    """The table of figures in a file format."""
    if form == "json":
        return msgspec.json.encode(rows)
    if form == "csv":
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(("table", "key", "event", "count"))
        writer.writerows((row.table, row.key, row.event, row.count) for row in rows)
        return text.getvalue().encode()
    import polars as pl  # noqa: PLC0415 - loaded with the first file that needs it

    buffer = io.BytesIO()
    schema = {"table": pl.String, "key": pl.String, "event": pl.String, "count": pl.Int64}
    columns = {name: [getattr(row, name) for row in rows] for name in schema}
    pl.DataFrame(columns, schema=schema).write_parquet(buffer)
    return buffer.getvalue()


@get("/figures/published/{day:str}", include_in_schema=False)
async def published_file(day: FromPath[str], application: NamedDependency[Application]) -> Response[str]:
    """The figures the registrar published on a day, byte for byte what their digest in the log is of."""
    found = next((text for on, text, _ in await application.ask(figures.published) if on.isoformat() == day), None)
    if found is None:
        raise NotFoundException
    headers = {
        "content-disposition": f'attachment; filename="figures-{day}.json"',
        "cache-control": "public, max-age=60",
    }
    return Response(found, media_type="application/json", headers=headers)


_PLACE = re.compile("[1-9][0-9]{0,17}")


@get("/{lang:str}/log", include_in_schema=False)
async def log(lang: FromPath[Lang], request: Request, application: NamedDependency[Application]) -> Response[str]:
    """The public log: its head, keys and witnesses, and the official acts, the newest first, a page at a time."""
    text = request.query_params.get("before", "")
    earlier = bool(_PLACE.fullmatch(text))
    before = int(text) if earlier else queries.NEWEST
    await application.ask_together((queries.page_of_acts, before), (witness_status,), (founding,))
    official, older = await application.official_acts(before)
    acts = [
        {"day": catalogue.day(lang, one.day), "what": _what(lang, one.name, one.body), "body": one.body}
        for one in official
    ]
    keys = application.roll.keys.verifier_keys
    seen = await application.ask(witness_status)
    given: dict[str, Any] = {
        "origin": application.roll.origin,
        "keys": keys,
        "acts": acts,
        "older": older,
        "earlier": earlier,
        "trouble": application.trouble,
    }
    given["founders"] = gettext(lang, ", ").join(map(str, await application.ask(founding)))
    given |= {"watched": seen, "witnesses": _witnesses(application, seen, lang)}
    return reading_page("log.html", request, application, lang, "log", **given)


def _what(lang: str, name: str, body: str) -> str:
    """What an official act is, in words: a token that acts for a seat says whether the seat made it or another hand did."""
    fact = event_of(name, body) if name == TokenIssued.name else None
    if not isinstance(fact, TokenIssued) or not fact.seat:
        return words(lang, EVENTS, name)
    own = fact.by == f"{fact.organisation}/{fact.seat}"
    return (
        gettext(lang, "A seat made a token for itself")
        if own
        else gettext(lang, "A token of a seat was made by another hand")
    )


def _witnesses(
    application: Application, seen: WitnessStatus | None, lang: str
) -> list[tuple[str, str, int | None, bool]]:
    """The witnesses as people read them: name, when it cosigned last, how many entries then, whether the newest head."""
    return [
        (
            one.name,
            gettext(lang, "never") if one.size is None else _moment(application, one, lang),
            one.size,
            one.newest,
        )
        for one in (seen.witnesses if seen else ())
    ]


def _moment(application: Application, one: WitnessSeen, lang: str) -> str:
    return catalogue.moment(lang, one.at, application.roll.zone) if one.at else gettext(lang, "it does not say when")


@get("/{lang:str}/verify", include_in_schema=False, sync_to_thread=False)
def verify(lang: FromPath[Lang], request: Request, application: NamedDependency[Application]) -> Response[str]:
    """Where a receipt is checked, in the browser."""
    return page("verify.html", request, application, lang, "verify", online=True, **_check(application, lang))


@get("/{lang:str}/verify/alone", include_in_schema=False, sync_to_thread=False)
def verify_alone(lang: FromPath[Lang], application: NamedDependency[Application]) -> Response[str]:
    """The check as one file that works without a network, with the log's keys in it."""
    given: dict[str, Any] = inlined("theme.css", "verify.js") | _check(application, lang)
    html = render("verify-alone.html", application, lang, "verify", **given)
    headers = {
        "content-disposition": f'attachment; filename="check-a-receipt-{lang}.html"',
        "cache-control": "no-cache",
    }
    return Response(html, media_type=MediaType.HTML, headers=headers)


def _check(application: Application, lang: str) -> dict[str, Any]:
    """What the check of a receipt needs to know: keys, policy, and its words."""
    # As base64: the names in a policy are octets, which a page's text may not be able to hold. The log's keys stand beside
    # it by the sizes they signed, so the policy lists no log.
    policy = b64encode(witness_policy(application.roll)).decode()
    spans = [(epoch.first, list(map(str, epoch.keys))) for epoch in reversed(application.log_keys().terms)]
    told = {
        "keys": spans,
        "told": {name: gettext(lang, text) for name, text in TOLD.items()},
        "given": {name: gettext(lang, text) for name, text in GIVEN.items()},
        "kinds": {name: words(lang, EVENTS, name) for name in EVENTS},
        "reasons": {rule: reason(lang, rule) for rule in REASONS},
        "fields": titles_in(application, lang),
    }
    verdicts = [(code, gettext(lang, text)) for code, text in VERDICTS.items()]
    roll = application.roll
    clock = {"now": roll.clock().isoformat(), "zone": roll.zone.key, "demonstration": roll.opened.demonstration}
    return {"verdicts": verdicts, "policy": policy, "verifier_keys": spans[0][1], "clock": clock} | {
        name: msgspec.json.encode(value).decode() for name, value in told.items()
    }


@get("/{lang:str}/help", include_in_schema=False, sync_to_thread=False)
def help_page(lang: FromPath[Lang], request: Request, application: NamedDependency[Application]) -> Response[str]:
    """Answers to what people ask."""
    given: dict[str, Any] = {"offices": offices_by_district(application, lang)}
    given["keys"] = application.roll.keys.verifier_keys
    return reading_page("help.html", request, application, lang, "help", **given)


@get("/robots.txt", include_in_schema=False, media_type=MediaType.TEXT, sync_to_thread=False)
def robots(application: NamedDependency[Application]) -> str:
    """Search engines may read what is for everyone; nothing else is worth their while."""
    hidden = (f"Disallow: /{lang}/mine\n" for lang in application.roll.languages)
    return f"User-agent: *\n{''.join(hidden)}"


PROJECT = "https://github.com/openroll/openroll"
"""Where the project is (publiccode.yml, which a test holds this against)."""
SECURITY_TEXT_LASTS = timedelta(days=180)


@get("/.well-known/security.txt", include_in_schema=False, sync_to_thread=False)
def security_text(request: Request, application: NamedDependency[Application]) -> Response[str]:
    """Where faults are told privately (RFC 9116): the roll's own contact, or the project's. Good for half a year from today."""
    today = application.roll.clock().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    contact = request.app.state.security_contact or f"{PROJECT}/security/advisories/new"
    lines = (
        f"Contact: {contact}",
        f"Expires: {today + SECURITY_TEXT_LASTS:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {', '.join(application.roll.languages)}",
        f"Canonical: {base(request)}.well-known/security.txt",
        f"Policy: {PROJECT}/blob/main/SECURITY.md",
    )
    return Response("".join(f"{line}\n" for line in lines), media_type="text/plain")


public_handlers: tuple[ControllerRouterHandler, ...] = (
    front,
    security_text,
    home,
    rule,
    history,
    figures_page,
    chart,
    figures_file,
    published_file,
    log,
    verify,
    verify_alone,
    help_page,
    robots,
)
"""Pages for anyone."""
