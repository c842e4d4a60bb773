"""What is asked of an organisation or its seats, in the imperative."""

from openroll.register.command import Command
from openroll.rules.language import Text


class AdmitOrganisation(Command, frozen=True):
    """Admit an authority or a reviewer under a short name (official)."""

    organisation: str
    kind: str
    title: Text


class Invite(Command, frozen=True):
    """Invite somebody to a seat. `digest` is the SHA-256 of the invitation's text, which the roll does not keep.

    `token` is the hash of a token of the organisation's programs, where whoever keeps the machine invites at its word.
    """

    organisation: str
    role: str
    label: str
    digest: bytes
    token: bytes = b""


class WithdrawInvitation(Command, frozen=True):
    """Take back an invitation that nobody has used, by its digest."""

    organisation: str
    digest: bytes


class SetProvider(Command, frozen=True):
    """Have an organisation's people sign in with its own OpenID Connect provider. Its secret comes sealed."""

    organisation: str
    issuer: str
    client_id: str
    secret_sealed: bytes | None = None


class Join(Command, frozen=True):
    """Take the seat that an invitation is for. `handle` is how the passkeys of whoever sits there will name them."""

    digest: bytes
    handle: bytes


class CreateSeat(Command, frozen=True):
    """Sit down without an invitation, in force at once: the development door, which a live server does not have."""

    organisation: str
    role: str
    label: str
    handle: bytes
    digest: bytes


class Leave(Command, frozen=True):
    """Give up a seat, or have it taken away."""

    organisation: str
    seat: int


class ConfirmSeat(Command, frozen=True):
    """Give one's word that another person sits in a new seat."""

    organisation: str
    seat: int


class IssueToken(Command, frozen=True):
    """Give an organisation a token for its programs. `digest` is the SHA-256 of its text; it lasts `days`, or for ever.

    `seat` is the number of the seat that acts by it; 0 for an operator's program that files and acts for nobody.
    """

    organisation: str
    label: str
    digest: bytes
    days: int | None = None
    seat: int = 0


class ReplaceToken(Command, frozen=True):
    """Give a token a successor; the old one stands beside it for `overlap` days."""

    organisation: str
    token: int
    digest: bytes
    overlap: int


class EndToken(Command, frozen=True):
    """End a token at once. Whoever ends another organisation's says why, unless they have its text (`by_text`)."""

    organisation: str
    token: int
    why: str = ""
    by_text: bool = False


class GiveCodes(Command, frozen=True):
    """Give filing codes of an operator's subscriptions out to it: letters, or a list (official)."""

    organisation: str


class AdmitOperator(Command, frozen=True):
    """Admit an operator under a short name (official)."""

    operator: str
    title: Text
    kind: str
    by: str = ""


class OfferSuccession(Command, frozen=True):
    """Offer that `heir` succeeds an operator in all it has; ask for it as `heir`; or, as the registrar, announce it."""

    operator: str
    heir: str


class Succeed(Command, frozen=True):
    """Agree to a succession that was offered, or carry out one that was announced. `heir` is the one that was shown, if any."""

    operator: str
    heir: str = ""


class WithdrawSuccession(Command, frozen=True):
    """Take a succession back that was offered or announced, or decline it."""

    operator: str
    why: str = ""


class LeaveRoll(Command, frozen=True):
    """Have an operator leave the roll that answers for no subscription any more."""

    operator: str
    why: str = ""
