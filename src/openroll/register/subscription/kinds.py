"""What can happen to a subscription: a line a command, with what may be answered instead."""

from openroll.register.kind import Decider, Kind
from openroll.register.official import NOT_ACTING
from openroll.register.organisation.refusals import NotAllowed
from openroll.register.refusal import Refusals
from openroll.register.refusals import ReasonMissing, TextNamesSomebody, TextUnfit
from openroll.register.subscription import commands, events
from openroll.register.subscription.decide import decide
from openroll.register.subscription.look_up import look_up
from openroll.register.subscription.refusals import (
    DateOutOfRange,
    DigestPresent,
    DigestShape,
    DigestsMiscounted,
    DigestUnknown,
    HandleForm,
    HandleTaken,
    KeptUntil,
    KindNotCovered,
    NotHeld,
    NothingAsked,
    NotUnconfirmed,
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
    Kind(
        events.ReleaseAsked, {commands.AskRelease: Decider(decide, (*A_RECORD, *REASON, NotHeld, ReleaseAskedAlready))}
    ),
    Kind(
        events.ReleaseSeconded,
        {commands.SecondRelease: Decider(decide, (*A_RECORD, ReleaseNotAsked, NothingAsked, SecondClerkNeeded))},
    ),
    Kind(events.ReleaseRefused, {commands.RefuseRelease: Decider(decide, (*A_RECORD, ReleaseNotAsked))}),
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
    Kind(events.SubscriptionErased, {commands.Erase: Decider(decide, (*A_RECORD, KeptUntil))}),
    Kind(events.RecordSeen, {commands.LookUp: Decider(look_up, (*NOT_ACTING, *A_RECORD))}),
)
