"""Rows on a terminal, in which nothing is cut: a table where every word fits, else a block of lines a row."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from openroll.tlog import printable

Cell = str | Text
_APART = 2
"""Blanks between two columns that no line parts."""


class Rows:
    """Rows under the names of their columns: the one form in which commands print what stands in columns.

    A column is never narrower than its longest word, so that a number, a date or a name is read whole and copied whole; a cell
    that is `whole` is one word, blanks and all. Where the terminal has no room for that, each row is a block: a line a column,
    the first as its head, and none for what is empty.
    """

    def __init__(self, *columns: str, title: str = "", lined: bool = True) -> None:
        self._columns, self._title, self._lined = columns, title, lined
        self._rows: list[list[Text]] = []

    def add_row(self, *cells: Cell) -> None:
        """Add a row, a cell a column. A cell is one line, whatever is in it; what has several is a `Text`."""
        self._rows.append([one if isinstance(one, Text) else Text(printable(one)) for one in cells])

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The rows in the width there is."""
        widths = self._widths(options.max_width)
        if widths is not None:
            yield self._table(widths)
            return
        if self._title:
            yield Text(self._title, style="italic")
        yield from self._blocks()

    def _widths(self, width: int) -> list[int] | None:
        """How wide each column is: its longest word, and what is left shared among those that want more; None without room."""
        count = len(self._columns)
        free = width - (3 * count + 1 if self._lined else _APART * (count - 1))
        cells = [[Text(name), *(row[at] for row in self._rows)] for at, name in enumerate(self._columns)]
        widths = [max(map(_word, column)) for column in cells]
        wanted = [max(map(_line, column)) for column in cells]
        free -= sum(widths)
        if free < 0:
            return None
        while free and (short := [at for at in range(count) if widths[at] < wanted[at]]):
            for at in sorted(short, key=lambda one: widths[one])[:free]:
                widths[at] += 1
                free -= 1
        return widths

    def _table(self, widths: Sequence[int]) -> Table:
        named, title = any(self._columns), self._title or None
        table = (
            Table(title=title, title_justify="left", show_header=named)
            if self._lined
            else Table(
                title=title,
                title_justify="left",
                show_header=named,
                box=None,
                pad_edge=False,
                padding=(0, _APART, 0, 0),
            )
        )
        for name, width in zip(self._columns, widths, strict=True):
            table.add_column(name, width=width, overflow="fold")
        for row in self._rows:
            table.add_row(*row)
        return table

    def _blocks(self) -> Iterator[Text | Padding]:
        for row in self._rows:
            said = [_named(name, cell) for name, cell in zip(self._columns, row, strict=True) if cell.plain.strip()]
            yield from said[:1]
            yield from (Padding(one, (0, 0, 0, 2), expand=False) for one in said[1:])


def _named(name: str, cell: Text) -> Text:
    """A cell behind the name of its column; of a column without a name the cell alone."""
    text = Text.assemble(f"{name}: ", cell) if name.strip() else cell.copy()
    text.overflow = "fold"
    return text


def whole(text: str) -> Text:
    """A cell whose blanks part nothing, as those of a telephone number."""
    return Text(printable(text), no_wrap=True)


def _word(cell: Text) -> int:
    return _line(cell) if cell.no_wrap else max((cell_len(word) for word in cell.plain.split()), default=1)


def _line(cell: Text) -> int:
    return max((cell_len(line) for line in cell.plain.split("\n")), default=1)
