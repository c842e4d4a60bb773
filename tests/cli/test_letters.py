"""`openroll letters`: two runs at once, a run that was killed, a disk that fills up, and a roll that changes between two runs."""

import errno
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from tests.cli.test_operator import Run, Told, run
from tests.service.test_bulk import new, sent

from openroll.cli import letters
from openroll.cli.letter_files import letters_folder
from openroll.durable import write_durably
from openroll.paper import Letter, LetterFrame
from openroll.service.filing.bulk import take_file
from openroll.service.queries import codes as filing_codes
from openroll.service.roll import Roll

__all__ = ["run"]

Prints = Callable[[Path], Told]


@pytest.fixture
def prints(run: Run, roll: Roll, monkeypatch: pytest.MonkeyPatch) -> Prints:
    """Prints letters of three records, two a file, into a folder; each file holds the codes, as no PDF would show them."""

    @contextmanager
    def printers(count: int) -> Iterator[Callable[[Sequence[Letter], LetterFrame, datetime], bytes]]:
        assert count == 1
        yield lambda letters, *_: "\n".join(letter.code for letter in letters).encode()

    monkeypatch.setattr(letters, "printers", printers)
    take_file(roll, "east", sent(new("a"), new("b"), new("c")))
    words = ("letters", "--operator", "east", "--batch", "2", "--processes", "1")
    return lambda folder: run(*words, "-o", folder, roll=roll)


def test_one_run_at_a_time_has_a_folder(prints: Prints, roll: Roll, tmp_path: Path) -> None:
    """The second is refused with a sentence, gives out no codes and leaves what the first is writing."""
    with letters_folder(tmp_path):
        writing = tmp_path / "letters-000000000001-000000000002-0123456789abcdef.pdf.new"
        writing.write_text("of the first")
        told = prints(tmp_path)
        assert (told.status, writing.read_text()) == (2, "of the first")
    assert f"another run prints letters into {tmp_path}" in told.err
    with roll.database.own() as connection:
        assert connection.execute("select count(*) from event where name = 'codes.given/1'").fetchone() == (0,)
    assert prints(tmp_path).status == 0


def test_what_a_killed_run_left_half_written_is_removed(prints: Prints, tmp_path: Path) -> None:
    """It has filing codes in it: the next run removes it, and says so."""
    left = tmp_path / "letters-000000000001-000000000002-0123456789abcdef.pdf.new"
    left.write_text("4829 1170 3356 0283")
    told = prints(tmp_path)
    assert (told.status, left.exists(), "left half written" in told.err) == (0, False, True)


def test_a_run_that_ends_with_an_error_leaves_nothing_half_written(
    prints: Prints, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where whoever wrote it could not remove it."""

    def fails(path: Path, data: bytes, mode: int) -> None:
        path.with_name(path.name + ".new").write_bytes(data)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(letters, "write_durably", fails)
    told = prints(tmp_path)
    assert (told.status, sorted(tmp_path.glob("letters-*")), "left half written" in told.err) == (2, [], True)


def test_going_on_while_the_roll_changes_prints_only_what_changed(prints: Prints, roll: Roll, tmp_path: Path) -> None:
    """A record that ends moves no letter into another file: its own file is printed again, and the others stay."""
    take_file(roll, "east", sent(new("d"), new("e"), new("f")))
    prints(tmp_path)
    before = sorted(path.name for path in tmp_path.glob("*.pdf"))
    assert len(before) == 3
    with roll.database.own() as connection:
        connection.execute(
            "update subscription set ended = current_date where number = (select min(number) from subscription)"
        )
    told = prints(tmp_path)
    assert ("Printed 1 letters" in told.out, "4 were there" in told.out) == (True, True)
    assert f"says now: {before[0]}. Post none" in told.out
    take_file(roll, "east", sent(new("g")))
    told = prints(tmp_path)
    assert ("Printed 1 letters" in told.out, "5 were there" in told.out) == (True, True)
    now = [path.read_text() for path in tmp_path.glob("*.pdf") if path.name != before[0]]
    assert sorted("\n".join(now).split("\n")) == sorted(code for _, code in list(filing_codes(roll, "east"))[1:])


def test_a_full_disk_says_what_is_printed_and_what_the_rest_wants(
    prints: Prints, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How many stay, how much room is wanted, and that the same command goes on; what is done is listed, and goes on it does."""

    def full(path: Path, data: bytes, mode: int) -> None:
        if list(tmp_path.glob("*.pdf")):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write_durably(path, data, mode)

    with monkeypatch.context() as small:
        small.setattr(letters, "write_durably", full)
        told = prints(tmp_path)
    assert (told.status, "Errno" in told.err) == (2, False)
    assert (
        f"The disk of {tmp_path} is full: 2 of 3 letters are printed and stay. The others want about 1 MB" in told.err
    )
    assert (tmp_path / "letters.csv").read_text().count("\n") == 3
    told = prints(tmp_path)
    assert ("Printed 1 letters" in told.out, "2 were there" in told.out) == (True, True)


def test_another_error_says_what_is_printed_too(
    prints: Prints, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that dies, a disk that fails: nobody wonders what is left to do."""

    def dies(*_: object) -> None:
        raise ChildProcessError("the process that prints letters ended with status -9")

    monkeypatch.setattr(letters, "write_durably", dies)
    told = prints(tmp_path)
    assert told.err.endswith(
        "ended with status -9. 0 of 3 letters are printed and stay: the same command goes on where this one ended.\n"
    )


def test_a_list_says_whose_letter_is_on_which_page(
    prints: Prints, roll: Roll, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By file, page, record and handle, for whoever puts them into envelopes, without codes; and the bar knows how many."""
    shown: list[tuple[str, int, int]] = []

    @contextmanager
    def bar() -> Iterator[Callable[..., None]]:
        yield lambda *step: shown.append(step)

    monkeypatch.setattr(letters, "bar", bar)
    prints(tmp_path)
    with roll.database.own() as connection:
        letters_to = connection.execute("select number, handle from subscription order by number").fetchall()
    first, second = sorted(path.name for path in tmp_path.glob("*.pdf"))
    pages = [(first, 1), (first, 2), (second, 1)]
    rows = [f"{name},{page},{number},{to}" for (name, page), (number, to) in zip(pages, letters_to, strict=True)]
    assert (tmp_path / "letters.csv").read_text().splitlines() == ["file,page,record,handle", *rows]
    assert shown[-1] == ("letters", 3, 3)
