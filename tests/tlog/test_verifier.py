"""The check alone: a wheel of its own and one file, which need nothing of Openroll and nothing but `cryptography`."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import cryptography
import pytest

from tests.tlog.test_receipts import ED, PQ, RECEIPT

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both, built, with a folder `only` that holds cryptography and what it is made of, and a receipt with its keys."""
    folder = tmp_path_factory.mktemp("verifier")
    build(folder / "one")
    site = Path(cryptography.__file__).parents[1]
    (folder / "only").mkdir()
    for path in (site / "cryptography", *site.glob("_cffi_backend*")):
        (folder / "only" / path.name).symlink_to(path)
    (folder / "r.tlog-proof").write_bytes(RECEIPT)
    (folder / "log.pub").write_text(f"{ED.verifier_key}\n{PQ.verifier_key}\n")
    return folder


def build(folder: Path) -> None:
    """Run the script."""
    done = subprocess.run([str(ROOT / "script" / "verifier"), str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def alone(folder: Path, *words: str, more: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Python without site-packages and without this tree, in another folder."""
    path = os.pathsep.join(map(str, filter(None, (more, folder / "only"))))
    environment = {"PYTHONPATH": path, "PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-S", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=folder)


def verdicts(folder: Path, *words: str, more: Path | None = None) -> None:
    """Good of the receipt, not good of an altered one, each with its status."""
    good = alone(folder, *words, "verify", "r.tlog-proof", "--key", "log.pub", more=more)
    assert (good.returncode, good.stderr) == (0, "")
    assert "GOOD. Log roll.example/test" in good.stdout
    (folder / "bad.tlog-proof").write_bytes(RECEIPT.replace(b"index 3", b"index 2"))
    bad = alone(folder, *words, "verify", "bad.tlog-proof", "--key", "log.pub", more=more)
    assert (bad.returncode, bad.stdout) == (1, "")
    assert "NOT GOOD (proof-failed)" in bad.stderr
    assert "(rule I2 of docs/proofs.md)" in bad.stderr


def test_one_file_checks_receipts(built: Path) -> None:
    """`python openroll-tlog.pyz verify` works where there is nothing but Python and cryptography."""
    verdicts(built, str(built / "one" / "openroll-tlog.pyz"))


def test_the_wheel_checks_receipts(built: Path) -> None:
    """`python -m openroll.tlog verify` works from the wheel alone, which asks for cryptography and nothing else."""
    wheel = next((built / "one").glob("openroll_tlog-*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(built / "installed")
        names = archive.namelist()
        metadata = archive.read(next(name for name in names if name.endswith("METADATA"))).decode()
    assert {name.split("/")[1] for name in names if name.startswith("openroll/")} == {"tlog"}
    assert [line for line in metadata.splitlines() if line.startswith("Requires-Dist")] == [
        "Requires-Dist: cryptography"
    ]
    verdicts(built, "-m", "openroll.tlog", more=built / "installed")


def test_what_is_missing_is_said(built: Path) -> None:
    """Without cryptography it says so in a sentence, with a status of its own."""
    environment = {"PYTHONPATH": "", "PATH": os.environ["PATH"]}
    command = [sys.executable, "-S", str(built / "one" / "openroll-tlog.pyz"), "inspect", "r.tlog-proof"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=built)
    assert done.returncode == 2
    assert "needs the package cryptography" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_same_sources_give_the_same_bytes(built: Path) -> None:
    """Whoever builds both again can compare them byte for byte with what they were given."""
    build(built / "two")
    for path in (built / "one").iterdir():
        assert path.read_bytes() == (built / "two" / path.name).read_bytes(), path.name
