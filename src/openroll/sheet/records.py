"""CSV as bytes: the records of a stream and the cells of a record, so that what is not touched stays as it is.

UTF-8 and GB18030 may be cut as bytes: no character of theirs has a separator, a quotation mark or a line end within it.
"""

import re
from collections.abc import Generator, Iterable, Iterator, Sequence

from openroll.sheet.source import MOST_LINE


class Unclosed(Exception):
    """A quoted cell that is not closed: it runs over the lines that follow to the file's end, or over 16 MB of them."""


class Records:
    """Cuts bytes into records and records into cells, for one separator (`,`, `;` or a tab)."""

    def __init__(self, delimiter: bytes) -> None:
        self.delimiter = delimiter
        mark = re.escape(delimiter)
        # What follows a closing quotation mark is damage, and stays within its cell: the row can be mended or left out.
        cell = rb'(?:"[^"]*+(?:""[^"]*+)*+"[^%b\r\n]*+|[^"%b\r\n][^%b\r\n]*+|)' % (mark, mark, mark)
        self._record = re.compile(rb"%b(?:%b%b)*+(?:\r\n|\r|\n)" % (cell, mark, cell))
        self._cell = re.compile(cell)

    def split(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """Records with their line ends, from blocks of any length. Raises Unclosed."""
        kept = b""
        for block in blocks:
            kept += block
            end = kept.rfind(b"\n") + 1
            lines, tail = kept[:end], kept[end:]
            if b'"' not in lines:
                yield from lines.splitlines(keepends=True)
                kept = tail
                continue
            done = yield from self._quoted(lines)
            kept = lines[done:] + tail
            if len(kept) > MOST_LINE:
                raise Unclosed
        done = yield from self._quoted(kept)
        rest = kept[done:]
        if self._record.fullmatch(rest + b"\n") or b"\n" not in rest.rstrip(b"\r\n"):
            yield from [rest] if rest else []
            return
        raise Unclosed

    def _quoted(self, data: bytes) -> Generator[bytes, None, int]:
        """The whole records that data begins with; returns where they end."""
        done = 0
        while (found := self._record.match(data, done)) is not None:
            done = found.end()
            yield found[0]
        return done

    def cells(self, record: bytes) -> tuple[list[bytes], bytes]:
        """A record's cells as they are written, and its line end."""
        end = next(mark for mark in (b"\r\n", b"\n", b"\r", b"") if record.endswith(mark))
        body = record[: len(record) - len(end)]
        cells, place = [], 0
        while (found := self._cell.match(body, place)) and body[found.end() : found.end() + 1] == self.delimiter:
            cells.append(found[0])
            place = found.end() + 1
        return [*cells, body[place:]], end

    def joined(self, cells: Sequence[bytes], end: bytes) -> bytes:
        """Cells as they are to be written, as a record again."""
        return self.delimiter.join(cells) + end

    def written(self, value: bytes, *, quoted: bool) -> bytes:
        """A value as a cell: in quotation marks where it had them, or needs them."""
        if quoted or re.search(rb'["\r\n]', value) or self.delimiter in value:
            return b'"' + value.replace(b'"', b'""') + b'"'
        return value
