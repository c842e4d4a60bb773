"""The three drawings every chart is one of: curves over days, spans, a tornado. They know shapes, not meanings."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import altair as alt
import polars as pl

from openroll.report.look import WIDE, Look, Picture, letter, picture, width, wrapped
from openroll.report.squared import LINE, Sheet

_TALL = 190
_AXIS = 62
"""Room for the numbers at the left of curves."""
_END = 18
"""Room for the letters at their right."""


@dataclass(frozen=True)
class Span:
    """One row of a chart of spans: whose it is (by place), from where to where, and the number as it is said."""

    place: int
    low: float
    middle: float
    high: float
    said: str


def curves(
    frame: pl.DataFrame, titles: Sequence[str], marks: dict[date, str], name: str, words: str, look: Look
) -> Picture:
    """Bands over days: `frame` has rule (its place), day, low, middle, high. `marks`: days with words beside a standing line."""
    days = frame["day"].unique().sort().to_list()
    begin, last = days[0], (days[-1] - days[0]).days
    top = float(frame["high"].max() or 0) * 1.06 or 1.0  # type: ignore[arg-type]
    wide = WIDE - _AXIS - _END
    data = frame.with_columns((pl.col("day") - begin).dt.total_days().alias("x")).drop("day")
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, last], nice=False), axis=_days_axis(begin, last, look))
    scale = alt.Scale(domain=[0, top], nice=False)
    y = alt.Y(
        "middle:Q", scale=scale, axis=alt.Axis(tickCount=4, labelExpr=_amounts(look.lang), ticks=False, domain=False)
    )
    layers = []
    places = data["rule"].unique(maintain_order=True).to_list()
    ends = dict(zip(places, _apart([_end(data, one, top) for one in places]), strict=True))
    for place in places:
        mine = data.filter(pl.col("rule") == place).drop("rule")
        if (mine["low"] < mine["high"]).any():
            band = alt.Chart(mine).mark_area(
                color=look.colour(place),
                fillOpacity=0.16,
                stroke=look.colour(place),
                strokeOpacity=0.45,
                strokeWidth=0.6,
            )
            layers.append(band.encode(x=x, y=alt.Y("low:Q", scale=scale), y2="high:Q"))
    for place in places:
        mine = data.filter(pl.col("rule") == place).drop("rule")
        stroke = alt.Chart(mine).mark_line(color=look.colour(place), strokeDash=look.dash(place), strokeWidth=2.2)
        layers.append(stroke.encode(x=x, y=y))
        sparse = mine.filter((pl.col("x") + 9 * place) % 30 == 15)
        dots = alt.Chart(sparse).mark_point(
            shape=look.shape(place), color=look.colour(place), filled=True, size=34, opacity=1
        )
        layers.append(dots.encode(x=x, y=y))
        at = {"x": last, "middle": top * (1 - ends[place] / _TALL), "text": letter(place)}
        said = alt.Chart({"values": [at]}).mark_text(color=look.colour(place), dx=5, fontWeight="bold", fontSize=13)
        layers.append(said.encode(x=x, y=y, text="text:N"))
    layers += [one for at, text in marks.items() for one in _marked((at - begin).days, last, text, top, (x, y), look)]
    plot = alt.layer(*layers).properties(width=wide, height=_TALL)
    key = Sheet(look)
    key.key(titles)
    return picture(alt.vconcat(key.chart(_AXIS, _END), plot, spacing=10, bounds="flush"), name, words, look)


def _marked(at: int, last: int, text: str, top: float, xy: tuple[alt.X, alt.Y], look: Look) -> list[alt.Chart]:
    x, y = xy
    data = {"values": [{"x": at, "middle": top, "foot": 0, "text": text}]}
    line = alt.Chart(data).mark_rule(color=look.ink, strokeDash=[3, 3]).encode(x=x, y=y, y2="foot:Q")
    left = at < last / 2
    said = alt.Chart(data).mark_text(color=look.ink, align="left" if left else "right", dx=4 if left else -4, dy=7)
    return [line, said.encode(x=x, y=y, text="text:N")]


def _end(data: pl.DataFrame, place: int, top: float) -> float:
    """Where a curve ends, from the top down."""
    middle = float(data.filter(pl.col("rule") == place)["middle"][-1])
    return _TALL * (1 - middle / top)


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
    steps = (("1e8", "亿"), ("1e4", "万")) if lang == "zh" else (("1e9", " thousand m."), ("1e6", " million"))
    told = "format(datum.value, ',.6~g')"
    for step, name in reversed(steps):
        told = f"datum.value >= {step} ? format(datum.value / {step}, '.6~g') + '{name}' : ({told})"
    big = steps[0]
    return f"datum.value >= {big[0]} ? format(datum.value / {big[0]}, '.6~g') + '{big[1]}' : ({told})"


def _days_axis(begin: date, last: int, look: Look) -> alt.Axis:
    """Months along the foot, the year under the first and under each January; fortnights where there are few days."""
    days = [begin + timedelta(days=place) for place in range(last + 1)]
    firsts = [day for day in days if day.day == 1]
    short = len(firsts) < 4
    chosen = days[::14] if short else firsts[:: math.ceil(len(firsts) / 6)]
    labels, year = [], None
    for day in chosen:
        told = (
            (f"{day.month}月{day.day}日" if short else f"{day.month}月") if look.lang == "zh" else _english(day, short)
        )
        labels.append([told, "" if day.year == year else f"{day.year}年" if look.lang == "zh" else f"{day.year}"])
        year = day.year
    places = [(day - begin).days for day in chosen]
    expression = f"{labels!r}[indexof({places!r}, datum.value)]"
    return alt.Axis(values=places, labelExpr=expression, grid=False, labelFlush=False)


def _english(day: date, short: bool) -> str:
    names = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{day.day} {names[day.month - 1]}" if short else names[day.month - 1]


def spans(
    groups: Sequence[tuple[str, Sequence[Span]]], titles: Sequence[str], name: str, words: str, look: Look
) -> Picture:
    """Under each heading a row a rule: the number as it is said, and under it the point and its band, all on one scale."""
    every = [span for _, rows in groups for span in rows]
    low, high = min(0.0, *(one.low for one in every)), max(0.0, *(one.high for one in every))
    sheet = Sheet(look)
    sheet.key(titles)

    def across(value: float) -> float:
        return 24 + (value - low) / ((high - low) or 1) * (WIDE - 34)

    for heading, rows in groups:
        sheet.tall += 8
        for text in wrapped(heading, WIDE * 0.92):
            sheet.words(0, sheet.tall + 10, text, bold=True)
            sheet.tall += LINE + 2
        for row in rows:
            colour, shape = look.colour(row.place), look.shape(row.place)
            sheet.words(0, sheet.tall + 12, letter(row.place), colour=colour, bold=True)
            sheet.words(24, sheet.tall + 12, row.said)
            level = sheet.tall + 27
            sheet.line(across(row.low), level, across(row.high), level, colour=colour, thick=4, dash=[1, 0])
            sheet.point(across(row.middle), level, shape, colour)
            sheet.line(across(0), level - 6, across(0), level + 6, colour=look.muted)
            sheet.tall += 38
    return picture(sheet.chart(), name, words, look)


@dataclass(frozen=True)
class Swing:
    """One row of a tornado: what is assumed, and where the answer lies in the runs of its lowest and of its highest fifth."""

    title: str
    least: float
    most: float
    said_least: str
    said_most: str


def tornado(rows: Sequence[Swing], middle: float, key: tuple[str, str], name: str, words: str, look: Look) -> Picture:
    """Bars on one scale, hollow where the assumption is low and full where it is high, around the mean of all runs."""
    ends = [value for row in rows for value in (row.least, row.most)] + [middle]
    low, high = min(ends), max(ends)
    sheet = Sheet(look)

    def across(value: float) -> float:
        return 78 + (value - low) / ((high - low) or 1) * (WIDE - 160)

    for place, text in enumerate(key):
        for number, line in enumerate(wrapped(text, WIDE - 20)):
            if number == 0:
                sheet.point(6, sheet.tall + 9, "circle", look.colour(0), hollow=place == 0)
            sheet.words(20, sheet.tall + 9, line)
            sheet.tall += LINE
    sheet.tall += 6
    for row in rows:
        for text in wrapped(row.title, WIDE):
            sheet.words(0, sheet.tall + 9, text)
            sheet.tall += LINE
        level = sheet.tall + 10
        left, right = sorted((across(row.least), across(row.most)))
        sheet.line(left, level, right, level, colour=look.colour(0), thick=3)
        for value, said, hollow in ((row.least, row.said_least, True), (row.most, row.said_most, False)):
            at = across(value)
            sheet.point(at, level, "circle", look.ink if hollow else look.colour(0), hollow=hollow)
            outer = at - 9 - width(said) if at < right or (left == right and hollow) else at + 9
            sheet.words(outer, level, said, colour=look.muted)
        sheet.line(across(middle), level - 8, across(middle), level + 8, colour=look.muted)
        sheet.tall += 26
    return picture(sheet.chart(), name, words, look)
