"""Benchmark `witness`: cosignatures a second by a real witness over HTTP, each durable twice before it is answered.

Beside it, in the same run: a thread for each log that signs the same heads with the same two kinds of key and keeps them as
durably, and does nothing else: no request is read, no signature of a log and no proof is verified.
"""

import asyncio
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from openroll import tlog
from openroll.bench.figure import Figure, timed
from openroll.durable import write_durably
from openroll.tlog.tree import prove_consistency
from openroll.tlog.witnessing import Submission, cosignatures, format_submission
from openroll.watch.witness.settings import LogSettings, write_log
from openroll.watch.witness.start import make_witness

CONNECTIONS = (1, 8)
_HEADS = 250
"""Heads that each log has cosigned in one run."""


class Heads:
    """A log of a few hundred entries, each head signed with both keys, and the requests to have them cosigned in order."""

    def __init__(self, origin: str, heads: int) -> None:
        signers = [tlog.Signer.from_seed(origin, b"s" * 32, kind) for kind in ("ed25519", "ml-dsa-44")]
        leaves = [tlog.leaf_hash(number.to_bytes(32)) for number in range(heads)]
        self.origin = origin
        self.keys = tuple(signer.verifier_key for signer in signers)
        self.notes: list[bytes] = []
        self.requests: list[bytes] = []
        for size in range(1, heads + 1):
            note = tlog.sign_checkpoint(tlog.Checkpoint(origin, size, tlog.root_of(leaves[:size])), signers)
            proof = prove_consistency(
                lambda level, index: tlog.root_of(leaves[index << level : (index + 1) << level]), size - 1, size
            )
            self.notes.append(note)
            self.requests.append(format_submission(Submission(size - 1, tuple(proof), note)))


def measure() -> Iterator[Figure]:
    """Measure cosignatures a second of one log after the other, and of eight logs at once."""
    for count in CONNECTIONS:
        logs = [Heads(f"log{number}.bench.example", _HEADS) for number in range(count)]
        with tempfile.TemporaryDirectory(prefix="openroll-bench-") as place, _served(Path(place), logs) as (port, pid):
            waits = asyncio.run(_load(port, logs))
            memory = _peak(pid)
            baseline = timed(lambda logs=logs, place=place: _baseline(Path(place), logs))  # type: ignore[misc] # mypy cannot infer the lambda
        every = sorted(wait for one in waits.waits for wait in one)
        p50, p99 = (every[len(every) * part // 100] * 1e3 for part in (50, 99))
        yield Figure(
            f"witness, {'one log' if count == 1 else f'{count} logs at once'} (p50 {p50:.1f} ms, p99 {p99:.1f} ms)",
            "cosignings/s",
            count * _HEADS / waits.seconds,
            count * _HEADS / baseline,
            "a thread a log that signs with Ed25519 and ML-DSA-44, keeps two files durably, and nothing else",
            "0.3 or more",
            memory,
        )


def _baseline(folder: Path, logs: Sequence[Heads]) -> None:
    """Baseline: sign and store as much, without HTTP."""
    places = [folder / "bare-1", folder / "bare-2"]
    for place in places:
        place.mkdir()
    with ThreadPoolExecutor(len(logs)) as pool:
        list(pool.map(lambda log: _signed_and_kept(places, log), logs))


def _signed_and_kept(places: Sequence[Path], log: Heads) -> None:
    signers = [tlog.Signer.from_seed("bench.example/w", b"w" * 32, kind) for kind in ("cosignature", "ml-dsa-44")]
    for note in log.notes:
        text = note.partition(b"\n\n")[0].decode() + "\n"
        lines = cosignatures(text, signers, 1_700_000_000)
        for place in places:
            write_durably(place / log.origin, note + lines)


class _Waits:
    """How long the load took in all, and each answer, in seconds."""

    def __init__(self, seconds: float, waits: list[list[float]]) -> None:
        self.seconds = seconds
        self.waits = waits


async def _load(port: int, logs: Sequence[Heads]) -> _Waits:
    """Load generator: the logs ask the witness at once."""
    started = time.perf_counter()
    waits = await asyncio.gather(*(_one(port, log) for log in logs))
    return _Waits(time.perf_counter() - started, list(waits))


async def _one(port: int, log: Heads) -> list[float]:
    """One log of the load generator: asks, waits for the cosignature, and asks for its next head, over one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    waits: list[float] = []
    for body in log.requests:
        started = time.perf_counter()
        writer.write(
            f"POST /add-checkpoint HTTP/1.1\r\nhost: bench\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body
        )
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(re.search(rb"content-length: (\d+)", head, re.IGNORECASE).group(1))  # type: ignore[union-attr] # every answer has one
        answer = await reader.readexactly(length)
        if b" 200 " not in head.partition(b"\r\n")[0]:
            raise RuntimeError(f"a head was not cosigned: {answer!r}")
        waits.append(time.perf_counter() - started)
    writer.close()
    return waits


@contextmanager
def _served(folder: Path, logs: Sequence[Heads]) -> Iterator[tuple[int, int]]:
    """Start a witness of these logs in a process of its own: its port and process id."""
    path = folder / "witness.yaml"
    make_witness(path, "bench.example/w", os.urandom)
    path.write_text(path.read_text().replace("per_source_minute: 1200", "per_source_minute: 100000000"))
    for log in logs:
        write_log(path, LogSettings(log.origin, log.keys, per_minute=100_000_000))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "openroll", "witness", "serve", "--settings", str(path), "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - ourselves
    try:
        _wait(port)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait(30)


def _wait(port: int) -> None:
    """Wait until it serves and cosigns for all its logs."""
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
                if not re.search(r"^openroll_witness_halted{.*} 1.0$", answer.read().decode(), re.MULTILINE):
                    return
        except OSError:
            pass
        time.sleep(0.1)
    raise RuntimeError("the witness did not start")


def _peak(pid: int) -> int:
    """The peak memory of the serving process or its worker, whichever is larger, in megabytes."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    statuses = [Path(f"/proc/{one}/status").read_text() for one in (str(pid), *children)]
    return max(int(status.partition("VmHWM:")[2].split()[0]) for status in statuses) // 1024
