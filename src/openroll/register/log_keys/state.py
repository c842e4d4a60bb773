"""The keys of the log, as a change of them is decided on."""

import msgspec

from openroll.tlog import Verifier

Keys = tuple[Verifier, ...]


class LogKeys(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of a log as they stand: who signs `now` and who of them is `leaving`, every key there `ever` was.

    `size` is the newest published size; `under_way` is whether a change of keys is decided and not yet published.
    """

    now: Keys
    leaving: Keys
    ever: frozenset[str]
    size: int
    under_way: bool
