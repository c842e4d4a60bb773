"""What `openroll bench log` measures is the real thing; how fast it is, no test says."""

import os
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path

import pytest

from openroll.bench import log
from openroll.bench.child import Progress, in_child
from openroll.bench.growing import Point, Spent, Tree, entries
from openroll.bench.proving import prove
from openroll.bench.sequencing import sequence
from openroll.service.roll import Roll
from openroll.tlog import Checkpoint, leaf_hashes_of, root_of, split_note
from openroll.watch.log_reader import LogReader
from openroll.watch.source import FolderSource


def doubled(progress: Progress, number: int) -> tuple[int, int]:
    """Work for a child: tells twice, and gives back its process and twice the number."""
    progress(1)
    progress(2)
    return os.getpid(), 2 * number


def refused(_: Progress) -> None:
    """Work that fails."""
    raise ValueError("it cannot be done")


def gone(_: Progress) -> None:
    """Work whose process ends under it."""
    os._exit(3)


def test_work_is_done_in_a_process_of_its_own() -> None:
    """What it tells is heard, what it gives comes back, what it raises is raised, and its end is no hang."""
    told: list[int] = []
    process, number = in_child(partial(doubled, number=21), told.append)
    assert (process != os.getpid(), number, told) == (True, 42, [1, 2])
    with pytest.raises(ValueError, match="cannot be done"):
        in_child(refused, told.append)
    with pytest.raises(BrokenProcessPool):
        in_child(gone, told.append)


def test_the_tree_is_a_log_that_others_can_read(tmp_path: Path) -> None:
    """In rounds of any size: its files give its root, and keeping the right edge alone loses nothing."""
    tree = Tree(lambda path, data: _lay(tmp_path / path, data))
    for first, count in ((0, 1), (1, 255), (256, 400), (656, 70_000)):
        tree.append(entries(first, count))
    assert tree.root == root_of(leaf_hashes_of(entries(0, 70_656)))
    reading = LogReader(FolderSource(tmp_path), Checkpoint.parse(split_note((tmp_path / "checkpoint").read_bytes())[0]))
    assert list(reading.entries(70_000, 70_656)) == entries(70_000, 656)
    inclusion, consistency = prove(lambda _: None, tmp_path, 70_656, 20)
    assert (inclusion.kind, inclusion.count, consistency.kind, consistency.count) == (
        "inclusion",
        20,
        "consistency",
        20,
    )


def test_the_whole_way_is_the_real_sequencers(roll: Roll) -> None:
    """In a process of its own: so many events more stand in the published log than before, and every one was told."""
    told: list[int] = []
    point = in_child(partial(sequence, url=roll.database.url, name=roll.name, home=roll.home, count=1_500), told.append)
    size = int((roll.public / "checkpoint").read_bytes().split(b"\n")[1])
    assert (point.size, size, told[-1]) == (1_500, 1_503, 1_500)  # and the opening and two operators
    assert min(point.ours.seconds, point.ours.processor, point.baseline.seconds) > 0


def test_the_curves_are_figures_and_a_drawing() -> None:
    """From 1,000 to the size asked for; each point with its memory; the drawing names its lines."""
    assert log.sizes(1_000) == [1_000]
    assert log.sizes(2_500_000) == [1_000, 10_000, 100_000, 1_000_000, 2_500_000]
    shown: list[str] = []

    def whole(_: Progress, size: int) -> Point:
        return Point(size, Spent(0.5, 0.25), Spent(0.1, 0.1), 90)

    figures = list(log.measure(1_000, whole, lambda what, *_: shown.append(what)))
    curve = [one for one in figures if one.size]
    assert [one.name.partition(":")[0] for one in curve] == [log.TREE, "log, the tree into files", log.WHOLE]
    assert all(one.megabytes > 10 and one.processor > 0 for one in curve)
    assert {"tree 1,000", "files 1,000", "proofs"} <= set(shown)
    from openroll.bench.chart import cost_of_an_entry  # what draws is loaded by whoever draws

    drawn = cost_of_an_entry(figures).decode()
    assert all(f">{name}<" in drawn for name in ("the whole way", "the tree alone", "bare SHA-256"))


def _lay(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
