"""Why an act on a subscription is refused."""

from datetime import date

from openroll.register.refusal import Refusal, Slowed


class HandleTaken(Refusal, frozen=True):
    """The operator already files a subscription under this handle."""

    code = "handle-taken"
    status = 409
    handle: str


class HandleLeft(Refusal, frozen=True):
    """The subscription of this handle went to another operator on the day `on`, and is filed there: it is not filed twice."""

    code = "handle-left"
    status = 409
    handle: str
    on: date


class HandleChanged(Refusal, frozen=True):
    """The record of this handle got another one on the day `on`, and answers to that alone: no other is ever called so."""

    code = "handle-changed"
    status = 409
    handle: str
    on: date


class HandleForm(Refusal, frozen=True):
    """A new handle is not of the form that `openroll pack` makes. It is not repeated: it may be somebody's number."""

    code = "handle-form"


class TooManyActs(Slowed, frozen=True):
    """This side has changed the record `most` times today, which is as often as it may. `wait` is in minutes."""

    code = "too-many-acts"
    most: int


class SubscriptionUnknown(Refusal, frozen=True):
    """No subscription answers to this handle or filing code (or it is another organisation's)."""

    code = "subscription-unknown"
    status = 404
    sought: str


class RecordEnded(Refusal, frozen=True):
    """The subscription has ended; its record takes no further filings, and only what was told by choice is taken back."""

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
    cites = "the duties to file, where the word is a kind of subscriber"
    field: str
    value: str


class KindNotCovered(Refusal, frozen=True):
    """The roll's rule does not cover subscribers of this kind, neither by duty nor by choice."""

    code = "kind-not-covered"
    cites = "the duties to file, which say of whom"
    kind: str


class DigestsMiscounted(Refusal, frozen=True):
    """A filing carries one digest for each personal field of the rule; a field not told has a decoy."""

    code = "digests-miscounted"
    cites = "the personal fields"
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
    cites = "what its faults come from"
    faults: int


class HeldByPasskey(Refusal, frozen=True):
    """A passkey holds this filing: the code alone no longer opens it."""

    code = "held-by-passkey"
    status = 403


class NotHeld(Refusal, frozen=True):
    """No passkey holds this filing: its code opens it, and there is nothing to release."""

    code = "not-held"
    status = 409


class PasskeyTooYoung(Refusal, frozen=True):
    """A passkey that was added shortly before a release was asked, or after, does not say no to it: an older passkey does.

    Nor does one that stands because an older one was ended in that time.
    """

    code = "passkey-too-young"
    status = 403


class PasskeyWaits(Refusal, frozen=True):
    """A passkey ends none that is older than itself before `until`, the last day of the older one's time to end it, is over."""

    code = "passkey-waits"
    status = 409
    until: date


class KeptUntil(Refusal, frozen=True):
    """The rule keeps this record for a time after its end; `until` is the last day of it, None while it has not ended."""

    code = "kept-until"
    status = 409
    cites = "how long the rule keeps a record"
    until: date | None
    article: str


class NotUnconfirmed(Refusal, frozen=True):
    """This filing waits for nobody's word: it was taken, disowned, has ended or fallen away, or its operator filed it."""

    code = "not-unconfirmed"
    status = 409
    cites = "the same, where the filing fell away by it"


class WaitsStill(Refusal, frozen=True):
    """A filing that nobody confirmed may still be taken by its operator: `until` is the last day."""

    code = "waits-still"
    status = 409
    cites = "how long the rule has a filing made alone wait"
    until: date


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


class PortOfferedAlready(Refusal, frozen=True):
    """The record is offered to an operator, or asked for by one, already; `until` is the last day on which that may be agreed."""

    code = "port-offered-already"
    status = 409
    until: date


class PortNotOffered(Refusal, frozen=True):
    """Nobody offers this record or asks for it: that was taken back, declined, agreed, or its time is over."""

    code = "port-not-offered"
    status = 409


class PortOwnOffer(Refusal, frozen=True):
    """Whoever offered or asked cannot agree to it: the other operator has to."""

    code = "port-own-offer"
    status = 403


class PortUnconfirmed(Refusal, frozen=True):
    """The filing still waits for its own operator's word, so it goes to no other."""

    code = "port-unconfirmed"
    status = 409


class NotInLogYet(Refusal, frozen=True):
    """The filing is stored; its place in the log comes within a second or so."""

    code = "not-in-log-yet"
    status = 404
