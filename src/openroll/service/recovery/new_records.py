"""Numbers for records that begin again while a roll that was brought back is still held."""

from itertools import count

from psycopg import Connection

from openroll.service.roll import Roll
from openroll.service.rollback_guard import new_numbers
from openroll.store import numbers


class NewRecords:
    """Gives numbers of records that are begun again while the roll is still held; a dry run reserves none."""

    def __init__(self, connection: Connection, roll: Roll, *, leaping: bool, dry_run: bool) -> None:
        self._roll = roll
        self._leaping = leaping
        self._dry = count(numbers.last(connection, numbers.RECORD) + 1) if dry_run else None
        self._begun = False

    def __call__(self) -> int:
        """A number that no record has. Raises as `new_numbers`."""
        if self._dry is not None:
            return next(self._dry)
        if not self._begun:  # the database stands behind what was given
            self._roll.numbers.restart(leaping=self._leaping)
            self._begun = True
        return new_numbers(self._roll, numbers.RECORD).start
