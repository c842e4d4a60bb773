"""The small log that Tessera publishes, made here from its published numbers: its entries and its private key.

Ed25519 gives one signature for one key and text, so this is the published log byte for byte; `tests/tlog/test_vectors.py` holds
it against Tessera's own files where these are. Tests that want a log by others' hands can so run where the files are not.
Source: transparency-dev/tessera, testdata/ (build_log.sh for the entries, the key beside it).
"""

from functools import cache
from pathlib import Path

from openroll import tlog

ENTRIES = b"one two three four five six seven eit nain ten ileven twelf threeten fourten fivten".split()
NAME = "example.com/log/testdata"
VERIFIER = f"{NAME}+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
SIGNER = f"PRIVATE+KEY+{NAME}+33d7b496+AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg"


@cache
def checkpoint(size: int) -> bytes:
    """The signed checkpoint of the first `size` entries, 0 to 15."""
    root = tlog.root_of([tlog.leaf_hash(entry) for entry in ENTRIES[:size]])
    return tlog.sign_checkpoint(tlog.Checkpoint(NAME, size, root), [tlog.Signer.parse(SIGNER)])


@cache
def files() -> dict[str, bytes]:
    """Every tile and entry bundle, partial ones included, by its path in the log."""
    made: dict[str, bytes] = {}
    tiles: dict[tuple[int, int], bytes] = {}
    bundle = b""
    for size, entry in enumerate(ENTRIES):
        growth = tlog.grow(size, lambda level, index, _: tiles[level, index], [tlog.leaf_hash(entry)])
        for level, index, width, data in growth.tiles:
            tiles[level, index] = data
            made[tlog.tile_path(level, index, width)] = data
        for index, width, data in tlog.grow_bundles(size, bundle, [entry]):
            bundle = data
            made[tlog.bundle_path(index, width)] = data
    return made


def write_log(folder: Path) -> Path:
    """Lay the whole log out in a folder, with each of its checkpoints as `checkpoint.N`; the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for path, data in files().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    for size in range(len(ENTRIES) + 1):
        (folder / f"checkpoint.{size}").write_bytes(checkpoint(size))
    (folder / "checkpoint").write_bytes(checkpoint(len(ENTRIES)))
    return folder
