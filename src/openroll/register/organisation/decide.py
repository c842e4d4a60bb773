"""Organisations and the people in them. Pure, as every decision is; what needs two of them is in `seats`, tokens in `tokens`.

Events name a person as a seat (`registrar/2`): a number within the organisation. Who sits there is the organisation's to know.
"""

from openroll.register.decision import Accepted, Decision, Refused
from openroll.register.official import Under, not_acting
from openroll.register.organisation.commands import (
    AdmitOperator,
    AdmitOrganisation,
    ConfirmSeat,
    CreateSeat,
    GiveCodes,
    Invite,
    Join,
    Leave,
    SetProvider,
    WithdrawInvitation,
)
from openroll.register.organisation.events import (
    CodesGiven,
    OperatorAdmitted,
    OrganisationAdmitted,
    PersonInvited,
    PersonJoined,
    PersonLeft,
    ProviderSet,
)
from openroll.register.organisation.refusals import (
    InvitationUnknown,
    LastLead,
    NameShape,
    NotAllowed,
    OperatorAdmittedAlready,
    OperatorUnknown,
    RoleUnknown,
    TokenUnknown,
    TooManyInvitations,
)
from openroll.register.organisation.roles import KEEPER, REGISTRAR, ROLES, Seat, lead_of
from openroll.register.organisation.seats import Confirming, Member, confirm
from openroll.register.organisation.state import Inviting, Seated, Seating
from openroll.register.refusal import Refusal
from openroll.register.refusals import ReasonMissing
from openroll.register.roll.decide import NAME
from openroll.register.titles import wrong_title

MOST_LABEL = 60
"""Characters of what colleagues call a seat or a token."""
MOST_INVITED = 50
"""People whom one seat may invite within a day."""


def admit_operator(command: AdmitOperator, taken: frozenset[str], by: Member, under: Under) -> Decision:
    """Admit an operator. `taken` are the names in use by organisations of any kind, also by operators that ended."""
    if (refused := not_acting(by, under)) is not None:
        return refused
    if by.seat.organisation != REGISTRAR:
        return Refused(NotAllowed(role=by.role, act="admitoperator"), under.rule)
    if (wrong := _name_refusal(command.operator, taken) or wrong_title(command.title)) is not None:
        return Refused(wrong, under.rule)
    admitted = OperatorAdmitted(
        operator=command.operator,
        title=command.title,
        kind=command.kind,
        by=str(by.seat),
        rule=under.rule,
    )
    return Accepted((admitted,))


def admit(command: AdmitOrganisation, taken: frozenset[str], by: Member, under: Under) -> Decision:
    """Admit an authority or a reviewer. `taken` is as for an operator."""
    if (refused := not_acting(by, under)) is not None:
        return refused
    if by.seat.organisation != REGISTRAR:
        return Refused(NotAllowed(role=by.role, act="admitorganisation"), under.rule)
    if (wrong := _name_refusal(command.organisation, taken)) is not None:
        return Refused(wrong, under.rule)
    if command.kind not in ("authority", "reviewer"):
        return Refused(RoleUnknown(role=command.kind), under.rule)
    if (wrong := wrong_title(command.title)) is not None:
        return Refused(wrong, under.rule)
    admitted = OrganisationAdmitted(
        organisation=command.organisation,
        kind=command.kind,
        title=command.title,
        by=str(by.seat),
        rule=under.rule,
    )
    return Accepted((admitted,))


def _name_refusal(name: str, taken: frozenset[str]) -> Refusal | None:
    """Why no organisation may bear a name. All kinds have one space of names: seats, tokens and invitations go by it alone."""
    if not NAME.fullmatch(name):
        return NameShape(value=name)
    return OperatorAdmittedAlready(operator=name) if name in taken | {REGISTRAR} else None


def invite(command: Invite, state: Inviting, by: Member, under: Under) -> Decision:
    """Invite somebody to a seat: a lead in force of the organisation or of the registrar, or whoever keeps the machine."""
    if (refused := not_acting(by, under)) is not None:
        return refused
    refusal = _may_not_invite(command.organisation, by) or _invite_refusal(command, state, by)
    if refusal is not None:
        return Refused(refusal, under.rule)
    # At the word of its own program the organisation itself invites: number 0 of it, as the keeper is of the registrar.
    inviter = Seat(command.organisation, 0) if state.own_word else by.seat
    return _invited(command.organisation, command.role, inviter, under, withdrawn=False)


def _may_not_invite(organisation: str, by: Member) -> Refusal | None:
    if by.lead and by.seat.organisation in (organisation, REGISTRAR):
        return None
    return NotAllowed(role=by.role, act="invite")


