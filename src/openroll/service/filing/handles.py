"""How many records still have a handle from before handles had a form: it may be readable, until its operator changes it."""

from openroll.service.roll import Roll
from openroll.store import subscriptions


def old_handles(roll: Roll) -> dict[str, int]:
    """Operators with such records, and how many each; the registrar's to see."""
    with roll.database.transaction("registrar") as connection:
        return dict(subscriptions.old_handles(connection))
