"""Asking witnesses: what they give is verified, what they refuse is said, and no witness holds anybody up."""

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from openroll import tlog
from openroll.watch import witness_fanout as rounds
from openroll.watch.client import Answer, Cosignatures, CosignRequest, Failed, Server, servers_of
from openroll.watch.witness_fanout import WitnessFanout
from tests.watch.fake_witness import FakeWitness, witnesses

ORIGIN = "log.example/roll"
LOG = [tlog.Signer.from_seed(ORIGIN, bytes([n]) * 32, kind) for n, kind in ((1, "ed25519"), (2, "ml-dsa-44"))]
HASHES = [tlog.leaf_hash(b"%d" % n) for n in range(700)]
TILES = {(level, at): data for level, at, _, data in tlog.grow(0, lambda *_: b"", HASHES).tiles}


def note(size: int) -> bytes:
    """The log's checkpoint of a size."""
    return tlog.sign_checkpoint(tlog.Checkpoint(ORIGIN, size, tlog.root_of(HASHES[:size])), LOG)


def question(size: int) -> CosignRequest:
    """The question about the log's head of a size, with proofs from its tiles."""

    def read(level: int, index: int, width: int) -> bytes:
        return TILES[level, index][: 32 * width]

    return CosignRequest.about(note(size), lambda old: tlog.consistency_proof(read, old, size))


