"""What a report rests on: assumptions with their sources and reasons, districts, rules; what is left out; how to make it."""

import hashlib
import shlex
from importlib import metadata

import msgspec

from openroll.report.blocks import Block, Command, Grid, Points, Prose
from openroll.report.figures import currency, span
from openroll.report.theme import Look, letter
from openroll.report.wording import words
from openroll.rules import Rule, Source, Text, digest, given
from openroll.rules.language import in_language
from openroll.whatif import Outcome, titles
from openroll.whatif.unmodelled import OF_DUTIES, unmodelled
from openroll.words import catalogue

MOST_DISTRICTS = 60
"""Districts listed at most."""


def grounds(outcome: Outcome, look: Look) -> tuple[Block, ...]:
    """Every assumption by process, the districts, the calendar, the sources."""
    say = words("grounds", look.lang)
    return (
        Prose(say["intro"]),
        *_assumptions(outcome, look),
        *_districts(outcome, look),
        Points(_standing(outcome, look)),
        Points(_sources(outcome.city.sources, look), say["city_sources"]),
        *(_rule(outcome, look, place) for place in range(len(outcome.rules))),
        *(block for place in range(len(outcome.rules)) for block in _unmodelled(outcome, look, place)),
    )


def _assumptions(outcome: Outcome, look: Look) -> list[Grid]:
    say, money = words("grounds", look.lang), currency(look.lang, outcome.city.currency)
    rows: dict[str, list[tuple[str, ...]]] = {}
    for path, quantity in outcome.city.assumptions.items():
        title = titles()[path]
        named = f"{in_language(title.title, look.lang)}\n{in_language(title.unit_in(money), look.lang)}"
        low, high = quantity.range
        ends = span(look.lang, _exact(look.lang, low), _exact(look.lang, high)) if low < high else say["fixed"]
        why = _why(look, quantity.source, quantity.assumed)
        rows.setdefault(path.split(".")[0], []).append((named, _exact(look.lang, quantity.value), ends, why))
    head = (say["assumption"], say["value"], say["range"], say["why"])
    return [Grid(say[section], head, tuple(mine), wordy=True) for section, mine in rows.items()]


def _exact(lang: str, value: float) -> str:
    """A number as the city file has it: an assumption is quoted, not rounded."""
    return catalogue.number(lang, int(value)) if value == int(value) else f"{value:.10g}"


def _why(look: Look, source: str, assumed: Text | None) -> str:
    say = words("grounds", look.lang)
    parts = [say["sourced"].format(source=look.fit(source))] if source else []
    parts += [say["because"].format(why=look.fit(in_language(assumed, look.lang)))] if assumed else []
    return catalogue.gettext(look.lang, "; ").join(parts)


def _districts(outcome: Outcome, look: Look) -> list[Block]:
    say, every = words("grounds", look.lang), outcome.city.districts
    shown = every if len(every) <= MOST_DISTRICTS else sorted(every, key=lambda one: -one.weight)[:MOST_DISTRICTS]
    rows = tuple(
        (
            look.fit(in_language(one.title, look.lang)),
            _exact(look.lang, one.weight),
            catalogue.number(look.lang, one.counters),
            _why(look, one.source, one.assumed),
        )
        for one in shown
    )
    head = (say["district"], say["weight"], say["counters"], say["why"])
    grid = Grid(say["districts"], head, _said_once(rows, look), wordy=True)
    if len(shown) == len(every):
        return [grid]
    counts = {"count": catalogue.number(look.lang, len(every)), "shown": catalogue.number(look.lang, len(shown))}
    return [grid, Prose(say["many_districts"].format(**counts))]


def _said_once(rows: tuple[tuple[str, ...], ...], look: Look) -> tuple[tuple[str, ...], ...]:
    """The rows with a reason that was given before only pointed to, by the first row that had it."""
    say = words("grounds", look.lang)["as"]
    first: dict[str, str] = {}
    firsts = [first.setdefault(row[-1], row[0]) for row in rows]
    return tuple(
        row if name == row[0] else (*row[:-1], say.format(name=name)) for row, name in zip(rows, firsts, strict=True)
    )


