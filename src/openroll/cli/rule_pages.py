"""Print a rule on a terminal of 80 columns: each thing a name and a few lines, in the rule's languages, with its article."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import UNSET
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from openroll.cli.rule_terms import (
    deadline,
    duty_terms,
    evidence_terms,
    fine_terms,
    requests_terms,
    span,
    standing_terms,
)
from openroll.rules import (
    Deadline,
    Duty,
    DutyState,
    Field,
    Finding,
    Measure,
    Retention,
    Rule,
    Statement,
    Subject,
    digest,
    full_title,
    given,
)
from openroll.rules.diff import Difference
from openroll.rules.language import ENGLISH, in_all, in_language, is_text
from openroll.words.findings import witness, words_only

NAME_WIDTH = 16
OUTCOMES = {"passed": ("passed", "green"), "failed": ("FAILED", "bold red"), "not-stated": ("not stated", "yellow")}
STATES = {"overdue": "bold red", "met-late": "yellow", "due": "bold", "met": "green"}


def things(rows: Iterable[tuple[RenderableType, RenderableType]]) -> Table:
    """Names on the left, what is said of each on the right."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=NAME_WIDTH, overflow="fold")
    table.add_column(ratio=1, overflow="fold")
    for name, said in rows:
        table.add_row(name, said)
    return table


def lines(*said: str) -> Group:
    """What is said of a thing, a line for each; empty ones are left out. Text is text: brackets are no markup."""
    return Group(*[Text(line, overflow="fold") for line in said if line])


