"""The process of the city model, seen from the server: started at the first question, bounded, ended when it idles or goes wrong.

It gets nothing of the roll: no settings, no keys, no database; questions come on its standard input, a line of JSON each. It runs
at the lowest priority there is (compose/simulator.py), so that whoever files does not notice it. Memory and time are watched
from here, as the libraries that draw reserve more address space than any limit of the system could allow.
"""

import os
import subprocess
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from openroll import child_process
from openroll.service.simulation.messages import AnyMessage, AnyRequest, Broken, Finished, Inconsistent

TICK = 0.5
"""Seconds between two looks at what the child uses."""


class SimulationLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What answering may cost. Names end in their unit; what has none is a count."""

    memory_bytes: int = 1 << 30
    """Resident memory of the child; it takes about 450 MB for a city of forty districts under three rules."""
    processor_seconds: float = 180.0
    """Processor time for one question; about 15 s are needed, with loading."""
    wall_seconds: float = 600.0
    """Time for one question. Long, as the child gets only what the machine has left over."""
    idle_seconds: float = 300.0
    """Time without a question after which the child is ended."""
    tries: int = 2
    """How often a question is put to the child, which may die of it, before it is given up."""
    deaths: int = 6
    """Deaths of the child, with no answer between them, after which no question is taken for a while."""
    rest_seconds: float = 300.0
    """How long a question that was given up, or after so many deaths every question, is refused."""


LIMITS = SimulationLimits()


class ProcessDied(Exception):
    """The child ended, or was ended, before it answered; the reason is for the server's log."""


class SimulationProcess:
    """The child that answers questions: `command` starts it. One question at a time, from one thread; `close` from any."""

    def __init__(self, command: Sequence[str], limits: SimulationLimits = LIMITS) -> None:
        self._command, self._limits = tuple(command), limits
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The child's process id while there is one."""
        with self._lock:
            return self._child.pid if self._child is not None else None

    def ask(self, request: AnyRequest) -> Iterator[AnyMessage]:
        """What the child says to a request, until all is said. Raises ProcessDied; the next request starts another child."""
        child, whole = self._start(), False
        try:
            yield from self._ask(child, request)
            whole = True
        except TimeoutError as error:
            raise ProcessDied(f"it gave no answer in {self._limits.wall_seconds:.0f} s") from error
        except (OSError, msgspec.DecodeError) as error:
            raise ProcessDied("what it said broke off") from error
        finally:
            if not whole:
                self.end()

    def end(self) -> None:
        """End the child, if there is one, in the middle of a question if need be."""
        with self._lock:
            child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()

    def close(self) -> None:
        """End the child, and start no other."""
        with self._lock:
            self._closed = True
            if self._child is not None:
                self._child.kill()  # the thread that reads from it sees its end, and clears up

    def _start(self) -> "subprocess.Popen[bytes]":
        with self._lock:
            if self._closed or not self._command:
                raise ProcessDied("there is no process of the city model here")
            if self._child is None:
                settings = {name: os.environ[name] for name in _CACHES if name in os.environ} | dict.fromkeys(
                    _THREADS, "1"
                )
                try:
                    self._child = subprocess.Popen(  # noqa: S603 - ourselves
                        self._command,
                        stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE,
                        stderr=subprocess.DEVNULL,  # what a library says as it dies may repeat what was asked
                        env=child_process.environment(**settings),
                    )
                except OSError as error:
                    raise ProcessDied(f"it cannot be started: {error.strerror}") from error
            return self._child

    def _ask(self, child: "subprocess.Popen[bytes]", request: AnyRequest) -> Iterator[AnyMessage]:
        assert child.stdin is not None  # noqa: S101 - both were asked for
        assert child.stdout is not None  # noqa: S101
        child.stdin.write(msgspec.json.encode(request) + b"\n")
        child.stdin.flush()
        spent = _processor_seconds(child.pid)
        for line in child_process.lines(child.stdout.fileno(), self._limits.wall_seconds, TICK):
            self._check(child.pid, spent)
            if line:
                message = msgspec.json.decode(line, type=AnyMessage)
                yield message
                if isinstance(message, Finished | Inconsistent | Broken):
                    return
        raise ProcessDied(f"it ended with status {child.wait()}")

    def _check(self, pid: int, spent: float) -> None:
        """Raises ProcessDied when the child takes more than it may."""
        if _resident_bytes(pid) > self._limits.memory_bytes:
            raise ProcessDied(f"it took more than {self._limits.memory_bytes >> 20} MiB of memory")
        if _processor_seconds(pid) - spent > self._limits.processor_seconds:
            raise ProcessDied(f"it took more than {self._limits.processor_seconds:.0f} s of processor time")


_THREADS = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS")
"""How libraries are told to use one core: the others are for whoever files."""
_CACHES = ("HOME", "NUMBA_CACHE_DIR")
"""Where compiled kernels are kept (whatif/kernel.py)."""


def _resident_bytes(pid: int) -> int:
    """Memory of a process that lies in RAM (proc(5), statm); 0 where the system does not say."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def _processor_seconds(pid: int) -> float:
    """Processor time of a process so far (proc(5), stat: fields 14 and 15); 0 where the system does not say."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError):
        return 0.0
