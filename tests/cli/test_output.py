"""How commands speak of what stands in a file."""

import pytest

from openroll.cli.output import fail, show_faults
from openroll.sheet import Fault


def test_what_stands_in_a_file_is_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    """A cell or a path with square brackets is shown as it is; it neither colours the table nor breaks it."""
    show_faults([Fault(2, "kind", "[/x]", "kind-unknown", "[red]", "y")], 1)
    with pytest.raises(SystemExit):
        fail("no such file: [/tmp/y]")
    shown = capsys.readouterr().err
    assert all(part in shown for part in ("[/x]", "[red]", "[/tmp/y]"))
