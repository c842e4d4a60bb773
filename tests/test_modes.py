"""Modes of files: what others may not write, what a box keeps, and key files that a full disk left empty."""

import errno
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from openroll.archive import Keys, Sealing, open_box, write_box
from openroll.durable import as_text, fill_folder, make_private, output_file, write_all_durably, write_durably
from openroll.service.keys import make_keys, read_keys
from openroll.service.log.external_keys import KeysWrong
from openroll.service.log.ratchet import Forked, Ratchet
from openroll.service.recovery.roll_files import write_item
from openroll.tlog import CompactRange


@pytest.fixture(autouse=True)
def _open_umask() -> Iterator[None]:
    """As careless a umask as there is."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    """A file's permissions."""
    return stat.S_IMODE(path.stat().st_mode)


def test_ratchet_and_lock_are_nobody_elses(tmp_path: Path) -> None:
    """Whatever the umask; one that others could write loses that when it is next moved."""
    lock = tmp_path / "ratchet.lock"
    lock.touch(0o666)
    assert mode(lock) == 0o666
    ratchet = Ratchet(tmp_path / "ratchet")
    one = CompactRange().extend([b"an entry"])
    ratchet.move(CompactRange(), one)
    assert mode(tmp_path / "ratchet") == 0o600
    assert mode(lock) == 0o600
    assert ratchet.read() == one


@pytest.mark.parametrize("text", ["", "{", "[]", '{"size": 1}', '{"size": 1, "edge": ["zz"], "root": ""}'])
def test_a_ratchet_that_was_half_written_is_said_to_be(tmp_path: Path, text: str) -> None:
    """No traceback, and nothing is signed by it."""
    (tmp_path / "ratchet").write_text(text)
    with pytest.raises(Forked, match="damaged"):
        Ratchet(tmp_path / "ratchet").read()


def test_files_that_are_published_are_not_for_others_to_write(tmp_path: Path) -> None:
    """A web server beside us reads them, and nobody else writes them."""
    write_durably(tmp_path / "checkpoint", b"x")
    write_all_durably([(tmp_path / "tile" / "0", b"x")])
    assert mode(tmp_path / "checkpoint") == mode(tmp_path / "tile" / "0") == 0o644


def test_what_is_interrupted_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody presses Ctrl-C while the disk is waited for: the old bytes stay, and no file beside them has the new."""

    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    write_durably(tmp_path / "codes", b"old")
    monkeypatch.setattr("os.fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_durably(tmp_path / "codes", b"new")
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("codes", b"old")]


def test_a_private_folder_is_private_all_the_way(tmp_path: Path) -> None:
    """Also the folders above it that had to be made; those that were there stay as they are."""
    tmp_path.chmod(0o755)
    make_private(tmp_path / "a" / "b" / "c")
    assert [mode(tmp_path / one) for one in ("a", "a/b", "a/b/c", ".")] == [0o700, 0o700, 0o700, 0o755]


def test_a_box_keeps_modes(tmp_path: Path) -> None:
    """Files and folders come out as they went in, but for what let others write; what no one listed is private."""
    made = {"keys/secret.key": 0o600, "public/file": 0o644, "open/file": 0o666, "run/tool": 0o750}
    with write_box(tmp_path / "a.box", Sealing.readable_by_anyone(), "test/1", 0.0) as box:
        box.folder("folder", 0o750)
        for name, wanted in made.items():
            box.put(name, b"x", wanted)
        box.finish({})
    out = tmp_path / "out"
    with open_box(tmp_path / "a.box", Keys(), "test/1") as opened:
        for item in opened:
            write_item(item, out / item.path)
    assert {name: mode(out / name) for name in made} == made | {"open/file": 0o644}
    assert mode(out / "folder") == 0o750
    assert mode(out / "keys") == mode(out) == 0o700


@pytest.mark.parametrize(
    "name", ["filing-codes.key", "addresses.key", "log-ed25519.key", "log-ml-dsa-44.key", "log.pub"]
)
@pytest.mark.parametrize("left", [0, 1, 31, 40])
def test_a_key_file_that_is_empty_or_cut_off_is_refused_with_its_name(tmp_path: Path, name: str, left: int) -> None:
    """An empty key is no key of zeros: nothing goes on with it, and the sentence names the file."""
    make_keys(tmp_path / "keys", "roll.example/k", os.urandom)
    path = tmp_path / "keys" / name
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(KeysWrong) as refusal:
        read_keys(tmp_path / "keys")
    assert name in str(refusal.value)


def test_a_key_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fills up while keys are made leaves none cut off, and once there is room the same call makes them."""
    real, left = os.fsync, [2]

    def full(descriptor: int) -> None:
        left[0] -= 1
        if not left[0]:
            raise OSError(28, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        make_keys(tmp_path / "keys", "roll.example/k", os.urandom)
    assert {path.name for path in (tmp_path / "keys").iterdir()} == {"log-ed25519.key"}
    assert make_keys(tmp_path / "keys", "roll.example/k", os.urandom).code_key
    assert {mode(path) for path in (tmp_path / "keys").glob("*.key")} == {0o600}


def fill_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is to reach the disk finds it full."""

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)


def test_a_full_disk_leaves_no_output_half_written_under_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was there stays, with its mode; a folder that was begun is empty again, or not there; the next try goes through."""
    there, folder = tmp_path / "list.csv", tmp_path / "place"
    there.write_text("before")
    there.chmod(0o600)
    files = {Path("jurisdiction.yaml"): b"a", Path("rules/one.yaml"): b"b"}
    fill_disk(monkeypatch)
    with pytest.raises(OSError, match="No space"), output_file(there) as file:
        file.write(b"after")
    with pytest.raises(OSError, match="No space"):
        fill_folder(folder, files)
    assert {one.name: one.read_text() for one in tmp_path.iterdir()} == {"list.csv": "before"}
    monkeypatch.undo()
    with pytest.raises(FileNotFoundError, match=r"none/x\.csv'"), output_file(tmp_path / "none" / "x.csv"):
        pass
    with output_file(there) as file, as_text(file) as text:
        text.write("after")
    fill_folder(folder, files)
    assert (there.read_text(), mode(there)) == ("after", 0o600)
    assert {one.relative_to(folder) for one in folder.rglob("*") if one.is_file()} == set(files)


def test_no_command_opens_what_it_writes_by_itself() -> None:
    """A disk that is full must not leave half a file under the name that somebody gave: `openroll.durable` writes them."""
    rooms = [*Path("src/openroll/cli").rglob("*.py"), *Path("src/openroll/report").rglob("*.py")]
    own = re.compile(r"\.write_(?:text|bytes)\(|\bopen\((?:[^()]|\([^()]*\))*[\"'][wax]b?\+?[\"']")
    assert [f"{one}: {found}" for one in rooms for found in own.findall(one.read_text(encoding="utf-8"))] == []
