"""Witnesses and the sequencer: who cosigns is carried, who does not is asked again, and nothing they do stops the log."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from openroll import tlog
from openroll.register.command import Actor
from openroll.service.filing.submit import Taken, take
from openroll.service.log.fsck import fsck
from openroll.service.log.receipts import receipt
from openroll.service.log.sequencer import Sequencer
from openroll.service.log.witness_status import measure, policy_text, read_policy, witness_status
from openroll.service.roll import Roll
from openroll.watch import witness_fanout as rounds
from openroll.watch.witness_fanout import WitnessFanout
from tests.service.filings import filing, submission_of
from tests.watch.fake_witness import TIME, FakeWitness, witnesses


@pytest.fixture
def three(roll: Roll) -> Iterator[list[FakeWitness]]:
    """A roll whose policy asks two of three witnesses, one of them with two keys; they run."""
    made = [FakeWitness("one", roll.keys.verifiers, kinds="cosignature ml-dsa-44")]
    made += [FakeWitness(name, roll.keys.verifiers) for name in ("two", "three")]
    lines = "".join(one.lines for one in made) + "group most 2 one two three\nquorum most\n"
    roll.policy = tlog.parse_policy(lines.encode())
    with witnesses(*made):
        yield made


@contextmanager
def sequencing(roll: Roll) -> Iterator[Sequencer]:
    """A sequencer, closed at the end, as a process has it."""
    sequencer = Sequencer(roll)
    try:
        yield sequencer
    finally:
        sequencer.close()


def file(roll: Roll, handle: str) -> int:
    """A filing, and its record's number."""
    with roll.database.open() as connection:
        connection.autocommit = True
        one = submission_of(filing(handle=handle), Actor("operator", "east"))
        outcome = take(connection, [one], roll, roll.clock())[0]
    assert isinstance(outcome, Taken)
    return outcome.number


def published(roll: Roll) -> tlog.Cosigned:
    """The published checkpoint, as whoever has the roll's policy reads it."""
    note = (roll.public / "checkpoint").read_bytes()
    return tlog.open_cosigned(note, tlog.parse_policy(policy_text(roll, "https://roll.example")), roll.keys.verifiers)


def names(opened: tlog.Cosigned) -> list[str]:
    """Who has cosigned."""
    return [one.witness.name for one in opened.cosignatures]


def test_two_good_witnesses_and_a_dead_one(roll: Roll, three: list[FakeWitness], tmp_path: Path) -> None:
    """The log grows under two of three; a receipt verifies against the served policy, without the server."""
    three[2].close()
    number = file(roll, "a-1")
    with sequencing(roll) as sequencer:
        for round_ in range(3):
            file(roll, f"b-{round_}")
            sequencer.run_until_empty()
            assert (names(published(roll)), published(roll).reached) == (["one-0", "one-1", "two"], True)
        assert sequencer.cosigning.failures == {"one-0, one-1": 0, "two": 0, "three": 1}, "the dead one is spared"
        assert [one.startswith("three cannot be reached at http://127") for one in sequencer.cosigning.troubles] == [
            True
        ]
    proof = receipt(roll, number, 1)
    assert isinstance(proof, bytes)
    policy = policy_text(roll, "https://roll.example")
    proved = tlog.verify_receipt(proof, [], policy=tlog.parse_policy(policy))
    assert {(one.witness.name, one.time) for one in proved.cosignatures} == {
        (name, TIME) for name in ("one-0", "one-1", "two")
    }
    assert f"log {roll.keys.verifier_keys[0]} https://roll.example/log\n".encode() in policy
    assert three[1].lines.encode() in policy
    assert fsck(roll).fault is None
    seen = witness_status(roll)
    assert seen is not None
    assert [(one.name, one.size, one.newest) for one in seen.witnesses if one.name in ("two", "three")] == [
        ("two", 7, True),
        ("three", None, False),
    ]
    assert (seen.asks, seen.reached, seen.lacks) == (True, True, ())


