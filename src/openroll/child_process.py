"""Run child processes: a clean environment, and their output lines read with a timeout.

Used by the reading of operators' files (sheet/apart.py) and by the city model (service/simulation/process.py).
"""

import os
import selectors
import time
from collections.abc import Iterator

SAFE_PATH = "PYTHONSAFEPATH"
"""Has an interpreter take no module from the folder it is started in, where anybody's files may lie (Python 3.11)."""
_KEPT_SETTINGS = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TMPDIR", "TZ")


def environment(**more: str) -> dict[str, str]:
    """The environment of a child: what an interpreter needs, none of the roll's settings or keys, and what is added."""
    return (
        {name: value for name in _KEPT_SETTINGS if (value := os.environ.get(name)) is not None}
        | {SAFE_PATH: "1"}
        | more
    )


def lines(pipe: int, seconds: float, tick: float) -> Iterator[bytes]:
    """The lines that a child writes, without their ends, as they come; an empty one every `tick` seconds in which none came.

    Ends with the pipe. Raises TimeoutError `seconds` after the first line was asked for.
    """
    until = time.monotonic() + seconds
    rest = b""
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while True:
            if time.monotonic() > until:
                raise TimeoutError
            if not selector.select(tick):
                yield b""
                continue
            data = os.read(pipe, 1 << 20)
            if not data:
                return
            *whole, rest = (rest + data).split(b"\n")
            yield from whole
