"""A witness in a process of its own, for whoever needs a real one."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from openroll.watch.witness.settings import LogSettings, WitnessSettings, read_settings, write_settings
from openroll.watch.witness.start import made

NAME = "witness.example/w1"


def new_witness(
    folder: Path, logs: Sequence[LogSettings], name: str = NAME, ask: Sequence[str] = ()
) -> tuple[str, ...]:
    """Make a witness in a folder that watches these logs; its verifier keys."""
    keys = made(folder / "witness.yaml", name, os.urandom)
    settings = read_settings(folder / "witness.yaml")
    write_settings(
        folder / "witness.yaml",
        WitnessSettings(name=settings.name, keys=settings.keys, logs=tuple(logs), ask=tuple(ask)),
    )
    return keys


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Its server on a free port, for as long as it is needed; its address (submission and monitoring prefix)."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["witness", "serve", "--settings", str(folder / "witness.yaml"), "--port", str(port)]
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "openroll", *words], stdout=log, stderr=log, start_new_session=True
        )
        try:
            _wait(f"http://127.0.0.1:{port}/keys", process, folder / "server.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            # The group, since granian's worker outlives its parent. No good-bye: what a witness signed is kept.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(20)


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(address):  # noqa: S310 - our own server, on loopback
                return
        except OSError:
            time.sleep(0.05)  # waits for a real process
    raise AssertionError(log.read_text())
