"""What the model found, told: the question, the answer in a paragraph, the rules side by side, the plots, the differences."""

import re
from collections.abc import Callable

import polars as pl

from openroll.report.blocks import Block, Document, Grid, Plots, Points, Prose, Section
from openroll.report.charts import TELLING, UNITS, Charts
from openroll.report.figures import banded, currency, percent, span
from openroll.report.provenance import again, grounds, leaves, notes
from openroll.report.theme import Look, letter
from openroll.report.wording import seen, words
from openroll.rules import full_title
from openroll.rules.language import Text, in_language
from openroll.whatif import ANSWERS, Outcome, differences
from openroll.words import catalogue

HEADLINES = (
    "filed",
    "wait",
    "warned",
    "cut-off",
    "months-off",
    "bribes-asked",
    "bribes-paid",
    "readable",
    "cost-a-head",
)
"""The answers that the paragraph tells."""
SWINGS = ("filed", "months-off", "cost-a-head")
"""The answers whose tornado is drawn."""


def account(outcome: Outcome, lang: str, fit: Callable[[str], str] = seen) -> Document:
    """The report in a language; `fit` makes titles that others wrote fit to be shown."""
    told = _Account(outcome, Look(lang, fit=fit))
    say, title = words("report", lang), words("section", lang)
    count = len(outcome.rules)
    city = fit(in_language(outcome.city.title, lang))
    subtitle = say["subtitle" if count > 1 else "subtitle_one"].format(city=city, count=catalogue.number(lang, count))
    parts: tuple[tuple[str, tuple[Block, ...]], ...] = (
        ("question", told.question()),
        ("answer", told.answer()),
        ("table", told.table()),
        ("plots", (Plots(told.charts.every()),)),
        ("differences", told.differences()),
        ("change", told.change()),
        ("grounds", grounds(outcome, told.look)),
        ("leaves", leaves(lang)),
        ("notes", notes(outcome, told.look)),
        ("again", again(outcome, lang)),
    )
    sections = tuple(Section(key, title[key], blocks) for key, blocks in parts if blocks)
    return Document(lang, say["title"], subtitle, say["maker"], sections)


def sentences(outcome: Outcome, lang: str, fit: Callable[[str], str] = seen) -> tuple[str, ...]:
    """What the paragraph of the answer is made of, a sentence an answer: for a page, which has room to list them."""
    told = _Account(outcome, Look(lang, fit=fit))
    return tuple(told.sentence(name) for name in HEADLINES)


