"""The opening of a roll: its first event, read back."""

from psycopg import Connection

from openroll.register.events import event_of
from openroll.register.roll.decide import ROLL_STREAM
from openroll.register.roll.events import RollOpened, RollOpened1, RollOpened2
from openroll.store import events


def opened_before(connection: Connection) -> RollOpened | None:
    """The opening of this roll, if there was one."""
    names = (RollOpened.name, RollOpened2.name, RollOpened1.name)
    found = events.first_body(connection, ROLL_STREAM, names)
    fact = None if found is None else event_of(*found)
    return fact if isinstance(fact, RollOpened) else None
