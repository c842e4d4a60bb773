"""The child that reads a file: `python -m openroll.sheet.child`, started by sheet/apart.py and by nobody else.

Bounds come first, libraries after them. A line on standard input is the task, the lines on standard output are answers; a
traceback is never printed, as it may repeat what stands in the file.
"""

import json
import os
import resource
import sys
import threading
import traceback
from contextlib import suppress


def main() -> None:
    """Do one task."""
    line = sys.stdin.buffer.readline()
    bound(json.loads(line)["limits"])
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        import polars._plr  # noqa: F401, PLC0415 - whole or not at all: polars itself hides that there was no memory for it

        from openroll.sheet import child_tasks  # noqa: PLC0415 - bounds first: what it imports reserves memory
    except (ImportError, MemoryError):
        os._exit(1)
    try:
        child_tasks.do(line, _say)
    except MemoryError:
        os._exit(1)
    except BaseException as error:  # told without its message
        frame = traceback.extract_tb(error.__traceback__)[-1]
        _say(
            json.dumps(
                {"ended": True, "broken": f"{type(error).__name__} in {frame.name}, line {frame.lineno}"}
            ).encode()
        )


def bound(limits: dict[str, int]) -> None:
    """Hold this process to its bounds. A core dump would be a copy of the file's values: there is none."""
    seconds = limits["child_cpu_seconds"]
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, limits["child_memory_bytes"]),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, limits["spool_bytes"]),
    ):
        hard = resource.getrlimit(what)[1]
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (allowed, allowed))
    with suppress(OSError):
        os.nice(5)


def _say(line: bytes) -> None:
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


def _end_with_parent() -> None:
    os.read(0, 1)
    os._exit(1)


if __name__ == "__main__":
    main()
