"""What can happen to the roll itself: a line a kind."""

from openroll.register.kind import Kind
from openroll.register.roll import commands, events
from openroll.register.roll.decide import begin_log, deposit_escrow, open_roll, publish_figures, restore_log
from openroll.register.roll.rule_versions import drop, propose, publish

KINDS = (
    Kind(events.RollOpened1),
    Kind(events.RollOpened2),
    Kind(events.RollOpened, {commands.OpenRoll: open_roll}),
    Kind(events.RuleProposed1),
    Kind(events.RulePublished1),
    Kind(events.RuleProposed, {commands.Propose: propose}),
    Kind(events.RulePublished, {commands.Publish: publish}),
    Kind(events.RuleDropped, {commands.Drop: drop}),
    Kind(events.FiguresPublished, {commands.PublishFigures: publish_figures}),
    Kind(events.EscrowDeposited, {commands.DepositEscrow: deposit_escrow}),
    Kind(events.LogRestored, {commands.RestoreLog: restore_log}),
    Kind(events.LogBegun, {commands.BeginLog: begin_log}),
)
