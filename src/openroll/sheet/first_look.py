"""A quick check of an uploaded file before it is answered: is it a list, and has every column a meaning?

What fails here is a list sent by mistake as often as not, names and all: it is not to be kept for a moment. No value is judged
yet. Nothing is unpacked: a Parquet file's columns stand in its footer.
"""

from typing import BinaryIO

from openroll.sheet.column_titles import TITLES
from openroll.sheet.encodings import encoding_of
from openroll.sheet.faults import Fault
from openroll.sheet.formats import column_unknown, csv_rows, format_of, json_record
from openroll.sheet.kept import NOT_KEPT, keepable
from openroll.sheet.limits import LIMITS, Limits
from openroll.sheet.parquet import column_names
from openroll.sheet.reading import Sheet, columns_of, fault_of
from openroll.sheet.rows import COLUMNS
from openroll.sheet.source import HEAD, Source, Unreadable, over, whole_lines
from openroll.sheet.spool import Spool

__all__ = ["NOT_KEPT", "first_look", "keepable", "look_grows"]


def first_look(file: BinaryIO, limits: Limits = LIMITS) -> tuple[Fault, ...]:
    """The faults of a file as a whole and of its columns, from its begin; none says nothing about its rows.

    A CSV's and a Parquet file's columns stand in one place; of NDJSON every line is looked at, as each has its own. So this grows
    with the file: `look_apart` (sheet/apart.py) does it in a child where that is more than short.
    """
    file.seek(0)
    sheet = Sheet(Spool())
    try:
        source = Source(file, lambda _: None, limits.file_bytes)
        form = format_of(source.head)
        if form == "csv":
            columns_of(csv_rows(source)[1], sheet)
        elif form == "parquet":
            columns_of(column_names(file, limits), sheet)
        elif (wrong := _no_row(source, limits.rows)) is not None:
            sheet.add_fault(wrong)
    except Unreadable as error:
        sheet.add_fault(fault_of(error))
    finally:
        file.seek(0)
    return sheet.faults


def look_grows(file: BinaryIO, limits: Limits = LIMITS) -> bool:
    """Whether a look at a file takes longer the larger it is: NDJSON, and Parquet by its footer. It comes back at its begin."""
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    try:
        form = format_of(head)
    except Unreadable:
        return False
    return form == "parquet" or (form == "ndjson" and size > limits.here_bytes)


def _no_row(source: Source, most: int) -> Fault | None:
    """The first line of a file of JSON objects that is none, or has a name that is no column's.

    JSON of another form is a raw list of people as often as not. Raises Unreadable where there are more than `most` rows.
    """
    row = 0
    for block in whole_lines(source, encoding_of(source.head)):
        for line in block.splitlines():
            row += 1
            if row > most:
                raise over("rows", most)
            record = json_record(line)
            if record is None and line.strip():
                remedy = "This is JSON, and no list: write one JSON object a line, each with the columns of the list."
                return Fault(row, "", "", "not-a-list", "a JSON object a line", remedy)
            for place, (name, value) in enumerate((record or {}).items(), 1):
                if TITLES.get(name, name) not in COLUMNS:
                    return column_unknown(name, row, place)
                if isinstance(value, dict):
                    return Fault(row, name, "", "not-text", "text in quotation marks", "Write it as a string.")
    return None
