"""The operator's commands: what they print of paths, how they end where they cannot write, and `reconcile`."""

import csv
import errno
import io
import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import psycopg
import pytest
from tests.conftest import NOW, Ticking
from tests.handles import KEY, handle
from tests.paper.reading import text_of
from tests.service.test_bulk import new, sent

from openroll.cli import build
from openroll.register.subscription.handle import key_line
from openroll.service.filing.bulk import take_file
from openroll.service.log.external_keys import GivenKeys
from openroll.service.log.sequencer import Sequencer
from openroll.service.queries import codes as filing_codes
from openroll.service.roll import Roll
from openroll.service.work import Registry
from openroll.store.connect import Database
from openroll.store.operators import withhold_codes

RULE = "cn-cq-2006-regulation+with-safeguards"
HEADER = "account,kind,access,district,connected,name,contact,address,phone\n"
GOOD = HEADER + "u-2,household,adsl,500103,2006-11-02,,,,\n"


class Around:
    """What commands need: a roll that is there, or none."""

    def __init__(self, home: Path, roll: Roll | None = None) -> None:
        self.home = home
        self.data: Path | None = None
        self.roll_home = home
        self.roll_name = "trial"
        self.clock: Callable[[], datetime] = Ticking()
        self.random = os.urandom
        self.given = GivenKeys()
        self._roll = roll

    def database(self, *, making: bool = False) -> Database:  # noqa: ARG002 - the wiring's signature
        """No command here asks for it."""
        raise AssertionError

    def roll(self) -> Roll:
        """The open roll."""
        assert self._roll is not None
        return self._roll

    @property
    def address(self) -> str:
        """Where the pages would be."""
        return "http://localhost:8000"

    def kinds(self, roll: Roll) -> Registry:  # noqa: ARG002 - as above
        """No command here works off what waits."""
        raise AssertionError

    def serve(self, host: str, port: int, workers: int) -> None:  # noqa: ARG002 - the form that wiring has
        """No command here serves."""
        raise AssertionError

    def serve_witness(self, settings: Path, host: str, port: int) -> None:  # noqa: ARG002 - as above
        """No command here serves."""
        raise AssertionError


class Told(NamedTuple):
    """What a command gave: its status and what it wrote."""

    status: int
    out: str
    err: str


