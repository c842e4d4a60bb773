"""What is asked of a subscription, in the imperative."""

from datetime import date

from openroll.register.command import Command


class File(Command, frozen=True):
    """File a new subscription. A subscriber who files alone gives no handle.

    `digests` are the record's own, one for each personal field of the rule (a decoy where nothing is told); `told` are
    digests of what a subscriber tells by choice in the same breath, and may take back later.
    """

    operator: str
    handle: str
    kind: str
    access: str
    district: str
    connected: date
    digests: tuple[str, ...]
    told: tuple[str, ...] = ()


class Change(Command, frozen=True):
    """Say that the subscription changed on a day; what is not given stays as it is."""

    on: date
    kind: str | None = None
    access: str | None = None
    district: str | None = None
    digests: tuple[str, ...] | None = None


class End(Command, frozen=True):
    """Say that the subscription ended on a day."""

    on: date


class Notify(Command, frozen=True):
    """Tell more, by choice: add digests of what is told; `to` names an organisation it is meant for, or nobody."""

    added: tuple[str, ...]
    to: str = ""


class Withdraw(Command, frozen=True):
    """Take back what was told: drop its digests."""

    dropped: tuple[str, ...]


class Correct(Command, frozen=True):
    """Put right what was wrong from the start; what is not given stays as it is."""

    kind: str | None = None
    access: str | None = None
    district: str | None = None
    connected: date | None = None
    added: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


class Hold(Command, frozen=True):
    """Have a passkey open the record from now on, in place of its code alone."""


class AddPasskey(Command, frozen=True):
    """Have a further passkey open the record as well; `passkey` is what it is called in the record's facts."""

    passkey: str


class EndPasskey(Command, frozen=True):
    """Have a passkey open the record no more. `last` says whether it is the only one: that one is not ended.

    `signed_in` is what the one is called by which the holder signed in, and which still stands; empty where there is none:
    such a holder ends none.
    """

    passkey: str
    last: bool
    signed_in: str = ""


class ChangeContact(Command, frozen=True):
    """Have another address, or none (`given` is False), be told of what happens to what opens the record."""

    given: bool


class AskRelease(Command, frozen=True):
    """Ask to let the record go from a passkey that was lost (its operator only); `why` is what the `clerk` (a seat) saw."""

    why: str
    clerk: str


class SecondRelease(Command, frozen=True):
    """Confirm what another clerk of the operator asked.

    `akin` says whether one of the two clerks stands in the other's chain of invitations (`register.seats.of_one_chain`);
    `first` is the seat that this was worked out for, and nobody else's asking is confirmed by it.
    """

    clerk: str
    first: str
    akin: bool


class RefuseRelease(Command, frozen=True):
    """Keep the record with its passkey: its holder says no, or a clerk gives the asking up.

    `passkey` is what the one is called by which the holder signed in, and which still stands; empty where there is none: such
    a holder does not say no.
    """

    clerk: str = ""
    passkey: str = ""


class Release(Command, frozen=True):
    """Let the record go once its holder had the time to say no, and give it the fresh code of the number `code`."""

    clerk: str
    code: int


class Rehandle(Command, frozen=True):
    """Call the record by another handle from now on (its operator only): the key was changed, or the old one was readable."""

    handle: str


class Confirm(Command, frozen=True):
    """Take a filing that a subscriber made alone as one of the operator's own (its operator only), under a handle or none."""

    handle: str = ""


class Disown(Command, frozen=True):
    """Say that a filing made alone is none of the operator's (its operator only); `why` is what the operator found."""

    why: str


class Lapse(Command, frozen=True):
    """Let a filing fall away that its operator neither took nor disowned in time (the roll's own clock asks this)."""


class Erase(Command, frozen=True):
    """Erase what the record holds, once the rule no longer keeps it."""


class OfferPort(Command, frozen=True):
    """Offer the record to another operator (its own only). `known` says whether `to` is an operator that may have it.

    `clerk` is the seat that acts, here and in what follows; empty for a program.
    """

    to: str
    known: bool
    clerk: str = ""


class AskPort(Command, frozen=True):
    """Ask for another operator's record, to have it under `handle`; `taken` says whether the asking one uses that already.

    `left` is the day on which another record of the asking operator left it, and `changed` whether that got another handle then,
    else went to another operator; here and in what follows.
    """

    handle: str
    taken: bool
    left: date | None = None
    changed: bool = False
    clerk: str = ""


class AgreePort(Command, frozen=True):
    """Agree to what the other operator offered or asked. `handle` is the gaining one's, where it did not say so when it asked.

    `known` says whether the gaining operator is one that may have it, `taken` whether it has another record under the handle,
    `gone` whether the seat that offered or asked ended since.
    """

    handle: str = ""
    known: bool = True
    taken: bool = False
    left: date | None = None
    changed: bool = False
    clerk: str = ""
    gone: bool = False


class WithdrawPort(Command, frozen=True):
    """Take an offer or an asking back, or decline it: the record stays where it is."""

    why: str = ""
    clerk: str = ""


class LookUp(Command, frozen=True):
    """Look the record of this number up (the registrar only, officially)."""

    number: int
