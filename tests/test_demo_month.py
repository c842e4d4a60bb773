"""The month of requests that a demonstration begins with: in every state, by real acts, each at its own time."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from openroll.api import requests as api
from openroll.compose.demo_filing import file_lists
from openroll.compose.demo_month import (
    BEFORE,
    STATES,
    STORIES,
    TOLD_OF_ONE,
    SetClock,
    asked_about,
    bodies_of,
    live,
    states_in,
)
from openroll.disclosure.envelope import published_of
from openroll.disclosure.notice import bucket_of, own_notices
from openroll.places import demonstration
from openroll.register.organisation.commands import AdmitOperator
from openroll.register.request.compared import PublicRequest, PublicUse, compare
from openroll.register.request.content import Notice, notice_context, read_content
from openroll.service.filing.rebuild import rebuild
from openroll.service.governance.open_roll import admit_operator
from openroll.service.log.sequencer import Sequencer
from openroll.service.requests import notices, shown
from openroll.service.roll import Roll
from tests.service.requests.followed import not_following


def contradicted(roll: Roll, told: Notice) -> dict[str, Any]:
    """What the lists that the API gives everybody say otherwise than a notice."""
    requests = msgspec.convert(
        msgspec.to_builtins([api.listed(one) for one in shown.public(roll)]), list[PublicRequest]
    )
    uses = msgspec.convert(msgspec.to_builtins(api._uses(roll, "", True)), list[PublicUse])
    (request,) = (one for one in requests if one.number == told.request)
    (use,) = (one for one in uses if one.number == request.use)
    return compare(told, request, use).otherwise


def test_a_demonstration_has_requests_in_every_state(roll: Roll, tmp_path: Path) -> None:
    """Every state of the list was there, each story ends where its name says, and one person opens what they were told,
    of which the public log contradicts nothing."""
    made_up = demonstration("cn-cq-2006")
    clock = SetClock(roll.clock())
    roll.clock, until = clock, clock.now + BEFORE
    for one in made_up.operators:
        admit_operator(roll, AdmitOperator(operator=one.operator, title=one.title, kind=one.kind))
    file_lists(roll, made_up, tmp_path, early=True)
    Sequencer(roll).run_until_empty()
    live(bodies_of(roll, made_up, tmp_path), clock, until)
    assert until - timedelta(days=1) < clock.now < until
    assert set(STATES) - states_in(roll) == set()
    public = shown.public(roll)
    assert len(public) == len(STORIES)
    assert {one.status for one in public} >= {
        *("under-review", "incomplete", "asked-back", "with-operator", "operator-late", "to-confirm", "preserved", "kept"),
        *("to-tell", "tell-late", "telling-delayed", "told", "closed"),
    }  # fmt: skip
    assert {one.request.outcome for one in public} >= {
        "no-decision",
        "abandoned",
        "unconfirmed",
        "produced",
        "annulled",
    }
    secret = asked_about(made_up, tmp_path)
    buckets = {bucket_of(secret, one.number) for one in public}
    parts = [notices.heap_with_senders(roll, bucket) for bucket in buckets]
    heaps = [one for told, _ in parts for one in told]
    signers = [published_of(line).verifying for _, lines in parts for line in lines]
    own = own_notices(((notice_context(roll.origin, one.request), one.data) for one in heaps), secret, signers)
    told = [read_content(one.content or b"", Notice) for one in own]
    assert [one.authority for one in told] == [made_up.requests.authority.organisation] * TOLD_OF_ONE
    assert [contradicted(roll, one) for one in told] == [{}] * TOLD_OF_ONE
    assert rebuild(roll, replace=False).differences == ()
    Sequencer(roll).run_until_empty()
    assert not_following(roll) == []
