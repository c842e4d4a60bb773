"""An act of a record's holder on what opens it or who is told of that, within the transaction that does it."""

import hashlib
from datetime import datetime

from psycopg import Connection

from openroll.register.command import Actor
from openroll.register.decision import Refused
from openroll.register.subscription.commands import AddPasskey, ChangeContact, EndPasskey, Hold
from openroll.service.filing.submit import Submission, Taken, refused_of, take
from openroll.service.roll import Roll
from openroll.store.connect import assume


def by_holder(
    connection: Connection,
    roll: Roll,
    number: int,
    command: Hold | AddPasskey | EndPasskey | ChangeContact,
    now: datetime,
) -> Refused | None:
    """Have the record decide, and its fact stand; why not, if it is refused. The application's role acts from then on."""
    request = hashlib.sha256(f"{type(command).__name__} {number} ".encode() + roll.random_bytes(32)).digest()
    submission = Submission(
        command=command, key=f"hold-{request.hex()[:40]}", request=request, actor=Actor("subscriber"), number=number
    )
    outcome = take(connection, [submission], roll, now)[0]
    assume(connection, "application")
    if isinstance(outcome, Taken):
        return None
    return refused_of(outcome)
