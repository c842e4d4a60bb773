"""Draw the three kinds of chart: curves over days, spans, a tornado. Shapes only; their meaning is in `charts`."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import altair as alt
import polars as pl

from openroll.report.canvas import LINE, Canvas
from openroll.report.figures import steps
from openroll.report.theme import WIDE, Picture, Rows, Theme, letter, picture
from openroll.words import catalogue
from openroll.words.fitted import width, wrapped

_TALL = 190
_AXIS = 62
"""Room for the numbers at the left of curves."""
_END = 18
"""Room for the letters at their right."""


@dataclass(frozen=True)
class Span:
    """A row of a span chart: the rule's index, the ends, and the number as text."""

    index: int
    low: float
    middle: float
    high: float
    said: str


def curves(
    frame: pl.DataFrame, titles: Sequence[str], marks: dict[date, str], name: str, words: str, theme: Theme
) -> Picture:
    """Bands over days: `frame` has rule (its place), day, low, middle, high. `marks`: days with words beside a standing line."""
    begin, end = frame["day"].min(), frame["day"].max()
    assert isinstance(begin, date)  # noqa: S101 - a column of days has days for its ends
    assert isinstance(end, date)  # noqa: S101 - as above
    last = (end - begin).days
    top = float(frame["high"].max() or 0) * 1.06 or 1.0  # type: ignore[arg-type] # a column of floats has a float for its most
    data = frame.with_columns((pl.col("day") - begin).dt.total_days().alias("x")).drop("day")
    plot = _Plot(theme, Rows(), top, last, _days_axis(begin, last, theme))
    lines = {
        index: data.filter(pl.col("rule") == index).drop("rule") for index in data["rule"].unique(maintain_order=True)
    }
    for index, line in lines.items():
        plot.band(index, line)
    ends = _apart([plot.level(float(line["middle"][-1])) for line in lines.values()])
    for (index, line), level in zip(lines.items(), ends, strict=True):
        plot.line(index, line, level)
    for day, text in marks.items():
        plot.mark((day - begin).days, text)
    key = Canvas(theme, plot.rows)
    key.key(titles)
    drawn = alt.layer(*plot.layers).properties(width=WIDE - _AXIS - _END, height=_TALL)
    whole = alt.vconcat(key.chart(_AXIS, _END), drawn, spacing=10, bounds="flush")
    return picture(whole, plot.rows, name, words, theme)


class _Plot:
    """The layers of curves over days, from 0 to `last`, and from nought to `top`."""

    def __init__(self, theme: Theme, rows: Rows, top: float, last: int, days: alt.Axis) -> None:
        self.theme, self.rows, self.top, self.last = theme, rows, top, last
        self.layers: list[alt.Chart] = []
        self._x = alt.X("x:Q", scale=alt.Scale(domain=[0, last], nice=False), axis=days)
        self._scale = alt.Scale(domain=[0, top], nice=False)
        amounts = alt.Axis(tickCount=4, labelExpr=_amounts(theme.lang), ticks=False, domain=False)
        self._y = alt.Y("middle:Q", scale=self._scale, axis=amounts)

    def level(self, value: float) -> float:
        """How far below the top of the plot a value lies, in units of the chart."""
        return _TALL * (1 - value / self.top)

    def band(self, index: int, line: pl.DataFrame) -> None:
        """What lies between low and high, where they differ."""
        if (line["low"] == line["high"]).all():
            return
        colour = self.theme.colour(index)
        area = alt.Chart(self.rows.put(line.to_dicts())).mark_area(
            color=colour, fillOpacity=0.16, stroke=colour, strokeOpacity=0.45, strokeWidth=0.6
        )
        self.layers.append(area.encode(x=self._x, y=alt.Y("low:Q", scale=self._scale), y2="high:Q"))

    def line(self, index: int, line: pl.DataFrame, level: float) -> None:
        """The middle, with marks a month apart, and the letter at its end, at a level where no other letter is."""
        colour = self.theme.colour(index)
        middle = line.select("x", "middle")
        stroke = alt.Chart(self.rows.put(middle.to_dicts())).mark_line(
            color=colour, strokeDash=self.theme.dash(index), strokeWidth=2.2
        )
        sparse = middle.filter((pl.col("x") + 9 * index) % 30 == 15)
        dots = alt.Chart(self.rows.put(sparse.to_dicts())).mark_point(
            shape=self.theme.shape(index), color=colour, filled=True, size=34, opacity=1
        )
        end = {"x": self.last, "middle": self.top * (1 - level / _TALL), "text": letter(index)}
        said = alt.Chart(self.rows.put([end])).mark_text(color=colour, dx=5, fontWeight="bold", fontSize=13)
        self.layers += [stroke.encode(x=self._x, y=self._y), dots.encode(x=self._x, y=self._y)]
        self.layers.append(said.encode(x=self._x, y=self._y, text="text:N"))

    def mark(self, at: int, text: str) -> None:
        """A standing line on a day, with words on the side where there is room."""
        data = self.rows.put([{"x": at, "middle": self.top, "foot": 0, "text": text}])
        ink, left = self.theme.ink, at < self.last / 2
        line = alt.Chart(data).mark_rule(color=ink, strokeDash=[3, 3])
        said = alt.Chart(data).mark_text(color=ink, align="left" if left else "right", dx=4 if left else -4, dy=7)
        self.layers.append(line.encode(x=self._x, y=self._y, y2="foot:Q"))
        self.layers.append(said.encode(x=self._x, y=self._y, text="text:N"))


