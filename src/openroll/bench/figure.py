"""A figure and its limit, measured one after the other on the same machine."""

import os
import platform
import resource
import time
from collections.abc import Callable
from pathlib import Path

import msgspec


class Figure(msgspec.Struct, frozen=True):
    """What was measured: ours and the limit in one unit; `ratio` is ours over the limit; `aim` what we want it to be.

    Where that was asked for, `megabytes` is the peak memory of the process that did the work, `processor` and `limit_processor`
    the microseconds of processor time that one of them took; `size` is the size of what was measured, for a point of a curve.
    """

    name: str
    unit: str
    ours: float
    limit: float
    limit_is: str
    aim: str
    megabytes: int = 0
    size: int = 0
    processor: float = 0.0
    limit_processor: float = 0.0

    @property
    def ratio(self) -> float:
        """Ours over the limit."""
        return self.ours / self.limit if self.limit else 0.0


def timed(work: Callable[[], object]) -> float:
    """Seconds that the work took."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def best(work: Callable[[], object], times: int) -> float:
    """The shortest of several runs: what the machine can do when it is left alone."""
    return min(timed(work) for _ in range(times))


def own_megabytes() -> int:
    """The peak memory of this process so far."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024  # on Linux this begins with the parent's
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def machine() -> dict[str, str]:
    """What the figures were measured on."""
    try:
        model = next(line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name"))
    except (OSError, StopIteration):
        model = platform.processor()
    return {
        "processor": model.partition(":")[2].strip() or model,
        "cores": str(os.cpu_count()),
        "system": platform.platform(),
        "python": platform.python_version(),
    }
