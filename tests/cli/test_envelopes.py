"""Commands on envelopes and notices: keys made once and whole, sealing and opening by files, codes from a list."""

import csv
import errno
import io
import os
import stat
from pathlib import Path

import pytest
from tests.cli.test_operator import HEADER, Run, key_file, run
from tests.disclosure.sealed import OPERATOR
from tests.handles import KEY, handle

from openroll.disclosure.envelope import key_of, published_of
from openroll.disclosure.notice import bucket_of, month_bucket, notice_secret, seal_notice
from openroll.disclosure.notice_code import code_of
from openroll.disclosure.notice_heap import heap_json

__all__ = ["run"]

SECRET = notice_secret(KEY, handle("A-1001"))


@pytest.fixture
def keys(run: Run, tmp_path: Path) -> dict[str, Path]:
    """Keys of three holders in files, and their public halves beside them as `.pub`."""
    made = {}
    for name, suite in (("officer", "hybrid"), ("reviewer", "hybrid"), ("operator", "x25519")):
        path = tmp_path / f"{name}.key"
        assert run("envelope", "new-key", path, "--suite", suite).status == 0
        public = run("envelope", "public", path)
        path.with_suffix(".pub").write_text(public.out)
        made[name] = path
    return made


def test_a_key_is_made_once_whole_and_for_its_owner_alone(keys: dict[str, Path], run: Run) -> None:
    """A key file is readable by its owner only and never written over; what is published of it holds no seed."""
    first = keys["officer"].read_text()
    assert stat.S_IMODE(keys["officer"].stat().st_mode) == 0o600
    told = run("envelope", "new-key", keys["officer"])
    assert (told.status, "never written over" in told.err) == (2, True)
    assert keys["officer"].read_text() == first
    public = keys["officer"].with_suffix(".pub").read_text()
    assert published_of(public) == key_of(first).published
    assert first.split()[-1] not in public
    assert sorted(path.name for path in keys["officer"].parent.iterdir() if path.name.startswith(".")) == []


