"""An operator's file on its way in: written to the disk as it comes, within its bounds."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, BinaryIO

import litestar

from openroll.api.problems import RefusedError
from openroll.register.decision import Refused
from openroll.register.file_refusals import DiskFull, FileTooLarge
from openroll.register.organisation.refusals import TokenUnknown
from openroll.service.application import Application
from openroll.service.filing.intake import NotLetInAnyMore, Sending, while_let_in
from openroll.sheet.limits import LIMITS

Request = litestar.Request[Any, Any, Any]


@asynccontextmanager
async def received(request: Request, application: Application, operator: str, token: bytes) -> AsyncIterator[BinaryIO]:
    """The body of a request as a file without a name, at its begin; it goes with this process, however that ends.

    Raises RefusedError when it is larger than a file may be, when there is no room for it, and soon after its token (the
    hash) has ended.
    """
    announced = request.content_length or 0
    if announced > LIMITS.file_bytes:
        raise _too_large()
    with application.intake.by_program(operator, announced) as sending:
        if isinstance(sending, Refused):
            raise RefusedError(sending)
        try:
            file = sending.nameless()
        except OSError as error:
            raise RefusedError(Refused(DiskFull())) from error
        try:
            try:
                async with while_let_in(lambda: application.token_lets_in(token)):
                    await _fill(file, request, sending)
            except NotLetInAnyMore:
                raise RefusedError(Refused(TokenUnknown())) from None
            yield file
        finally:
            _close(file)


async def _fill(file: BinaryIO, request: Request, sending: Sending) -> None:
    left = LIMITS.file_bytes
    async for chunk in request.stream():
        left -= len(chunk)
        if left < 0:
            raise _too_large()
        if refused := sending.write(file, chunk):
            raise RefusedError(refused)
    try:
        file.flush()
        file.seek(0)
    except OSError as error:
        raise RefusedError(Refused(DiskFull())) from error


def _close(file: BinaryIO) -> None:
    """Close it whatever the disk says: what it did not take has no name, and goes."""
    try:
        file.close()
    except OSError:
        file.close()  # what waited to be written is given up by now


def _too_large() -> RefusedError:
    return RefusedError(Refused(FileTooLarge(most=LIMITS.file_bytes >> 20)))
