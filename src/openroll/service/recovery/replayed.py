"""What it is for an official act of an entry to be a fact again."""

from collections.abc import Callable
from typing import Any, NamedTuple

from psycopg import Connection

from openroll.service.roll import Roll
from openroll.service.way import Done


class Replayed(NamedTuple):
    """An act that is a fact again: whether what it is about came back, and the command by which its tables follow, if they ask.

    `follow` is another way to bring the tables to what it says, for a projection that needs what no entry holds. `then` is what
    the keeper is told to have done, `lost` where what it is about did not come back.
    """

    came_back: Callable[[Connection, Any], bool]
    command: Callable[[Any], Any] = lambda _: None
    follow: Callable[[Connection, Roll, Done, Any], None] | None = None
    then: str = ""
    lost: str = ""
