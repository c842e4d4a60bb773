"""Organisations and the people in them. Pure, as every decision is; what needs two of them is in `seats`.

Events name a person as a seat (`registrar/2`): a number within the organisation. Who sits there is the organisation's to know.
"""

from collections.abc import Mapping
from datetime import date, timedelta

import msgspec

from openroll.register.commands import AdmitOrganisation, Join, Leave, Propose
from openroll.register.decision import Accepted, Decision, Refused
from openroll.register.events import (
    OrganisationAdmitted,
    PersonJoined,
    PersonLeft,
    RuleProposed,
)
from openroll.register.refusals import (
    LastLead,
    NameShape,
    OperatorAdmittedAlready,
    Refusal,
    RoleUnknown,
    RuleUnsafe,
    StartsTooSoon,
)
from openroll.register.roll import NAME, RuleStanding

REGISTRAR = "registrar"
ROLES: Mapping[str, tuple[str, ...]] = {
    "registrar": ("registrar", "registrar-lead"),
    "operator": ("clerk", "operator-lead"),
    "authority": ("officer", "officer-lead"),
    "reviewer": ("reviewer", "reviewer-lead"),
}
"""The roles of each kind of organisation: who does its work, and who also lets people in and out."""


def lead_of(kind: str) -> str:
    """The role of a kind of organisation that lets people in and out."""
    return ROLES[kind][-1]


class Seat(msgspec.Struct, frozen=True):
    """Who acts: an organisation and a number within it. 0 is whoever keeps the machine the roll runs on."""

    organisation: str
    number: int

    def __str__(self) -> str:
        return f"{self.organisation}/{self.number}"


KEEPER = Seat(REGISTRAR, 0)
"""The command line, before there is anyone else."""


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
        title_zh=command.title_zh,
        title_en=command.title_en,
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


def propose(command: Propose, standing: RuleStanding, today: date, by: Seat, rule: str) -> Decision:
    """Propose a rule: it keeps its safeguards, and starts tomorrow at the earliest."""
    refusal = _unsafe(standing) or too_soon(command.starts, today)
    if refusal is not None:
        return Refused(refusal, rule)
    proposed = RuleProposed(
        proposed=standing.rule, starts=command.starts, safeguards=standing.passed, by=str(by), rule=rule
    )
    return Accepted((proposed,))


def _unsafe(standing: RuleStanding) -> Refusal | None:
    if not standing.obstacles:
        return None
    return RuleUnsafe(rule=standing.rule, obstacles=standing.obstacles, would_pass=standing.would_pass)


def too_soon(starts: date, today: date) -> Refusal | None:
    """Why a rule may not start on this day, if so."""
    earliest = today + timedelta(days=1)
    return None if starts >= earliest else StartsTooSoon(earliest=earliest)
