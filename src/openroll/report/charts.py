"""Every plot of an outcome by name, drawn, with its numbers as a table beside it. The report and the page draw from here.

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
from openroll.report.theme import Look, Picture, letter
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
    """A plot: its title, what it shows in words and in numbers, as a table with a head; drawn when its picture is asked for."""

    name: str
    title: str
    alt: str
    draw: Callable[[], Picture]
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    wordy: bool = False

    @property
    def caption(self) -> str:
        """The title, over the table."""
        return self.title

    @cached_property
    def picture(self) -> Picture:
        """It drawn."""
        return self.draw()


class Charts:
    """The plots of one outcome in one look. `by`: the day that `filed` is asked on, as in `answers`."""

    def __init__(self, outcome: Outcome, look: Look, by: date | None = None) -> None:
        self.outcome, self.look = outcome, look
        self.by = by or deadline(outcome)
        self._say = words("chart", look.lang)
        self._money = currency(look.lang, outcome.city.currency)

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
        return {name: said.format(day=self._day(self.by)) for name, said in words("answer", self.look.lang).items()}

    # Over days

    def filed(self) -> Chart:
        """Subscriptions on record by day, with the deadlines."""
        return self._curve("filed")

    def line(self) -> Chart:
        """People in line at closing at the worst office of each day."""
        return self._curve("line")

    def wait(self) -> Chart:
        """Hours of waiting there."""
        return self._curve("wait")

    def off(self) -> Chart:
        """Subscriptions off the network by day."""
        return self._curve("off")

    def readable(self) -> Chart:
        """Records an authority can read without asking, by day."""
        return self._curve("readable")

    def opened(self) -> Chart:
        """Records opened on request up to each day."""
        return self._curve("opened", added_up=True)

    # Over rules

    def measures(self) -> Chart:
        """People warned, fined and put off the network."""
        return self._spans("measures", ("warned", "fined", "cut-off"))

    def bribes(self) -> Chart:
        """Bribes asked and paid."""
        return self._spans("bribes", ("bribes-asked", "bribes-paid"))

    def costs(self) -> Chart:
        """What each party bears."""
        return self._spans("costs", ("cost-people", "cost-operators", "cost-state"))

    def a_head(self) -> Chart:
        """What is used up for each subscription."""
        return self._spans("a-head", ("cost-a-head",))

    def every(self) -> tuple[Chart, ...]:
        """All of them but the tornadoes, in the order they are told."""
        told: Sequence[Callable[[], Chart]] = (
            self.filed, self.line, self.wait, self.off, self.measures, self.bribes, self.readable, self.opened,
            self.costs, self.a_head,
        )  # fmt: skip
        return tuple(one() for one in told)

    def bare(self, name: str, value: float) -> str:
        """A number of an answer without its unit, which the title has."""
        return bare(self.look.lang, UNITS[name], value)

    def banded(self, name: str, ref: str) -> str:
        """An answer under a rule with its band, where runs differ; without its unit."""
        low, middle, high = (self.bare(name, value) for value in self.bands[ref, name])
        return banded(self.look.lang, low, middle, high)

    def _spans(self, name: str, chosen: Sequence[str]) -> Chart:
        heads = self.heads
        refs = [one.ref for one in self.outcome.series]
        rows = [
            (
                heads[answer],
                [Span(place, *self.bands[ref, answer], self.banded(answer, ref)) for place, ref in enumerate(refs)],
            )
            for answer in chosen
        ]
        title = self._say[name].format(currency=self._money)
        told = "".join(
            f" {head}: {self._semi([self._pair(row.place, row.said) for row in mine])}." for head, mine in rows
        )
        text = self._say["alt"].format(title=title, rest=told.strip())
        return Chart(
            name,
            title,
            text,
            lambda: spans(rows, self.look.titles(self.outcome), name, text, self.look),
            (self._say["what"], *(letter(place) for place in range(len(refs)))),
            tuple((head, *(row.said for row in mine)) for head, mine in rows),
        )

    def _pair(self, place: int, number: str) -> str:
        return self._say["pair"].format(rule=letter(place), number=number)

    def _semi(self, parts: Sequence[str]) -> str:
        return self._say["semicolon"].join(parts)

    def _curve(self, name: str, *, added_up: bool = False) -> Chart:
        frame = pl.concat([self._banded_days(place, name, added_up) for place in range(len(self.outcome.series))])
        if name in ("line", "wait"):
            frame = frame.filter(pl.col("day").map_elements(self.outcome.city.calendar.works, pl.Boolean))
        title = self._say[name]
        rest = self._semi(
            [self._ending(frame.filter(pl.col("rule") == place), place) for place in range(len(self.outcome.series))]
        )
        text = self._say["alt"].format(title=title, rest=rest + catalogue.gettext(self.look.lang, "."))
        return Chart(
            name,
            title,
            text,
            lambda: curves(frame, self.look.titles(self.outcome), self._marks(), name, text, self.look),
            (self._say["day"], *(letter(place) for place in range(len(self.outcome.series)))),
            tuple(self._told_day(frame, day) for day in self._told_days(frame["day"].unique().sort().to_list())),
        )

    def _banded_days(self, place: int, name: str, added_up: bool) -> pl.DataFrame:
        series = self.outcome.series[place].city
        values = series.get(name, np.zeros_like(series["filed"]))
        low, middle, high = np.quantile(values.cumsum(axis=1) if added_up else values, BAND, axis=0)
        days = [self.outcome.city.begin + timedelta(days=one) for one in range(self.outcome.city.days)]
        frame = pl.DataFrame({"day": days, "low": low, "middle": middle, "high": high})
        return frame.select(pl.lit(place).alias("rule"), "day", "low", "middle", "high")

    def _ending(self, mine: pl.DataFrame, place: int) -> str:
        last, peak = mine.row(-1, named=True), mine.sort("middle", "day", descending=[True, False]).row(0, named=True)
        end = self._say["ends"].format(rule=letter(place), number=self._number(last), day=self._day(last["day"]))
        if peak["middle"] <= last["middle"]:
            return end
        return end + self._say["peaks"].format(number=plain(self.look.lang, peak["middle"]), day=self._day(peak["day"]))

    def _day(self, day: date) -> str:
        return catalogue.day(self.look.lang, day)

    def _number(self, row: dict[str, float]) -> str:
        low, middle, high = (plain(self.look.lang, self._whole(row[end])) for end in ("low", "middle", "high"))
        return banded(self.look.lang, low, middle, high)

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
        say = words("say", self.look.lang)["deadline"]
        return {day: say.format(day=catalogue.short_day(self.look.lang, day)) for day in self.deadlines}

    # What would change it

    def tornado(self, answer: str, ref: str) -> Chart | None:
        """What an answer under a rule hangs on; None where runs are too few, or nothing stands out from chance."""
        rows = telling(self.outcome, self.values, ref, answer)
        if not rows:
            return None
        lang, heads = self.look.lang, self.heads
        place = [one.ref for one in self.outcome.series].index(ref)
        title = self._say["tornado"].format(answer=heads[answer], rule=letter(place))
        bars = [
            Swing(
                assumption_title(lang, titles()[path]), least, most, self.bare(answer, least), self.bare(answer, most)
            )
            for path, least, most in rows
        ]
        told = self._semi([self._pair_of(bar) for bar in bars])
        mean = float(self.values.filter((pl.col("rule") == ref) & (pl.col("answer") == answer))["value"].mean())  # type: ignore[arg-type] # of floats
        key = (self._say["least"], self._say["most"])
        text = self._say["alt"].format(title=title, rest=told)
        return Chart(
            f"tornado-{answer}",
            title,
            text,
            lambda: tornado(bars, mean, key, f"tornado-{answer}", text, self.look),
            (self._say["assumption"], self._say["lowest"], self._say["highest"]),
            tuple((bar.title, bar.said_least, bar.said_most) for bar in bars),
        )

    def _pair_of(self, bar: Swing) -> str:
        return self._say["pair"].format(rule=bar.title, number=span(self.look.lang, bar.said_least, bar.said_most))


def telling(outcome: Outcome, values: pl.DataFrame, ref: str, answer: str) -> list[tuple[str, float, float]]:
    """The assumptions that an answer hangs on, widest first, at most `MOST_SWINGS`; none of what chance alone could do.

    The mean of a fifth of the runs is off by chance; what lies within three standard errors of the difference between two such
    means is left out: one in four hundred that do nothing would still get in.
    """
    if outcome.runs < TELLING:
        return []
    mine = values.filter((pl.col("rule") == ref) & (pl.col("answer") == answer))["value"].to_numpy()
    noise = 3 * float(mine.std()) * np.sqrt(2 / (outcome.runs // 5))
    found = swings(outcome, values, ref, answer)
    return [(path, least, most) for path, least, most in found.iter_rows() if abs(most - least) > noise][:MOST_SWINGS]
