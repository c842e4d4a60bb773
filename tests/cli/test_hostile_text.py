"""What a stranger wrote is shown by every command, and obeyed by none: no escape sequence, no direction, no markup of ours."""

import json
import threading
import types
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast

import pytest
from tests.tlog.corpus.forge import ED, Forged

from openroll import cli, tlog
from openroll.cli.output import Output, fail, show_faults
from openroll.cli.wiring import Wiring
from openroll.sheet import Fault
from openroll.tlog.__main__ import main
from openroll.tlog.proof import Proof, format_proof

HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\x08\u202egood\u2028\x00[red]x[/red][/bold]"
"""Sets a terminal's title, clears it, colours it (in two ways), goes back, turns the direction; and looks like markup of rich."""
OBEYED = {chr(n) for n in range(0x20)} - {"\n"} | {chr(n) for n in range(0x7F, 0xA0)} | {"\u202e", "\u2028"}
NOTE = f"{HOSTILE}\n1\n{'A' * 43}=\n\n— x AAAAAAAA\n"
RECEIPTS = {
    "inspected": format_proof(Proof(json.dumps({"x": HOSTILE}, ensure_ascii=False).encode(), 0, (), NOTE.encode())),
    "body": Forged(body=HOSTILE + "\nProved: everything").bytes(),
    "act": Forged(tail="\n" + HOSTILE).bytes(),
    "origin": Forged(text=f"{ED.name}\x9b31m\u202e[red]\n5\n{'A' * 43}=\n").bytes(),
    "kind": Forged(kind="a\x1b[2J").bytes(),
    "extra": HOSTILE.encode() * 3,
}


@pytest.fixture(params=RECEIPTS)
def files(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Path]:
    """A hostile receipt, a hostile key file, policy, history and rule, and the good key."""
    texts = {
        "key": f"x{HOSTILE}+00000000+AAAA",
        "policy": f"log {HOSTILE}\nquorum none\n",
        "history": f'{{"{HOSTILE}": 1}}',
    }
    rule = f"id: {HOSTILE!r}\n{HOSTILE}: [1\n"
    made = {name: tmp_path / name for name in (*texts, "rule.yaml", "good.pub", "r.tlog-proof")}
    for name, text in texts.items():
        made[name].write_text(text)
    made["rule.yaml"].write_text(rule)
    made["good.pub"].write_text(ED.verifier_key)
    made["r.tlog-proof"].write_bytes(RECEIPTS[request.param])
    return made


@pytest.fixture
def server() -> Iterator[str]:
    """A server whose every answer is hostile."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = NOTE.encode()
            self.send_response(200, "\x1b[2J\x9b31m")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing: the test looks at what the command says."""

    serving = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{serving.server_port}"
    serving.shutdown()
    serving.server_close()


def harmless(text: str) -> bool:
    """Whether a terminal obeys nothing in it."""
    return not OBEYED & set(text)


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs a command in this process: all it said."""

    def run(*words: object) -> str:
        app = cli.build(cast(Wiring, types.SimpleNamespace(clock=lambda: datetime.now(UTC))))
        with suppress(SystemExit):
            app([str(word) for word in words])
        output = capsys.readouterr()
        return output.out + output.err

    return run


def test_no_check_of_a_receipt_obeys_it(files: dict[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    """`python -m openroll.tlog` shows whatever stands in receipt, key, policy or history, on one line where it says one thing."""
    good, receipt = files["good.pub"], files["r.tlog-proof"]
    for words in (
        ("inspect", receipt),
        ("verify", receipt, "--key", good),
        ("verify", receipt, "--key", files["key"]),
        ("verify", receipt, "--key", good, "--policy", files["policy"]),
        ("verify", receipt, "--key", good, "--history", files["history"]),
        ("verify", f"{receipt}\x1b[2J", "--key", good),
        ("keys", files["history"], "--key", good),
        ("repair", receipt, "-o", files["key"].with_name("out")),
    ):
        assert main([str(word) for word in words]) in (0, 1, 2)
        output = capsys.readouterr()
        assert harmless(output.out + output.err), words
        assert "\nProved: everything" not in output.out


def test_no_command_obeys_what_it_reads(files: dict[str, Path], said: Callable[..., str], tmp_path: Path) -> None:
    """Commands on receipts, rules and evidence show what stands in their files, and end in a sentence."""
    good, receipt = files["good.pub"], files["r.tlog-proof"]
    log = tmp_path / "log"
    log.mkdir()
    (log / "checkpoint").write_text(NOTE)
    for words in (
        *(("receipt", "explain", receipt, "--key", good, "--lang", lang) for lang in ("zh", "en")),
        ("receipt", "explain", receipt, "--key", files["key"]),
        ("receipt", "explain", receipt, "--key", good, "--policy", files["policy"]),
        ("receipt", "explain", receipt, "--key", good, "--history", files["history"]),
        ("receipt", "upgrade", receipt, "--key", good, "--from", log),
        ("receipt", "repair", receipt),
        ("rule", "check", files["rule.yaml"]),
        ("audit", log, "--key", good, "--state", tmp_path / "state", "--receipt", receipt),
        ("mirror", log, tmp_path / "copy", "--key", good, "--no-pages"),
        ("mirror", log, tmp_path / "copy2", "--trust-first-keys", "--no-pages"),
        ("evidence", tmp_path / "log", "--key", good),
    ):
        assert harmless(said(*words)), words


def test_no_command_obeys_a_server(
    files: dict[str, Path], said: Callable[..., str], server: str, tmp_path: Path
) -> None:
    """Commands that ask a server show what it answers."""
    good = files["good.pub"]
    for words in (
        ("audit", server, "--key", good, "--state", tmp_path / "state", "--mirror", server, "--witness", server),
        ("mirror", server, tmp_path / "copy", "--key", good),
        ("mirror", server, tmp_path / "copy2", "--trust-first-keys"),
        ("receipt", "upgrade", files["r.tlog-proof"], "--key", good, "--from", server),
    ):
        assert harmless(said(*words)), words


def test_what_stands_in_a_file_is_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    """Brackets stay as they are in sentences, tables and errors; a mark that is never closed is no error."""
    Output().print(f"a [red]b[/red] [/x] {HOSTILE}")
    show_faults([Fault(1, "[bold]", HOSTILE, "expected", "unknown", "[link=file:///x]do[/link]")], 1)
    with pytest.raises(SystemExit):
        fail(f"it is [red]bad[/red] [/x] {HOSTILE}")
    output = capsys.readouterr()
    assert "a [red]b[/red] [/x]" in output.out
    assert "it is [red]bad[/red] [/x]" in output.err
    assert harmless(output.out + output.err)


def test_visible_text_stays() -> None:
    """Every visible character and blank stays as it is, Chinese and its own blank among them."""
    for text in ("登记册　第一条", "naïve – “x”", "a\u00a0b", "😀"):
        assert tlog.printable(text) == text
    assert tlog.printable("a\nb\x1b\u200b") == "a<U+000A>b<U+001B><U+200B>"
    assert tlog.printable("a\nb", keep="\n") == "a\nb"