def _standing(outcome: Outcome, look: Look) -> tuple[str, ...]:
    """The calendar, who is punished for a bribe, the reminders."""
    say, city = words("grounds", look.lang), outcome.city
    comma = catalogue.gettext(look.lang, ", ")
    calendar = say["calendar"].format(
        weekdays=comma.join(str(one) for one in city.calendar.weekdays),
        holidays=len(city.calendar.holidays),
        worked=len(city.calendar.worked),
        why=_why(look, city.calendar.source, city.calendar.assumed),
    )
    days = comma.join(str(one) for one in city.reminders)
    reminders = say["reminders"].format(days=days) if city.reminders else say["no_reminders"]
    return (calendar.strip(), say[city.liability], reminders)


def _sources(sources: tuple[Source, ...], look: Look) -> tuple[str, ...]:
    say = words("grounds", look.lang)
    return tuple(
        say["source"]
        .format(id=one.id, title=look.fit(one.title), standing=say[one.standing], where=look.fit(one.where))
        .strip()
        for one in sources
    )


def _rule(outcome: Outcome, look: Look, place: int) -> Points:
    rule = outcome.rules[place]
    title = words("grounds", look.lang)["rule_sources"].format(letter=letter(place), title=look.title(outcome, place))
    told = tuple(look.fit(in_language(note, look.lang)) for note in rule.notes)
    return Points((*_sources(rule.sources, look), *told), title)


def _unmodelled(outcome: Outcome, look: Look, place: int) -> tuple[Points, ...]:
    """What of a rule the model does not put people through, if there is anything."""
    told = tuple(look.fit(sentence) for sentence in not_modelled(outcome.rules[place], look.lang))
    return (Points(told, words("unmodelled", look.lang)["rule"].format(letter=letter(place))),) if told else ()


def not_modelled(rule: Rule, lang: str) -> tuple[str, ...]:
    """What of a rule is not modelled, a sentence for each reason, with the titles of what it is about."""
    say, semicolon = words("unmodelled", lang), catalogue.gettext(lang, "; ")
    duties = {one.id: in_language(one.title, lang) for one in rule.duties}
    others = {one.id: in_language(one.title, lang) for one in rule.measures}
    others |= {one.id: in_language(one.title, lang) for one in given(rule.kinds, ())}
    return tuple(
        say[why].format(
            names=semicolon.join((duties if why in OF_DUTIES else others).get(name, name) for name in names)
        )
        for why, names in unmodelled(rule).items()
    )


def leaves(lang: str) -> tuple[Block, ...]:
    """What the model leaves out, as its own modules say it."""
    return (Points(tuple(words("leaves", lang).values())),)


def notes(outcome: Outcome, look: Look) -> tuple[Block, ...]:
    """What the city file says of itself."""
    told = tuple(look.fit(in_language(note, look.lang)) for note in outcome.city.notes)
    return (Points(told),) if told else ()


def again(outcome: Outcome, lang: str) -> tuple[Block, ...]:
    """The command, the version, the digests of what was put in."""
    say = words("again", lang)
    made = say["version"].format(
        version=metadata.version("openroll"),
        seed=outcome.seed,
        runs=catalogue.number(lang, outcome.runs),
        mode=say[outcome.mode],
    )
    city = say["city"].format(id=outcome.city.id, digest=hashlib.sha256(msgspec.json.encode(outcome.city)).hexdigest())
    rules = (say["rule"].format(id=rule.ref, version=rule.version, digest=digest(rule)) for rule in outcome.rules)
    return (Prose(say["command"]), Command(command(outcome, lang)), Points((made, city, *rules)))


def command(outcome: Outcome, lang: str) -> str:
    """What to type to make the same report again."""
    words_ = ["openroll", "whatif", "run", *(rule.ref for rule in outcome.rules), "--city", outcome.city.id]
    words_ += ["--runs", str(outcome.runs), "--seed", str(outcome.seed)]
    words_ += ["--mode", "people"] if outcome.mode == "people" else []
    return shlex.join([*words_, "--lang", lang, "-o", "report.html"])
