"""A tiled log in a folder that grows as it is told, and can be made to lie; and a plain server over a folder that counts."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from openroll import tlog

NAME = "grown.example/log"
SIGNER = tlog.Signer.from_seed(NAME, b"g" * 32, "ed25519")
OTHER = tlog.Signer.from_seed(NAME, b"o" * 32, "ed25519")


def entries(start: int, end: int, word: str = "entry") -> list[bytes]:
    """Entries that tell themselves apart."""
    return [f"{word} {number}".encode() for number in range(start, end)]


class Grown:
    """A log kept as a real one keeps it: a checkpoint, tiles, bundles, and the partial ones of every head it signed."""

    def __init__(self, folder: Path, signers: Sequence[tlog.Signer] = (SIGNER,)) -> None:
        self.folder = folder
        self.signers = signers
        self.size = 0
        self._edge: dict[tuple[int, int], bytes] = {}
        self._bundle = b""

    def grow(self, to: int, word: str = "entry") -> tlog.Checkpoint:
        """Append entries up to a size, write what is new, sign, and show the head."""
        bundle_range = entries(self.size, to, word)
        growth = tlog.grow(
            self.size, lambda level, index, _: self._edge[level, index], tlog.leaf_hashes_of(bundle_range)
        )
        for level, index, width, data in growth.tiles:
            self._edge[level, index] = data
            self.write(tlog.tile_path(level, index, width), data)
        for index, width, data in tlog.grow_bundles(self.size, self._bundle, bundle_range):
            self._bundle = data if width < 256 else b""
            self.write(tlog.bundle_path(index, width), data)
        self.size = growth.size
        head = tlog.Checkpoint(NAME, growth.size, growth.root)
        self.write("checkpoint", tlog.sign_checkpoint(head, self.signers))
        return head

    def write(self, path: str, data: bytes) -> None:
        """One file of it."""
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)


def flip(path: Path, at: int = -1) -> None:
    """Flip one bit of a file."""
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def files(folder: Path) -> dict[str, bytes]:
    """A folder's files by their paths, without what a mirror remembers."""
    found = (path for path in folder.rglob("*") if path.is_file() and ".mirror" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


@contextmanager
def behind(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """A plain static file server over a folder: its address, and the paths it was asked for."""
    asked: list[str] = []

    class Counting(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            super().do_GET()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Counting, directory=str(folder)))
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
