"""The provenance sections of a what-if report: assumptions with sources, what the model leaves out, how to reproduce it."""

import hashlib
import shlex
from importlib import metadata

import msgspec

from openroll.report.blocks import Block, Command, Grid, Points, Prose
from openroll.report.figures import currency, span
from openroll.report.theme import Theme, letter
from openroll.report.wording import words
from openroll.rules import Rule, Source, Text, digest, given
from openroll.rules.language import in_language
from openroll.whatif import Outcome, titles
from openroll.whatif.city import City
from openroll.whatif.unmodelled import OF_DUTIES, unmodelled
from openroll.words import catalogue
from openroll.words.assumptions import assumption_title, assumption_unit

MOST_DISTRICTS = 60
"""Districts listed at most."""


def provenance(outcome: Outcome, theme: Theme) -> tuple[Block, ...]:
    """Section: the city's assumptions by process, its districts, calendar and sources, and each rule's sources."""
    phrases = words("grounds", theme.lang)
    return (
        Prose(phrases["intro"]),
        *_assumptions(outcome, theme),
        *_districts(outcome, theme),
        Points(_standing(outcome, theme)),
        Points(_sources(outcome.city.sources, theme), phrases["city_sources"]),
        *(_rule(outcome, theme, index) for index in range(len(outcome.rules))),
        *(block for index in range(len(outcome.rules)) for block in _unmodelled(outcome, theme, index)),
    )


def _assumptions(outcome: Outcome, theme: Theme) -> list[Grid]:
    """Tables of the city's assumptions, a table a process: value, range, source or reason."""
    phrases, money = words("grounds", theme.lang), currency(theme.lang, outcome.city.currency)
    rows: dict[str, list[tuple[str, ...]]] = {}
    for path, quantity in outcome.city.assumptions.items():
        title = titles()[path]
        named = f"{assumption_title(theme.lang, title)}\n{assumption_unit(theme.lang, title, money)}"
        low, high = quantity.range
        ends = span(theme.lang, _exact(theme.lang, low), _exact(theme.lang, high)) if low < high else phrases["fixed"]
        why = _why(theme, quantity.source, quantity.assumed)
        rows.setdefault(path.split(".")[0], []).append((named, _exact(theme.lang, quantity.value), ends, why))
    head = (phrases["assumption"], phrases["value"], phrases["range"], phrases["why"])
    return [Grid(phrases[section], head, tuple(mine), wordy=True) for section, mine in rows.items()]


def _exact(lang: str, value: float) -> str:
    """A number as the city file has it: an assumption is quoted, not rounded."""
    return catalogue.exact(lang, value)


def _why(theme: Theme, source: str, assumed: Text | None) -> str:
    """Where an assumption comes from, as text: its source, or why it is assumed."""
    phrases = words("grounds", theme.lang)
    parts = [phrases["sourced"].format(source=theme.fit(source))] if source else []
    parts += [phrases["because"].format(why=theme.fit(in_language(assumed, theme.lang)))] if assumed else []
    return catalogue.gettext(theme.lang, "; ").join(parts)


def _districts(outcome: Outcome, theme: Theme) -> list[Block]:
    """Table of the city's districts."""
    phrases, every = words("grounds", theme.lang), outcome.city.districts
    shown = every if len(every) <= MOST_DISTRICTS else sorted(every, key=lambda one: -one.weight)[:MOST_DISTRICTS]
    rows = tuple(
        (
            theme.fit(in_language(one.title, theme.lang)),
            _exact(theme.lang, one.weight),
            catalogue.number(theme.lang, one.counters),
            _why(theme, one.source, one.assumed),
        )
        for one in shown
    )
    head = (phrases["district"], phrases["weight"], phrases["counters"], phrases["why"])
    grid = Grid(phrases["districts"], head, _said_once(rows, theme), wordy=True)
    if len(shown) == len(every):
        return [grid]
    counts = {"count": catalogue.number(theme.lang, len(every)), "shown": catalogue.number(theme.lang, len(shown))}
    return [grid, Prose(phrases["many_districts"].format(**counts))]


def _said_once(rows: tuple[tuple[str, ...], ...], theme: Theme) -> tuple[tuple[str, ...], ...]:
    """The rows with a reason that was given before only pointed to, by the first row that had it."""
    phrases = words("grounds", theme.lang)["as"]
    first: dict[str, str] = {}
    firsts = [first.setdefault(row[-1], row[0]) for row in rows]
    return tuple(
        row if name == row[0] else (*row[:-1], phrases.format(name=name))
        for row, name in zip(rows, firsts, strict=True)
    )


