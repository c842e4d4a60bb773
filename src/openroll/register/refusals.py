"""Refusals: each kind of "no" is a class, bound to one code and one HTTP status on every face.

A refusal carries parameters and no words. The words, in two languages, are chosen at the face
(`openroll.words`), so that the page, the API (RFC 9457 problem) and the command line say the same thing.
"""

from datetime import date
from typing import Any, ClassVar

import msgspec


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why something was not done. Subclasses fix `code` (stable, on the wire) and `status` (HTTP)."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 422

    @property
    def params(self) -> dict[str, Any]:
        """The parameters of this refusal by name, as plain JSON values."""
        built: dict[str, Any] = msgspec.to_builtins(self)
        return built

    @property
    def retry_after(self) -> int:
        """Seconds after which to try again (RFC 9110 section 10.2.3), 0 where trying again is no use."""
        return {429: 60, 503: 30}.get(self.status, 0)


class HandleTaken(Refusal, frozen=True):
    """The operator already files a subscription under this handle."""

    code = "handle-taken"
    status = 409
    handle: str


class HandleForm(Refusal, frozen=True):
    """A new handle is not of the form that `openroll pack` makes. It is not repeated: it may be somebody's number."""

    code = "handle-form"


class SubscriptionUnknown(Refusal, frozen=True):
    """No subscription answers to this handle or filing code (or it is another organisation's)."""

    code = "subscription-unknown"
    status = 404
    sought: str


class RecordEnded(Refusal, frozen=True):
    """The subscription has ended; its record takes no further filings."""

    code = "subscription-ended"
    status = 409
    ended: date


class CodeWrong(Refusal, frozen=True):
    """A filing code that cannot be one: wrong length or wrong check digits."""

    code = "code-wrong"
    sought: str


class DateOutOfRange(Refusal, frozen=True):
    """A civil date before the earliest or after the latest day that can be filed."""

    code = "date-range"
    field: str
    value: date
    earliest: date
    latest: date


class WordUnknown(Refusal, frozen=True):
    """A value outside the closed list of its field (kind, access, district)."""

    code = "word-unknown"
    field: str
    value: str


class KindNotCovered(Refusal, frozen=True):
    """The roll's rule does not cover subscribers of this kind, neither by duty nor by choice."""

    code = "kind-not-covered"
    kind: str


class DigestsMiscounted(Refusal, frozen=True):
    """A filing carries one digest for each personal field of the rule; a field not told has a decoy."""

    code = "digests-miscounted"
    expected: int
    found: int


class DigestShape(Refusal, frozen=True):
    """A digest is 43 characters of base64url (SHA-256, RFC 9901 section 4.2.3), each different, in order."""

    code = "digest-shape"
    value: str


class DigestUnknown(Refusal, frozen=True):
    """The digest to be dropped is not on this record."""

    code = "digest-unknown"
    value: str


class DigestPresent(Refusal, frozen=True):
    """The digest to be added is on this record already."""

    code = "digest-present"
    value: str


class NothingAsked(Refusal, frozen=True):
    """A change, notification, withdrawal or correction that alters nothing."""

    code = "nothing-asked"


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


class RollOpenAlready(Refusal, frozen=True):
    """The roll was opened already."""

    code = "roll-open-already"
    status = 409
    roll: str


class RuleUnsafe(Refusal, frozen=True):
    """The rule fails safeguards without which no live roll may open; it can be looked at in what-if only."""

    code = "rule-unsafe"
    rule: str
    obstacles: tuple[str, ...]
    would_pass: tuple[str, ...]


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


class KeyReused(Refusal, frozen=True):
    """An idempotency key came a second time with another filing under it."""

    code = "key-reused"
    status = 409
    key: str


class KeyMissing(Refusal, frozen=True):
    """A filing by API carries an Idempotency-Key header of 1 to 64 printable characters."""

    code = "key-missing"
    status = 400


class FilingFaulty(Refusal, frozen=True):
    """One filing, sent by a program, has faults; nothing of it was written."""

    code = "filing-faulty"
    faults: int


class FileFaulty(Refusal, frozen=True):
    """The operator's file has faults and was refused whole; nothing of it was written."""

    code = "file-faulty"
    faults: int


class FileInProgress(Refusal, frozen=True):
    """The same file is being taken by another process at this moment."""

    code = "file-in-progress"
    status = 409
    digest: str


class HeldByPasskey(Refusal, frozen=True):
    """A passkey holds this filing: the code alone no longer opens it."""

    code = "held-by-passkey"
    status = 403


class NotHeld(Refusal, frozen=True):
    """No passkey holds this filing: its code opens it, and there is nothing to release."""

    code = "not-held"
    status = 409


class KeptUntil(Refusal, frozen=True):
    """The rule keeps this record for a time after its end; `until` is the last day of it, None while it has not ended."""

    code = "kept-until"
    status = 409
    until: date | None
    article: str


