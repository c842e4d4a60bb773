"""Distribute simulation runs over processes or a Dask cluster, with the same bytes as in one process.

Chance is addressed by the number of a run (`rng`), so neither the cut nor who works on a piece nor how often changes what
comes out; a worker that is lost in the middle has its piece done again by another. Parts come back in the order of the runs,
and few are under way at once, so memory stays flat in the number of runs for one who writes them down as they come. The last
digit is the same on machines with the same processor and libraries; on others `exp` may round another way.

Dask is imported where it is used: the model and the commands start without it.
"""

import signal
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from importlib.resources import files
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from openroll.rules import Rule
from openroll.whatif import sample
from openroll.whatif.city import City
from openroll.whatif.rule_effects import called
from openroll.whatif.running import Mode, Outcome, Series, Told, run_drawn

_SERIES_A_RUN = 85
_PIECE_BYTES = 32_000_000
"""About what the series of one piece take; bounds the memory of one who takes them as they come."""
_MOST_RUNS = 64
"""The most runs in a piece: more side by side is no quicker."""
_PIECES_EACH = 4
"""Pieces for each worker, so that one slow piece at the end keeps nobody waiting long."""
_FEWEST_RUNS = 8
"""Runs that are worth a piece, where there are enough for every worker: side by side a run takes half of what it takes alone."""
_AHEAD = 3
"""Pieces under way for each worker, done or not: what is bounded while an early piece is late."""
_WAIT = 30
"""Seconds to wait for a scheduler to answer, and for its first worker."""


class CannotDeal(RuntimeError):
    """The runs cannot be distributed; the text says why, and what to do."""


@dataclass(frozen=True)
class Plan:
    """The runs to make: `drawn` has a row a run, the same for every rule; `numbers` are the runs' own."""

    rules: tuple[Rule, ...]
    city: City
    drawn: pl.DataFrame
    numbers: NDArray[np.int64]
    seed: int = 1
    mode: Mode = "cohorts"

    @property
    def runs(self) -> int:
        """How many runs each rule has."""
        return len(self.numbers)

    @property
    def refs(self) -> tuple[str, ...]:
        """What each rule is called in what comes out (`called`)."""
        return called(self.rules)

    def piece(self, first: int, last: int) -> "Plan":
        """The runs from one place on, up to another."""
        return replace(self, drawn=self.drawn[first:last], numbers=self.numbers[first:last])


class Part(NamedTuple):
    """The result of some runs: the index of the first among all, and the series of each rule."""

    first: int
    series: tuple[Series, ...]

    @property
    def runs(self) -> int:
        """How many runs are in it."""
        return len(self.series[0].city["filed"])


def plan(rules: Sequence[Rule], city: City, *, runs: int = 1, seed: int = 1, mode: Mode = "cohorts") -> Plan:
    """The runs that `run` would make."""
    return Plan(tuple(rules), city, sample.draw(city, runs, seed), np.arange(runs), seed, mode)


def parts(work: Plan, progress: Told | None = None, client: Any = None) -> Iterator[Part]:
    """Make the runs of a plan, piece by piece in order: in this process, or by the workers of a Dask client.

    `progress` hears how much is done. Raises PeopleLost as `run` does, and CannotDeal where workers fail rather than the model.
    """
    return _here(work, progress) if client is None else _dealt(work, progress, client)


def gathered(work: Plan, found: Iterable[Part]) -> Outcome:
    """Join all parts of a plan into one outcome, in memory."""
    listed = list(found)
    series = []
    for place, first in enumerate(listed[0].series):
        mine = [part.series[place] for part in listed]
        city = {name: np.concatenate([one.city[name] for one in mine]) for name in first.city}
        worst = {name: np.concatenate([one.worst[name] for one in mine]) for name in first.worst}
        series.append(Series(first.ref, city, worst))
    return Outcome(work.city, work.rules, work.seed, work.mode, work.drawn, tuple(series))