Run = Callable[..., Told]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Runs a command, over a roll where one is given."""

    def told(*words: object, roll: Roll | None = None) -> Told:
        with pytest.raises(SystemExit) as ended:
            build(Around(tmp_path, roll))([str(word) for word in words])
        captured = capsys.readouterr()
        return Told(int(ended.value.code or 0), captured.out, captured.err)

    return told


def key_file(folder: Path) -> Path:
    """The handle key of tests, in a file."""
    path = folder / "handle.key"
    path.write_text(key_line(KEY))
    path.chmod(0o600)
    return path


def test_a_path_with_square_brackets_is_told_whole(run: Run, tmp_path: Path) -> None:
    """Paths are no markup: what stands in square brackets is printed like the rest."""
    folder = tmp_path / "[bold]2006[/x]"
    folder.mkdir(parents=True)
    (folder / "list.csv").write_text(GOOD)
    told = run("pack", folder / "list.csv", "--rule", RULE, "--key", key_file(tmp_path))
    assert told.status == 0
    assert str(folder / "list.filing.csv") in told.out
    assert str(folder / "list.disclosures.ndjson") in told.out


def test_a_list_is_packed_on_the_day_of_the_rules_zone(run: Run, tmp_path: Path) -> None:
    """A subscription cannot begin tomorrow: the roll would refuse the row, and so does packing it."""
    today = NOW.astimezone(ZoneInfo("Asia/Shanghai")).date()
    for later, status in ((0, 0), (1, 1)):
        (tmp_path / f"{later}.csv").write_text(GOOD.replace("2006-11-02", str(today + timedelta(days=later))))
        told = run("pack", tmp_path / f"{later}.csv", "--rule", RULE, "--key", key_file(tmp_path))
        assert told.status == status, told
    assert f"to {today}" in " ".join((told.out + told.err).split())


def test_codes_tell_their_path_whole(run: Run, tmp_path: Path, roll: Roll) -> None:
    """The path of the filing codes is no markup either."""
    told = run("codes", "--operator", "east", "--output", tmp_path / "[red].csv", roll=roll)
    assert (told.status, "[red].csv" in told.out) == (0, True)


def test_faults_that_cannot_be_written_are_a_sentence(run: Run, tmp_path: Path, roll: Roll) -> None:
    """A --faults or --output path that cannot be written ends in a sentence and status 2."""
    (tmp_path / "list.csv").write_text(GOOD.replace("household", "king"))
    nowhere = tmp_path / "none" / "faults.csv"
    for told in (
        run("pack", tmp_path / "list.csv", "--rule", RULE, "--key", key_file(tmp_path), "--faults", nowhere),
        run("file", tmp_path / "list.csv", "--operator", "east", "--faults", nowhere, roll=roll),
        run("file", tmp_path / "list.csv", "--operator", "east", "--faults", tmp_path, roll=roll),
    ):
        assert told.status == 2
        assert "cannot be written:" in told.err
        assert "Traceback" not in told.err


def test_an_encoding_is_guessed_aloud_and_confirmed(run: Run, tmp_path: Path, roll: Roll) -> None:
    """A list that is not UTF-8 is packed only once its encoding is named; cells are shown as each would read them."""
    (tmp_path / "list.csv").write_bytes(GOOD.replace(",,,,", ",陳大文,,,").encode("big5"))
    words = ("pack", tmp_path / "list.csv", "--rule", RULE, "--key", key_file(tmp_path))
    named = run(*words, "-o", tmp_path / "one.filing.ndjson")
    assert (named.status, "a filing file is CSV" in named.err) == (2, True)
    assert not (tmp_path / "one.filing.ndjson").exists()
    told = run(*words)
    assert (told.status, "陳大文" in told.err, "--encoding" in told.err) == (1, True, True)
    assert not (tmp_path / "list.filing.csv").exists()
    assert "Packed 1 row.\n" in run(*words, "--encoding", "big5").out
    told = run("file", tmp_path / "list.csv", "--operator", "east", roll=roll)
    assert (told.status, "big5" in told.err) == (1, True)


def test_reconcile_counts_and_writes_what_differs(run: Run, tmp_path: Path, roll: Roll) -> None:
    """The counts are printed; --output writes the rows as CSV."""
    take_file(roll, "east", sent(new("a"), new("b")))
    (tmp_path / "list.csv").write_bytes(sent(new("a"), new("c")).read())
    told = run("reconcile", tmp_path / "list.csv", "--operator", "east", "--output", tmp_path / "[x].csv", roll=roll)
    assert told.status == 0
    for line in (
        "Compared 2 rows",
        "the same in both: 1",
        "only in the list: 1",
        "only in the roll: 1",
        "different: 0",
    ):
        assert line in told.out
    with (tmp_path / "[x].csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["handle"] + row["found"] for row in csv.DictReader(file)] == [
            handle("c") + "only-list",
            handle("b") + "only-roll",
        ]
    assert "under another handle key" not in told.err
    told = run("reconcile", tmp_path / "list.csv", "--operator", "east", "--output", tmp_path, roll=roll)
    assert (told.status, "cannot be written:" in told.err) == (2, True)
    (tmp_path / "list.csv").write_bytes(sent(new("c"), new("d")).read())
    told = run("reconcile", tmp_path / "list.csv", "--operator", "east", roll=roll)
    assert (told.status, "under another handle key" in told.err) == (0, True)


def test_reconcile_refuses_as_file_does(run: Run, tmp_path: Path, roll: Roll) -> None:
    """A faulty list is refused with its faults, on the screen and as CSV; an unknown operator with its sentence."""
    (tmp_path / "list.csv").write_bytes(sent(new("a") | {"kind": "king"}).read())
    faults = tmp_path / "faults.csv"
    told = run("reconcile", tmp_path / "list.csv", "--operator", "east", "--faults", faults, roll=roll)
    assert (told.status, "file-faulty" in told.err) == (1, True)
    assert "kind-unknown" in faults.read_text(encoding="utf-8-sig")
    assert f"Wrote the faults to {faults}." in told.err
    told = run("reconcile", tmp_path / "list.csv", "--operator", "north", roll=roll)
    assert (told.status, "operator-unknown" in told.err) == (1, True)


def test_a_cut_connection_is_told_with_what_is_known(
    run: Run, roll: Roll, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that broke off in the midst of filing is never said to be untouched; the command says to send it again."""

    def broken(*_: object) -> None:
        raise psycopg.OperationalError("the connection is lost")

    (tmp_path / "list.csv").write_bytes(sent(new("a")).read())
    monkeypatch.setattr("openroll.service.filing.bulk._Taking._write_batch", broken)
    told = run("file", tmp_path / "list.csv", "--operator", "east", roll=roll)
    assert (told.status, "0 of 1 rows are filed, perhaps more" in told.err) == (1, True)
    assert "nothing is filed twice" in told.err
    roll.database.url = "postgresql://nobody@127.0.0.1:1/none"
    for command in ("file", "reconcile"):
        told = run(command, tmp_path / "list.csv", "--operator", "east", roll=roll)
        assert (told.status, "nothing was taken" in told.err) == (1, True)


