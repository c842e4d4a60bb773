"""Commands on handles: a key is made once, and leads from the operator's own numbers to its records and back."""

import csv
import io
import stat
from pathlib import Path

import pytest
from tests.cli.test_operator import RULE, Run, key_file, run
from tests.handles import KEY, handle
from tests.service.test_bulk import new, sent
from tests.service.test_rehandle import filed_before

from openroll.register.subscription.handle import handle_of, key_of
from openroll.service.filing.bulk import take_file
from openroll.service.queries import Record, by_handle
from openroll.service.roll import Roll

__all__ = ["run"]


def test_a_key_is_made_once_and_for_its_owner_alone(run: Run, tmp_path: Path) -> None:
    """A key file is new, whole and readable by its owner only; it is never written over, and two keys are two."""
    told = run("handle", "new-key", tmp_path / "one.key")
    assert told.status == 0
    assert stat.S_IMODE((tmp_path / "one.key").stat().st_mode) == 0o600
    first = (tmp_path / "one.key").read_text()
    assert len(key_of(first)) == 32
    told = run("handle", "new-key", tmp_path / "one.key")
    assert (told.status, "never written over" in told.err) == (2, True)
    assert (tmp_path / "one.key").read_text() == first
    run("handle", "new-key", tmp_path / "two.key")
    assert (tmp_path / "two.key").read_text() != first


