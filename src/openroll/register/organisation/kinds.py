"""What can happen to an organisation, its seats, its tokens and its provider.

A line a command, with what may be answered instead.
"""

from openroll.register.kind import Decider, Kind
from openroll.register.official import NOT_ACTING
from openroll.register.organisation import commands, events
from openroll.register.organisation.decide import (
    admit,
    admit_operator,
    confirm_seat,
    give_codes,
    invite,
    join,
    leave,
    set_provider,
    withdraw_invitation,
)
from openroll.register.organisation.lives import leave_roll, offer_succession, succeed, withdraw_succession
from openroll.register.organisation.refusals import (
    DaysOutOfRange,
    HandlesMeet,
    HeirSilent,
    InvitationUnknown,
    LastLead,
    NameShape,
    NotAllowed,
    NoticeRuns,
    OneLine,
    OperatorAdmittedAlready,
    OperatorLives,
    OperatorUnknown,
    OrganisationLives,
    RoleUnknown,
    SeatConfirmedAlready,
    SecondEyesNeeded,
    StillAnswers,
    StillHosts,
    StillOwes,
    SuccessionNotOffered,
    SuccessionOfferedAlready,
    TokenOfASeat,
    TokenReplacedAlready,
    TokenUnknown,
    TokenWithoutSeat,
    TooManyInvitations,
)
from openroll.register.organisation.tokens import end_token, issue_token, replace_token
from openroll.register.refusal import Refusals
from openroll.register.refusals import ReasonMissing, TextNamesSomebody, TextUnfit
from openroll.register.roll.refusals import LanguagesWrong

ADMITTING: Refusals = (*NOT_ACTING, NotAllowed, NameShape, OperatorAdmittedAlready, LanguagesWrong)
ENDING: Refusals = (*NOT_ACTING, NotAllowed, ReasonMissing, TextNamesSomebody, TextUnfit)
CARRYING_OUT: Refusals = (
    NoticeRuns,
    OperatorLives,
    HeirSilent,
    SecondEyesNeeded,
    OneLine,
    HandlesMeet,
    SuccessionOfferedAlready,
)
SUCCEEDING: Refusals = (*NOT_ACTING, NotAllowed, OperatorUnknown, SuccessionNotOffered, *CARRYING_OUT)
CONFIRMING: Refusals = (
    *NOT_ACTING,
    NotAllowed,
    SeatConfirmedAlready,
    SecondEyesNeeded,
    OneLine,
    NoticeRuns,
    OrganisationLives,
)
JOINING: Refusals = (InvitationUnknown, OperatorUnknown, RoleUnknown)

KINDS = (
    Kind(events.OperatorAdmitted, {commands.AdmitOperator: Decider(admit_operator, ADMITTING)}),
    Kind(events.OperatorAdmitted1),
    Kind(
        events.SuccessionOffered,
        {
            commands.OfferSuccession: Decider(
                offer_succession, (*NOT_ACTING, NotAllowed, OperatorUnknown, SuccessionOfferedAlready)
            )
        },
    ),
    Kind(events.SuccessionAccepted, {commands.Succeed: Decider(succeed, SUCCEEDING)}),
    Kind(
        events.SuccessionWithdrawn,
        {commands.WithdrawSuccession: Decider(withdraw_succession, (*ENDING, SuccessionNotOffered))},
    ),
    Kind(
        events.OperatorSucceeded,
        {commands.Succeed: Decider(succeed, SUCCEEDING)},
    ),
    Kind(
        events.OperatorLeft,
        {commands.LeaveRoll: Decider(leave_roll, (*ENDING, OperatorUnknown, StillAnswers, StillHosts, StillOwes))},
    ),
    Kind(events.OrganisationAdmitted1),
    Kind(events.OrganisationAdmitted, {commands.AdmitOrganisation: Decider(admit, (*ADMITTING, RoleUnknown))}),
    Kind(
        events.PersonInvited,
        {
            commands.Invite: Decider(
                invite,
                (
                    *NOT_ACTING,
                    NotAllowed,
                    TooManyInvitations,
                    OperatorUnknown,
                    RoleUnknown,
                    ReasonMissing,
                    TokenUnknown,
                ),
            ),
            commands.WithdrawInvitation: Decider(withdraw_invitation, (*NOT_ACTING, NotAllowed, InvitationUnknown)),
        },
    ),
    Kind(events.ProviderSet, {commands.SetProvider: Decider(set_provider, (*NOT_ACTING, NotAllowed, OperatorUnknown))}),
    Kind(events.PersonJoined, {commands.Join: Decider(join, JOINING), commands.CreateSeat: Decider(join, JOINING)}),
    Kind(events.SeatAnnounced, {commands.ConfirmSeat: Decider(confirm_seat, CONFIRMING)}),
    Kind(events.SeatConfirmed, {commands.ConfirmSeat: Decider(confirm_seat, CONFIRMING)}),
    Kind(events.PersonLeft, {commands.Leave: Decider(leave, (*NOT_ACTING, NotAllowed, OperatorUnknown, LastLead))}),
    Kind(events.CodesGiven, {commands.GiveCodes: Decider(give_codes, (*NOT_ACTING, OperatorUnknown, NotAllowed))}),
    Kind(
        events.TokenIssued,
        {
            commands.IssueToken: Decider(
                issue_token,
                (*NOT_ACTING, NotAllowed, ReasonMissing, DaysOutOfRange, OperatorUnknown, TokenWithoutSeat),
            )
        },
    ),
    Kind(
        events.TokenReplaced,
        {
            commands.ReplaceToken: Decider(
                replace_token,
                (*NOT_ACTING, NotAllowed, DaysOutOfRange, TokenUnknown, TokenOfASeat, TokenReplacedAlready),
            )
        },
    ),
    Kind(
        events.TokenEnded,
        {
            commands.EndToken: Decider(
                end_token, (*NOT_ACTING, NotAllowed, ReasonMissing, TextNamesSomebody, TextUnfit, TokenUnknown)
            )
        },
    ),
)
