"""A witness's settings and keys: what is wrong is said by its place, before anything is signed."""

import subprocess
import sys
from pathlib import Path

import pytest

from openroll.tlog import Verifier
from openroll.watch.witness.settings import LogSettings, read_keys, read_settings, watched_logs, write_log
from openroll.watch.witness.start import StartedWitness
from tests.watch.made_log import MadeLog
from tests.watch.witness.process import NAME
from tests.watch.witness.test_witness import LOG, Asked, asked

__all__ = ["asked"]
ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("name: ", "nom: "), "unknown field `nom`"),
        ((NAME, "other.example/w"), "this witness is"),
        (("per_minute: 600", "per_minute: 0"), "per_minute"),
        (("origin: log.example/made", "origin: log.example/other"), "another log's"),
        (("ml-dsa-44.key", "nothing.key"), "is missing"),
        (("origin: log.example/made", f"origin: {'é' * 130}"), "255 bytes at most"),
    ],
)
def test_wrong_settings_are_said(change: tuple[str, str], sentence: str, asked: Asked) -> None:
    """A word mistyped, a key of another, a limit of nothing: a sentence that names it, before anything is signed."""
    asked.heads.close()
    path = asked.folder / "witness.yaml"
    path.write_text(path.read_text().replace(*change, 1), encoding="utf-8")
    with pytest.raises(ValueError, match=sentence):
        StartedWitness(read_settings(path), asked.folder)


def test_a_key_that_others_can_read_is_not_used(asked: Asked) -> None:
    """The mode of a key's file is looked at before it is used."""
    asked.heads.close()
    (asked.folder / "ml-dsa-44.key").chmod(0o644)
    with pytest.raises(ValueError, match="chmod 600"):
        StartedWitness(read_settings(asked.folder / "witness.yaml"), asked.folder)


def test_its_keys_are_read_by_anybody_s_tools(asked: Asked) -> None:
    """Its verifier keys are of the two kinds of tlog-cosignature, under its own name."""
    keys = [Verifier.parse(signer.verifier_key) for signer in asked.keys.signers]
    assert [(key.name, key.algorithm) for key in keys] == [(NAME, 0x04), (NAME, 0x06)]


def test_a_key_may_come_from_the_environment(asked: Asked) -> None:
    """`env:NAME` names a variable with the private key; a missing one is said by its name."""
    path = asked.folder / "witness.yaml"
    path.write_text(path.read_text().replace('"ml-dsa-44.key"', '"env:WITNESS_KEY"'), encoding="utf-8")
    secret = (asked.folder / "ml-dsa-44.key").read_text()
    keys = read_keys(read_settings(path), asked.folder, {"WITNESS_KEY": secret})
    assert keys.published == asked.keys.published
    with pytest.raises(ValueError, match="WITNESS_KEY"):
        read_keys(read_settings(path), asked.folder, {})


def test_adding_a_log_leaves_every_remark(asked: Asked) -> None:
    """The settings file stays a person's: a log is added or changed, the rest is not touched; a wrong one writes nothing."""
    path = asked.folder / "witness.yaml"
    before = path.read_text()
    other = MadeLog("other.example/log")
    write_log(path, LogSettings(other.origin, tuple(other.keys)), dry_run=True)
    assert path.read_text() == before
    after = write_log(path, LogSettings(other.origin, tuple(other.keys), address="https://other.example/log"))
    assert [log.origin for log in after.logs] == [LOG.origin, other.origin]
    assert read_settings(path) == after
    assert "# private keys: files" in path.read_text()
    text = path.read_text()
    with pytest.raises(ValueError, match="names_differ"):
        write_log(path, LogSettings("go.sum database tree", tuple(other.keys)))
    assert path.read_text() == text
    write_log(path, LogSettings("go.sum database tree", tuple(other.keys), names_differ=True))
    assert watched_logs(read_settings(path))["go.sum database tree"].verifiers[0].name == other.origin


def test_a_witness_stands_alone() -> None:
    """Serving a witness imports nothing of the roll: no service, no store, no register, no database driver."""
    code = (
        "import sys, openroll.compose.witness; "
        "print([m for m in sys.modules if m.startswith(('openroll.service', 'openroll.store', 'openroll.register', 'psycopg'))])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert ended.stdout.strip() == "[]"
