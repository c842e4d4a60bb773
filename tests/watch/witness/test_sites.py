"""A witness looks at sites for the rolls that its keeper named, under a key of its own for that, and is nobody's relay."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from pathlib import Path

import pytest

from openroll.register.site.control import wanted_at
from openroll.register.site.events import Sighting
from openroll.register.site.looks import Question, Seen
from openroll.register.site.sightings import Asked, is_signed, read_asked, read_seen, signature_said
from openroll.tlog import Signer, open_note, sign_note, split_note
from openroll.tlog.witnessing import Answer
from openroll.watch.probe.remote import read_places
from openroll.watch.witness.app import application
from openroll.watch.witness.settings import LogSettings, looking_key, read_settings, write_looks
from openroll.watch.witness.sites import A_MINUTE, APART, Looking
from openroll.watch.witness.start import LOOKING_KEY, StartedWitness, make_looking_key
from tests.watch.made_log import MadeLog
from tests.watch.witness.process import NAME, new_witness
from tests.watch.witness.test_app import told

ROLL = "roll.example/log"
LOG, OTHER = (Signer.from_seed(name, bytes([at]) * 32, "ed25519") for at, name in enumerate((ROLL, "other.example"), 1))
PLACE = Signer.from_seed("w1.example", b"p" * 32, "ed25519")
WANTED = wanted_at("https://roll.example", "east")
NOW = 1_200_000_000


class Looked:
    """A witness that looks at a made-up internet, at a moment that stands still."""

    def __init__(self, **seen: Seen) -> None:
        self.asked: list[Question] = []
        self.at = float(NOW)
        self.seen = {f"{name}.example.org": one for name, one in seen.items()}
        self.looking = Looking(PLACE, {ROLL: [LOG.verifier]}, self._eye, lambda: self.at)

    def _eye(self, asked: Sequence[Question], _: datetime, __: float) -> AsyncIterator[tuple[Question, Seen]]:
        async def looks() -> AsyncIterator[tuple[Question, Seen]]:
            self.asked += asked
            for question in asked:
                if question.domains[0] in self.seen:
                    yield question, self.seen[question.domains[0]]

        return looks()

    def ask(self, body: bytes) -> bytes | Answer:
        """What comes of a request."""
        return asyncio.run(self.looking.answer(body))


def question(name: str = "shudian", at: int = NOW, by: Signer = LOG, roll: str = ROLL) -> bytes:
    """A signed question about a site."""
    return sign_note(Asked(roll, at, (f"{name}.example.org",), WANTED).text(), [by])


def test_what_it_saw_is_signed_and_anybody_can_check_it_by_the_fact_alone() -> None:
    """The answer fits what was asked, and nothing else: another site, roll, account, moment or answer is not signed."""
    witness = Looked(shudian=Seen("answers", "record"))
    answer = witness.ask(question())
    assert isinstance(answer, bytes)
    text = open_note(answer, (PLACE.verifier,)).text
    seen = read_seen(text, PLACE.name)
    assert seen == Sighting(PLACE.name, NOW, True, "record")
    assert witness.asked == [Question(0, ("shudian.example.org",), WANTED)]
    said = Sighting(PLACE.name, NOW, True, "record", signature_said(PLACE.verifier, split_note(answer)[1][0].signature))
    fact = (ROLL, ("shudian.example.org",), "https://roll.example/operators/east")
    assert is_signed(said, *fact, [PLACE.verifier])
    assert not is_signed(said, *fact, [LOG.verifier])
    for other in (
        Sighting(said.place, said.at, False, said.control, said.signature),
        Sighting(said.place, said.at, True, "file", said.signature),
        Sighting(said.place, said.at + 1, True, "record", said.signature),
        Sighting(said.place, said.at, None, None, said.signature),
        Sighting(said.place, said.at, True, "record", "?"),
    ):
        assert not is_signed(other, *fact, [PLACE.verifier])
    for roll, domains, account in (
        ("other.example", fact[1], fact[2]),
        (ROLL, ("neu.example.org",), fact[2]),
        (ROLL, fact[1], "https://roll.example/operators/west"),
        (ROLL, fact[1], ""),
    ):
        assert not is_signed(said, roll, domains, account, [PLACE.verifier])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (question(by=OTHER), 403),
        (question(by=OTHER, roll="other.example"), 403),
        (question(at=NOW - APART - 1), 422),
        (question(at=NOW + APART + 1), 422),
        (question("gone"), 503),
        (b"no note", 400),
        (b"x" * 30_000, 413),
        (sign_note(f"{ROLL}\n7\n{'A' * 43}=\n", [LOG]), 400),
        (question().replace(b"shudian", b"another"), 400),
    ],
)
def test_it_looks_for_no_stranger_and_at_no_other_time(body: bytes, status: int) -> None:
    """Another roll, another's key, another time, a head of a log, altered words: nobody is asked, but for the last."""
    witness = Looked(shudian=Seen("answers"), another=Seen("answers"))
    answer = witness.ask(body)
    assert isinstance(answer, Answer)
    assert answer.status == status
    assert len(witness.asked) == (status == 503)


