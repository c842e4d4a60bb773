"""A database that went back: every request is where the log has it, and nothing that was sealed is passed over in silence."""

import msgspec
import pytest

from openroll.cli.requests.reading import say_lost
from openroll.disclosure.envelope import public_line
from openroll.register.decision import Refused
from openroll.register.request import commands
from openroll.service.acts import Acted
from openroll.service.log.sequencer import Sequencer
from openroll.service.recovery.resume import resume
from openroll.service.requests import accounts, notices, rights, shown, steps
from openroll.service.requests.proofs import request_facts
from openroll.service.requests.rights import published_keys
from openroll.service.roll import Roll, RollIsHeld
from openroll.watch.requests.proved import Fact, Key, Matter, keys_by, matter_of, own_keys
from openroll.watch.requests.recount import recounted
from openroll.watch.source import FolderSource
from openroll.web.requests import _lost
from tests.register.asked import COMPLAINT, FIELDS, OFFICE, WORD, held, notice, sealed
from tests.service.going_back import remember
from tests.service.requests.bodies import Bodies, bodies
from tests.service.requests.followed import not_following
from tests.service.test_later_acts import resumed

GIVEN = commands.Answer(request=0, outcome="given", fields=FIELDS, envelope=sealed(b"it is Li", ("police",), "east"))


@pytest.fixture
def made(roll: Roll) -> Bodies:
    """Everybody whom a request needs."""
    return bodies(roll)


def agrees(roll: Roll) -> None:
    """Whoever counts the log anew has the roll's own figures, and no entry on a request lacks one before it."""
    log = FolderSource(roll.public)
    ours = accounts.figures(roll)
    found = recounted(log, roll.keys.succession, ours.size)
    assert (found.broken, found.rows, found.then) == ((), ours.rows, ours.rows)
    assert not_following(roll) == []


def proved(roll: Roll, number: int) -> Matter:
    """A request as a program of a body proves it."""
    facts = [Fact(one.name, one.day, one.body, one.receipt) for one in request_facts(roll, number)]
    return matter_of(facts, keys_by(roll.keys.verifiers, b""))


def told(number: int, complaint: str = COMPLAINT) -> commands.Tell:
    """A telling."""
    return commands.Tell(request=number, notice=notice(), bucket=7, complaint=complaint)


def lost(roll: Roll, number: int) -> tuple[str, ...]:
    """What is said in public to be lost of a request."""
    return shown.public(roll, number=number)[0].lost


def test_a_request_goes_on_where_the_log_has_it(made: Bodies) -> None:
    """Filed, narrowed, answered or told since the copy: each is so again, provably, and its person is told."""
    roll = made.roll
    narrowed, answered, first_told = made.file(), made.file(), made.file()
    for number in (answered, first_told):
        made.does(commands.Approve(request=number, fields=FIELDS), "reviewer")
        assert made.read(number, "clerk") == [b"who is a-1?"]
    Sequencer(roll).run_until_empty()
    go_back = remember(roll)
    made.does(commands.Approve(request=narrowed, fields=FIELDS[:1]), "reviewer")
    for number in (answered, first_told):
        made.does(msgspec.structs.replace(GIVEN, request=number), "clerk")
    made.does(told(first_told), "clerk")
    forgotten = made.file()  # all of it lies behind the copy
    made.does(commands.Approve(request=forgotten, fields=FIELDS), "reviewer")
    assert made.read(forgotten, "clerk") == [b"who is a-1?"]
    made.does(msgspec.structs.replace(GIVEN, request=forgotten), "clerk")
    numbers = (narrowed, answered, first_told, forgotten)
    before = [made.step_of(one) for one in numbers]
    Sequencer(roll).run_until_empty()
    go_back()
    with pytest.raises(RollIsHeld):  # at once, before the sequencer looks
        made.does(commands.Approve(request=narrowed, fields=FIELDS), "reviewer")
    trial = resume(roll, [], take_missing=True, dry_run=True)
    done = resumed(roll)
    assert (done.lost, done.replayed) == (trial.lost, trial.replayed) == (0, done.brought)
    assert [made.step_of(one) for one in numbers] == before
    agrees(roll)
    assert made.refused(commands.Approve(request=narrowed, fields=FIELDS), "reviewer") == "not-in-this-step"
    wide = msgspec.structs.replace(GIVEN, request=narrowed)
    assert made.refused(wide, "clerk") == "fields-beyond"
    assert proved(roll, forgotten).request.given == FIELDS
    assert [lost(roll, one) for one in numbers] == [(), ("answer",), ("answer", "notice"), ("ask", "answer")]
    assert made.read(forgotten, "officer") == []
    said = "\n".join(done.to_do)
    assert all(kind in said for kind in ("request.filed/1 (1)", "request.told/1 (1)", "request.answered/1 (3)"))
    # Who was told in a notice that is lost is told once more, late until then; nobody else is told twice.
    assert [one.number for one in notices.late(roll)] == [first_told]
    for number in (first_told, answered, forgotten):
        made.does(told(number, "0" * 64), "clerk")
        assert made.refused(told(number), "clerk") == "not-in-this-step"
    assert (notices.late(roll), len(notices.bucket(roll, 7))) == ([], 3)
    assert lost(roll, first_told) == ("answer",)
    # Who read the notice before it was lost has its word still.
    assert isinstance(steps.complain(roll, commands.Complain(request=first_told, word=WORD)), Acted)
    assert isinstance(steps.complain(roll, commands.Complain(request=answered, word=WORD)), Refused)
    Sequencer(roll).run_until_empty()
    agrees(roll)
    assert proved(roll, first_told).request.complained


def test_what_is_lost_is_said_where_a_request_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    """By commands and on the page of a request, in the words of its facts; of one that lost nothing, nothing."""
    say_lost(b'{"request": {"number": 1, "lost": ["ask", "notice"]}, "facts": []}')
    assert "taken out: ask, notice" in " ".join(capsys.readouterr().out.split())
    say_lost(b'{"request": {"number": 1, "lost": []}}')
    say_lost(b'{"request": {"number": 1}}')
    assert capsys.readouterr().out == ""
    assert _lost(("ask", "notice"), "en") == "An authority asked, The person was told"
    assert _lost((), "zh") == ""


def test_rights_to_ask_come_back_whole(made: Bodies) -> None:
    """A use and a key that the log shows are there again, so that what was asked under them can be answered and told."""
    roll, lead = made.roll, made.seats["police lead"]
    Sequencer(roll).run_until_empty()
    go_back = remember(roll)
    use = commands.RegisterUse(0, "another basis", FIELDS[:1], "the supervisor", "s@supervisor.example", OFFICE)
    assert isinstance(rights.register_use(roll, use, lead), Acted)
    assert isinstance(rights.end_key(roll, held("police").id, "lost", lead), Acted)
    assert isinstance(rights.publish_key(roll, public_line(held("police anew").published), lead), Acted)
    uses, keys = rights.uses(roll, "police"), rights.keys_of(roll, "police")
    Sequencer(roll).run_until_empty()
    go_back()
    assert resumed(roll).lost == 0
    assert (rights.uses(roll, "police"), rights.keys_of(roll, "police")) == (uses, keys)
    served = msgspec.convert(msgspec.to_builtins(published_keys(roll, "police")), list[Key])
    assert [one.ended for one in own_keys(served, "police", keys_by(roll.keys.verifiers, b""))] == [False, True]
