"""What one body sealed badly keeps nobody from what the others did, nor the person from being told."""

from pathlib import Path
from typing import Any, cast

import pytest

from openroll.cli.requests import answered_record, folder, reading
from openroll.disclosure.envelope import X25519, HeldKey, digest, seal
from openroll.register.request.content import Ask, Question
from openroll.register.request.record import BySubscription
from openroll.watch.requests.proved import Unproved

OPERATOR, AUTHORITY, THIEF = (HeldKey(letter * 32, X25519) for letter in (b"o", b"a", b"t"))
ASK = Ask(record=BySubscription("A-1"), grounds="g", basis="b", case="K-1", salt="0" * 32, officer="officer")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> folder.Folder:
    """A folder in which the authority asked, sent something that is none, sent something that does not open, and asked back."""
    sealed = {
        "ask": seal(ASK.encoded(), [OPERATOR.published.sealing], AUTHORITY.signing, "m"),
        "complete": seal(b"[]", [OPERATOR.published.sealing], AUTHORITY.signing, "m"),
        "answer-back": seal(b"", [OPERATOR.published.sealing], THIEF.signing, "m"),
        "ask-back": seal(Question(text="which?").encoded(), [OPERATOR.published.sealing], AUTHORITY.signing, "m"),
    }
    facts = tuple((part, digest(data)) for part, data in sealed.items())
    monkeypatch.setattr(folder, "part_of", lambda fact: fact)
    monkeypatch.setattr(folder, "organisation_of", lambda _: "police")
    monkeypatch.setattr(folder, "_signers", lambda *_: [AUTHORITY.published.verifying])
    monkeypatch.setattr(folder, "context", lambda *_: "m")

    class Matter:
        def __init__(self) -> None:
            self.facts = facts

    nothing: Any = None
    return folder.Folder(nothing, nothing, cast(Any, Matter()), (), tuple(sealed.values()))


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


def test_the_person_is_told_whatever_was_sealed_last(made: folder.Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the newest ask that can be read; and where none can, by the record that the operator names."""
    asked: list[Ask | None] = []
    monkeypatch.setattr(answered_record, "record_meant", lambda _, ask: asked.append(ask))
    mine = answered_record.Mine(disclosures=Path("none"))
    answered_record.record_told(made, [OPERATOR], mine)
    answered_record.record_told(made._replace(envelopes=made.envelopes[1:]), [OPERATOR], mine)
    assert asked == [ASK, None]