class Hand:
    """A clock that moves by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


Made = Callable[..., WitnessFanout]


@pytest.fixture
def make() -> Iterator[Made]:
    """Makes askers under the policy of some witnesses, and closes them."""
    made: list[WitnessFanout] = []

    def asker(
        *of: FakeWitness, lines: str = "", quorum: str = "none", deadline: float = 5.0, hand: Hand | None = None
    ) -> WitnessFanout:
        text = "".join(one.lines for one in of) + lines + f"quorum {quorum}\n"
        made.append(WitnessFanout(tlog.parse_policy(text.encode()), deadline, monotonic=hand or time.monotonic))
        return made[-1]

    yield asker
    for one in made:
        one.close()


def only(answers: list[Answer]) -> Answer:
    """The one answer."""
    assert len(answers) == 1
    return answers[0]


def test_a_witness_cosigns_and_follows_the_log(make: Made) -> None:
    """A new log, growth with a proof, the same head again: each is cosigned, and the cosignature opens under the policy."""
    witness = FakeWitness("w", [one.verifier for one in LOG], kinds="cosignature ml-dsa-44")
    with witnesses(witness):
        asker = make(witness, quorum="w")
        held = 0
        for size in (1, 5, 256, 700, 700):
            answer = only(asker.ask(asker.servers, question(size), {asker.servers[0]: held}))
            assert isinstance(answer, Cosignatures)
            assert [one.name for one, _ in answer.cosignatures] == ["w-0", "w-1"]
            cosigned = tlog.add_cosignatures(note(size), [line for _, line in answer.cosignatures])
            assert tlog.open_cosigned(cosigned, asker.policy, [one.verifier for one in LOG]).reached
            held = size
        assert witness.asked == [0, 1, 5, 256, 700], "one request serves both keys of a witness, and none is wasted"


@pytest.mark.parametrize("believed", [0, 3, 256, 699, 700, 10**12])
def test_a_wrong_memory_is_harmless(believed: int, make: Made) -> None:
    """Whatever size a witness is believed to hold, it says its own, and is asked again once with that."""
    witness = FakeWitness("w")
    with witnesses(witness):
        asker = make(witness)
        asker.ask(asker.servers, question(40), {})
        answer = only(asker.ask(asker.servers, question(700), {asker.servers[0]: believed}))
        assert isinstance(answer, Cosignatures)
        assert witness.asked == [0, min(believed, 700), 40]


FAILURES = {
    "400": ("refused", "answered 400: it finds the request malformed"),
    "403": ("refused", "answered 403: it knows none of the keys"),
    "404": ("refused", "answered 404: it does not know this log"),
    "422": ("inconsistent", "answered 422: it says that this log is not consistent"),
    "429": ("refused", "answered 429: it asks to be asked less often"),
    "500": ("refused", "answered 500: it met a fault of its own, or knows none of the keys"),
    "302": ("refused", "answered 302: .* submission prefix"),
    "409 for 422": ("refused", "not consistent with what it cosigned before, or holds another size"),
    "409 the same": ("inconsistent", "not consistent with what it cosigned before"),
    "409 always": ("refused", "said 2 a moment after another size"),
    "ahead": ("ahead", "says it cosigned 999999 entries of this log, which has 700: was an older backup"),
    "absurd": ("refused", "holds another size and does not say which"),
    "another text": ("not-good", "w: the signature by w.example does not fit"),
    "no time": ("not-good", "w: the cosignature by w.example does not say when"),
    "a stranger's key": ("not-good", "w: its answer holds no cosignature by the key that the policy has for it"),
    "nothing": ("not-good", "w: "),
    "rubbish": ("not-good", "w: "),
    "without end": ("not-good", "longer than 100,000 bytes"),
}


@pytest.mark.parametrize("mode", FAILURES)
def test_every_failure_is_a_value_with_a_sentence(mode: str, make: Made) -> None:
    """What a witness refuses, gets wrong or lies about is told in a sentence, and nothing it says is taken on trust."""
    witness = FakeWitness("w")
    witness.mode = mode
    with witnesses(witness):
        asker = make(witness)
        answer = only(asker.ask(asker.servers, question(700), {}))
        why, sentence = FAILURES[mode]
        assert isinstance(answer, Failed)
        assert answer.why == why
        with pytest.raises(AssertionError, match=sentence):
            raise AssertionError(answer.sentence)
        assert (asker.failures[answer.server], asker.last[answer.server]) == (1, answer)


def test_lines_of_keys_nobody_asked_for_are_left_out(make: Made) -> None:
    """A stranger's line beside the witness's own is ignored, not taken and not held against it."""
    witness = FakeWitness("w")
    witness.mode = "a stranger's key too"
    with witnesses(witness):
        asker = make(witness)
        answer = only(asker.ask(asker.servers, question(700), {}))
        assert isinstance(answer, Cosignatures)
        assert [line.name for _, line in answer.cosignatures] == ["w.example"]


def test_tiles_that_lack_are_a_failure_too(make: Made) -> None:
    """When no proof can be made the witness is not asked with a wrong one; the sentence says what lacks."""

    def lacks(_: int) -> list[bytes]:
        raise tlog.Missing("the log lacks tile/0/000")

    witness = FakeWitness("w")
    with witnesses(witness):
        asker = make(witness)
        answer = only(asker.ask(asker.servers, CosignRequest.about(note(700), lacks), {asker.servers[0]: 3}))
        assert answer[1:3] == ("not-good", "w: the log lacks tile/0/000")
        assert witness.asked == []


def test_nobody_there_is_a_value(make: Made) -> None:
    """A closed port, a name that is none and an address that is none are failures with a sentence."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    keys = [FakeWitness(f"w{n}") for n in range(3)]
    places = (f"http://127.0.0.1:{port}", "http://nobody.invalid/", "no-address")
    lines = "".join(f"witness {w.name} {w.signers[0].verifier_key} {at}\n" for w, at in zip(keys, places, strict=True))
    for one in keys:
        one._server.server_close()
    asker = make(lines=lines)
    answers = asker.ask(asker.servers, question(700), {})
    assert [isinstance(one, Failed) and one.why for one in answers] == ["unreachable"] * 3
    assert all(isinstance(one, Failed) and "cannot be reached at " in one.sentence for one in answers)


@pytest.mark.parametrize("mode", ["silent", "a byte at a time"])
def test_the_deadline_holds_against_a_witness_that_never_ends(mode: str, make: Made) -> None:
    """Silence, or a byte now and then for ever: the round ends at its deadline, with what the good witness gave."""
    good, bad = FakeWitness("good"), FakeWitness("bad")
    bad.mode = mode
    with witnesses(good, bad):
        asker = make(good, bad, deadline=0.4)
        began = time.monotonic()
        answers = asker.ask(asker.servers, question(700), {})
        assert time.monotonic() - began < 2
        assert isinstance(answers[0], Cosignatures)
        assert answers[1][1:3] == ("late", "bad did not answer within 0.4 s")


