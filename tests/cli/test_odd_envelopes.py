"""What one body sealed badly, or the roll left out, keeps nobody from what else is there, nor the person from being told; and
nothing but what was asked last, by the log's word, is answered."""

from base64 import b64encode
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
import pytest
from tests.register.test_request_in_browser import LISTS
from tests.register.test_request_in_browser import said as asked_pages

from openroll.cli.requests import answered_record, answering, folder, reading, resting
from openroll.cli.requests.at_roll import Log
from openroll.disclosure.envelope import X25519, HeldKey, digest, key_line, public_line, seal
from openroll.register.request import sealed_parts
from openroll.register.request.content import AnswerBack, Ask, Question, context_of
from openroll.register.request.record import BySubscription
from openroll.watch.requests.proved import Unproved

OPERATOR, AUTHORITY, THIEF = (HeldKey(letter * 32, X25519) for letter in (b"o", b"a", b"t"))
ASK, ANEW = (
    Ask(record=BySubscription(number), grounds="g", basis="b", case="K-1", salt="0" * 32, officer="officer")
    for number in ("A-1", "B-2")
)
MINE: Any = answered_record.Mine(disclosures=None)  # type: ignore[arg-type]


class Fact(NamedTuple):
    """A fact that names an envelope."""

    part: str
    digest: str
    at: datetime = datetime(2006, 12, 20, tzinfo=UTC)


class Stands:
    """A request as far as this needs it."""

    annulled = False


class Filed:
    """How it was filed, as far as this needs it."""

    case_digest = ASK.case_digest
    authority, reviewer, operator, objector = "police", "court", "east", ""


class Matter(NamedTuple):
    """A request, proved."""

    facts: tuple[Fact, ...]
    request: Stands = Stands()
    filed: Filed = Filed()
    heirs: tuple[tuple[str, str], ...] = (("east", "west"), ("north", "east"))


def sealed(content: bytes, signer: HeldKey = AUTHORITY, to: HeldKey = OPERATOR) -> bytes:
    """An envelope of the one matter here."""
    return seal(content, [to.published.sealing], signer.signing, "m")


def of(*envelopes: tuple[str, bytes]) -> folder.Folder:
    """A folder in which these are, as the log names them."""
    nothing: Any = None
    matter: Any = Matter(tuple(Fact(part, digest(data)) for part, data in envelopes))
    return folder.Folder(nothing, nothing, matter, (), tuple(data for _, data in envelopes))


def without(made: folder.Folder, *parts: str) -> folder.Folder:
    """The folder, these parts left out of it."""
    facts: Any = made.matter.facts
    left = {one.digest for one in facts if one.part not in parts}
    return made._replace(envelopes=tuple(one for one in made.envelopes if digest(one) in left))


@pytest.fixture(autouse=True)
def one_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Facts are those of this file, and all of them the authority's."""
    for module in (folder, sealed_parts):
        monkeypatch.setattr(module, "part_of", lambda fact: fact[:2])
    monkeypatch.setattr(folder, "organisation_of", lambda _: "police")
    monkeypatch.setattr(folder, "_signers", lambda *_: [AUTHORITY.published.verifying])
    monkeypatch.setattr(folder, "context", lambda *_: "m")


@pytest.fixture
def made() -> folder.Folder:
    """The authority asked, sent something that is none, sent something that does not open, and was asked back."""
    return of(
        ("ask", sealed(ASK.encoded())),
        ("complete", sealed(b"[]")),
        ("answer-back", sealed(b"", THIEF)),
        ("ask-back", sealed(Question(text="which?").encoded())),
    )


@pytest.fixture
def anew() -> folder.Folder:
    """The authority asked, was asked back, answered, and sent its request anew about another record."""
    contents = {
        "ask": ASK,
        "ask-back": Question(text="which?"),
        "answer-back": AnswerBack(text="another"),
        "complete": ANEW,
    }
    return of(*((part, sealed(content.encoded())) for part, content in contents.items()))


def test_each_envelope_is_shown_by_itself(made: folder.Folder, capsys: pytest.CaptureFixture[str]) -> None:
    """What is none, and what does not open, is said to be wrong; all others are read."""
    parts = folder.tried(made, [OPERATOR])
    assert [reading._shown(made, one, None) for one in parts] == [True, False, False, True]
    said = capsys.readouterr().out
    assert "subscription A-1" in said
    assert "which?" in said
    assert said.count("WRONG") == 2
    with pytest.raises(Unproved, match="answer-back"):
        folder.opened(made, [OPERATOR])


