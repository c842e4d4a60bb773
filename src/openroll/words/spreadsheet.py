"""A catalogue as a table for translators, and back: CSV with a row a text, and a row each plural form.

Out and in again loses nothing: a row that was not touched changes nothing, and what the table does not have (comments of tools,
order, old entries) stays as it was in the file.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from babel.messages.catalog import Catalog, Message

from openroll.rules.faults import Fault
from openroll.sheet.encodings import encoding_of
from openroll.sheet.faults import visible
from openroll.sheet.formats import header_of
from openroll.sheet.source import Unreadable
from openroll.words.agreement import forms_of
from openroll.words.plurals import plural_names
from openroll.words.po import read_catalogue
from openroll.words.po_text import Change, changed
from openroll.words.template import Words

COLUMNS = ("id", "seen", "english", "translation", "note")
MOST_BYTES = 16_000_000
_RUNS = re.compile(r"'*[=+\-@\t＝＋－＠]")
"""What a spreadsheet would run as a formula (full-width ones too), or had an apostrophe put before it so that it does not."""


class TableFaults(ValueError):
    """A table that cannot be taken. `faults` holds every mistake, by row as a spreadsheet counts them."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda one: one.line))
        super().__init__("\n".join(map(str, self.faults)))


class _Row(NamedTuple):
    """A row of the table, as it goes out."""

    id: str
    seen: str
    english: str
    translation: str
    note: str


def table_of(data: bytes, tag: str, texts: Mapping[tuple[str, str], Words]) -> str:
    """The table of a catalogue, as CSV text that a spreadsheet opens without running anything in it."""
    catalog, _ = read_catalogue(data, tag)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for message in catalog:
        if message.id:
            for row in _rows(message, tag, texts):
                writer.writerow([_safe(cell) for cell in row])
    return out.getvalue()


def _rows(message: Message, tag: str, texts: Mapping[tuple[str, str], Words]) -> Iterator[_Row]:
    words = _words(message, texts)
    note, forms = "\n".join(message.user_comments), forms_of(message)
    if not words.plural:
        yield _Row(words.id, words.seen, words.text, forms[0], note)
        return
    for index, (name, form) in enumerate(zip(_names(tag, len(forms)), forms, strict=True)):
        english = words.text if name == "one" else words.plural
        yield _Row(f"{words.id}.{name}", words.seen, english, form, note if index == 0 else "")


def _words(message: Message, texts: Mapping[tuple[str, str], Words]) -> Words:
    single, plural = (message.id, "") if isinstance(message.id, str) else (message.id[0], message.id[1])
    known = texts.get((message.context or "", str(single)))
    return Words(str(single), str(plural), message.context or "", known.places if known else ("",))


def _names(tag: str, count: int) -> tuple[str, ...]:
    """The names of plural forms in a catalogue's order; by number where it has not as many as the language."""
    names = plural_names(tag)
    return names if len(names) == count else tuple(map(str, range(count)))


def _safe(cell: str) -> str:
    return f"'{cell}" if _RUNS.match(cell) else cell


def _unsafe(cell: str) -> str:
    """A cell as it was before `_safe`, and where a spreadsheet took the apostrophe away."""
    return cell[1:] if cell.startswith("'") and _RUNS.match(cell) else cell


def taken(data: bytes, tag: str, table: bytes, name: str, texts: Mapping[tuple[str, str], Words]) -> tuple[bytes, int]:
    """A catalogue with the translations and notes of a table, and how many texts changed. Raises TableFaults, and takes nothing.

    A text that has no row stays as it is; an empty translation takes one away.
    """
    catalog, wrong = read_catalogue(data, tag)
    if wrong:
        raise TableFaults([Fault(name, line, "", found, expected) for line, found, expected in wrong])
    faults: list[Fault] = []
    cells = dict(_cells(_table(table, name), catalog, tag, name, texts, faults))
    changes: dict[int, Change] = {}
    for message in catalog:
        if not message.id:
            continue
        change = _changed(message, tag, texts, cells)
        if change is not None and message.lineno:
            changes[message.lineno] = change
    if faults:
        raise TableFaults(faults)
    return changed(data.decode("utf-8"), changes).encode(), len(changes)