def test_witnesses_are_asked_together(make: Made) -> None:
    """Ten silent witnesses cost one deadline, not ten."""
    many = [FakeWitness(f"w{n}") for n in range(10)]
    for one in many:
        one.mode = "silent"
    with witnesses(*many):
        asker = make(*many, deadline=0.4)
        began = time.monotonic()
        asker.ask(asker.servers, question(700), {})
        assert time.monotonic() - began < 2


def test_in_a_hurry_enough_is_enough(make: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the quorum is reached a slow witness is not waited for, and not blamed; without hurry it has its full time."""
    monkeypatch.setattr(rounds, "GRACE", 0.1)
    good, slow = FakeWitness("good"), FakeWitness("slow")
    slow.mode = "silent"
    with witnesses(good, slow):
        asker = make(good, slow, quorum="good", deadline=30)
        began = time.monotonic()
        answers = asker.ask(asker.servers, question(700), {}, hurry=True)
        assert time.monotonic() - began < 10
        assert [type(one) for one in answers] == [Cosignatures, Failed]
        assert asker.failures[asker.servers[1]] == 0
        assert asker.due(["good"]) == [asker.servers[1]]


def test_who_keeps_failing_is_spared_for_longer_and_longer(make: Made) -> None:
    """After each failure in a row a witness is left alone twice as long, at most ten minutes; a success forgets it all."""
    hand, witness = Hand(), FakeWitness("w")
    with witnesses(witness):
        asker = make(witness, hand=hand)
        witness.mode = "500"
        waits = []
        for _ in range(10):
            assert asker.due([]) == list(asker.servers)
            asker.ask(asker.due([]), question(700), {})
            before = hand.now
            while not asker.due([]):
                hand.now += 1
            waits.append(hand.now - before)
        assert waits == [4, 8, 16, 32, 64, 128, 256, 512, 600, 600]
        witness.mode = "good"
        asker.ask(asker.due([]), question(700), {})
        assert asker.due([]) == list(asker.servers)
        assert asker.last == {}
        assert asker.due(["w"]) == []


def test_who_asks_for_time_gets_it(make: Made) -> None:
    """A witness that says Retry-After is left alone for as long as it says."""
    hand, witness = Hand(), FakeWitness("w")
    witness.mode = "429"
    with witnesses(witness):
        asker = make(witness, hand=hand)
        asker.ask(asker.servers, question(700), {})
        hand.now += 59
        assert asker.due([]) == []
        hand.now += 1
        assert asker.due([]) == list(asker.servers)


def test_a_loop_that_hangs_does_not_hold_up_anybody(make: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """Should everything that asks hang at once, the round still ends a moment after its deadline."""
    ended = threading.Event()

    async def hangs(*_: object) -> Answer:
        ended.wait(10)
        raise AssertionError

    witness = FakeWitness("w")
    with witnesses(witness):
        asker = make(witness, deadline=0.2)
        monkeypatch.setattr(rounds, "request_cosignatures", hangs)
        began = time.monotonic()
        answer = only(asker.ask(asker.servers, question(700), {}))
        assert time.monotonic() - began < 3
        assert answer[1] == "late"
        ended.set()


def test_a_witness_without_an_address_is_not_asked() -> None:
    """A policy for offline use names witnesses without URLs; those of one URL are one server."""
    one, two, three = (FakeWitness(name) for name in ("one", "two", "three"))
    key = [witness.signers[0].verifier_key for witness in (one, two, three)]
    for witness in (one, two, three):
        witness._server.server_close()
    text = f"witness a {key[0]}\nwitness b {key[1]} https://w/\nwitness c {key[2]} https://w\nquorum none\n"
    servers = servers_of(tlog.parse_policy(text.encode()))
    assert [(server.address, server.name) for server in servers] == [("https://w", "b, c")]
    assert isinstance(servers[0], Server)
