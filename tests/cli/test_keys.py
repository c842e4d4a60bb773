"""The commands on keys and tokens, as a keeper types them."""

from pathlib import Path

import pytest
from tests.cli.test_operator import Run, run
from tests.service.test_key_rotation import first_receipt, sequenced

from openroll.service.log.sequencer import Sequencer
from openroll.service.roll import Roll
from openroll.tlog.__main__ import main as tlog

__all__ = ["run"]


def test_a_keeper_changes_the_keys_and_a_reader_follows(
    run: Run, roll: Roll, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Dry run, begin, finish, as typed; the history goes to a file, with which the old key checks a new receipt."""
    old = tmp_path / "old.pub"
    old.write_text(run("key", roll=roll).out, encoding="ascii")
    sequenced(roll)
    dry = run("log", "rotate-key", "--reason", "yearly", "--dry-run", roll=roll)
    assert (dry.status, dry.out.count(roll.origin), dry.out.startswith("Would stand in the log")) == (0, 4, True)
    begun = run("log", "rotate-key", "--reason", "yearly", roll=roll)
    assert (begun.status, begun.out.count("until --finish"), begun.out.count(", new")) == (0, 2, 2)
    sequenced(roll)
    finished = run("log", "rotate-key", "--finish", "--reason", "readers have had their time", roll=roll)
    assert finished.status == 0
    sequenced(roll, 2)
    assert len(run("key", roll=roll).out.split()) == 2
    assert run("key", roll=roll).out != old.read_text(encoding="ascii")
    shown = run("key", "--history", roll=roll).out
    assert shown.count("Checkpoints of") == 3
    assert shown.index("and more") < shown.index("0 entries")
    history, receipt = tmp_path / "history.json", tmp_path / "new.tlog-proof"
    history.write_text(run("key", "--json", roll=roll).out, encoding="utf-8")
    receipt.write_bytes(first_receipt(roll))
    assert tlog(["verify", str(receipt), "--key", str(old)]) == 1
    assert tlog(["verify", str(receipt), "--key", str(old), "--history", str(history)]) == 0
    capsys.readouterr()
    assert tlog(["keys", str(history), "--key", str(old)]) == 0
    assert capsys.readouterr().out == run("key", roll=roll).out


def test_a_keeper_revokes_a_key_and_is_told_when_it_cannot_be(run: Run, roll: Roll) -> None:
    """By its eight digits, from a size on; the history says so; what is no key, or no size yet, is a sentence."""
    sequenced(roll)
    key = roll.keys.verifiers[0].key_id.hex()
    assert "(log-key-unknown)" in run("log", "revoke-key", "12345678", "--reason", "stolen", roll=roll).err
    late = run("log", "revoke-key", key, "--reason", "stolen", "--from-size", "99", roll=roll)
    assert (late.status, "say 5 at most" in late.err) == (1, True)
    assert run("log", "revoke-key", key, "--reason", "stolen", "--from-size", "2", roll=roll).status == 0
    sequenced(roll)
    assert "revoked, not to be believed from 2 on" in run("key", "--history", roll=roll).out


def test_a_missing_key_is_a_sentence(run: Run, roll: Roll) -> None:
    """`log sequence` without a key that must sign says which, signs nothing, and ends with status 1."""
    (roll.home / "keys" / "log-ed25519.key").rename(roll.home / "away.key")
    roll.keys._ring = roll.keys._read()
    told = run("log", "sequence", roll=roll)
    assert told.status == 1
    assert "must sign a checkpoint of 3 and is not here" in told.err
    assert not (roll.public / "checkpoint").exists()
    (roll.home / "away.key").rename(roll.home / "keys" / "log-ed25519.key")
    assert run("log", "sequence", roll=roll).status == 0


def test_tokens_are_listed_replaced_and_ended(run: Run, roll: Roll) -> None:
    """Issued for so many days, listed without their text, replaced, and ended for a reason; refusals are sentences."""
    first = run("token", "issue", "east", "--label", "billing", "--days", "30", roll=roll).out.strip()
    assert first.startswith("openroll_")
    second = run("token", "replace", "east", "1", "--overlap", "3", roll=roll).out.strip()
    listed = run("token", "list", "east", roll=roll).out
    assert listed.count("billing") == 2
    assert first not in listed
    assert second not in listed
    assert "(token-replaced-already)" in run("token", "replace", "east", "1", roll=roll).err
    assert run("token", "end", "east", "2", "--reason", "found in a public repository", roll=roll).out == "Ended.\n"
    assert "(token-unknown)" in run("token", "end", "east", "2", "--reason", "again", roll=roll).err
    assert run("token", "revoke", first, roll=roll).out == "Ended.\n"
    assert "(days-out-of-range)" in run("token", "issue", "east", "--days", "0", roll=roll).err
    Sequencer(roll).run_until_empty()
    assert roll.keys.size == 7
