"""The steps of a request: what its bodies do in it, and what the person does who was told."""

from openroll.register.decision import Refused
from openroll.register.organisation.roles import Seat
from openroll.register.request.commands import Complain, Produce, Step
from openroll.service.acts import Acted, act
from openroll.service.requests import pace
from openroll.service.requests.current import current
from openroll.service.roll import Roll


def step(roll: Roll, command: Step, by: Seat, *, dry_run: bool = False) -> Acted | Refused:
    """Do something in a request, as one of its bodies (an official act). Raises ValueError for `Produce`, which `ask` does."""
    if isinstance(command, Produce | Complain):
        raise ValueError(f"{type(command).__name__} is done by a way of its own")
    with current(roll) as connection:
        return pace.too_often(connection, roll, command, by) or act(connection, roll, command, by, dry_run=dry_run)


def complain(roll: Roll, command: Complain) -> Acted | Refused:
    """Complain about a request, as the person who was told. Nobody signs in for it: the word of the notice is the right."""
    with current(roll) as connection:
        return act(connection, roll, command)
