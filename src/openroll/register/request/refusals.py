"""Why an act on a request, or on a right to ask, is refused."""

from datetime import datetime

from openroll.register.refusal import Refusal, Slowed


class UseUnknown(Refusal, frozen=True):
    """The authority has no such use registered, or it has ended."""

    code = "use-unknown"
    status = 404
    use: int


class UseLapsed(Refusal, frozen=True):
    """The rule of the day has the purpose no more of the use that was asked under: nothing is given under it."""

    code = "use-lapsed"
    status = 409
    use: int


class PurposeUnknown(Refusal, frozen=True):
    """The rule has no purpose of this number."""

    code = "purpose-unknown"
    purpose: int


class BeyondUse(Refusal, frozen=True):
    """Fields that are not in the registered use, or not in the rule."""

    code = "beyond-use"
    fields: tuple[str, ...]


class RequestIncomplete(Refusal, frozen=True):
    """What a request lacks, by field, before it is filed."""

    code = "request-incomplete"
    missing: tuple[str, ...]


class OfficeUnfit(Refusal, frozen=True):
    """What is to be the telephone of an authority's office is no number, or holds words beside it."""

    code = "office-unfit"


class RequestUnknown(Refusal, frozen=True):
    """No request of this number that is one's own to see."""

    code = "request-unknown"
    status = 404
    request: int


class NotInThisStep(Refusal, frozen=True):
    """This may not be done in the step that the request is in, or not by this body."""

    code = "not-in-this-step"
    status = 409
    act: str
    step: str


class TimeNotOver(Refusal, frozen=True):
    """The time of the step is not over yet."""

    code = "time-not-over"
    status = 409
    until: datetime | None


class ReviewerNotApart(Refusal, frozen=True):
    """The body that is to review is the one that asks or answers, or one of them let it in."""

    code = "reviewer-not-apart"
    status = 409
    organisation: str


class OnePerson(Refusal, frozen=True):
    """Two seats that must be two people are one, as far as the roll can know."""

    code = "one-person"
    status = 403
    first: str
    second: str


class PairTooOften(Refusal, frozen=True):
    """This reviewer approved as many requests of this officer as one may within the time."""

    code = "pair-too-often"
    status = 409
    most: int


class EnvelopeUnfit(Refusal, frozen=True):
    """An envelope that is not of the form, not of whole KiB, or too long."""

    code = "envelope-unfit"
    most: int


class NotSealedTo(Refusal, frozen=True):
    """An envelope that is not sealed to a key in force of a body that must be able to open it, or to somebody else's too."""

    code = "not-sealed-to"
    organisations: tuple[str, ...]


class NoKey(Refusal, frozen=True):
    """A body has no key in force, so that nothing can be sealed to it."""

    code = "no-envelope-key"
    status = 409
    organisation: str


class EnvelopeKeyUnfit(Refusal, frozen=True):
    """A key that is none (`why`), or that is published already."""

    code = "envelope-key-unfit"
    why: str = ""


class KeyUnknown(Refusal, frozen=True):
    """One's organisation has no key of this id in force."""

    code = "envelope-key-unknown"
    status = 404
    key: str


class TooManyRegistered(Refusal, frozen=True):
    """An organisation has `most` such in force, or published or registered `lately` within so many days."""

    code = "too-many-registered"
    status = 409
    most: int
    lately: int
    days: int


class FieldsBeyond(Refusal, frozen=True):
    """Fields that were not asked for, or not approved."""

    code = "fields-beyond"
    fields: tuple[str, ...]


class WordOfList(Refusal, frozen=True):
    """A code that is not of the list."""

    code = "word-of-list"
    value: str
    known: tuple[str, ...]


class NotCalledBack(Refusal, frozen=True):
    """Nobody called the authority's registered office about this emergency yet."""

    code = "not-called-back"
    status = 409
    office: str


class SignatureUnfit(Refusal, frozen=True):
    """What is signed is no decision of one's organisation as it stands in the request, or no key of it in force signed it so."""

    code = "signature-unfit"
    status = 409


class PostponedTooLong(Refusal, frozen=True):
    """Telling may be put off until then at most; a time may be extended until then, once a step."""

    code = "postponed-too-long"
    latest: datetime


class NothingPreserved(Refusal, frozen=True):
    """No request of this authority to this operator has something preserved under this number."""

    code = "nothing-preserved"
    status = 409
    request: int | None


class ComplaintWordWrong(Refusal, frozen=True):
    """The word is not that of the notice."""

    code = "complaint-word-wrong"
    status = 403


class ComplainedAlready(Refusal, frozen=True):
    """A complaint was made already."""

    code = "complained-already"
    status = 409


class ActedTooOften(Slowed, frozen=True):
    """This was done `most` times today, which is as often as it may be. `wait` is in minutes."""

    code = "acted-too-often"
    most: int
