"""Ask: file a request, which is checked for completeness before it is one."""

from psycopg import Connection

from openroll.register.decision import Refused
from openroll.register.organisation.roles import Seat
from openroll.register.request.commands import FileRequest, Produce
from openroll.register.request.events import RequestFiled
from openroll.register.request.refusals import EnvelopeUnfit
from openroll.register.request.sealed import digest_of
from openroll.register.request.words import MOST_ENVELOPE
from openroll.register.roll.decide import ROLL_STREAM
from openroll.service.acts import Acted, act
from openroll.service.identity.seats import acting
from openroll.service.requests import pace
from openroll.service.requests.current import current
from openroll.service.roll import Roll
from openroll.store import events, requests


class _EarlierRefused(Exception):
    """The earlier request did not take what the later one asks of it: neither is written."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused)
        self.refused = refused


def file_request(roll: Roll, command: FileRequest, by: Seat, *, dry_run: bool = False) -> Acted | Refused:
    """File a request of one's authority (an official act). `fresh` of what it gives is the request's number.

    One that asks for what an `earlier` one had preserved ends that one in the same transaction. The same envelope once more (no
    two are sealed alike) is the same request: whoever got no answer sends it again.
    """
    try:
        with current(roll) as connection:
            # As every record that is begun: two at once come one after the other.
            events.version_of(connection, ROLL_STREAM)
            if (repeated := _repeated(connection, roll, command, by)) is not None:
                return repeated
            often = pace.too_many_filed(connection, roll, command.desired, by)
            acted = often or act(connection, roll, command, by, dry_run=dry_run)
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


def _repeated(connection: Connection, roll: Roll, command: FileRequest, by: Seat) -> Acted | Refused | None:
    """What an envelope comes to that came before: the request that was filed in it, or a refusal where this is another."""
    row = requests.asked_in(connection, digest_of(command.envelope), by.organisation)
    if row is None:
        return None
    if (refused := acting(connection, by)) is not None:
        return refused
    asked = {name: getattr(command, name) for name in _SAID} | {"fields": sorted(set(command.fields))}
    known = {name: getattr(row, name) for name in _SAID} | {"fields": sorted(row.fields)}
    if asked != known:
        return Refused(EnvelopeUnfit(most=MOST_ENVELOPE), roll.rule_name)
    return Acted((), row.stream, row.number)


_SAID = ("use", "operator", "reviewer", "objector", "urgency", "desired", "earlier")
