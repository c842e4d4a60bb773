"""What is decided on requests is decided on the newest that anybody knows of them."""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import Connection

from openroll.service.roll import Roll
from openroll.service.rollback_guard import refuse_if_behind


@contextmanager
def current(roll: Roll) -> Iterator[Connection]:
    """A transaction for an act. Raises RollIsHeld where the database has gone back, before the sequencer finds it so.

    A step taken on an older state would stand in the log behind one that it contradicts, and go further than was decided.
    """
    with roll.database.own() as connection:
        refuse_if_behind(roll, connection)
        yield connection
