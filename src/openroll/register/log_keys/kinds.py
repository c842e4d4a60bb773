"""What can happen to the keys of the log: a line a kind."""

from openroll.register.kind import Kind
from openroll.register.log_keys import commands, events
from openroll.register.log_keys.decide import decide

KINDS = (
    Kind(events.LogKeysChanged, {commands.BeginKeys: decide, commands.FinishKeys: decide}),
    Kind(events.LogKeysRevoked, {commands.RevokeKeys: decide}),
)
