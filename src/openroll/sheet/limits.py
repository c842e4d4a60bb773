"""What a file may cost whoever reads it: every bound on what an operator sends, in one place and with its unit.

A file that is over one of them is refused with the bound it broke, before what is beyond it is unpacked. docs/operator-file.md
has the same table for those who send files.
"""

import msgspec

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds on one file and on reading it. Names end in their unit; what has none is a count."""

    file_bytes: int = 2 * GIB
    """A file as it is sent."""
    rows: int = 10_000_000
    columns: int = 64
    cells: int = 200_000_000
    """Values in all: rows times columns, or what the pages of a Parquet file announce."""
    row_groups: int = 4_096
    pages: int = 200_000
    footer_bytes: int = 8 * MIB
    """The description at the end of a Parquet file."""
    page_bytes: int = 64 * MIB
    """One page of a Parquet file, unpacked: about what is in memory at a time for each column."""
    unpacked_bytes: int = 4 * GIB
    unpacked_times: int = 100
    """How many times its own size a Parquet file may unpack to. Digests do not compress: a list of filings comes nowhere near."""
    unpacked_always_bytes: int = 16 * MIB
    """What any Parquet file may unpack to, however small it is."""
    rows_a_byte: int = 1
    """Rows in a byte of a Parquet file: handles are all different, so a row takes some bytes however it is packed."""
    here_bytes: int = 1 * MIB
    """CSV and NDJSON up to this size are read within the process: text does not unfold. All else is read by a child."""
    child_memory_bytes: int = 3 * GIB
    """Address space of the child that reads (RLIMIT_AS); about 1 GiB of it is reserved by its libraries and never used."""
    child_cpu_seconds: int = 600
    """Processor time of the child (RLIMIT_CPU). A million rows take about 10 s."""
    child_wall_seconds: float = 1_200.0
    """Time from its start to its answer."""
    spool_bytes: int = 8 * GIB
    """What the child may write: good rows on their way, or the mended file (RLIMIT_FSIZE)."""


LIMITS = Limits()
"""The bounds that hold wherever none are handed in."""
