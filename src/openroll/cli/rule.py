"""Commands on rules: list, show, check, duties, diff, procedure, words, schema. They need no roll.

Each ends with 0 when all is well, 2 when there is no such rule or file, or when the file is broken (every fault is told on
standard error); `check` ends with 1 when a check is not passed.
"""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import App, Parameter

from openroll.cli import procedure_pages, rule_pages
from openroll.cli.arguments import Language, NotSaid, is_file, rule_named, spoken, text_of
from openroll.cli.jurisdiction_files import jurisdiction_named
from openroll.cli.output import out
from openroll.rules import (
    DutyState,
    NoSuchRule,
    NoSuchZone,
    Rule,
    Subject,
    check,
    digest,
    duties,
    known_rules,
    load,
    load_overlay,
    obstacles,
    overlays,
    parse_subjects,
    plain,
    rule_schema,
    words_digest,
)
from openroll.rules.calendar import WorkingDays
from openroll.rules.diff import as_read, differences, without_type
from openroll.rules.language import ENGLISH, ranges
from openroll.rules.procedure import Procedure, parse_procedure, procedure_schema, procedures
from openroll.rules.procedure import procedure as shipped_procedure
from openroll.rules.telltales import CLOSED, allowed
from openroll.words import catalogue
from openroll.words.findings import as_data, words_only
from openroll.words.procedure_picture import procedure_picture

app = App(name="rule", help="Rules: what they ask, and which safeguards they keep.")
Json = Annotated[bool, Parameter(name="--json", help="Print JSON instead of words.", negative="")]


def _json(value: Any) -> None:
    out.print_json(data=msgspec.to_builtins(value), ensure_ascii=False)


@app.command(name="list")
def list_rules(*, as_json: Json = False) -> None:
    """The rules that ship with Openroll, by themselves or with a jurisdiction, alone and with the overlays written for them."""
    rules = [load(name) for name in known_rules()]
    rules += [load(f"{name}+{one}") for one in overlays() for name in load_overlay(one).over if name in known_rules()]
    told = [(rule, sum(one.outcome == "passed" for one in check(rule)), len(obstacles(rule))) for rule in rules]
    if not as_json:
        rule_pages.show_list(out, told)
        return
    _json(
        [
            {"ref": rule.ref, "version": rule.version, "status": rule.status, "title": rule.title}
            | {"digest": digest(rule), "passed": passed, "opens": not stopping}
            for rule, passed, stopping in told
        ]
    )


@app.command
def show(rule: str, /, *, as_json: Json = False) -> None:
    """A rule, whole: duties, fields, measures, safeguards, sources, in both languages.

    Parameters
    ----------
    rule
        A rule that ships, or the path of a rule file; with +OVERLAY, which ships or is a path.
    """
    with spoken("rule"):
        shown = rule_named(rule)
    if as_json:
        _json({"ref": shown.ref, "digest": digest(shown)} | plain(shown))
    else:
        rule_pages.show_rule(out, shown)


@app.command(name="check")
def check_rule(rule: str, /, *, as_json: Json = False) -> int:
    """Hold a rule against all 24 safeguards. Ends with 0 when all are passed, 1 when not, 2 when the file is broken.

    Parameters
    ----------
    rule
        A rule that ships, or the path of a rule file; with +OVERLAY, which ships or is a path.
    """
    with spoken("rule"):
        checked = rule_named(rule)
    findings = check(checked)
    if as_json:
        stopping = [one.id for one in findings if one.shuts]
        told = [as_data(one, catalogue.shipped()) for one in findings]
        unread = {lang: words_only(lang, checked) for lang in catalogue.shipped()}
        _json(
            {"ref": checked.ref, "digest": digest(checked), "findings": told, "obstacles": stopping}
            | {"words_only": unread, "words_digest": words_digest(checked)}
        )
    else:
        rule_pages.show_findings(out, checked, findings)
    return int(any(one.outcome != "passed" for one in findings))


@app.command(name="duties")
def show_duties(
    rule: str,
    /,
    *,
    subject: Path,
    on: str,
    jurisdiction: Annotated[str, Parameter(help="Whose days off count: one that ships, or a folder.")] = "",
    as_json: Json = False,
) -> None:
    """What a rule asks of a subject on a day: each duty, its state and due date, what may follow.

    Working days are those of the week; with --jurisdiction, those of the place, as a roll there counts them.

    Parameters
    ----------
    rule
        A rule that ships, or the path of a rule file; with +OVERLAY, which ships or is a path.
    subject
        A file with one subject, or a list of them, as YAML or JSON: {kind: organisation, connected: 2006-12-05}.
    on
        The day (2006-12-20), or an instant with its zone (2006-12-20T16:00Z), taken in the rule's zone.
    """
    with spoken("rule"):
        asked, moment = rule_named(rule), _moment(on)
        subjects = parse_subjects(text_of(subject), str(subject), asked.known_kinds)
        calendar = jurisdiction_named(jurisdiction).working_days if jurisdiction else None
        answers = [(one, _answered(one, asked, moment, calendar)) for one in subjects]
    if as_json:
        told = [{"subject": one, "duties": stands} for one, stands in answers]
        _json({"ref": asked.ref, "digest": digest(asked), "on": moment, "subjects": told})
        return
    for one, stands in answers:
        rule_pages.show_duties(out, asked, one, stands)


