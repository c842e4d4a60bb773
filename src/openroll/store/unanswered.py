"""Transactions whose server has stopped answering, told from those that it works on: the first are ended, with an error.

A server that is halted, or whose machine is, ends nothing by its own bounds (waiting.py), and over a socket of one machine no
bound of the network's holds either: whoever waits for it would wait for ever, and with them every thread of the pages. So what
has lasted for a while is reason to ask for one connection more. A server that gives one works, and is left to its bounds.
"""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from psycopg import Connection, Error

PATIENCE = 5.0
"""Seconds that a transaction may last before it is asked whether the server answers."""
ANSWERS_WITHIN = 8
"""Seconds that a server has to give a connection: one that is short of everything but alive takes a second or two."""
EVERY = 1.0
"""Seconds between two looks."""


class Unanswered:
    """The connections of a process that wait for their server, and since when; `answers` asks whether it gives one more."""

    def __init__(self, answers: Callable[[], bool], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._answers, self._monotonic = answers, monotonic
        self._lock = threading.Lock()
        self._since: dict[Connection, float] = {}
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    @contextmanager
    def watching(self, connection: Connection) -> Iterator[None]:
        """Within this the connection is ended when the server has stopped answering: what waits on it raises OperationalError."""
        with self._lock:
            self._since[connection] = self._monotonic()
        try:
            yield
        finally:
            with self._lock:
                self._since.pop(connection, None)

    def look(self) -> int:
        """Ask, where something has waited for long, whether the server answers, and end what waited where not; how many."""
        if not self._waiting():
            return 0
        if self._answers():
            with self._lock:  # it works on them: the next question is as far away again
                self._since = dict.fromkeys(self._since, self._monotonic())
            return 0
        ended = 0
        for connection in self._waiting():
            with self._lock:
                if connection in self._since:  # until it is let go, its socket is its own
                    ended += _end(connection)
        return ended

    def _waiting(self) -> list[Connection]:
        with self._lock:
            return [one for one, since in self._since.items() if self._monotonic() - since > PATIENCE]

    def start(self) -> None:
        """Look every second, in a thread of its own."""
        self._ended.clear()
        self._thread = threading.Thread(target=self._run, name="unanswered", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while not self._ended.wait(EVERY):
            self.look()


def _end(connection: Connection) -> bool:
    """Shut the socket of a connection: who waits on it reads its end. Whether there was one."""
    with suppress(Error, OSError):
        with socket.socket(fileno=os.dup(connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)
        return True
    return False