def test_below_the_quorum_the_log_goes_on_and_asks_again(roll: Roll, three: list[FakeWitness]) -> None:
    """With one of three the head is published all the same; when another comes back, the same head carries it too."""
    three[1].mode = three[2].mode = "500"
    file(roll, "a-1")
    with sequencing(roll) as sequencer:
        size = sequencer.run_until_empty().size
        before = published(roll)
        assert (before.checkpoint.size, names(before), before.reached) == (size, ["one-0", "one-1"], False)
        seen, meter = witness_status(roll), measure(roll)
        assert seen is not None
        assert [(one.name, one.having, one.lacking) for one in seen.lacks] == [("most", ("one",), ("two", "three"))]
        assert (meter.size, meter.waiting, meter.cosignatures, meter.reached) == (size, 0, 2, False)
        assert meter.age is not None
        three[1].mode = "good"
        asked = len(three[0].asked)
        sequencer.round()
        assert not published(roll).reached, "who failed a moment ago is spared for a while"
        sequencer.cosigning._asker._spared.clear()  # type: ignore[union-attr] # as if the while were over
        assert sequencer.round().placed == 0
        after = published(roll)
        assert (after.checkpoint, names(after), after.reached) == (before.checkpoint, ["one-0", "one-1", "two"], True)
        assert len(three[0].asked) == asked, "who has cosigned this head is not asked about it again"
    assert measure(roll).reached


def test_a_restart_loses_no_cosignature(roll: Roll, three: list[FakeWitness]) -> None:
    """What witnesses gave is in the database before the head is published; with all of them gone, a new process has it."""
    file(roll, "a-1")
    with sequencing(roll) as sequencer:
        sequencer.run_until_empty()
    whole = (roll.public / "checkpoint").read_bytes()
    for one in three:
        one.mode = "404"
    bare = whole.partition(b"\n\n")[0] + b"\n\n" + b"".join(whole.split(b"\n\n")[1].splitlines(keepends=True)[:2])
    for standing in (bare, whole.replace(b"one.example", b"eno.example")):
        (roll.public / "checkpoint").write_bytes(standing)
        with sequencing(roll) as sequencer:
            sequencer.round()
        assert (roll.public / "checkpoint").read_bytes() == whole


def test_no_memory_and_a_wrong_one_are_harmless(roll: Roll, three: list[FakeWitness]) -> None:
    """A lost table keeps what is published; sizes that are wrong cost a request; lines of another head get nowhere."""
    file(roll, "a-1")
    with sequencing(roll) as sequencer:
        sequencer.run_until_empty()
        whole = (roll.public / "checkpoint").read_bytes()
        with roll.database.open() as connection:
            connection.execute("delete from cosignature")
        sequencer.round()
        assert (roll.public / "checkpoint").read_bytes() == whole
        file(roll, "a-2")
        sequencer.run_until_empty()
        assert len(published(roll).cosignatures) == 4
        with roll.database.open() as connection:
            connection.execute("update cosignature set size = 1000, signature = '\\x00'::bytea")
        file(roll, "a-3")
        size = sequencer.run_until_empty().size
        assert (published(roll).checkpoint.size, len(published(roll).cosignatures)) == (size, 4)


def test_a_wrong_memory_mends_itself(roll: Roll, three: list[FakeWitness]) -> None:
    """A size in the table that is beyond the log's does not keep the next cosignature from being kept."""
    file(roll, "a-1")
    with sequencing(roll) as sequencer:
        sequencer.run_until_empty()
        with roll.database.open() as connection:
            connection.execute("update cosignature set size = 1000")
        file(roll, "a-2")
        size = sequencer.run_until_empty().size
    with roll.database.open() as connection:
        assert connection.execute("select distinct size from cosignature").fetchall() == [(size,)]


@pytest.mark.parametrize("mode", ["another text", "422", "ahead", "rubbish", "without end", "no time", "409 always"])
def test_nothing_a_witness_says_stops_the_log(
    mode: str, roll: Roll, three: list[FakeWitness], caplog: pytest.LogCaptureFixture
) -> None:
    """Lies, refusals and rubbish from one of three: the head is published under the other two, and the keeper is told."""
    three[0].mode = mode
    file(roll, "a-1")
    with caplog.at_level(logging.WARNING, "openroll"), sequencing(roll) as sequencer:
        size = sequencer.run_until_empty().size
    assert (published(roll).checkpoint.size, names(published(roll))) == (size, ["two", "three"])
    assert ["one-0, one-1" in record.getMessage() for record in caplog.records] == [True]


