"""The tests' cluster and files in memory: where there is room, and nothing stays of a run that was killed."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

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


def test_what_tests_write_goes_with_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run's folder is there for its tests and gone behind it; without room, or where no program may run, there is none."""
    monkeypatch.setattr(shared_cluster, "IN_MEMORY", tmp_path)
    monkeypatch.setattr(shared_cluster, "ROOM", 1)
    with shared_cluster.folder_of_run(2) as folder:
        assert folder is not None
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "left").mkdir()
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(shared_cluster, "ROOM", 2**60)
    with shared_cluster.folder_of_run(2) as folder:
        assert folder is None
    monkeypatch.setattr(shared_cluster, "ROOM", 1)
    room = {"f_frsize": 4096, "f_blocks": 9, "f_bfree": 9, "f_bavail": 9}
    monkeypatch.setattr(os, "statvfs", lambda _path: SimpleNamespace(**room, f_flag=os.ST_NOEXEC))
    with shared_cluster.folder_of_run(2) as folder:
        assert folder is None
