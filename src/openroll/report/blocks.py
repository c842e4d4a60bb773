"""The document model of a report, before it is HTML or PDF: sections of blocks, each of plain text and charts."""

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from openroll.report.charts import Chart


@dataclass(frozen=True)
class Prose:
    """A paragraph. `weight`: `lead` is for a hurried reader, `small` for what stands beside it."""

    text: str
    weight: str = "plain"
    kind: ClassVar[str] = "prose"


@dataclass(frozen=True)
class Points:
    """A bulleted list, with or without a heading."""

    items: tuple[str, ...]
    title: str = ""
    kind: ClassVar[str] = "points"


@dataclass(frozen=True)
class Grid:
    """A table: its first column heads the row. A cell's second line, after a newline, is set smaller."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    wordy: bool = False
    """Whether its last column is prose."""
    kind: ClassVar[str] = "grid"


@dataclass(frozen=True)
class Plots:
    """Charts side by side where there is room."""

    charts: tuple[Chart, ...]
    kind: ClassVar[str] = "plots"


@dataclass(frozen=True)
class Command:
    """A command line to type."""

    text: str
    kind: ClassVar[str] = "command"


Block: TypeAlias = Prose | Points | Grid | Plots | Command


@dataclass(frozen=True)
class Section:
    """A section of the report; `key` is its anchor."""

    key: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Document:
    """A report in one language."""

    lang: str
    title: str
    subtitle: str
    maker: str
    sections: tuple[Section, ...]
