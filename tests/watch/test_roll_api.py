"""The client of a roll's API sends no token, and nothing that gives a right, where somebody on the way reads it.

It takes no answer that cannot be reckoned with.
"""

from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from openroll.cli import build
from openroll.watch import roll_api
from openroll.watch.roll_api import InTheClear, RollApi, decoded
from openroll.watch.source import Unreachable
from tests.cli.test_operator import Around


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is sent is not answered."""

    def unanswered(work: object, _: float) -> None:
        work.close()  # type: ignore[attr-defined] # a coroutine
        raise TimeoutError

    monkeypatch.setattr(roll_api, "wait_for", unanswered)


@pytest.mark.parametrize(
    "address", ["http://roll.example", "HTTP://roll.example:80/", "http://10.0.0.7", "http://localhost.example"]
)
def test_a_token_or_a_word_goes_over_https_alone(address: str) -> None:
    """By http nothing is sent: no call by a token, and no body. What anybody may read is asked for all the same."""
    with pytest.raises(InTheClear, match="https"):
        RollApi(address, "secret").get("rule")
    with pytest.raises(InTheClear, match="https"):
        RollApi(address).post("complaints", {})
    with pytest.raises(Unreachable, match="longer than"):
        RollApi(address).get("requests")


@pytest.mark.parametrize(
    "address", ["https://roll.example", "http://127.0.0.1:8000", "http://[::1]", "http://localhost:9"]
)
def test_over_https_and_to_this_machine_it_is_sent(address: str) -> None:
    """Where nobody is on the way, a token may travel."""
    with pytest.raises(Unreachable, match="longer than"):
        RollApi(address, "secret").get("rule")


def test_what_was_sent_and_not_answered_may_be_done() -> None:
    """Of a question nothing is in doubt; whether an act was done is said to be unknown."""
    for status, sent, unknown in ((502, b"{}", True), (502, None, False), (404, b"{}", False)):
        said = str(roll_api._declined("a", status, b"<html>", "" if sent is None else roll_api.UNKNOWN))
        assert ("is unknown" in said) == unknown
    with pytest.raises(Unreachable, match="is unknown"):
        RollApi("https://roll.example").post("complaints", {})
    with pytest.raises(Unreachable, match=r"seconds$"):
        RollApi("https://roll.example").get("requests")


def test_commands_say_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A command by a seat's token, and a complaint by its word, end in a sentence."""
    token = tmp_path / "token"
    token.write_text("secret\n")
    token.chmod(0o600)
    for command in (
        ["request", "list", "--token", str(token)],
        ["request", "approve", "1", "--field", "name", "--token", str(token)],
        ["notice", "complain", "1", "--word", "a-word"],
    ):
        with pytest.raises(SystemExit) as ended:
            build(Around(tmp_path))([*command, "--roll", "http://roll.example"])
        assert ended.value.code == 2
        assert "give an https address" in " ".join(capsys.readouterr().err.split())


class Row(msgspec.Struct):
    """A part of an answer."""

    at: datetime | None = None
    rows: tuple["Row", ...] = ()


@pytest.mark.parametrize("at", ["9999-12-31T23:00:00Z", "0001-01-01T00:00:00Z", "2006-12-20T12:00:00"])
def test_a_moment_that_no_day_is_of_is_no_answer(at: str) -> None:
    """At either end of the calendar, or without a zone, wherever it stands: whoever reckons with it would end in a fault."""
    good, bad = b'{"at": "2006-12-20T12:00:00Z"}', f'{{"at": "{at}"}}'.encode()
    assert decoded(b'{"rows": [%s]}' % good, Row, "here").rows[0].at is not None
    for answer, kind in ((bad, Row), (b"[%s]" % bad, list[Row]), (b'{"rows": [%s, %s]}' % (good, bad), Row)):
        with pytest.raises(Unreachable, match="cannot be reckoned with: it says the moment"):
            decoded(answer, kind, "here")
