"""`openroll receipt fetch` against a roll that serves what it is told to: receipts, pages of maintenance, another's receipts."""

import json
from base64 import b64encode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from tests.cli.test_giving import Ended, Run, run
from tests.register.test_request_checked import OWN, SIGNER
from tests.tlog.test_cosigned import W1, cosigned

from openroll.tlog import Entry, commit, format_receipt, parse_proof, unverified_entry

__all__ = ["run"]

HANDLE, KIND = "h-1", "subscription.filed/1"
MAINTENANCE = b"<html>Down for maintenance</html>"


def filed(salt: bytes, handle: str = HANDLE, kind: str = KIND) -> tuple[str, bytes]:
    """The commitment of a filing (or another fact) under a handle, and its receipt (signed by nobody)."""
    body = json.dumps({"handle": handle}).encode()
    entry = Entry(kind, "2006-12-01", commit(b"openroll/1", salt * 32, body), None)
    receipt = format_receipt(entry, b"openroll/1", salt * 32, body, 0, [], b"log\n1\nAAAA\n\n")
    return b64encode(entry.commitment).decode(), receipt


class Served:
    """What the roll of these tests says: the commitment of the one fact of the record, and its receipt; its facts behind that,
    each with its kind (a receipt that is empty has not come yet)."""

    commitment, receipt = filed(b"a")
    later: tuple[tuple[str, str, bytes], ...] = ()
    address = ""


@pytest.fixture
def served() -> Iterator[Served]:
    """A roll of one record at an address of this machine."""
    said = Served()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            facts = [(KIND, said.commitment, said.receipt), *said.later]
            history = [{"version": at, "name": one[0], "commitment": one[1]} for at, one in enumerate(facts, 1)]
            data, there = json.dumps({"history": history}).encode(), "/filings/" in self.path
            if there and "/receipts/" in self.path:
                data = facts[int(self.path.rpartition("/")[2]) - 1][2]
                there = bool(data)
            data = data if there else b'{"code": "not-in-log-yet"}'
            self.send_response(200 if there else 404)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    said.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield said
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def fetched(run: Run, served: Served, folder: Path, *more: object) -> Ended:
    """What fetching the receipts of a list of one comes to."""
    (folder / "kept.ndjson").write_text(json.dumps({"handle": HANDLE, "disclosures": []}) + "\n")
    token = folder / "token"
    token.write_text("openroll_x\n")
    token.chmod(0o600)
    words = ["receipt", "fetch", folder / "kept.ndjson", "--roll", served.address, "--token", token]
    return run(*words, "-o", folder / "fetched", *more)


def lying(folder: Path) -> list[bytes]:
    """What lies in the folder of receipts, by name."""
    return [one.read_bytes() for one in sorted((folder / "fetched").iterdir())]


def test_what_is_no_receipt_of_the_fact_is_not_written(run: Run, served: Served, tmp_path: Path) -> None:
    """A page of maintenance, a receipt of another fact or handle, or one that the log's key did not sign: status 1, no file."""
    good = served.receipt
    for wrong in (MAINTENANCE, filed(b"b")[1], good.replace(b"index 0", b"index")):
        served.receipt = wrong
        ended = fetched(run, served, tmp_path)
        assert (ended.status, "not written" in " ".join(ended.err.split())) == (1, True), ended
    served.commitment, served.receipt = filed(b"a", "h-2")
    assert "of another handle" in " ".join(fetched(run, served, tmp_path).err.split())
    served.commitment, served.receipt = filed(b"a")
    by_key = fetched(run, served, tmp_path, "--log-key", SIGNER.verifier)
    assert (by_key.status, "not written" in " ".join(by_key.err.split())) == (1, True), by_key
    assert lying(tmp_path) == []
    assert fetched(run, served, tmp_path).status == 0
    assert lying(tmp_path) == [good]


def test_a_receipt_that_witnesses_did_not_cosign_is_not_written(run: Run, served: Served, tmp_path: Path) -> None:
    """Under a policy the log's own signature is not enough; a policy without a key of the log is no question."""
    policy, signed = tmp_path / "policy", OWN[0].encode()
    policy.write_text(f"log {SIGNER.verifier_key}\nwitness one {W1.verifier_key}\nquorum one\n", encoding="ascii")
    served.commitment = b64encode(unverified_entry(parse_proof(signed)).commitment).decode()
    believed = ("--log-key", SIGNER.verifier, "--policy", policy)
    served.receipt = signed
    lacking = fetched(run, served, tmp_path, *believed)
    assert (lacking.status, "not written" in " ".join(lacking.err.split())) == (1, True), lacking
    served.receipt = cosigned(W1, base=signed)
    assert fetched(run, served, tmp_path, *believed).status == 0
    assert lying(tmp_path) == [served.receipt]
    alone = fetched(run, served, tmp_path, "--policy", policy)
    assert (alone.status, "give both" in " ".join(alone.err.split())) == (2, True), alone


def test_what_lies_there_counts_as_there_only_where_it_is_of_the_record(
    run: Run, served: Served, tmp_path: Path
) -> None:
    """Of an earlier record under the handle, or no receipt: it stays, the new one is written beside it, once."""
    old = served.receipt
    assert "Wrote 1 receipts" in fetched(run, served, tmp_path).out
    assert "Wrote 0 receipts" in fetched(run, served, tmp_path).out
    served.commitment, served.receipt = filed(b"b")
    again = fetched(run, served, tmp_path)
    assert (again.status, "Wrote 1 receipts" in again.out, "and stays: 1" in again.out) == (0, True, True), again
    assert "Wrote 0 receipts" in fetched(run, served, tmp_path).out
    assert sorted(lying(tmp_path)) == sorted([old, served.receipt])
    served.commitment, served.receipt = filed(b"a")
    assert "Wrote 0 receipts" in fetched(run, served, tmp_path).out, "the first one's is still its own"
    (tmp_path / "fetched" / f"{HANDLE}-1.tlog-proof").write_bytes(MAINTENANCE)
    assert "Wrote 1 receipts" in fetched(run, served, tmp_path).out
    assert MAINTENANCE in lying(tmp_path)
    assert len(lying(tmp_path)) == 3


@pytest.mark.parametrize("kind", ["subscription.rehandled/1", "subscription.confirmed/1", "subscription.ported/1"])
def test_a_record_is_the_one_that_was_asked_for(run: Run, served: Served, tmp_path: Path, kind: str) -> None:
    """It was filed under another handle or none, and is called by this one now; one that is called by another is another."""
    served.commitment, served.receipt = filed(b"a", "")
    served.later = ((kind, *filed(b"b", "h-2", kind)),)
    other = fetched(run, served, tmp_path)
    assert (other.status, "of another handle" in " ".join(other.err.split())) == (1, True), other
    commitment, receipt = filed(b"b", HANDLE, kind)
    served.later = ((kind, commitment, b""),)
    assert "2 have no place in the log yet" in " ".join(fetched(run, served, tmp_path).err.split())
    assert lying(tmp_path) == [], "of what nothing names as yet nothing is kept"
    served.later = ((kind, commitment, receipt),)
    assert fetched(run, served, tmp_path).status == 0
    assert lying(tmp_path) == [served.receipt, receipt]
