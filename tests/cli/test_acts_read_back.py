"""No command says that something is done because it sent it: it says what the log has."""

import ast
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from tests.register.test_request_checked import SIGNER
from tests.watch.test_read_back import ASKS, made, served, standing

from openroll.cli.requests import at_roll
from openroll.cli.requests.at_roll import Log, asked, size_of
from openroll.cli.requests.read_back import Act, look_after, read_back, taken_back
from openroll.cli.requests.unanswered import filed_after
from openroll.register.event import Event
from openroll.register.request.commands import OpenRequest, WithdrawRequest
from openroll.tlog import Checkpoint, KeyHistory, Signer, TlogError, parse_proof, sign_checkpoint
from openroll.watch.requests.proved import Fact, Unproved
from openroll.watch.roll_api import UNKNOWN, Declined, NotSent
from openroll.watch.source import Unreachable

CLI = Path(__file__).parents[2] / "src/openroll/cli"
HOLDS = {"step", "read_back", "entry_back", "filed_back", "taken_back", "sites_back", "_key_back", "_use_back"}
"""What holds the log's word against what was sent."""
LOOKS_BEFORE = {"step", "before_at", "size_of"}
"""What takes the head of the log before something is sent."""
FOR_OTHERS = {
    "reading.py _take": "_take",
    "asking.py _sent": "_sent",
    "rights.py _sent": "_sent",
    "site_filing.py _sent": "_sent",
    "site_telling.py _check_told": "_check_told",
}
"""What sends for another function, which holds it."""
LOOKS_AFTER = {"step", "look_after", "filed_after", "right_after", "sites_after", "check_after", *FOR_OTHERS.values()}
"""What looks for an act that was refused, or not answered."""
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
            if {"sent", "post", *FOR_OTHERS.values()} & called:
                yield f"{path.name} {one.name}", called


def test_whoever_sends_an_act_reads_it_back() -> None:
    """A new act's command that sends and does not look fails here."""
    found = dict(senders())
    unheld = {
        name for name, called in found.items() if not called & HOLDS and name not in {"at_roll.py sent", *FOR_OTHERS}
    }
    assert unheld == {name for name in found if name.startswith(NO_ACT)}
    assert not {name for name, called in found.items() if called & HOLDS and not called & LOOKS_BEFORE} - {*FOR_OTHERS}
    blind = {name for name, called in found.items() if not called & LOOKS_AFTER}
    assert blind == unheld | {"at_roll.py sent"}
    assert len(found) >= 8


class Api:
    """A roll that gives these facts."""

    where = "https://roll.example"

    def __init__(self, *acts: Any, placed: bool = True, listed: Any = None) -> None:
        self._listed = listed
        self._facts = [one if placed else Fact(one.name, one.day, one.body, "") for one in served(*acts)]

    def get(self, path: str, _most: int = 0) -> bytes:
        """The request, as JSON; or the head of the log."""
        if path == "log/checkpoint":
            return parse_proof(served()[0].receipt.encode()).checkpoint
        if path == "api/v1/requests":
            return msgspec.json.encode(self._listed)
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


ANSWERS: dict[str, Callable[[], Declined | Unreachable]] = {
    "refused": lambda: Declined("not-in-this-step", "It is not your turn.", 409),
    "busy": lambda: Declined("database-busy", "Busy.", 503),
    "cut": lambda: Unreachable("roll.example", f"it was cut{UNKNOWN}"),
    "no way": lambda: NotSent("roll.example", "no way there"),
}
"""What comes of sending something, but a good answer."""


