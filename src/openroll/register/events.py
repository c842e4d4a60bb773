"""Events: what happened, in the past tense, each under an explicit versioned name.

The name on the wire never comes from a class path: a class may move, `subscription.filed/1` may not. A body is
canonical JSON (keys sorted, no white space; RFC 8785 for the strings, truths and lists used here), because its bytes
are what a receipt commits to. No body holds a readable identity: personal fields are RFC 9901 digests.
"""

import msgspec

from openroll.register.event import Emptied, Event
from openroll.register.log_keys.events import LogKeysChanged, LogKeysRevoked
from openroll.register.organisation.events import (
    OperatorAdmitted,
    OperatorAdmitted1,
    OrganisationAdmitted,
    OrganisationAdmitted1,
    PersonInvited,
    PersonJoined,
    PersonLeft,
    ProviderSet,
    SeatConfirmed,
    TokenEnded,
    TokenIssued,
    TokenReplaced,
)
from openroll.register.roll.events import (
    EscrowDeposited,
    FiguresPublished,
    LogBegun,
    LogRestored,
    RollOpened,
    RollOpened1,
    RuleDropped,
    RuleProposed,
    RulePublished,
)
from openroll.register.subscription.events import (
    RecordSeen,
    ReleaseAsked,
    ReleaseRefused,
    ReleaseSeconded,
    SubscriptionChanged,
    SubscriptionConfirmed,
    SubscriptionCorrected,
    SubscriptionDisowned,
    SubscriptionEnded,
    SubscriptionErased,
    SubscriptionFiled,
    SubscriptionHeld,
    SubscriptionLapsed,
    SubscriptionNotified,
    SubscriptionRehandled,
    SubscriptionReleased,
    SubscriptionWithdrawn,
)

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
        RollOpened1,
        OperatorAdmitted,
        OperatorAdmitted1,
        OrganisationAdmitted,
        OrganisationAdmitted1,
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
    """The event stored under `name` with this body, in the newest version of its kind; `Emptied` when erasure took the body.

    Raises KeyError or msgspec.ValidationError: a damaged store.
    """
    if not body:
        return Emptied()
    return msgspec.json.decode(body, type=EVENTS[name]).as_now()
