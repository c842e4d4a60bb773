"""The log: entries into leaf hashes, tiles and bundles on disk, beside a bare SHA-256 loop and beside pymerkle."""

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from openroll import tlog
from openroll.bench.figure import Figure, own_megabytes, timed

BATCH = 65_536
"""As many as the sequencer takes in one round."""


def _entries(count: int) -> list[bytes]:
    days = ["2006-12-20"] * count
    return tlog.encode_entries(["subscription.filed/1"] * count, days, [n.to_bytes(32) for n in range(count)])


def _grow(entries: Sequence[bytes], write: Callable[[str, bytes], object]) -> bytes:
    """What the sequencer does with entries, without the database: hash, grow, hand out tiles and bundles, sign heads."""
    signers = [tlog.Signer.from_seed("bench.example/log", b"s" * 32, kind) for kind in ("ed25519", "ml-dsa-44")]
    edge: dict[tuple[int, int], bytes] = {}
    bundle, root = b"", b""
    for size in range(0, len(entries), BATCH):
        lot = entries[size : size + BATCH]
        growth = tlog.grow(size, lambda level, index, _: edge[level, index], tlog.leaf_hashes_of(lot))
        for level, index, width, data in growth.tiles:
            edge[level, index] = data
            write(tlog.tile_path(level, index, width), data)
        for index, width, data in tlog.grow_bundles(size, bundle, lot):
            bundle = data if width < 256 else b""
            write(tlog.bundle_path(index, width), data)
        root = growth.root
        note = tlog.sign_checkpoint(tlog.Checkpoint("bench.example/log", growth.size, root), signers)
        write("checkpoint", note)
    return root


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _bare(entries: Sequence[bytes]) -> None:
    """As many SHA-256 as a tree of these entries needs, over blocks of the same sizes, and nothing else."""
    sha256, node = hashlib.sha256, bytes(65)
    for entry in entries:
        sha256(entry).digest()
    for _ in entries:
        sha256(node).digest()


def measure(count: int) -> Iterator[Figure]:
    """Entries a second, `count` of them."""
    entries = _entries(count)
    _bare(entries[:10_000])
    held: dict[str, bytes] = {}
    ours = timed(lambda: _grow(entries, held.__setitem__))
    bare = timed(lambda: _bare(entries))
    with tempfile.TemporaryDirectory() as folder:
        on_disk = timed(lambda: _grow(entries, lambda path, data: _write(Path(folder) / path, data)))
    memory = own_megabytes()
    unit = "entries/s"
    blocks = "a bare SHA-256 loop over the same blocks (a leaf and a node an entry)"
    yield Figure("log: tiles, bundles, checkpoints", unit, count / ours, count / bare, blocks, "0.5 or more", memory)
    yield Figure("log: the same, written to files", unit, count / on_disk, count / bare, blocks, "", memory)
    peer = _pymerkle(entries[: min(count, 100_000)])
    if peer:
        yield Figure("log, beside a peer", unit, count / ours, peer, "pymerkle, in memory", "3 or more", memory)


def _pymerkle(entries: Sequence[bytes]) -> float:
    try:
        from pymerkle import InmemoryTree  # noqa: PLC0415 - a peer that is there for this comparison only
    except ImportError:
        return 0.0
    tree = InmemoryTree(algorithm="sha256")

    def grow() -> None:
        for entry in entries:
            tree.append_entry(entry)
        tree.get_state()

    return len(entries) / timed(grow)
