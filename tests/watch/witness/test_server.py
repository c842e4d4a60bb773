"""A witness as the world meets it: a process behind a port, killed without a good-bye, for logs that others made."""

import http.client
import os
import shutil
import signal
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openroll.tlog import Checkpoint, Verifier, open_note
from openroll.tlog.witnessing import MOST_REQUEST, Submission, format_submission
from openroll.watch.log_reader import LogReader
from openroll.watch.source import FolderSource
from openroll.watch.witness.heads import Heads, origin_hash
from openroll.watch.witness.settings import LogSettings
from tests.tlog import tessera
from tests.watch.made_log import MadeLog
from tests.watch.witness.process import new_witness, running

LOG = MadeLog()
TLS = ssl.create_default_context()  # made once: each client of httpx2 would read every root certificate anew


@pytest.fixture(scope="module")
def witness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path, list[Verifier]]]:
    """A witness of two logs, one of them not ours: its address, its folder and its keys."""
    folder = tmp_path_factory.mktemp("witness")
    theirs = Verifier.parse(tessera.VERIFIER)
    keys = new_witness(
        folder,
        [LogSettings(LOG.origin, tuple(LOG.keys), per_minute=6_000), LogSettings(theirs.name, (tessera.VERIFIER,))],
    )
    with running(folder) as address:
        yield address, folder, [Verifier.parse(key) for key in keys]


def ask(address: str, body: bytes) -> httpx2.Response:
    """Send a request to cosign."""
    return httpx2.post(f"{address}/add-checkpoint", content=body, verify=TLS)


def test_a_log_made_by_tessera_is_cosigned_as_it_grows(
    witness: tuple[str, Path, list[Verifier]], tmp_path: Path
) -> None:
    """Heads that Tessera signed, with proofs from its own tiles, are cosigned one after another and shown to monitors."""
    address, _, own = witness
    log_key = Verifier.parse(tessera.VERIFIER)
    old, log = 0, tessera.write_log(tmp_path)
    for size in range(1, 16):
        note = tessera.checkpoint(size)
        head = Checkpoint.parse(open_note(note, [log_key]).text)
        proof = LogReader(FolderSource(log), head).prove_consistency(old) if old else []
        answer = ask(address, format_submission(Submission(old, tuple(proof), note)))
        assert answer.status_code == 200, answer.text
        assert len(open_note(note + answer.content, [log_key, *own]).signed_by) == 3
        old = size
    shown = httpx2.get(f"{address}/{origin_hash(log_key.name)}/checkpoint")
    assert len(open_note(shown.content, [log_key, *own]).signed_by) == 3
    assert 'openroll_witness_size{log="' + log_key.name + '"} 15.0' in httpx2.get(f"{address}/metrics").text


