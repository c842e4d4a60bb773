"""What a hostile server can do to a mirror: nothing but be refused."""

import gzip
import socket
import time
import tracemalloc
from pathlib import Path

import pytest

from openroll import tlog
from openroll.watch.mirror import copying
from openroll.watch.mirror.copying import LogRefused
from openroll.watch.mirror.finding import find_log
from openroll.watch.mirror.folder import MirrorFolder
from openroll.watch.source import FolderSource, HttpSource, Unreachable
from tests.watch.mirror.grown import NAME, SIGNER, Grown, files, flip
from tests.watch.mirror.hostile import hostile, http


def endless(_: str, connection: socket.socket) -> None:
    """A file without end."""
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65_536)


def bomb(_: str, connection: socket.socket) -> None:
    """A small file that is a large one once it is unpacked."""
    packed = gzip.compress(bytes(200_000_000), 9)
    connection.sendall(http("200 OK", packed, content_encoding="gzip"))


def bomb_in_a_bomb(_: str, connection: socket.socket) -> None:
    """A few kilobytes that are a small file that is a huge one: nobody asked for two layers."""
    layer = gzip.compress(gzip.compress(bytes(200_000_000), 9), 9)
    connection.sendall(http("200 OK", layer, content_encoding="gzip, gzip"))


def no_gzip(_: str, connection: socket.socket) -> None:
    """Bytes that are not packed as they say."""
    connection.sendall(http("200 OK", b"plain", content_encoding="gzip"))


def half_a_gzip(_: str, connection: socket.socket) -> None:
    """The beginning of a packed file, under its own right length."""
    connection.sendall(http("200 OK", gzip.compress(bytes(5_000))[:-10], content_encoding="gzip"))


def claims(_: str, connection: socket.socket) -> None:
    """A length that never comes."""
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\nx")


def dripping(_: str, connection: socket.socket) -> None:
    """A byte now and then, never long enough apart to time out."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"x")
        linger(connection)


def linger(connection: socket.socket) -> None:
    """Until the other side hangs up, or a fiftieth of a second: the server's own pace, not the test's."""
    connection.settimeout(0.02)
    try:
        connection.recv(1)
    except TimeoutError:
        return


def away(_: str, connection: socket.socket) -> None:
    """To a machine that only ours can reach."""
    connection.sendall(http("302 Found", location="http://169.254.169.254/latest/meta-data"))


def round_and_round(path: str, connection: socket.socket) -> None:
    """From here to here."""
    connection.sendall(http("302 Found", location=f"{path}x"))


def to_a_file(_: str, connection: socket.socket) -> None:
    """To a file of the reader's."""
    connection.sendall(http("302 Found", location="file:///etc/passwd"))


def nonsense(_: str, connection: socket.socket) -> None:
    """No HTTP at all."""
    connection.sendall(b"\x00\xff" * 500)


