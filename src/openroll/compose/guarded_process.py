"""What a process that holds the roll's keys asks of the system, and of the library that starts it again.

The children that read files guard themselves (sheet/child.py, compose/simulator.py); this is for their parent.
"""

import contextlib
import ctypes
import resource
import time
from collections.abc import Callable
from typing import Any

_PR_SET_DUMPABLE = 4
LOOP = 5.5
"""Seconds within which granian takes a second end of a worker for a loop, and ends the whole server with it."""
BACK_OFF = 2.0
"""Seconds that such a worker waits before it is started again."""


def leave_no_core() -> None:
    """Leave no core behind, nor let other processes of this user read this one: its memory holds keys, and what is being typed.

    What is started from here leaves none either, a private PostgreSQL too. What a system does not have is left out.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


class Restarts(dict[int, float]):
    """When granian started each worker again. Asked about one that ended soon afterwards, it waits and says: long ago.

    granian would end every worker of the server for one that ended twice, the healthy ones too.
    """

    def __init__(
        self, monotonic: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        super().__init__()
        self._monotonic, self._sleep = monotonic, sleep

    def get(self, worker: int, _: Any = None) -> Any:
        """Never anything of the last LOOP seconds."""
        if self._monotonic() - super().get(worker, -LOOP) <= LOOP:
            self._sleep(BACK_OFF)
        return -LOOP
