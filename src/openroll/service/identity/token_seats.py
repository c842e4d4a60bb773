"""Whose act it is that a program does: the seat that its token was issued for, and nobody where it was issued for none."""

import msgspec

from openroll.register.decision import Refused
from openroll.register.organisation.refusals import TokenWithoutSeat
from openroll.register.organisation.roles import Seat
from openroll.service.identity.seats import acting, kind_of
from openroll.service.roll import Roll
from openroll.store import roll as rolls
from openroll.store import signs_of_life


class Program(msgspec.Struct, frozen=True):
    """A program at the door: its organisation and of which kind, and the seat that acts by it (None: nobody does)."""

    organisation: str
    kind: str
    seat: Seat | None

    def acts(self) -> Seat | Refused:
        """The seat whose act it is; a refusal where nobody's."""
        return self.seat or Refused(TokenWithoutSeat(organisation=self.organisation))


def program_of(roll: Roll, hashed: bytes) -> Program | Refused | None:
    """The program that a token lets in, by the token's hash; None when it lets nobody in. Asking is a sign of life.

    It acts for the seat that the token was issued for, whoever issued it: a token that was issued for none files and acts for
    nobody. A refusal where its seat may do nothing any more.
    """
    now = roll.clock()
    with roll.database.own() as connection:
        signs_of_life.hear_by_tokens(connection, [hashed], roll.day(now), now)
        found = rolls.token_of(connection, hashed, now)
        kind = None if found is None else kind_of(connection, found.organisation)
        if found is None or kind is None:
            return None
        seat = Seat(found.organisation, found.seat) if found.seat else None
        refused = None if seat is None else acting(connection, seat)
        return refused or Program(found.organisation, kind, seat)
