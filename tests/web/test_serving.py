"""The serving process: two of them, and what is left when one is killed."""

import os
import signal
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

from tests.web.conftest import serving
from tests.web.house import name_of


def test_a_worker_ends_with_the_server_that_started_it(database_url: str, tmp_path: Path) -> None:
    """kill -9 of the serving process alone: its worker goes too and lets the port go, so that no second sequencer is left."""
    with serving(database_url, tmp_path, name_of("e")) as (address, _):
        os.kill(int((tmp_path / "server.pid").read_text()), signal.SIGKILL)
        assert _refuses(urlsplit(address).port or 0), "the worker still serves"


def _refuses(port: int) -> bool:
    """Whether nobody listens there any more, after ten seconds at most."""
    for _ in range(200):
        try:
            socket.create_connection(("localhost", port)).close()
        except ConnectionRefusedError:
            return True
        time.sleep(0.05)  # waits for a real process
    return False
