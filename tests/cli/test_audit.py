"""The monitor's command, as an auditor types it: where it looks, and what it says of options that are none."""

from pathlib import Path

import pytest
from tests.cli.test_operator import Run, run
from tests.watch.cheats.forge import person_act, show

from openroll.cli.audit import Sought
from openroll.tlog import Signer
from openroll.watch.audit.collect import LogSources
from openroll.watch.source import FolderSource, source_of

__all__ = ["run"]
SIGNER = Signer.from_seed("log.example/1", bytes(32), "ed25519")
ENTRIES = [person_act("2006-12-20") for _ in range(5)]


@pytest.fixture
def watch(tmp_path: Path) -> tuple[object, ...]:
    """The words of a visit to a roll whose log is below its address."""
    show(tmp_path / "roll/log", ENTRIES, [SIGNER])
    return ("audit", tmp_path / "roll", "--key", str(SIGNER.verifier), "--state", tmp_path / "state")


def test_a_mirror_is_found_whole_or_by_its_log(run: Run, watch: tuple[object, ...], tmp_path: Path) -> None:
    """`openroll mirror` lays a roll's log below the folder it was given: that folder is a mirror, and so is the log in it."""
    show(tmp_path / "copy/log", ENTRIES[:3], [SIGNER])
    for place in ("copy", "copy/log"):
        told = run(*watch, "--mirror", tmp_path / place)
        assert f"{tmp_path / 'copy/log'} is 2 entries behind" in told.out


def test_a_mirror_that_shows_no_head_was_not_looked_at(run: Run, watch: tuple[object, ...], tmp_path: Path) -> None:
    """A wrong folder is no verdict: status 2, not 0, and it is named."""
    told = run(*watch, "--mirror", tmp_path / "nowhere")
    assert (told.status, f"Could not look: {tmp_path / 'nowhere'}/checkpoint" in told.out) == (2, True)


def test_a_log_that_is_not_there_yet_is_found_when_it_is(tmp_path: Path) -> None:
    """Who follows before the log or a mirror answers finds both later, and the pages beside the log."""
    place, copy = str(tmp_path / "roll"), str(tmp_path / "copy")
    sought = Sought(place, [copy], "", LogSources(source_of(place)))
    before = sought.places()
    assert (before.log.where, before.public, before.mirrors[0].where) == (place, None, copy)
    show(tmp_path / "roll/log", ENTRIES, [SIGNER])
    show(tmp_path / "copy/log", ENTRIES, [SIGNER])
    after = sought.places()
    assert isinstance(after.public, FolderSource)
    assert (after.log.where, after.public.where, after.mirrors[0].where) == (f"{place}/log", place, f"{copy}/log")
    assert sought.places().log is after.log


@pytest.mark.parametrize(
    "words",
    [
        ("--every", "0"),
        ("--every", "-1"),
        ("--every", "nan"),
        ("--every", "inf"),
        ("--visits", "0"),
        ("--tolerance-hours", "nan"),
        ("--tolerance-hours", "1e300"),
        ("--mirror-hours", "-1"),
        ("--quiet-hours", "inf"),
    ],
)
def test_a_number_that_is_none_is_refused_before_anything_is_read(
    words: tuple[str, str], run: Run, watch: tuple[object, ...], tmp_path: Path
) -> None:
    """The option is named in a sentence with status 2; nothing was visited."""
    told = run(*watch, *words)
    assert (told.status, words[0] in told.err, told.out) == (2, True, "")
    assert not (tmp_path / "state").exists()