def _apart(wanted: list[float], gap: float = 14) -> list[float]:
    """Places as near to those wanted as can be, with a gap between them and none below the plot."""
    order = sorted(range(len(wanted)), key=lambda one: (-wanted[one], -one))
    found, floor = [0.0] * len(wanted), _TALL - 4.0
    for one in order:
        found[one] = min(wanted[one], floor)
        floor = found[one] - gap
    return found


def _amounts(lang: str) -> str:
    """How an axis says numbers (a Vega expression)."""
    group, point = map(json.dumps, catalogue.marks(lang))

    def written(value: str, form: str) -> str:
        """A number of Vega's, in the marks of the language: its own are those of English."""
        return f"replace(replace(replace(format({value}, '{form}'), /,/g, '_'), '.', {point}), /_/g, {group})"

    told = written("datum.value", ",.6~g")
    for step, name in steps(lang, "axis"):
        told = f"datum.value >= {step:g} ? {written(f'datum.value / {step:g}', '.6~g')} + {json.dumps(name)} : ({told})"
    return told


def _days_axis(begin: date, last: int, theme: Theme) -> alt.Axis:
    """Months along the foot, the year under the first and under each January; fortnights where there are few days."""
    days = [begin + timedelta(days=index) for index in range(last + 1)]
    firsts = [day for day in days if day.day == 1]
    short = len(firsts) < 4
    chosen = days[::14] if short else firsts[:: math.ceil(len(firsts) / 6)]
    labels, year = [], None
    for day in chosen:
        told = catalogue.short_day(theme.lang, day) if short else catalogue.month(theme.lang, day)
        labels.append([told, "" if day.year == year else catalogue.year(theme.lang, day)])
        year = day.year
    places = [(day - begin).days for day in chosen]
    expression = f"{labels!r}[indexof({places!r}, datum.value)]"
    return alt.Axis(values=places, labelExpr=expression, grid=False, labelFlush=False)


def spans(
    groups: Sequence[tuple[str, Sequence[Span]]], titles: Sequence[str], name: str, words: str, theme: Theme
) -> Picture:
    """Draw a span chart: under each heading a row a rule, with the number, the point and its band on one scale."""
    every = [span for _, rows in groups for span in rows]
    low, high = min(0.0, *(one.low for one in every)), max(0.0, *(one.high for one in every))
    kept = Rows()
    canvas = Canvas(theme, kept)
    canvas.key(titles)

    def across(value: float) -> float:
        return 24 + (value - low) / ((high - low) or 1) * (WIDE - 34)

    for heading, rows in groups:
        canvas.tall += 8
        for text in wrapped(heading, WIDE * 0.92):
            canvas.words(0, canvas.tall + 10, text, bold=True)
            canvas.tall += LINE + 2
        for row in rows:
            colour, shape = theme.colour(row.index), theme.shape(row.index)
            canvas.words(0, canvas.tall + 12, letter(row.index), colour=colour, bold=True)
            canvas.words(24, canvas.tall + 12, row.said)
            level = canvas.tall + 27
            canvas.line(across(row.low), level, across(row.high), level, colour=colour, thick=4, dash=[1, 0])
            canvas.point(across(row.middle), level, shape, colour)
            canvas.line(across(0), level - 6, across(0), level + 6, colour=theme.muted)
            canvas.tall += 38
    return picture(canvas.chart(), kept, name, words, theme)


@dataclass(frozen=True)
class Swing:
    """A row of a tornado chart: an assumption, and the mean answer in the runs of its lowest and of its highest fifth."""

    title: str
    least: float
    most: float
    said_least: str
    said_most: str


def tornado(rows: Sequence[Swing], middle: float, key: tuple[str, str], name: str, words: str, theme: Theme) -> Picture:
    """Draw a tornado chart: a bar an assumption, hollow where it is low and full where it is high, around the mean."""
    ends = [value for row in rows for value in (row.least, row.most)] + [middle]
    low, high = min(ends), max(ends)
    kept = Rows()
    canvas = Canvas(theme, kept)

    def across(value: float) -> float:
        return 78 + (value - low) / ((high - low) or 1) * (WIDE - 160)

    for index, text in enumerate(key):
        for number, line in enumerate(wrapped(text, WIDE - 20)):
            if number == 0:
                canvas.point(6, canvas.tall + 9, "circle", theme.colour(0), hollow=index == 0)
            canvas.words(20, canvas.tall + 9, line)
            canvas.tall += LINE
    canvas.tall += 6
    for row in rows:
        for text in wrapped(row.title, WIDE):
            canvas.words(0, canvas.tall + 9, text)
            canvas.tall += LINE
        level = canvas.tall + 10
        left, right = sorted((across(row.least), across(row.most)))
        canvas.line(left, level, right, level, colour=theme.colour(0), thick=3)
        for value, said, hollow in ((row.least, row.said_least, True), (row.most, row.said_most, False)):
            at = across(value)
            canvas.point(at, level, "circle", theme.ink if hollow else theme.colour(0), hollow=hollow)
            outer = at - 9 - width(said) if at < right or (left == right and hollow) else at + 9
            canvas.words(outer, level, said, colour=theme.muted)
        canvas.line(across(middle), level - 8, across(middle), level + 8, colour=theme.muted)
        canvas.tall += 26
    return picture(canvas.chart(), kept, name, words, theme)
