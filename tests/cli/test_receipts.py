"""The commands on receipts, as a holder types them: make, upgrade, explain."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.cli.test_operator import Run, run
from tests.handles import handle
from tests.service.filings import rows_file
from tests.watch.cheats.forge import flip, person_act, receipt_of, show
from tests.watch.independent import convicts
from tests.watch.test_receipt_upgrade import KEYS, MINE, SIGNERS, WITNESS, log_of

from openroll.service.filing.bulk import FileTaken, take_file
from openroll.service.log.sequencer import Sequencer
from openroll.service.queries import Record, by_handle
from openroll.service.roll import Roll
from openroll.tlog import sign_note, split_note, verify_receipt
from openroll.tlog.__main__ import main as tlog
from openroll.watch.audit.trust import verifiers

__all__ = ["run"]


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    """My receipt, under a head of 300 entries; the log's keys are in log.pub beside it."""
    paper = tmp_path / "mine.tlog-proof"
    paper.write_bytes(receipt_of(log_of(tmp_path / "site/log", 300), MINE, 0))
    (tmp_path / "log.pub").write_text("".join(f"{key}\n" for key in KEYS), encoding="ascii")
    log_of(tmp_path / "site/log", 600)
    return paper


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """The folder `site` behind a plain static file server."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path / "site")))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_receipt_is_upgraded_from_an_address_or_a_folder(run: Run, paper: Path, tmp_path: Path, served: str) -> None:
    """The roll's address, the log's, a mirror's folder: each gives the same receipt, which verifies with the network off."""
    pub, before = tmp_path / "log.pub", paper.read_bytes()
    dry = run("receipt", "upgrade", paper, "--from", served, "--key", pub, "--dry-run")
    assert (dry.status, dry.out) == (0, "Good: from a head of 300 entries to one of 600. Nothing was written.\n")
    made = []
    for number, place in enumerate((served, f"{served}/log/", tmp_path / "site", tmp_path / "site/log")):
        new = tmp_path / f"new-{number}"
        assert run("receipt", "upgrade", paper, "--from", place, "--key", pub, "-o", new).status == 0
        made.append(new.read_bytes())
    assert paper.read_bytes() == before
    assert len(set(made)) == 1
    told = run("receipt", "upgrade", paper, "--from", tmp_path / "site", "--key", pub)
    beside = tmp_path / "mine.600.tlog-proof"
    assert told.out == f"Wrote {beside}: from a head of 300 entries to one of 600.\n"
    assert (beside.read_bytes(), paper.read_bytes()) == (made[0], before)
    assert tlog(["verify", str(beside), "--key", str(pub)]) == 0


def test_an_upgraded_receipt_is_not_overwritten_by_another(run: Run, paper: Path, tmp_path: Path) -> None:
    """The one under that head may have cosignatures which this one lacks: it stays, unless a name is given; no half file does."""
    pub, site, beside = tmp_path / "log.pub", tmp_path / "site", tmp_path / "mine.600.tlog-proof"
    beside.write_bytes(b"cosigned")
    told = run("receipt", "upgrade", paper, "--from", site, "--key", pub)
    assert (told.status, "is there already" in told.err, beside.read_bytes()) == (2, True, b"cosigned")
    assert run("receipt", "upgrade", paper, "--from", site, "--key", pub, "-o", beside).status == 0
    assert run("receipt", "upgrade", paper, "--from", site, "--key", pub).status == 0
    assert run("receipt", "upgrade", paper, "--from", site, "--key", pub, "-o", site).status == 2
    assert not list(tmp_path.glob("*.new"))


def test_a_contradiction_leaves_evidence_and_no_receipt(run: Run, paper: Path, tmp_path: Path) -> None:
    """Status 1, the old receipt as it was, and a folder that convinces a stranger, also under a policy without --key."""
    policy, before = tmp_path / "policy", paper.read_bytes()
    policy.write_text(f"log {KEYS[0]}\nquorum none\n", encoding="ascii")
    show(tmp_path / "site/log", [person_act("2006-11-27") for _ in range(500)], SIGNERS)
    for given in (("--key", tmp_path / "log.pub"), ("--policy", policy)):
        evidence = tmp_path / given[0]
        told = run("receipt", "upgrade", paper, "--from", tmp_path / "site", *given, "--evidence", evidence)
        assert told.status == 1
        assert "THE LOG CONTRADICTS YOUR RECEIPT" in told.err
        (folder,) = evidence.iterdir()
        assert str(folder) in told.err
        assert str(KEYS[0]) in (folder / "keys").read_text("ascii").splitlines()
        assert "Log:   roll.example/upgrading" in (folder / "explanation.txt").read_text("utf-8")
        assert convicts(folder, str(KEYS[0]))
    assert paper.read_bytes() == before
    paper.with_name("file").write_bytes(b"")
    told = run(
        "receipt", "upgrade", paper, "--from", tmp_path / "site", "--policy", policy, "--evidence", tmp_path / "file"
    )
    assert (told.status, "the evidence cannot be written" in told.err) == (1, True)


