"""Scan a log's new entries: recompute the root from them, check them by the entry rules, and compare tiles with them."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from openroll.tlog import CompactRange, TlogError, bundle_path, encode_bundle, leaf_hash, verify_inclusion
from openroll.watch.audit.entries import BrokenRule, EntryRules
from openroll.watch.audit.finding import Finding, hashes
from openroll.watch.audit.heads import Head
from openroll.watch.audit.tiles import TileCheck, WrongTile
from openroll.watch.log_reader import WIDTH, LogReader
from openroll.watch.source import Unreachable

MOST_OF_A_KIND = 20
"""Faults of one kind that get a folder each in one visit; the rest are counted."""

_AHEAD = 16
_THREADS = 8

Progress = Callable[[str, int, int], None]


@dataclass
class EntryScan:
    """The result of a scan: the compact range reached and the faults found. `whole` when the root is the signed one."""

    mark: CompactRange
    whole: bool = False
    faults: list[Finding] = field(default_factory=list)
    more: dict[str, int] = field(default_factory=dict)
    wrong: list[BrokenRule] = field(default_factory=list)


def scan_entries(
    reader: LogReader, head: Head, mark: CompactRange, rules: EntryRules | None, progress: Progress
) -> EntryScan:
    """Read and check the entries from `mark` to `head`, one bundle in memory at a time (a few prefetched). Raises Unreachable."""
    scan = EntryScan(mark)
    tiles = TileCheck(reader)
    try:
        for index, bundle in bundles(reader, mark.size // WIDTH, -(-head.size // WIDTH)):
            _tiles(scan, reader, head, tiles, (index, bundle))
            fresh = bundle[max(mark.size - WIDTH * index, 0) :]
            scan.mark = scan.mark.extend(fresh)
            for entry in fresh if rules is not None else ():
                _judge(scan, rules, entry)
            progress("entries", scan.mark.size, head.size)
    except TlogError as error:
        scan.faults.append(Finding("damaged", head.where, f"{error}.", {"head-1": head.note}))
        return scan
    scan.whole = scan.mark.root == head.root
    if not scan.whole and not any(one.kind == "damaged" for one in scan.faults):
        what = f"its {head.size:,} entries give the root {scan.mark.root.hex()}, the head says {head.root.hex()}."
        scan.faults.append(Finding("damaged", head.where, what, {"head-1": head.note}))
    if scan.whole:
        scan.faults += [evidence(reader, head, one) for one in scan.wrong]
    return scan


def _judge(scan: EntryScan, rules: EntryRules | None, entry: bytes) -> None:
    assert rules is not None  # noqa: S101 - asked by the caller; the type checker cannot see it
    for wrong in rules.take(entry):
        if sum(one.kind == wrong.kind for one in scan.wrong) < MOST_OF_A_KIND:
            scan.wrong.append(wrong)
        else:
            scan.more[wrong.kind] = scan.more.get(wrong.kind, 0) + 1


def bundles(reader: LogReader, first: int, end: int) -> Iterator[tuple[int, list[bytes]]]:
    """Entry bundles in order; a few are prefetched, so that a far server's latency is paid once."""
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="audit") as pool:
        waiting: deque[tuple[int, Future[list[bytes]]]] = deque()
        ahead = iter(range(first, end))
        try:
            for index in ahead:
                waiting.append((index, pool.submit(reader.bundle, index)))
                if len(waiting) >= _AHEAD:
                    at, done = waiting.popleft()
                    yield at, done.result()
            while waiting:
                at, done = waiting.popleft()
                yield at, done.result()
        finally:
            for _, one in waiting:
                one.cancel()


def _tiles(scan: EntryScan, reader: LogReader, head: Head, tiles: TileCheck, at: tuple[int, list[bytes]]) -> None:
    """Compare tiles with a bundle; a wrong tile is a finding, and reading goes on, because the head may still be the entries'."""
    try:
        tiles.check(*at)
    except TlogError as error:
        if any(str(error) in one.what for one in scan.faults):
            return
        if isinstance(error, WrongTile) and len(scan.faults) < MOST_OF_A_KIND:
            scan.faults.append(_damaged(reader, head, error, *at))
        elif len(scan.faults) < MOST_OF_A_KIND:
            scan.faults.append(Finding("damaged", head.where, f"{error}.", {"head-1": head.note}))
        else:
            scan.more["damaged"] = scan.more.get("damaged", 0) + 1


def _damaged(reader: LogReader, head: Head, wrong: WrongTile, index: int, bundle: list[bytes]) -> Finding:
    """Finding for a tile that differs from its bundle: a proof at one differing index shows which of the two was altered."""
    path = bundle_path(index, len(bundle))
    files = {"head-1": head.note, "tile": wrong.data, "bundle": encode_bundle(bundle)}
    details: dict[str, str | int] = {"tile-path": wrong.path, "bundle-path": path}
    what = f"{wrong} ({path})."
    if wrong.index is None:
        return Finding("damaged", head.where, what, files, details)
    proof = reader.prove_inclusion(wrong.index)
    at = wrong.index % WIDTH
    leaves = {"tile": wrong.data[32 * at : 32 * at + 32], "bundle": leaf_hash(bundle[at])}
    for name, leaf in leaves.items():
        try:
            verify_inclusion(leaf, wrong.index, reader.checkpoint.size, proof, reader.checkpoint.root)
        except TlogError:
            continue
        other = {"tile": path, "bundle": wrong.path}[name]
        details |= {"index": wrong.index, "damaged": "bundle" if name == "tile" else "tile"}
        files["entry-proof"] = hashes(proof)
        what = f"{what} The head signs for what is in the {name}: {other} is the one that was altered, at entry {wrong.index:,}."
    return Finding("damaged", head.where, what, files, details)


def evidence(reader: LogReader, head: Head, wrong: BrokenRule) -> Finding:
    """Finding for an entry that breaks a rule, with its inclusion proof. Raises TlogError or Unreachable."""
    files = {"head-1": head.note, "entry": wrong.data, "entry-proof": _proof(reader, wrong.index)}
    details: dict[str, str | int] = {"index": wrong.index}
    if wrong.earlier is not None:
        files["earlier"] = next(reader.entries(wrong.earlier, wrong.earlier + 1))
        files["earlier-proof"] = _proof(reader, wrong.earlier)
        details["earlier-index"] = wrong.earlier
    return Finding(wrong.kind, head.where, f"{wrong.what}.", files, details)


def _proof(reader: LogReader, index: int) -> bytes:
    try:
        return hashes(reader.prove_inclusion(index))
    except (TlogError, Unreachable):
        return b""
