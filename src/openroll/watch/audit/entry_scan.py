"""Reading what is new: every entry behind the last head, the root recomputed from them, tiles held against them."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from openroll.tlog import CompactRange, TlogError, bundle_path, encode_bundle, leaf_hash, verify_inclusion
from openroll.watch.audit.entries import Entries, Wrong
from openroll.watch.audit.finding import Finding, hashes
from openroll.watch.audit.heads import Head
from openroll.watch.audit.tiles import Tiles, WrongTile
from openroll.watch.reading import WIDTH, Reading
from openroll.watch.source import Unreachable

MOST_OF_A_KIND = 20
"""Faults of one kind that get a folder each in one visit; the rest are counted."""

_AHEAD = 16
_HANDS = 8

Progress = Callable[[str, int, int], None]


@dataclass
class Newly:
    """What reading gave: the mark it reached, and what was wrong on the way. It is whole when the root is the signed one."""

    mark: CompactRange
    whole: bool = False
    faults: list[Finding] = field(default_factory=list)
    more: dict[str, int] = field(default_factory=dict)
    wrong: list[Wrong] = field(default_factory=list)


def read_new(reading: Reading, head: Head, mark: CompactRange, rules: Entries | None, progress: Progress) -> Newly:
    """Read from `mark` to `head`, one bundle in memory at a time (and a few on their way). Raises Unreachable."""
    found = Newly(mark)
    tiles = Tiles(reading)
    try:
        for index, bundle in _bundles(reading, mark.size // WIDTH, -(-head.size // WIDTH)):
            _tiles(found, reading, head, tiles, (index, bundle))
            fresh = bundle[max(mark.size - WIDTH * index, 0) :]
            found.mark = found.mark.extend(fresh)
            for entry in fresh if rules is not None else ():
                _judge(found, rules, entry)
            progress("entries", found.mark.size, head.size)
    except TlogError as error:
        found.faults.append(Finding("damaged", head.where, f"{error}.", {"head-1": head.note}))
        return found
    found.whole = found.mark.root == head.root
    if not found.whole and not any(one.kind == "damaged" for one in found.faults):
        what = f"its {head.size:,} entries give the root {found.mark.root.hex()}, the head says {head.root.hex()}."
        found.faults.append(Finding("damaged", head.where, what, {"head-1": head.note}))
    if found.whole:
        found.faults += [evidence(reading, head, one) for one in found.wrong]
    return found


def _judge(found: Newly, rules: Entries | None, entry: bytes) -> None:
    assert rules is not None  # noqa: S101 - asked by the caller; the type checker cannot see it
    for wrong in rules.take(entry):
        if sum(one.kind == wrong.kind for one in found.wrong) < MOST_OF_A_KIND:
            found.wrong.append(wrong)
        else:
            found.more[wrong.kind] = found.more.get(wrong.kind, 0) + 1


def _bundles(reading: Reading, first: int, end: int) -> Iterator[tuple[int, list[bytes]]]:
    """Bundles in order; a few are fetched ahead, so that a far server's distance is waited for once."""
    with ThreadPoolExecutor(_HANDS, thread_name_prefix="audit") as hands:
        waiting: deque[tuple[int, Future[list[bytes]]]] = deque()
        ahead = iter(range(first, end))
        try:
            for index in ahead:
                waiting.append((index, hands.submit(reading.bundle, index)))
                if len(waiting) >= _AHEAD:
                    at, done = waiting.popleft()
                    yield at, done.result()
            while waiting:
                at, done = waiting.popleft()
                yield at, done.result()
        finally:
            for _, one in waiting:
                one.cancel()


def _tiles(found: Newly, reading: Reading, head: Head, tiles: Tiles, at: tuple[int, list[bytes]]) -> None:
    """A wrong tile is a fault; the entries are read on, because the head may still be theirs."""
    try:
        tiles.check(*at)
    except TlogError as error:
        if any(str(error) in one.what for one in found.faults):
            return
        if isinstance(error, WrongTile) and len(found.faults) < MOST_OF_A_KIND:
            found.faults.append(_damaged(reading, head, error, *at))
        elif len(found.faults) < MOST_OF_A_KIND:
            found.faults.append(Finding("damaged", head.where, f"{error}.", {"head-1": head.note}))
        else:
            found.more["damaged"] = found.more.get("damaged", 0) + 1


def _damaged(reading: Reading, head: Head, wrong: WrongTile, index: int, bundle: list[bytes]) -> Finding:
    """Which of the two is not what was signed, the tile or the bundle, is shown where one place in them differs."""
    path = bundle_path(index, len(bundle))
    files = {"head-1": head.note, "tile": wrong.data, "bundle": encode_bundle(bundle)}
    said: dict[str, str | int] = {"tile-path": wrong.path, "bundle-path": path}
    what = f"{wrong} ({path})."
    if wrong.index is None:
        return Finding("damaged", head.where, what, files, said)
    proof = reading.prove_inclusion(wrong.index)
    at = wrong.index % WIDTH
    leaves = {"tile": wrong.data[32 * at : 32 * at + 32], "bundle": leaf_hash(bundle[at])}
    for name, leaf in leaves.items():
        try:
            verify_inclusion(leaf, wrong.index, reading.checkpoint.size, proof, reading.checkpoint.root)
        except TlogError:
            continue
        other = {"tile": path, "bundle": wrong.path}[name]
        said |= {"index": wrong.index, "damaged": "bundle" if name == "tile" else "tile"}
        files["entry-proof"] = hashes(proof)
        what = f"{what} The head signs for what is in the {name}: {other} is the one that was altered, at entry {wrong.index:,}."
    return Finding("damaged", head.where, what, files, said)


def evidence(reading: Reading, head: Head, wrong: Wrong) -> Finding:
    """An entry that breaks a rule, with the proof that the log holds it. Raises TlogError or Unreachable."""
    files = {"head-1": head.note, "entry": wrong.data, "entry-proof": _proof(reading, wrong.index)}
    said: dict[str, str | int] = {"index": wrong.index}
    if wrong.earlier is not None:
        files["earlier"] = next(reading.entries(wrong.earlier, wrong.earlier + 1))
        files["earlier-proof"] = _proof(reading, wrong.earlier)
        said["earlier-index"] = wrong.earlier
    return Finding(wrong.kind, head.where, f"{wrong.what}.", files, said)


def _proof(reading: Reading, index: int) -> bytes:
    try:
        return hashes(reading.prove_inclusion(index))
    except (TlogError, Unreachable):
        return b""
