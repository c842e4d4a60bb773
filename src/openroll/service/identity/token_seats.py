"""Whose act it is that a program does: the seat that a token was issued for, as its organisation's facts say."""

import msgspec
from psycopg import Connection

from openroll.register.decision import Refused
from openroll.register.events import event_of
from openroll.register.organisation.events import TokenIssued, TokenReplaced
from openroll.register.organisation.refusals import TokenWithoutSeat
from openroll.register.organisation.roles import Seat
from openroll.service.identity.seats import acting, kind_of, record_of, seat_of
from openroll.service.roll import Roll
from openroll.store import events
from openroll.store import roll as rolls


class Program(msgspec.Struct, frozen=True):
    """A program at the door: its organisation and of which kind, and the seat that acts by it (None: it only reads)."""

    organisation: str
    kind: str
    seat: Seat | None

    def acts(self) -> Seat | Refused:
        """The seat whose act it is; a refusal where nobody's."""
        return self.seat or Refused(TokenWithoutSeat(organisation=self.organisation))


def seat_by_token(connection: Connection, organisation: str, token: int) -> int:
    """The number of the seat that acts by a token, 0 for none.

    A successor acts for whom the one before it did. A token of before there were seats on them acts for the seat that issued it
    for its own organisation.
    """
    stream = record_of(connection, organisation)
    issued: dict[int, int] = {}
    for row in events.of_streams(connection, [] if stream is None else [stream]):
        fact = event_of(row.name, row.body) if row.name in (TokenIssued.name, TokenReplaced.name) else None
        if isinstance(fact, TokenIssued):
            by = seat_of(fact.by)
            own = by is not None and by.organisation == organisation
            issued[fact.token] = fact.seat or (by.number if own and by is not None else 0)
        elif isinstance(fact, TokenReplaced):
            issued[fact.successor] = issued.get(fact.token, 0)
    return issued.get(token, 0)


def program_of(roll: Roll, hashed: bytes) -> Program | Refused | None:
    """The program that a token lets in, by the token's hash; None when it lets nobody in.

    A refusal where its seat may do nothing any more, as when its person has left.
    """
    with roll.database.own() as connection:
        found = rolls.token_of(connection, hashed, roll.clock())
        kind = None if found is None else kind_of(connection, found[0])
        if found is None or kind is None:
            return None
        number = seat_by_token(connection, *found)
        seat = Seat(found[0], number) if number else None
        refused = None if seat is None else acting(connection, seat)
        return refused or Program(found[0], kind, seat)