class _Account:
    """The telling of one outcome in one look."""

    def __init__(self, outcome: Outcome, look: Look) -> None:
        self.outcome, self.look, self.lang = outcome, look, look.lang
        self.charts = Charts(outcome, look)
        self.refs = [one.ref for one in outcome.series]

    def question(self) -> tuple[Block, ...]:
        say, city = words("question", self.lang), self.outcome.city
        ask = say["ask"].format(
            begin=catalogue.day(self.lang, city.begin),
            city=self._fit(city.title),
            days=catalogue.number(self.lang, city.days),
        )
        rules = tuple(
            say["rule"].format(
                letter=letter(place),
                title=self._fit(full_title(rule)),
                status=say[rule.status],
                summary=self._fit(rule.summary),
            )
            for place, rule in enumerate(self.outcome.rules)
        )
        proposals = [
            Prose(say["proposal_note"].format(letter=letter(place)))
            for place, rule in enumerate(self.outcome.rules)
            if rule.status == "proposal"
        ]
        summary = Prose(self._fit(city.summary))
        return (Prose(ask, "lead"), Points(rules), *proposals, summary, Prose(say["measured"]), Prose(say["model"]))

    def answer(self) -> tuple[Block, ...]:
        sentences = [self._who(), *(self.sentence(name) for name in HEADLINES)]
        return (Prose(catalogue.sentences(self.lang, sentences), "lead"), self._bands())

    def _who(self) -> str:
        """The rules by name, so that the paragraph can be quoted alone."""
        say = words("told", self.lang)
        parts = [
            say["who_proposal" if rule.status == "proposal" else "who"].format(
                letter=letter(place), title=self._fit(full_title(rule))
            )
            for place, rule in enumerate(self.outcome.rules)
        ]
        return say["stop"].format(list=say["join"].join(parts))

    def _fit(self, said: Text) -> str:
        return self.look.fit(in_language(said, self.lang))

    def _bands(self) -> Prose:
        say, runs = words("report", self.lang), self.outcome.runs
        if runs == 1:
            return Prose(say["single_note"])
        return Prose(say["band_note"].format(runs=catalogue.number(self.lang, runs)))

    def sentence(self, name: str) -> str:
        """One answer under every rule."""
        say = words("told", self.lang)
        parts = [self._item(name, place) for place in range(len(self.refs))]
        return say[name].format(
            day=catalogue.day(self.lang, self.charts.by),
            currency=currency(self.lang, self.outcome.city.currency),
            list=say["join"].join(parts),
        )

    def _item(self, name: str, place: int) -> str:
        say, ref = words("told", self.lang), self.refs[place]
        if not any(self.charts.bands[ref, name]):
            return say["none"].format(rule=letter(place))
        middle = self.charts.bands[ref, name][1]
        return say["item" if round(middle, 1) else "zero"].format(
            rule=letter(place), number=self.charts.banded(name, ref)
        )

    def table(self) -> tuple[Block, ...]:
        titles = self.look.titles(self.outcome)
        rows = tuple(
            (
                self.asked(answer.name),
                *(self._cell(answer.name, *self.charts.bands[ref, answer.name]) for ref in self.refs),
            )
            for answer in ANSWERS
        )
        head = (words("report", self.lang)["what"], *(letter(place) for place in range(len(self.refs))))
        return (Points(tuple(titles)), Grid(words("section", self.lang)["table"], head, rows), self._bands())

    def asked(self, name: str) -> str:
        """The title of an answer, with what its numbers count where the title does not say."""
        title = self.charts.heads[name]
        if UNITS[name] != "money":
            return title
        return words("say", self.lang)["in"].format(
            title=title, currency=currency(self.lang, self.outcome.city.currency)
        )

    def _cell(self, name: str, low: float, middle: float, high: float) -> str:
        ends = [self.charts.bare(name, value) for value in (low, middle, high)]
        return ends[1] if ends[0] == ends[2] else f"{ends[1]}\n{span(self.lang, ends[0], ends[2])}"

    # Differences

    def differences(self) -> tuple[Block, ...]:
        say = words("differences", self.lang)
        if len(self.refs) == 1:
            return (Prose(say["one_rule"]),)
        found = differences(self.charts.values, self.refs[0])
        others = list(enumerate(self.refs))[1:]
        cells = {(row["rule"], row["answer"]): self._difference(row) for row in found.iter_rows(named=True)}
        head = (
            words("report", self.lang)["what"],
            *(say["head"].format(rule=letter(place), first=letter(0)) for place, _ in others),
        )
        rows = tuple((self.asked(one.name), *(cells[ref, one.name] for _, ref in others)) for one in ANSWERS)
        grid = Grid(say["caption"].format(letter=letter(0)), head, rows)
        if self.outcome.runs == 1:
            return (Prose(say["single"]), grid)
        told = tuple(
            text for place, ref in others for text in self._carried(place, found.filter(pl.col("rule") == ref))
        )
        return (Prose(say["intro"]), Points(told), grid)

    def _difference(self, row: dict[str, float]) -> str:
        say, name = words("differences", self.lang), str(row["answer"])
        low, middle, high = (self.charts.bare(name, row[end]) for end in ("low", "middle", "high"))
        said = banded(self.lang, low, middle, high)
        if UNITS[name] == "share":
            said = say["points"].format(number=re.sub(r"\s*%", "", said))
        if self.outcome.runs == 1:
            return f"{said}\n{say['unknown']}"
        if not row["carried"]:
            return f"{said}\n{say['not'].format(share=percent(self.lang, row['more']))}"
        return f"{said}\n{say['carried'] if row['low'] or row['high'] else say['same']}"

    def _carried(self, place: int, found: pl.DataFrame) -> list[str]:
        """In words: what is more, what is less, what is not carried."""
        say = words("differences", self.lang)
        kinds = {
            "more": pl.col("carried") & (pl.col("low") > 0),
            "less": pl.col("carried") & (pl.col("high") < 0),
            "open": ~pl.col("carried"),
        }
        lists = {kind: found.filter(mask)["answer"].to_list() for kind, mask in kinds.items()}
        names = self.charts.heads
        return [
            say[kind].format(
                rule=letter(place), first=letter(0), list=say["join"].join(self._inside(names[one]) for one in chosen)
            )
            for kind, chosen in lists.items()
            if chosen
        ]

    def _inside(self, title: str) -> str:
        return title[0].lower() + title[1:]

    # What would change it

    def change(self) -> tuple[Block, ...]:
        say = words("change", self.lang)
        if self.outcome.runs < TELLING:
            few = say["few"].format(
                runs=catalogue.number(self.lang, self.outcome.runs), least=catalogue.number(self.lang, TELLING)
            )
            return (Prose(few),)
        found = [(name, self.charts.tornado(name, self.refs[0])) for name in SWINGS]
        drawn = tuple(chart for _, chart in found if chart)
        quiet = tuple(
            Prose(say["nothing"].format(answer=self.charts.heads[name])) for name, chart in found if not chart
        )
        return (Prose(say["intro"]), *((Plots(drawn),) if drawn else ()), *quiet)