def test_a_heavy_list_is_not_packed(run: Run, tmp_path: Path) -> None:
    """On the operator's own side the same bounds hold: a list with a million columns is refused in a sentence."""
    (tmp_path / "list.csv").write_bytes(b",".join([b"c"] * 1_000_000) + b"\n")
    told = run("pack", tmp_path / "list.csv", "--rule", RULE)
    assert (told.status, "64 columns" in " ".join(told.err.split())) == (1, True)
    assert [path.name for path in tmp_path.iterdir()] == ["list.csv"]


def test_a_file_that_is_not_there_is_said_in_a_sentence(run: Run, tmp_path: Path) -> None:
    """No table of faults with a row 0, and no advice to mend what is not there."""
    told = run("file", tmp_path / "nofile.csv", "--operator", "east")
    assert told.status == 2
    assert "nofile.csv is not there" in told.err
    assert "row" not in told.err


def test_sentences_keep_their_lines_in_a_pipe(run: Run, roll: Roll, tmp_path: Path) -> None:
    """However long: whoever reads a pipe or a log wraps them; and nothing empty stands before them."""
    (tmp_path / "list.csv").write_bytes(sent(new("pipe-1")).read())
    told = run("file", tmp_path / "list.csv", "--operator", "east", roll=roll)
    assert told.status == 0, told.err
    assert len(told.out.splitlines()) == 1
    assert len(told.out) > 100
    assert not told.err.startswith("\n")


