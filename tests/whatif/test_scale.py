"""Runs dealt out to processes: the same bytes as in one, also where a worker is killed in the middle; nothing listens outside."""

import hashlib
import io
import os
import signal
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl
import psutil
import pytest

from openroll.cli.whatif.jobs import write_frame
from openroll.rules import load
from openroll.whatif import Outcome, load_city, run
from openroll.whatif import scale as scaling
from openroll.whatif.parquet import SCHEMA, part_frame, writing
from openroll.whatif.scale import CannotDeal, Part, Plan, gathered, local, parts, plan, remote, run_on

RULES = [load("cn-cq-2006-notice"), load("notification-2006")]
RUNS = 16


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """Two processes of our own."""
    with local(2) as found:
        yield found


@pytest.fixture(scope="module")
def work() -> Plan:
    """A few runs of the village under two rules."""
    short = msgspec.structs.replace(load_city("village"), days=40)
    return plan(RULES, short, runs=RUNS, seed=2006)


@pytest.fixture(scope="module")
def alone(work: Plan) -> Outcome:
    """What `run` makes of them in this process."""
    return run(RULES, work.city, runs=RUNS, seed=2006)


def same(one: Outcome, other: Outcome) -> bool:
    """Whether two outcomes are the same, byte for byte."""
    return one.drawn.equals(other.drawn) and all(
        list(mine.city) == list(yours.city)
        and all(np.array_equal(mine.city[name], yours.city[name]) for name in mine.city)
        and all(np.array_equal(mine.worst[name], yours.worst[name]) for name in mine.worst)
        for mine, yours in zip(one.series, other.series, strict=True)
    )


def written(work: Plan, found: Iterable[Part], path: Path) -> str:
    """The digest of the file that these parts are written to."""
    with writing(path) as give:
        for part in found:
            give(part_frame(work.city, part))
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_two_processes_make_what_one_makes(work: Plan, alone: Outcome, client: Any) -> None:
    """The same outcome, and each part is told of once, up to the whole."""
    told: list[float] = []
    assert same(gathered(work, parts(work, told.append, client)), alone)
    assert told == sorted(told)
    assert told[-1] == 1
    assert same(run_on(client, work.rules, work.city, runs=work.runs, seed=work.seed), alone)


def test_the_cut_makes_no_difference(work: Plan, alone: Outcome, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run by run in this process is the same as all side by side."""
    monkeypatch.setattr(scaling, "_MOST_RUNS", 3)
    found = list(parts(work))
    assert [part.first for part in found] == [0, 3, 6, 9, 12, 15]
    assert same(gathered(work, found), alone)


def test_a_killed_worker_changes_nothing(work: Plan, alone: Outcome, client: Any) -> None:
    """A worker that is killed while it works has its piece done again by another, with the same outcome."""
    pids = client.run(os.getpid)
    found = parts(work, None, client)
    first = next(found)
    busy = [address for address, tasks in client.processing().items() if tasks]
    os.kill(pids[(busy or list(pids))[0]], signal.SIGKILL)
    assert same(gathered(work, [first, *found]), alone)


def test_files_have_the_same_bytes(
    work: Plan, alone: Outcome, client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One process or two, cut this way or that: one Parquet file, with what the outcome holds and noughts for the rest."""
    one = written(work, parts(work), tmp_path / "one.parquet")
    monkeypatch.setattr(scaling, "_MOST_RUNS", 5)
    assert written(work, parts(work), tmp_path / "cut.parquet") == one
    assert written(work, parts(work, None, client), tmp_path / "two.parquet") == one
    kept = pl.read_parquet(tmp_path / "one.parquet")
    assert dict(kept.schema) == SCHEMA
    held = alone.frame().cast({"run": pl.Int64}).rename({"value": "held"})
    both = kept.join(held, on=["rule", "run", "day", "series"], how="left", maintain_order="left")
    assert both["value"].equals(both["held"].fill_null(0), null_equal=False, check_names=False)
    assert both["held"].count() == held.height


def test_a_file_is_whole_or_as_it_was(work: Plan, tmp_path: Path) -> None:
    """Where the work fails in the middle, what stood there before still does, and nothing else is left behind."""
    path = tmp_path / "year.parquet"
    path.write_text("before")

    def failing() -> Iterator[Part]:
        yield next(parts(work))
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        written(work, failing(), path)
    assert path.read_text() == "before"
    assert [one.name for one in tmp_path.iterdir()] == ["year.parquet"]


@pytest.mark.parametrize(
    "name", ["all*[1].parquet", "s3:/year.parquet", "hf:/a/b.parquet", "-o.parquet", "a\nb.parquet"]
)
def test_a_name_is_a_name(work: Plan, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a file is called, as a pattern or an address would be, the series and what goes with them lie under that name."""
    monkeypatch.chdir(tmp_path)
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    written(work, parts(work), Path(name))
    assert dict(pl.read_parquet(io.BytesIO(Path(name).read_bytes())).schema) == SCHEMA
    write_frame(pl.DataFrame({"a": [1]}), Path(name))
    assert pl.read_parquet(io.BytesIO(Path(name).read_bytes())).height == 1
    assert [path.name for path in Path(name).parent.iterdir()] == [Path(name).name]


def test_nothing_listens_beyond_this_machine(client: Any) -> None:
    """Every port of the cluster is on the loopback address, speaks TLS, and shows no dashboard."""
    assert client.scheduler.address.startswith("tls://127.0.0.1:")
    me = psutil.Process()
    listening = [
        connection.laddr.ip
        for process in (me, *me.children(recursive=True))
        for connection in process.net_connections()
        if connection.status == psutil.CONN_LISTEN
    ]
    assert listening
    assert set(listening) == {"127.0.0.1"}


def test_workers_with_another_model_are_refused(work: Plan, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster whose workers have other files of the model is told so, and nothing of theirs is taken."""
    monkeypatch.setattr(scaling, "code", lambda: "another")
    with pytest.raises(CannotDeal, match="does not have this version"):
        list(parts(work, None, client))


def test_a_scheduler_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address where nothing answers is a sentence with what to do."""
    monkeypatch.setattr(scaling, "_WAIT", 1)
    with pytest.raises(CannotDeal, match="No Dask scheduler answers"), remote("tcp://127.0.0.1:9"):
        pass
