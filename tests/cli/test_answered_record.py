"""The record that is answered is the one that was asked about, and whose values were given is told: by no option another."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from openroll.cli.requests import answered_record, answering
from openroll.cli.requests.answered_record import Mine, note_answered, record_meant, record_told
from openroll.cli.requests.at_roll import AtRoll
from openroll.cli.requests.folder import Folder
from openroll.disclosure.envelope import digest
from openroll.register.request.content import Ask
from openroll.register.request.events import RequestAnswered
from openroll.register.request.record import ByCode, ByDomain, BySubscription, RecordSaid
from openroll.register.request.words import NOT_GIVING
from openroll.sheet.disclosed import OwnRecord, Unfound
from openroll.sheet.pack import Kept

CODES = {"h-13": "1313131313131313", "h-14": "1414141414141414"}
BY: dict[str, Any] = {"at": datetime(2006, 12, 1, tzinfo=UTC), "by": "east/1", "rule": "r"}
ACCOUNTS = {"h-13": "u-13", "h-14": "u-14", "h-15": "A-15", "h-16": "A15", "h-17": ""}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A disclosures file of five records, two of them told apart by a mark and one without its number; and a list of codes."""
    found = tmp_path_factory.mktemp("operator")
    lines = [msgspec.json.encode(Kept(handle, (), (), account)) for handle, account in ACCOUNTS.items()]
    (found / "d.ndjson").write_bytes(b"\n".join(lines) + b"\n")
    (found / "codes.csv").write_text("handle,code\n" + "".join(f"{one},{code}\n" for one, code in CODES.items()))
    return found


def own(handle: str) -> OwnRecord:
    """A record by its handle alone."""
    return OwnRecord((Kept(handle, ()),))


def ask(record: RecordSaid) -> Ask:
    """An ask about a record."""
    return Ask(record=record, grounds="g", basis="b", case="K-1", salt="0" * 32, officer="officer")


def mine(files: Path, codes: bool = False, **named: str) -> Mine:
    """What the operator says of the record."""
    return Mine(disclosures=[files / "d.ndjson"], codes=files / "codes.csv" if codes else None, **named)


def code(handle: str) -> ByCode:
    """A record by its filing code."""
    return ByCode(code=CODES[handle])


def refused(work: Callable[[], object], capsys: pytest.CaptureFixture[str]) -> str:
    """The sentence with which something ends."""
    with pytest.raises(SystemExit):
        work()
    return " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("record", "named", "both"),
    [
        (code("h-14"), {"codes": True, "account": "u-13"}, ("1414141414141414", "number u-14", "number u-13")),
        (code("h-14"), {"codes": True, "handle": "h-13"}, ("1414141414141414", "number u-14", "number u-13")),
        (ByCode(code="9" * 16), {"codes": True, "account": "u-13"}, ("9" * 16, "none of your list", "number u-13")),
        (BySubscription("u-14"), {"account": "u-13"}, ("subscription u-14", "number u-13")),
        (BySubscription("u-14"), {"handle": "h-13"}, ("subscription u-14", "number u-13")),
        (BySubscription("u-14"), {"handle": "h-17"}, ("subscription u-14", "handle h-17")),
        (BySubscription("u-99"), {"account": "u-13"}, ("subscription u-99", "number u-13")),
        (BySubscription("A-15"), {"account": "A15"}, ("subscription A-15", "number A15")),
        (ByDomain(domain="a.example"), {"account": "u-13", "handle": "h-14"}, ("number u-14", "number u-13")),
    ],
)
def test_no_option_puts_another_record_in_the_place_of_the_one_that_was_asked_about(
    files: Path, record: RecordSaid, named: dict[str, Any], both: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """Where request and operator name two, nothing is sent and both are said; so where the operator itself names two."""
    said = refused(lambda: record_meant(mine(files, **named), ask(record)), capsys)
    assert [one for one in (*both, "Nothing was sent") if one not in said] == []


@pytest.mark.parametrize(
    ("record", "named", "handle"),
    [
        (code("h-14"), {"codes": True}, "h-14"),
        (code("h-14"), {"codes": True, "account": "u-14"}, "h-14"),
        (code("h-14"), {"account": "u-14"}, "h-14"),
        (BySubscription("u14"), {"account": "u-14"}, "h-14"),
        (BySubscription("A/15"), {"account": "A15"}, "h-16"),
        (BySubscription("u-99"), {"handle": "h-17"}, "h-17"),
        (ByDomain(domain="a.example"), {"account": "u-13"}, "h-13"),
    ],
)
def test_the_operator_names_what_its_files_do_not_tell(
    files: Path, record: RecordSaid, named: dict[str, Any], handle: str
) -> None:
    """The same record said twice; which of two that a mark tells apart; one listed without its number; whose a domain was."""
    assert record_meant(mine(files, **named), ask(record)).handle == handle


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Folder]:
    """What makes the folder of a request that was answered, by this folder (with the record that it says) or elsewhere."""

    def made(record: RecordSaid | None, answered: str = "", fields: tuple[str, ...] = ("name",)) -> Folder:
        monkeypatch.setattr(answered_record, "tried", lambda *_: ())
        monkeypatch.setattr(answered_record, "asked_last", lambda *_: None if record is None else ask(record))
        monkeypatch.setattr(answered_record, "missing_in", lambda *_: ())
        fact = RequestAnswered(request=1, outcome="given", fields=fields, envelope=digest(b"sealed"), **BY)
        nothing: Any = None
        path = tmp_path / str(len([*tmp_path.iterdir()]))
        path.mkdir()
        found = Folder(path, nothing, type("Matter", (), {"facts": (fact,)}), (), ())  # type: ignore[arg-type]
        note_answered(found, b"never taken", own("h-15"))
        if answered:
            note_answered(found, b"sealed", own(answered))
        return found

    return made