@pytest.mark.parametrize(
    ("answer", "why", "status", "said"),
    [
        ("cut", "solved", 0, "The log has it as it was sent"),
        ("busy", "solved", 0, "The log has it as it was sent"),
        ("refused", "solved", 1, "AND THE LOG HAS IT"),
        ("cut", "lied", 2, "request.withdrawn/1 why: lied, by court/2. What of it is of your seat"),
        ("refused", "lied", 1, "What of it is of your seat"),
        ("refused", "", 1, "Looked for once, at once: nothing of it is in the log, of"),
        ("cut", "", 2, "Looked for 10 seconds: nothing of it is in the log, of"),
        ("no way", "", 2, "no way there."),
    ],
)
def test_what_was_refused_or_not_answered_is_looked_for(
    answer: str,
    why: str,
    status: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whatever the roll says of it: what the log has of an act since is said, and its receipt is kept; a refusal ends at once."""
    waits: list[float] = []
    monkeypatch.setattr(at_roll, "pause", waits.append)
    act = Act("it was sent", Log("roll.example/t", KeyHistory([SIGNER.verifier]), b""), tmp_path, "request-1", "`x`")
    api: Any = Api(*([made(WithdrawRequest(request=ASKS.request, why=why))] if why else []))
    with pytest.raises(SystemExit) if status else nullcontext() as ended, asked():
        look_after(ANSWERS[answer](), api, WithdrawRequest(request=ASKS.request, why="solved"), standing(), act)
    assert (ended.value.code if ended else 0) == status
    assert said in " ".join(capsys.readouterr().err.split())
    assert len(list(tmp_path.glob("request-1-entry-*.receipt"))) == bool(why)
    assert len(waits) == (19 if (answer, why) == ("cut", "") else 0)


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


def test_a_head_is_of_this_log_and_signed_by_its_keys() -> None:
    """Behind which entry an act has to stand is no word of the roll's."""
    api: Any = Api()
    assert size_of(api, Log("roll.example/t", KeyHistory([SIGNER.verifier]), b"")) > 0
    other = Signer.from_seed("roll.example/t", bytes(32), "ed25519").verifier
    for origin, key in (("roll.example/t", other), ("roll.example/u", SIGNER.verifier)):
        with pytest.raises(TlogError):
            size_of(api, Log(origin, KeyHistory([key]), b""))


def test_a_request_that_was_not_answered_is_known_by_its_envelope(monkeypatch: pytest.MonkeyPatch) -> None:
    """Among the newest of its authority; where none has it that is said, after ten seconds."""
    waits: list[float] = []
    monkeypatch.setattr(at_roll, "pause", waits.append)
    api: Any = Api(listed=[{"number": ASKS.request, "authority": "police"}])
    found = filed_after(ANSWERS["cut"](), api, "police", ASKS.envelope)
    assert (found, waits) == ((ASKS.request, ASKS.by), [])
    with pytest.raises(Declined, match="Looked for once, at once: no request of police is listed"):
        filed_after(ANSWERS["refused"](), api, "police", "f" * 64)
    with pytest.raises(Unreachable, match="Looked for 10 seconds: no request of guard is listed"):
        filed_after(ANSWERS["cut"](), api, "guard", ASKS.envelope)
    assert len(waits) == 19


def test_a_roll_shows_no_older_head_than_it_did(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest head that was seen is kept beside the token: with it a roll that hides what came since is found, and a fork."""
    monkeypatch.setattr(at_roll, "pause", lambda _: None)
    log, api = Log("roll.example/t", KeyHistory([SIGNER.verifier]), b""), Api()
    assert size_of(cast("Any", api), log, tmp_path) == size_of(cast("Any", api), log, tmp_path)
    (kept,) = tmp_path.iterdir()
    origin, size, root = kept.read_text().split("\n")[:3]

    def signed(entries: int, digest: str) -> bytes:
        return sign_checkpoint(Checkpoint(origin, entries, b64decode(digest)), [SIGNER])

    for note, said in (
        (signed(int(size) + 1, root), f"a head of its log of {size} entries"),
        (signed(int(size), b64encode(bytes(32)).decode()), "two heads"),
        (b"nonsense", "move it away"),
    ):
        kept.write_bytes(note)
        with pytest.raises(Unproved, match=said):
            size_of(cast("Any", api), log, tmp_path)
