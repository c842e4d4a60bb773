"""Reading logs that others made, from a folder and over HTTP."""

import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from openroll.tlog import Checkpoint, CompactRange, Malformed, Missing, verify_consistency
from openroll.watch.log_reader import LogReader
from openroll.watch.source import FolderSource, HttpSource, Unreachable, open_log, open_log_or_address, source_of
from tests.tlog import tessera


def head(size: int) -> Checkpoint:
    """The head of a size, from the published checkpoints."""
    lines = tessera.checkpoint(size).decode().split("\n\n")[0]
    return Checkpoint.parse(lines + "\n")


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of Tessera's small log."""
    return tessera.write_log(tmp_path_factory.mktemp("tessera"))


@pytest.fixture
def address(log: Path) -> Iterator[str]:
    """The log behind a plain static file server."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(log)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("size", range(1, 16))
def test_a_log_made_by_tessera_is_read(log: Path, size: int) -> None:
    """The entries of each head give its root, and each head is proved to begin with each before it."""
    reading = LogReader(FolderSource(log), head(size))
    assert CompactRange().extend(reading.entries(0, size)).root == head(size).root
    for old in range(1, size):
        verify_consistency(old, size, reading.prove_consistency(old), head(old).root, head(size).root)


def test_a_log_is_read_over_http(address: str) -> None:
    """The same bytes come over HTTP; what is not there is None."""
    source = HttpSource(address)
    assert CompactRange().extend(LogReader(source, head(15)).entries(0, 15)).root == head(15).root
    assert source.get("tile/0/001") is None
    source.close()


def test_a_tile_that_lacks_is_named(log: Path) -> None:
    """A head that the files do not reach is an error that names the file."""
    beyond = Checkpoint("x", 300, bytes(32))
    with pytest.raises(Missing, match="lacks tile/0/000, which its checkpoint of 300 needs"):
        LogReader(FolderSource(log), beyond).tile(0, 0, 256)


def test_a_tile_cut_off_is_named(tmp_path: Path) -> None:
    """A file shorter than its name says is malformed, not a crash."""
    (tmp_path / "tile/0").mkdir(parents=True)
    (tmp_path / "tile/0/000.p").mkdir()
    (tmp_path / "tile/0/000.p/5").write_bytes(bytes(150))
    with pytest.raises(Malformed, match="cut off"):
        LogReader(FolderSource(tmp_path), head(5)).tile(0, 0, 5)


def test_a_log_is_found_where_it_is_or_below_a_roll(log: Path, tmp_path: Path) -> None:
    """A mirror of a roll keeps the log below the folder it was given; a page that says "not found" with 200 is no log."""
    shutil.copytree(log, tmp_path / "roll/log")
    (tmp_path / "roll/checkpoint").write_bytes(b"<!DOCTYPE html><title>Not found</title>")
    for place in ("roll", "roll/", "roll/log"):
        assert open_log_or_address(f"{tmp_path}/{place}").where == f"{tmp_path}/roll/log"
    assert open_log(str(tmp_path)) is None
    assert open_log_or_address(str(tmp_path)).where == str(tmp_path)


def test_no_server_is_no_verdict() -> None:
    """Where nothing answers, the error says so and is not one of the log's."""
    with pytest.raises(Unreachable, match="cannot be read"):
        source_of("http://127.0.0.1:9").get("checkpoint")
