"""A log that somebody has, read whole: what a roll gave of a request, or gives out of notices, is held against it."""

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from tests.register import asked
from tests.register import test_request_checked as answers
from tests.told import SECRET, SIGNER, content_of
from tests.watch.cheats.forge import act_of, show
from tests.watch.test_forged_requests import filed, seated
from tests.watch.test_monitor import SIGNER as LOG
from tests.watch.test_request_witnesses import Shown
from tests.watch.test_request_witnesses import published as key_shown

from openroll.cli.requests.at_roll import Believed, KeyFile, hold_own_key, log_by
from openroll.cli.requests.heap_files import read_heaps
from openroll.cli.requests.held_log import FactsInLog, beside_log, read_whole
from openroll.disclosure.envelope import X25519, HeldKey, digest, key_line, public_line
from openroll.disclosure.notice import bucket_of, seal_notice
from openroll.disclosure.notice_heap import heap_json, heap_of
from openroll.register.event import Event
from openroll.register.request import events
from openroll.register.request.content import notice_context
from openroll.register.request.words import NOTICE
from openroll.register.roll.events import LogBegun

ORIGIN, MONTH = "log.example/1", "2006-12"
TOLD = asked.NOW + timedelta(days=5)
BELIEVED = Believed(log_key=[str(LOG.verifier)])


def logged(folder: Path, *facts: Event) -> str:
    """A log of these facts, behind those by which everybody is there, as a mirror's folder."""
    begun = facts[:1] if isinstance(facts[0], LogBegun) else ()
    every = (*begun, *seated(), *facts[len(begun) :])
    show(folder, [act_of(fact, "2006-12-20").entry.encode() for fact in every], [LOG])
    return str(folder)


def returned() -> tuple[events.RequestEvent, ...]:
    """A request that was filed, taken, returned, sent anew and approved."""
    first = filed()
    of: dict[str, Any] = {"request": 1, "at": first.at, "rule": first.rule}
    return (
        first,
        events.RequestOpened(organisation="court", by="court/2", **of),
        events.RequestReturned(missing=("record",), why="", by="court/2", **of),
        events.RequestCompleted(envelope="b" * 64, by="police/2", **of),
        events.RequestApproved(fields=first.fields, why="", by="court/2", **of),
    )


def test_what_a_roll_hides_of_a_request_is_in_its_log(tmp_path: Path) -> None:
    """Returned and completed left out together follow from each other as well as all of it does; the log has both."""
    facts = returned()
    where = logged(tmp_path / "log", *facts, msgspec.structs.replace(facts[0], request=2))

    def hidden(*given: events.RequestEvent) -> tuple[list[events.RequestEvent], list[events.RequestEvent]]:
        held = FactsInLog(1)
        assert read_whole(where, BELIEVED, held.take).size == 6 + len(seated())
        return held.hidden(given)

    assert hidden(*facts) == ([], [])
    assert hidden(facts[0], *facts[2:]) == ([], [])  # that somebody took it
    assert hidden(facts[0], facts[1], facts[4]) == ([facts[2], facts[3]], [])
    assert hidden(*facts[:2]) == ([], list(facts[2:]))
    held, forged = FactsInLog(1), msgspec.structs.replace(facts[4], by="court/99")
    read_whole(logged(tmp_path / "forged", *facts[:4], forged), BELIEVED, held.take)
    assert held.unbelieved((*facts[:4], forged)) == [(forged, "of request 1, 'court/99' is no seat")]
    assert held.unbelieved(facts) == []  # what a log does not have yet
    with pytest.raises(SystemExit):
        read_whole(str(tmp_path / "nowhere"), BELIEVED, FactsInLog(1).take)


