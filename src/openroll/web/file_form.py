"""A form that brings a file, read as it comes: the file to the roll's disk, and of everything else a little to memory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, BinaryIO

from litestar.datastructures import UploadFile
from litestar.exceptions import ClientException, HTTPException, ValidationException
from litestar.utils.scope.state import ScopeState
from multipart import MultipartError, MultipartSegment, PushMultipartParser

from openroll.register.decision import Refused
from openroll.register.file_refusals import DiskFull, FileTooLarge
from openroll.service.filing.intake import Sending
from openroll.sheet.limits import LIMITS
from openroll.web.auth import Request

MOST_TEXT = 65_536
"""Bytes of all that is no file in such a form: its fields, and the heads of its parts."""
MOST_PARTS = 16


class NoRoom(HTTPException):
    """A file that is not read: its operator sends as many as it may, it is too large, or the disk has no room."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(detail=refused.refusal.code, status_code=refused.refusal.status)
        self.refused = refused


@asynccontextmanager
async def file_form(request: Request, sending: Sending) -> AsyncIterator[None]:
    """Read a form to its end, for whoever asks for it (`request.form()`); its files go when this ends.

    Raises NoRoom, HTTPException 413 for more than a little text, and ClientException for what is no such form.
    """
    form = _Form(sending)
    try:
        await form.read(request)
        ScopeState.from_scope(request.scope).form = {name: _one(values) for name, values in form.fields.items()}
        yield
    finally:
        form.close()


def _one(values: list[Any]) -> Any:
    """As Litestar gives a field: alone, or as a list where there were several."""
    return values if len(values) > 1 else values[0]


class _Form:
    """A form as far as it has come."""

    def __init__(self, sending: Sending) -> None:
        self.fields: dict[str, list[Any]] = {}
        self._sending = sending
        self._files: list[BinaryIO] = []
        self._segment: MultipartSegment | None = None
        self._text = bytearray()
        self._texts = self._size = 0

    def close(self) -> None:
        """Give the files up, whatever the disk says."""
        for file in self._files:
            try:
                file.close()
            except OSError:
                file.close()  # what waited to be written is given up by now

    async def read(self, request: Request) -> None:
        """Read all of it."""
        boundary = request.content_type[1].get("boundary", "")
        if not boundary:
            raise ValidationException("multipart boundary missing in Content-Type")
        try:
            with PushMultipartParser(boundary.encode(), max_segment_count=MOST_PARTS) as parser:
                async for chunk in request.stream():
                    for piece in parser.parse(chunk):
                        self._take(piece)
                    if parser.closed:
                        break
        except MultipartError as error:
            raise ClientException("Invalid multipart/form-data") from error

    def _take(self, piece: Any) -> None:
        if isinstance(piece, MultipartSegment):
            self._begin(piece)
        elif piece and self._segment is not None and self._segment.filename:
            self._write(bytes(piece))
        elif piece:
            self._count(len(piece))
            self._text += piece
        elif self._segment is not None:
            self._end(self._segment)

    def _begin(self, segment: MultipartSegment) -> None:
        self._count(sum(len(name) + len(value) for name, value in segment.headerlist))
        self._segment, self._text, self._size = segment, bytearray(), 0
        if segment.filename:
            try:
                self._files.append(self._sending.nameless())
            except OSError as error:
                raise NoRoom(Refused(DiskFull())) from error

    def _write(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > LIMITS.file_bytes:
            raise NoRoom(Refused(FileTooLarge(most=LIMITS.file_bytes >> 20)))
        refused = self._sending.write(self._files[-1], data)
        if refused is not None:
            raise NoRoom(refused)

    def _count(self, size: int) -> None:
        self._texts += size
        if self._texts > MOST_TEXT:
            raise HTTPException("a form is smaller", status_code=413)

    def _end(self, segment: MultipartSegment) -> None:
        value: Any
        if segment.filename:
            value = UploadFile(segment.content_type or "text/plain", segment.filename)
            value.file = self._whole(self._files[-1])
        else:
            try:
                value = self._text.decode(segment.charset or "utf-8")
            except (UnicodeDecodeError, LookupError) as error:
                raise ClientException("a field is text in UTF-8") from error
        self.fields.setdefault(segment.name, []).append(value)
        self._segment = None

    def _whole(self, file: BinaryIO) -> BinaryIO:
        try:
            file.flush()
            file.seek(0)
        except OSError as error:
            raise NoRoom(Refused(DiskFull())) from error
        return file
