"""A slow proof, run by hand: `python -m tests.sheet.big 10` reads a made file of 10 GB and says how much memory it took."""

import resource
import sys
import tempfile
import time
from pathlib import Path

from openroll.sheet import read
from tests.sheet.test_reading import TERMS, Endless

ROW = 132
"""Bytes of a made row, about."""


def main() -> None:
    """Read so many gigabytes and print rows, seconds and peak memory."""
    rows = int(float(sys.argv[1]) * 1e9 / ROW)
    begun = time.perf_counter()
    seen = 0

    def progress(done: int) -> None:
        nonlocal seen
        seen = done

    with tempfile.TemporaryDirectory() as spool:
        sheet = read(Endless(rows), TERMS, spool=Path(spool), progress=progress)  # type: ignore[arg-type] # as in the test
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    took = time.perf_counter() - begun
    print(f"{seen / 1e9:.1f} GB, {sheet.rows:,} rows, {sheet.fault_count} faults, {took:.0f} s, peak {peak} MB")


if __name__ == "__main__":
    main()
