"""What was written several times over and is written once now stays so: each is called from the one place that may."""

import re
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[1] / "src/openroll"
ONCE = {
    "tiles are read from the database": (r"\blog\.(?:tiles?|bundles)\(", {"store/tree.py"}),
    "tiles are written to the database": (
        r"\blog\.put_tiles\(",
        {"store/tree.py", "service/recovery/escrow_opening.py"},  # a deposit's tiles come as files, and grow nothing
    ),
    "a tree in the database is grown": (r"(?<![\w.])grow\(", {"store/tree.py", "tlog/tiles.py"}),
    "forwarded addresses are read": (r"\bclient_address\(", {"traffic/address.py"}),
    "a place that a person typed becomes a source": (r"def source_of\(", {"watch/source.py"}),
    "a child's environment is made": (r"LD_LIBRARY_PATH", {"child_process.py"}),
}


@pytest.mark.parametrize("what", ONCE)
def test_it_is_written_once(what: str) -> None:
    """No other file does this by itself."""
    pattern, where = ONCE[what]
    files = {
        str(path.relative_to(SOURCES)) for path in SOURCES.rglob("*.py") if re.search(pattern, path.read_text("utf-8"))
    }
    assert files - {"bench/log.py"} == where
