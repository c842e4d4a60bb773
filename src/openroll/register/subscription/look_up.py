"""The registrar looks one record up: an official act, so that nobody is looked at unseen."""

from openroll.register.decision import Accepted, Decision, Refused
from openroll.register.official import Under, not_acting
from openroll.register.organisation.refusals import NotAllowed
from openroll.register.organisation.roles import REGISTRAR
from openroll.register.organisation.seats import Member
from openroll.register.subscription.commands import LookUp
from openroll.register.subscription.events import RecordSeen
from openroll.register.subscription.refusals import SubscriptionUnknown


def look_up(_: LookUp, there: bool, by: Member, under: Under) -> Decision:
    """Look a record up. `there` says whether there is one that was not erased."""
    if by.seat.organisation != REGISTRAR:
        return Refused(NotAllowed(role=by.role, act="lookup"), under.rule)
    if (refused := not_acting(by, under)) is not None:
        return refused
    if not there:
        return Refused(SubscriptionUnknown(sought=""), under.rule)
    return Accepted((RecordSeen(by=str(by.seat), rule=under.rule),))
