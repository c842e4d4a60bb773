"""Official acts that are not made facts again when a roll comes back from before them: why not, and what is to be done."""

from typing import NamedTuple

from openroll.register.log_keys.events import LogKeysChanged, LogKeysRevoked
from openroll.register.organisation import events as organisation
from openroll.register.roll import events as roll
from openroll.register.site import events as site
from openroll.register.subscription import events as subscription


class NotReplayed(NamedTuple):
    """Why an act stays without its fact, and what the keeper is told to have done (empty: nothing)."""

    why: str
    then: str = ""


_OPENING = NotReplayed("it begins the roll: no copy is from before it")
_RULE = NotReplayed(
    "it holds a rule's name and digest, and no rule",
    "look at which rule is in force: propose and publish again what was published",
)

NOT_REPLAYED: dict[str, NotReplayed] = {
    LogKeysChanged.name: NotReplayed("its handover brings it back whole, salt and all (`later_keys.py`)"),
    LogKeysRevoked.name: NotReplayed("its handover brings it back whole, salt and all (`later_keys.py`)"),
    subscription.SubscriptionLapsed.name: NotReplayed(
        "it names no record; the day's work lets the same record lapse again"
    ),
    subscription.RecordSeen.name: NotReplayed("it ends nothing, and names no record"),
    organisation.PersonInvited.name: NotReplayed(
        "it does not say which invitation; where one was taken back, all open ones to that role there are, by acts of their own",
        "invite again whoever is to come",
    ),
    organisation.PersonJoined.name: NotReplayed(
        "how they sign in stands in no entry; open invitations to that role there are taken back, as one of them was used",
        "invite them again: they sit in no seat",
    ),
    organisation.SeatAnnounced.name: NotReplayed(
        "it begins a notice, and which signs of life were given in it stands in no entry", "announce the seat again"
    ),
    organisation.CodesGiven.name: NotReplayed("no table: who took codes stands in the entry, as before"),
    organisation.TokenIssued.name: NotReplayed(
        "the token's hash stands in no entry: it lets nobody in", "issue another token for that program"
    ),
    organisation.SuccessionOffered.name: NotReplayed(
        "it begins a notice, and which signs of life were given in it stands in no entry", "offer or announce it again"
    ),
    roll.RollOpened.name: _OPENING,
    roll.RollOpened1.name: _OPENING,
    roll.RollOpened2.name: _OPENING,
    roll.RuleProposed.name: _RULE,
    roll.RuleProposed1.name: _RULE,
    roll.RulePublished.name: _RULE,
    roll.RulePublished1.name: _RULE,
    roll.RuleRead.name: NotReplayed("it ends nothing", "whoever read the words of a rule reads and signs again"),
    roll.FiguresPublished.name: NotReplayed("it ends nothing, and the table it names is gone"),
    roll.WorkSettled.name: NotReplayed(
        "it ends a piece of work and nobody's right", "settle again what waits for somebody (`openroll work`)"
    ),
    roll.EscrowDeposited.name: NotReplayed("it ends nothing", "hand over a new deposit"),
    roll.LogRestored.name: NotReplayed("whether the roll is held stands outside the database"),
    roll.LogBegun.name: NotReplayed("it is the first entry of its log: no copy of this log is from before it"),
}

PERSONS: dict[str, str] = {
    subscription.SubscriptionHeld.name: (
        "the code that a passkey had ended opens its filing again, and no entry says which: ask holders to look at theirs, and to"
        " make a passkey again"
    ),
    subscription.PasskeyEnded.name: "that passkey opens its filing again, and no entry says which: ask holders to look at theirs",
    subscription.ReleaseRefused.name: (
        "no entry says which release was refused, so none that was asked before goes through: its operator gives it up, and asks"
        " again where its holder still wants it"
    ),
    subscription.SubscriptionReleased.name: "the lost passkey holds its filing again: whoever asks is released again",
    subscription.ContactChanged.name: "mails go to the address of before: ask holders to look at theirs",
    subscription.SubscriptionErased.name: "the record is there again, and no entry says which: whoever asked for that erases it",
    subscription.SubscriptionWithdrawn.name: "what was taken back stands again: whoever took it back does so again",
    subscription.SubscriptionEnded.name: "the subscription is in force again: its operator sends the same file or filing again",
    subscription.SubscriptionConfirmed.name: (
        "the filing waits for its operator again, and falls away where nobody takes it: its operator takes it again"
    ),
    subscription.SubscriptionDisowned.name: "the filing waits for its operator again, who says again that it is none of its own",
    subscription.PortWithdrawn.name: "an offer that was taken back or declined stands again: whoever did so does it again",
    subscription.SubscriptionPorted.name: "the operator of before answers for the record again: both agree to the port again",
    site.PrivateSiteEnded.name: "the site of a natural person stands again: its operator ends it again",
}
"""What people's own facts ended, of which an entry holds but kind and day: what the keeper is told where one was lost."""

_AGAIN = "it ends nothing: whoever filed it sends the same again"
_ASKED = "it asks or offers and ends nothing: whoever asked does so again"
END_NOTHING: dict[str, str] = {
    subscription.SubscriptionFiled.name: _AGAIN,
    subscription.SubscriptionChanged.name: _AGAIN,
    subscription.SubscriptionCorrected.name: _AGAIN,
    subscription.SubscriptionNotified.name: _AGAIN,
    subscription.SubscriptionRehandled.name: _AGAIN,
    subscription.PasskeyAdded.name: "it ends nothing: that passkey lets nobody in, and is made again",
    subscription.ReleaseAsked.name: _ASKED,
    subscription.ReleaseSeconded.name: _ASKED,
    subscription.PortOffered.name: _ASKED,
    site.PrivateSiteFiled.name: "it ends nothing: its operator files it again, and it has another number then",
    site.PrivateSiteChanged.name: _AGAIN,
    site.PrivateSiteChecked.name: "it ends nothing: the next check says the same",
}
"""People's own facts of which the keeper is told nothing but how many were lost, and why."""

SILENT: tuple[str, ...] = (
    "Passkeys of seats that were ended since then let in again, and no entry says so: have everybody end again what they lost.",
    "Addresses that wanted no more mails since then may get some again: whoever gets one says no again by its link.",
    (
        "Signs of life that were given since then are gone, so every notice that ran is void: announce a succession again. The"
        " notice of a seat counts as answered where it was given before: its organisation's own lead confirms the seat, or who"
        " sits there leaves it and is invited anew."
    ),
)
"""What ended or was said without any entry of the log: what the keeper is told whenever a database went back."""

ACTS_LOST = (
    "Every session ended. Seats and tokens that were ended in entries that nobody has let in again: have each organisation look"
    " at its seats, tokens, invitations and provider, and end again what it had ended."
)
"""What the keeper is told where a log begins anew after its database went back: here no entry says what was ended."""
