"""A witness in a process of its own, for whoever needs a real one."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from openroll.watch.witness.settings import LogSettings, write_log
from openroll.watch.witness.start import make_witness

NAME = "witness.example/w1"


def new_witness(
    folder: Path, logs: Sequence[LogSettings], name: str = NAME, ask: Sequence[str] = ()
) -> tuple[str, ...]:
    """Make a witness in a folder that watches these logs; its verifier keys."""
    keys = make_witness(folder / "witness.yaml", name, os.urandom)
    path = folder / "witness.yaml"
    path.write_text(path.read_text().replace("ask: []", f"ask: {json.dumps(list(ask))}"), encoding="utf-8")
    for log in logs:
        write_log(path, log)
    return keys


@contextmanager
def running(folder: Path, *, ready: bool = True) -> Iterator[str]:
    """Its server on a free port, for as long as it is needed; its address (submission and monitoring prefix).

    `ready` waits until it has asked others for its past and cosigns for all its logs.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["witness", "serve", "--settings", str(folder / "witness.yaml"), "--port", str(port)]
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "openroll", *words], stdout=log, stderr=log, start_new_session=True
        )
        (folder / "server.pid").write_text(str(process.pid))
        try:
            _wait(f"http://127.0.0.1:{port}/metrics", process, folder / "server.log", ready)
            yield f"http://127.0.0.1:{port}"
        finally:
            _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a witness with all that it started, without a good-bye: what it signed is kept.

    A test may have killed it before, and its worker then ends by itself at any moment: no process left is what is wanted.
    """
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(20)


def _wait(address: str, process: subprocess.Popen[bytes], log: Path, ready: bool) -> None:
    for _ in range(600):
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(address) as answer:  # noqa: S310 - our own server, on loopback
                if not ready or not re.search(
                    r"^openroll_witness_halted{.*} 1.0$", answer.read().decode(), re.MULTILINE
                ):
                    return
        except OSError:
            pass
        time.sleep(0.05)  # waits for a real process
    raise AssertionError(log.read_text())