class NotUnconfirmed(Refusal, frozen=True):
    """This filing waits for nobody's word: it was taken, disowned, has ended or fallen away, or its operator filed it."""

    code = "not-unconfirmed"
    status = 409


class WaitsStill(Refusal, frozen=True):
    """A filing that nobody confirmed may still be taken by its operator: `until` is the last day."""

    code = "waits-still"
    status = 409
    until: date


class ReasonMissing(Refusal, frozen=True):
    """An act that wants a reason came without one, or with a reason over 500 characters."""

    code = "reason-missing"


class TextNamesSomebody(Refusal, frozen=True):
    """A reason or an outcome holds six digits or more in a row, or an e-mail address: what stands on record names nobody."""

    code = "text-names-somebody"


class TooManyLookUps(Refusal, frozen=True):
    """This seat, its network or all officials looked up too many codes of late that open nothing. `wait` is in whole minutes."""

    code = "too-many-look-ups"
    status = 429
    wait: int

    @property
    def retry_after(self) -> int:
        """The wait in seconds."""
        return 60 * self.wait


class TooManyTries(Refusal, frozen=True):
    """Too many wrong tries of late from this place, or in all. `wait` is in whole minutes.

    `puzzle`, where there is one, opens another way at once: its solution is sent with the next try (service/identity/puzzle.py).
    """

    code = "too-many-tries"
    status = 429
    wait: int
    puzzle: str = ""

    @property
    def retry_after(self) -> int:
        """The wait in seconds."""
        return 60 * self.wait


class TooManyFilings(Refusal, frozen=True):
    """Too many filings made alone of late, from this place or in all. `wait` in minutes and `puzzle` as for TooManyTries."""

    code = "too-many-filings"
    status = 429
    wait: int
    puzzle: str = ""

    @property
    def retry_after(self) -> int:
        """The wait in seconds."""
        return 60 * self.wait


class TooManyAtOnce(Refusal, frozen=True):
    """This source, record or organisation holds all the places it may at something that takes time. `wait` is in seconds."""

    code = "too-many-at-once"
    status = 429
    wait: int

    @property
    def retry_after(self) -> int:
        """The wait itself."""
        return self.wait


class TooManyInvitations(Refusal, frozen=True):
    """A seat has invited as many people as one may within a day (`most`)."""

    code = "too-many-invitations"
    status = 429
    most: int

    @property
    def retry_after(self) -> int:
        """An hour: by then older ones may be a day old."""
        return 3_600


class SessionOld(Refusal, frozen=True):
    """A way in is made or ended by who has signed in a moment ago: at most `minutes` minutes."""

    code = "session-old"
    status = 403
    minutes: int


class LastPasskey(Refusal, frozen=True):
    """The last passkey of a person is not ended: there would be no way in left."""

    code = "last-passkey"
    status = 409


class SignInNeeded(Refusal, frozen=True):
    """Nobody is signed in, or the session has ended."""

    code = "sign-in-needed"
    status = 401


class SignInFailed(Refusal, frozen=True):
    """The passkey did not answer for anyone here, or its answer came too late."""

    code = "sign-in-failed"
    status = 403


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
    """The seat is new: until another lead has confirmed it, it reads and does nothing."""

    code = "seat-waiting"
    status = 403
    seat: str


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


class ReleaseAskedAlready(Refusal, frozen=True):
    """Somebody has asked already to let this record go; `until` is the last day on which its holder may say no."""

    code = "release-asked-already"
    status = 409
    until: date


class ReleaseNotAsked(Refusal, frozen=True):
    """Nobody has asked to let this record go, or its holder said no."""

    code = "release-not-asked"
    status = 409


class SecondClerkNeeded(Refusal, frozen=True):
    """Another clerk has to confirm: not the one who asked (`first`), nor anyone of that one's chain of invitations."""

    code = "second-clerk-needed"
    status = 403
    first: str


class ReleaseWaits(Refusal, frozen=True):
    """The holder of the passkey may say no until the day `until` is over; the record is let go after that."""

    code = "release-waits"
    status = 409
    until: date


class ProposalUnknown(Refusal, frozen=True):
    """No such proposal waits: it was decided already."""

    code = "proposal-unknown"
    status = 404


class StartsTooSoon(Refusal, frozen=True):
    """A rule starts tomorrow at the earliest: nobody is bound by what they could not read before."""

    code = "starts-too-soon"
    earliest: date


class RuleFaulty(Refusal, frozen=True):
    """The rule's text cannot be read as a rule; `faults` say where and what."""

    code = "rule-faulty"
    faults: tuple[str, ...]


class UploadUnknown(Refusal, frozen=True):
    """No such upload of this operator."""

    code = "upload-unknown"
    status = 404


class UploadTimeOver(Refusal, frozen=True):
    """A refused file waited as long as such files may for somebody to put it right, and was deleted on this day."""

    code = "upload-time-over"
    status = 404
    on: date


