"""What the child does once it is bounded: read and judge a file, or mend it."""

import os
from collections.abc import Callable
from typing import BinaryIO, cast

import msgspec

from openroll.register.subscription.terms import Terms
from openroll.sheet.apart import Answer, Task
from openroll.sheet.mend import mend_file
from openroll.sheet.reading import read
from openroll.sheet.spool import Spool

Say = Callable[[bytes], None]
_EVERY = 4 * 1024 * 1024
"""Bytes between two words about progress."""


def do(line: bytes, say: Say) -> None:
    """Do the task that a line of JSON tells; say how far it is, and at last what it came to."""
    task = msgspec.json.decode(line, type=Task)
    source = cast(BinaryIO, os.fdopen(task.source, "rb"))
    spool = cast(BinaryIO, os.fdopen(task.spool, "r+b"))
    answer = _mended(task, source, spool) if task.terms is None else _read(task, task.terms, source, spool, say)
    spool.flush()
    say(msgspec.json.encode(answer))


def _read(task: Task, terms: Terms, source: BinaryIO, spool: BinaryIO, say: Say) -> Answer:
    told = [0]

    def progress(done: int) -> None:
        if done - told[0] >= _EVERY:
            told[0] = done
            say(msgspec.json.encode(Answer(done=done)))

    rows = Spool(file=spool)
    sheet = read(source, terms, spool=rows, progress=progress, encoding=task.encoding, limits=task.limits)
    return Answer(
        ended=True,
        digest=sheet.digest,
        format=sheet.format,
        encoding=sheet.encoding,
        rows=sheet.rows,
        fault_count=sheet.fault_count,
        faults=sheet.faults,
        lots=tuple(rows.lots),
    )


def _mended(task: Task, source: BinaryIO, output: BinaryIO) -> Answer:
    fixes = {(row, column): value for row, column, value in task.fixes}
    try:
        return Answer(ended=True, mended=mend_file(source, output, fixes, task.drop))
    except ValueError as error:
        return Answer(ended=True, not_mendable=str(error))