@pytest.mark.parametrize(
    "domains",
    ["co.uk", "10.0.0.1", "a.example.org a.example.org/x", "A.example.org", " ".join(["a.example.org"] * 11), ""],
)
def test_it_is_asked_of_domains_alone_in_their_one_form(domains: str) -> None:
    """Whatever else stands there is no question."""
    text = Asked(ROLL, NOW, ("shudian.example.org",), WANTED).text().replace("shudian.example.org", domains)
    assert read_asked(text) is None
    for broken in ("openroll site seen/1", "a\nb", ""):
        assert (
            read_asked(Asked(ROLL, NOW, ("shudian.example.org",)).text().replace("openroll site asked/1", broken))
            is None
        )


def test_the_same_question_again_costs_no_look_and_too_many_are_told_to_wait() -> None:
    """Whoever heard a question and sends it again gets the answer that was given; a roll has so many looks in a minute."""
    witness = Looked(shudian=Seen("answers"))
    assert witness.ask(question()) == witness.ask(question())
    assert len(witness.asked) == 1
    for at in range(1, A_MINUTE):
        assert isinstance(witness.ask(question(at=NOW - APART + at % 200 if at > 200 else NOW + at)), bytes)
    many = [witness.ask(question("shudian", NOW + 200 + at)) for at in range(100)]
    assert {one.status for one in many if isinstance(one, Answer)} <= {429}
    witness.at += 61
    assert isinstance(witness.ask(question(at=NOW + 60)), bytes)


def test_a_keeper_names_the_rolls_and_the_key_is_made_once(tmp_path: Path) -> None:
    """Without a word of its keeper there is no such address; with it the key that looks is none that cosigns."""
    log = MadeLog()
    new_witness(tmp_path, [LogSettings(log.origin, tuple(log.keys))])
    path = tmp_path / "witness.yaml"
    closed = StartedWitness(read_settings(path), tmp_path)
    assert told(application(closed), b"", path="/look-at-site")[0] == 404
    closed.close()
    signer = make_looking_key(path, lambda size: b"s" * size)
    with pytest.raises(ValueError, match="does not watch"):
        write_looks(path, "other.example", LOOKING_KEY, looks=True)
    settings = write_looks(path, log.origin, LOOKING_KEY, looks=True)
    assert make_looking_key(path, bytes).verifier == signer.verifier == looking_key(settings, tmp_path).verifier
    assert (tmp_path / LOOKING_KEY).stat().st_mode & 0o077 == 0
    assert "# private keys: files" in path.read_text()
    started = StartedWitness(settings, tmp_path)
    assert str(signer.verifier) not in started.keys.published
    status, _, said = told(application(started), question(), path="/look-at-site")
    assert (status, said) == (403, "this place does not look for that roll\n")
    started.close()
    path.write_text(path.read_text().replace(f"looking_key: {LOOKING_KEY}", "looking_key: cosignature.key"))
    with pytest.raises(ValueError, match="it cosigns"):
        looking_key(read_settings(path), tmp_path)
    assert not write_looks(path, log.origin, LOOKING_KEY, looks=False).logs[0].looks


def test_a_roll_s_list_of_places_says_what_is_wrong_with_it() -> None:
    """An address and a key a line; a key of a log or a witness's cosigning one, or a place that stands twice, is not taken."""
    cosigns = Signer.from_seed(NAME, b"c" * 32, "cosignature").verifier
    line = f"https://w1.example/ {PLACE.verifier}"
    (place,) = read_places(f"# ours\n\n{line} # in the north\n")
    assert (place.address, place.key) == ("https://w1.example", PLACE.verifier)
    for text, said in {
        f"w1.example {PLACE.verifier}": "line 1: expected the address",
        "https://w1.example w1+0+x": "line 1:",
        f"https://w1.example {cosigns}": "a key of its own",
        f"{line}\n{line}": "line 2: w1.example stands there twice",
    }.items():
        with pytest.raises(ValueError, match=said.replace("+", r"\+")):
            read_places(text)
