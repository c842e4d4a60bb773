"""What the process of the city model reads on its standard input and writes on its standard output: JSON, a message a line.

To `Measure`: any number of `Progress`, `Measured` with all that a page shows in words, in every language, and `Finished`. To
`Draw`: the same `Progress` where the answer is not in its memory any more, `Drawn`, and `Finished`. Either may end in
`Inconsistent` or `Broken` instead.
"""

import msgspec

from openroll.rules.language import PRESET_LANGUAGES
from openroll.service.simulation.question import Question


class Block(msgspec.Struct, frozen=True, omit_defaults=True):
    """A part of a section, by its `kind` (openroll.report.blocks): prose, points, grid or command."""

    kind: str
    text: str = ""
    weight: str = "plain"
    items: tuple[str, ...] = ()
    title: str = ""
    caption: str = ""
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


class Section(msgspec.Struct, frozen=True):
    """A part of the answer under a title; `key` is its anchor."""

    key: str
    title: str
    blocks: tuple[Block, ...]


class Plot(msgspec.Struct, frozen=True):
    """What stands beside a chart: its title, what it shows in words, and its numbers as a table. `name` is in its address."""

    name: str
    title: str
    alt: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class AnswerPage(msgspec.Struct, frozen=True):
    """An answer in one language: sentences, sections by key, and the plots there are."""

    sentences: tuple[str, ...]
    sections: dict[str, Section]
    plots: tuple[Plot, ...]


class Message(msgspec.Struct, frozen=True, tag=True):
    """A line to the child or from it."""


class Measure(Message, frozen=True, tag=True):
    """A question to answer, in these languages."""

    question: Question
    languages: tuple[str, ...] = PRESET_LANGUAGES


class Draw(Message, frozen=True, tag=True):
    """A chart of an answer to draw."""

    question: Question
    lang: str
    name: str
    dark: bool


class Progress(Message, frozen=True, tag=True):
    """How much of the measuring is done, from 0 to 1."""

    done: float


class Measured(Message, frozen=True, tag=True):
    """The answer without its charts, by language."""

    pages: dict[str, AnswerPage]


class Drawn(Message, frozen=True, tag=True):
    """The chart, as SVG."""

    svg: str


class Finished(Message, frozen=True, tag=True):
    """All that was asked for has been sent."""


class Inconsistent(Message, frozen=True, tag=True):
    """The values that were held fixed make no sense beside the city's others."""


class Broken(Message, frozen=True, tag=True):
    """A fault of ours while answering: where, without what was asked (`fault_trace`)."""

    where: str


AnyRequest = Measure | Draw
AnyMessage = Progress | Measured | Drawn | Finished | Inconsistent | Broken
