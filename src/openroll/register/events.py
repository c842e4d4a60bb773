"""Events: what happened, in the past tense, each under an explicit versioned name.

The name on the wire never comes from a class path: a class may move, `subscription.filed/1` may not. A body is
canonical JSON (keys sorted, no white space; RFC 8785 for the strings, truths and lists used here), because its bytes
are what a receipt commits to. No body holds a readable identity: personal fields are RFC 9901 digests.
"""

from datetime import date
from typing import ClassVar

import msgspec

_encoder = msgspec.json.Encoder(order="sorted")


class Event(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fact. `official` acts stand in the public log in full; people's acts only as a kind and a commitment."""

    name: ClassVar[str]
    official: ClassVar[bool] = False

    def body(self) -> str:
        """The canonical JSON of this event: the bytes a receipt commits to."""
        return _encoder.encode(self).decode()


class SubscriptionFiled(Event, frozen=True):
    """A subscription was filed, by its operator or (handle empty) by the subscriber."""

    name = "subscription.filed/1"
    operator: str
    handle: str
    kind: str
    access: str
    district: str
    connected: date
    digests: tuple[str, ...]
    by: str
    rule: str


class SubscriptionChanged(Event, frozen=True):
    """The subscription itself changed on a day (moved, other access); the new public part stands whole."""

    name = "subscription.changed/1"
    kind: str
    access: str
    district: str
    on: date
    digests: tuple[str, ...]
    by: str
    rule: str


class SubscriptionEnded(Event, frozen=True):
    """The subscription ended on a day. Retention runs from it."""

    name = "subscription.ended/1"
    on: date
    by: str
    rule: str


class SubscriptionNotified(Event, frozen=True, omit_defaults=True):
    """The subscriber chose to tell more: digests of what was told were added. `to` is the organisation it is meant for."""

    name = "subscription.notified/1"
    added: tuple[str, ...]
    by: str
    rule: str
    to: str = ""


class SubscriptionWithdrawn(Event, frozen=True):
    """The subscriber took back what they had told: its digests are no longer on the record."""

    name = "subscription.withdrawn/1"
    dropped: tuple[str, ...]
    by: str
    rule: str


class SubscriptionCorrected(Event, frozen=True):
    """Something filed was wrong from the start and now stands right (a change, by contrast, is of the world)."""

    name = "subscription.corrected/1"
    kind: str
    access: str
    district: str
    connected: date
    added: tuple[str, ...]
    dropped: tuple[str, ...]
    by: str
    rule: str


class SubscriptionHeld(Event, frozen=True):
    """Whoever held the code made a passkey: from now on the passkey opens the record, and the code alone does not."""

    name = "subscription.held/1"
    by: str
    rule: str


class ReleaseAsked(Event, frozen=True):
    """A clerk of the operator asked to let the record go from a lost passkey; its holder may say no until `until` is over.

    `clerk` is the seat that asked, as `east/3`; `why` is what it saw.
    """

    name = "subscription.release-asked/1"
    why: str
    until: date
    clerk: str
    by: str
    rule: str


class ReleaseSeconded(Event, frozen=True):
    """A second clerk of the operator, `clerk`, made sure as well that it is the subscriber who asks."""

    name = "subscription.release-seconded/1"
    clerk: str
    by: str
    rule: str


class ReleaseRefused(Event, frozen=True, omit_defaults=True):
    """The passkey goes on holding the record: its holder said no, or the operator (`clerk`) gave the asking up."""

    name = "subscription.release-refused/1"
    by: str
    rule: str
    clerk: str = ""


class SubscriptionReleased(Event, frozen=True, omit_defaults=True):
    """The operator let the record go from a lost passkey, for a reason it gave: a fresh code opens it.

    `code` is the number the fresh code stands for, from the same counter as the numbers of records; 0 in releases of before
    there were fresh codes, after which the record's own code opened it again. `clerk` asked, `second` confirmed.
    """

    name = "subscription.released/1"
    why: str
    by: str
    rule: str
    code: int = 0
    clerk: str = ""
    second: str = ""


class SubscriptionRehandled(Event, frozen=True):
    """The operator calls the record by another handle from now on. What was filed before keeps the old one until it is erased."""

    name = "subscription.rehandled/1"
    handle: str
    by: str
    rule: str


class SubscriptionConfirmed(Event, frozen=True):
    """The operator took a filing that its subscriber had made alone: it counts from now on. `handle` may be empty."""

    name = "subscription.confirmed/1"
    handle: str
    by: str
    rule: str


class SubscriptionDisowned(Event, frozen=True):
    """The operator said that a filing made alone is none of its own, for a reason it gave: the record ended."""

    name = "subscription.disowned/1"
    why: str
    by: str
    rule: str


class SubscriptionLapsed(Event, frozen=True):
    """An official act: a filing fell away that nobody confirmed in the rule's time. The log does not say whose."""

    name = "subscription.lapsed/1"
    official = True
    by: str
    rule: str


class SubscriptionErased(Event, frozen=True):
    """What the record held was erased, its salts with it: no commitment in the log can be opened any more."""

    name = "subscription.erased/1"
    by: str
    rule: str


class RecordSeen(Event, frozen=True):
    """An official act: the registrar looked one record up. It stands in the record's history; the log does not say whose."""

    name = "record.seen/1"
    official = True
    by: str
    rule: str


class Emptied(Event, frozen=True):
    """What is left of a fact after its record was erased: its name, its day and a commitment nobody can open."""

    name = "emptied"


class RollOpened(Event, frozen=True):
    """An official act: the roll was opened under a rule. `safeguards` are the checks it passed when it was opened."""

    name = "roll.opened/1"
    official = True
    roll: str
    title_zh: str
    title_en: str
    registrar: str
    rule: str
    districts: str
    demonstration: bool
    safeguards: tuple[str, ...]


class OperatorAdmitted(Event, frozen=True, omit_defaults=True):
    """An official act: an operator may file under its short name from now on. `by` is the seat that admitted it."""

    name = "operator.admitted/1"
    official = True
    operator: str
    title_zh: str
    title_en: str
    kind: str
    rule: str
    by: str = ""


class OrganisationAdmitted(Event, frozen=True):
    """An official act: an authority may ask, or a reviewer may decide, under its short name from now on."""

    name = "organisation.admitted/1"
    official = True
    organisation: str
    kind: str
    title_zh: str
    title_en: str
    by: str
    rule: str


class PersonInvited(Event, frozen=True):
    """Somebody was invited to a seat, or (`withdrawn`) an invitation was taken back."""

    name = "person.invited/1"
    official = True
    organisation: str
    role: str
    withdrawn: bool
    by: str
    rule: str


class ProviderSet(Event, frozen=True):
    """An organisation's people may sign in with its own OpenID Connect provider from now on."""

    name = "provider.set/1"
    official = True
    organisation: str
    issuer: str
    by: str
    rule: str


class PersonJoined(Event, frozen=True, omit_defaults=True):
    """Somebody took a seat in an organisation. A seat is a number; nobody is named.

    `invited_by` is the seat that invited (`registrar/0` is whoever keeps the machine). A `founding` seat, the first lead of its
    organisation, is in force at once, since nobody is there yet to confirm it; every other waits for `seat.confirmed/1`.
    """

    name = "person.joined/1"
    official = True
    organisation: str
    seat: str
    role: str
    by: str
    rule: str
    invited_by: str = ""
    founding: bool = False


class SeatConfirmed(Event, frozen=True):
    """Another lead (`by`), of another line of invitations, gave their word for a new seat: from now on it acts."""

    name = "seat.confirmed/1"
    official = True
    organisation: str
    seat: str
    by: str
    rule: str


class PersonLeft(Event, frozen=True):
    """A seat was given up or taken away: it acts no more."""

    name = "person.left/1"
    official = True
    organisation: str
    seat: str
    by: str
    rule: str


class TokenIssued(Event, frozen=True, omit_defaults=True):
    """An organisation got a token for its programs. `expires` is the instant (UTC) it ends by itself, empty for never."""

    name = "token.issued/1"
    official = True
    organisation: str
    token: int
    by: str
    rule: str
    expires: str = ""


class TokenReplaced(Event, frozen=True, omit_defaults=True):
    """A token got a successor; the old one ends by itself at `until` (an instant, UTC), or earlier if it was to."""

    name = "token.replaced/1"
    official = True
    organisation: str
    token: int
    successor: int
    until: str
    by: str
    rule: str
    expires: str = ""


class TokenEnded(Event, frozen=True, omit_defaults=True):
    """A token was ended; `why` is what the registrar gave as its reason where it ended an operator's."""

    name = "token.ended/1"
    official = True
    organisation: str
    token: int
    by: str
    rule: str
    why: str = ""


class LogKeysChanged(Event, frozen=True):
    """An official act: from the checkpoint after this entry's on, `keys` sign the log, `leaving` among them for a while only.

    What `tlog.succession` reads of it is told there. The checkpoint that ends in this entry is the old keys' own.
    """

    name = "log.keys-changed/1"
    official = True
    before: tuple[str, ...]
    keys: tuple[str, ...]
    leaving: tuple[str, ...]
    reason: str
    on: date
    by: str
    rule: str


class LogKeysRevoked(Event, frozen=True):
    """An official act: the word of `revoked` proves nothing for checkpoints of `unbelieved_from` entries or more.

    With `lost` they could not even sign the checkpoint that ends in this entry; `keys` sign from now on.
    """

    name = "log.keys-revoked/1"
    official = True
    before: tuple[str, ...]
    revoked: tuple[str, ...]
    unbelieved_from: int
    lost: bool
    keys: tuple[str, ...]
    leaving: tuple[str, ...]
    reason: str
    on: date
    by: str
    rule: str


class RuleProposed(Event, frozen=True):
    """An official act: a rule was proposed, to be in force from a day. It waits for a second pair of eyes."""

    name = "rule.proposed/1"
    official = True
    proposed: str
    starts: date
    safeguards: tuple[str, ...]
    by: str
    rule: str


class RulePublished(Event, frozen=True):
    """An official act with four eyes: another seat than the one that proposed it published the rule."""

    name = "rule.published/1"
    official = True
    published: str
    starts: date
    proposed_by: str
    by: str
    rule: str


class RuleDropped(Event, frozen=True):
    """An official act: a proposed rule was dropped before it was published."""

    name = "rule.dropped/1"
    official = True
    dropped: str
    proposed_by: str
    by: str
    rule: str


class FiguresPublished(Event, frozen=True):
    """An official act: the figures of a day, under the SHA-256 of the published table (hexadecimal)."""

    name = "figures.published/1"
    official = True
    on: date
    digest: str
    by: str
    rule: str


class EscrowDeposited(Event, frozen=True):
    """An official act: a deposit from which another registrar could carry the roll on was handed to its holder.

    `digest` is the SHA-256 (hexadecimal) of the deposit's manifest, `size` the size of the log it stands under.
    """

    name = "escrow.deposited/1"
    official = True
    on: date
    holder: str
    digest: str
    size: int
    by: str
    rule: str


class LogRestored(Event, frozen=True):
    """An official act: the register was brought back from a copy, and goes on.

    `kind` is `backup`, `dump` or `escrow`, `behind` (its database was found behind what was signed or given) or `keeper` (held by
    whoever keeps it); `to` the instant it was brought to, empty for the copy's own; `size` the entries it
    had then; `seen` the size of the newest head it was compared with (0: nobody showed one); `lost` how many entries the log
    holds since then whose facts did not come back.
    """

    name = "log.restored/1"
    official = True
    kind: str
    to: str
    restored: str
    size: int
    seen: int
    lost: int
    by: str
    rule: str


class LogBegun(Event, frozen=True):
    """An official act, and the first entry of its log: this log goes on from another that ended.

    `checkpoint` is the last checkpoint of the log `before` that anybody has seen, whole, and `keys` are the public keys it
    verifies with. The first `carried` entries of that log are this log's entries from 1 on; the rest of it is lost.
    """

    name = "log.begun/1"
    official = True
    before: str
    checkpoint: str
    keys: tuple[str, ...]
    carried: int
    why: str
    by: str
    rule: str


EVENTS: dict[str, type[Event]] = {
    kind.name: kind
    for kind in (
        SubscriptionFiled,
        SubscriptionChanged,
        SubscriptionEnded,
        SubscriptionNotified,
        SubscriptionWithdrawn,
        SubscriptionCorrected,
        SubscriptionHeld,
        ReleaseAsked,
        ReleaseSeconded,
        ReleaseRefused,
        SubscriptionReleased,
        SubscriptionRehandled,
        SubscriptionConfirmed,
        SubscriptionDisowned,
        SubscriptionLapsed,
        SubscriptionErased,
        RecordSeen,
        RollOpened,
        OperatorAdmitted,
        OrganisationAdmitted,
        PersonInvited,
        ProviderSet,
        PersonJoined,
        SeatConfirmed,
        PersonLeft,
        TokenIssued,
        TokenReplaced,
        TokenEnded,
        LogKeysChanged,
        LogKeysRevoked,
        RuleProposed,
        RulePublished,
        RuleDropped,
        FiguresPublished,
        EscrowDeposited,
        LogRestored,
        LogBegun,
    )
}


def event_of(name: str, body: str) -> Event:
    """The event stored under `name` with this body; `Emptied` when erasure took the body.

    Raises KeyError or msgspec.ValidationError: a damaged store.
    """
    if not body:
        return Emptied()
    return msgspec.json.decode(body, type=EVENTS[name])
