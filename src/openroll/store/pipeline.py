"""A psycopg pipeline that sends its statements together when an answer is needed, and not one by one.

psycopg's own writes and polls after every statement. Each of these lets go of Python's lock, and beside a busy thread it takes up
to 5 ms to have it back: a dozen statements then cost more than the database does.
"""

from collections.abc import Callable
from typing import Any

from psycopg import Connection, Pipeline
from psycopg.abc import PQGen
from psycopg.waiting import READY_R, WAIT_RW


class TogetherPipeline(Pipeline):
    """psycopg's pipeline, sent as a whole: at a fetch, at a sync, and at its end.

    It takes the place of what psycopg does after each statement (`_communicate_gen`); `tests/service/test_cost.py` counts the
    journeys, so that a psycopg that goes another way fails there. libpq keeps what it was given until it is flushed (or 64 KiB).
    """

    meanwhile: Callable[[], None] | None = None
    """What is done at the end, once all is sent and before the answers are there. It must not raise."""

    def _communicate_gen(self) -> PQGen[None]:
        """After a statement: it waits for the others."""
        return
        yield

    def begin_gen(self) -> PQGen[None]:
        """Send what waits, and wait for no answer."""
        while self.command_queue:
            self.command_queue.popleft()()
        # Whole, before an answer is waited for: the server may not answer before it has the rest. It may also have to be rid of
        # answers before it takes more (libpq, "Asynchronous Command Processing": PQflush).
        while self.pgconn.flush() == 1:
            ready = yield WAIT_RW
            if ready & READY_R:
                self.pgconn.consume_input()

    def _send_gen(self) -> PQGen[None]:
        yield from self.begin_gen()
        yield from super()._communicate_gen()

    def _sync_gen(self) -> PQGen[None]:
        self._enqueue_sync()
        yield from self._send_gen()
        yield from super()._fetch_gen(flush=False)

    def _exit_gen(self) -> PQGen[None]:
        try:
            self._enqueue_sync()
            yield from self.begin_gen()
            if self.meanwhile is not None:
                self.meanwhile()
        finally:
            yield from super()._fetch_gen(flush=False)

    def _fetch_gen(self, *, flush: bool) -> PQGen[None]:
        """Before an answer: everything that waits, and the request to answer it."""
        if flush and self.result_queue:
            self.command_queue.append(self.pgconn.send_flush_request)
        if self.command_queue:
            yield from self._send_gen()
        yield from super()._fetch_gen(flush=False)


def begin_pipeline(connection: Connection[Any], meanwhile: Callable[[], None] | None = None) -> None:
    """Have the next `connection.pipeline()` be one that is sent together, and `meanwhile` done while its end is waited for."""
    if connection._pipeline is None:
        connection._pipeline = TogetherPipeline(connection)
        connection._pipeline.meanwhile = meanwhile


def send_what_waits(connection: Connection[Any]) -> None:
    """Have the database begin on the statements so far, while the next are still being made. Waits for no answer."""
    pipeline = connection._pipeline
    assert isinstance(pipeline, TogetherPipeline)  # noqa: S101 - within `together`, as its caller is
    connection.wait(pipeline.begin_gen())
