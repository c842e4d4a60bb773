"""The web server process of a witness. It needs no roll and no database."""

import os
from pathlib import Path

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from litestar import Litestar

from openroll.child_process import SAFE_PATH
from openroll.compose.logs import LOGGING
from openroll.compose.serving import check_port
from openroll.compose.worker import end_with_parent, spawn_without_the_command
from openroll.watch.witness.app import application
from openroll.watch.witness.settings import looking_key, read_keys, read_settings, watched_logs
from openroll.watch.witness.start import StartedWitness

_SETTINGS = "OPENROLL_WITNESS"
_HEADERS = 10_000
"""Milliseconds that a client has for the headers of a request; the rest has its own patience (watch/witness/app.py)."""


def from_environment() -> Litestar:
    """Application factory that granian's worker calls: the witness of the settings file in the environment."""
    end_with_parent()
    path = Path(os.environ[_SETTINGS])
    settings = read_settings(path)
    return application(StartedWitness(settings, path.parent), behind_proxy=settings.behind_proxy)


def serve(path: Path, host: str, port: int) -> None:
    """Serve the witness until stopped. Raises ValueError for settings that cannot be used."""
    settings = read_settings(path)
    check_port(host, port)
    read_keys(settings, path.parent)
    watched_logs(settings)
    if any(log.looks for log in settings.logs):
        looking_key(settings, path.parent)
    os.environ[SAFE_PATH] = "1"  # the worker takes no module from the folder one stands in
    os.environ[_SETTINGS] = str(path.resolve())
    spawn_without_the_command()
    Granian(
        "openroll.compose.witness:from_environment",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        # HTTP/2 would go past the bounds on heads; what stands in front of the server speaks it to browsers.
        http=HTTPModes.http1,
        factory=True,
        workers=1,
        log_access=False,
        log_dictconfig=LOGGING,
        websockets=False,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADERS),
    ).serve(target_loader=from_environment, wrap_loader=False)  # its own loader looks in the folder one stands in first
