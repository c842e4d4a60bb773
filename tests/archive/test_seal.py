"""Sealed boxes: whole or not there, opened by their holder only, with either kind of key."""

import io
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openroll.archive import Broken, CannotSeal, CannotUnseal, Keys, Sealing, box, open_box, read_box, write_box

FORM = "test-box/1"


def box_of(path: Path, sealing: Sealing, files: dict[str, bytes]) -> Path:
    """A box with these files."""
    sealed = path.with_name(path.name + sealing.suffix)
    with write_box(sealed, sealing, FORM, 0) as box:
        for name, data in files.items():
            box.put(name, data)
        box.finish({"for": "a test"})
    return sealed


def read(path: Path, keys: Keys) -> dict[str, bytes]:
    """A box's files, once all of it was found whole."""
    with open_box(path, keys, FORM) as box:
        return {item.path: item.data.read(item.size + 1) for item in box}


@pytest.fixture(scope="module")
def holder(tmp_path_factory: pytest.TempPathFactory) -> tuple[Sealing, Keys]:
    """A key of age."""
    identity = pyrage.x25519.Identity.generate()
    path = tmp_path_factory.mktemp("holder") / "key.txt"
    path.write_text(f"{identity}\n", encoding="ascii")
    return Sealing.to([str(identity.to_public())]), Keys((path,))


