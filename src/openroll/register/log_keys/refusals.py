"""Why a change of the log's keys is refused."""

from openroll.register.refusal import Refusal


class KeyChangeUnderWay(Refusal, frozen=True):
    """A change of the log's keys waits to be published; one at a time."""

    code = "key-change-under-way"
    status = 409


class LogKeyUnknown(Refusal, frozen=True):
    """No key of this log, now or earlier, has this id."""

    code = "log-key-unknown"
    status = 404
    key: str


class LogKeyUsed(Refusal, frozen=True):
    """A key that signed this log before does not sign it anew: which key a size needs must stay clear."""

    code = "log-key-used"
    status = 409
    key: str


class LogKeysUnclear(Refusal, frozen=True):
    """More than one unused key of a kind is held here; which one is meant?"""

    code = "log-keys-unclear"
    status = 409
    keys: tuple[str, ...]


class LogKeyNeeded(Refusal, frozen=True):
    """Without an Ed25519 key a public log is none (C2SP tlog-checkpoint)."""

    code = "log-key-needed"


class SizeAhead(Refusal, frozen=True):
    """A key is doubted from a size that the log has not reached; `most` is the largest that can be said."""

    code = "size-ahead"
    most: int


class OverlapOpen(Refusal, frozen=True):
    """Old keys still sign beside the new ones; that is brought to its end first."""

    code = "overlap-open"
    status = 409