def test_codes_are_written_whole_or_not_at_all(
    run: Run, tmp_path: Path, roll: Roll, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full half way leaves no file of codes, which is in the way of the next run; what was killed is removed."""
    take_file(roll, "east", sent(new("a"), new("b")))
    path = tmp_path / "codes.csv"
    (tmp_path / ".codes.csv.abc.new").write_text("handle,code\nof one that was killed")
    words = ("codes", "--operator", "east", "-o", path)
    with monkeypatch.context() as full:

        def ends(*_: object) -> Iterator[tuple[str, str]]:
            yield from list(filing_codes(roll, "east"))[:1]
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        full.setattr("openroll.cli.operator.filing_codes", ends)
        with pytest.raises(OSError, match="No space left") as error:
            build(Around(tmp_path, roll))([str(word) for word in words])
    assert (error.value.filename, list(tmp_path.glob("*codes*")), list(tmp_path.glob(".codes*"))) == (str(path), [], [])
    assert "Wrote 2 filing codes" in run(*words, roll=roll).out
    assert (path.read_text().count("\n"), oct(path.stat().st_mode & 0o777)) == (3, "0o600")


def test_letters_are_printed_all_by_one_command(run: Run, tmp_path: Path, roll: Roll) -> None:
    """Each living subscription has one letter with its code, for the owner of the files alone; none is printed twice."""
    take_file(roll, "east", sent(new("a"), new("b"), new("c")))
    folder = tmp_path / "[red] letters"
    words = ("letters", "--operator", "east", "-o", folder, "--batch", "2", "--processes", "1", "--language", "en")
    told = run(*words, roll=roll)
    assert (told.status, f"Printed 3 letters to {folder}." in told.out) == (0, True)
    files = sorted(folder.glob("*.pdf"))
    assert {oct(one.stat().st_mode & 0o777) for one in folder.iterdir()} == {"0o600"}
    assert (len(files), oct(folder.stat().st_mode & 0o777)) == (2, "0o700")
    pages = [page for one in files for page in text_of(one.read_bytes())]
    codes = [code.replace(" ", "") for _, code in filing_codes(roll, "east")]
    assert [[code for code in codes if code in page] for page in pages] == [[code] for code in codes]
    files[0].unlink()
    told = run(*words, roll=roll)
    assert "Printed 2 letters" in told.out
    assert "1 were there from the last time" in told.out
    assert sorted(folder.glob("*.pdf")) == files
    # Another code for the first record: its file is not of now any more, though first and last are the same records.
    with roll.database.own() as connection:
        (number,) = connection.execute("select min(number) from subscription").fetchone() or (0,)
        connection.execute("update subscription set code = 4711 where number = %s", (number,))
    told = run(*words, roll=roll)
    assert ("Printed 2 letters" in told.out, f"says now: {files[0].name}. Post none" in told.out) == (True, True), (
        told.out
    )
    (fresh,) = set(folder.glob("*.pdf")) - set(files)
    assert next(iter(filing_codes(roll, "east")))[1].replace(" ", "") in text_of(fresh.read_bytes())[0]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--operator", "nobody"), "operator-unknown"),
        (("--operator", "east", "--language", "xx"), "The roll speaks zh, en, and not xx"),
        (("--operator", "east", "--batch", "0"), "1 to 500 letters a file"),
    ],
)
def test_letters_that_cannot_be_printed_are_a_sentence(
    run: Run, tmp_path: Path, roll: Roll, words: tuple[str, ...], said: str
) -> None:
    """An unknown operator, a language that the roll has not, a batch of none: said, and no folder is made."""
    told = run("letters", "-o", tmp_path / "letters", *words, roll=roll)
    assert (told.status > 0, said in told.err, (tmp_path / "letters").exists()) == (True, True, False)


def test_a_receipt_is_made_without_a_trace_of_its_code(
    run: Run, tmp_path: Path, roll: Roll, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The code is read from standard input, and the file named for what it proves: nothing that is shown opens the filing."""
    take_file(roll, "east", sent(new("a")))
    Sequencer(roll).run_until_empty()
    ((_, code),) = filing_codes(roll, "east")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{code}\n"))
    told = run("receipt", "make", roll=roll)
    assert told.out.startswith("Wrote receipt-1-filed.tlog-proof.")
    assert (tmp_path / "receipt-1-filed.tlog-proof").is_file()


def test_subscriptions_go_over_and_operators_end_by_command(run: Run, roll: Roll) -> None:
    """Whoever keeps the machine sees what is on its way, gives either operator's word, and acts for the registrar."""
    take_file(roll, "east", sent(new("a-1")))
    assert run("porting", "offer", handle("a-1"), "--operator", "east", "--to", "west", roll=roll).status == 0
    (one,) = csv.DictReader(run("porting", "list", "--operator", "west", roll=roll).out.splitlines())
    assert (one["losing"], one["gaining"], one["mine"], one["handle"]) == ("east", "west", "False", "")
    agree = ("porting", "agree", one["reference"], "--operator")
    assert "port-own-offer" in run(*agree, "east", roll=roll).err
    assert run(*agree, "west", "--handle", handle("w-1"), roll=roll).status == 0
    assert "port-not-offered" in run("porting", "withdraw", one["reference"], "--operator", "west", roll=roll).err
    assert "still-answers" in run("succession", "leave", "west", "--why", "gone", roll=roll).err
    assert run("succession", "announce", "west", "--heir", "east", roll=roll).status == 0
    assert "notice-runs" in run("succession", "carry-out", "west", roll=roll).err
    assert run("succession", "withdraw", "west", roll=roll).status == 0
    assert run("succession", "leave", "east", "--why", "nothing is left", roll=roll).status == 0
    told = {row["name"]: row["ended"] for row in csv.DictReader(run("succession", "list", roll=roll).out.splitlines())}
    assert told["east"]
    assert not told["west"]


def test_who_begins_without_a_lead_is_told_what_that_costs(run: Run, roll: Roll, tmp_path: Path) -> None:
    """By `admit`, by a trial and by the first file, not by the second; by `invite`; and by letters and codes once it is so."""
    admitted = run("admit", "north", "--title", "en=North", "--title", "zh=北", roll=roll)
    assert "`openroll invite north`" in admitted.err, admitted
    trial, first, second = tmp_path / "first.csv", tmp_path / "first.csv", tmp_path / "second.csv"
    for path, account in ((first, "a"), (second, "b")):
        path.write_bytes(sent(new(account)).getvalue())
    file = ("file", "--operator", "north", "--no-sequence")
    assert "`openroll invite north`" in run(*file, "--dry-run", trial, roll=roll).err
    assert "`openroll letters --operator north" in run(*file, first, roll=roll).err
    assert "lead" not in run(*file, second, roll=roll).err
    invited = run("invite", "north", roll=roll)
    assert "one person take a seat of north (operator-lead, “lead of north (keeper's)”) until " in invited.err
    assert "Its page is in en; invite with --lang for zh." in invited.err
    assert "`openroll letters --operator north" in invited.err
    assert "has no lead" in run("token", "issue", "west", roll=roll).err
    assert "has no lead" not in run("token", "issue", "west", roll=roll).err
    with roll.database.own() as connection:
        withhold_codes(connection, "north", roll.clock())
    told = run("codes", "--operator", "north", "-o", tmp_path / "codes.csv", roll=roll)
    assert "Left out, of living filings: 2." in told.err
    assert str(roll.day(roll.clock())) in told.err
