"""What is unpacked for a trial goes with the command: with one that is told to end, and after `kill -9` with the next."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from openroll.service.recovery.trial_folder import TRIAL, trial_folder

_UNPACKS = """
import os, signal, sys
from contextlib import contextmanager
from pathlib import Path
from openroll.archive import Keys
from openroll.service.recovery import backup_proof, escrow_trial

def unpack(folder, *_):
    (folder / "keys").mkdir(parents=True)
    (folder / "keys" / "log-1.key").write_text("secret")
    print("unpacked", flush=True)
    signal.pause()

if sys.argv[1] == "proof":
    backup_proof._restored = lambda backup, keys, claimed, work, progress: unpack(work / "rolls")
    backup_proof.taken = lambda *_: None
    backup_proof.prove(None, Keys(), clock=None)
else:
    escrow_trial.check = lambda *_, **__: None
    escrow_trial.newest_server = lambda: 15
    escrow_trial.make_cluster = unpack
    escrow_trial.try_opening(Path("-"), Keys(), clock=None)
"""


def unpacking(folder: Path, what: str) -> "subprocess.Popen[str]":
    """A process that has unpacked keys below a temporary folder, and works on."""
    command = [sys.executable, "-c", _UNPACKS, what]
    running = subprocess.Popen(command, env={"TMPDIR": str(folder)}, stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    assert running.stdout.readline() == "unpacked\n"
    return running


def keys_in(folder: Path) -> list[Path]:
    """The keys that lie anywhere in it."""
    return list(folder.rglob("*.key"))


def test_no_key_stays_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGTERM ends a proof or a trial with its folder; what `kill -9` left goes when the next begins, and not while one runs."""
    told, killed, lives = (unpacking(tmp_path, what) for what in ("trial", "proof", "trial"))
    assert len(keys_in(tmp_path)) == 3
    try:
        told.send_signal(signal.SIGTERM)
        assert told.wait(20) == 128 + signal.SIGTERM
        assert len(keys_in(tmp_path)) == 2
        killed.kill()
        killed.wait(20)
        assert len(keys_in(tmp_path)) == 2
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        before = signal.getsignal(signal.SIGTERM)
        with trial_folder(TRIAL) as own:
            assert len(keys_in(tmp_path)) == 1
            assert own.stat().st_mode & 0o777 == 0o700
        assert signal.getsignal(signal.SIGTERM) is before
        assert len(list(tmp_path.iterdir())) == 1
    finally:
        for one in (told, killed, lives):
            one.kill()
            one.wait(20)
            assert one.stdout is not None
            one.stdout.close()
