"""A benchmark figure and its limit (baseline), measured one after the other on the same machine."""

import os
import platform
import re
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

Item = Literal[
    "import", "online", "duties", "log", "mirror", "witness", "pages", "whatif", "beside", "requests", "sites"
]
"""What is measured, each by a benchmark of its own."""

_AIM = re.compile(r"(?P<bound>[0-9.]+)(?: (?P<unit>s|ms|MB))?(?: or (?P<way>more|less))?")


class Figure(msgspec.Struct, frozen=True):
    """A benchmark figure: ours and the limit in one unit; `ratio` is ours over the limit; `aim` what we want it to be.

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

    @property
    def verdict(self) -> str:
        """Whether every part of the aim is met: `met` or `missed`; empty without an aim.

        `0.5 or more` is of the ratio, `10 s or less` of our own figure in its unit, `500 MB` of the memory.
        """
        parts = [part for part in self.aim.split("; ") if part]
        return ("met" if all(map(self._meets, parts)) else "missed") if parts else ""

    def _meets(self, part: str) -> bool:
        found = _AIM.fullmatch(part)
        if found is None:
            raise ValueError(f"no aim that can be judged: {part!r}")
        bound, unit, way = float(found["bound"]), found["unit"], found["way"]
        if way is None:
            return self.megabytes <= bound
        value = self.ours if unit else self.ratio
        return value >= bound if way == "more" else value <= bound


def timed(work: Callable[[], object]) -> float:
    """Seconds that the work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def best(work: Callable[[], object], times: int) -> float:
    """The shortest time of several runs."""
    return min(timed(work) for _ in range(times))


def own_megabytes() -> int:
    """The peak memory of this process so far, in megabytes."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024  # on Linux this begins with the parent's
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def busy(seconds: float = 0.5) -> str:
    """What else the machine is doing during a benchmark: load averages, and programs that take a tenth of a core or more."""
    before = _processor()
    time.sleep(seconds)
    spent = {
        (pid, name): (now - before.get((pid, name), now)) / os.sysconf("SC_CLK_TCK") / seconds
        for (pid, name), now in _processor().items()
        if pid != os.getpid()
    }
    shares: dict[str, float] = {}
    for (_, name), share in spent.items():
        shares[name] = shares.get(name, 0.0) + share
    others = sorted(((share, name) for name, share in shares.items() if share >= 0.1), reverse=True)
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    return f"load {load}; " + (", ".join(f"{name} {share:.0%}" for share, name in others[:6]) or "nothing else ran")


def _processor() -> dict[tuple[int, str], int]:
    """The processor ticks of each process so far, by its number and name."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            head, _, rest = path.read_text().rpartition(")")
        except OSError:
            continue  # it has ended meanwhile
        fields = rest.split()
        found[int(path.parent.name), head.partition("(")[2]] = int(fields[11]) + int(fields[12])
    return found


def machine() -> dict[str, str]:
    """The machine the benchmark runs on: processor, cores, system and Python version."""
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
