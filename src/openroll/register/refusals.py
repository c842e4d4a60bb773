"""Refusals: each kind of "no" is a class, bound to one code and one HTTP status on every face.

A refusal carries parameters and no words. The words, in two languages, are chosen at the face
(`openroll.words`), so that the page, the API (RFC 9457 problem) and the command line say the same thing.
"""

from openroll.register import file_refusals, request_refusals, sign_in_refusals
from openroll.register.log_keys import refusals as log_keys
from openroll.register.organisation import refusals as organisation
from openroll.register.refusal import Refusal, Slowed
from openroll.register.request import refusals as request
from openroll.register.roll import refusals as roll
from openroll.register.site import refusals as site
from openroll.register.subscription import refusals as subscription

ROOMS = (subscription, organisation, roll, log_keys, request, site, file_refusals, request_refusals, sign_in_refusals)
"""Where refusals stand besides these, which any act may meet."""


class ReasonMissing(Refusal, frozen=True):
    """An act that wants a reason came without one, or with a reason over 500 characters."""

    code = "reason-missing"


class TextNamesSomebody(Refusal, frozen=True):
    """A reason or an outcome holds six digits or more in a row, or an e-mail address: what stands on record names nobody."""

    code = "text-names-somebody"


class TextUnfit(Refusal, frozen=True):
    """A text of an act is longer than `most` characters, or holds a control character or a mark that turns the writing."""

    code = "text-unfit"
    begins: str
    most: int


class ActTooLong(Refusal, frozen=True):
    """What an official act says does not fit into an entry of the public log, which is at most `most` bytes."""

    code = "act-too-long"
    most: int


class TooManyReferences(Slowed, frozen=True):
    """This operator, or its network, gave too many references of late under which nothing of its own is. `wait` is in minutes."""

    code = "too-many-references"


class TooManyLookUps(Slowed, frozen=True):
    """This seat, its network or all officials looked up too many codes of late that open nothing. `wait` is in whole minutes."""

    code = "too-many-look-ups"


class TooManyTries(Slowed, frozen=True):
    """Too many wrong tries of late from this place, or in all. `wait` is in whole minutes.

    `puzzle`, where there is one, opens another way at once: its solution is sent with the next try (service/identity/puzzle.py).
    """

    code = "too-many-tries"
    puzzle: str = ""


class TooManyFilings(Slowed, frozen=True):
    """Too many filings made alone of late, from this place or in all. `wait` in minutes and `puzzle` as for TooManyTries."""

    code = "too-many-filings"
    puzzle: str = ""


class GrantsSlowed(Slowed, frozen=True):
    """Too many grants of late were taken back, or marked as shown, from this place or in all. `wait` and `puzzle` as for
    TooManyTries. Nothing was marked, and what became of this grant before is not said here."""

    code = "grants-slowed"
    puzzle: str = ""


class TooManyAtOnce(Slowed, frozen=True):
    """This source, record or organisation holds all the places it may at something that takes time. `wait` is in seconds."""

    code = "too-many-at-once"
    unit = 1  # seconds


class DatabaseAway(Refusal, frozen=True):
    """The database did not answer before anything was written: nothing was taken."""

    code = "database-away"
    status = 503


class DatabaseBusy(Refusal, frozen=True):
    """Somebody else holds what this needs for longer than we wait, or it took too long: nothing was done."""

    code = "database-busy"
    status = 503

    @property
    def retry_after(self) -> int:
        """Seconds after which it is worth trying again."""
        return 5


class OutcomeUnknown(Refusal, frozen=True):
    """It broke off while this was being committed, or behind what was: it is done, or a part of it, or it is not."""

    code = "outcome-unknown"
    status = 503


class RequestShape(Refusal, frozen=True):
    """The request cannot be read as what this address takes."""

    code = "request-shape"
    status = 400
    detail: str


class TooBusy(Refusal, frozen=True):
    """More filings wait than can be held; nothing was taken, send it again with the same key."""

    code = "too-busy"
    status = 503


def every_refusal() -> tuple[type[Refusal], ...]:
    """All kinds of refusal, for the tests that hold codes unique and said in every language."""
    kinds = [*Refusal.__subclasses__(), *Slowed.__subclasses__()]
    return tuple(sorted((kind for kind in kinds if kind is not Slowed), key=lambda kind: kind.code))
