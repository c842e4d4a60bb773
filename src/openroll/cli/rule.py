"""Commands on rules: list, show, check, duties, diff, schema. They need no roll."""

import json
from datetime import date
from pathlib import Path
from typing import Annotated, Any, NoReturn

import msgspec
from cyclopts import App, Parameter
from rich.table import Table

from openroll.cli.say import err, out
from openroll.rules import (
    NoSuchRule,
    Rule,
    RuleFaults,
    Subject,
    check,
    duties,
    load,
    load_overlay,
    parse_rule,
    plain,
    rule_schema,
    shipped,
)

app = App(name="rule", help="Rules: what they ask, and which safeguards they keep.")
Json = Annotated[bool, Parameter(name="--json", help="Print JSON instead of words.", negative="")]
_MARKS = {"passed": "[green]passed[/]", "failed": "[bold red]failed[/]", "not-stated": "[yellow]not stated[/]"}


def _print_json(value: Any) -> None:
    print(json.dumps(msgspec.to_builtins(value), ensure_ascii=False, indent=2))  # noqa: T201 - JSON is not to be wrapped


def _stop(error: Exception) -> NoReturn:
    err.print(f"openroll rule: {error}", soft_wrap=True, markup=False)
    raise SystemExit(2)


def _rule(name: str) -> Rule:
    """A shipped rule by name, or one in a file (with overlays after +)."""
    file, *over = name.split("+")
    try:
        if Path(file).suffix in (".yaml", ".yml") or "/" in file:
            return parse_rule(Path(file).read_text(encoding="utf-8"), file, [load_overlay(one) for one in over])
        return load(name)
    except (NoSuchRule, RuleFaults, OSError, UnicodeDecodeError) as error:
        _stop(error)


@app.command(name="list")
def list_rules(*, as_json: Json = False) -> None:
    """The rules that ship with Openroll."""
    rules = [load(name) for name in shipped()]
    if as_json:
        _print_json([{"id": r.id, "status": r.status, "title": r.title} for r in rules])
        return
    table = Table("rule", "status", "title", box=None)
    for rule in rules:
        table.add_row(rule.id, rule.status, f"{rule.title.en}\n{rule.title.zh}")
    out.print(table)


@app.command
def show(name: str, /, *, as_json: Json = False) -> None:
    """A rule, whole: duties, fields, measures, safeguards, sources, in both languages."""
    rule = _rule(name)
    if as_json:
        _print_json(plain(rule))
        return
    out.print(
        f"[bold]{rule.title.en}[/]\n[bold]{rule.title.zh}[/]\n{rule.ref}, version {rule.version}, {rule.status}\n"
    )
    out.print(f"{rule.summary.en}\n{rule.summary.zh}\n")
    lines = [
        ("Duties", [(one.title, one.article, ", ".join(one.bearers)) for one in rule.duties]),
        ("Fields", [(one.title, one.article, ", ".join(one.required_of) or "by choice") for one in rule.fields]),
        (
            "Measures",
            [
                (one.title, one.article, f"{one.decider}{f', at most {one.cap}' if one.cap else ''}")
                for one in rule.measures
            ],
        ),
    ]
    for title, rows in lines:
        table = Table("en", "zh", "", "article", title=title, title_justify="left", show_header=False, box=None)
        for words, article, more in rows:
            table.add_row(words.en, words.zh, more, article)
        out.print(table)
    for note in rule.notes:
        out.print(f"Note: {note.en} {note.zh}")
    for source in rule.sources:
        out.print(f"Source ({source.standing}): {source.title} {source.where}")


@app.command(name="check")
def check_rule(name: str, /, *, as_json: Json = False) -> None:
    """Hold a rule against every safeguard. Ends with 0 when all are kept, 1 when not, 2 when the file is no rule."""
    findings = check(_rule(name))
    failed = [finding for finding in findings if finding.outcome != "passed"]
    if as_json:
        _print_json(findings)
    else:
        table = Table("check", "", "what it asks", "seen", "threshold from", "article")
        for one in findings:
            basis = one.source if one.basis == "source" else f"our policy; {one.source}"
            table.add_row(one.id, _MARKS[one.outcome], one.title.en, one.seen, basis, one.article)
        out.print(table)
        out.print(f"{len(findings) - len(failed)} of {len(findings)} safeguards are kept.")
    raise SystemExit(1 if failed else 0)


@app.command(name="duties")
def show_duties(name: str, /, *, subject: Path, on: date, as_json: Json = False) -> None:
    """What a rule asks of a subject on a day.

    Parameters
    ----------
    subject
        A JSON file: {"kind": "organisation", "connected": "2006-12-05"}.
    on
        The day, YYYY-MM-DD.
    """
    try:
        asked = msgspec.json.decode(subject.read_bytes(), type=Subject)
    except (OSError, msgspec.DecodeError) as error:
        _stop(
            ValueError(f'{subject}: {error}. Expected JSON like {{"kind": "organisation", "connected": "2006-12-05"}}')
        )
    stands = duties(asked, _rule(name), on)
    if as_json:
        _print_json(stands)
        return
    table = Table("duty", "state", "due", "article", "measures that may follow")
    for one in stands:
        follow = "; ".join(f"{measure} ({article})" for measure, article in one.measures)
        table.add_row(one.duty, one.state, str(one.due or ""), one.article, follow)
    out.print(table)


@app.command
def diff(old: str, new: str, /, *, as_json: Json = False) -> None:
    """What differs between two rules, value by value."""
    changes = list(_differences(plain(_rule(old)), plain(_rule(new))))
    if as_json:
        _print_json([{"path": path, "old": a, "new": b} for path, a, b in changes])
        return
    for path, before, after in changes:
        out.print(f"[bold]{path}[/]")
        for mark, value in (("- ", before), ("+ ", after)):
            if value is not None:
                out.print(mark + json.dumps(value, ensure_ascii=False), markup=False, soft_wrap=True)


def _differences(old: Any, new: Any, path: str = "") -> list[tuple[str, Any, Any]]:
    old, new = (_by_name(value) for value in (old, new))
    if old == new:
        return []
    if isinstance(old, dict) and isinstance(new, dict):
        keys = [*old, *(key for key in new if key not in old)]
        return [one for key in keys for one in _differences(old.get(key), new.get(key), f"{path}/{key}".strip("/"))]
    return [(path, old, new)]


def _by_name(value: Any) -> Any:
    """A list of named things as a mapping, so that they are compared thing by thing."""
    if (
        isinstance(value, list)
        and value
        and all(isinstance(one, dict) and ("id" in one or "name" in one) for one in value)
    ):
        return {one.get("id") or one.get("name"): one for one in value}
    return value


@app.command
def schema() -> None:
    """The JSON Schema of rule files."""
    _print_json(rule_schema())
