"""What can happen to a subscription: a line a kind."""

from openroll.register.kind import Kind
from openroll.register.subscription import commands, events
from openroll.register.subscription.decide import decide
from openroll.register.subscription.look_up import look_up

KINDS = (
    Kind(events.SubscriptionFiled, {commands.File: decide}),
    Kind(events.SubscriptionChanged, {commands.Change: decide}),
    Kind(events.SubscriptionEnded, {commands.End: decide}),
    Kind(events.SubscriptionNotified, {commands.Notify: decide}),
    Kind(events.SubscriptionWithdrawn, {commands.Withdraw: decide}),
    Kind(events.SubscriptionCorrected, {commands.Correct: decide}),
    Kind(events.SubscriptionHeld, {commands.Hold: decide}),
    Kind(events.ReleaseAsked, {commands.AskRelease: decide}),
    Kind(events.ReleaseSeconded, {commands.SecondRelease: decide}),
    Kind(events.ReleaseRefused, {commands.RefuseRelease: decide}),
    Kind(events.SubscriptionReleased, {commands.Release: decide}),
    Kind(events.SubscriptionRehandled, {commands.Rehandle: decide}),
    Kind(events.SubscriptionConfirmed, {commands.Confirm: decide}),
    Kind(events.SubscriptionDisowned, {commands.Disown: decide}),
    Kind(events.SubscriptionLapsed, {commands.Lapse: decide}),
    Kind(events.SubscriptionErased, {commands.Erase: decide}),
    Kind(events.RecordSeen, {commands.LookUp: look_up}),
)
