"""Ask: file a request, which is checked for completeness before it is one."""

from openroll.register.decision import Refused
from openroll.register.organisation.roles import Seat
from openroll.register.request.commands import FileRequest, Produce
from openroll.register.request.events import RequestFiled
from openroll.service.acts import Acted, act
from openroll.service.roll import Roll


class _EarlierRefused(Exception):
    """The earlier request did not take what the later one asks of it: neither is written."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused)
        self.refused = refused


def file_request(roll: Roll, command: FileRequest, by: Seat, *, dry_run: bool = False) -> Acted | Refused:
    """File a request of one's authority (an official act). `fresh` of what it gives is the request's number.

    One that asks for what an `earlier` one had preserved ends that one in the same transaction.
    """
    try:
        with roll.database.own() as connection:
            acted = act(connection, roll, command, by, dry_run=dry_run)
            if isinstance(acted, Refused) or dry_run or command.earlier is None:
                return acted
            filed = acted.events[0]
            assert isinstance(filed, RequestFiled)  # noqa: S101 - nothing else comes of it
            produced = act(connection, roll, Produce(request=command.earlier, later=filed.request), by)
            if isinstance(produced, Refused):
                raise _EarlierRefused(produced)
            return acted
    except _EarlierRefused as ended:
        return ended.refused
