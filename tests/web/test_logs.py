"""What the servers write down of requests and faults: nothing that somebody sent, and no line that somebody forged."""

import ast
import logging
import threading
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from litestar import Litestar, Request

from openroll.compose import server, witness
from openroll.compose.logs import LOGGING, Printable
from openroll.register.roll.refusals import ClockWrong
from openroll.report.answer import Answering
from openroll.service.roll import NotNow, Roll
from openroll.service.simulation import messages
from openroll.service.work import Done, Kind, queue
from openroll.service.worker import Worker
from openroll.store.connect import NothingWritten
from openroll.store.rights import begin_request
from openroll.store.work import WorkRow
from openroll.watch.witness import app as witness_app
from tests.web.house import House

SOURCES = Path(__file__).parents[2] / "src/openroll"
TYPED = "Wang Xiaoming"
FORGED = "/api/v1/h\n[ERROR] nobody signed in\x1b[2K"


def _request(path: str, method: str = "GET") -> Request[Any, Any, Any]:
    scope: Any = {"type": "http", "method": method, "path": path, "path_template": "/api/v1/{handle}", "headers": [],
             "query_string": b"", "scheme": "https", "server": ("roll.example", 443), "client": None, "state": {},
             "root_path": "", "app": Litestar([], logging_config=None)}  # fmt: skip
    return Request(scope)


def test_no_address_gets_into_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """Routes are written as the table of routes has them; what stood in the address is not written at all."""
    error = NotNow("the clock stands before what is written", ClockWrong())
    server.not_now(_request(FORGED), error)
    witness_app._fault(_request(FORGED), ValueError(TYPED))
    server.our_fault(_request(FORGED), ValueError(TYPED))
    assert [one.getMessage().split(":")[0].split(" failed")[0] for one in caplog.records] == [
        "GET /api/v1/{handle} refused",
        "GET /api/v1/{handle}",
        "GET /api/v1/{handle}",
    ]
    assert "forged" not in caplog.text
    assert "nobody signed in" not in caplog.text
    assert "\x1b" not in caplog.text
    assert "Wang" not in caplog.text


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (psycopg.errors.UniqueViolation(f"Key (name)=({TYPED}) already exists."), 503),
        (psycopg.DataError(f"PostgreSQL text fields cannot contain NUL (0x00) bytes: {TYPED}"), 400),
        (psycopg.errors.CharacterNotInRepertoire(TYPED), 400),
    ],
)
def test_what_nobody_thought_of_is_no_fault(error: Exception, status: int, caplog: pytest.LogCaptureFixture) -> None:
    """Where two were at it at once, or no column holds what was sent: nothing was done, and that is said; the log has it."""
    assert server.our_fault(_request("/api/v1/x"), error).status_code == status
    assert "GET /api/v1/{handle}: " in caplog.text
    assert TYPED not in caplog.text


LEFT = {
    "database-away": NothingWritten(TYPED),
    "outcome-unknown": psycopg.OperationalError(TYPED),  # without a state: the connection is gone
    "http-500": psycopg.errors.QueryCanceled(TYPED),
}


@pytest.mark.parametrize("code", LEFT)
def test_an_act_that_the_database_left_before_it_wrote_is_in_no_doubt(code: str) -> None:
    """It met a database that is away; of one whose own connection broke in its commit nobody knows whether it was done."""
    begin_request()  # nothing of it stands, whatever this thread did before
    answer = server.our_fault(_request("/api/v1/x", "POST"), LEFT[code])
    assert (answer.status_code, answer.content.code or code) == (500 if code == "http-500" else 503, code)


@pytest.mark.parametrize(
    ("path", "method", "said"),
    [
        ("/api/v1/requests/1", "GET", "nothing was to be done: ask once more"),
        ("/api/v1/requests/1", "HEAD", "nothing was to be done: ask once more"),
        ("/api/v1/requests/1/steps", "POST", "whether this was done is unknown: look whether it is there"),
        ("/api/v1/filings", "POST", "whether anything was filed is unknown: send it again under the same key"),
    ],
)
def test_a_fault_speaks_of_what_was_asked(path: str, method: str, said: str) -> None:
    """Whoever only read hears of no filing, and whoever has no key is not told to send anything again under it."""
    begin_request()
    assert said in server.our_fault(_request(path, method), ValueError(TYPED)).content.title