def test_the_person_is_told_where_what_was_asked_last_cannot_be_read(
    made: folder.Folder, anew: folder.Folder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the ask that was sent last; where that is unreadable or missing, by the record that the operator names."""
    asked: list[Ask | None] = []
    monkeypatch.setattr(answered_record, "record_meant", lambda _, ask: asked.append(ask))
    named: Any = answered_record.Mine(disclosures=MINE.disclosures, account="A-1")
    answered_record.record_told(anew, [OPERATOR], MINE)
    for one in (made, without(anew, "complete")):
        answered_record.record_told(one, [OPERATOR], named)
        with pytest.raises(SystemExit):
            answered_record.record_told(one, [OPERATOR], MINE)
        assert "--account or --handle" in " ".join(capsys.readouterr().err.split())
    assert asked == [ANEW, None, None]


def test_nothing_but_what_was_asked_last_is_answered(anew: folder.Folder, capsys: pytest.CaptureFixture[str]) -> None:
    """In whatever order envelopes lie; and where it was left out, or is sealed to another, no older ask is taken for it."""
    assert answering._ask_in(anew._replace(envelopes=anew.envelopes[::-1]), [OPERATOR]) == ANEW
    assert answering._ask_in(without(anew, "ask", "ask-back", "answer-back"), [OPERATOR]) == ANEW, (
        "sent anew as it was lost"
    )
    for one, said in (
        (without(anew, "complete"), "what was asked last is missing: the log names `complete`"),
        (
            of(("ask", sealed(ASK.encoded())), ("complete", sealed(ANEW.encoded(), to=THIEF))),
            "does not open to these keys",
        ),
    ):
        with pytest.raises(SystemExit) as ended:
            answering._ask_in(one, [OPERATOR])
        assert (ended.value.code, said in " ".join(capsys.readouterr().err.split())) == (1, True)


def test_what_was_left_out_is_said_and_nothing_is_decided_on_the_rest(
    anew: folder.Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each part that a body reads is named where it is missing; a reviewer needs the last ask and the last answer back."""
    for one in ("ask", "ask-back", "answer-back", "complete"):
        lacking = without(anew, one)
        assert reading._say_missing(lacking, folder.tried(lacking, [OPERATOR]), ["reviewer"])
        assert f"the log names `{one}`" in capsys.readouterr().out
        if one in ("answer-back", "complete"):
            with pytest.raises(SystemExit):
                resting.hold_rested_on(lacking, ["reviewer"])
        else:
            resting.hold_rested_on(lacking, ["reviewer"])
    assert not reading._say_missing(without(anew, "ask-back", "answer-back"), [], ["operator"]), "not sealed to it"
    parts = folder.tried(anew, [OPERATOR])
    assert not reading._say_missing(anew, parts, ["reviewer"])
    assert all(reading._shown(anew, one, ANEW) for one in parts)
    said = capsys.readouterr().out
    assert "police (ask, REPLACED by what was sent anew)" in said
    assert "police (complete):" in said
    assert reading._say_missing(anew, parts[:-1], ["operator"]), "there, and sealed to another key"


def test_whose_a_key_is_says_the_log(anew: folder.Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body by its own keys, an operator by its heir's too; of whom nothing is shown might read everything."""
    keys = {"court": AUTHORITY, "west": OPERATOR}
    monkeypatch.setattr(resting, "_own", lambda _, name, ids: name in keys and keys[name].id in ids)
    for held, want in (
        ([AUTHORITY], ("reviewer",)),
        ([THIEF, OPERATOR], ("operator",)),
        ([THIEF], sealed_parts.PARTIES),
    ):
        assert resting.parties(anew, held) == want


def test_what_was_sealed_before_the_log_was_begun_anew_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    """An envelope is bound to the name that the log had; under another one than those nothing opens, and who signed is known."""
    nothing: Any = None
    monkeypatch.setattr(folder, "context", lambda made, _: made.log.origin)
    named = {
        name: seal(ASK.encoded(), [OPERATOR.published.sealing], AUTHORITY.signing, name) for name in ("new", "old")
    }
    forged = seal(ASK.encoded(), [OPERATOR.published.sealing], THIEF.signing, "old")
    made = of(*(("ask", one) for one in (*named.values(), forged)))._replace(log=Log("new", nothing, b""))
    assert [one.fault != "" for one in folder.tried(made, [OPERATOR])] == [False, True, True]
    found = folder.tried(made._replace(before=("older", "old")), [OPERATOR])
    assert [one.content for one in found] == [ASK.encoded(), ASK.encoded(), b""]


def test_what_is_sent_again_rests_on_its_last_place_on_page_and_by_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """An officer's own program completes with an envelope that it sent before, and the register takes it: what is asked is what
    the log names last, wherever that stood before, whatever else was sent, and in whichever order the roll gives them."""
    terms = {"authority": "police", "use": 1, "operator": "east", "reviewer": "court", "fields": ["name"]}
    terms |= {"case_digest": ASK.case_digest}
    signer = HeldKey(b"a" * 32)
    us = HeldKey(b"o" * 32)
    context = {part: context_of("roll.example/t", terms, part) for part in ("ask", "complete")}
    monkeypatch.setattr(folder, "context", lambda _, part: context[part])
    monkeypatch.setattr(folder, "_signers", lambda *_: [signer.published.verifying])

    def sent(part: str, number: str) -> tuple[str, bytes]:
        ask = msgspec.structs.replace(ASK, record=BySubscription(number))
        return part, seal(ask.encoded(), [us.published.sealing], signer.signing, context[part])

    sent_first, others = sent("ask", "A-1"), {name: sent("complete", f"{name}-1") for name in "BC"}
    names = {"ask": "request.filed/1", "complete": "request.completed/1"}
    questions, wanted = [], []
    for anew in ("BCB", "BC", "CBB"):
        all_of_them = (sent_first, *(others[one] for one in anew))
        made = of(*all_of_them)
        made = made._replace(envelopes=made.envelopes[::-1])
        parts = folder.tried(made, [us])
        ask = resting.asked_last(made, parts)
        assert ask is not None
        assert isinstance(ask.record, BySubscription)
        facts = [
            terms | {"name": names[part], "by": "police/1", "envelope": digest(data)} for part, data in all_of_them
        ]
        given = [{"envelope": b64encode(one).decode()} for one in made.envelopes]
        questions.append(["rests", given, facts, key_line(us), public_line(signer.published)])
        wanted.append([[one.place for one in parts], ask.record.number])
    assert asked_pages(["know", LISTS], *questions)[1:] == wanted
    assert [number for _, number in wanted] == ["B-1", "C-1", "B-1"]
