"""The right by which somebody acts (a session, a program's token), asked for within the transaction of the act itself.

Whoever comes is let in by one transaction and acts in a later one, and in between the right may end. So the transaction of an
act asks for it twice: at its begin, to do nothing in vain; and last of all, where it keeps the right's row from ending until the
commit. An end that was acknowledged before is found then; one that comes now waits, and so comes after the act. What only reads
asks once, last: nobody gets what was read where the right is gone.

The lock is the last that an act takes, so nobody who holds it waits for anyone. What ends several rights of one owner locks them
in the order of their hashes (`store.sessions.end_sessions`).

The right belongs to a request, as does whether something that it did stands already: both are kept in its context, and go with
it into each thread that works for it (`carried`).
"""

from collections.abc import Callable
from contextvars import ContextVar, copy_context
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple, Protocol, TypeVar

from psycopg import Connection, Cursor

T = TypeVar("T")


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


class _Standing:
    """Whether something stands; one for all threads that work for a request."""

    stands = False


_right: ContextVar[Right | None] = ContextVar("right", default=None)
_standing: ContextVar[_Standing | None] = ContextVar("standing", default=None)
_reads: ContextVar[bool] = ContextVar("reads", default=False)


def begin_request() -> None:
    """Say that a request (or a command) begins: nothing of it stands as yet, and it acts by no right."""
    _standing.set(_Standing())
    act_by(None)


def act_by(right: Right | None) -> None:
    """Have every transaction of this request ask for a right from now on, first and last.

    A transaction then raises RightOver, having done nothing.
    """
    _right.set(right)
    _reads.set(right is not None and right.reads)


def read_for_anybody() -> None:
    """Say that all that the rest of this request does is reading what anybody may, by nobody's right."""
    _right.set(None)
    _reads.set(True)


def right_of_act() -> Right | None:
    """The right by which this request acts, if any."""
    return _right.get()


def only_reads() -> bool:
    """Whether all that this request does from now on is reading."""
    return _reads.get()


def now_stands() -> None:
    """Note that something which this request did was committed, so that no later failure of it says that nothing was done."""
    if (standing := _standing.get()) is not None:
        standing.stands = True


def stands() -> bool:
    """Whether something that this request did stands already."""
    return (standing := _standing.get()) is not None and standing.stands


def carried(work: Callable[[], T]) -> Callable[[], T]:
    """Some work of this request, to be done in another thread: by its right, and what it commits stands for the request."""
    return partial(copy_context().run, work)
