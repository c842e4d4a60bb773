"""A good receipt that an editor, a mail program or Windows saved anew is not good, accuses nobody, and can be had back."""

import types
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest
from tests.tlog.corpus.forge import ED, Forged

from openroll import cli
from openroll.cli.wiring import Wiring

RECEIPT = Forged().bytes()
SAVED = {
    "CRLF": RECEIPT.replace(b"\n", b"\r\n"),
    "a byte-order mark": b"\xef\xbb\xbf" + RECEIPT,
    "an empty line": RECEIPT + b"\n",
    "no line end": RECEIPT[:-1],
    "Unicode of Windows": b"\xff\xfe" + RECEIPT.decode().replace("\n", "\r\n").encode("utf-16-le"),
    "ANSI of Chinese Windows": RECEIPT.decode().replace("\n", "\r\n").encode("gb18030"),
}
Said = Callable[..., tuple[int, str]]


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    """Runs a command in this process: its status and all it said."""

    def run(*words: object) -> tuple[int, str]:
        app = cli.build(cast(Wiring, types.SimpleNamespace(clock=lambda: datetime.now(UTC))))
        status = 0
        try:
            app([str(word) for word in words])
        except SystemExit as ended:
            status = int(ended.code or 0)
        output = capsys.readouterr()
        return status, output.out + output.err

    return run


@pytest.fixture(params=SAVED)
def saved(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The receipt as a program saved it, beside the log's key."""
    (tmp_path / "log.pub").write_text(ED.verifier_key)
    path = tmp_path / "r.tlog-proof"
    path.write_bytes(SAVED[request.param])
    return path


@pytest.mark.parametrize(
    ("lang", "evidence", "remedy"), [("en", "evidence", "openroll receipt repair"), ("zh", "证据", "修复")]
)
def test_it_is_explained_and_nobody_accused(saved: Path, said: Said, lang: str, evidence: str, remedy: str) -> None:
    """The explanation says what happened and what to do, in both languages, and calls nothing evidence."""
    status, text = said("receipt", "explain", saved, "--key", saved.with_name("log.pub"), "--lang", lang)
    assert status == 1
    assert remedy in text
    assert evidence not in text


def test_upgrade_and_audit_say_the_same(saved: Path, said: Said, tmp_path: Path) -> None:
    """Neither takes it, and neither finds a fault of the log in it."""
    log = tmp_path / "log"
    log.mkdir()
    (log / "checkpoint").write_bytes(RECEIPT.partition(b"\n\n")[2])
    key = saved.with_name("log.pub")
    status, text = said("receipt", "upgrade", saved, "--key", key, "--from", log)
    assert status == 1
    assert "a program that saves text" in text
    _, text = said("audit", log, "--key", key, "--state", tmp_path / "state", "--receipt", saved, "--no-roll")
    assert "a program that saves text" in text
    assert "proves nothing" in text


def test_it_is_had_back(saved: Path, said: Said) -> None:
    """Repaired it is the receipt that was given out, byte for byte; what is whole or no receipt is left alone."""
    assert said("receipt", "repair", saved)[0] == 0
    repaired = saved.with_name("r.repaired.tlog-proof")
    assert repaired.read_bytes() == RECEIPT
    assert said("receipt", "repair", repaired)[0] == 1
    with suppress(FileNotFoundError):
        saved.unlink()
    saved.write_bytes(b"a letter\r\n")
    assert said("receipt", "repair", saved)[0] == 1


def test_what_was_altered_besides_is_no_mishap(saved: Path, said: Said) -> None:
    """A receipt that was altered and then saved as text is said to be altered."""
    saved.write_bytes(RECEIPT.replace(b"index 3", b"index 2").replace(b"\n", b"\r\n"))
    _, text = said("receipt", "explain", saved, "--key", saved.with_name("log.pub"))
    assert "does not lead to the signed root" in text
    assert "it may be evidence" in text
