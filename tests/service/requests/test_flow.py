"""A request from its filing to the telling, on a real database: who sees what when, and what the log says of it."""

from openroll.register.request import commands
from openroll.service.filing.rebuild import rebuild
from openroll.service.requests import notices, shown
from openroll.service.roll import Roll
from tests.register.asked import COMPLAINT, FIELDS, held, notice, sealed
from tests.service.requests.bodies import bodies


def test_a_request_is_asked_reviewed_answered_and_told(roll: Roll) -> None:
    """Each body does its part, and has the envelopes when it is its turn; the public sees every step."""
    made = bodies(roll)
    number = made.file()
    assert made.read(number, "clerk") == "not-in-this-step"
    assert made.read(number, "west clerk") == "request-unknown"
    assert made.read(number, "reviewer") == [b"who is a-1?"]
    made.does(commands.Approve(request=number, fields=FIELDS[:1]), "reviewer")
    assert made.read(number, "clerk") == [b"who is a-1?"]
    answer = sealed(b"it is Li", ("police",), "east")
    made.does(commands.Answer(request=number, outcome="given", fields=FIELDS[:1], envelope=answer), "clerk")
    assert made.read(number, "officer") == [b"who is a-1?", b"it is Li"]
    assert made.read(number, "second reviewer") == [b"who is a-1?"]
    made.does(commands.Tell(request=number, notice=notice(), bucket=7, complaint=COMPLAINT), "clerk")
    assert notices.bucket(roll, 7) == [notice()]
    assert [one[:2] for one in notices.heap(roll, 7)] == [(number, notice())]
    assert notices.heap(roll, 8) == []
    assert held("east").published in notices.senders(roll)
    assert notices.late(roll) == []
    (public,) = shown.public(roll)
    assert [fact.name.partition("/")[0] for fact, _ in public.history] == [
        "request.filed",
        "request.opened",
        "request.narrowed",
        "request.opened",
        "request.answered",
        "request.opened",  # by the officer
        "request.opened",  # by the second reviewer, who looks at it again
        "request.told",
    ]
    assert (public.status, public.request.given) == ("told", FIELDS[:1])
    assert rebuild(roll, replace=False).differences == ()
