"""What can happen to a request, and to rights to ask: a line a command, with what may be answered instead."""

from openroll.register.kind import Decider, Kind
from openroll.register.official import NOT_ACTING
from openroll.register.organisation.refusals import NotAllowed, OperatorUnknown
from openroll.register.refusal import Refusals
from openroll.register.refusals import ReasonMissing, TextNamesSomebody, TextUnfit
from openroll.register.request import commands, events
from openroll.register.request.ask import file_request
from openroll.register.request.decide import complain, pass_time, step
from openroll.register.request.refusals import (
    BeyondUse,
    ComplainedAlready,
    ComplaintWordWrong,
    EnvelopeKeyUnfit,
    EnvelopeUnfit,
    FieldsBeyond,
    KeyUnknown,
    NoKey,
    NotCalledBack,
    NothingPreserved,
    NotInThisStep,
    NotSealedTo,
    OfficeUnfit,
    OnePerson,
    PairTooOften,
    PostponedTooLong,
    PurposeUnknown,
    RequestIncomplete,
    RequestUnknown,
    ReviewerNotApart,
    SignatureUnfit,
    TimeNotOver,
    TooManyRegistered,
    UseLapsed,
    UseUnknown,
    WordOfList,
)
from openroll.register.request.rights import end_key, end_use, publish_key, register_use

RIGHTS: Refusals = (*NOT_ACTING, NotAllowed)
REASON: Refusals = (ReasonMissing, TextNamesSomebody, TextUnfit)
STEP: Refusals = (*NOT_ACTING, NotAllowed, RequestUnknown, NotInThisStep)
LAPSED: Refusals = (UseLapsed, BeyondUse)
SEALED: Refusals = (EnvelopeUnfit, NotSealedTo, NoKey)

_SEALED_STEP = Decider(step, (*STEP, OnePerson, *SEALED))
_APPROVE = Decider(step, (*STEP, FieldsBeyond, OnePerson, PairTooOften, *LAPSED, *REASON))
_REFUSE = Decider(step, (*STEP, OnePerson, WordOfList, *REASON))
_TELL = Decider(step, (*STEP, OnePerson, WordOfList, RequestIncomplete, EnvelopeUnfit))

KINDS = (
    Kind(
        events.KeyPublished, {commands.PublishKey: Decider(publish_key, (*RIGHTS, EnvelopeKeyUnfit, TooManyRegistered))}
    ),
    Kind(events.KeyEnded, {commands.EndKey: Decider(end_key, (*RIGHTS, KeyUnknown, *REASON))}),
    Kind(
        events.UseRegistered,
        {
            commands.RegisterUse: Decider(
                register_use,
                (
                    *RIGHTS,
                    RequestIncomplete,
                    OfficeUnfit,
                    PurposeUnknown,
                    BeyondUse,
                    TextNamesSomebody,
                    TooManyRegistered,
                ),
            )
        },
    ),
    Kind(events.UseEnded, {commands.EndUse: Decider(end_use, (*RIGHTS, UseUnknown, *REASON))}),
    Kind(
        events.RequestFiled,
        {
            commands.FileRequest: Decider(
                file_request,
                (
                    *RIGHTS,
                    RequestIncomplete,
                    WordOfList,
                    OperatorUnknown,
                    ReviewerNotApart,
                    UseUnknown,
                    PurposeUnknown,
                    BeyondUse,
                    NothingPreserved,
                    *SEALED,
                ),
            )
        },
    ),
    Kind(events.RequestOpened, {commands.OpenRequest: Decider(step, STEP)}),
    Kind(events.RequestReturned, {commands.ReturnIncomplete: Decider(step, (*STEP, OnePerson, WordOfList, *REASON))}),
    Kind(events.RequestCompleted, {commands.CompleteRequest: _SEALED_STEP}),
    Kind(events.RequestAskedBack, {commands.AskBack: Decider(step, (*STEP, OnePerson, *SEALED))}),
    Kind(events.RequestAnsweredBack, {commands.AnswerBack: _SEALED_STEP}),
    Kind(events.RequestCalledBack, {commands.CallBack: Decider(step, (*STEP, OnePerson, NotCalledBack))}),
    Kind(
        events.RequestConfirmed, {commands.ConfirmEmergency: Decider(step, (*STEP, NotCalledBack, OnePerson, *LAPSED))}
    ),
    Kind(events.RequestApproved, {commands.Approve: _APPROVE}),
    Kind(events.RequestNarrowed, {commands.Approve: _APPROVE}),
    Kind(events.RequestSeconded, {commands.SecondApproval: Decider(step, (*STEP, OnePerson, *LAPSED))}),
    Kind(events.RequestRefused, {commands.Refuse: _REFUSE}),
    Kind(events.RequestAnnulled, {commands.Refuse: _REFUSE}),
    Kind(events.RequestObjected, {commands.Object: Decider(step, (*STEP, OnePerson, WordOfList, *REASON))}),
    Kind(events.RequestPassed, {commands.LetPass: Decider(step, (*STEP, OnePerson, *LAPSED))}),
    Kind(events.RequestSigned, {commands.SignDecision: Decider(step, (*STEP, OnePerson, SignatureUnfit))}),
    Kind(
        events.TellingPostponed,
        {commands.PostponeTelling: Decider(step, (*STEP, PostponedTooLong, OnePerson, *REASON))},
    ),
    Kind(events.TimeExtended, {commands.ExtendTime: Decider(step, (*STEP, PostponedTooLong, OnePerson, *REASON))}),
    Kind(events.RequestWithdrawn, {commands.WithdrawRequest: Decider(step, (*STEP, OnePerson, *REASON))}),
    Kind(events.RequestPreserved, {commands.Preserve: Decider(step, (*STEP, OnePerson, *LAPSED))}),
    Kind(events.RequestProduced, {commands.Produce: Decider(step, (*STEP, OnePerson))}),
    Kind(
        events.RequestAnswered,
        {
            commands.Answer: Decider(step, (*STEP, OnePerson, WordOfList, FieldsBeyond, *LAPSED, *SEALED)),
        },
    ),
    Kind(events.PersonTold, {commands.Tell: _TELL}),
    Kind(events.PersonToldByWord, {commands.Tell: _TELL}),
    Kind(events.NobodyTold, {commands.TellNobody: Decider(step, (*STEP, OnePerson))}),
    Kind(
        events.RequestComplained,
        {
            commands.Complain: Decider(
                complain, (RequestUnknown, NotInThisStep, ComplaintWordWrong, ComplainedAlready, *SEALED)
            )
        },
    ),
    Kind(events.TimePassed, {commands.PassTime: Decider(pass_time, (RequestUnknown, TimeNotOver))}),
)
