"""Organisations and the people in them. Pure, as every decision is; what needs two of them is in `seats`.

Events name a person as a seat (`registrar/2`): a number within the organisation. Who sits there is the organisation's to know.
"""

from openroll.register.decision import Accepted, Decision, Refused
from openroll.register.organisation.commands import AdmitOrganisation, Join, Leave
from openroll.register.organisation.events import OrganisationAdmitted, PersonJoined, PersonLeft
from openroll.register.organisation.refusals import LastLead, NameShape, OperatorAdmittedAlready, RoleUnknown
from openroll.register.organisation.roles import REGISTRAR, ROLES, Seat
from openroll.register.roll.decide import NAME


def admit(command: AdmitOrganisation, taken: frozenset[str], by: Seat, rule: str) -> Decision:
    """Admit an authority or a reviewer. `taken` are the names in use, operators' among them."""
    if not NAME.fullmatch(command.organisation):
        return Refused(NameShape(value=command.organisation), rule)
    if command.organisation in taken | {REGISTRAR}:
        return Refused(OperatorAdmittedAlready(operator=command.organisation), rule)
    if command.kind not in ("authority", "reviewer"):
        return Refused(RoleUnknown(role=command.kind), rule)
    admitted = OrganisationAdmitted(
        organisation=command.organisation,
        kind=command.kind,
        title=command.title,
        by=str(by),
        rule=rule,
    )
    return Accepted((admitted,))


def join(command: Join, seat: int, by: Seat, rule: str) -> Decision:
    """Take the next free seat of an organisation."""
    if command.role not in ROLES.get(command.kind, ()):
        return Refused(RoleUnknown(role=command.role), rule)
    name = str(Seat(command.organisation, seat))
    joined = PersonJoined(
        organisation=command.organisation,
        seat=name,
        role=command.role,
        by=str(by),
        rule=rule,
        invited_by=command.invited_by,
        founding=command.founding,
    )
    return Accepted((joined,))


def leave(command: Leave, leads: frozenset[int], by: Seat, rule: str) -> Decision:
    """Give up a seat. `leads` are the seats in force whose people may let others in: the last of them stays."""
    if leads == {command.seat}:
        return Refused(LastLead(), rule)
    seat = Seat(command.organisation, command.seat)
    return Accepted((PersonLeft(organisation=command.organisation, seat=str(seat), by=str(by), rule=rule),))
