"""How often a body acts in requests in a day: each act reads all the facts of its request, and each fact is shown to anybody.

What answers a request or ends it, and what tells the person, is always open.
"""

from openroll.register.decision import Refused
from openroll.register.request import commands
from openroll.register.request.refusals import ActedTooOften

A_DAY = 50
"""Facts that one body adds to a request on one day, before it may do no more of what can be done again and again."""
LONG = 200
"""Facts of a request from which on it is long."""
A_DAY_WHEN_LONG = 2
FILED_A_DAY = 500
"""Requests that one seat files on one day."""
PRESERVED_A_DAY = 10
"""Requests to preserve among them: an operator says to one whether it holds the record, and waits for no reviewer."""
PRESERVED_BY_ALL = 50
"""Requests to preserve that all seats of an authority file on one day."""
RIGHTS_A_DAY = 10
"""Keys that one organisation publishes on one day, and uses that it registers."""

AGAIN = (
    commands.ReturnIncomplete,
    commands.CompleteRequest,
    commands.AskBack,
    commands.AnswerBack,
    commands.CallBack,
    commands.PostponeTelling,
    commands.ExtendTime,
    commands.SignDecision,
)
"""What can be done in a request again and again. All else ends a step, or is done once."""


def too_often(command: commands.Step, today: int, version: int, minutes: int) -> Refused | None:
    """Why an act is not taken today in a request of `version` facts to which its body has added `today` facts today.

    `minutes` is how long the day still is.
    """
    most = A_DAY_WHEN_LONG if version >= LONG else A_DAY
    return _over(most, today, minutes) if isinstance(command, AGAIN) else None


def too_many_filed(today: int, minutes: int) -> Refused | None:
    """Why a seat that has filed `today` requests today files no more, if so."""
    return _over(FILED_A_DAY, today, minutes)


def too_many_to_preserve(today: int, by_all: int, minutes: int) -> Refused | None:
    """Why a seat files no further request to preserve that filed `today` of them, and its authority `by_all`, if so."""
    return _over(PRESERVED_A_DAY, today, minutes) or _over(PRESERVED_BY_ALL, by_all, minutes)


def too_many_rights(today: int, minutes: int) -> Refused | None:
    """Why an organisation publishes no further key, or registers no further use, of which it has `today` of today."""
    return _over(RIGHTS_A_DAY, today, minutes)


def _over(most: int, today: int, minutes: int) -> Refused | None:
    return Refused(ActedTooOften(most=most, wait=minutes)) if today >= most else None
