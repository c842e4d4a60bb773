"""What happens to organisations, their seats, their tokens and their providers."""

from datetime import date

from openroll.register.event import Event
from openroll.rules.language import Text


class OperatorAdmitted(Event, frozen=True, omit_defaults=True):
    """An official act: an operator may file under its short name from now on. `by` is the seat that admitted it."""

    name = "operator.admitted/2"
    official = True
    operator: str
    title: Text
    kind: str
    rule: str
    by: str = ""


class OperatorAdmitted1(Event, frozen=True, omit_defaults=True):
    """`OperatorAdmitted` as it was written when a title was a pair."""

    name = "operator.admitted/1"
    official = True
    operator: str
    title_zh: str
    title_en: str
    kind: str
    rule: str
    by: str = ""

    def as_now(self) -> OperatorAdmitted:
        """The same fact with its title as a map."""
        title = {"zh": self.title_zh, "en": self.title_en}
        return OperatorAdmitted(operator=self.operator, title=title, kind=self.kind, rule=self.rule, by=self.by)


class OrganisationAdmitted(Event, frozen=True):
    """An official act: an authority may ask, or a reviewer may decide, under its short name from now on."""

    name = "organisation.admitted/2"
    official = True
    organisation: str
    kind: str
    title: Text
    by: str
    rule: str


class OrganisationAdmitted1(Event, frozen=True):
    """`OrganisationAdmitted` as it was written when a title was a pair."""

    name = "organisation.admitted/1"
    official = True
    organisation: str
    kind: str
    title_zh: str
    title_en: str
    by: str
    rule: str

    def as_now(self) -> OrganisationAdmitted:
        """The same fact with its title as a map."""
        title = {"zh": self.title_zh, "en": self.title_en}
        return OrganisationAdmitted(
            organisation=self.organisation, kind=self.kind, title=title, by=self.by, rule=self.rule
        )


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


class SeatAnnounced(Event, frozen=True):
    """The registrar (`by`) gave notice of a new seat for which nobody of its organisation spoke.

    After the day `until` the seat is put in force, unless the organisation gives a sign of life before.
    """

    name = "seat.announced/1"
    official = True
    organisation: str
    seat: str
    until: date
    by: str
    rule: str


class SeatConfirmed(Event, frozen=True, omit_defaults=True):
    """Another lead (`by`), of another line of invitations, gave their word for a new seat: from now on it acts.

    `unasked` says that nobody of its organisation spoke for it, after a notice (`seat.announced/1`): then no filing code of what
    was filed before is the organisation's to hand out.
    """

    name = "seat.confirmed/1"
    official = True
    organisation: str
    seat: str
    by: str
    rule: str
    unasked: bool = False


class PersonLeft(Event, frozen=True):
    """A seat was given up or taken away: it acts no more, and the tokens that were issued for it let in no more."""

    name = "person.left/1"
    official = True
    organisation: str
    seat: str
    by: str
    rule: str


class TokenIssued(Event, frozen=True, omit_defaults=True):
    """An organisation got a token for its programs. `expires` is the instant (UTC) it ends by itself, empty for never.

    `seat` is the number of the seat that acts by it, and it ends with that seat. 0 is for none, whoever issued it: an operator's
    program files without one, and files with none that has one.
    """

    name = "token.issued/1"
    official = True
    organisation: str
    token: int
    by: str
    rule: str
    expires: str = ""
    seat: int = 0


class TokenReplaced(Event, frozen=True, omit_defaults=True):
    """A token got a successor; the old one ends by itself at `until` (an instant, UTC), or earlier if it was to.

    A token that acts for a seat gets none; in events of before that was so, the successor acts for the same seat.
    """

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
    """A token was ended; `why` is what the registrar gave as its reason where it ended an operator's.

    `seat` is the number of the seat that acted by it, 0 for none (as in every such event of before it was named).
    """

    name = "token.ended/1"
    official = True
    organisation: str
    token: int
    by: str
    rule: str
    why: str = ""
    seat: int = 0


class SuccessionOffered(Event, frozen=True):
    """That `heir` is to succeed an operator was offered by one of the two, or announced by the registrar, as `by` says.

    `until` is the last day on which the other of the two may agree, or the last of the notice, after which it is carried out.
    """

    name = "operator.succession-offered/1"
    official = True
    operator: str
    heir: str
    until: date
    by: str
    rule: str


class SuccessionAccepted(Event, frozen=True, omit_defaults=True):
    """A further word for a succession that needs another one yet, or time.

    A lead of the heir agreed to what the registrar announced; or one of the two operators to what was offered, and another lead
    of the one that ends has to say so too. With `until` both agreed: it is done after that day, unless a lead takes it back.
    """

    name = "operator.succession-accepted/1"
    official = True
    operator: str
    heir: str
    by: str
    rule: str
    until: date | None = None


class SuccessionWithdrawn(Event, frozen=True, omit_defaults=True):
    """A succession that was offered or announced was taken back or declined."""

    name = "operator.succession-withdrawn/1"
    official = True
    operator: str
    by: str
    rule: str
    why: str = ""


class OperatorSucceeded(Event, frozen=True):
    """An operator is in the roll no more, and `heir` answers for all it had: records, files, work. Its seats and tokens ended."""

    name = "operator.succeeded/1"
    official = True
    operator: str
    heir: str
    offered_by: str
    by: str
    rule: str


class OperatorLeft(Event, frozen=True, omit_defaults=True):
    """An operator that had no subscription left is in the roll no more. Its seats and tokens ended."""

    name = "operator.left/1"
    official = True
    operator: str
    by: str
    rule: str
    why: str = ""


class CodesGiven(Event, frozen=True):
    """Filing codes of an operator's subscriptions were given out, as letters or as a list. Whose, and how many, stands nowhere.

    Whoever holds a code opens its filing, so an operator and the registrar see when, and which seat took them.
    """

    name = "codes.given/1"
    official = True
    organisation: str
    by: str
    rule: str
