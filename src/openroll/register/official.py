"""Under what an official act is decided, and by whom: what the deciders of every record but the subscription share."""

from datetime import date, datetime

import msgspec

from openroll.register.decision import Refused
from openroll.register.organisation.refusals import SeatGone, SeatWaiting
from openroll.register.organisation.seats import Member, may_act
from openroll.register.refusal import Refusals


class Under(msgspec.Struct, frozen=True):
    """Under what an official act is decided: how events name the rule of the day, the roll's civil day, and the instant."""

    rule: str
    today: date
    now: datetime


NOT_ACTING: Refusals = (SeatGone, SeatWaiting)
"""What `not_acting` may answer: a part of what every decider of an official act may."""


def not_acting(by: Member, under: Under) -> Refused | None:
    """Why a seat may do nothing official, if so. Every decider of an official act asks this first."""
    refusal = may_act(by)
    return None if refusal is None else Refused(refusal, under.rule)
