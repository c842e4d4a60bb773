"""The simulation process of the city model: `python -m openroll.compose.simulator`, started by the server alone.

It gives way to everything else on the machine: bounds and priority come first, libraries after them. A line on standard input is
a request, lines on standard output answer it (service/simulation/messages.py). When its input ends, its parent has: so does it.
"""

import contextlib
import ctypes
import functools
import os
import queue
import resource
import signal
import sys
import threading
from pathlib import Path
from typing import BinaryIO

_PR_SET_PDEATHSIG = 1
"""prctl(2): the signal that this process gets when the thread that started it ends."""
_MOST_FILE = 64 << 20
"""Bytes of a file that it may write: it writes none, its libraries may keep a small cache."""


def main() -> None:
    """Answer questions from stdin until it ends."""
    bound()
    if "--as-others" not in sys.argv[1:]:
        give_way()
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no message
    requests: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(requests,), daemon=True).start()
    line = requests.get()
    from openroll.report.answer import Answering  # noqa: PLC0415 - bounds and priority first
    from openroll.words.catalogue import use_own  # noqa: PLC0415 - likewise

    use_own(next((Path(one.removeprefix("--words=")) for one in sys.argv[1:] if one.startswith("--words=")), None))
    answering = Answering(functools.partial(_write, output))
    while True:
        answering.answer(line)
        line = requests.get()


def give_way() -> None:
    """Take the lowest CPU priority (idle class), which lowers that of the disk too (ioprio_set(2))."""
    with contextlib.suppress(OSError):
        os.nice(19)
    with contextlib.suppress(OSError, AttributeError):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def bound() -> None:
    """Limit this process: it ends with its parent, is the first to go when memory runs out, and leaves no core file.

    What a system does not have is left out.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    for what, most in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, _MOST_FILE)):
        hard = resource.getrlimit(what)[1]
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (allowed, allowed))


def _read(requests: "queue.SimpleQueue[bytes]") -> None:
    for line in sys.stdin.buffer:
        requests.put(line)
    os._exit(0)


def _write(output: BinaryIO, line: bytes) -> None:
    try:
        output.write(line)
        output.flush()
    except BrokenPipeError:
        os._exit(1)  # nobody reads any more


if __name__ == "__main__":
    main()
