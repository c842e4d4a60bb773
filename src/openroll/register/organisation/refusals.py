"""Why an act on an organisation, its seats or its tokens is refused."""

from datetime import date

from openroll.register.refusal import Refusal


class OperatorUnknown(Refusal, frozen=True):
    """No operator of this roll has this name."""

    code = "operator-unknown"
    status = 404
    operator: str


class OperatorAdmittedAlready(Refusal, frozen=True):
    """The operator is in the roll already."""

    code = "operator-admitted-already"
    status = 409
    operator: str


class NameShape(Refusal, frozen=True):
    """An operator's short name is 2 to 32 lower-case letters, digits and hyphens, beginning with a letter."""

    code = "name-shape"
    value: str


class NotAllowed(Refusal, frozen=True):
    """The role that asks may not do this."""

    code = "not-allowed"
    status = 403
    role: str
    act: str


class TokenUnknown(Refusal, frozen=True):
    """No token, or one that was never issued or is revoked."""

    code = "token-unknown"
    status = 401


class TokenWithoutSeat(Refusal, frozen=True):
    """A token by which nobody acts, where somebody has to: an official act is a person's."""

    code = "token-without-seat"
    status = 403
    organisation: str


class TooManyInvitations(Refusal, frozen=True):
    """A seat has invited as many people as one may within a day (`most`)."""

    code = "too-many-invitations"
    status = 429
    most: int

    @property
    def retry_after(self) -> int:
        """An hour: by then older ones may be a day old."""
        return 3_600


class LastPasskey(Refusal, frozen=True):
    """The last passkey of a person is not ended: there would be no way in left."""

    code = "last-passkey"
    status = 409


class InvitationUnknown(Refusal, frozen=True):
    """The invitation was used, was taken back, has run out, or never was."""

    code = "invitation-unknown"
    status = 404


class RoleUnknown(Refusal, frozen=True):
    """This kind of organisation has no such role."""

    code = "role-unknown"
    role: str


class LastLead(Refusal, frozen=True):
    """The last lead of an organisation cannot leave: nobody could let anyone in again."""

    code = "last-lead"
    status = 409


class SecondEyesNeeded(Refusal, frozen=True):
    """This act needs another person than the one who proposed it."""

    code = "second-eyes-needed"
    status = 403


class OneLine(Refusal, frozen=True):
    """Both seats go back to one invitation (`line`): they may be one person, so they are not two pairs of eyes."""

    code = "one-line"
    status = 403
    first: str
    second: str
    line: str


class SeatWaiting(Refusal, frozen=True):
    """The seat is new: until another lead has confirmed it, it reads and does nothing.

    `unspoken` is its organisation where nobody of it invited to the seat, so that there may be no lead of it to ask.
    """

    code = "seat-waiting"
    status = 403
    seat: str
    unspoken: str = ""


class SeatGone(Refusal, frozen=True):
    """Nobody sits in this seat any more, or ever did."""

    code = "seat-gone"
    status = 403
    seat: str


class SeatConfirmedAlready(Refusal, frozen=True):
    """The seat is in force already."""

    code = "seat-confirmed-already"
    status = 409
    seat: str


class PasskeyHasASeat(Refusal, frozen=True):
    """The passkey, or the browser's session, belongs to another seat already: an invitation is for another person."""

    code = "passkey-has-a-seat"
    status = 409


class TokenReplacedAlready(Refusal, frozen=True):
    """The token has a successor already."""

    code = "token-replaced-already"
    status = 409


class TokenOfASeat(Refusal, frozen=True):
    """The token acts for a seat: it is ended, never replaced: its successor would act for that seat in whose hand ever."""

    code = "token-of-a-seat"
    status = 409
    seat: str


class DaysOutOfRange(Refusal, frozen=True):
    """A token lasts, or overlaps with its successor, for a whole number of days in these bounds."""

    code = "days-out-of-range"
    least: int
    most: int


class SuccessionOfferedAlready(Refusal, frozen=True):
    """That somebody succeeds this operator is offered or announced already, until the day `until`."""

    code = "succession-offered-already"
    status = 409
    heir: str
    until: date


class SuccessionNotOffered(Refusal, frozen=True):
    """Nobody offered or announced that this operator is succeeded, or that was taken back, or its time is over."""

    code = "succession-not-offered"
    status = 409


class NoticeRuns(Refusal, frozen=True):
    """What was announced is carried out after the day `until`."""

    code = "notice-runs"
    status = 409
    until: date


class OperatorLives(Refusal, frozen=True):
    """The operator gave a sign of life on the day `on`, so what was announced for one that is gone is void."""

    code = "operator-lives"
    status = 409
    on: date


class OrganisationLives(Refusal, frozen=True):
    """The organisation gave a sign of life on the day `on`, so a seat of it that was announced is its own leads' to confirm."""

    code = "organisation-lives"
    status = 409
    organisation: str
    on: date


class HeirSilent(Refusal, frozen=True):
    """No lead of the heir has agreed yet to what was announced."""

    code = "heir-silent"
    status = 409
    heir: str


class HandlesMeet(Refusal, frozen=True):
    """The two operators use `count` handles both: each has to name one record when they are one."""

    code = "handles-meet"
    status = 409
    count: int


class StillAnswers(Refusal, frozen=True):
    """The operator still answers for `count` subscriptions, so it cannot leave."""

    code = "still-answers"
    status = 409
    count: int


class StillHosts(Refusal, frozen=True):
    """The operator still hosts `count` sites, so it cannot leave."""

    code = "still-hosts"
    status = 409
    count: int


class StillOwes(Refusal, frozen=True):
    """There are `count` requests that the operator has to answer or to tell somebody of, or may come to, so it cannot leave."""

    code = "still-owes"
    status = 409
    count: int
