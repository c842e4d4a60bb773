"""Commands: what somebody asks for, in the imperative. Each names who asks only as a role and an organisation."""

from datetime import date

import msgspec


class Actor(msgspec.Struct, frozen=True):
    """Who acts: a role (`operator`, `subscriber`, `registrar`) and an organisation's short name, never a person."""

    role: str
    organisation: str = ""


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """Something asked of one record."""


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
    """Keep the record with its passkey: its holder says no, or a clerk gives the asking up."""

    clerk: str = ""


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


class AdmitOrganisation(Command, frozen=True):
    """Admit an authority or a reviewer under a short name (official)."""

    organisation: str
    kind: str
    title_zh: str
    title_en: str


class Join(Command, frozen=True):
    """Take a seat in an organisation of this kind, with a role. `founding`: it is the first lead there ever was."""

    organisation: str
    kind: str
    role: str
    invited_by: str = ""
    founding: bool = False


class Leave(Command, frozen=True):
    """Give up a seat, or have it taken away."""

    organisation: str
    seat: int


class Propose(Command, frozen=True):
    """Propose a rule, to be in force from a day (official; the first pair of eyes)."""

    starts: date


class Publish(Command, frozen=True):
    """Publish the rule somebody else proposed (official; the second pair of eyes), or drop it."""

    proposed: str
    starts: date
    drop: bool = False


class OpenRoll(Command, frozen=True):
    """Open a roll under a rule (official)."""

    roll: str
    title_zh: str
    title_en: str
    registrar: str
    districts: str
    demonstration: bool = False


class AdmitOperator(Command, frozen=True):
    """Admit an operator under a short name (official)."""

    operator: str
    title_zh: str
    title_en: str
    kind: str
    by: str = ""
