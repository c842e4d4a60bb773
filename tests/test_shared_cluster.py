"""The tests' cluster in memory: where there is room, and nothing stays of a run that was killed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import shared_cluster


def test_what_a_killed_run_left_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder whose process is gone is removed; one of a process that lives, and what is not of the tests, stays."""
    with subprocess.Popen([sys.executable, "-I", "-S", "-c", ""]) as ended:
        pass
    for name in (
        f"openroll-tests-{ended.pid}-a",
        f"openroll-tests-{os.getpid()}-b",
        "openroll-tests-c",
        "PostgreSQL.1",
    ):
        (tmp_path / name / "data").mkdir(parents=True)
    monkeypatch.setattr(shared_cluster, "IN_MEMORY", tmp_path)
    shared_cluster._remove_left_ones()
    assert {one.name for one in tmp_path.iterdir()} == {
        f"openroll-tests-{os.getpid()}-b",
        "openroll-tests-c",
        "PostgreSQL.1",
    }


def test_without_room_it_is_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each worker wants room of its own; where there is none, or no such folder, the cluster stands where it was to."""
    monkeypatch.setattr(shared_cluster, "IN_MEMORY", tmp_path)
    monkeypatch.setattr(shared_cluster, "ROOM", 1)
    assert shared_cluster._new_folder(tmp_path / "disk").parent == tmp_path
    monkeypatch.setattr(shared_cluster, "ROOM", 2**60)
    assert shared_cluster._new_folder(tmp_path / "disk") == tmp_path / "disk"
    monkeypatch.setattr(shared_cluster, "IN_MEMORY", tmp_path / "none")
    assert shared_cluster._new_folder(tmp_path / "disk") == tmp_path / "disk"
