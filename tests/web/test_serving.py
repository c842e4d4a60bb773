"""The serving process: two of them, and what is left when one is killed."""

import os
import signal
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from openroll.service.identity.api_tokens import issue_token
from openroll.service.roll import Roll
from tests.handles import handle
from tests.web.conftest import HIJACKED, serving
from tests.web.house import name_of


def test_a_worker_ends_with_the_server_that_started_it(database_url: str, tmp_path: Path) -> None:
    """kill -9 of the serving process alone: its worker goes too and lets the port go, so that no second sequencer is left."""
    with serving(database_url, tmp_path, name_of("e")) as (address, _):
        os.kill(int((tmp_path / "server.pid").read_text()), signal.SIGKILL)
        assert _refuses(urlsplit(address).port or 0), "the worker still serves"


def test_nothing_is_imported_from_the_folder_a_server_is_started_in(served: tuple[str, Roll]) -> None:
    """Not by its workers, which hold the keys, nor by the children that read files and measure rules."""
    address, roll = served
    home = roll.home.parents[1]
    assert (home / "here" / "segno.py").exists()
    token = issue_token(roll, "east", "here")
    file = f"handle,kind,access,district,connected,digests\n{handle('here')},king,adsl,500103,2006-11-02,\n"
    headers = {"authorization": f"Bearer {token}", "content-type": "text/csv"}
    filed = httpx.post(f"{address}/api/v1/files", content=file.encode(), headers=headers, timeout=60)
    assert (filed.status_code, "king" in filed.text) == (422, True), filed.text
    assert httpx.get(f"{address}/en/what-if?city=village&wait=1", timeout=60).status_code < 500
    assert not (home / HIJACKED).exists(), (home / HIJACKED).read_text()


def _refuses(port: int) -> bool:
    """Whether nobody listens there any more, after ten seconds at most."""
    for _ in range(200):
        try:
            socket.create_connection(("localhost", port)).close()
        except ConnectionRefusedError:
            return True
        time.sleep(0.05)  # waits for a real process
    return False
