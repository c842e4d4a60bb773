"""The serving process of a witness. It needs no roll and no database."""

import multiprocessing
import os
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces
from litestar import Litestar

from openroll.watch.witness.app import application
from openroll.watch.witness.settings import read_settings
from openroll.watch.witness.start import started, verifier_keys

_SETTINGS, _PROXY = "OPENROLL_WITNESS", "OPENROLL_BEHIND_PROXY"


def from_environment() -> Litestar:
    """The witness of the settings file that the environment names: what granian's worker calls."""
    path = Path(os.environ[_SETTINGS])
    settings = read_settings(path)
    keys = verifier_keys(settings, path.parent)
    return application(started(settings, path.parent), keys, behind_proxy=os.environ.get(_PROXY, "0") == "1")


def serve(path: Path, host: str, port: int) -> None:
    """Serve until stopped. Raises ValueError at once for settings that cannot be used."""
    verifier_keys(read_settings(path), path.parent)
    os.environ[_SETTINGS] = str(path.resolve())
    multiprocessing.set_start_method("spawn", force=True)
    Granian(
        "openroll.compose.witness:from_environment",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        factory=True,
        workers=1,
        log_access=False,
    ).serve()