def dripping_headers(_: str, connection: socket.socket) -> None:
    """A header a moment, without end."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    drip(connection, b"x: y\r\n")


def interim(_: str, connection: socket.socket) -> None:
    """Interim answers, without end."""
    drip(connection, b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n")


def chunk_extension(_: str, connection: socket.socket) -> None:
    """One chunk, whose extension has no end."""
    connection.sendall(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;")
    drip(connection, b"a=b;")


def moving_on(path: str, connection: socket.socket) -> None:
    """A redirect to the next place, each after a while."""
    time.sleep(0.2)  # what a slow server does
    connection.sendall(http("302 Found", location=f"{path}x"))


def behind_a_gzip(_: str, connection: socket.socket) -> None:
    """An empty gzip, and then more, without end."""
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n" + gzip.compress(b""))
    drip(connection, b"n")


def drip(connection: socket.socket, data: bytes) -> None:
    """Send the same again and again, slowly, until the other side has enough."""
    for _ in range(600):
        connection.sendall(data)
        time.sleep(0.02)  # what the attack is made of


@pytest.mark.parametrize("answer", [dripping, dripping_headers, interim, chunk_extension, moving_on])
def test_one_deadline_holds_for_the_whole_of_a_request(answer: object) -> None:
    """However little at a time is sent, and whatever it is, a request ends when its time is over."""
    with hostile(answer) as address:  # type: ignore[arg-type] # a plain function
        source = HttpSource(address, timeout=30, longest=0.5)
        begun = time.monotonic()
        with pytest.raises(Unreachable, match=r"took longer than 0\.5 seconds"):
            source.get("tile/0/000", 100_000)
        assert time.monotonic() - begun < 10
        source.close()


@pytest.mark.parametrize("status", ["403 Forbidden", "404 Not Found", "410 Gone"])
def test_what_hosts_of_files_say_of_a_missing_file(status: str) -> None:
    """403 and 410 are what object stores and static hosts answer for a file that is not there, as well as 404."""
    with hostile(lambda _, connection: connection.sendall(http(status, b"<Error/>"))) as address:
        source = HttpSource(address)
        assert source.get("tile/0/000") is None
        source.close()


def test_an_empty_content_encoding_is_none() -> None:
    """A header Content-Encoding without a value means that nothing is packed."""
    with hostile(lambda _, connection: connection.sendall(http("200 OK", b"x", content_encoding=""))) as address:
        source = HttpSource(address)
        assert source.get("checkpoint") == b"x"
        source.close()


def test_no_variable_of_the_environment_leads_to_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proxy variables are not used, and the sentence of a failure says so; OPENROLL_PROXY is used, and said."""
    asked: list[str] = []

    def answer(path: str, connection: socket.socket) -> None:
        asked.append(path)
        connection.sendall(http("200 OK", b"x"))

    with hostile(answer) as address, hostile(answer) as proxy:
        for name in ("ALL_PROXY", "HTTP_PROXY", "http_proxy"):
            monkeypatch.setenv(name, "socks5://127.0.0.1:9")
        source = HttpSource(address)
        assert source.get("checkpoint") == b"x"
        source.close()
        nobody = HttpSource("http://127.0.0.1:1")
        with pytest.raises(
            Unreachable, match="HTTP_PROXY is set and not used; to ask through a proxy, set OPENROLL_PROXY"
        ):
            nobody.get("checkpoint")
        monkeypatch.setenv("OPENROLL_PROXY", proxy)
        asked.clear()
        through = HttpSource("http://log.invalid")
        assert through.get("checkpoint") == b"x"
        assert asked == ["http://log.invalid/checkpoint"]
        through.close()
        for wrong in ("socks5://127.0.0.1:9", "proxy:3128", "http://", "::"):
            monkeypatch.setenv("OPENROLL_PROXY", wrong)
            with pytest.raises(Unreachable, match="OPENROLL_PROXY names no proxy that can be used"):
                HttpSource(address).get("checkpoint")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (endless, "sends more than"),
        (bomb, "sends more than"),
        (bomb_in_a_bomb, "packed as 'gzip, gzip', which was not asked for"),
        (no_gzip, "not the gzip it says"),
        (half_a_gzip, "cut off"),
        (claims, "peer closed"),
        (behind_a_gzip, "more behind the end of its gzip"),
        (away, "sends readers away, to 169.254.169.254"),
        (round_and_round, "sent us on"),
        (to_a_file, "sends readers away|it answered|unsupported protocol|cannot be read"),
        (nonsense, "cannot be read"),
    ],
)
def test_no_answer_holds_a_mirror_up_or_leads_it_away(answer: object, said: str) -> None:
    """Endless, packed, false, slow and redirected answers each end in a sentence that says which it was."""
    with hostile(answer) as address:  # type: ignore[arg-type] # a plain function
        source = HttpSource(address, timeout=20)
        with pytest.raises(Unreachable, match=said):
            source.get("tile/0/000", 100_000)
        source.close()


def test_a_packed_file_comes_whole_or_is_stopped_at_its_limit() -> None:
    """Gzip is unpacked, and never further than a file may be long, however much stands behind the limit."""
    held = bytes(range(256)) * 400

    def packed(_: str, connection: socket.socket) -> None:
        connection.sendall(http("200 OK", gzip.compress(held), content_encoding="gzip"))

    with hostile(packed) as address:
        source = HttpSource(address, timeout=5)
        assert source.get("tile/0/000", len(held)) == held
        with pytest.raises(Unreachable, match="sends more than"):
            source.get("tile/0/000", len(held) - 1)
        source.close()