def test_a_witness_that_never_ends_costs_one_deadline(
    roll: Roll, three: list[FakeWitness], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three witnesses that send a byte now and then for ever: the head is out after the deadline, and the next at once."""
    monkeypatch.setattr(rounds, "SPARED_FIRST", 600.0)
    roll.witness_deadline = 0.5
    for one in three:
        one.mode = "a byte at a time"
    file(roll, "a-1")
    with sequencing(roll) as sequencer:
        began = time.monotonic()
        sequencer.round()
        first = time.monotonic() - began
        assert (published(roll).reached, names(published(roll))) == (False, [])
        assert 0.5 <= first < 10
        file(roll, "a-2")
        sequencer.round()
        assert sequencer.cosigning.failures == {"one-0, one-1": 1, "two": 1, "three": 1}, "nobody was asked again"
    assert published(roll).checkpoint.size == 5


def test_a_fault_of_our_own_does_not_stop_the_log_either(
    roll: Roll, three: list[FakeWitness], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Should asking itself break, the head is published without cosignatures, and the fault is in the server's log."""

    def breaks(*_: object, **__: object) -> list[object]:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(WitnessFanout, "ask", breaks)
    with sequencing(roll) as sequencer:
        size = sequencer.run_until_empty().size
    assert (published(roll).checkpoint.size, names(published(roll))) == (size, [])
    assert "asking the witnesses failed" in caplog.text


def test_without_a_policy_nobody_is_asked(roll: Roll) -> None:
    """A roll without a policy publishes what it signed, byte for byte, keeps no cosignature, and says it asks for none."""
    with sequencing(roll) as sequencer:
        size = sequencer.run_until_empty().size
        sequencer.round()
    with roll.database.open() as connection:
        (note,) = connection.execute("select note from checkpoint where size = %s", (size,)).fetchone() or (b"",)
        assert connection.execute("select count(*) from cosignature").fetchone() == (0,)
    assert (roll.public / "checkpoint").read_bytes() == bytes(note)
    assert witness_status(roll) is None
    assert measure(roll).reached
    keys = "".join(f"log {key}\n" for key in roll.keys.verifier_keys)
    assert policy_text(roll, "").decode() == f"{keys}quorum none\n"


def test_a_cosignature_that_was_altered_is_named_and_mended(roll: Roll, three: list[FakeWitness]) -> None:
    """A flipped bit in a cosignature on disk would have readers reject the whole: fsck names it, the next round mends it."""
    file(roll, "a-1")
    with sequencing(roll) as sequencer:
        sequencer.run_until_empty()
        path = roll.public / "checkpoint"
        whole = path.read_bytes()
        line = next(line for line in whole.splitlines() if line.startswith("— two.example".encode()))
        at = whole.index(line) + len(line) - 20
        path.write_bytes(whole[:at] + (b"A" if whole[at : at + 1] != b"A" else b"B") + whole[at + 1 :])
        fault = fsck(roll).fault
        assert fault is not None
        assert (fault.where, fault.what.startswith("the signature by two.example does not fit")) == ("checkpoint", True)
        seen = witness_status(roll)
        assert seen is not None
        assert not seen.reached, "whoever knows the witness rejects the checkpoint, so nobody counts"
        sequencer.round()
        assert path.read_bytes() == whole
    assert fsck(roll).fault is None


def test_a_policy_is_checked_when_it_is_read(tmp_path: Path) -> None:
    """A policy lists this roll's log, with whatever keys, or none; anything else is said in a sentence when a process starts."""
    ed, pq, other = (
        tlog.Signer.from_seed(name, bytes([n]) * 32, kind).verifier_key
        for n, name, kind in ((1, "r", "ed25519"), (2, "r", "ml-dsa-44"), (3, "o", "ed25519"))
    )
    path = tmp_path / "policy"
    for text in ("quorum none\n", f"log {other}\nlog {pq}\nlog {ed}\nquorum none\n", f"log {ed}\nquorum none\n"):
        path.write_text(text)
        assert read_policy(path, "r").quorum == "none"
    bad = {
        f"log {other}\nquorum none\n": "is not among them",
        "quorum w\n": "OPENROLL_POLICY: .*policy: line 1 of the policy names w",
    }
    for text, sentence in bad.items():
        path.write_text(text)
        with pytest.raises(ValueError, match=sentence):
            read_policy(path, "r")
    with pytest.raises(ValueError, match="cannot be read: No such file"):
        read_policy(tmp_path / "none", "r")


def test_a_policy_lists_the_keys_that_the_log_says_are_its_own(roll: Roll) -> None:
    """Old keys in the file neither keep the roll from starting nor reach readers: one of them may have been revoked."""
    with sequencing(roll) as sequencer:
        sequencer.run_until_empty()
    stolen = tlog.Signer.from_seed(roll.origin, b"o" * 32, "ed25519").verifier_key
    other = tlog.Signer.from_seed("other.example", b"p" * 32, "ed25519").verifier_key
    roll.policy = tlog.parse_policy(f"log {stolen}\nlog {other}\nquorum none\n".encode())
    keys = "".join(f"log {key}\n" for key in roll.keys.verifier_keys)
    assert policy_text(roll, "").decode() == f"{keys}log {other}\nquorum none\n"
