"""Whether the database has come as far as this machine knows it had; where it has not, the roll is held by itself.

Two marks stand outside the database: the ratchet (the newest head signed) and the marks of numbers given. A database behind
one of them is an older copy of itself: a replica that was behind took over, or a backup was brought back by other means. What
it acknowledged in between is gone, and what it would acknowledge now could be lost to the copy that is newer. So nothing is
taken and nothing is signed until `openroll log resume` has brought back what can be.
"""

from collections.abc import Callable

from psycopg import Connection
from psycopg.errors import InsufficientPrivilege

from openroll.service.log.ratchet import RatchetDamaged
from openroll.service.log.signing_hold import SigningHold, current_hold, hold
from openroll.service.numbers import NumbersDamaged, WentBack, went_back
from openroll.service.roll import NotNow, Roll, RollIsHeld
from openroll.service.rules_in_force import see
from openroll.store import numbers, recovery_records
from openroll.store.numbers import Standing

BY_ITSELF = "behind"
"""How `Held.by` calls a roll that holds itself: this home lived through it, so its ratchet and marks are the newest there are."""


class IsStandby(NotNow):
    """The database answers as a standby of another: nothing can be written to it. Said, and tried again; nothing is held."""


class ClaimsNotAccepted(NotNow):
    """The database does not accept the roll's claims, so it shows no rows. Said, and tried again; nothing is held.

    It says nothing of how far the database has come: somebody sealed it with another key while this process ran.
    """

    def __init__(self) -> None:
        super().__init__(_NOT_ACCEPTED)


_NOT_ACCEPTED = (
    "the roll's claims are not accepted: its database was sealed with another key than this process has. Start it with the"
    " roll's own key of filing codes, and run `openroll upgrade` with that"
)


def refuse_if_behind(roll: Roll, connection: Connection) -> None:
    """Hold the roll and raise RollIsHeld where the database is behind a mark. Raises IsStandby and ClaimsNotAccepted.

    The same look learns of a rule that another process published: what comes next is decided under it.

    Called within a transaction it holds for what that transaction writes: a commit goes to the database that was asked.
    """
    asked_if_behind(roll, connection)()


def asked_if_behind(roll: Roll, connection: Connection) -> Callable[[], None]:
    """Ask, in a pipeline along with other questions; what is given back takes the answer, and raises as `refuse_if_behind`."""
    # The marks first: what they say was in the database before they said it.
    signed, followed = marks(roll)
    answer = numbers.ask_standing(connection)
    return lambda: _judge(roll, connection, answer(), signed, followed)


def marks(roll: Roll) -> tuple[int, int]:
    """The size of the newest head signed, and the last record number that the database confirmed. Raises RollIsHeld."""
    try:
        return roll.ratchet.size(), roll.numbers.followed()
    except (NumbersDamaged, RatchetDamaged) as error:
        raise hold_by_itself(roll, str(error)) from error


def _judge(roll: Roll, connection: Connection, now: Standing, signed: int, followed: int) -> None:
    if now.standby:
        raise IsStandby("the database is a standby: DATABASE_URL has to name the primary")
    if not now.believed:
        raise ClaimsNotAccepted
    if now.head < signed and not recovery_records.has_ended(connection, roll.origin):
        raise hold_by_itself(
            roll,
            f"the database's log has {now.head} entries, but a head of {signed} was signed: an older backup was restored,"
            " or a replica that was behind took over",
        )
    if now.record < followed:
        raise hold_by_itself(roll, went_back(now.record, followed))
    see(roll, connection, now.rules)


def new_numbers(roll: Roll, name: str, count: int = 1) -> range:
    """`count` numbers that nobody was ever given (numbers.Numbers.take); where there are none, holds the roll: RollIsHeld."""
    try:
        return roll.numbers.take(name, count)
    except InsufficientPrivilege as error:
        raise ClaimsNotAccepted from error
    except (WentBack, NumbersDamaged) as error:
        raise hold_by_itself(roll, str(error)) from error


def hold_by_itself(roll: Roll, why: str) -> RollIsHeld:
    """Hold the roll for a reason it found itself, unless it is held already; what to raise."""
    if current_hold(roll.home) is None:
        hold(roll.home, SigningHold(roll.clock(), BY_ITSELF, why=why))
    return RollIsHeld(f"{why}. Nothing is filed or signed until `openroll log resume`")
