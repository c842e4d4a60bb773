"""The commands of a witness: what they make, what they print, and what they refuse in a sentence."""

from pathlib import Path

import pytest
from tests.cli.test_operator import Told, run
from tests.watch.made_log import MadeLog

from openroll.tlog import Verifier
from openroll.watch.witness.settings import read_settings
from openroll.watch.witness.start import StartedWitness

__all__ = ["run"]
LOG = MadeLog()
KEYS = [word for key in LOG.keys for word in ("--key", key)]


class Commands:
    """The commands over one witness; a trouble that main() would print as a sentence is a ValueError here."""

    def __init__(self, run: "object", path: Path) -> None:
        self._run = run
        self.path = path

    def __call__(self, *words: object) -> Told:
        told = self._run("witness", *words, "--settings", self.path)  # type: ignore[operator] # a fixture's function
        assert isinstance(told, Told)
        return told


@pytest.fixture
def witness(run: object, tmp_path: Path) -> Commands:
    """A witness that was just made."""
    commands = Commands(run, tmp_path / "w" / "witness.yaml")
    assert commands("init", "witness.example/w2").status == 0
    return commands


def test_init_makes_keys_that_nobody_else_can_read_and_overwrites_nothing(witness: Commands) -> None:
    """Two keys of mode 0600 and a settings file; a second time is refused and leaves them."""
    keys = witness("key").out.split()
    assert [Verifier.parse(key).algorithm for key in keys] == [4, 6]
    assert {path.stat().st_mode & 0o777 for path in witness.path.parent.glob("*.key")} == {0o600}
    with pytest.raises(FileExistsError, match="nothing was made"):
        witness._run("witness", "init", "witness.example/w2", "--settings", witness.path)  # type: ignore[operator] # as above
    assert witness("key").out.split() == keys


def test_watch_adds_a_log_or_says_why_not(witness: Commands) -> None:
    """A dry run writes nothing; another log's key and a file that is not there are refused."""
    before = witness.path.read_text()
    assert "Nothing was written" in witness("watch", LOG.origin, *KEYS, "--dry-run").out
    assert witness.path.read_text() == before
    assert "watches 1 log." in witness("watch", LOG.origin, *KEYS).out
    keys = witness.path.parent / "log.keys"
    keys.write_text("\n".join(LOG.keys))
    assert witness("watch", LOG.origin, "--key", keys, "--address", "https://log.example").status == 0
    log = read_settings(witness.path).logs[0]
    assert (list(log.keys), log.address) == (LOG.keys, "https://log.example")
    assert "neither a verifier key nor a file" in witness("watch", LOG.origin, "--key", "nothing").err
    with pytest.raises(ValueError, match="names_differ"):
        witness._run("witness", "watch", "other.example", *KEYS, "--settings", witness.path)  # type: ignore[operator] # as above


def test_look_names_the_rolls_that_may_ask_and_prints_the_key_for_their_keepers(witness: Commands) -> None:
    """Only a log that is watched, by one key, until it is stopped; watching it anew changes nothing of it."""
    with pytest.raises(ValueError, match="does not watch"):
        witness._run("witness", "look", LOG.origin, "--settings", witness.path)  # type: ignore[operator] # as above
    witness("watch", LOG.origin, *KEYS)
    said = witness("look", LOG.origin).out.split()[-1]
    assert Verifier.parse(said).algorithm == 1
    assert said not in witness("key").out
    witness("watch", LOG.origin, *KEYS, "--per-minute", "7")
    assert witness("look", LOG.origin).out.split()[-1] == said
    assert [(log.looks, log.per_minute) for log in read_settings(witness.path).logs] == [(True, 7)]
    assert "no more" in witness("look", LOG.origin, "--stop").out
    assert not read_settings(witness.path).logs[0].looks


def test_show_forward_and_resume(witness: Commands, tmp_path: Path) -> None:
    """What is kept is shown; it moves forward to a checkpoint with our own cosignature only; a halt ends by command only."""
    witness("watch", LOG.origin, *KEYS)
    assert f"{LOG.origin}: size 0, cosigned never" in witness("show").out
    started = StartedWitness(read_settings(witness.path), witness.path.parent)
    started.ask_all()
    started.witness.add_checkpoint(LOG.submission(0, 5), "here")
    seen = started.heads.newest(LOG.origin)
    assert seen is not None
    started.close()
    (tmp_path / "seen").write_bytes(seen)
    assert f"{LOG.origin}: size 5" in witness("show").out
    assert "already" in witness("forward", tmp_path / "seen", "--origin", LOG.origin).out
    (tmp_path / "seen").write_bytes(LOG.checkpoint(9))
    told = witness("forward", tmp_path / "seen", "--origin", LOG.origin)
    assert (told.status, "Nothing was changed" in told.err) == (2, True)
    assert witness("forward", tmp_path / "none", "--origin", LOG.origin).status == 2
    assert "is not halted" in witness("resume-after-contradiction", LOG.origin).err
    started.evidence_store.halt(LOG.origin, "two histories")
    assert "HALTED: two histories" in witness("show").out
    assert "would no longer be" in witness("resume-after-contradiction", LOG.origin, "--dry-run").out
    assert "HALTED" in witness("show").out
    assert "is no longer halted" in witness("resume-after-contradiction", LOG.origin).out
    assert "HALTED" not in witness("show").out