def test_what_cannot_be_read_is_a_sentence(run: Run, paper: Path, tmp_path: Path) -> None:
    """Each wrong thing is named, with status 2 where nothing is known and 1 where something is bad; nothing is written."""
    pub, site, before = tmp_path / "log.pub", tmp_path / "site", paper.read_bytes()
    (tmp_path / "junk").write_bytes(b"\xff\x00")
    for status, said, words in (
        (2, "give --key, --policy or both", (paper, "--from", site)),
        (2, "cannot be read: No such file", (tmp_path / "none", "--from", site, "--key", pub)),
        (2, "the key or policy cannot be read", (paper, "--from", site, "--key", tmp_path / "none")),
        (2, "the key or policy cannot be read", (paper, "--from", site, "--policy", tmp_path / "junk")),
        (2, "cannot be read", (paper, "--from", "http://127.0.0.1:9", "--key", pub)),
        (2, "there is none. Give a log's address", (paper, "--from", tmp_path / "nowhere", "--key", pub)),
        (1, "not a receipt", (tmp_path / "junk", "--from", site, "--key", pub)),
        (1, "the key you gave is for the log", (paper, "--from", site, "--key", str(WITNESS.verifier))),
        (1, "key history", (paper, "--from", site, "--key", pub, "--history", tmp_path / "junk")),
        (2, "cannot be written", (paper, "--from", site, "--key", pub, "-o", tmp_path / "no/where")),
    ):
        told = run("receipt", "upgrade", *words)
        assert (told.status, said in told.err) == (status, True), told
        assert "Traceback" not in told.err
    log_of(site / "log", 200)
    told = run("receipt", "upgrade", paper, "--from", site, "--key", pub)
    assert (told.status, "shows a head of 200 entries" in told.err) == (2, True)
    assert paper.read_bytes() == before


def test_a_receipt_is_explained_in_either_language(run: Run, paper: Path, tmp_path: Path) -> None:
    """Good with status 0, bad with status 1; what stands in a stranger's file cannot speak to the terminal."""
    pub = tmp_path / "log.pub"
    good = run("receipt", "explain", paper, "--key", pub)
    assert good.status == 0
    assert good.out.startswith(
        "This receipt is good.\n\nIt proves that on 27 November 2006 the log roll.example/upgrading"
    )
    assert "recorded this: Filed." in good.out
    assert "\nIt does not prove:\n  - that what was filed is true\n  - " in good.out
    chinese = run("receipt", "explain", paper, "--key", pub, "--lang", "zh")
    assert "<U+" not in good.out + chinese.out
    assert (chinese.status, "2006年11月27日" in chinese.out, "已备案" in chinese.out or "备案" in chinese.out) == (
        0,
        True,
        True,
    )
    flip(paper, 700)
    bad = run("receipt", "explain", paper, "--key", pub)
    assert (bad.status, bad.out.startswith("This receipt is not good.")) == (1, True)
    text, _ = split_note((tmp_path / "site/log/checkpoint").read_bytes())
    evil = text.replace("upgrading", "up\x9b31m\u202egrading")
    paper.write_bytes(
        receipt_of(tmp_path / "site/log", MINE, 0).partition(b"\n\n")[0] + b"\n\n" + sign_note(evil, SIGNERS)
    )
    odd = run("receipt", "explain", paper, "--key", pub)
    assert odd.status == 1
    assert "up<U+009B>31m<U+202E>grading" in odd.out
    assert run("receipt", "explain", paper, "--key", pub, "--history", pub).status == 2
    assert run("receipt", "explain", tmp_path / "none", "--key", pub).status == 2


def test_the_whole_life_of_a_receipt(run: Run, roll: Roll, tmp_path: Path) -> None:
    """Made of a real filing by either form of the command, it is brought past a change of the log's keys and explained there."""
    assert isinstance(take_file(roll, "east", rows_file(3)), FileTaken)
    sequencer = Sequencer(roll)
    sequencer.run_until_empty()
    record = by_handle(roll, "east", handle("file-1"))
    assert isinstance(record, Record)
    one, two, pub = tmp_path / "one", tmp_path / "two", tmp_path / "old.pub"
    assert run("receipt", record.code, "--output", one, roll=roll).status == 0
    assert run("receipt", "make", record.code, "--output", two, roll=roll).status == 0
    assert one.read_bytes() == two.read_bytes()
    nowhere = run("receipt", record.code, "--output", tmp_path / "no/where", roll=roll)
    assert (nowhere.status, "cannot be written" in nowhere.err) == (2, True)
    pub.write_text(run("key", roll=roll).out, encoding="ascii")
    assert run("log", "rotate-key", "--at-once", "--reason", "yearly", roll=roll).status == 0
    assert isinstance(take_file(roll, "west", rows_file(5)), FileTaken)
    sequencer.run_until_empty()
    sequencer.close()
    (tmp_path / "history").write_text(run("key", "--json", roll=roll).out, encoding="utf-8")
    without = run("receipt", "upgrade", one, "--from", roll.public, "--key", pub)
    assert (without.status, "no new receipt was written" in without.err) == (1, True)
    told = run("receipt", "upgrade", one, "--from", roll.public, "--key", pub, "--history", tmp_path / "history")
    assert told.status == 0, told.err
    (upgraded,) = tmp_path.glob("one.*")
    old, new = (
        verify_receipt(two.read_bytes(), verifiers([str(pub)])),
        verify_receipt(upgraded.read_bytes(), roll.keys.verifiers),
    )
    assert (new.entry, new.index, new.checkpoint.size) == (old.entry, old.index, old.checkpoint.size + 6)
    said = run("receipt", "explain", upgraded, "--key", pub, "--history", tmp_path / "history")
    assert (said.status, "Filed" in said.out) == (0, True), said.out
    assert run("receipt", "explain", upgraded, "--key", pub).status == 1
