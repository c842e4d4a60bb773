"""What stands in envelopes: strict, in one form, complete, and bound to its matter."""

from datetime import UTC, datetime

import msgspec
import pytest

from openroll.register.request.content import (
    MOST_TEXT,
    Answer,
    AnswerBack,
    Ask,
    ContentUnfit,
    Draft,
    Notice,
    Question,
    ask_lacks,
    ask_of,
    case_digest,
    context_of,
    read_ask,
    read_content,
    text_lack,
)
from openroll.register.request.one_record import Lack
from openroll.register.request.record import BySubscription, Given

NOW = datetime(2006, 12, 20, tzinfo=UTC)
DRAFT = Draft(
    Given("subscription", "CQ-0001234567"),
    "Threats by mail.\nThe letter names it.",
    "art. 5",
    "2006-117",
    "fraud squad",
)
FILED = {
    "authority": "police",
    "use": 1,
    "operator": "east",
    "reviewer": "court",
    "fields": ("name", "address"),
    "case_digest": "0" * 64,
}


def made() -> Ask:
    """A whole ask."""
    ask = ask_of(DRAFT, bytes(16), NOW)
    assert isinstance(ask, Ask)
    return ask


def test_a_whole_draft_makes_an_ask_that_is_read_again() -> None:
    """What an officer typed becomes one canonical JSON, which reviewer and operator read as the same."""
    ask = made()
    assert read_ask(ask.encoded(), NOW) == ask
    assert ask.case_digest == case_digest("2006-117", "00" * 16)
    assert msgspec.json.decode(ask.encoded())["record"] == {"by": "subscription", "number": "CQ-0001234567"}


def test_everything_that_a_draft_lacks_is_said_at_once_by_field() -> None:
    """An empty draft lacks its record, grounds, basis, case and officer, each by the code of the closed list."""
    found = ask_of(Draft(Given("subscription", "")), bytes(16))
    assert isinstance(found, tuple)
    assert set(found) == {(name, "missing") for name in ("record", "grounds", "basis", "case", "officer")}


@pytest.mark.parametrize(
    ("changed", "lack"),
    [
        ({"grounds": "x" * (MOST_TEXT + 1)}, Lack("grounds", "long")),
        ({"grounds": "a\u202eb"}, Lack("grounds", "hidden")),
        ({"case": "one\ntwo"}, Lack("case", "hidden")),
        ({"officer": "call 13800138000"}, Lack("officer", "names-somebody")),
        ({"basis": " "}, Lack("basis", "missing")),
    ],
)
def test_texts_of_an_ask_are_looked_at_on_every_side(changed: dict[str, str], lack: Lack) -> None:
    """A text that is too long, hides something or names somebody is refused when it is drafted, and again when it is opened."""
    assert ask_of(msgspec.structs.replace(DRAFT, **changed), bytes(16)) == (lack,)
    ask = msgspec.structs.replace(made(), **changed)
    assert ask_lacks(ask) == (lack,)
    with pytest.raises(ContentUnfit, match=lack.field):
        read_ask(ask.encoded())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        made().encoded() + b" ",
        made().encoded().replace(b'"is":"ask"', b'"is":"question"'),
        made().encoded().replace(b'{"by"', b'{"also":"2","by"'),
        made().encoded().replace(b'"CQ-0001234567"', b'["1","2"]'),
        made().encoded().replace(b'"CQ-0001234567"', b'"1234*"'),
        made().encoded().replace(b'"CQ-0001234567"', b'"CQ-000123\\u200b4567"'),
        made().encoded().replace(b'"salt":"', b'"salt":"zz'),
    ],
)
def test_an_envelope_with_anything_else_is_not_read(data: bytes) -> None:
    """What was sealed past our own programs (other members, lists, patterns, another form) is refused when it is opened."""
    with pytest.raises(ContentUnfit):
        read_ask(data)


def test_every_content_has_one_form() -> None:
    """Each kind of content comes back from its bytes, and from no other bytes."""
    notice = Notice(
        request=1,
        authority="police",
        authority_title="Police",
        reviewer="court",
        operator="east",
        filed=NOW,
        purpose="fraud",
        basis="art. 5",
        asked=("name",),
        approved=("name",),
        given=("name",),
        outcome="given",
        urgency="ordinary",
        supervisor="Ombudsman",
        supervised_at="ombudsman.example",
        word="w",
    )
    for content in (made(), Question(text="Why?"), AnswerBack(text="So."), Answer(outcome="not-held"), notice):
        kind = type(content)
        assert read_content(content.encoded(), kind) == content
        with pytest.raises(ContentUnfit):
            read_content(content.encoded().replace(b":", b": ", 1), kind)


def test_an_envelope_of_one_matter_opens_in_no_other() -> None:
    """The context that binds an envelope differs for every party, field, case and part, and fits what an envelope takes."""
    contexts = {context_of("roll.example/t", FILED, part) for part in ("ask", "question", "answer-back", "answer")}
    for changed in (
        {"operator": "west"},
        {"reviewer": "other"},
        {"fields": ("name",)},
        {"case_digest": "1" * 64},
        {"use": 2},
    ):
        contexts.add(context_of("roll.example/t", FILED | changed, "ask"))
    assert len(contexts) == 9
    assert all(len(one.encode()) < 1024 for one in contexts)


def test_a_question_needs_words() -> None:
    """A question or its answer without words, or with hidden ones, is refused."""
    assert text_lack("grounds", "Which case?") == ()
    assert text_lack("grounds", " \n")[0].why == "missing"
    assert isinstance(made().record, BySubscription)
