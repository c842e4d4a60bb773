"""The right by which somebody acts (a session, a program's token), asked for within the transaction of the act itself.

Whoever comes is let in by one transaction and acts in a later one, and in between the right may end. So the transaction of an
act asks for it twice: at its begin, to do nothing in vain; and last of all, where it keeps the right's row from ending until the
commit. An end that was acknowledged before is found then; one that comes now waits, and so comes after the act. What only reads
asks once, last: nobody gets what was read where the right is gone.

The lock is the last that an act takes, so nobody who holds it waits for anyone. What ends several rights of one owner locks them
in the order of their hashes (`store.sessions.end_sessions`).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from psycopg import Connection, Cursor


class RightOver(Exception):
    """The right that somebody acts by has ended since they were let in: nothing was done."""


class SessionOver(RightOver):
    """It was a session."""


class TokenOver(RightOver):
    """It was a program's token."""


class Right(Protocol):
    """What somebody acts by, known by the hash of its secret."""

    @property
    def hash(self) -> bytes:
        """What is kept of its secret."""
        ...

    @property
    def reads(self) -> bool:
        """Whether all that is done by it is reading: its row is then not kept from ending, as nothing comes after."""
        ...

    def ask(self, connection: Connection, *, hold: bool) -> Cursor[Any]:
        """Ask for it: a row where it is still there. With `hold` it stays there until the transaction ends."""
        ...

    def over(self) -> RightOver:
        """What is raised where it is gone."""
        ...


class SessionRight(NamedTuple):
    """A session, by its cookie's hash."""

    hash: bytes
    reads: bool = False

    def ask(self, connection: Connection, *, hold: bool) -> Cursor[Any]:
        """As Right says. A session that ends is deleted; that it was seen again keeps nobody waiting."""
        lock = " for key share" if hold else ""
        return connection.execute(f"select 1 from session where hash = %s{lock}", (self.hash,))

    def over(self) -> RightOver:
        """As Right says."""
        return SessionOver()


class TokenRight(NamedTuple):
    """A program's token, by its hash. It may end by its day as well, so it comes with a clock."""

    hash: bytes
    clock: Callable[[], datetime]
    reads: bool = False

    def ask(self, connection: Connection, *, hold: bool) -> Cursor[Any]:
        """As Right says."""
        lock = " for share" if hold else ""
        return connection.execute(
            f"select 1 from token where hash = %s and revoked is null and (expires is null or expires > %s){lock}",
            (self.hash, self.clock()),
        )

    def over(self) -> RightOver:
        """As Right says."""
        return TokenOver()


class Standing:
    """Whether something that a request did stands already, so that no later failure of it may say that nothing does."""

    __slots__ = ("stands",)

    def __init__(self) -> None:
        self.stands = False


_right: ContextVar[Right | None] = ContextVar("right", default=None)
_standing: ContextVar[Standing | None] = ContextVar("standing", default=None)
_reads: ContextVar[bool] = ContextVar("reads", default=False)


@contextmanager
def on_behalf_of(right: Right | None, standing: Standing | None = None, *, reads: bool = False) -> Iterator[None]:
    """Have every transaction begun within this ask for a right, first and last. A transaction then raises RightOver, having done
    nothing. One that appended events and was committed says so to `standing`. With `reads` all that is done is reading, also by
    nobody's right.
    """
    before, stood = _right.set(right), _standing.set(standing)
    read = _reads.set(reads or (right is not None and right.reads))
    try:
        yield
    finally:
        _right.reset(before)
        _standing.reset(stood)
        _reads.reset(read)


def right_of_act() -> Right | None:
    """The right by which this thread acts."""
    return _right.get()


def only_reads() -> bool:
    """Whether all that this thread does is reading."""
    return _reads.get()


def now_stands() -> None:
    """Note that what was just committed in this thread stands."""
    standing = _standing.get()
    if standing is not None:
        standing.stands = True
