"""What can happen to an organisation, its seats, its tokens and its provider: a line a kind."""

from openroll.register.kind import Kind
from openroll.register.organisation import commands, events
from openroll.register.organisation.decide import (
    admit,
    admit_operator,
    confirm_seat,
    invite,
    join,
    leave,
    set_provider,
    withdraw_invitation,
)
from openroll.register.organisation.tokens import end_token, issue_token, replace_token

KINDS = (
    Kind(events.OperatorAdmitted, {commands.AdmitOperator: admit_operator}),
    Kind(events.OperatorAdmitted1),
    Kind(events.OrganisationAdmitted1),
    Kind(events.OrganisationAdmitted, {commands.AdmitOrganisation: admit}),
    Kind(events.PersonInvited, {commands.Invite: invite, commands.WithdrawInvitation: withdraw_invitation}),
    Kind(events.ProviderSet, {commands.SetProvider: set_provider}),
    Kind(events.PersonJoined, {commands.Join: join, commands.CreateSeat: join}),
    Kind(events.SeatConfirmed, {commands.ConfirmSeat: confirm_seat}),
    Kind(events.PersonLeft, {commands.Leave: leave}),
    Kind(events.TokenIssued, {commands.IssueToken: issue_token}),
    Kind(events.TokenReplaced, {commands.ReplaceToken: replace_token}),
    Kind(events.TokenEnded, {commands.EndToken: end_token}),
)
