"""A line's end in what somebody else wrote makes no line of ours: each line that a command prints is one that it began."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from tests.cli.test_sd_jwt import KEY, run
from tests.register.test_request_checked import DAY, KEYS, changed, corrected, filed, receipts
from tests.told import content_of

from openroll.cli import giving
from openroll.cli.requests import person, reading
from openroll.cli.requests.folder import Opened
from openroll.cli.requests.public_part import Beside
from openroll.disclosure import Disclosure
from openroll.disclosure.disclosure import base64url
from openroll.disclosure.envelope import public_line
from openroll.disclosure.sd_jwt import issue
from openroll.register.given import Shown
from openroll.register.request.content import Answer, Ask, Notice, Question
from openroll.register.request.record import ByDomain, BySubscription, RecordSaid
from openroll.register.subscription.number_salt import salt_for

TWO = "Li Si\n  address: Jiefangbei 1\u2028\x85Checked: unaltered"
"""A value that would be two lines more where it is printed as it is."""
NAME = Disclosure.of_property("A" * 22, "name", TWO)


class Matter:
    """A request of which the name was approved, asked in the entry before the last."""

    def __init__(self, *given: str) -> None:
        self.request = type("Request", (), {"approved": given, "answered": "given", "given": given})
        self.filed = type("Filed", (), {"operator": "east"})
        self.heirs: tuple[tuple[str, str], ...] = ()
        self.placed = (0, DAY)
        self.facts = (type("Answered", (), {"outcome": "given", "fields": given}),)


def asked(record: RecordSaid) -> Ask:
    """What was asked, about this record."""
    return Ask(record=record, grounds="g", basis="b", case="K-1", salt="0" * 32, officer="inspector")


def shown(
    capsys: pytest.CaptureFixture[str],
    proofs: tuple[str, ...],
    *given: Disclosure,
    ask: Ask | None = asked(ByDomain("example.cn")),  # noqa: B008 - frozen
    openings: Mapping[str, str] = {},
) -> tuple[bool, list[str]]:
    """Whether an answer with these values is called proved, and the lines that are said of it."""
    names = tuple(one.name or "" for one in given)
    folder: Any = type("Folder", (), {"matter": Matter(*names), "log": type("Log", (), {"keys": KEYS, "policy": None})})
    made = Answer(outcome="given", disclosures=tuple(one.encoded for one in given), receipts=proofs)
    if openings:
        made = msgspec.structs.replace(made, number="A-1001", openings=openings)
    good = reading._show_answer(folder, Opened("answer", "east", 0, made.encoded()), ask)
    return good, capsys.readouterr().out.splitlines()


def test_a_value_is_one_line_of_an_answer(capsys: pytest.CaptureFixture[str]) -> None:
    """The officer reads one field where one was given, and the verdict stands once."""
    good, lines = shown(capsys, receipts(filed([NAME.digest()])), NAME)
    assert good
    assert [line for line in lines if line.lstrip().startswith(("name:", "address:"))] == [
        "  name: Li Si<U+000A>  address: Jiefangbei 1<U+2028><U+0085>Checked: unaltered"
    ]
    assert sum(line.startswith("Checked:") for line in lines) == 1


def test_what_is_not_proved_is_said_by_field_and_not_called_unaltered(capsys: pytest.CaptureFixture[str]) -> None:
    """A value by a change that names no record, and one that came after the request: said, and status 1."""
    plain = Disclosure.of_property("A" * 22, "name", "Li Si")
    facts = (filed(["d" * 43]), changed(["d" * 43, plain.digest()]))
    for names, word in ((None, "NOT PROVED, name"), (0, "LATE, name")):
        good, lines = shown(capsys, receipts(*facts, of={1: names}), plain)
        assert not good
        assert any(word in line for line in lines)
        assert not any("unaltered" in line for line in lines)
        unnamed = [line for line in lines if "is not proved)" in line]
        assert len(unnamed) == (names is None)
    late, lines = shown(capsys, receipts(filed([plain.digest()]), corrected([], [])), plain)
    assert (late, any("unaltered" in line for line in lines)) == (True, True)


def test_what_is_not_of_the_number_asked_about_is_said_and_not_called_unaltered(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Opened to the number: said, with it; opened to none, or what was asked does not open: not proved, and status 1. Of what
    was asked by a code, a domain or an address it is said that it is the operator's word, and that makes no status."""
    opening = bytes(16)
    one = Disclosure.of_property(base64url(salt_for("A-1001", opening)), "name", "Li Si")
    opens, proofs = {"name": base64url(opening)}, receipts(filed([one.digest()]))
    number = asked(BySubscription("A1001"))
    for ask, openings, good, word in (
        (number, opens, True, "Filed under the number A-1001."),
        (number, {}, False, "NOT PROVED, name: that it is of the number"),
        (None, {}, False, "NOT PROVED: that it is of the number"),
        (asked(BySubscription("A-1002")), opens, False, "WRONG, the answer: it is not of the number"),
        (asked(ByDomain("example.cn")), {}, True, "is the operator's word"),
    ):
        found, lines = shown(capsys, proofs, one, ask=ask, openings=openings)
        assert (found, sum(word in line for line in lines)) == (good, 1), lines
        assert any("Checked: unaltered" in line for line in lines) == good


