"""Whoever is given envelopes of a request stands in the log with it, in whatever step and however late they come."""

from datetime import timedelta

import pytest

from openroll.register.request import commands, decide
from openroll.register.request.events import RequestOpened
from openroll.service.acts import Acted
from openroll.service.filing.rebuild import rebuild
from openroll.service.log.sequencer import Sequencer
from openroll.service.requests import clock, shown, steps
from openroll.service.roll import Roll
from openroll.watch.audit.request_rules import RequestRules
from tests.conftest import Ticking
from tests.register.asked import COMPLAINT, FIELDS, OFFICE, WORD, notice, sealed
from tests.service.requests.bodies import Bodies, bodies
from tests.service.requests.followed import not_following


@pytest.fixture
def made(roll: Roll) -> Bodies:
    """A roll with everybody whom a request needs."""
    return bodies(roll)


def on(roll: Roll, time: timedelta) -> None:
    """Let time go on, and the requests with it."""
    assert isinstance(roll.clock, Ticking)
    roll.clock.now += time
    clock.pass_due(roll)


def takers(made: Bodies, number: int) -> list[str]:
    """The seats that the log says took envelopes, each time it says so."""
    history = shown.public(made.roll, number=number)[0].history
    return [fact.by for fact, _ in history if isinstance(fact, RequestOpened)]


def follows(made: Bodies, number: int) -> None:
    """An auditor and a rebuild find every entry in its place."""
    rules = RequestRules(last=number - 1)
    for fact, _ in shown.public(made.roll, number=number)[0].history:
        assert rules.take(fact.name, fact.body()) == ""
    assert rebuild(made.roll, replace=False).differences == ()


def tell(made: Bodies, number: int) -> None:
    """Tell the person."""
    made.does(commands.Tell(request=number, notice=notice(), bucket=7, complaint=COMPLAINT), "clerk")


def test_an_answer_is_taken_with_an_entry_also_after_the_end(made: Bodies) -> None:
    """An authority that waits until a matter is closed stands in the log when it takes the answer; each seat of it does."""
    number = made.file()
    made.does(commands.Approve(request=number, fields=FIELDS), "reviewer")
    answer = sealed(b"it is Li", ("police",), "east")
    assert made.read(number, "officer") == [b"who is a-1?"]
    assert takers(made, number) == ["police/2"]  # in a step that is the operator's
    made.does(commands.Answer(request=number, outcome="given", fields=FIELDS, envelope=answer), "clerk")
    tell(made, number)
    on(made.roll, timedelta(days=91))
    assert made.step_of(number) == "closed"
    for who in ("second officer", "second officer", "officer"):
        assert b"it is Li" in made.read(number, who)
    assert takers(made, number) == ["police/2", "police/3", "police/2"]
    assert made.read(number, "clerk") == "not-in-this-step"
    assert made.read(number, "reviewer") == "not-in-this-step"  # it took nothing, and nobody complained
    assert made.step_of(number) == "closed"
    follows(made, number)


def test_a_letter_of_complaint_is_read_with_an_entry(made: Bodies) -> None:
    """What the person writes to the reviewer is there for it after the end too, and the log says who took it and when."""
    number, unread = made.file(), made.file()
    assert made.read(number, "reviewer")
    for one in (number, unread):
        made.does(commands.Refuse(request=one, reason="no-grounds"), "reviewer")
        tell(made, one)
        letter = sealed(b"I never", ("court",), "person")
        assert isinstance(steps.complain(made.roll, commands.Complain(request=one, word=WORD, envelope=letter)), Acted)
    on(made.roll, timedelta(days=91))
    for one, before in ((number, ["court/2"]), (unread, [])):
        assert takers(made, one) == before
        assert b"I never" in made.read(one, "reviewer")
        assert takers(made, one) == [*before, "court/2"]
        follows(made, one)


def test_an_answer_that_silence_annulled_is_given_out_by_no_stopped_worker(made: Bodies) -> None:
    """Whoever takes envelopes has the time that is over pass first: what nobody has written yet holds as if it were."""
    number = made.file(urgency="emergency")
    made.does(commands.CallBack(request=number, number=OFFICE), "clerk")
    made.does(commands.ConfirmEmergency(request=number), "second officer")
    answer = sealed(b"it is Li", ("police",), "east")
    made.does(commands.Answer(request=number, outcome="given", fields=FIELDS, envelope=answer), "clerk")
    assert isinstance(made.roll.clock, Ticking)
    for days in (5, 400):
        made.roll.clock.now += timedelta(days=days)
        assert made.read(number, "officer") == [b"who is a-1?"]
    assert made.step_of(number) == "untold"
    assert takers(made, number) == ["police/2", "police/2"]
    follows(made, number)


def test_what_a_changed_roll_writes_is_named(made: Bodies, monkeypatch: pytest.MonkeyPatch) -> None:
    """A registrar switches a decider off and lets nobody be told of a request that was refused: the log shows that it may not."""
    number = made.file()
    made.does(commands.Refuse(request=number, reason="no-grounds"), "reviewer")
    with monkeypatch.context() as changed:
        changed.setattr(decide, "_look_nobody", lambda *_: None)
        made.does(commands.TellNobody(request=number), "clerk")
    Sequencer(made.roll).run_until_empty()
    (said,) = not_following(made.roll)
    assert "not-in-this-step (act nobody; step to-tell)" in said
