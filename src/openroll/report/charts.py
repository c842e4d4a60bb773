"""The charts of a what-if outcome by name, each with its numbers as a table: for the report and the page.

from openroll.report import Charts
Charts(outcome, Look("en")).filed().picture.svg
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import polars as pl

from openroll.report.draw import Span, Swing, curves, spans, tornado
from openroll.report.figures import banded, bare, currency, plain, span
from openroll.report.theme import Picture, Theme, letter
from openroll.report.wording import words
from openroll.whatif import ANSWERS, BAND, Outcome, answers, bands, deadline, swings, titles
from openroll.words import catalogue
from openroll.words.assumptions import assumption_title

UNITS = {answer.name: answer.unit for answer in ANSWERS}
MOST_SWINGS = 8
"""Bars of a tornado at most."""
TELLING = 50
"""Runs below which a tornado would show luck."""


@dataclass(frozen=True)
class Chart:
    """A chart: its title, text alternative, and table of numbers; drawn when its picture is asked for."""

    name: str
    title: str
    alt: str
    draw: Callable[[], Picture]
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    wordy: bool = False

    @property
    def caption(self) -> str:
        """The chart's title, over the table."""
        return self.title

    @cached_property
    def picture(self) -> Picture:
        """The chart, drawn."""
        return self.draw()