def test_statuses_on_the_wire(witness: tuple[str, Path, list[Verifier]]) -> None:
    """Each refusal has the status and the media type of the text; nothing else of it is on the wire."""
    address, _, _ = witness
    assert httpx2.get(f"{address}/{origin_hash(LOG.origin)}/checkpoint").status_code == 404
    assert ask(address, LOG.submission(0, 5)).status_code == 200
    stale = ask(address, LOG.submission(3, 8))
    assert (stale.status_code, stale.headers["content-type"], stale.text) == (409, "text/x.tlog.size", "5\n")
    assert ask(address, LOG.submission(5, 8).replace(b"\n8\n", b"\n9\n")).status_code == 403
    assert ask(address, MadeLog("other.example").submission(0, 5)).status_code == 404
    assert ask(address, MadeLog(branch="x").submission(5, 8)).status_code == 422
    assert ask(address, b"old 5").status_code == 400
    assert ask(address, b"x" * (MOST_REQUEST + 1)).status_code == 413
    assert httpx2.post(f"{address}/sign-subtree", content=b"").status_code == 400
    assert httpx2.get(f"{address}/add-checkpoint").status_code == 405


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_request_is_a_fault_of_the_witness(data: st.DataObject, witness: tuple[str, Path, list[Verifier]]) -> None:
    """Whatever is sent, bent or not, is answered with a refusal of its own and never with a 500."""
    whole = bytearray(LOG.submission(5, 8))
    for _ in range(data.draw(st.integers(0, 3))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    body = bytes(whole) if data.draw(st.booleans()) else data.draw(st.binary(max_size=300))
    assert ask(witness[0], body).status_code < 500
    subtree = body.replace(b"old 5", b"subtree 0 5", 1)
    assert httpx2.post(f"{witness[0]}/sign-subtree", content=subtree, verify=TLS).status_code < 500


def test_killed_and_set_back_it_goes_on(tmp_path: Path) -> None:
    """kill -9, its state restored from an older backup, started again: the liar is refused and the log goes on."""
    new_witness(tmp_path, [LogSettings(LOG.origin, tuple(LOG.keys))])
    with running(tmp_path) as address:
        assert ask(address, LOG.submission(0, 5)).status_code == 200
        shutil.copytree(tmp_path / "state", tmp_path / "backup")
        assert ask(address, LOG.submission(5, 9)).status_code == 200
    shutil.rmtree(tmp_path / "state")
    shutil.copytree(tmp_path / "backup", tmp_path / "state")
    with running(tmp_path) as address:
        assert ask(address, MadeLog(branch="x", fork_at=6).submission(5, 9)).status_code == 409
        assert ask(address, MadeLog(branch="x", fork_at=6).submission(9, 12)).status_code == 422
        assert ask(address, LOG.submission(9, 12)).status_code == 200


def test_its_past_is_asked_for_on_start(tmp_path: Path, witness: tuple[str, Path, list[Verifier]]) -> None:
    """A witness whose disk was lost, but not its keys, takes its past up from the place it names before it signs."""
    address, folder, _ = witness
    last = format_submission(Submission(0, (), tessera.checkpoint(15)))
    assert ask(address, last).status_code in (200, 409)  # cosigned now, or by the test of the whole log before
    known = httpx2.get(f"{address}/{origin_hash(Verifier.parse(tessera.VERIFIER).name)}/checkpoint")
    lost = tmp_path / "lost"
    theirs = Verifier.parse(tessera.VERIFIER)
    new_witness(lost, [LogSettings(theirs.name, (tessera.VERIFIER,))], ask=[address])
    for name in ("cosignature.key", "ml-dsa-44.key"):
        shutil.copy(folder / name, lost / name)
    with running(lost) as again:
        assert httpx2.get(f"{again}/{origin_hash(theirs.name)}/checkpoint").content == known.content
        note = tessera.checkpoint(3)
        assert ask(again, format_submission(Submission(0, (), note))).text == "15\n"


def test_a_worker_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    """kill -9 of the serving process alone: its worker goes too and lets the state go, so that a new one can start."""
    new_witness(tmp_path, [LogSettings(LOG.origin, tuple(LOG.keys))])
    with running(tmp_path) as address:
        assert ask(address, LOG.submission(0, 5)).status_code == 200
        parent = int((tmp_path / "server.pid").read_text())
        os.kill(parent, signal.SIGKILL)
        for _ in range(400):
            try:
                Heads(tmp_path / "state", tmp_path / "ratchet", ()).close()
                break
            except ValueError:
                time.sleep(0.05)  # waits for a real process
        else:
            raise AssertionError("the worker still holds the state")


def test_a_slow_sender_holds_up_nobody(witness: tuple[str, Path, list[Verifier]]) -> None:
    """A hundred senders that begin a request and say no more: everybody else is answered at once."""
    address, _, _ = witness
    host, port = address.removeprefix("http://").split(":")
    slow = [socket.create_connection((host, int(port))) for _ in range(100)]
    try:
        for one in slow:
            one.sendall(b"POST /add-checkpoint HTTP/1.1\r\nhost: w\r\ncontent-length: 1000\r\n\r\nold 5")
        assert httpx2.get(f"{address}/keys", timeout=5).status_code == 200
        assert ask(address, b"old 5").status_code == 400
    finally:
        for one in slow:
            one.close()


def test_one_connection_serves_many_requests(witness: tuple[str, Path, list[Verifier]]) -> None:
    """Keep-alive: a log asks again and again over one connection (tlog-witness, "HTTP Interface")."""
    host, port = witness[0].removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=10)
    ports = set()
    for _ in range(5):
        connection.request("POST", "/add-checkpoint", body=b"old 5")
        assert connection.getresponse().read()
        ports.add(connection.sock.getsockname()[1])
    connection.close()
    assert len(ports) == 1
