"""The visual theme of charts: colours, dashes and marks by rule, safe for colour-blind readers and black-and-white print; fonts.

A rule is told by its letter first, by its dash and mark second, by its colour last: any one of them is enough.
"""

import html
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import altair as alt
import vl_convert

from openroll.report.wording import seen
from openroll.rules import full_title
from openroll.rules.language import in_language
from openroll.whatif import Outcome

WIDE = 360
"""Units across every chart; on a telephone one unit is about one CSS pixel."""
_PRINT = "Noto Sans SC"
_PAPER = "'Noto Sans SC', 'Noto Sans'"
"""The fonts of print, in the order of `paper/typeface.py`."""
_PAGES = "system-ui, 'PingFang SC', 'Noto Sans CJK SC', 'Noto Sans SC', 'Microsoft YaHei', sans-serif"
_COLOURS = {
    False: ("#8c2f1b", "#2f7fc1", "#a87a10", "#241f1c", "#6b3d7a", "#23734f"),
    True: ("#e08a73", "#7fb8ee", "#e3bd5c", "#ece6dc", "#c9a3d8", "#7cc9b5"),
}
_DASHES: tuple[list[int], ...] = ([1, 0], [7, 3], [2, 2], [10, 3, 2, 3], [4, 4], [12, 5])
_SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")


@dataclass(frozen=True)
class Picture:
    """A chart as SVG, with its text alternative."""

    svg: str
    alt: str


@dataclass(frozen=True)
class Theme:
    """A chart's theme: its language, light or dark, and how titles that others wrote are made safe to show."""

    lang: str
    dark: bool = False
    fit: Callable[[str], str] = field(default=seen)

    @property
    def ink(self) -> str:
        """The colour of text and axes."""
        return "#ece6dc" if self.dark else "#241f1c"

    @property
    def muted(self) -> str:
        """The colour of secondary text."""
        return "#bdb4a6" if self.dark else "#655c54"

    def colour(self, index: int) -> str:
        """The colour of a rule's line, by its index."""
        return _COLOURS[self.dark][index % 6]

    def dash(self, index: int) -> list[int]:
        """The dash pattern of a rule's line; a seventh rule has the first one's colour and other dashes."""
        return _DASHES[(index + index // 6) % 6]

    def shape(self, index: int) -> str:
        """The mark of a rule's points."""
        return _SHAPES[(index + index // 6) % 6]

    def titles(self, outcome: Outcome) -> list[str]:
        """The titles of an outcome's rules, each behind its letter."""
        return [f"{letter(index)}  {self.title(outcome, index)}" for index in range(len(outcome.rules))]

    def title(self, outcome: Outcome, index: int) -> str:
        """The title of one rule; of several under one title each with its name behind it, as versions of one rule are."""
        titles = [self.fit(in_language(full_title(rule), self.lang)) for rule in outcome.rules]
        title = titles[index]
        return f"{title} ({outcome.refs[index]})" if titles.count(title) > 1 else title


def letter(index: int) -> str:
    """The letter of a rule by its index: A, B ... Z, AA."""
    return (letter(index // 26 - 1) if index >= 26 else "") + chr(ord("A") + index % 26)


@cache
def _use_our_font(folder: Path) -> None:
    """Let vl-convert measure words by our own font, so that every machine draws the same chart."""
    if folder.is_dir():
        vl_convert.register_font_directory(str(folder))


class Rows:
    """The rows of a chart's layers, kept beside the chart: altair would copy them at every step of putting layers together."""

    def __init__(self) -> None:
        self.sets: dict[str, list[dict[str, Any]]] = {}

    def put(self, rows: list[dict[str, Any]]) -> alt.NamedData:
        """Keep some rows; gives what a layer names them by."""
        name = f"rows-{len(self.sets)}"
        self.sets[name] = rows
        return alt.NamedData(name=name)


def picture(chart: alt.TopLevelMixin, rows: Rows, name: str, words: str, theme: Theme) -> Picture:
    """Draw a chart as SVG. `name` keeps its inner ids apart from other charts'; `words` is its text alternative."""
    _use_our_font(Path(str(files("openroll"))) / "web" / "static" / "build" / "fonts")
    spec: dict[str, Any] = chart.to_dict(validate=False) | {"datasets": rows.sets}
    spec["config"] = {
        "font": _PRINT,
        "aria": False,
        "background": "transparent",
        "view": {"stroke": None},
        "padding": 0,
        "axis": {
            "labelColor": theme.ink,
            "labelFontSize": 12,
            "gridColor": theme.ink,
            "gridOpacity": 0.15,
            "domainColor": theme.ink,
            "tickColor": theme.ink,
            "title": None,
        },
        "text": {"color": theme.ink, "fontSize": 12, "align": "left", "baseline": "middle"},
    }
    # What Vega says of each of its marks would be read out one by one; the chart is told as a whole.
    svg = re.sub(r"<[^>]*>", lambda tag: re.sub(r' (role|aria-[a-z]+)="[^"]*"', "", tag[0]), _drawn(json.dumps(spec)))
    svg = svg.replace(f'font-family="{_PRINT}"', f'font-family="{_PAGES}"')
    svg = re.sub(r'\b(id="|url\(#)', rf"\g<1>{name}-", svg)
    head = f'<svg role="img" aria-label="{html.escape(words)}" '
    return Picture(svg.replace("<svg ", head, 1), words)


@lru_cache(maxsize=128)
def _drawn(spec: str) -> str:
    svg: str = vl_convert.vegalite_to_svg(spec)
    return svg


def for_print(picture: Picture) -> str:
    """The SVG of a chart in the type of the paper room."""
    return picture.svg.replace(f'font-family="{_PAGES}"', f'font-family="{_PAPER}"')