def _cut(work: Plan, workers: int) -> list[tuple[int, int]]:
    """Where the pieces begin and end."""
    a_run = _SERIES_A_RUN * work.city.days * 8 * len(work.rules)
    size = min(_MOST_RUNS, _PIECE_BYTES // a_run)
    if workers:
        fair = min(-(-work.runs // workers), _FEWEST_RUNS)
        size = min(size, max(-(-work.runs // (_PIECES_EACH * workers)), fair))
    size = max(size, 1)
    return [(first, min(first + size, work.runs)) for first in range(0, work.runs, size)]


def _made(work: Plan, progress: Told | None = None) -> tuple[Series, ...]:
    return run_drawn(work.rules, work.city, work.drawn, work.numbers, seed=work.seed, mode=work.mode, progress=progress)


def _here(work: Plan, progress: Told | None) -> Iterator[Part]:
    for first, last in _cut(work, 0):
        begun, share = first / work.runs, (last - first) / work.runs
        watch = None if progress is None else _within(progress, begun, share)
        yield Part(first, _made(work.piece(first, last), watch))


def _within(progress: Told, begun: float, share: float) -> Told:
    return lambda part: progress(begun + share * part)


# Dealt out


@cache
def code() -> str:
    """A digest of the model's own source files: workers with other code are refused."""
    found = sha256()
    for room in ("openroll.rules", "openroll.whatif"):
        for folder in ("", "shipped", "overlays", "cities"):
            place = files(room) / folder if folder else files(room)
            if not place.is_dir():
                continue
            for file in sorted(place.iterdir(), key=lambda one: one.name):
                if file.name.endswith((".py", ".yaml")):
                    found.update(f"{room}/{folder}/{file.name}\0".encode() + file.read_bytes())
    return found.hexdigest()


class OtherCode(RuntimeError):
    """A worker has another version of the model."""


def _worked(wanted: str, work: Plan) -> tuple[Series, ...]:
    """What a worker does with a piece of a plan."""
    if code() != wanted:
        raise OtherCode("the model's files differ")
    return _made(work)


def _dealt(work: Plan, progress: Told | None, client: Any) -> Iterator[Part]:
    workers = sum(max(one["nthreads"], 1) for one in client.scheduler_info(n_workers=-1)["workers"].values())
    cut = _cut(work, workers)
    waiting, under_way, done = iter(cut), deque[tuple[int, Any]](), 0
    taken = 0
    ended: SimpleQueue[Any] = SimpleQueue()
    try:
        while True:
            while len(under_way) < _AHEAD * max(workers, 1) and (here := next(waiting, None)):
                future = client.submit(_worked, code(), work.piece(*here), pure=False)
                future.add_done_callback(ended.put)
                under_way.append((here[0], future))
            if not under_way:
                return
            while not under_way[0][1].done():
                with suppress(Empty):
                    ended.get(timeout=1)
                    done += 1
                    if progress is not None:
                        progress(min(done / len(cut), 1))
            first, future = under_way.popleft()
            part = Part(first, _result(future))
            # What is taken is done, whether or not its end was heard of yet.
            taken, done = taken + 1, max(done, taken + 1)
            if progress is not None:
                progress(min(done / len(cut), 1))
            yield part
    finally:
        client.cancel([future for _, future in under_way])


def _result(future: Any) -> tuple[Series, ...]:
    from distributed import CancelledError, KilledWorker  # noqa: PLC0415 - as above

    try:
        series: tuple[Series, ...] = future.result()
    except KilledWorker as error:
        raise CannotDeal(
            "One piece of the work ended its worker four times over, most likely for want of memory. "
            "Take fewer workers, or workers with more memory."
        ) from error
    except (OtherCode, ModuleNotFoundError) as error:
        raise CannotDeal(
            f"A worker of the cluster does not have this version of Openroll ({error}). Install the same one on every worker."
        ) from error
    except (CancelledError, OSError) as error:
        raise CannotDeal(f"The scheduler was lost ({error}). Start it again, then run this again.") from error
    return series


@contextmanager
def local(workers: int) -> Iterator[Any]:
    """A Dask cluster of so many processes on this machine, for as long as it is used: a client of it.

    It listens on the loopback address alone, under TLS with keys made for this one use, and shows no dashboard. From a script,
    call it under `if __name__ == "__main__"`: its processes begin by reading the script again.
    """
    import dask  # noqa: PLC0415 - as above
    from distributed import Client, LocalCluster  # noqa: PLC0415 - as above

    nothing_shown: dict[str, list[str]] = {
        "distributed.scheduler.http.routes": [],
        "distributed.worker.http.routes": [],
    }
    with ExitStack() as held, dask.config.set(nothing_shown):
        try:
            with _interrupts_wait():
                cluster = held.enter_context(
                    LocalCluster(  # type: ignore[no-untyped-call] # Dask is typed in part
                        n_workers=workers,
                        threads_per_worker=1,
                        processes=True,
                        host="127.0.0.1",
                        dashboard_address="127.0.0.1:0",
                        scheduler_kwargs={"dashboard": False},
                        security=True,
                        silence_logs="CRITICAL",
                    )
                )
                client = held.enter_context(Client(cluster, set_as_default=False))  # type: ignore[no-untyped-call] # as above
            yield client
        finally:
            with _interrupts_wait():
                held.close()


@contextmanager
def _interrupts_wait() -> Iterator[None]:
    """Ctrl-C waits until a cluster is up, or down, whole: half a cluster leaves processes behind.

    Threads and processes begun meanwhile never hear it: it is this thread that stops, and then stops them.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def remote(address: str) -> Iterator[Any]:
    """A client of a Dask cluster that somebody runs (`tcp://host:port`, `tls://host:port`). Raises CannotDeal.

    Keys for TLS are Dask's own settings. Whoever can reach a scheduler without them can run anything on its workers.
    """
    from distributed import Client  # noqa: PLC0415 - as above

    try:
        client = Client(address, timeout=_WAIT, set_as_default=False)  # type: ignore[no-untyped-call] # as above
    except (OSError, ValueError, TypeError) as error:
        raise CannotDeal(
            f"No Dask scheduler answers at {address}. Give the address that it prints as it starts."
        ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=_WAIT)
        except TimeoutError as error:
            raise CannotDeal(f"The scheduler at {address} has no worker. Start one: dask worker {address}") from error
        yield client


def run_on(
    client: Any,
    rules: Sequence[Rule],
    city: City,
    *,
    runs: int = 1,
    seed: int = 1,
    mode: Mode = "cohorts",
    progress: Told | None = None,
) -> Outcome:
    """As `run`, by the workers of a Dask client: the same outcome, byte for byte."""
    work = plan(rules, city, runs=runs, seed=seed, mode=mode)
    return gathered(work, parts(work, progress, client))
