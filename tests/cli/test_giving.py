"""A person gives fields by command, as a file or a link; whoever gets it checks it with the log's key and nothing else."""

import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from tests.cli.test_operator import Around
from tests.register.test_given import LIFE, PHONE
from tests.register.test_request_checked import OPENS, OWN, SIGNER

from openroll.cli import build, giving
from openroll.register.given import read_given
from openroll.register.grant import grant_of, word_of
from openroll.service.identity import puzzle
from openroll.watch.roll_api import Declined

NOW = datetime(2006, 12, 1, tzinfo=UTC)


class Ended(NamedTuple):
    """What a command came to."""

    status: int
    out: str
    err: str


Run = Callable[..., Ended]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in a folder with a person's disclosures, receipts and the log's key."""
    (tmp_path / "mine.txt").write_text("\n".join([*OPENS.values(), PHONE.encoded]))
    (tmp_path / "receipts").mkdir()
    for at, receipt in enumerate(LIFE[:2]):
        (tmp_path / "receipts" / f"{at}.tlog-proof").write_text(receipt)
    (tmp_path / "log.pub").write_text(f"{SIGNER.verifier}\n")

    def command(*words: object, typed: str = "") -> Ended:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(typed.encode())))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            build(Around(tmp_path))(list(map(str, words)))
        told = capsys.readouterr()
        return Ended(int(ended.value.code or 0), told.out, told.err)

    return command


def give(folder: Path, *more: object) -> tuple[object, ...]:
    """The command that gives from this folder."""
    return ("disclosure", "give", folder / "mine.txt", "--receipt", folder / "receipts", *more)


def test_what_was_kept_in_several_files_is_given_as_one(run: Run, tmp_path: Path) -> None:
    """Who filed and told later has two: a field of each is given, and what is in neither is said."""
    (tmp_path / "mine.txt").write_text(OPENS["name"])
    (tmp_path / "told.txt").write_text(PHONE.encoded)
    both = ["disclosure", "give", tmp_path / "mine.txt", tmp_path / "told.txt", "--receipt", tmp_path / "receipts"]
    made = run(*both, "--field", "name", "--field", PHONE.name, "-o", tmp_path / "given.json")
    assert made.status == 0, made
    given = read_given((tmp_path / "given.json").read_bytes())
    assert set(given.disclosures) == {OPENS["name"], PHONE.encoded}
    assert "your files have no disclosure of it" in run(*both, "--field", "address", "-o", tmp_path / "none").err


def test_a_file_is_given_and_checked(run: Run, tmp_path: Path) -> None:
    """Two fields in a file for its owner alone; the check says the values, the roll, the entry, and what is not proved."""
    made = run(
        *give(tmp_path, "--field", "name", "--field", "address", "--to", "my bank", "-o", tmp_path / "given.json")
    )
    assert made.status == 0, made
    assert (tmp_path / "given.json").stat().st_mode & 0o077 == 0
    checked = run("verify", tmp_path / "given.json", "--key", tmp_path / "log.pub")
    assert checked.status == 0, checked
    for words in (
        "For: my bank",
        "name: Wang",
        "address: Street 1",
        "entry 0 of roll.example/t",
        "operator: east",
        "Not proved",
    ):
        assert words in checked.out
    assert "1234567" not in checked.out + (tmp_path / "given.json").read_text()


def test_a_link_is_given_and_checked_from_standard_input(run: Run, tmp_path: Path) -> None:
    """The link's values stand behind the number sign; read from standard input, no list of processes has them."""
    made = run(*give(tmp_path, "--field", "phone", "--page", "https://roll.example/en/verify"))
    assert made.out.startswith("https://roll.example/en/verify#given=")
    checked = run("verify", "--key", tmp_path / "log.pub", typed=made.out)
    assert (checked.status, "phone: 13800000000" in checked.out) == (0, True), checked
    assert run("verify", made.out.strip(), "--key", tmp_path / "log.pub").status == 0
    assert run("verify", "https://roll.example/en/verify", "--key", tmp_path / "log.pub").status == 2


