"""Benchmark `mirror`: megabytes a second from a server on this machine to proved files on the disk.

Beside it, in the same run: the same files read by httpx2 over as many connections and thrown away, and the SHA-256 of a tree over
the same entries and nothing else.
"""

import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import httpx2
import msgspec

from openroll import tlog
from openroll.bench.figure import Figure, timed
from openroll.watch.mirror import copying
from openroll.watch.mirror.folder import MirrorFolder
from openroll.watch.source import HttpSource

NAME = "bench.example/log"
SIGNER = tlog.Signer.from_seed(NAME, b"s" * 32, "ed25519")
CONNECTIONS = 8
BATCH = 65_536


class Run(msgspec.Struct, frozen=True):
    """One measured run of the mirror: seconds, bytes received, and peak memory in megabytes."""

    seconds: float
    received: int
    megabytes: int


def measure(count: int) -> Iterator[Figure]:
    """Measure megabytes a second over a log of `count` entries, and memory beside that of a log a tenth of it."""
    sizes = (max(count // 10, 1_000), count)
    memory = []
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="openroll-bench-") as place:
            folder = Path(place)
            paths = _log(folder / "log", size)
            with _served(folder / "log") as address:
                baseline = timed(lambda address=address, paths=paths: _read(address, paths))  # type: ignore[misc] # mypy cannot infer the lambda
                run = _mirrored(address, folder / "copy")
            memory.append(run.megabytes)
            loop = timed(lambda size=size: _hashed(size))  # type: ignore[misc] # mypy cannot infer the lambda
    rate = run.received / 1e6
    yield Figure(
        f"mirror of {count:,} entries",
        "MB/s",
        rate / run.seconds,
        rate / baseline,
        f"the same {len(paths):,} files read by httpx2 over {CONNECTIONS} connections, not checked, not kept",
        "0.5 or more",
        run.megabytes,
    )
    yield Figure(
        "the same, beside hashing alone",
        "MB/s",
        rate / run.seconds,
        rate / loop,
        "a bare SHA-256 loop: a leaf and a node an entry",
        "",
        run.megabytes,
    )
    yield Figure(
        f"mirror: memory at {sizes[1]:,} entries",
        "MB",
        memory[1],
        memory[0],
        f"at {sizes[0]:,} entries",
        "1.1 or less",
        memory[1],
    )


def _entries(start: int, end: int) -> list[bytes]:
    commitments = [number.to_bytes(32) for number in range(start, end)]
    return tlog.encode_entries(["subscription.filed/1"] * (end - start), ["2006-12-20"] * (end - start), commitments)


def _log(folder: Path, count: int) -> list[str]:
    """Write a log of so many entries to mirror; the paths a mirror reads of it."""
    edge: dict[tuple[int, int], bytes] = {}
    bundle, root, paths = b"", tlog.EMPTY_ROOT, {"checkpoint": b""}
    for size in range(0, count, BATCH):
        batch = _entries(size, min(size + BATCH, count))
        growth = tlog.grow(size, lambda level, index, _: edge[level, index], tlog.leaf_hashes_of(batch))
        found = {}
        for level, index, width, data in growth.tiles:
            edge[level, index] = data
            found[tlog.tile_path(level, index, width)] = data
        for index, width, data in tlog.grow_bundles(size, bundle, batch):
            bundle = data if width < 256 else b""
            found[tlog.bundle_path(index, width)] = data
        root = growth.root
        for path, data in found.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        paths |= dict.fromkeys(found, b"")
    (folder / "checkpoint").write_bytes(tlog.sign_checkpoint(tlog.Checkpoint(NAME, count, root), [SIGNER]))
    return [path for path in paths if ".p/" not in path or path.endswith(_widths(count))]


def _widths(count: int) -> tuple[str, ...]:
    """How the names of partial tiles under the last head end."""
    return tuple(f".p/{count // 256**level % 256}" for level in range(8))


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    """Serve the folder with granian in a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--no-ws", "--port", str(port)]
    command += ["--static-path-route", "/log", "--static-path-mount", str(folder), "openroll.bench.hello:app"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - ourselves
    try:
        address = f"http://127.0.0.1:{port}/log"
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}/checkpoint").close()  # noqa: S310 - our own server, on loopback
                break
            except OSError:
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait(30)


def _read(address: str, paths: list[str]) -> None:
    """Baseline: fetch the files and do no more."""
    limits = httpx2.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    with httpx2.Client(limits=limits) as client, ThreadPoolExecutor(CONNECTIONS) as pool:
        for answer in pool.map(lambda path: client.get(f"{address}/{path}"), paths):
            answer.raise_for_status()


def _hashed(count: int) -> None:
    """Baseline: hash as much and do no more."""
    node, batch = bytes(65), _entries(0, min(BATCH, count))
    for size in range(0, count, BATCH):
        for entry in batch[: count - size]:
            sha256(entry).digest()
            sha256(node).digest()


def _mirrored(address: str, copy: Path) -> Run:
    """Run the mirror in a process of its own, so that its memory is its own."""
    command = [sys.executable, "-m", "openroll.bench.mirror", address, str(copy)]
    done = subprocess.run(command, capture_output=True, check=True)  # noqa: S603 - ourselves
    return msgspec.json.decode(done.stdout, type=Run)


def main(address: str, copy: str) -> None:
    """Run the mirror once, and print time and memory."""
    folder = MirrorFolder(Path(copy))
    source = HttpSource(address, connections=CONNECTIONS)
    with folder.locked():
        state = copying.new_state(address, "log", [SIGNER.verifier], None)
        started = time.perf_counter()
        done = copying.run(folder, state, source, connections=CONNECTIONS)
        seconds = time.perf_counter() - started
    run = Run(seconds, done.received, _peak())
    sys.stdout.buffer.write(msgspec.json.encode(run))


def _peak() -> int:
    """The peak memory of this process alone; what the system counts of a child begins with its parent's."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    main(*sys.argv[1:])
