"""What can happen to the keys of the log: a line a command, with what may be answered instead."""

from openroll.register.kind import Decider, Kind
from openroll.register.log_keys import commands, events
from openroll.register.log_keys.decide import decide
from openroll.register.log_keys.refusals import (
    KeyChangeUnderWay,
    LogKeyNeeded,
    LogKeyUnknown,
    LogKeyUsed,
    OverlapOpen,
    SizeAhead,
)
from openroll.register.official import NOT_ACTING
from openroll.register.organisation.refusals import NotAllowed
from openroll.register.refusal import Refusals
from openroll.register.refusals import ReasonMissing, TextNamesSomebody, TextUnfit
from openroll.register.subscription.refusals import NothingAsked

ANY_CHANGE: Refusals = (
    *NOT_ACTING,
    NotAllowed,
    ReasonMissing,
    TextNamesSomebody,
    TextUnfit,
    KeyChangeUnderWay,
    NothingAsked,
    LogKeyNeeded,
)

KINDS = (
    Kind(
        events.LogKeysChanged,
        {
            commands.BeginKeys: Decider(decide, (*ANY_CHANGE, LogKeyUsed, OverlapOpen)),
            commands.FinishKeys: Decider(decide, ANY_CHANGE),
        },
    ),
    Kind(
        events.LogKeysRevoked,
        {commands.RevokeKeys: Decider(decide, (*ANY_CHANGE, LogKeyUnknown, LogKeyUsed, SizeAhead))},
    ),
)
