"""The text of the what-if report: the question, the answer, the rules side by side, the differences between them."""

import re
from collections.abc import Callable

import polars as pl

from openroll.report.blocks import Block, Document, Grid, Plots, Points, Prose, Section
from openroll.report.charts import TELLING, UNITS, Charts
from openroll.report.figures import banded, currency, percent, span
from openroll.report.provenance import city_notes, how_to_reproduce, left_out, provenance
from openroll.report.theme import Theme, letter
from openroll.report.wording import seen, words
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


def narrative(outcome: Outcome, lang: str, fit: Callable[[str], str] = seen) -> Document:
    """Build the report's document in a language; `fit` makes titles that others wrote safe to show."""
    report = _Narrative(outcome, Theme(lang, fit=fit))
    phrases, title = words("report", lang), words("section", lang)
    count = len(outcome.rules)
    city = fit(in_language(outcome.city.title, lang))
    subtitle = phrases["subtitle" if count > 1 else "subtitle_one"].format(
        city=city, count=catalogue.number(lang, count)
    )
    parts: tuple[tuple[str, tuple[Block, ...]], ...] = (
        ("question", report.question()),
        ("answer", report.answer()),
        ("table", report.table()),
        ("plots", (Plots(report.charts.every()),)),
        ("differences", report.differences()),
        ("change", report.change()),
        ("grounds", provenance(outcome, report.theme)),
        ("leaves", left_out(lang)),
        ("notes", city_notes(outcome, report.theme)),
        ("again", how_to_reproduce(outcome, lang)),
    )
    sections = tuple(Section(key, title[key], blocks) for key, blocks in parts if blocks)
    return Document(lang, phrases["title"], subtitle, phrases["maker"], sections)


def sentences(outcome: Outcome, lang: str, fit: Callable[[str], str] = seen) -> tuple[str, ...]:
    """The sentences of the answer, one an answer: for a page, which lists them."""
    report = _Narrative(outcome, Theme(lang, fit=fit))
    return tuple(report.sentence(name) for name in HEADLINES)


