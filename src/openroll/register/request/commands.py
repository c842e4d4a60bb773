"""What is asked of a request, or of an organisation's right to make one, in the imperative.

Envelopes come whole; facts hold their digests (`disclosure.envelope`). Which record a request is about is in none of these.
"""

from datetime import datetime

from openroll.register.command import Command


class PublishKey(Command, frozen=True):
    """Publish a key of one's organisation: the line of its public half (`disclosure.envelope.public_line`)."""

    public: str


class EndKey(Command, frozen=True):
    """Have a key of one's organisation used no more, by its id."""

    key: str
    why: str = ""


class RegisterUse(Command, frozen=True):
    """Register what an authority may ask for: the rule's purpose (its place in the list, from 0), basis, fields, supervisor.

    `supervisor` names who hears complaints, `supervised_at` how they are reached; `office` is the authority's registered
    telephone, by which an emergency is called back.
    """

    purpose: int
    basis: str
    fields: tuple[str, ...]
    supervisor: str
    supervised_at: str
    office: str


class EndUse(Command, frozen=True):
    """End a registered use: as the authority, or as the registrar with a reason."""

    use: int
    why: str = ""


class FileRequest(Command, frozen=True):
    """Ask an operator for fields of one record, under a registered use, to be decided on by a reviewer.

    `urgency` is `ordinary` or `emergency`; `desired` what the officer wishes: `now`, `preserve`, or `produce` what `earlier`
    had preserved. `case_digest` is the SHA-256 of the officer's case reference with a salt, both of which stand in the envelope.
    """

    use: int
    operator: str
    reviewer: str
    fields: tuple[str, ...]
    urgency: str
    desired: str
    envelope: bytes
    case_digest: str
    earlier: int | None = None
    objector: str = ""


class Step(Command, frozen=True):
    """Something done in a request that was filed. `request` is its number."""

    request: int


class OpenRequest(Step, frozen=True):
    """Take the envelopes of a request that are sealed to one's organisation: that they were taken stands in the log."""


class ReturnIncomplete(Step, frozen=True):
    """Say, as its reviewer, that a request lacks something: codes of what is missing (`MISSING`), and words."""

    missing: tuple[str, ...]
    why: str = ""


class CompleteRequest(Step, frozen=True):
    """Send what was missing."""

    envelope: bytes


class AskBack(Step, frozen=True):
    """Ask the officer something, inside the system."""

    envelope: bytes


class AnswerBack(Step, frozen=True):
    """Answer what the reviewer asked."""

    envelope: bytes


class CallBack(Step, frozen=True):
    """Say that one called the authority's registered office about an emergency, and by what number."""

    number: str


class ConfirmEmergency(Step, frozen=True):
    """Confirm an emergency as a second person of the authority, after the call."""


class Approve(Step, frozen=True):
    """Approve a request, in these fields: all that were asked for, or fewer of them."""

    fields: tuple[str, ...]
    why: str = ""


class SecondApproval(Step, frozen=True):
    """Agree to an approval as a second person of the reviewer."""


class Refuse(Step, frozen=True):
    """Refuse a request, or annul what went out under it in an emergency: one main reason by code (`REASONS`), and words."""

    reason: str
    why: str = ""


class Object(Step, frozen=True):
    """Object, as the third body that the request names: a ground by code (`GROUNDS`), and words."""

    ground: str
    why: str = ""


class LetPass(Step, frozen=True):
    """Say, as the third body, that one does not object."""


class SignDecision(Step, frozen=True):
    """Sign a decision of one's organisation as the log has it, by a key that it published: whoever answers rests on that.

    `decision` is its text (`signed_decisions`), `key` the id of the key that verifies, and `signature` in base64url.
    """

    decision: str
    key: str
    signature: str


class PostponeTelling(Step, frozen=True):
    """Have the person be told later, as the reviewer: until when and why, all in all no later than the procedure allows."""

    until: datetime
    why: str


class ExtendTime(Step, frozen=True):
    """Extend the time of the step that a request is in, as the reviewer, once a step: until when and why."""

    until: datetime
    why: str


class Produce(Step, frozen=True):
    """Say, as the authority, that what is kept under this request is asked for by a later one: filed in the same transaction."""

    later: int


class WithdrawRequest(Step, frozen=True):
    """Take a request back, as the authority."""

    why: str = ""


class Preserve(Step, frozen=True):
    """Say, as the operator, that what it holds of the record is kept for a production that may follow."""


class Answer(Step, frozen=True):
    """Answer, as the operator: the outcome by code (`OUTCOMES`), the fields given, and the envelope to the officer."""

    outcome: str
    fields: tuple[str, ...] = ()
    envelope: bytes = b""


class Tell(Step, frozen=True):
    """Tell the person, as the operator: a notice that they alone can open, in the bucket that they look into; or, where no such
    record is held, one that nobody can open.

    `complaint` is the SHA-256 of a word that stands in the notice; who knows it may complain. `by_word`: it is the word that
    the person's notice secret gives for the request.
    """

    notice: bytes
    bucket: int
    complaint: str
    by_word: bool = False


class TellNobody(Step, frozen=True):
    """Say, as the operator, that it holds no such record, so that nobody is to be told."""


class Complain(Step, frozen=True):
    """Complain to the supervisor, as the person who was told: with the word of the notice, and a letter sealed to it or none."""

    word: str
    envelope: bytes = b""


class PassTime(Step, frozen=True):
    """Have a request go on whose step's time is over. Anybody may: it is true or it is not."""