class UploadNotKept(Refusal, frozen=True):
    """The file was deleted as soon as it was looked at or taken, on this day: there was nothing to put right here."""

    code = "upload-not-kept"
    status = 404
    on: date


class UploadLost(Refusal, frozen=True):
    """The file is not on the disk any more, though nobody deleted it here: a backup brought its entry back without it, say."""

    code = "upload-lost"
    status = 404


class UploadNotMendable(Refusal, frozen=True):
    """What was given does not put the file right: it is still here."""

    code = "upload-not-mendable"


class UploadGivenUp(Refusal, frozen=True):
    """Taking the file broke off each time it was tried."""

    code = "upload-given-up"
    status = 503
    tries: int


class UploadsWaiting(Refusal, frozen=True):
    """So many files of this operator wait already that no more are taken in."""

    code = "uploads-waiting"
    status = 429
    most: int


class UploadsFull(Refusal, frozen=True):
    """The operator's files that wait or are kept to be put right fill its share of the disk (megabytes)."""

    code = "uploads-full"
    status = 429
    most: int


class FileTooLarge(Refusal, frozen=True):
    """The file is larger than any may be (megabytes)."""

    code = "file-too-large"
    status = 422
    most: int


class FilesInHand(Refusal, frozen=True):
    """A file of this operator is being taken by the API at this moment; nothing was taken. `wait` is in seconds."""

    code = "files-in-hand"
    status = 429
    wait: int

    @property
    def retry_after(self) -> int:
        """The wait itself."""
        return self.wait


class DiskFull(Refusal, frozen=True):
    """The roll's disk has no room for a file beyond what is kept free, or did not take it; nothing of it was taken."""

    code = "disk-full"
    status = 507


class FileUnfinished(Refusal, frozen=True):
    """The connection to the database broke off while a file was being filed: `stored` of its `rows` are filed, perhaps more."""

    code = "file-unfinished"
    status = 503
    stored: int
    rows: int


class FileOvertaken(Refusal, frozen=True):
    """A record or handle of the file was changed by somebody else while the file was taken: `stored` of its `rows` are filed."""

    code = "file-overtaken"
    status = 409
    stored: int
    rows: int


class DatabaseAway(Refusal, frozen=True):
    """The database did not answer before anything was written: nothing was taken."""

    code = "database-away"
    status = 503


class OutcomeUnknown(Refusal, frozen=True):
    """The connection to the database broke off while this was being committed: it is filed, or it is not."""

    code = "outcome-unknown"
    status = 503


class FiguresPublishedAlready(Refusal, frozen=True):
    """The figures of this day were published already."""

    code = "figures-published-already"
    status = 409
    on: date


class NotInLogYet(Refusal, frozen=True):
    """The filing is stored; its place in the log comes within a second or so."""

    code = "not-in-log-yet"
    status = 404


class RequestShape(Refusal, frozen=True):
    """The request cannot be read as what this address takes."""

    code = "request-shape"
    status = 400
    detail: str


class TooBusy(Refusal, frozen=True):
    """More filings wait than can be held; nothing was taken, send it again with the same key."""

    code = "too-busy"
    status = 503


class ClockWrong(Refusal, frozen=True):
    """The roll's clock stands before what was written already: nothing is written until it is set right."""

    code = "clock-wrong"
    status = 503


class RollHeld(Refusal, frozen=True):
    """The roll is held: its database was brought back, or is behind what was signed or given. It takes nothing."""

    code = "roll-held"
    status = 503


class ProviderUnreachable(Refusal, frozen=True):
    """The organisation's own sign-in provider does not answer, or is out of order."""

    code = "provider-unreachable"
    status = 503
    issuer: str


class ProviderAnswerWrong(Refusal, frozen=True):
    """The provider answers what cannot be trusted: set up wrongly, or not the provider. `fault` is for those who run it."""

    code = "provider-answer-wrong"
    status = 403
    issuer: str
    fault: str


class SignInStale(Refusal, frozen=True):
    """A sign-in that took too long, was used already, or was begun elsewhere."""

    code = "sign-in-stale"
    status = 400


class SignInRefusedThere(Refusal, frozen=True):
    """The provider did not let the person in; `reason` is its error code (RFC 6749), or `other`."""

    code = "sign-in-refused-there"
    status = 403
    issuer: str
    reason: str


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


class TokenReplacedAlready(Refusal, frozen=True):
    """The token has a successor already."""

    code = "token-replaced-already"
    status = 409


class DaysOutOfRange(Refusal, frozen=True):
    """A token lasts, or overlaps with its successor, for a whole number of days in these bounds."""

    code = "days-out-of-range"
    least: int
    most: int


def every_refusal() -> tuple[type[Refusal], ...]:
    """All kinds of refusal, for the tests that hold codes unique and said in every language."""
    return tuple(sorted(Refusal.__subclasses__(), key=lambda kind: kind.code))
