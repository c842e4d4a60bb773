"""A copy of a served roll, made by the command and served by a plain static file server below a sub-path."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Page

from openroll.service.roll import Roll
from openroll.watch.mirror.site import PAGES, PRESET_LANGUAGES
from tests.web.visitor import Visitor
from tests.web.walk import State

BELOW = "rolls/copy"
"""Where the copy lies on its server."""


class Copied(NamedTuple):
    """The copy's address and folder, the address of the roll it is of, and what the command said."""

    address: str
    folder: Path
    live: str
    said: str


@contextmanager
def copying(live: str, home: Path) -> Iterator[Copied]:
    """Copy the roll at `live`, and serve the copy by `python -m http.server`: a process that knows nothing of Openroll."""
    visitor = Visitor(live)
    visitor.file_alone()
    if "/figures/published/" not in visitor.get("/en/figures").text:
        assert Visitor(live).take_seat("registrar/registrar").post("/en/registrar/figures").status_code == 303
    folder = home / BELOW
    command = [sys.executable, "-m", "openroll", "mirror", live, str(folder), "--trust-first-keys"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    serve = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(home)]
    with Path(os.devnull).open("wb") as nothing, subprocess.Popen(serve, stdout=nothing, stderr=nothing) as process:
        try:
            _wait(f"http://127.0.0.1:{port}/{BELOW}/log/checkpoint")
            yield Copied(f"http://127.0.0.1:{port}/{BELOW}", folder, live, done.stdout)
        finally:
            process.terminate()


def _wait(address: str) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(address):  # noqa: S310 - our own server, on loopback
                return
        except OSError:
            time.sleep(0.1)  # waits for a real process
    raise AssertionError(f"{address} never answered")


class CopyWalk:
    """The pages of a copy, in the shape of tests.web.walk.Walk, so that what is asked of the live pages is asked of these."""

    def __init__(self, copied: Copied, roll: Roll) -> None:
        self.copied, self.roll = copied, roll
        asked = next((copied.folder / "en/requests").glob("[0-9]*")).name
        self.states = tuple(State(page or "home", page) for page in (*PAGES, "requests", f"requests/{asked}"))

    def go(self, page: Page, state: State, lang: str) -> None:
        """Open a page of the copy in a language."""
        answer = page.goto(f"{self.copied.address}/{lang}/{state.path}".rstrip("/") + "/index.html")
        assert answer is not None
        assert answer.status == state.status, (state.name, lang, answer.status)


def pages(copied: Copied) -> list[tuple[str, Path]]:
    """Every page of the copy: its language and its file."""
    return [(lang, path) for lang in PRESET_LANGUAGES for path in sorted((copied.folder / lang).rglob("*.html"))]