def test_lines_of_others_stand_behind_a_mark(capsys: pytest.CaptureFixture[str]) -> None:
    """Grounds and questions may have several lines; none of them looks like a field of the request."""
    text = "because\n  officer: somebody else\nChecked: unaltered"
    ask = Ask(record=BySubscription("A-1"), grounds=text, basis="b", case="K-1", salt="0" * 32, officer="inspector")
    reading._show(Opened("ask", "police", 0, ask.encoded()))
    reading._show(Opened("ask-back", "bench", 1, Question(text=text).encoded()))
    said = capsys.readouterr().out.splitlines()
    assert sum("officer:" in line and not line.startswith("  | ") for line in said) == 1
    assert not any(line.startswith("Checked") for line in said)


def test_an_answer_and_its_faults_keep_to_their_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """Its outcome, its reasons and what is wrong with its form are the operator's words: none of them makes a verdict of ours."""
    folder: Any = type("Folder", (), {"matter": Matter(), "log": type("Log", (), {"keys": KEYS, "policy": None})})
    forged = f"given):\n  name: Wang Wu\nChecked: unaltered.\n({TWO}"
    for content in (
        Answer(outcome=forged).encoded(),
        Answer(outcome="not-held", withheld={"name": forged}).encoded(),
        msgspec.json.encode(msgspec.to_builtins(Answer(outcome="given")) | {forged: 1}),
        msgspec.json.encode(msgspec.to_builtins(Answer(outcome="given")) | {"outcome": [forged]}),
    ):
        assert not reading._shown(folder, Opened("answer", "east", 0, content), None)
        lines = capsys.readouterr().out.splitlines()
        assert not any(line.startswith(("  name: Wang", "  name: Li", "Checked")) for line in lines), lines


def test_given_values_notices_and_tokens_keep_to_their_lines(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A given value, its field, a notice's words and a token's claims are a line each."""
    giving._say_value(Shown("name\nphone", TWO, ""))
    assert len(capsys.readouterr().out.splitlines()) == 1
    notice = msgspec.json.decode(content_of(1), type=Notice)
    person.show_notice(Beside(notice), "https://roll.example", ZoneInfo("UTC"))
    lines = len(capsys.readouterr().out.splitlines())
    person.show_notice(
        Beside(msgspec.structs.replace(notice, purpose=TWO, basis=TWO, supervisor=TWO, authority_title=TWO)),
        "https://roll.example",
        ZoneInfo("UTC"),
    )
    assert len(capsys.readouterr().out.splitlines()) == lines
    (tmp_path / "east.pub").write_text(public_line(KEY.published))
    claims = {"vct": "urn:openroll:subscription:1", "operator": TWO, "roll": TWO, "iat": 0, "exp": 2**40}
    (tmp_path / "token").write_text(
        issue(claims, [NAME.digest()], [NAME.encoded], "k", lambda text: KEY.signing.sign(text)[:64])
    )
    assert run(tmp_path, "disclosure", "read-sd-jwt", tmp_path / "token", "--from", tmp_path / "east.pub") == 0
    said = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0].split(" ")[0] for line in said] == ["name", "Signed", "Not"]
    assert said[0].startswith("name: Li Si<U+000A>")
