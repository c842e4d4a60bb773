"""The spool of good rows: an unnamed temporary file that goes with the last process that has it open."""

import io
import os
import tempfile
import weakref
from typing import TYPE_CHECKING, BinaryIO, cast

from openroll.disk_room import Room

if TYPE_CHECKING:
    import polars as pl


class Spool:
    """Frames one after another in a file that no folder shows. `room` says on which disk; it is made at the first frame."""

    def __init__(self, room: Room | None = None, file: BinaryIO | None = None) -> None:
        self.room = room
        self._file = file
        self.lots: list[tuple[int, int]] = []

    @property
    def file(self) -> BinaryIO:
        """The file itself, for a process that shares it."""
        if self._file is None:
            self._file = nameless(self.room)
            weakref.finalize(self, self._file.close)
        return self._file

    def add(self, frame: "pl.DataFrame") -> None:
        """Put a frame behind the others. Raises NoRoom where the disk has none for it."""
        packed = io.BytesIO()
        frame.write_ipc(packed)
        begin = self.file.seek(0, os.SEEK_END)
        if self.room is not None:
            self.room.take(self.file, len(packed.getbuffer()))
        self.lots.append((begin, self.file.write(packed.getbuffer())))
        self.file.flush()

    def lot(self, place: int) -> "pl.DataFrame":
        """The frame that was put in as number `place`, from 0."""
        import polars as pl  # noqa: PLC0415 - who only wants a file without a name does without it

        begin, length = self.lots[place]
        self.file.seek(begin)
        return pl.read_ipc(io.BytesIO(self.file.read(length)))


def nameless(room: Room | None) -> BinaryIO:
    """A new file without a name in a room, or where temporary files lie."""
    return cast(BinaryIO, tempfile.TemporaryFile()) if room is None else room.nameless()