def show_words(console: Console, lists: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
    """The words of closed lists: a heading a list, a row a language."""
    for name, by_language in lists.items():
        heading(console, f"{name}: {CLOSED_LISTS[name]}")
        console.print(things((lang, lines(" ".join(sorted(words)))) for lang, words in by_language.items()))


CLOSED_LISTS = {
    "asked": "names and titles of fields are made of these words alone",
    "purpose": "aims of fields, and purposes, are made of these words alone",
    "plain": "kinds of people are called in these words alone",
    "dwelling": "kinds of households are called in these words alone",
    "gear": "kinds of machines are called in these words alone",
    "body": "kinds of organisations, operators and sites are called in these words alone",
    "carrier": "operators that a rule declares and that file people are called in these words alone",
    "access": "a way to connect has one of these words, or a word that begins with one",
    "connecting": "ways to connect are called in these words alone",
    "firm": "a kind of organisation or operator has one of these words, or a word that begins with one",
    "site": "a kind of site has one of these words, or a word that begins with one",
}
"""What each closed list is for."""


def heading(console: Console, title: str) -> None:
    """A heading, with a blank line before it."""
    console.print()
    console.print(Text(title, style="bold underline"))


def cited(clause: Field | Duty | Measure | Statement | Retention | Deadline) -> str:
    """The article, the source and the first day of a value."""
    since = f"since {clause.since}" if clause.since else ""
    since += f" until {clause.until}" if clause.until else ""
    source = f"[{clause.source}]" if clause.source else ""
    return " ".join(part for part in (clause.article, source, since) if part)


def show_rule(console: Console, rule: Rule) -> None:
    """A rule, whole."""
    console.print(Text("\n".join(in_all(full_title(rule))), style="bold"))
    zones = ", ".join((rule.zone, *given(rule.zones, ())))
    console.print(Text(f"{rule.ref} · version {rule.version} · {rule.status} · {_dates(rule)} · {zones}"))
    if rule.languages:
        console.print(Text(f"Authentic in: {', '.join(given(rule.languages, ()))}"))
    console.print(Text(f"sha256 {digest(rule)}", style="dim"), soft_wrap=True)
    console.print(Text("\n" + "\n".join(in_all(rule.summary))))
    console.print(Text(f"\nCovers: {', '.join(rule.covers)}"))
    sections: list[tuple[str, list[tuple[str, Group]]]] = [
        ("Duties", [(duty.id, _duty(duty)) for duty in rule.duties]),
        ("Fields", [(field.name, _field(field, rule)) for field in rule.fields]),
        ("Measures", [(one.id, _measure(one, rule)) for one in sorted(rule.measures, key=lambda one: one.step)]),
        ("Safeguards", [(name, _statement(one)) for name, one in rule.safeguards.items()]),
        ("Kept", [("retention", _retention(rule.retention))]),
        ("Kinds, standing, successors", [(name, lines(*told)) for name, told in standing_terms(rule)]),
        ("Requests", [(name, lines(*told)) for name, told in requests_terms(rule)]),
        ("Reasons it gives", [(name, lines(*told)) for name, told in evidence_terms(rule)]),
        ("Purposes", [(str(n), lines(*in_all(one))) for n, one in enumerate(rule.purposes, 1)]),
        ("Sources", [(one.id, lines(f"{one.title} ({one.standing})", one.where)) for one in rule.sources]),
        ("Notes", [(str(n), lines(*in_all(one))) for n, one in enumerate(rule.notes, 1)]),
    ]
    for title, rows in sections:
        if rows:
            heading(console, title)
            console.print(things(rows))


def _dates(rule: Rule) -> str:
    if rule.in_force is None:
        return "no day in force"
    return f"in force {rule.in_force} to {rule.ended}" if rule.ended else f"in force from {rule.in_force}"


def _duty(duty: Duty) -> Group:
    by = [f"by: {deadline(one, duty)} · {cited(one)}".rstrip(" ·") for one in duty.deadlines]
    applies = "" if duty.applies == "all" else f" ({duty.applies} users)"
    return lines(
        *in_all(duty.title),
        f"who: {', '.join(duty.bearers)}{applies}",
        *duty_terms(duty),
        f"to: {' '.join(in_all(duty.to))}",
        f"via: {' '.join(in_all(duty.via))}" if duty.via else "",
        *by,
        f"may follow: {', '.join(duty.measures) or 'nothing'}",
        cited(duty),
    )


def _field(field: Field, rule: Rule) -> Group:
    what = [
        "required of " + ", ".join(field.required_of) if field.required_of else "by choice",
        "" if field.of is UNSET else "only of " + ", ".join(field.of),
        "personal: enters a roll as a digest" if field.personal else "public",
        "in the minimum" if field.name in rule.minimum else "",
        "ACTIVITY" if field.activity else "",
        f"holds: {', '.join(given(field.classes, ()))}" if field.classes else "",
        "SENSITIVE" if field.sensitive else "",
    ]
    aims = [f"aim: {' '.join(in_all(aim))}" for aim in field.aims]
    return lines(" ".join(in_all(field.title)), "; ".join(filter(None, what)), *aims, cited(field))


def _measure(measure: Measure, rule: Rule) -> Group:
    what = [
        f"step {measure.step}, {measure.kind}",
        f"decided by {measure.decider}",
        "only after time to correct" if measure.after_correction else "",
        f"at least {span(given(measure.at_least, ''))}" if measure.at_least else "",
        f"at most {span(measure.cap)}" if measure.cap else "",
        *fine_terms(measure, rule),
    ]
    against = f"against: {', '.join(measure.against)}"
    return lines(" ".join(in_all(measure.title)), "; ".join(filter(None, what)), against, cited(measure))


def _statement(one: Statement) -> Group:
    what = [
        "yes" if one.present else "no",
        f"{one.days} days" if one.days is not None else "",
        f"{one.notice_days} days' notice" if one.notice_days is not None else "",
        f"by {one.by}" if one.by else "",
        "" if one.suspends is None else "suspends the measure" if one.suspends else "does not suspend",
        f"{one.records} record a request" if one.records else "",
        f"appointed by {one.appointed_by}" if one.appointed_by else "",
        f"dismissed by {one.dismissed_by}" if one.dismissed_by else "",
        f"for {span(given(one.term, ''))}" if one.term else "",
        "" if one.renewable is UNSET else "renewable" if one.renewable else "not renewable",
    ]
    note = " ".join(in_all(one.note)) if one.note else ""
    return lines(" · ".join(filter(None, [*what, cited(one)])), note)


def _retention(kept: Retention | None) -> Group:
    if kept is None:
        return lines("no limit is stated")
    limit = "to the end of the calendar year after the contract's end" if kept.end_of_next_calendar_year else ""
    limit = limit or (span(kept.period) if kept.period else "no number")
    return lines(f"{limit}, counted from the {kept.counts_from}" if kept.counts_from else limit, cited(kept))


def show_findings(console: Console, rule: Rule, findings: Sequence[Finding]) -> None:
    """Every check: its outcome, what was seen and where, and for those not passed the threshold and where it comes from."""
    console.print(Text(f"{rule.ref}: {in_language(full_title(rule), ENGLISH)}\n", style="bold"))
    console.print(things([(_outcome(one), _finding(one)) for one in findings]))
    counts = {name: sum(one.outcome == name for one in findings) for name in OUTCOMES}
    console.print()
    console.print(
        f"{counts['passed']} of {len(findings)} passed, {counts['failed']} failed, {counts['not-stated']} not stated."
    )
    console.print(Text(words_only(ENGLISH, rule)))
    stopping = [one.id for one in findings if one.shuts]
    verdict = (
        f"No live roll can open under this rule: {', '.join(stopping)}."
        if stopping
        else "A live roll can open under it."
    )
    console.print(Text(verdict, style="bold"))


def _outcome(finding: Finding) -> Text:
    word, style = OUTCOMES[finding.outcome]
    return Text.assemble((finding.id, "bold"), "\n", (word, style))


def _finding(finding: Finding) -> Group:
    basis = finding.source if finding.basis == "source" else f"our policy; see {finding.source}"
    basis = "our policy" if finding.source == "policy" else basis
    seen = f"seen: {finding.seen}{f' · {finding.article}' if finding.article else ''}"
    asked = "" if finding.outcome == "passed" else f"asked: {finding.threshold} ({basis})"
    return lines(str(finding.title), seen, asked, witness(ENGLISH, finding))


def show_duties(console: Console, rule: Rule, subject: Subject, stands: Sequence[DutyState]) -> None:
    """How each duty stands for a subject."""
    values = {name: getattr(subject, name) for name in subject.__struct_fields__ if name != "numbers"} | dict(
        subject.numbers
    )
    told = ", ".join(f"{name} {value}" for name, value in values.items() if value)
    console.print(Text(told.removeprefix("kind "), style="bold"))
    duties = {duty.id: duty for duty in rule.duties}
    console.print(things([(_state(one), _stand(duties[one.duty], one)) for one in stands]))


def _state(stand: DutyState) -> Text:
    return Text.assemble((stand.duty, "bold"), "\n", (stand.state, STATES.get(stand.state, "dim")))


def _stand(duty: Duty, stand: DutyState) -> Group:
    due = f"due {stand.due}" if stand.due else "no day is set" if stand.state != "none" else "not asked of this subject"
    follow = "; ".join(f"{name} ({article})" if article else name for name, article in stand.measures)
    return lines(
        " ".join(in_all(duty.title)),
        " · ".join(filter(None, [due, stand.article])),
        f"borne by: {stand.bearer}" if stand.bearer != "subscriber" and stand.state != "none" else "",
        "service may be withheld for it" if stand.no_service else "",
        f"may follow: {follow}" if follow else "",
    )


def show_differences(console: Console, old: Rule, new: Rule, changes: Sequence[Difference]) -> None:
    """What differs, value by value: - the old, + the new, each with its article."""
    console.print(
        Text(
            f"- {old.ref}: {in_language(full_title(old), ENGLISH)}\n+ {new.ref}: {in_language(full_title(new), ENGLISH)}",
            style="bold",
        )
    )
    if not changes:
        console.print()
        console.print("They say the same.")
    section = ""
    for change in changes:
        if change.path[0] != section:
            section = change.path[0]
            heading(console, section.replace("_", " "))
        console.print(_change(change))


def _change(change: Difference) -> Group:
    where = Text.assemble(
        (" › ".join(change.path[1:]), "bold"), (f"  {change.article}" if change.article else "", "dim")
    )
    told = [(mark, style, value) for mark, style, value in (("-", "red", change.old), ("+", "green", change.new))]
    values = [_marked(mark, style, one) for mark, style, value in told for one in _each(value)]
    return Group(*([where] if where.plain.strip() else []), *values)


def _each(value: Any) -> list[Any]:
    """A list of sentences is told one by one; nothing, not at all."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return value
    return [] if value in (None, "", [], {}) else [value]


def _marked(mark: str, style: str, value: Any) -> Table:
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_row("", Text(mark, style=style), Text(said(value), style=style, overflow="fold"))
    return table


def said(value: Any) -> str:
    """A plain value in words: what is empty or false is left out of a thing."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(said, value))
    if not isinstance(value, dict):
        return str(value)
    if is_text(value):
        return " ".join(in_all(value))
    if set(value) == {"amount", "currency"}:
        return f"{value['amount']} {value['currency']}"
    parts = {key: inner for key, inner in value.items() if inner not in (None, "", [], {}, False)}
    return "; ".join(f"{key}: {said(inner)}" for key, inner in parts.items() if key not in ("id", "name", "article"))


def show_list(console: Console, rules: Sequence[tuple[Rule, int, int]]) -> None:
    """Rules with how many of the checks each passes, and whether a live roll can open under it."""
    for rule, passed, stopping in rules:
        opens = "no live roll" if stopping else "a live roll can open"
        told = lines(*in_all(full_title(rule)), f"{rule.status} · {passed} of 24 checks passed · {opens}")
        console.print(Text(rule.ref, style="bold"))
        console.print(Padding(told, (0, 0, 0, 4)))
