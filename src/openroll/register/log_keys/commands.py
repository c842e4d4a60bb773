"""What is asked of the keys of the log, in the imperative."""

from openroll.register.command import Command
from openroll.register.log_keys.state import Keys


class BeginKeys(Command, frozen=True):
    """Have new keys sign. Each takes the place of the key of its kind, which goes on beside it if there is an `overlap`."""

    new: Keys
    reason: str
    overlap: bool = True


class FinishKeys(Command, frozen=True):
    """End the overlap: the old keys sign no more."""

    reason: str


class RevokeKeys(Command, frozen=True):
    """Say that a key is no longer to be believed from a size on, and name the new ones that sign in its place."""

    revoked: Keys
    new: Keys
    unbelieved_from: int
    lost: bool
    reason: str