def test_handles_of_numbers(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers given, or read from standard input, are told as their handles; one that makes none is a sentence."""
    key = key_file(tmp_path)
    assert run("handle", "of", "A-1001", "13812345678", "--key", key).out.split() == [
        handle("A-1001"),
        handle("13812345678"),
    ]
    monkeypatch.setattr("sys.stdin", io.StringIO("A-1001\r\n客户-7\n"))
    assert run("handle", "of", "--key", key).out.split() == [handle("A-1001"), handle("客户-7")]
    assert run("handle", "of", "  ", "--key", key).status == 2


@pytest.mark.parametrize(
    ("text", "said"), [("", "it is no handle key"), ("ü", "it is no handle key"), (None, "cannot be read")]
)
def test_a_key_that_is_none_is_a_sentence(run: Run, tmp_path: Path, text: str | None, said: str) -> None:
    """A damaged or missing key file makes no handles: they would find nothing."""
    if text is not None:
        (tmp_path / "bad.key").write_text(text, encoding="utf-8")
    told = run("handle", "of", "A-1001", "--key", tmp_path / "bad.key")
    assert (told.status, told.out) == (2, "")
    assert said in told.err


def test_a_key_that_others_may_read_is_told(run: Run, tmp_path: Path) -> None:
    """A key file that is open to others still works, with a word to its owner."""
    key = key_file(tmp_path)
    key.chmod(0o644)
    assert "chmod 600" in run("handle", "of", "A-1001", "--key", key).err


def test_a_change_of_key_from_list_to_roll(run: Run, tmp_path: Path, roll: Roll) -> None:
    """The file that `rekey` makes is filed as any other; the records answer to the handles of the new key."""
    take_file(roll, "east", sent(new("a"), new("b")))
    (tmp_path / "list.csv").write_text("account,name\na,王小明\nb,\n")
    run("handle", "new-key", tmp_path / "new.key")
    fresh = key_of((tmp_path / "new.key").read_text())
    keys = ("--key", key_file(tmp_path), "--new-key", tmp_path / "new.key")
    (tmp_path / "changes.csv.new").write_text("of a run that was killed, and in nobody's way")
    made = run("handle", "rekey", tmp_path / "list.csv", *keys, "-o", tmp_path / "changes.csv")
    assert (made.status, "2 changes" in made.out) == (0, True)
    assert "王小明" not in (tmp_path / "changes.csv").read_text()
    again = run("handle", "rekey", tmp_path / "list.csv", *keys, "-o", tmp_path / "changes.csv")
    assert again.status == 1
    same = run("handle", "rekey", tmp_path / "list.csv", *keys[:3], keys[1], "-o", tmp_path / "none.csv")
    assert (same.status, "the same key" in same.err) == (2, True)
    assert run("file", tmp_path / "changes.csv", "--operator", "east", "--no-sequence", roll=roll).status == 0
    for account in "ab":
        assert isinstance(by_handle(roll, "east", handle_of(account, fresh)), Record)
    (tmp_path / "old.csv").write_bytes(sent(new("b"), new("a")).getvalue())
    told = run("reconcile", tmp_path / "old.csv", "--operator", "east", roll=roll)
    assert "have another handle since: 2 (handle-changed" in told.out
    told = run("file", tmp_path / "old.csv", "--operator", "east", "--dry-run", roll=roll)
    assert (told.status, "Faults in the file: 2" in told.err) == (1, True)
    assert (
        "has another handle since"
        in run("porting", "offer", handle("a"), "--operator", "east", "--to", "west", roll=roll).err
    )


def test_old_handles_are_changed_and_counted(run: Run, tmp_path: Path, roll: Roll) -> None:
    """`left` counts them; `rekey` without an old key takes what stands in the list; then none is left."""
    filed_before(roll, "254712345678", "acc:7")
    told = run("handle", "left", roll=roll)
    assert "east" in told.out
    assert "2" in told.out
    assert run("handle", "left", "east", roll=roll).out == told.out
    assert "east" not in run("handle", "left", "west", roll=roll).out
    (tmp_path / "list.csv").write_text("handle,account\n254712345678,\nacc:7,seven\n")
    made = run(
        "handle", "rekey", tmp_path / "list.csv", "--new-key", key_file(tmp_path), "-o", tmp_path / "changes.csv"
    )
    assert made.status == 0
    assert run("file", tmp_path / "changes.csv", "--operator", "east", "--no-sequence", roll=roll).status == 0
    assert isinstance(by_handle(roll, "east", handle("254712345678")), Record)
    assert isinstance(by_handle(roll, "east", handle("seven")), Record)
    assert "Every handle has" in run("handle", "left", roll=roll).out
    assert "Every handle of east has" in run("handle", "left", "--operator", "east", roll=roll).out


@pytest.mark.parametrize(
    "command",
    ["handle left nope", "unconfirmed list --operator nope", "token list nope", "porting list --operator nope"],
)
def test_a_list_of_nobody_is_no_empty_list(run: Run, roll: Roll, command: str) -> None:
    """A short name that is mistyped is refused: an empty list would be believed."""
    told = run(*command.split(), roll=roll)
    assert (told.status, told.out, "operator-unknown" in told.err) == (1, "", True)


def test_numbers_are_put_beside_handles(run: Run, tmp_path: Path, roll: Roll) -> None:
    """`accounts` puts the operator's own number before each row of what the roll gave; the result is its owner's alone."""
    take_file(roll, "east", sent(new("a"), new("=b"), new("c")))
    run("codes", "--operator", "east", "-o", tmp_path / "codes.csv", roll=roll)
    (tmp_path / "list.csv").write_text("账号,name\na,\n=b,\n")
    given = ("--subscribers", tmp_path / "list.csv", "--key", key_file(tmp_path))
    told = run("handle", "accounts", tmp_path / "codes.csv", *given, "-o", tmp_path / "mine.csv")
    assert (told.status, "2 of 3" in told.out) == (0, True)
    assert f"row 4 ({handle('c')})" in told.err
    (tmp_path / "earlier.csv").write_text("account\nc\n")
    both = (*given, "--subscribers", tmp_path / "earlier.csv", "-o", tmp_path / "both.csv")
    told = run("handle", "accounts", tmp_path / "codes.csv", *both)
    assert ("3 of 3" in told.out, told.err) == (True, "")
    with (tmp_path / "mine.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["account"] for row in rows] == ["a", "'=b", ""]
    assert [row["handle"] for row in rows] == [handle("a"), handle("=b"), handle("c")]
    assert stat.S_IMODE((tmp_path / "mine.csv").stat().st_mode) == 0o600
    for table in (tmp_path / "list.csv", tmp_path / "none.csv", tmp_path):
        told = run("handle", "accounts", table, *given, "-o", tmp_path / "other.csv")
        assert told.status == 2
        assert "Traceback" not in told.err


@pytest.mark.parametrize("text", ["name\nx\n", "account\n\n", "account\nx\u200b\n", "", "PK\x03\x04"])
def test_a_list_at_fault_changes_nothing(run: Run, tmp_path: Path, text: str) -> None:
    """A list without numbers, or with one that makes no handle, is said by row, and no file is left."""
    (tmp_path / "list.csv").write_text(text, encoding="utf-8")
    made = run(
        "handle", "rekey", tmp_path / "list.csv", "--new-key", key_file(tmp_path), "-o", tmp_path / "changes.csv"
    )
    assert made.status == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["handle.key", "list.csv"]
    given = ("--subscribers", tmp_path / "list.csv", "--key", key_file(tmp_path))
    told = run("handle", "accounts", tmp_path / "list.csv", *given, "-o", tmp_path / "x")
    assert told.status == 2


def test_pack_by_the_command_and_its_key(run: Run, tmp_path: Path) -> None:
    """`pack --key` makes the handles of that key; without one it asks for it."""
    (tmp_path / "list.csv").write_text(
        "account,kind,access,district,connected\n+254712345678,household,adsl,500103,2006-11-02\n"
    )
    told = run("pack", tmp_path / "list.csv", "--rule", RULE)
    assert (told.status, "--key" in told.err) == (1, True)
    assert run("pack", tmp_path / "list.csv", "--rule", RULE, "--key", key_file(tmp_path)).status == 0
    assert handle_of("+254712345678", KEY) in (tmp_path / "list.filing.csv").read_text()
