"""Scan a log's new entries: recompute the root from them, check them by the entry rules, and compare tiles with them."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from openroll.tlog import CompactRange, TlogError, bundle_path, encode_bundle, leaf_hash, verify_inclusion
from openroll.watch.audit.entries import BrokenRule, EntryRules
from openroll.watch.audit.finding import Finding, hashes
from openroll.watch.audit.heads import Head
from openroll.watch.audit.owed import MOST_OF_A_KIND, Named, Owed
from openroll.watch.audit.tiles import TileCheck, WrongTile
from openroll.watch.log_reader import WIDTH, LogReader
from openroll.watch.source import Unreachable

_AHEAD = 16
_THREADS = 8

Progress = Callable[[str, int, int], None]


@dataclass
class EntryScan:
    """The result of a scan: the compact range reached and the faults found. `whole` when the root is the signed one."""

    mark: CompactRange
    whole: bool = False
    faults: list[Finding] = field(default_factory=list)
    named: Named = field(default_factory=lambda: Named(lambda _: False))


def scan_entries(
    reader: LogReader, head: Head, mark: CompactRange, rules: EntryRules | None, progress: Progress, named: Named
) -> EntryScan:
    """Read and check the entries from `mark` to `head`, one bundle in memory at a time (a few prefetched). Raises Unreachable."""
    scan = EntryScan(mark, named=named)
    tiles = TileCheck(reader)
    try:
        for index, bundle in bundles(reader, mark.size // WIDTH, -(-head.size // WIDTH)):
            _tiles(scan, reader, head, tiles, (index, bundle))
            fresh = bundle[max(mark.size - WIDTH * index, 0) :]
            scan.mark = scan.mark.extend(fresh)
            for entry in fresh:
                for wrong in () if rules is None else rules.take(entry):
                    named.take(wrong)
            progress("entries", scan.mark.size, head.size)
    except TlogError as error:
        scan.faults.append(Finding("damaged", head.where, f"{error}.", {"head-1": head.note}))
        return scan
    scan.whole = scan.mark.root == head.root
    if not scan.whole and not any(one.kind == "damaged" for one in scan.faults):
        what = f"its {head.size:,} entries give the root {scan.mark.root.hex()}, the head says {head.root.hex()}."
        scan.faults.append(Finding("damaged", head.where, what, {"head-1": head.note}))
    if scan.whole:
        scan.faults += [evidence(reader, head, one) for one in (*named.new, *named.known)]
    return scan


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
        if len(scan.faults) < MOST_OF_A_KIND:
            scan.faults.append(_wrong_tile(reader, head, error, *at))
        else:
            scan.named.owe(Owed("damaged", at[0], "", str(error)))


def tile_fault(reader: LogReader, head: Head, index: int) -> Finding | None:
    """What is wrong with the tiles above a bundle, looked at once more; None where nothing is. Raises TlogError, Unreachable."""
    bundle = reader.bundle(index)
    try:
        TileCheck(reader).check(index, bundle)
    except TlogError as error:
        return _wrong_tile(reader, head, error, index, bundle)
    return None


def _wrong_tile(reader: LogReader, head: Head, error: TlogError, index: int, bundle: list[bytes]) -> Finding:
    if isinstance(error, WrongTile):
        return _damaged(reader, head, error, index, bundle)
    return Finding("damaged", head.where, f"{error}.", {"head-1": head.note})


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
    bare = unproved(head, wrong, lambda index: next(reader.entries(index, index + 1)))
    files = {**bare.files, "head-1": head.note, "entry-proof": _proof(reader, wrong.index)}
    if wrong.earlier is not None:
        files["earlier-proof"] = _proof(reader, wrong.earlier)
    return replace(bare, files=files)


def unproved(head: Head, wrong: BrokenRule, entry: Callable[[int], bytes]) -> Finding:
    """As `evidence`, under the same name, without the head and what proves that its log has the entries; `entry` reads one."""
    files, details = {"entry": wrong.data}, {"index": wrong.index}
    if wrong.earlier is not None:
        files["earlier"] = entry(wrong.earlier)
        details["earlier-index"] = wrong.earlier
    return Finding(wrong.kind, head.where, f"{wrong.what}.", files, details)


def _proof(reader: LogReader, index: int) -> bytes:
    try:
        return hashes(reader.prove_inclusion(index))
    except (TlogError, Unreachable):
        return b""
