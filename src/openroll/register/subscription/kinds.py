"""What can happen to a subscription: a line a command, with what may be answered instead."""

from openroll.register.kind import Decider, Kind
from openroll.register.official import NOT_ACTING
from openroll.register.organisation.refusals import LastPasskey, NotAllowed, OperatorUnknown
from openroll.register.refusal import Refusals
from openroll.register.refusals import ReasonMissing, TextNamesSomebody, TextUnfit
from openroll.register.subscription import commands, events
from openroll.register.subscription.decide import decide
from openroll.register.subscription.look_up import look_up
from openroll.register.subscription.porting import port
from openroll.register.subscription.refusals import (
    DateOutOfRange,
    DigestPresent,
    DigestShape,
    DigestsMiscounted,
    DigestUnknown,
    HandleChanged,
    HandleForm,
    HandleLeft,
    HandleTaken,
    HeldByPasskey,
    KeptUntil,
    KindNotCovered,
    NotHeld,
    NothingAsked,
    NotUnconfirmed,
    PasskeyTooYoung,
    PasskeyWaits,
    PortNotOffered,
    PortOfferedAlready,
    PortOwnOffer,
    PortUnconfirmed,
    RecordEnded,
    ReleaseAskedAlready,
    ReleaseNotAsked,
    ReleaseWaits,
    SecondClerkNeeded,
    SubscriptionUnknown,
    WaitsStill,
    WordUnknown,
)

A_RECORD: Refusals = (NotAllowed, SubscriptionUnknown)
RUNNING: Refusals = (*A_RECORD, RecordEnded)
WORDS: Refusals = (KindNotCovered, WordUnknown)
DIGESTS: Refusals = (DigestsMiscounted, DigestShape)
PORTED: Refusals = (*RUNNING, PortUnconfirmed, ReleaseAskedAlready)
OFFERED: Refusals = (*A_RECORD, PortNotOffered)
REASON: Refusals = (ReasonMissing, TextNamesSomebody, TextUnfit)

KINDS = (
    Kind(
        events.SubscriptionFiled,
        {commands.File: Decider(decide, (*WORDS, *DIGESTS, NotAllowed, HandleTaken, HandleForm, DateOutOfRange))},
    ),
    Kind(
        events.SubscriptionChanged,
        {commands.Change: Decider(decide, (*RUNNING, *WORDS, *DIGESTS, DateOutOfRange, NothingAsked))},
    ),
    Kind(events.SubscriptionEnded, {commands.End: Decider(decide, (*RUNNING, DateOutOfRange))}),
    Kind(
        events.SubscriptionNotified,
        {commands.Notify: Decider(decide, (*RUNNING, *DIGESTS, DigestPresent, NothingAsked))},
    ),
    Kind(
        events.SubscriptionWithdrawn,
        {commands.Withdraw: Decider(decide, (*A_RECORD, DigestUnknown, DigestShape, NothingAsked))},
    ),
    Kind(
        events.SubscriptionCorrected,
        {
            commands.Correct: Decider(
                decide,
                (*RUNNING, *WORDS, *DIGESTS, DateOutOfRange, DigestUnknown, DigestPresent, NothingAsked),
            )
        },
    ),
    Kind(events.SubscriptionHeld, {commands.Hold: Decider(decide, (*A_RECORD, NothingAsked))}),
    Kind(events.PasskeyAdded, {commands.AddPasskey: Decider(decide, (*A_RECORD, NotHeld))}),
    Kind(events.PasskeyEnded, {commands.EndPasskey: Decider(decide, (*A_RECORD, NotHeld, LastPasskey, PasskeyWaits))}),
    Kind(events.ContactChanged, {commands.ChangeContact: Decider(decide, A_RECORD)}),
    Kind(
        events.ReleaseAsked, {commands.AskRelease: Decider(decide, (*A_RECORD, *REASON, NotHeld, ReleaseAskedAlready))}
    ),
    Kind(
        events.ReleaseSeconded,
        {commands.SecondRelease: Decider(decide, (*A_RECORD, ReleaseNotAsked, NothingAsked, SecondClerkNeeded))},
    ),
    Kind(
        events.ReleaseRefused, {commands.RefuseRelease: Decider(decide, (*A_RECORD, ReleaseNotAsked, PasskeyTooYoung))}
    ),
    Kind(
        events.SubscriptionReleased,
        {commands.Release: Decider(decide, (*A_RECORD, ReleaseNotAsked, SecondClerkNeeded, ReleaseWaits))},
    ),
    Kind(events.SubscriptionRehandled, {commands.Rehandle: Decider(decide, (*A_RECORD, HandleForm, NothingAsked))}),
    Kind(events.SubscriptionConfirmed, {commands.Confirm: Decider(decide, (*A_RECORD, NotUnconfirmed, HandleForm))}),
    Kind(events.SubscriptionDisowned, {commands.Disown: Decider(decide, (*A_RECORD, *REASON, NotUnconfirmed))}),
    Kind(
        events.SubscriptionLapsed,
        {commands.Lapse: Decider(decide, (NotAllowed, NotUnconfirmed, WaitsStill))},
    ),
    Kind(
        events.PortOffered,
        {
            commands.OfferPort: Decider(port, (*PORTED, NothingAsked, OperatorUnknown, PortOfferedAlready)),
            commands.AskPort: Decider(
                port,
                (
                    *PORTED,
                    NothingAsked,
                    HeldByPasskey,
                    PortOfferedAlready,
                    HandleForm,
                    HandleChanged,
                    HandleLeft,
                    HandleTaken,
                ),
            ),
        },
    ),
    Kind(events.PortWithdrawn, {commands.WithdrawPort: Decider(port, (*OFFERED, *REASON))}),
    Kind(
        events.SubscriptionPorted,
        {
            commands.AgreePort: Decider(
                port,
                (
                    *PORTED,
                    PortNotOffered,
                    PortOwnOffer,
                    HeldByPasskey,
                    OperatorUnknown,
                    HandleForm,
                    HandleChanged,
                    HandleLeft,
                    HandleTaken,
                ),
            )
        },
    ),
    Kind(events.SubscriptionErased, {commands.Erase: Decider(decide, (*A_RECORD, KeptUntil))}),
    Kind(events.RecordSeen, {commands.LookUp: Decider(look_up, (*NOT_ACTING, *A_RECORD))}),
)