def test_whose_values_were_given_is_told(
    files: Path, folder: Callable[..., Folder], capsys: pytest.CaptureFixture[str]
) -> None:
    """By the note of the answer: not whom an option or the list of codes names, and of these two the difference is said."""
    found = folder(code("h-14"), "h-13")
    assert record_told(found, [], mine(files, codes=True)).handle == "h-13"
    said = " ".join(capsys.readouterr().err.split())
    assert "number u-13, and the request names filing code 1414141414141414, of number u-14" in said
    said = refused(lambda: record_told(found, [], mine(files, codes=True, account="u-14")), capsys)
    assert "answered with the values of number u-13, and --account names number u-14" in said
    assert record_told(found, [], mine(files)).handle == "h-13", "the list of codes is not needed for it"


def test_one_that_left_the_file_since_is_told_by_its_handle(files: Path, folder: Callable[..., Folder]) -> None:
    """An answer outlives the operator's line of it."""
    assert record_told(folder(None, "h-99"), [], mine(files)).handle == "h-99"


def test_what_was_answered_elsewhere_is_named(
    files: Path, folder: Callable[..., Folder], capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the folder cannot know whose values were given, the operator says so; one that was answered by mistake with another
    record than was asked about is told by a word of its own."""
    found = folder(code("h-14"))
    assert "--account or --handle" in refused(lambda: record_told(found, [], mine(files, codes=True)), capsys)
    assert record_told(found, [], mine(files, account="u-14")).handle == "h-14"
    other = mine(files, codes=True, account="u-13")
    assert "two records" in refused(lambda: record_told(found, [], other), capsys)
    assert record_told(found, [], other, as_answered=True).handle == "h-13"
    assert record_told(folder(BySubscription("u-14")), [], mine(files)).handle == "h-14"


def test_who_was_given_nothing_of_is_told_by_what_was_asked(files: Path, folder: Callable[..., Folder]) -> None:
    """Where nothing went out the code list says whose it is."""
    assert record_told(folder(code("h-14"), fields=()), [], mine(files, codes=True)).handle == "h-14"


def test_what_is_withheld_is_not_said_to_be_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All of it withheld as immunity is answered by `not-given --outcome immunity`; what the file lacks, by `not-held`."""
    monkeypatch.setattr(answering, "expected", lambda _: type("Expected", (), {"approved": ("name", "fax")}))
    nothing: Any = None
    for withheld, why, outcome in (
        ({"name": "immunity"}, "withheld", "immunity"),
        ({"phone": "immunity"}, "no-field", "not-held"),
    ):
        with pytest.raises(Unfound) as unfound:
            answering._answer(nothing, answering._Own(own("h-1"), ""), [], withheld)
        assert unfound.value.why == why
        said = refused(lambda error=unfound.value: answering._unfound(error, lambda code: f"--outcome {code}."), capsys)  # type: ignore[misc] # a lambda has no types
        assert f"Nothing was sent. --outcome {outcome}." in said
    assert "immunity" in NOT_GIVING


def test_where_no_record_is_found_a_notice_is_published_all_the_same() -> None:
    """That nobody is to be told is offered only where the answer said so: anywhere else it is refused, as it would tell what is
    held. Several records, and one whose values were given, are somebody's."""
    at = AtRoll(roll="https://roll.example", token=Path("t"))

    def said(outcome: str, **state: Any) -> str:
        request: Any = SimpleNamespace(**{**NOTHING, **state})
        return answering._nobody_told(request, at, Path("f"), ["--key", "k"])(outcome)

    told = said("not-held")
    assert "request tell f --roll https://roll.example --token t --key k --sealed-to-nobody` tells all the same" in told
    assert "request nobody 1" in said("not-held", answered="not-held")
    assert "request nobody" not in said("not-held", answered="not-held", opened=())
    assert said("unclear") == said("not-held", given=("name",)) == ""


NOTHING = {"number": 1, "given": (), "held": False, "answered": "", "operator": "east", "opened": ("east",)}
"""What a request is read of by whoever looks whether somebody is to be told."""
