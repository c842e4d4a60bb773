"""What the child does once it is bounded: look at a file's columns, read and judge it, or mend it."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from openroll.disk_room import NoRoom, Room
from openroll.register.subscription.terms import Terms
from openroll.sheet.apart import Answer, Task, mend_in_room
from openroll.sheet.first_look import first_look
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
    # The folder has no name here: it is found by the open one, and locked apart from whoever else has that open.
    room = None if task.folder < 0 else Room(Path(f"/proc/self/fd/{task.folder}"), task.reserve)
    try:
        if task.look:
            answer = Answer(ended=True, faults=first_look(source, task.limits))
        elif task.terms is None:
            answer = _mended(task, source, spool, room)
        else:
            answer = _read(task, task.terms, source, Spool(room, spool), say)
        spool.flush()
    except NoRoom:
        answer = Answer(ended=True, no_room=True)
    say(msgspec.json.encode(answer))


def _read(task: Task, terms: Terms, source: BinaryIO, rows: Spool, say: Say) -> Answer:
    told = [0]

    def progress(done: int) -> None:
        if done - told[0] >= _EVERY:
            told[0] = done
            say(msgspec.json.encode(Answer(done=done)))

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


def _mended(task: Task, source: BinaryIO, output: BinaryIO, room: Room | None) -> Answer:
    fixes = {(row, column): value for row, column, value in task.fixes}
    try:
        return Answer(ended=True, mended=mend_in_room(source, output, fixes, task.drop, room))
    except ValueError as error:
        return Answer(ended=True, not_mendable=str(error))
