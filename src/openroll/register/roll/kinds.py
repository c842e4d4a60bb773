"""What can happen to the roll itself: a line a command, with what may be answered instead."""

from openroll.register.kind import Decider, Kind
from openroll.register.official import NOT_ACTING
from openroll.register.organisation.refusals import NameShape, NotAllowed, OneLine, SecondEyesNeeded
from openroll.register.refusal import Refusals
from openroll.register.refusals import ReasonMissing, TextNamesSomebody, TextUnfit
from openroll.register.roll import commands, events
from openroll.register.roll.decide import (
    begin_log,
    deposit_escrow,
    open_roll,
    publish_figures,
    restore_log,
    settle_work,
)
from openroll.register.roll.refusals import (
    FiguresPublishedAlready,
    LanguagesWrong,
    PlaceUnsafe,
    ProposalUnknown,
    RollOpenAlready,
    RuleReadAlready,
    RuleUnread,
    RuleUnsafe,
    RuleWordsChanged,
    StaleProposal,
    StartsTooSoon,
    TakesBack,
    ZoneElsewhere,
)
from openroll.register.roll.rule_readings import read_rule
from openroll.register.roll.rule_versions import drop, propose, publish
from openroll.register.subscription.refusals import NothingAsked

REGISTRAR_ALONE: Refusals = (*NOT_ACTING, NotAllowed)

KINDS = (
    Kind(events.RollOpened1),
    Kind(events.RollOpened2),
    Kind(
        events.RollOpened,
        {
            commands.OpenRoll: Decider(
                open_roll,
                (NotAllowed, RuleUnsafe, PlaceUnsafe, RollOpenAlready, ZoneElsewhere, NameShape, LanguagesWrong),
            )
        },
    ),
    Kind(events.RuleProposed1),
    Kind(events.RulePublished1),
    Kind(
        events.RuleProposed,
        {
            commands.Propose: Decider(
                propose,
                (
                    *REGISTRAR_ALONE,
                    NothingAsked,
                    StaleProposal,
                    TakesBack,
                    RuleUnsafe,
                    PlaceUnsafe,
                    ZoneElsewhere,
                    StartsTooSoon,
                ),
            )
        },
    ),
    Kind(
        events.RulePublished,
        {
            commands.Publish: Decider(
                publish,
                (
                    *REGISTRAR_ALONE,
                    ProposalUnknown,
                    StaleProposal,
                    RuleUnsafe,
                    PlaceUnsafe,
                    SecondEyesNeeded,
                    OneLine,
                    StartsTooSoon,
                    RuleUnread,
                ),
            )
        },
    ),
    Kind(
        events.RuleRead,
        {
            commands.ReadRule: Decider(
                read_rule, (*NOT_ACTING, NotAllowed, ProposalUnknown, RuleReadAlready, RuleWordsChanged)
            )
        },
    ),
    Kind(events.RuleDropped, {commands.Drop: Decider(drop, (*REGISTRAR_ALONE, ProposalUnknown))}),
    Kind(
        events.FiguresPublished,
        {commands.PublishFigures: Decider(publish_figures, (*REGISTRAR_ALONE, FiguresPublishedAlready))},
    ),
    Kind(
        events.WorkSettled,
        {
            commands.SettleWork: Decider(
                settle_work, (*REGISTRAR_ALONE, ReasonMissing, TextNamesSomebody, TextUnfit, ProposalUnknown)
            )
        },
    ),
    Kind(events.EscrowDeposited, {commands.DepositEscrow: Decider(deposit_escrow, REGISTRAR_ALONE)}),
    Kind(events.LogRestored, {commands.RestoreLog: Decider(restore_log, REGISTRAR_ALONE)}),
    Kind(
        events.LogBegun, {commands.BeginLog: Decider(begin_log, (*REGISTRAR_ALONE, ReasonMissing, TextNamesSomebody))}
    ),
)
