"""How often bodies act in requests in a day: what can be done again is bounded, what answers, ends or tells never is."""

from datetime import timedelta

import pytest

from openroll.disclosure.envelope import X25519, HeldKey, public_line
from openroll.register.decision import Refused
from openroll.register.request import commands, pace
from openroll.register.request.made import ACTS
from openroll.service.acts import Acted
from openroll.service.requests import ask, rights, steps
from openroll.service.roll import Roll
from tests.conftest import Ticking
from tests.register.asked import FIELDS, OFFICE, held, sealed
from tests.service.requests.bodies import Bodies, bodies


@pytest.fixture
def made(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> Bodies:
    """A roll with everybody whom a request needs, in which little is often."""
    found = bodies(roll)
    for name in ("A_DAY", "FILED_A_DAY", "RIGHTS_A_DAY"):
        monkeypatch.setattr(pace, name, 3)
    return found


def code(outcome: object) -> str:
    """The code of a refusal; empty for what was done."""
    return outcome.refusal.code if isinstance(outcome, Refused) else ""


def tomorrow(roll: Roll) -> None:
    """Let a day pass."""
    assert isinstance(roll.clock, Ticking)
    roll.clock.now += timedelta(days=1)


def test_a_body_does_again_what_can_be_done_again_so_often_a_day(made: Bodies) -> None:
    """Each side has its own count; the other's, and what ends the request, is open; the next day it goes on."""
    number = made.file()
    question = commands.AskBack(request=number, envelope=sealed(b"which?", ("police", "court"), "court"))
    answer = commands.AnswerBack(request=number, envelope=sealed(b"that", ("police", "court")))
    for _ in range(2):
        made.does(question, "reviewer")
        made.does(answer, "officer")
    made.does(question, "second reviewer")
    assert made.refused(question, "reviewer") == "acted-too-often"
    assert made.refused(answer, "second officer") == "acted-too-often"  # that it was filed was the authority's first
    tomorrow(made.roll)
    made.does(answer, "second officer")
    for _ in range(2):
        made.does(question, "reviewer")
        made.does(answer, "officer")
    made.does(question, "reviewer")
    assert made.refused(question, "reviewer") == "acted-too-often"
    made.does(commands.Refuse(request=number, reason="no-grounds"), "reviewer")


def test_an_office_is_called_so_often_a_day(made: Bodies) -> None:
    """Calling back leaves the request in its step, and each call stands in it: not a thousand times in a minute."""
    number = made.file(urgency="emergency")
    for _ in range(3):
        made.does(commands.CallBack(request=number, number=OFFICE), "clerk")
    assert made.refused(commands.CallBack(request=number, number=OFFICE), "clerk") == "acted-too-often"
    made.does(commands.ConfirmEmergency(request=number), "second officer")


def test_a_long_request_gets_few_more_facts_a_day() -> None:
    """What has many facts costs whoever reads it, so that few are added; what ends it is open however long it is."""
    call = commands.CallBack(request=1, number=OFFICE)
    assert pace.too_often(call, pace.A_DAY - 1, pace.LONG - 1, 60) is None
    assert code(pace.too_often(call, pace.A_DAY, 9, 60)) == "acted-too-often"
    assert code(pace.too_often(call, pace.A_DAY_WHEN_LONG, pace.LONG, 60)) == "acted-too-often"
    ends = {kind for kind, act in ACTS.items() if act in ("refuse", "answer", "tell", "nobody", "withdraw")}
    assert not ends & set(pace.AGAIN)


def test_wishes_to_preserve_are_few_a_day(made: Bodies, monkeypatch: pytest.MonkeyPatch) -> None:
    """An officer has so many, and so has the authority, however many seats take turns; other requests are not counted."""
    monkeypatch.setattr(pace, "FILED_A_DAY", 9)
    monkeypatch.setattr(pace, "PRESERVED_A_DAY", 2)
    monkeypatch.setattr(pace, "PRESERVED_BY_ALL", 3)

    def wished(who: str, desired: str = "preserve") -> str:
        return code(ask.file_request(made.roll, made.asking(desired=desired), made.seats[who]))

    assert wished("officer", "now") == ""
    first = made.file(desired="preserve")
    made.does(commands.WithdrawRequest(request=first), "officer")  # over, and counted all the same
    assert [wished("officer") for _ in range(2)] == ["", "acted-too-often"]
    assert [wished("second officer") for _ in range(2)] == ["", "acted-too-often"]
    assert wished("officer", "now") == ""
    tomorrow(made.roll)
    assert wished("officer") == ""


def test_a_seat_files_and_an_organisation_publishes_so_many_a_day(made: Bodies) -> None:
    """Requests by seat, keys and uses by organisation: one's are nobody else's, and tomorrow there are more."""
    roll = made.roll
    for _ in range(3):
        made.file()
    assert code(ask.file_request(roll, made.asking(), made.seats["officer"])) == "acted-too-often"
    assert isinstance(ask.file_request(roll, made.asking(), made.seats["second officer"]), Acted)
    lines = [public_line(HeldKey(bytes([at + 1]) * 32, X25519).published) for at in range(4)]
    said = [code(rights.publish_key(roll, line, made.seats["west lead"])) for line in lines]
    assert said == ["", "", "acted-too-often", "acted-too-often"]  # one it had published before
    use = commands.RegisterUse(purpose=0, basis="x", fields=FIELDS, supervisor="y", supervised_at="z", office=OFFICE)
    said = [code(rights.register_use(roll, use, made.seats["police lead"])) for _ in range(3)]
    assert said == ["", "", "acted-too-often"]
    assert isinstance(rights.end_key(roll, held("west").id, "", made.seats["west lead"]), Acted)
    tomorrow(roll)
    assert code(rights.publish_key(roll, lines[3], made.seats["west lead"])) == ""
    assert isinstance(steps.step(roll, commands.WithdrawRequest(request=1), made.seats["officer"]), Acted | Refused)