def _changed(
    message: Message, tag: str, texts: Mapping[tuple[str, str], Words], cells: Mapping[str, tuple[str, str]]
) -> Change | None:
    rows = list(_rows(message, tag, texts))
    told = [cells.get(row.id, (row.translation, row.note)) for row in rows]
    forms, note = tuple(form for form, _ in told), told[0][1]
    if forms == forms_of(message) and note == rows[0].note:
        return None
    return forms, note.split("\n") if note else ()


def _table(table: bytes, name: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a table by their numbers as a spreadsheet shows them. Raises TableFaults."""
    if len(table) > MOST_BYTES:
        raise TableFaults([Fault(name, 1, "", f"The file has {len(table):,} bytes.", f"at most {MOST_BYTES:,}")])
    try:
        text = table.decode(encoding_of(table), "strict").removeprefix("\ufeff")
        first, _, _ = text.partition("\n")
        header, separator = header_of(first.encode())
    except Unreadable as error:
        raise TableFaults([Fault(name, 1, "", error.remedy, error.expected)]) from error
    except UnicodeDecodeError as error:
        line = table.count(b"\n", 0, error.start) + 1
        raise TableFaults([Fault(name, line, "", "It is not UTF-8 text.", "a table saved as CSV UTF-8")]) from error
    header = [one.strip().lower() for one in header]
    if lacking := [one for one in ("id", "english", "translation") if one not in header]:
        found = f"It has no column {', '.join(lacking)}."
        raise TableFaults([Fault(name, 1, "", found, f"the columns of `openroll words export`: {', '.join(COLUMNS)}")])
    if twice := sorted({one for one in header if header.count(one) > 1 and one in COLUMNS}):
        raise TableFaults([Fault(name, 1, "", f"The column {', '.join(twice)} stands twice.", "each column once")])
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for number, row in enumerate(rows, 1):
            if number > 1 and any(row):
                padded = row + [""] * (len(header) - len(row))
                yield number, {column: cell.replace("\r\n", "\n") for column, cell in zip(header, padded, strict=False)}
    except csv.Error as error:
        raise TableFaults([Fault(name, rows.line_num, "", f"The table is broken: {error}.", "a CSV file")]) from error


def _cells(
    rows: Iterator[tuple[int, dict[str, str]]],
    catalog: Catalog,
    tag: str,
    name: str,
    texts: Mapping[tuple[str, str], Words],
    faults: list[Fault],
) -> Iterator[tuple[str, tuple[str, str]]]:
    """The translation and the note of each row by its id, with what is wrong put into `faults`."""
    known = {row.id: row for message in catalog if message.id for row in _rows(message, tag, texts)}
    seen: dict[str, int] = {}
    for number, cells in rows:
        ours = known.get(cells["id"].strip())
        if ours is None:
            found, want = f"There is no text {visible(cells['id'])!r}.", "an id of `openroll words export`"
            faults.append(Fault(name, number, "id", found, want))
            continue
        if ours.id in seen:
            faults.append(
                Fault(name, number, "id", f"{ours.id} stands in row {seen[ours.id]} already.", "each id once")
            )
        seen[ours.id] = number
        translation = _unsafe(cells["translation"])
        note = "\n".join(line.strip() for line in _unsafe(cells.get("note", ours.note)).strip().split("\n"))
        if _unsafe(cells["english"]) != ours.english:
            found = f"The English is another: {visible(cells['english'])!r}."
            faults.append(
                Fault(name, number, "english", found, "the table of today; only translation and note are yours")
            )
        for column, cell, before in (("translation", translation, ours.translation), ("note", note, ours.note)):
            faults += _hostile(cell, ours.english, name, number, column) if cell != before else ()
        yield ours.id, (translation, note)


def _hostile(cell: str, english: str, name: str, number: int, column: str) -> Iterator[Fault]:
    """What no translator writes: what a terminal or an editor would obey, and what a spreadsheet would run."""
    controls = sorted({one for one in cell if unicodedata.category(one) in ("Cc", "Cs") and one != "\n"})
    if controls:
        shown = ", ".join(f"U+{ord(one):04X}" for one in controls)
        yield Fault(name, number, column, f"It has control characters: {shown}.", "text and line breaks")
    if column == "translation" and cell[:1] in tuple("=＝@＠") and cell[:1] != english[:1]:
        yield Fault(name, number, column, f"It is a formula: {visible(cell)!r}.", "words")
