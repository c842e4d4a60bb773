"""No command says that something is done because it sent it: it says what the log has."""

import ast
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from tests.register.test_request_checked import SIGNER
from tests.watch.test_read_back import ASKS, made, served, standing

from openroll.cli.requests import at_roll
from openroll.cli.requests.at_roll import Log
from openroll.cli.requests.read_back import Act, read_back, taken_back
from openroll.register.event import Event
from openroll.register.request.commands import OpenRequest, WithdrawRequest
from openroll.tlog import KeyHistory
from openroll.watch.requests.proved import Fact

CLI = Path(__file__).parents[2] / "src/openroll/cli"
HOLDS = {"step", "read_back", "entry_back", "filed_back", "taken_back", "_key_back", "_use_back"}
"""What holds the log's word against what was sent."""
LOOKS_BEFORE = {"step", "before_at", "size_of"}
"""What takes the head of the log before something is sent."""
NO_ACT = "giving.py"
"""That a grant was taken back, or shown, is no act, and stands in no log."""


def senders() -> Iterator[tuple[str, set[str]]]:
    """Each outermost function of the commands, or command, that sends something to a roll, with the functions that it calls."""
    for path in CLI.rglob("*.py"):
        within = [
            one
            for one in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(one, ast.FunctionDef) and not any(isinstance(part, ast.FunctionDef) for part in one.body)
        ]
        for one in within:
            called = {
                call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
                for call in ast.walk(one)
                if isinstance(call, ast.Call)
            }
            if {"sent", "post"} & called:
                yield f"{path.name} {one.name}", called


def test_whoever_sends_an_act_reads_it_back() -> None:
    """A new act's command that sends and does not look fails here."""
    found = dict(senders())
    unheld = {name for name, called in found.items() if not called & HOLDS and name != "at_roll.py sent"}
    assert unheld == {name for name in found if name.startswith(NO_ACT)}
    assert not {name for name, called in found.items() if called & HOLDS and not called & LOOKS_BEFORE}
    assert len(found) >= 8


class Api:
    """A roll that gives these facts."""

    where = "https://roll.example"

    def __init__(self, *acts: Any, placed: bool = True) -> None:
        self._facts = [one if placed else Fact(one.name, one.day, one.body, "") for one in served(*acts)]

    def get(self, _: str) -> bytes:
        """The request, as JSON."""
        return msgspec.json.encode({"facts": self._facts})


def looked(api: Any, folder: Path, command: WithdrawRequest) -> int:
    """The status with which an act ends that was sent to a roll; 0 where it goes on."""
    act = Act("it was sent", Log("roll.example", KeyHistory([SIGNER.verifier]), b""), folder, "request-1", "`x`")
    try:
        read_back(api, command, standing(), act)
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


@pytest.mark.parametrize(("by", "stood", "status"), [("court/2", True, 0), ("court/3", True, 1), ("", False, 1)])
def test_a_taking_that_the_log_has_nothing_of(
    by: str,
    stood: bool,
    status: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Where the log has no entry for this very seat and step, a silent act is said, whoever else took before."""
    monkeypatch.setattr(at_roll, "pause", lambda _: None)
    act = Act("it was sent", Log("roll.example", KeyHistory([SIGNER.verifier]), b""), tmp_path, "request-1", "`x`")
    before: list[Event] = [msgspec.structs.replace(made(OpenRequest(request=ASKS.request)), by=by)] if by else []
    with pytest.raises(SystemExit) if status else nullcontext():
        taken_back(cast("Any", Api(*before)), ASKS.request, standing(*before), act, "court/2", stood)
    assert ("NO ENTRY OF IT" in " ".join(capsys.readouterr().err.split())) == bool(status)


@pytest.mark.parametrize(("why", "placed", "status"), [("solved", True, 0), ("lied", True, 1), ("solved", False, 2)])
def test_what_the_log_has(
    why: str,
    placed: bool,
    status: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As it was sent, it is done; otherwise it is said, with the receipt kept; what is not there in time is not called done."""
    monkeypatch.setattr(at_roll, "pause", lambda _: None)
    fact = made(WithdrawRequest(request=ASKS.request, why=why))
    command = WithdrawRequest(request=ASKS.request, why="solved")
    assert looked(Api(fact, placed=placed), tmp_path, command) == status
    said = " ".join(capsys.readouterr().err.split())
    assert ["Read back from the log", "THE LOG SAYS OTHERWISE", "not in the log yet"][status] in said
    assert len(list(tmp_path.glob("request-1-entry-*.receipt"))) == (status == 1)