def test_with_a_log_nothing_is_sent_on_less_than_it_has(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A roll that leaves out of what it gives that a request was annulled, or sent anew, is not answered."""
    facts = returned()
    where = logged(tmp_path / "log", *facts)

    def held(given: tuple[events.RequestEvent, ...], log: str = where) -> bool:
        matter: Any = SimpleNamespace(request=SimpleNamespace(number=1), facts=given)
        return beside_log(log, BELIEVED, matter) is not None

    assert (held(facts), held((facts[0], *facts[2:])), held(facts[:1], "")) == (True, True, False)
    for given in (facts[:2], (facts[0], facts[4])):
        with pytest.raises(SystemExit) as ended:
            held(given)
        said = " ".join(capsys.readouterr().err.split())
        assert (ended.value.code, "request.returned/1" in said, "Nothing was sent" in said) == (1, True, True)
    gone = (*facts[:4], msgspec.structs.replace(facts[4], by="court/99"))
    with pytest.raises(SystemExit) as ended:
        held(gone, logged(tmp_path / "gone", *gone))
    assert (ended.value.code, "'court/99' is no seat" in " ".join(capsys.readouterr().err.split())) == (1, True)


def test_a_strange_key_is_named_that_the_roll_lists_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A seat that the keeper made up published it: to the body itself the roll lists the body's own alone, and the log has both;
    one that the body ended, or that another published, is none."""
    own, other, gone = (HeldKey(bytes([seed]) * 32, X25519) for seed in (1, 2, 3))

    def published(key: HeldKey, by: str) -> events.KeyPublished:
        public = public_line(key.published).strip()
        return events.KeyPublished(organisation="east", key=key.id, public=public, by=by, rule="law@1")

    of = {"organisation": "east", "why": "", "rule": "law@1"}
    facts = [published(own, "east/1"), published(other, "east/9"), published(gone, "east/1")]
    facts += [published(HeldKey(b"4" * 32, X25519), "registrar/1")]
    ended = [events.KeyEnded(key=other.id, by="registrar/1", **of), events.KeyEnded(key=gone.id, by="east/1", **of)]
    in_log = beside_log(logged(tmp_path / "log", *facts, *ended), BELIEVED)
    assert in_log is not None
    assert [(one.verifying.id, one.ended is not None) for one in in_log.signing("east")] == [
        (own.published.verifying.id, False),
        (gone.published.verifying.id, True),
    ]
    assert [(one.published.id, one.by) for one in in_log.in_force("east")] == [(own.id, "east/1"), (other.id, "east/9")]
    (tmp_path / "own.key").write_text(key_line(own), encoding="ascii")
    log = log_by(Believed(log_key=[str(answers.SIGNER.verifier)]), b"")
    for beside, named in ((None, False), (in_log, True)):
        hold_own_key(Shown([key_shown(own)]), ["east"], log, KeyFile(tmp_path / "own.key", own), beside)
        assert (f"{other.id} (by east/9, 2006-12-20)" in " ".join(capsys.readouterr().err.split())) == named


def told(request: int, envelope: bytes, by: str = "east/1") -> events.PersonTold:
    """The entry by which a person is told."""
    of: dict[str, Any] = {"at": TOLD, "by": by, "rule": "law@1", "complaint": "0" * 64}
    return events.PersonTold(request=request, notice=digest(envelope), bucket=bucket_of(SECRET, request), **of)


def test_a_heap_is_held_against_a_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Alone it is believed, and that is said; by a log what it says of request and month, what the log has not and what is gone
    is named, and what was told before the log was begun anew is read."""
    before = "log.example/before"
    one, old, made_up = (
        seal_notice(content_of(number), SECRET, SIGNER.signing, notice_context(name, number), pad_to=NOTICE)
        for name, number in ((ORIGIN, 1), (before, 2), (ORIGIN, 3))
    )
    said: dict[str, Any] = {"before": before, "checkpoint": "", "keys": (), "carried": 0, "why": "x"}
    begun = LogBegun(**said, by="registrar/0", rule="law@1")
    asked_for = [msgspec.structs.replace(filed(), request=number) for number in (1, 2, 4)]
    others = told(1, b"of the registrar's own making", by="registrar/0")  # which counts for nothing
    where = logged(tmp_path / "log", begun, *asked_for, told(1, one), told(2, old), told(4, b"gone"), others)
    true = [(notice_context(ORIGIN, 1), one, MONTH), (notice_context(before, 2), old, MONTH)]
    odd = [(notice_context(ORIGIN, 9), one, "2006-01"), *true[1:], (notice_context(ORIGIN, 3), made_up, MONTH)]

    def read(notices: list[tuple[str, bytes, str]], believed: Believed | None) -> tuple[int, str, str]:
        heap, status = heap_of(heap_json(notices, [SIGNER.published])), 0
        try:
            read_heaps([heap], SECRET, where, believed)
        except SystemExit as error:
            status = int(error.code or 0)
        return status, *capsys.readouterr()

    status, out, err = read(true, None)
    assert (status, out.count("request="), "Not checked, as no log was given" in err) == (0, 2, True)
    status, out, err = read(odd, BELIEVED)
    assert (status, out.count("request="), out.count("THE LOG HAS NO SUCH NOTICE")) == (1, 3, 1)
    assert "otherwise" not in err
    assert "of request 1." in err
    assert "of request 4." in err
    whole = [*true, ("anything", b"gone", MONTH)]
    status, out, err = read(whole, BELIEVED)
    assert "A heap has a notice under another" in err
    whole[-1] = (notice_context(ORIGIN, 4), b"gone", MONTH)
    status, out, err = read(whole, BELIEVED)
    assert (status, "Held against all" in err) == (2, True)
    assert "request.told/1: of request 1, registrar/0 is not of the body whose act it is." in err
    where = logged(tmp_path / "honest", begun, *asked_for, told(1, one), told(2, old), told(4, b"gone"))
    status, out, err = read(whole, BELIEVED)
    assert (status, "Left out" in err) == (0, False)