def test_what_does_not_hold_is_named(run: Run, tmp_path: Path) -> None:
    """A value altered by one letter, a day that is over, a log that was not asked for: status 1, and why."""
    over = run(*give(tmp_path, "--field", "name", "--until", "2006-01-01", "-o", tmp_path / "given.json"))
    assert (over.status, "this day is over" in over.err) == (2, True)
    run(*give(tmp_path, "--field", "name", "-o", tmp_path / "given.json"))
    endless = read_given((tmp_path / "given.json").read_bytes())
    (tmp_path / "given.json").write_bytes(msgspec.structs.replace(endless, until=date(2006, 1, 1)).encoded())
    late = run("verify", tmp_path / "given.json", "--key", tmp_path / "log.pub")
    assert (late.status, "OVER" in late.out, "Checked: each value is unaltered" in late.out) == (1, True, True)
    assert "Signed by nobody: for whom, until when" in late.out
    text = (tmp_path / "given.json").read_text()
    (tmp_path / "altered.json").write_text(text.replace(OPENS["name"], OPENS["name"][:-1] + "A"))
    altered = run("verify", tmp_path / "altered.json", "--key", tmp_path / "log.pub")
    assert (altered.status, "WRONG" in altered.out, "Checked" in altered.out) == (1, True, False)
    (tmp_path / "other.pub").write_text("roll.example/u+59dcc0aa+AbTX0mI=\n")
    assert run("verify", tmp_path / "given.json", "--key", tmp_path / "other.pub").status == 2


def test_what_cannot_be_given_is_said(run: Run, tmp_path: Path) -> None:
    """A field that nobody told, no way to hand it over, a file that is none: a sentence each, and nothing written."""
    out = tmp_path / "given.json"
    assert "no disclosure of it" in run(*give(tmp_path, "--field", "pet", "-o", out)).err
    assert run(*give(tmp_path, "--field", "name")).status == 2
    assert run(*give(tmp_path, "--field", "name", "--until", "soon", "-o", out)).status == 2
    assert run(*give(tmp_path, "--field", "name", "--page", "https://a.example/#b")).status == 2
    assert not out.exists()
    assert "the text that opens" in run("verify", tmp_path / "mine.txt", "--key", tmp_path / "log.pub").err
    run(*give(tmp_path, "--field", "name", "-o", out))
    page = run(*give(tmp_path, "--field", "name", "--page", "https://roll.example/en/verify"))
    (tmp_path / "link.txt").write_text(page.out)
    assert run("verify", tmp_path / "link.txt", "--key", tmp_path / "log.pub").status == 0
    cut = out.read_bytes()[:200]
    for begins, said in (
        (b"\x89PNG\r\n", "a picture"),
        (b"%PDF-1.7", "a PDF"),
        (b"x", "no file of given disclosures"),
        (cut, "This should be a file that somebody gave"),
        (b'{"TransactionLog": []}', "a list of what was asked"),
    ):
        (tmp_path / "other").write_bytes(begins)
        refused = run("verify", tmp_path / "other", "--key", tmp_path / "log.pub")
        assert (refused.status, said in refused.err) == (2, True)


def test_what_can_be_taken_back_has_an_end_and_a_word(run: Run, tmp_path: Path) -> None:
    """The word is told to whoever gives and stands in no file; what can be taken back is good for two years at most."""
    made = run(*give(tmp_path, "--field", "name", "--once", "-o", tmp_path / "given.json"))
    assert made.status == 0, made
    word = made.err.split()[-1]
    given = read_given((tmp_path / "given.json").read_bytes())
    assert (given.grant, given.once, given.until is not None) == (grant_of(word), True, True)
    assert f"It is good until {given.until}." in made.err
    assert word not in (tmp_path / "given.json").read_text() + made.out
    checked = run("verify", tmp_path / "given.json", "--key", tmp_path / "log.pub")
    assert (checked.status, "--roll asks that. It is good once." in checked.out) == (0, True)
    far = ("--revocable", "--until", "2020-01-01", "-o", tmp_path / "far.json")
    assert run(*give(tmp_path, "--field", "name", *far)).status == 2
    assert run("disclosure", "take-back", "--roll", "http://localhost:1", typed="no word\n").status == 2
    mistyped = word[:-1] + ("a" if word[-1] != "a" else "b")
    wrong = run("disclosure", "take-back", "--roll", "http://localhost:1", typed=mistyped)
    assert (wrong.status, "a character of it is wrong" in wrong.err) == (2, True)