def _answered(
    subject: Subject, rule: Rule, moment: date | datetime, calendar: WorkingDays | None
) -> tuple[DutyState, ...]:
    try:
        return duties(subject, rule, moment) if calendar is None else duties(subject, rule, moment, calendar)
    except NoSuchZone as error:
        raise NotSaid(f"zone: {error}. Write one of them, or leave it out.") from error


def _moment(on: str) -> date | datetime:
    expected = f"--on {on}: expected a day (2006-12-20) or an instant with its zone (2006-12-20T16:00Z), 1900 to 2199."
    try:
        moment = date.fromisoformat(on) if len(on) <= 10 else datetime.fromisoformat(on)
    except ValueError as error:
        raise NotSaid(expected) from error
    if not 1900 <= moment.year <= 2199 or (isinstance(moment, datetime) and moment.tzinfo is None):
        raise NotSaid(expected)
    return moment


@app.command
def diff(old: str, new: str, /, *, as_json: Json = False) -> None:
    """What differs between two rules: value by value, each with its article.

    Parameters
    ----------
    old
        A rule that ships, or the path of a rule file; with +OVERLAY, which ships or is a path.
    new
        The rule to hold beside it.
    """
    with spoken("rule"):
        before, after = rule_named(old), rule_named(new)
    changes = as_read(differences(_in_order(before), _in_order(after)))
    if as_json:
        _json([without_type(change) for change in changes])
    else:
        rule_pages.show_differences(out, before, after, changes)


def _in_order(rule: Rule) -> Any:
    """A rule as plain values in the order a rule file has."""
    return msgspec.json.decode(msgspec.json.encode(rule))


@app.command
def words(
    *,
    lang: Annotated[str, Parameter(help="Of one language, as es.")] = "",
    group: Annotated[str, Parameter(name="--list", help="One of the lists, as purpose.")] = "",
    as_json: Json = False,
) -> None:
    """The words that fields, aims, purposes, kinds and ways to connect may be made of, by list and language (docs/rules.md)."""
    with spoken("rule"):
        lists: dict[str, Mapping[str, tuple[str, ...]]] = {
            name: allowed(name) for name in CLOSED if group in ("", name)
        }
        if not lists:
            raise NotSaid(f"--list {group}: expected one of {', '.join(CLOSED)}.")
        tags = sorted({tag for by_language in lists.values() for tag in by_language})
        tag = next((part for part in ranges(lang) if part in tags), "") if lang else ""
        if lang and not tag:
            raise NotSaid(
                f"--lang {lang}: no list has words in it, and people read a text in it. There are: {', '.join(tags)}."
            )
    told = {name: {one: found for one, found in by.items() if tag in ("", one)} for name, by in lists.items()}
    if as_json:
        _json(told)
    else:
        rule_pages.show_words(out, told)


@app.command
def schema(*, as_json: Json = True) -> None:  # noqa: ARG001 - it is JSON always; the option is there as on its neighbours
    """The JSON Schema (2020-12) of rule files."""
    _json(rule_schema())


@app.command
def procedure(
    name: str | None = None,
    /,
    *,
    as_json: Json = False,
    svg: Annotated[bool, Parameter(help="Print its picture as SVG.", negative="")] = False,
    schema: Annotated[bool, Parameter(help="Print the JSON Schema of procedure files.", negative="")] = False,
    lang: Language = ENGLISH,
) -> None:
    """By which steps a request goes: whose turn it is in each, until when, what silence brings.

    Parameters
    ----------
    name
        A procedure that ships, or the path of a procedure file; without one, those that ship are listed.
    lang
        The language of the words and of the picture.
    """
    with spoken("rule procedure"):
        shown = None if name is None else _procedure_named(name)
        if shown is None and svg:
            raise NotSaid("--svg: name the procedure to be drawn, as in openroll rule procedure request-1 --svg")
    if schema:
        _json(procedure_schema())
    elif shown is None:
        _list_procedures([shipped_procedure(one) for one in procedures()], as_json=as_json)
    elif svg:
        out.out(procedure_picture(shown, lang, shown.id, alone=True), highlight=False)
    elif as_json:
        _json({"name": shown.name} | msgspec.to_builtins(shown))
    else:
        procedure_pages.show_procedure(out, shown, lang)


def _list_procedures(listed: list[Procedure], *, as_json: bool) -> None:
    if as_json:
        _json([{"id": one.id, "name": one.name, "title": one.title} for one in listed])
    else:
        procedure_pages.show_procedures(out, listed)


def _procedure_named(name: str) -> Procedure:
    if is_file(name, procedures()):
        return parse_procedure(text_of(Path(name), "a procedure"), name)
    if name not in procedures():
        raise NoSuchRule(name, procedures())
    return shipped_procedure(name)