def _standing(outcome: Outcome, theme: Theme) -> tuple[str, ...]:
    """The calendar, who is punished for a bribe, the reminders."""
    phrases, city = words("grounds", theme.lang), outcome.city
    comma = catalogue.gettext(theme.lang, ", ")
    calendar = phrases["calendar"].format(
        weekdays=comma.join(catalogue.number(theme.lang, one) for one in city.calendar.weekdays),
        holidays=catalogue.number(theme.lang, len(city.calendar.holidays)),
        worked=catalogue.number(theme.lang, len(city.calendar.worked)),
        why=_why(theme, city.calendar.source, city.calendar.assumed),
    )
    days = comma.join(catalogue.number(theme.lang, one) for one in city.reminders)
    reminders = phrases["reminders"].format(days=days) if city.reminders else phrases["no_reminders"]
    return (calendar.strip(), phrases[city.liability], reminders)


def _sources(sources: tuple[Source, ...], theme: Theme) -> tuple[str, ...]:
    """The sources of a city or rule as a list."""
    phrases = words("grounds", theme.lang)
    return tuple(
        phrases["source"]
        .format(id=one.id, title=theme.fit(one.title), standing=phrases[one.standing], where=theme.fit(one.where))
        .strip()
        for one in sources
    )


def _rule(outcome: Outcome, theme: Theme, index: int) -> Points:
    """List of a rule's sources and notes."""
    rule = outcome.rules[index]
    title = words("grounds", theme.lang)["rule_sources"].format(letter=letter(index), title=theme.title(outcome, index))
    told = tuple(theme.fit(in_language(note, theme.lang)) for note in rule.notes)
    return Points((*_sources(rule.sources, theme), *told), title)


def _unmodelled(outcome: Outcome, theme: Theme, index: int) -> tuple[Points, ...]:
    """What of a rule the model does not put people through, if there is anything."""
    told = tuple(theme.fit(one) for one in not_modelled(outcome.rules[index], outcome.city, theme.lang))
    return (Points(told, words("unmodelled", theme.lang)["rule"].format(letter=letter(index))),) if told else ()


def not_modelled(rule: Rule, city: City, lang: str) -> tuple[str, ...]:
    """What of a rule is not modelled in a city, a sentence for each reason, with the titles of what it is about."""
    phrases, semicolon = words("unmodelled", lang), catalogue.gettext(lang, "; ")
    duties = {one.id: in_language(one.title, lang) for one in rule.duties}
    others = {one.id: in_language(one.title, lang) for one in rule.measures}
    others |= {one.id: in_language(one.title, lang) for one in given(rule.kinds, ())}
    return tuple(
        phrases[why].format(
            names=semicolon.join((duties if why in OF_DUTIES else others).get(name, name) for name in names)
        )
        for why, names in unmodelled(rule, city).items()
    )


def left_out(lang: str) -> tuple[Block, ...]:
    """Section: what the city model leaves out, as its modules say."""
    return (Points(tuple(words("leaves", lang).values())),)


def city_notes(outcome: Outcome, theme: Theme) -> tuple[Block, ...]:
    """Section: the notes of the city file."""
    told = tuple(theme.fit(in_language(note, theme.lang)) for note in outcome.city.notes)
    return (Points(told),) if told else ()


def how_to_reproduce(outcome: Outcome, lang: str) -> tuple[Block, ...]:
    """Section: the command, the version and the digests that reproduce the report."""
    phrases = words("again", lang)
    made = phrases["version"].format(
        version=metadata.version("openroll"),
        seed=outcome.seed,
        runs=catalogue.number(lang, outcome.runs),
        mode=phrases[outcome.mode],
    )
    city = phrases["city"].format(
        id=outcome.city.id, digest=hashlib.sha256(msgspec.json.encode(outcome.city)).hexdigest()
    )
    rules = (phrases["rule"].format(id=rule.ref, version=rule.version, digest=digest(rule)) for rule in outcome.rules)
    return (Prose(phrases["command"]), Command(command(outcome, lang)), Points((made, city, *rules)))


def command(outcome: Outcome, lang: str) -> str:
    """The `openroll whatif run` command that makes the same report again."""
    words_ = ["openroll", "whatif", "run", *(rule.ref for rule in outcome.rules), "--city", outcome.city.id]
    words_ += ["--runs", str(outcome.runs), "--seed", str(outcome.seed)]
    words_ += ["--mode", "people"] if outcome.mode == "people" else []
    return shlex.join([*words_, "--lang", lang, "-o", "report.html"])