def _invite_refusal(command: Invite, state: Inviting, by: Member) -> Refusal | None:
    # Each invitation may be a mail to anybody, so there are so many a day. The keeper is free.
    if by.seat != KEEPER and state.invited >= MOST_INVITED:
        return TooManyInvitations(most=MOST_INVITED)
    if state.kind is None:
        return OperatorUnknown(operator=command.organisation)
    if command.role not in ROLES[state.kind]:
        return RoleUnknown(role=command.role)
    if command.token and (by.seat != KEEPER or not state.own_word):
        return TokenUnknown()
    return None if 0 < len(command.label.strip()) <= MOST_LABEL else ReasonMissing()


def withdraw_invitation(command: WithdrawInvitation, role: str | None, by: Member, under: Under) -> Decision:
    """Take an invitation back. `role` is what it invites to, None where it is not good any more."""
    if (refused := not_acting(by, under)) is not None:
        return refused
    refusal = _may_not_invite(command.organisation, by)
    if refusal is not None:
        return Refused(refusal, under.rule)
    if role is None:
        return Refused(InvitationUnknown(), under.rule)
    return _invited(command.organisation, role, by.seat, under, withdrawn=True)


def _invited(organisation: str, role: str, by: Seat, under: Under, *, withdrawn: bool) -> Decision:
    of = {"organisation": organisation, "role": role, "by": str(by), "rule": under.rule}
    return Accepted((PersonInvited(withdrawn=withdrawn, **of),))


def set_provider(command: SetProvider, kind: str | None, by: Member, under: Under) -> Decision:
    """Set an organisation's provider. `kind` is the organisation's, None where there is none."""
    if (refused := not_acting(by, under)) is not None:
        return refused
    if kind is None:
        return Refused(OperatorUnknown(operator=command.organisation), under.rule)
    # Who says by which provider an organisation's people sign in says who they are: itself, or who keeps the machine for it.
    if by.seat != KEEPER and not (by.lead and by.seat.organisation == command.organisation):
        return Refused(NotAllowed(role=by.role, act="setprovider"), under.rule)
    fact = ProviderSet(organisation=command.organisation, issuer=command.issuer, by=str(by.seat), rule=under.rule)
    return Accepted((fact,))


def give_codes(command: GiveCodes, kind: str | None, by: Member, under: Under) -> Decision:
    """Give an operator's filing codes out: to a seat of its own that was confirmed, or to whoever keeps the machine."""
    if (refused := not_acting(by, under)) is not None:
        return refused
    if kind != "operator":
        return Refused(OperatorUnknown(operator=command.organisation), under.rule)
    if by.seat != KEEPER and by.seat.organisation != command.organisation:
        return Refused(NotAllowed(role=by.role, act="givecodes"), under.rule)
    return Accepted((CodesGiven(organisation=command.organisation, by=str(by.seat), rule=under.rule),))


def join(command: Join | CreateSeat, state: Seating, _: Member, under: Under) -> Decision:
    """Take the next free seat of an organisation; whoever joins acts for themselves.

    Where there never was a lead in force, and nothing is there yet that could be another's, the first one is `founding`: nobody
    is there to confirm it. In an organisation that has begun already somebody is, or it is announced (`seats.confirm`).
    """
    if state.role is None:
        return Refused(InvitationUnknown(), under.rule)
    if state.kind is None:
        return Refused(OperatorUnknown(operator=state.organisation), under.rule)
    if state.role not in ROLES[state.kind]:
        return Refused(RoleUnknown(role=state.role), under.rule)
    seat = str(Seat(state.organisation, state.fresh))
    first = state.role == lead_of(state.kind) and not state.had_lead and not state.under_way
    founding = isinstance(command, CreateSeat) or first
    joined = PersonJoined(
        organisation=state.organisation,
        seat=seat,
        role=state.role,
        by=seat,
        rule=under.rule,
        invited_by=state.invited_by,
        founding=founding,
    )
    return Accepted((joined,))


def leave(command: Leave, state: Seated, by: Member, under: Under) -> Decision:
    """Give up a seat, or take one of one's own organisation away. The last seat in force whose person lets others in stays."""
    seat = Seat(command.organisation, command.seat)
    # A seat that waits may be given up by who sits in it; taking another's away is an act.
    if by.seat != seat and (refused := not_acting(by, under)) is not None:
        return refused
    if by.seat != seat and not (by.lead and by.seat.organisation == command.organisation):
        return Refused(NotAllowed(role=by.role, act="leave"), under.rule)
    if not state.sits:
        return Refused(OperatorUnknown(operator=str(seat)), under.rule)
    if state.leads == {command.seat}:
        return Refused(LastLead(), under.rule)
    return Accepted((PersonLeft(organisation=command.organisation, seat=str(seat), by=str(by.seat), rule=under.rule),))


def confirm_seat(_: ConfirmSeat, state: Confirming, by: Member, under: Under) -> Decision:
    """Give one's word for a new seat, or notice of it."""
    return confirm(state, by, under.rule, under.today)
