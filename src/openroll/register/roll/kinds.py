"""What can happen to the roll itself: a line a kind."""

from openroll.register.kind import Kind
from openroll.register.roll import commands, events
from openroll.register.roll.decide import (
    begin_log,
    deposit_escrow,
    open_roll,
    publish_figures,
    restore_log,
    settle_work,
)
from openroll.register.roll.rule_versions import drop, propose, publish

KINDS = (
    Kind(events.RollOpened1),
    Kind(events.RollOpened, {commands.OpenRoll: open_roll}),
    Kind(events.RuleProposed, {commands.Propose: propose}),
    Kind(events.RulePublished, {commands.Publish: publish}),
    Kind(events.RuleDropped, {commands.Drop: drop}),
    Kind(events.FiguresPublished, {commands.PublishFigures: publish_figures}),
    Kind(events.WorkSettled, {commands.SettleWork: settle_work}),
    Kind(events.EscrowDeposited, {commands.DepositEscrow: deposit_escrow}),
    Kind(events.LogRestored, {commands.RestoreLog: restore_log}),
    Kind(events.LogBegun, {commands.BeginLog: begin_log}),
)