def test_a_word_without_a_check_is_taken_back_with_a_doubt(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A word of before, of 24 characters, is sent as it is, and the command says that nobody knows whether it is right."""
    roll = SlowRoll(1)
    monkeypatch.setattr(giving, "RollApi", roll)
    word = word_of(bytes(15))
    for typed, doubted in ((word, False), (word.replace("-", "")[:24], True)):
        told = run("disclosure", "take-back", "--roll", roll.where, typed=typed)
        assert (told.status, "IF this word is right" in told.out) == (0, doubted), told


class SlowRoll:
    """A roll that slows down whoever marks a grant, and gives a puzzle; what it was asked. It may answer `of` another grant."""

    def __init__(self, bits: int, shown: str | None = None) -> None:
        self.bits, self.shown, self.asked, self.of = bits, shown, list[str](), ""
        self.where = "https://roll.example"

    def __call__(self, _: str) -> "SlowRoll":
        """As `RollApi`, of whatever address."""
        return self

    def get(self, path: str) -> bytes:
        """The clock, as it stands after midnight in Chongqing; or what became of a grant."""
        if path == "api/v1/log":
            return b'{"now": "2006-11-30T17:00:00Z", "zone": "Asia/Shanghai"}'
        self.asked.append("GET")
        return self._standing(path.split("/")[3], self.shown)

    def _standing(self, grant: str | None, shown: str | None = None, taken_back: str | None = None) -> bytes:
        return json.dumps({"grant": self.of or grant, "taken_back": taken_back, "shown": shown}).encode()

    def post(self, path: str, body: dict[str, str]) -> bytes:
        """Marks it for whoever solved the puzzle."""
        self.asked.append(f"POST {' '.join(body)}".strip())
        made = puzzle.make(b"key", "show", "net", self.bits, NOW, bytes(16))
        if puzzle.solved(b"key", "show", "net", body.get("proof", ""), NOW) is None:
            raise Declined("grants-slowed", "Try again in 2 minutes.", 429, {"wait": 2, "puzzle": made})
        if "word" in body:
            return self._standing(grant_of(body["word"]), taken_back="2006-11-30T17:00:00Z")
        return self._standing(path.split("/")[3])


def test_a_receipt_alone_is_checked_too(run: Run, tmp_path: Path) -> None:
    """As `receipt explain` says it, also after an editor; a bad one ends with 1, and no roll is asked who gave it."""
    receipt, key = tmp_path / "r.tlog-proof", ("--key", SIGNER.verifier_key)
    for data, status in ((OWN[0], 0), (OWN[0].replace("\n", "\r\n"), 1), (OWN[0].replace("index 0", "index 9"), 1)):
        receipt.write_text(data, newline="")
        told, explained = run("verify", receipt, *key), run("receipt", "explain", receipt, *key)
        assert (told.status, told.out) == (explained.status, explained.out) == (status, explained.out), told
        assert told.out
    asked = run("verify", receipt, *key, "--roll", "https://roll.example")
    assert (asked.status, "Leave --roll out" in " ".join(asked.err.split())) == (2, True), asked


def test_what_is_said_of_another_grant_is_said_of_none(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A roll, or what stands before it, that answers of another grant has not said that this one stands, or was taken back."""
    run(*give(tmp_path, "--field", "name", "--once", "-o", tmp_path / "given.json"))
    check = ("verify", tmp_path / "given.json", "--key", tmp_path / "log.pub", "--roll", "https://roll.example")
    roll = SlowRoll(1)
    roll.of = "0" * 64
    monkeypatch.setattr(giving, "RollApi", roll)
    for words, typed in (
        (check, ""),
        ((*check, "--once"), ""),
        (("disclosure", "take-back", *check[-2:]), word_of(bytes(15))),
    ):
        told = run(*words, typed=typed)
        assert (told.status, "answers about another" in " ".join(told.err.split())) == (2, True), told
        assert "knows of nobody" not in told.out
        assert "Taken back" not in told.out


def test_to_ask_uses_nothing_up(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is good once is used up by --once alone; where the roll slows down its puzzle is solved, and none that is too hard."""
    run(*give(tmp_path, "--field", "name", "--once", "-o", tmp_path / "given.json"))
    check = ("verify", tmp_path / "given.json", "--key", tmp_path / "log.pub", "--roll", "https://roll.example")
    roll = SlowRoll(4)
    monkeypatch.setattr(giving, "RollApi", roll)
    looked = run(*check)
    assert (looked.status, "--once does that" in looked.out, roll.asked) == (0, True, ["GET"])
    shown = run(*check, "--once")
    assert (shown.status, "shown for the first time" in shown.out) == (0, True)
    assert roll.asked[1:] == ["POST", "POST proof"]
    roll.shown = "2006-11-30T16:30:00Z"
    before = run(*check)
    assert (before.status, "SHOWN BEFORE, on 2006-12-01:" in before.out) == (1, True)
    given = read_given((tmp_path / "given.json").read_bytes())
    for until, word in ((date(2006, 12, 1), "It was"), (date(2006, 11, 30), "OVER: it was")):
        (tmp_path / "given.json").write_bytes(msgspec.structs.replace(given, until=until).encoded())
        said = f"{word} given until {until}. By the clock of https://roll.example it is 2006-12-01, and by this machine's 20"
        out = run(*check).out
        assert (said in out, " (days of Asia/Shanghai)." in out) == (True, True)
    out = run(*check[:-2]).out
    assert ("By the clock of this machine it is 20" in out, " (days of UTC)." in out) == (True, True)
    monkeypatch.setattr(giving, "RollApi", SlowRoll(200))
    slow = run(*check, "--once")
    assert (slow.status, "NOT LOOKED UP" in slow.err, "Try again in 2 minutes." in slow.err) == (2, True, True)