def test_unpacking_keeps_memory_flat() -> None:
    """A file of 500 MB packed into some kilobytes takes no more memory than its limit."""
    packed = gzip.compress(bytes(500_000_000), 9)
    with hostile(lambda _, connection: connection.sendall(http("200 OK", packed, content_encoding="gzip"))) as address:
        source = HttpSource(address, timeout=5)
        tracemalloc.start()
        with pytest.raises(Unreachable, match="sends more than"):
            source.get("tile/0/000", 1_000)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        source.close()
    assert peak < 3_000_000


@pytest.mark.parametrize("page", [b"<!DOCTYPE html><title>404</title>", b"\xff\xfe\x00", b"", b"\n\n"])
def test_what_is_no_checkpoint_is_no_log(page: bytes) -> None:
    """A page that says with status 200 that there is nothing is not taken for a log."""
    said = pytest.raises(tlog.Missing, match="give a log's prefix")
    with hostile(lambda _, connection: connection.sendall(http("200 OK", page))) as address, said:
        find_log(address)


@pytest.mark.parametrize("size", [2**62, 2**63 - 1])
def test_a_head_of_a_size_that_cannot_be_is_refused_at_its_edge(tmp_path: Path, size: int) -> None:
    """A head signed for more entries than there are atoms to keep them is refused by the first files it needs."""
    log = Grown(tmp_path / "log")
    log.grow(300)
    log.write("checkpoint", tlog.sign_checkpoint(tlog.Checkpoint(NAME, size, bytes(32)), [SIGNER]))
    with pytest.raises(tlog.Missing, match="which its head needs"):
        mirror(log, tmp_path / "copy")
    assert files(tmp_path / "copy") == {}


def mirror(log: Grown, copy: Path) -> copying.MirrorRun:
    """One run."""
    folder = MirrorFolder(copy)
    with folder.locked():
        state = (
            folder.remembered() if folder.known else copying.new_state(str(log.folder), "log", [SIGNER.verifier], None)
        )
        return copying.run(folder, state, FolderSource(log.folder), wait=lambda _: None)


@pytest.mark.parametrize("data", [b"", b"\x00", b"\xff\xff", bytes(8_191), bytes(8_193), b"<html>", b"\x00\x00" * 257])
@pytest.mark.parametrize("path", ["tile/0/001", "tile/entries/001", "tile/1/000.p/3"])
def test_files_of_the_wrong_kind_are_named(tmp_path: Path, path: str, data: bytes) -> None:
    """Whatever stands where a tile or a bundle should, the file is named and nothing of it is kept."""
    log = Grown(tmp_path / "log")
    log.grow(800)
    log.write(path, data)
    with pytest.raises(tlog.TlogError, match=path):
        mirror(log, tmp_path / "copy")
    assert path not in files(tmp_path / "copy")
    assert "checkpoint" not in files(tmp_path / "copy")


def test_a_log_rewritten_under_the_same_head_is_found_by_its_files(tmp_path: Path) -> None:
    """One old entry changed without a new head: the bundle no longer hashes to its tile."""
    log = Grown(tmp_path / "log")
    log.grow(800)
    flip(log.folder / "tile/entries/001", 100)
    with pytest.raises(tlog.TlogError, match="tile/entries/001 is wrong"):
        mirror(log, tmp_path / "copy")


def test_a_name_in_a_head_is_no_path(tmp_path: Path) -> None:
    """An origin full of dots and slashes names no file of ours, in evidence either."""
    name = "../../../../evil/log"
    signer = tlog.Signer.from_seed(name, b"e" * 32, "ed25519")
    folder, served = MirrorFolder(tmp_path / "deep/copy"), tmp_path / "log"
    served.mkdir()

    def once(root: bytes) -> None:
        (served / "checkpoint").write_bytes(tlog.sign_checkpoint(tlog.Checkpoint(name, 0, root), [signer]))
        with folder.locked():
            state = (
                folder.remembered() if folder.known else copying.new_state(str(served), "log", [signer.verifier], None)
            )
            copying.run(folder, state, FolderSource(served))

    once(tlog.EMPTY_ROOT)
    with pytest.raises(LogRefused):
        once(bytes(32))
    made = {path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*")}
    assert made == {"deep", "log"}
    assert all("evil" not in str(path) for path in tmp_path.rglob("*"))
