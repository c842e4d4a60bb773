"""A chart drawn by coordinates: lines, points and text placed on a canvas, as layers of one chart."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from openroll.report.theme import WIDE, Rows, Theme
from openroll.words.fitted import wrapped

LINE = 16
"""From one line of words to the next."""


class Canvas:
    """A canvas: x from 0 to `WIDE`, y from 0 down, in chart units; marks of a kind become one layer."""

    def __init__(self, theme: Theme, rows: Rows) -> None:
        self.theme, self._rows = theme, rows
        self.tall = 0.0
        self._lines: list[dict[str, Any]] = []
        self._words: list[dict[str, Any]] = []
        self._points: list[dict[str, Any]] = []

    def line(
        self,
        x: float,
        y: float,
        x2: float,
        y2: float,
        *,
        colour: str = "",
        dash: list[int] | None = None,
        thick: float = 1,
    ) -> None:
        """Draw a straight line."""
        self._lines.append(
            {
                "x": x,
                "y": y,
                "x2": x2,
                "y2": y2,
                "colour": colour or self.theme.ink,
                "dash": dash or [1, 0],
                "thick": thick,
            }
        )

    def words(self, x: float, y: float, text: str, *, colour: str = "", bold: bool = False) -> None:
        """Write text that begins at x, its middle at y."""
        self._words.append(
            {"x": x, "y": y, "text": text, "colour": colour or self.theme.ink, "weight": "bold" if bold else "normal"}
        )

    def point(self, x: float, y: float, shape: str, colour: str, *, hollow: bool = False) -> None:
        """Draw a point."""
        fill = "transparent" if hollow else colour
        self._points.append({"x": x, "y": y, "shape": shape, "colour": colour, "fill": fill})

    def key(self, titles: Sequence[str]) -> None:
        """Draw the legend: which letter, dash and mark is which rule, each title in as many lines as it needs."""
        for index, title in enumerate(titles):
            colour = self.theme.colour(index)
            self.line(0, self.tall + 8, 34, self.tall + 8, colour=colour, dash=self.theme.dash(index), thick=2.5)
            self.point(17, self.tall + 8, self.theme.shape(index), colour)
            for row in wrapped(title, WIDE - 46):
                self.words(44, self.tall + 8, row)
                self.tall += LINE

    def chart(self, left: float = 0, right: float = 0) -> alt.LayerChart:
        """The finished chart; so much of it stands left and right of what it is stacked on."""
        # Nothing is seen of this line: it makes every chart as wide as every other.
        self.line(0, 0, WIDE, 0, colour="transparent")
        x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[left, WIDE - right], nice=False))
        y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[self.tall, 0], nice=False))
        ink = alt.Color("colour:N", scale=None)
        rules = (
            alt.Chart(self._rows.put(self._lines))
            .mark_rule()
            .encode(
                x=x,
                y=y,
                x2="x2:Q",
                y2="y2:Q",
                color=ink,
                strokeDash=alt.StrokeDash("dash:N", scale=None),
                strokeWidth=alt.StrokeWidth("thick:Q", scale=None),
            )
        )
        marks = (
            alt.Chart(self._rows.put(self._points))
            .mark_point(size=58, opacity=1, strokeWidth=1.6)
            .encode(
                x=x,
                y=y,
                shape=alt.Shape("shape:N", scale=None),
                stroke=alt.Stroke("colour:N", scale=None),
                fill=alt.Fill("fill:N", scale=None),
            )
        )
        layers = [layer for layer, rows in ((rules, self._lines), (marks, self._points)) if rows]
        for weight in ("normal", "bold"):
            mine = [row for row in self._words if row["weight"] == weight]
            text = alt.Chart(self._rows.put(mine)).mark_text(fontWeight=weight)
            layers += [text.encode(x=x, y=y, text="text:N", color=ink)] if mine else []
        whole: alt.LayerChart = alt.LayerChart(layer=layers).properties(
            width=WIDE - left - right, height=max(self.tall, 1)
        )
        return whole
