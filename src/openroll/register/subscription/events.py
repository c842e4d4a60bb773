"""What happens to a subscription."""

from datetime import date

from openroll.register.event import Event


class OfRecord(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A fact after the filing that says what its operator answers for: what stands on the record, and whose it is.

    `record` names the record (`record_tag`). It is put in where the fact is written, for whoever checks receipts offline; empty
    in facts of before there were tags. What somebody tells by choice names none: whoever was given something of it, and somebody
    else of the filing, do not learn from each other that both are one person's.
    """

    record: str = ""


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


class SubscriptionChanged(OfRecord, frozen=True, omit_defaults=True):
    """The subscription itself changed on a day (moved, other access); the new public part stands whole."""

    name = "subscription.changed/1"
    kind: str
    access: str
    district: str
    on: date
    digests: tuple[str, ...]
    by: str
    rule: str


class SubscriptionEnded(OfRecord, frozen=True, omit_defaults=True):
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


class SubscriptionCorrected(OfRecord, frozen=True, omit_defaults=True):
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


class PasskeyAdded(Event, frozen=True):
    """A further passkey opens the record from now on. `passkey` is what it is called here: nothing that signs anybody in."""

    name = "subscription.passkey-added/1"
    passkey: str
    by: str
    rule: str


class PasskeyEnded(Event, frozen=True):
    """One of several passkeys opens the record no more."""

    name = "subscription.passkey-ended/1"
    passkey: str
    by: str
    rule: str


class ContactChanged(Event, frozen=True):
    """Another address is told from now on of what happens to what opens the record; none, where `given` is False."""

    name = "subscription.contact-changed/1"
    given: bool
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


class PortOffered(Event, frozen=True, omit_defaults=True):
    """Its operator offered the record to `gaining`, or that one `asked` for it; the other of the two may agree until `until`.

    `handle` is what the gaining operator will call it, where it said so when it asked. `clerk` is the seat that acted, as
    `east/3`; empty for a program.
    """

    name = "subscription.port-offered/1"
    gaining: str
    asked: bool
    until: date
    by: str
    rule: str
    handle: str = ""
    clerk: str = ""


class PortWithdrawn(Event, frozen=True, omit_defaults=True):
    """The record stays with its operator: `operator`, one of the two, took its offer back or declined the other's."""

    name = "subscription.port-withdrawn/1"
    operator: str
    by: str
    rule: str
    why: str = ""
    clerk: str = ""


class SubscriptionPorted(OfRecord, frozen=True, omit_defaults=True):
    """Both operators agreed: `gaining` answers for the record from now on, under a handle of its own, and `losing` no more."""

    name = "subscription.ported/1"
    losing: str
    gaining: str
    handle: str
    by: str
    rule: str
    clerk: str = ""


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