class _Narrative:
    """Writes the sections of one outcome's report in one theme."""

    def __init__(self, outcome: Outcome, theme: Theme) -> None:
        self.outcome, self.theme, self.lang = outcome, theme, theme.lang
        self.charts = Charts(outcome, theme)
        self.refs = [one.ref for one in outcome.series]

    def question(self) -> tuple[Block, ...]:
        """Section: the question, the rules compared, the city."""
        phrases, city = words("question", self.lang), self.outcome.city
        ask = phrases["ask"].format(
            begin=catalogue.day(self.lang, city.begin),
            city=self._fit(city.title),
            days=catalogue.number(self.lang, city.days),
        )
        rules = tuple(
            phrases["rule"].format(
                letter=letter(index),
                title=self.theme.title(self.outcome, index),
                status=phrases[rule.status],
                summary=self._fit(rule.summary),
            )
            for index, rule in enumerate(self.outcome.rules)
        )
        proposals = [
            Prose(phrases["proposal_note"].format(letter=letter(index)))
            for index, rule in enumerate(self.outcome.rules)
            if rule.status == "proposal"
        ]
        summary = Prose(self._fit(city.summary))
        return (
            Prose(ask, "lead"),
            Points(rules),
            *proposals,
            summary,
            Prose(phrases["measured"]),
            Prose(phrases["model"]),
        )

    def answer(self) -> tuple[Block, ...]:
        """Section: the answer in one paragraph."""
        sentences = [self._who(), *(self.sentence(name) for name in HEADLINES)]
        return (Prose(catalogue.sentences(self.lang, sentences), "lead"), self._bands())

    def _who(self) -> str:
        """The rules by name, so that the paragraph can be quoted alone."""
        phrases = words("told", self.lang)
        parts = [
            phrases["who_proposal" if rule.status == "proposal" else "who"].format(
                letter=letter(index), title=self.theme.title(self.outcome, index)
            )
            for index, rule in enumerate(self.outcome.rules)
        ]
        return phrases["stop"].format(list=phrases["join"].join(parts))

    def _fit(self, said: Text) -> str:
        return self.theme.fit(in_language(said, self.lang))

    def _bands(self) -> Prose:
        phrases, runs = words("report", self.lang), self.outcome.runs
        if runs == 1:
            return Prose(phrases["single_note"])
        return Prose(phrases["band_note"].format(runs=catalogue.number(self.lang, runs)))

    def sentence(self, name: str) -> str:
        """One answer under every rule."""
        phrases = words("told", self.lang)
        parts = [self._item(name, index) for index in range(len(self.refs))]
        return phrases[name].format(
            day=catalogue.day(self.lang, self.charts.by),
            currency=currency(self.lang, self.outcome.city.currency),
            list=phrases["join"].join(parts),
        )

    def _item(self, name: str, index: int) -> str:
        phrases, ref = words("told", self.lang), self.refs[index]
        if not any(self.charts.bands[ref, name]):
            return phrases["none"].format(rule=letter(index))
        middle = self.charts.bands[ref, name][1]
        return phrases["item" if round(middle, 1) else "zero"].format(
            rule=letter(index), number=self.charts.banded(name, ref)
        )

    def table(self) -> tuple[Block, ...]:
        """Section: the rules side by side, an answer a row."""
        titles = self.theme.titles(self.outcome)
        rows = tuple(
            (
                self.asked(answer.name),
                *(self._cell(answer.name, *self.charts.bands[ref, answer.name]) for ref in self.refs),
            )
            for answer in ANSWERS
        )
        head = (words("report", self.lang)["what"], *(letter(index) for index in range(len(self.refs))))
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
        """Section: each rule's difference from the first."""
        phrases = words("differences", self.lang)
        if len(self.refs) == 1:
            return (Prose(phrases["one_rule"]),)
        found = differences(self.charts.values, self.refs[0])
        others = list(enumerate(self.refs))[1:]
        cells = {(row["rule"], row["answer"]): self._difference(row) for row in found.iter_rows(named=True)}
        head = (
            words("report", self.lang)["what"],
            *(phrases["head"].format(rule=letter(index), first=letter(0)) for index, _ in others),
        )
        rows = tuple((self.asked(one.name), *(cells[ref, one.name] for _, ref in others)) for one in ANSWERS)
        grid = Grid(phrases["caption"].format(letter=letter(0)), head, rows)
        if self.outcome.runs == 1:
            return (Prose(phrases["single"]), grid)
        report = tuple(
            text for index, ref in others for text in self._carried(index, found.filter(pl.col("rule") == ref))
        )
        return (Prose(phrases["intro"]), Points(report), grid)

    def _difference(self, row: dict[str, float]) -> str:
        phrases, name = words("differences", self.lang), str(row["answer"])
        low, middle, high = (self.charts.bare(name, row[end]) for end in ("low", "middle", "high"))
        said = banded(self.lang, low, middle, high)
        if UNITS[name] == "share":
            said = phrases["points"].format(number=re.sub(r"\s*%", "", said))
        if self.outcome.runs == 1:
            return f"{said}\n{phrases['unknown']}"
        if not row["carried"]:
            return f"{said}\n{phrases['not'].format(share=percent(self.lang, row['more']))}"
        return f"{said}\n{phrases['carried'] if row['low'] or row['high'] else phrases['same']}"

    def _carried(self, index: int, found: pl.DataFrame) -> list[str]:
        """In words: what is more, what is less, what is not carried."""
        phrases = words("differences", self.lang)
        kinds = {
            "more": pl.col("carried") & (pl.col("low") > 0),
            "less": pl.col("carried") & (pl.col("high") < 0),
            "open": ~pl.col("carried"),
        }
        lists = {kind: found.filter(mask)["answer"].to_list() for kind, mask in kinds.items()}
        names = self.charts.heads
        return [
            phrases[kind].format(
                rule=letter(index),
                first=letter(0),
                list=phrases["join"].join(self._inside(names[one]) for one in chosen),
            )
            for kind, chosen in lists.items()
            if chosen
        ]

    def _inside(self, title: str) -> str:
        return title[0].lower() + title[1:]

    # What would change it

    def change(self) -> tuple[Block, ...]:
        """Section: the assumptions that the answers are most sensitive to (tornado charts)."""
        phrases = words("change", self.lang)
        if self.outcome.runs < TELLING:
            few = phrases["few"].format(
                runs=catalogue.number(self.lang, self.outcome.runs), least=catalogue.number(self.lang, TELLING)
            )
            return (Prose(few),)
        found = [(name, self.charts.tornado(name, self.refs[0])) for name in SWINGS]
        drawn = tuple(chart for _, chart in found if chart)
        quiet = tuple(
            Prose(phrases["nothing"].format(answer=self.charts.heads[name])) for name, chart in found if not chart
        )
        return (Prose(phrases["intro"]), *((Plots(drawn),) if drawn else ()), *quiet)