@pytest.fixture
def gnupg(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A GnuPG key in a keyring of its own (on a short path, for its agent's socket); its fingerprint."""
    home = tempfile.mkdtemp(prefix="openroll-gnupg-")
    monkeypatch.setenv("GNUPGHOME", home)
    made = ["gpg", "--batch", "--quiet", "--passphrase", "", "--quick-generate-key", "holder@example.org", "ed25519"]
    subprocess.run(made, check=True, capture_output=True)
    told = subprocess.run(["gpg", "--with-colons", "--list-keys"], check=True, capture_output=True, text=True).stdout
    fingerprint = next(line.split(":")[9] for line in told.splitlines() if line.startswith("fpr"))
    added = ["gpg", "--batch", "--passphrase", "", "--quick-add-key", fingerprint, "cv25519", "encr"]
    subprocess.run(added, check=True, capture_output=True)
    yield fingerprint
    subprocess.run(["gpgconf", "--kill", "all"], check=False, capture_output=True)
    shutil.rmtree(home, ignore_errors=True)


@settings(max_examples=40, deadline=None)
@given(datas=st.lists(st.binary(max_size=70_000), max_size=3))
def test_what_went_in_comes_out(datas: list[bytes], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever the files hold, they come back byte for byte."""
    files = {f"top/{number}": data for number, data in enumerate(datas)}
    path = box_of(tmp_path_factory.mktemp("box") / "b", Sealing.readable_by_anyone(), files)
    assert read(path, Keys()) == files


def test_every_cut_and_every_altered_part_is_found(holder: tuple[Sealing, Keys], tmp_path: Path) -> None:
    """Cut off anywhere, or with any one byte changed, a sealed box does not open; nor does an unsealed one that was cut off."""
    sealing, keys = holder
    path = box_of(tmp_path / "b", sealing, {"a": os.urandom(300_000), "b": b"x"})
    whole = path.read_bytes()
    assert read(path, keys)["b"] == b"x"
    broken = tmp_path / "broken.age"
    for at in [*range(0, len(whole), len(whole) // 23), len(whole) - 1]:
        for data in (whole[:at], whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]):
            broken.write_bytes(data)
            with pytest.raises((CannotUnseal, Broken)):
                read(broken, keys)
    plain = box_of(tmp_path / "plain", Sealing.readable_by_anyone(), {"a": os.urandom(300_000)})
    data = plain.read_bytes()
    for at in (0, 20, len(data) // 2, len(data) - 600):
        broken.with_suffix("").write_bytes(data[:at])
        with pytest.raises(Broken):
            read(broken.with_suffix(""), Keys())


def test_a_gnupg_key_seals_and_opens(gnupg: str, tmp_path: Path) -> None:
    """By fingerprint or from a file with the public key; altered or cut off it does not open."""
    public = tmp_path / "holder.asc"
    exported = subprocess.run(["gpg", "--armor", "--export", gnupg], check=True, capture_output=True).stdout
    public.write_bytes(exported)
    for number, key in enumerate((gnupg, str(public))):
        path = box_of(tmp_path / f"b{number}", Sealing.to([key]), {"a": os.urandom(200_000)})
        assert path.suffix == ".gpg"
        assert len(read(path, Keys())["a"]) == 200_000
        whole = path.read_bytes()
        for data in (whole[: len(whole) // 2], whole[:100_000] + bytes([whole[100_000] ^ 1]) + whole[100_001:]):
            path.write_bytes(data)
            with pytest.raises((CannotUnseal, Broken)):
                read(path, Keys())


def test_two_kinds_of_keys_or_none_are_refused(gnupg: str, holder: tuple[Sealing, Keys]) -> None:
    """A file is sealed by age or by GnuPG; a key nobody has is named at once, before any work."""
    with pytest.raises(CannotSeal, match="either age keys or GnuPG keys"):
        Sealing.to([gnupg, holder[0].recipients[0]])
    with pytest.raises(CannotSeal, match="does not seal to"):
        Sealing.to(["nobody@example.org"])


@pytest.mark.parametrize(
    "name", ["../up", "/etc/passwd", "a/../../b", "rolls//etc/passwd", "rolls/./a", "./a", "a\\b", "a\0b", "rolls/a\nb"]
)
def test_a_box_writes_nowhere_but_below_itself(name: str, tmp_path: Path) -> None:
    """A path that leads out of the box is refused before anything is read of it."""
    path = tmp_path / "b"
    with tarfile.open(path, "w:gz") as tar:
        info = tarfile.TarInfo("a")
        info.pax_headers = {"path": name}  # as it is, where tarfile itself would not write it so
        info.size = 1
        tar.addfile(info, io.BytesIO(b"x"))
    with pytest.raises(Broken, match="leads out"):
        read(path, Keys())


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_a_box_holds_files_and_folders_alone(kind: bytes, tmp_path: Path) -> None:
    """Links, which could lead anywhere, pipes and devices are refused."""
    path = tmp_path / "b"
    with tarfile.open(path, "w:gz") as tar:
        info = tarfile.TarInfo("a")
        info.type, info.linkname = kind, "/etc"
        tar.addfile(info)
    with pytest.raises(Broken, match="neither a file nor a folder"):
        read(path, Keys())


def test_a_file_of_holes_is_refused(tmp_path: Path) -> None:
    """A sparse file says in a few bytes that it is larger than the disk."""
    path = tmp_path / "b"
    with tarfile.open(path, "w:gz") as tar:
        info = tarfile.TarInfo("a")
        info.pax_headers = {"GNU.sparse.map": f"{1 << 50},0", "GNU.sparse.size": str(1 << 50)}
        tar.addfile(info)
    with pytest.raises(Broken, match="neither a file nor a folder"):
        next(iter(read_box(path.open("rb"), FORM)))


def test_what_stands_outside_the_manifest_is_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Members that no manifest lists are kept in memory until the end: all of them together have one limit."""
    monkeypatch.setattr(box, "MOST_MANIFEST", 1_000)
    path = tmp_path / "b"
    with tarfile.open(path, "w:gz") as tar:
        for number in range(3):
            info = tarfile.TarInfo(f"manifest.json.{number}")
            info.size = 400
            tar.addfile(info, io.BytesIO(bytes(400)))
    with pytest.raises(Broken, match="larger than any"):
        read(path, Keys())


def test_a_block_that_ends_badly_leaves_nothing(holder: tuple[Sealing, Keys], tmp_path: Path) -> None:
    """An error in the middle is the error that is raised, and no file stays."""

    def broken_off() -> None:
        with write_box(tmp_path / "b.age", holder[0], FORM, 0) as box:
            box.put("a", b"1")
            raise RuntimeError("the power went")

    with pytest.raises(RuntimeError, match="the power went"):
        broken_off()
    assert list(tmp_path.iterdir()) == []