class Charts:
    """The charts of one outcome in one theme. `by`: the day that `filed` is asked on, as in `answers`."""

    def __init__(self, outcome: Outcome, theme: Theme, by: date | None = None) -> None:
        self.outcome, self.theme = outcome, theme
        self.by = by or deadline(outcome)
        self._phrases = words("chart", theme.lang)
        self._money = currency(theme.lang, outcome.city.currency)

    @cached_property
    def values(self) -> pl.DataFrame:
        """Every answer of every run (`answers`)."""
        return answers(self.outcome, self.by)

    @cached_property
    def bands(self) -> dict[tuple[str, str], tuple[float, float, float]]:
        """Low, middle and high by rule and answer."""
        return {(rule, name): (low, middle, high) for rule, name, low, middle, high in bands(self.values).iter_rows()}

    @cached_property
    def heads(self) -> dict[str, str]:
        """The titles of the answers, with the day that `filed` is asked on."""
        return {name: said.format(day=self._day(self.by)) for name, said in words("answer", self.theme.lang).items()}

    # Over days

    def filed(self) -> Chart:
        """Chart: subscriptions on record by day, with the deadlines."""
        return self._curve("filed")

    def line(self) -> Chart:
        """Chart: people in line at closing at the worst office of each day."""
        return self._curve("line")

    def wait(self) -> Chart:
        """Chart: hours of waiting at the worst office of each day."""
        return self._curve("wait")

    def off(self) -> Chart:
        """Chart: subscriptions off the network by day."""
        return self._curve("off")

    def readable(self) -> Chart:
        """Chart: records an authority can read without asking, by day."""
        return self._curve("readable")

    def opened(self) -> Chart:
        """Chart: records opened on request up to each day."""
        return self._curve("opened", added_up=True)

    # Over rules

    def measures(self) -> Chart:
        """Chart: people warned, fined and put off the network."""
        return self._spans("measures", ("warned", "fined", "cut-off"))

    def bribes(self) -> Chart:
        """Chart: bribes asked and paid."""
        return self._spans("bribes", ("bribes-asked", "bribes-paid"))

    def costs(self) -> Chart:
        """Chart: what each party bears."""
        return self._spans("costs", ("cost-people", "cost-operators", "cost-state"))

    def a_head(self) -> Chart:
        """Chart: what is used up for each subscription."""
        return self._spans("a-head", ("cost-a-head",))

    def every(self) -> tuple[Chart, ...]:
        """All charts but the tornadoes, in the report's order."""
        told: Sequence[Callable[[], Chart]] = (
            self.filed, self.line, self.wait, self.off, self.measures, self.bribes, self.readable, self.opened,
            self.costs, self.a_head,
        )  # fmt: skip
        return tuple(one() for one in told)

    def bare(self, name: str, value: float) -> str:
        """A number of an answer without its unit, which the title has."""
        return bare(self.theme.lang, UNITS[name], value)

    def banded(self, name: str, ref: str) -> str:
        """An answer under a rule with its band, where runs differ; without its unit."""
        low, middle, high = (self.bare(name, value) for value in self.bands[ref, name])
        return banded(self.theme.lang, low, middle, high)

    def _spans(self, name: str, chosen: Sequence[str]) -> Chart:
        heads = self.heads
        refs = [one.ref for one in self.outcome.series]
        rows = [
            (
                heads[answer],
                [Span(index, *self.bands[ref, answer], self.banded(answer, ref)) for index, ref in enumerate(refs)],
            )
            for answer in chosen
        ]
        title = self._phrases[name].format(currency=self._money)
        told = "".join(
            f" {head}: {self._semi([self._pair(row.index, row.said) for row in mine])}." for head, mine in rows
        )
        text = self._phrases["alt"].format(title=title, rest=told.strip())
        return Chart(
            name,
            title,
            text,
            lambda: spans(rows, self.theme.titles(self.outcome), name, text, self.theme),
            (self._phrases["what"], *(letter(index) for index in range(len(refs)))),
            tuple((head, *(row.said for row in mine)) for head, mine in rows),
        )

    def _pair(self, index: int, number: str) -> str:
        return self._phrases["pair"].format(rule=letter(index), number=number)

    def _semi(self, parts: Sequence[str]) -> str:
        return self._phrases["semicolon"].join(parts)

    def _curve(self, name: str, *, added_up: bool = False) -> Chart:
        frame = pl.concat([self._banded_days(index, name, added_up) for index in range(len(self.outcome.series))])
        if name in ("line", "wait"):
            frame = frame.filter(pl.col("day").map_elements(self.outcome.city.calendar.works, pl.Boolean))
        title = self._phrases[name]
        rest = self._semi(
            [self._ending(frame.filter(pl.col("rule") == index), index) for index in range(len(self.outcome.series))]
        )
        text = self._phrases["alt"].format(title=title, rest=rest + catalogue.gettext(self.theme.lang, "."))
        return Chart(
            name,
            title,
            text,
            lambda: curves(frame, self.theme.titles(self.outcome), self._marks(), name, text, self.theme),
            (self._phrases["day"], *(letter(index) for index in range(len(self.outcome.series)))),
            tuple(self._told_day(frame, day) for day in self._told_days(frame["day"].unique().sort().to_list())),
        )

    def _banded_days(self, index: int, name: str, added_up: bool) -> pl.DataFrame:
        series = self.outcome.series[index].city
        values = series.get(name, np.zeros_like(series["filed"]))
        low, middle, high = np.quantile(values.cumsum(axis=1) if added_up else values, BAND, axis=0)
        days = [self.outcome.city.begin + timedelta(days=one) for one in range(self.outcome.city.days)]
        frame = pl.DataFrame({"day": days, "low": low, "middle": middle, "high": high})
        return frame.select(pl.lit(index).alias("rule"), "day", "low", "middle", "high")

    def _ending(self, mine: pl.DataFrame, index: int) -> str:
        last, peak = mine.row(-1, named=True), mine.sort("middle", "day", descending=[True, False]).row(0, named=True)
        end = self._phrases["ends"].format(rule=letter(index), number=self._number(last), day=self._day(last["day"]))
        if peak["middle"] <= last["middle"]:
            return end
        return end + self._phrases["peaks"].format(
            number=plain(self.theme.lang, peak["middle"]), day=self._day(peak["day"])
        )

    def _day(self, day: date) -> str:
        return catalogue.day(self.theme.lang, day)

    def _number(self, row: dict[str, float]) -> str:
        low, middle, high = (plain(self.theme.lang, self._whole(row[end])) for end in ("low", "middle", "high"))
        return banded(self.theme.lang, low, middle, high)

    @staticmethod
    def _whole(value: float) -> float:
        return round(value, 1) if value < 10 else round(value)

    def _told_day(self, frame: pl.DataFrame, day: date) -> tuple[str, ...]:
        rows = frame.filter(pl.col("day") == day).sort("rule").iter_rows(named=True)
        return (self._day(day), *(self._number(row) for row in rows))

    def _told_days(self, days: list[date]) -> list[date]:
        """Of some days the first of each month, the deadlines, the last."""
        firsts = {(day.year, day.month): day for day in reversed(days)}.values()
        return [day for day in days if day in firsts or day in self.deadlines or day == days[-1]]

    @cached_property
    def deadlines(self) -> list[date]:
        """The fixed deadlines of the rules that fall inside the run."""
        city = self.outcome.city
        fixed = {
            one.fixed for rule in self.outcome.rules for duty in rule.duties for one in duty.deadlines if one.fixed
        }
        return sorted(day for day in fixed if 0 <= (day - city.begin).days < city.days)

    def _marks(self) -> dict[date, str]:
        phrases = words("say", self.theme.lang)["deadline"]
        return {day: phrases.format(day=catalogue.short_day(self.theme.lang, day)) for day in self.deadlines}

    # What would change it

    def tornado(self, answer: str, ref: str) -> Chart | None:
        """Tornado chart: the assumptions an answer is most sensitive to; None where runs are too few or nothing stands out."""
        rows = strongest_assumptions(self.outcome, self.values, ref, answer)
        if not rows:
            return None
        lang, heads = self.theme.lang, self.heads
        index = [one.ref for one in self.outcome.series].index(ref)
        title = self._phrases["tornado"].format(answer=heads[answer], rule=letter(index))
        bars = [
            Swing(
                assumption_title(lang, titles()[path]), least, most, self.bare(answer, least), self.bare(answer, most)
            )
            for path, least, most in rows
        ]
        told = self._semi([self._pair_of(bar) for bar in bars])
        mean = float(self.values.filter((pl.col("rule") == ref) & (pl.col("answer") == answer))["value"].mean())  # type: ignore[arg-type] # of floats
        key = (self._phrases["least"], self._phrases["most"])
        text = self._phrases["alt"].format(title=title, rest=told)
        return Chart(
            f"tornado-{answer}",
            title,
            text,
            lambda: tornado(bars, mean, key, f"tornado-{answer}", text, self.theme),
            (self._phrases["assumption"], self._phrases["lowest"], self._phrases["highest"]),
            tuple((bar.title, bar.said_least, bar.said_most) for bar in bars),
        )

    def _pair_of(self, bar: Swing) -> str:
        return self._phrases["pair"].format(rule=bar.title, number=span(self.theme.lang, bar.said_least, bar.said_most))


def strongest_assumptions(
    outcome: Outcome, values: pl.DataFrame, ref: str, answer: str
) -> list[tuple[str, float, float]]:
    """The assumptions an answer is most sensitive to, widest first, at most `MOST_SWINGS`; none within noise.

    The mean of a fifth of the runs is off by chance; what lies within three standard errors of the difference between two such
    means is left out: one in four hundred that do nothing would still get in.
    """
    if outcome.runs < TELLING:
        return []
    mine = values.filter((pl.col("rule") == ref) & (pl.col("answer") == answer))["value"].to_numpy()
    noise = 3 * float(mine.std()) * np.sqrt(2 / (outcome.runs // 5))
    found = swings(outcome, values, ref, answer)
    return [(path, least, most) for path, least, most in found.iter_rows() if abs(most - least) > noise][:MOST_SWINGS]