def test_a_key_is_written_whole_or_not_at_all(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the disk fails nothing is left; where it knows no links the file is there all the same, and still once."""
    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", _full)
        told = run("envelope", "new-key", tmp_path / "one.key")
    assert (told.status, "No space left" in told.err, list(tmp_path.glob("*key*"))) == (2, True, [])
    monkeypatch.setattr(os, "link", _no_links)
    assert run("envelope", "new-key", tmp_path / "one.key").status == 0
    first = (tmp_path / "one.key").read_text()
    assert run("envelope", "new-key", tmp_path / "one.key").status == 2
    assert (tmp_path / "one.key").read_text() == first


def _full(_: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _no_links(*_: object) -> None:
    raise OSError(errno.EPERM, os.strerror(errno.EPERM))


def test_an_envelope_goes_from_file_to_file(keys: dict[str, Path], run: Run, tmp_path: Path) -> None:
    """What one seals to two of either suite each of them opens, also by one of several keys; nobody else, nowhere else."""
    (tmp_path / "grounds.txt").write_text("理由\n")
    to = [word for name in ("reviewer", "operator") for word in ("--to", keys[name].with_suffix(".pub"))]
    sealing = ("envelope", "seal", tmp_path / "grounds.txt", *to, "--key", keys["officer"], "--context", "request 7")
    told = run(*sealing, "-o", tmp_path / "ask.envelope")
    assert (told.status, "SHA-256" in told.out) == (0, True)
    assert run(*sealing, "-o", tmp_path / "ask.envelope").status == 2
    expecting = ("--from", keys["officer"].with_suffix(".pub"), "--context")
    opening = ("envelope", "open", tmp_path / "ask.envelope", "--key")
    for name in ("reviewer", "operator"):
        told = run(*opening, keys["officer"], "--key", keys[name], *expecting, "request 7", "-o", tmp_path / name)
        assert (told.status, (tmp_path / name).read_text()) == (0, "理由\n")
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    told = run(*opening, keys["officer"], *expecting, "request 7")
    assert (told.status, "sealed to other keys" in told.err) == (1, True)
    told = run(*opening, keys["reviewer"], *expecting, "request 8")
    assert (told.status, "another matter" in told.err) == (1, True)


@pytest.mark.parametrize("what", ["key", "public", "envelope", "content", "missing"])
def test_what_is_none_is_a_sentence(keys: dict[str, Path], run: Run, tmp_path: Path, what: str) -> None:
    """A damaged key, public half or envelope, too much content and a file that is not there end in a sentence each."""
    bad = tmp_path / "bad"
    bad.write_bytes(b"\xff\x00" if what != "content" else bytes(70_000))
    key, public = keys["officer"], keys["officer"].with_suffix(".pub")
    sealing = ("envelope", "seal", "--context", "m", "-o", tmp_path / "out", "--key", key, "--to", public)
    told = {
        "key": lambda: run("envelope", "public", bad),
        "public": lambda: run(
            "envelope", "seal", key, "--context", "m", "-o", tmp_path / "out", "--key", key, "--to", bad
        ),
        "envelope": lambda: run("envelope", "open", bad, "--key", key, "--from", public, "--context", "m"),
        "content": lambda: run(*sealing, bad),
        "missing": lambda: run(*sealing, tmp_path / "none"),
    }[what]()
    assert told.status in (1, 2)
    assert told.err.rstrip().endswith(".")
    assert "Traceback" not in told.err
    assert not (tmp_path / "out").exists()


def test_codes_come_from_a_list_or_from_handles(run: Run, tmp_path: Path) -> None:
    """The codes of a list stand beside its numbers in a file for its owner; a handle's is printed; both are the same."""
    (tmp_path / "list.csv").write_text(HEADER + "A-1001,household,adsl,500103,2006-11-02,,,,\n")
    out = tmp_path / "codes.csv"
    told = run("notice", "code", tmp_path / "list.csv", "--key", key_file(tmp_path), "-o", out)
    assert (told.status, stat.S_IMODE(out.stat().st_mode)) == (0, 0o600)
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8-sig"))))
    assert rows == [{"account": "A-1001", "handle": handle("A-1001"), "notice_code": code_of(SECRET)}]
    told = run("notice", "code", "--key", key_file(tmp_path), "--handle", handle("A-1001"))
    assert told.out == code_of(SECRET) + "\n"
    for wrong in (("--handle", "A-1001"), (), (tmp_path / "list.csv",), (tmp_path / "none.csv", "-o", tmp_path / "x")):
        told = run("notice", "code", "--key", key_file(tmp_path), *wrong)
        assert (told.status, "Traceback" in told.err) == (2, False)


def test_a_person_reads_their_notices(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the code typed as one likes, a heap shows what is one's own, says what was altered, and nothing of others."""
    mine, theirs = (
        seal_notice(text, SECRET, OPERATOR.signing, "request 1") for text in (b"asked: name", b"\x1b[31mred")
    )
    other = seal_notice(b"secret", notice_secret(KEY, handle("A-1002")), OPERATOR.signing, "request 2")
    altered = seal_notice(b"x", SECRET, OPERATOR.signing, "request 3")[:-1] + b"\0"
    heap = [("request 1", mine), ("request 2", other), ("request 3", altered), ("request 1", theirs)]
    (tmp_path / "heap.json").write_bytes(heap_json(heap, [OPERATOR.published]))
    (tmp_path / "keyless.json").write_bytes(heap_json(heap[:1], []))
    (tmp_path / "empty.json").write_bytes(heap_json([], []))
    (tmp_path / "bad.json").write_bytes(b'{"form": "openroll-notices-1", "notices": "x"}')

    def typed(code: str, *words: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{code}\n"))
        return run("notice", *words)

    status, out, _ = typed(code_of(SECRET).lower().replace("-", " "), "read", tmp_path / "heap.json")
    assert status == 2
    assert "asked: name" in out
    assert "request 3: a notice to you was altered" in out
    assert "secret" not in out
    assert "\x1b" not in out
    status, out, _ = typed(code_of(SECRET), "read", tmp_path / "keyless.json")
    assert (status, "no key in these heaps signed it" in out, "altered" in out) == (2, True, False)
    assert "Nothing" in typed(code_of(SECRET), "read", tmp_path / "empty.json")[1]
    assert typed(code_of(SECRET), "bucket", 7)[1] == f"{bucket_of(SECRET, 7)}\n"
    assert typed(code_of(SECRET), "bucket", "2026-11")[1] == f"{month_bucket(SECRET, '2026-11')}\n"
    assert "neither the number of a request nor a month" in typed(code_of(SECRET), "bucket", "2026-13")[2]
    for code, file in (("123", "heap"), (code_of(SECRET), "bad"), (code_of(SECRET), "none")):
        status, _, err = typed(code, "read", tmp_path / f"{file}.json")
        assert (status, "Traceback" in err) == (2, False)
