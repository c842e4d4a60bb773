"""What happens to requests and to rights to ask. Every step is an official act: the log holds all of it, and no person.

`request` is the public number, `at` the moment, `by` the seat that acted. Envelopes stand as their
SHA-256: which record is meant, on what grounds, and what was answered is sealed in them.
"""

from datetime import datetime
from typing import ClassVar

from openroll.register.event import Event


class KeyPublished(Event, frozen=True):
    """An organisation's envelopes are sealed to this key from now on, and its own are signed with its other half."""

    name = "envelope-key.published/1"
    official = True
    organisation: str
    key: str
    public: str
    by: str
    rule: str


class KeyEnded(Event, frozen=True):
    """A key of an organisation is used no more."""

    name = "envelope-key.ended/1"
    official = True
    organisation: str
    key: str
    why: str
    by: str
    rule: str


class UseRegistered(Event, frozen=True):
    """An authority may ask for these fields, for this purpose, on this basis; who supervises it, and where it is called back."""

    name = "use.registered/1"
    official = True
    organisation: str
    use: int
    purpose: int
    basis: str
    fields: tuple[str, ...]
    supervisor: str
    supervised_at: str
    office: str
    by: str
    rule: str


class UseEnded(Event, frozen=True):
    """An authority may not ask under this use any more."""

    name = "use.ended/1"
    official = True
    organisation: str
    use: int
    why: str
    by: str
    rule: str


class RequestEvent(Event, frozen=True):
    """What every step of a request says."""

    official = True
    request: int
    at: datetime
    by: str
    rule: str


class RequestFiled(RequestEvent, frozen=True):
    """An authority asked. `case_digest` is of its case reference with a salt; `procedure` names the way by which it goes on."""

    name = "request.filed/1"
    authority: str
    use: int
    operator: str
    reviewer: str
    objector: str
    fields: tuple[str, ...]
    urgency: str
    desired: str
    earlier: int | None
    envelope: str
    case_digest: str
    procedure: str


class RequestOpened(RequestEvent, frozen=True):
    """One of its bodies took the envelopes that are sealed to it."""

    name = "request.opened/1"
    organisation: str


class RequestReturned(RequestEvent, frozen=True):
    """Something is missing."""

    name = "request.returned/1"
    missing: tuple[str, ...]
    why: str


class RequestCompleted(RequestEvent, frozen=True):
    """What was missing came."""

    name = "request.completed/1"
    envelope: str


class RequestAskedBack(RequestEvent, frozen=True):
    """The reviewer asked the officer something."""

    name = "request.asked-back/1"
    envelope: str


class RequestAnsweredBack(RequestEvent, frozen=True):
    """The officer answered the reviewer."""

    name = "request.answered-back/1"
    envelope: str


class RequestCalledBack(RequestEvent, frozen=True):
    """The authority's registered office was called about an emergency."""

    name = "request.called-back/1"
    organisation: str
    number: str


class RequestConfirmed(RequestEvent, frozen=True):
    """A second person of the authority confirmed an emergency."""

    name = "request.confirmed/1"


class RequestApproved(RequestEvent, frozen=True):
    """The reviewer approved what was asked, in all its fields."""

    name = "request.approved/1"
    fields: tuple[str, ...]
    why: str


class RequestNarrowed(RequestEvent, frozen=True):
    """The reviewer approved a part of what was asked."""

    name = "request.narrowed/1"
    fields: tuple[str, ...]
    why: str


class RequestSeconded(RequestEvent, frozen=True):
    """A second person of the reviewer agreed to an approval."""

    name = "request.seconded/1"


class RequestRefused(RequestEvent, frozen=True):
    """The reviewer refused: nothing goes out."""

    name = "request.refused/1"
    reason: str
    why: str


class RequestAnnulled(RequestEvent, frozen=True):
    """The reviewer annulled what had gone out, been kept or been approved: what was given may not be used."""

    name = "request.annulled/1"
    reason: str
    why: str


class RequestObjected(RequestEvent, frozen=True):
    """The third body objected: nothing goes out."""

    name = "request.objected/1"
    ground: str
    why: str


class RequestPassed(RequestEvent, frozen=True):
    """The third body does not object."""

    name = "request.let-pass/1"


class RequestSigned(RequestEvent, frozen=True):
    """An organisation signed a decision of its own as it stands in the log: `decision` is the text that is signed, `key` the id
    of the key that verifies it, `signature` in base64url."""

    name = "request.signed/1"
    organisation: str
    decision: str
    key: str
    signature: str


class TellingPostponed(RequestEvent, frozen=True):
    """The person is told later."""

    name = "request.telling-postponed/1"
    until: datetime
    why: str


class TimeExtended(RequestEvent, frozen=True):
    """The step may last longer."""

    name = "request.time-extended/1"
    step: str
    until: datetime
    why: str


class RequestWithdrawn(RequestEvent, frozen=True):
    """The authority took its request back."""

    name = "request.withdrawn/1"
    why: str


class RequestPreserved(RequestEvent, frozen=True):
    """The operator keeps whatever it holds, if anything: which of the two is said of no record that nobody decided on."""

    name = "request.preserved/1"


class RequestProduced(RequestEvent, frozen=True):
    """What was kept is asked for by a later request."""

    name = "request.produced/1"
    later: int


class RequestAnswered(RequestEvent, frozen=True):
    """The operator answered, or said why it does not."""

    name = "request.answered/1"
    outcome: str
    fields: tuple[str, ...]
    envelope: str


class PersonTold(RequestEvent, frozen=True):
    """The person was told, in a notice that they alone can open. Where no such record is held, and nobody was given the right to
    hear that, such a notice is sealed to nobody, and looks like any other."""

    name = "request.told/1"
    by_word: ClassVar[bool] = False
    notice: str
    bucket: int
    complaint: str


class PersonToldByWord(PersonTold, frozen=True):
    """The person was told, and the word that `complaint` is the SHA-256 of is the one that their notice secret gives for the
    request (`disclosure.notice.word_of`): they find it by this fact alone, and fetch no heap for it."""

    name = "request.told/2"
    by_word = True


class NobodyTold(RequestEvent, frozen=True):
    """There is nobody to be told: the operator holds no such record."""

    name = "request.nobody-told/1"


class RequestComplained(RequestEvent, frozen=True):
    """The person complained: the reviewer sees it."""

    name = "request.complained/1"
    envelope: str


class TimePassed(RequestEvent, frozen=True):
    """A step's time was over and nothing was done: where the request goes then, as of `at`."""

    name = "request.time-passed/1"
    step: str
    to: str
