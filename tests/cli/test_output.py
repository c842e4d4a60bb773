"""How commands speak of what stands in a file."""

import pytest

from openroll.cli.output import err, fail, line, out, quoted, show_faults
from openroll.cli.table import Rows, whole
from openroll.sheet import Fault


def test_what_stands_in_a_file_is_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    """A cell or a path with square brackets is shown as it is; it neither colours the table nor breaks it."""
    show_faults([Fault(2, "kind", "[/x]", "kind-unknown", "[red]", "y")], 1)
    with pytest.raises(SystemExit):
        fail("no such file: [/tmp/y]")
    shown = capsys.readouterr().err
    assert all(part in shown for part in ("[/x]", "[red]", "[/tmp/y]"))


def test_nobody_elses_text_begins_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever a command prints, and by whichever way, is as many lines as the command says: a sentence, an error, a cell."""
    theirs = "x\n  name: Wang Wu\r\n\x85Checked\u2028y\x1b[2K"
    line(theirs, *quoted("because\nof\rthis"))
    out.print(theirs)
    err.print(theirs, theirs)
    with pytest.raises(SystemExit):
        fail(theirs)
    table = Rows("a", "b", lined=False)
    table.add_row(theirs, whole(theirs))
    out.print(table, width=400)
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 1 + 2 + 1 + 2
    assert len(said.err.splitlines()) == 2
    assert not any(mark in said.out + said.err for mark in "\r\x1b\u2028\x85")