def test_no_line_of_a_servers_log_is_forged() -> None:
    """A break in what is logged begins no line at the margin, a colour is spelled out, and an error comes without its message."""
    try:
        raise ValueError(TYPED)
    except ValueError as error:
        raised = (type(error), error, error.__traceback__)
    record = logging.LogRecord("x", logging.ERROR, "x", 1, "got %s", ("a\n\t[ERROR] b\r\x1b[2K\u2028",), raised)
    record.created = 0
    form = LOGGING["formatters"]["printable"]
    said = Printable(form["fmt"], form["datefmt"]).format(record)
    assert said.startswith(
        "1970-01-01T00:00:00Z [ERROR] got a\n  |  [ERROR] b<U+000D><U+001B>[2K<U+2028>\n  | builtins.ValueError"
    )
    assert all(line.startswith("  | ") for line in said.split("\n")[1:])
    assert "Wang" not in said


@pytest.mark.parametrize("serving", [server, witness])
def test_both_servers_log_so(serving: Any) -> None:
    """The roll's server and the witness's hand that formatter to whatever runs them."""
    calls = [one for one in ast.walk(ast.parse(Path(serving.__file__).read_text())) if isinstance(one, ast.Call)]
    started = next(one for one in calls if isinstance(one.func, ast.Name) and one.func.id == "Granian")
    assert {one.arg: ast.unparse(one.value) for one in started.keywords}["log_dictconfig"] == "LOGGING"
    assert LOGGING["root"]["handlers"] == ["errors"]


def test_no_framework_puts_a_log_of_its_own_in_that_ones_place(inside: House) -> None:
    """Litestar would otherwise set the root logger up anew, with a formatter that writes whatever it gets."""
    assert inside.client.app.logging_config is None
    assert "logging_config=None" in Path(witness_app.__file__).read_text(encoding="utf-8")


def test_work_that_goes_by_the_clock_fails_without_saying_on_what(roll: Roll, caplog: pytest.LogCaptureFixture) -> None:
    """Its error is told by kind and place, in the keeper's log and in the table of work."""
    failed = threading.Event()

    def broken(_: WorkRow) -> Done:
        failed.set()
        raise ValueError(TYPED)

    worker = Worker(roll, {"broken": Kind(broken, "clock-work", every=lambda now: now)})
    worker.start()
    assert failed.wait(10)
    worker.close()
    (waiting,) = queue(roll)
    assert "builtins.ValueError" in caplog.text
    assert "builtins.ValueError" in waiting.row.fault
    assert "Wang" not in waiting.row.fault
    assert "Wang" not in caplog.text


def test_a_question_that_cannot_be_measured_is_not_written_down(caplog: pytest.LogCaptureFixture) -> None:
    """The error of a what-if is told by kind and place, without the question's words."""
    lines: list[bytes] = []
    Answering(lines.append).answer(TYPED.encode())
    said = msgspec.json.decode(lines[0], type=messages.AnyMessage)
    assert isinstance(said, messages.Broken)
    assert "msgspec.DecodeError" in said.where
    assert "Wang" not in said.where


ALLOWED = {
    "fault_trace.py": "the place itself",
    "compose/main.py": "a command's own terminal, without the password",
    "sheet/child.py": "the line of code where a child broke off, and never the message",
}


def _writes_messages(tree: ast.Module) -> list[int]:
    """Lines that would write an error's message down: `.exception("...")`, `exc_info=...`, and the module traceback."""
    return sorted(getattr(node, "lineno", 0) for node in ast.walk(tree) if _writes(node))


def _writes(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        named = isinstance(node.func, ast.Attribute) and node.func.attr == "exception" and bool(node.args)
        return named or any(one.arg in ("exc_info", "stack_info") for one in node.keywords)
    if isinstance(node, ast.Import):
        return any(one.name == "traceback" for one in node.names)
    return isinstance(node, ast.ImportFrom) and node.module == "traceback"


def test_no_room_writes_an_errors_message() -> None:
    """Errors go into the log by `fault_trace` alone."""
    assert _writes_messages(ast.parse("log.exception('x')\nlog.error('x', exc_info=e)\nimport traceback")) == [1, 2, 3]
    found = {
        str(path.relative_to(SOURCES)): lines
        for path in SOURCES.rglob("*.py")
        if (lines := _writes_messages(ast.parse(path.read_text(encoding="utf-8"))))
    }
    assert set(found) == set(ALLOWED)


def test_no_address_of_a_request_is_logged() -> None:
    """No call of a logger anywhere has a request's path or query among what it writes."""
    guilty = []
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                text = ast.unparse(node)
                logs = node.func.attr in ("debug", "info", "warning", "error", "critical", "log")
                if logs and any(word in text for word in ("url.path", "request.url", 'scope["path"]', "query_params")):
                    guilty.append(f"{path.name}:{node.lineno}")
    assert guilty == []
