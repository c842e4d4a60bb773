"""What a roll knows of the days that duties count: which duties it can answer for, and a record as the rule asks about it.

A roll keeps when a subscription was connected, filed, changed and ended. A duty that is counted from another event (a loss, a
notice), or is another act than these, or hangs on a number that no filing tells, is not answered for: it would seem overdue for
want of a day that was never asked for.
"""

from collections.abc import Sequence
from datetime import date

from openroll.register.subscription.decide import Subscription
from openroll.rules import Duty, DutyState, Subject, duties
from openroll.service.governance.stood import as_known, earlier_versions
from openroll.service.roll import RuleVersion, version_on

_EVENTS = frozenset({"connection", "activation", "change", "end", "in-force"})
_ACTS = frozenset({"file", "report-change", "report-end"})


def is_kept(duty: Duty) -> bool:
    """Whether a roll keeps every day and number that a duty needs."""
    hangs_on_more = duty.threshold or duty.most or duty.services or duty.recurs
    return duty.counts_from in _EVENTS and duty.act in _ACTS and not hangs_on_more


def subject_of(state: Subscription) -> Subject:
    """A record as the rule asks about it. It is active from the day it is connected; a change or end is told by its filing."""
    return Subject(
        kind=state.kind,
        connected=state.connected,
        activated=state.connected,
        filed=state.filed,
        changed=state.changed,
        change_reported=state.changed,
        ended=state.ended,
        end_reported=state.ended,
    )


def duties_of(state: Subscription, versions: Sequence[RuleVersion], day: date) -> tuple[DutyState, ...]:
    """The duties of a record on a day that its roll can answer for, its operator's about it among them.

    `versions` are the roll's; the one of the day asks, and none makes late what was in time by the one that stood before it.
    Working days are counted as its jurisdiction has them.
    """
    version = version_on(versions, day)
    rule, subject = version.rule, subject_of(state)
    kept = {duty.id for duty in rule.duties if is_kept(duty)}
    now = duties(subject, rule, day, version.place.working_days)
    held = as_known(now, rule, subject, earlier_versions(versions, day), day)
    return tuple(one for one in held if one.duty in kept)
