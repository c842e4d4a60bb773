"""A receipt outlives its head: brought under later ones from any copy of the log, and from none that contradicts it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openroll.tlog import (
    Entry,
    KeyMissing,
    NotLater,
    Policy,
    QuorumMissing,
    Signer,
    TlogError,
    commit,
    parse_policy,
    sign_note,
    take_apart,
    verify_receipt,
)
from openroll.watch.audit.finding import Finding, write_evidence
from openroll.watch.audit.recheck import recheck
from openroll.watch.audit.trust import Trust
from openroll.watch.source import FolderSource, Unreachable, source_of
from openroll.watch.upgrading import Upgraded, upgrade
from tests.watch.cheats.forge import Made, flip, person_act, receipt_of, show

ORIGIN = "roll.example/upgrading"
SIGNERS = [Signer.from_seed(ORIGIN, b"\x01" * 32, "ed25519"), Signer.from_seed(ORIGIN, b"\x02" * 32, "ml-dsa-44")]
KEYS = [signer.verifier for signer in SIGNERS]
WITNESS = Signer.from_seed("witness.example/w1", b"\x03" * 32, "cosignature")
STRANGER = Signer.from_seed(ORIGIN, b"\x09" * 32, "ed25519")
SALT, BODY = b"\x04" * 32, b'{"district":"500103"}'
MINE = Made(Entry("subscription.filed/1", "2006-11-27", commit(b"openroll/event/1", SALT, BODY)), SALT, BODY)
OTHERS = [person_act("2006-11-27") for _ in range(700)]


def log_of(folder: Path, size: int, at: int = 0) -> Path:
    """A log of so many entries with mine at a place."""
    entries = OTHERS[:size]
    entries[at] = MINE.entry.encode()
    show(folder, entries, SIGNERS)
    return folder


def upgraded(receipt: bytes, folder: Path, policy: Policy | None = None) -> Upgraded:
    """The upgrade, which must go through."""
    made = upgrade(receipt, FolderSource(folder), KEYS, policy)
    assert isinstance(made, Upgraded)
    return made


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 300), first=st.integers(0, 300), more=st.integers(0, 300))
def test_a_receipt_is_brought_under_any_later_head(at: int, first: int, more: int, tmp_path: Path) -> None:
    """From any head to any later one, the new receipt verifies like the old and proves the same entry at the same place."""
    size = max(first, at + 1)
    receipt = receipt_of(log_of(tmp_path / "log", size, at), MINE, at)
    made = upgraded(receipt, log_of(tmp_path / "log", size + more, at))
    old, new = verify_receipt(receipt, KEYS), verify_receipt(made.receipt, KEYS)
    assert (new.entry, new.body, new.salt, new.index) == (old.entry, old.body, old.salt, old.index)
    assert (made.old.size, made.new.size, new.checkpoint.size) == (size, size + more, size + more)


def test_a_later_head_that_contradicts_it_convicts_the_log(tmp_path: Path) -> None:
    """Where the later tree does not begin with the receipt's, there is no receipt but evidence that holds by itself."""
    receipt = receipt_of(log_of(tmp_path / "log", 300, 7), MINE, 7)
    entries = [MINE.entry.encode() if at == 7 else person_act("2006-11-27") for at in range(600)]
    show(tmp_path / "log", entries, SIGNERS)
    finding = upgrade(receipt, FolderSource(tmp_path / "log"), KEYS)
    assert isinstance(finding, Finding)
    folder = write_evidence(
        tmp_path / "evidence", finding, log=ORIGIN, seen=datetime(2006, 12, 1, tzinfo=UTC), keys=map(str, KEYS)
    )
    verdict = recheck(folder, Trust(tuple(KEYS)))
    assert verdict.answer == "holds", verdict
    flip(folder / "proof", 3)
    assert recheck(folder, Trust(tuple(KEYS))).answer == "fails"


def test_two_heads_of_one_size_convict_the_log(tmp_path: Path) -> None:
    """Another root at the receipt's own size needs no proof at all."""
    receipt = receipt_of(log_of(tmp_path / "log", 300, 7), MINE, 7)
    show(tmp_path / "log", [person_act("2006-11-27") for _ in range(300)], SIGNERS)
    assert isinstance(upgrade(receipt, FolderSource(tmp_path / "log"), KEYS), Finding)


def test_an_older_copy_proves_nothing_against_anybody(tmp_path: Path) -> None:
    """A mirror that is behind says so; it is no contradiction."""
    receipt = receipt_of(log_of(tmp_path / "log", 300), MINE, 0)
    with pytest.raises(NotLater, match=r"200 entries; the receipt's own has 300"):
        upgrade(receipt, FolderSource(log_of(tmp_path / "log", 200)), KEYS)


def test_a_damaged_copy_gives_no_receipt(tmp_path: Path) -> None:
    """A flipped bit in a tile or in the later head is an error that names it, and nothing is made."""
    receipt = receipt_of(log_of(tmp_path / "log", 300), MINE, 0)
    log_of(tmp_path / "log", 600)
    flip(tmp_path / "log" / "tile/0/001", 40)
    with pytest.raises(TlogError):
        upgrade(receipt, FolderSource(tmp_path / "log"), KEYS)
    log_of(tmp_path / "log", 600)
    flip(tmp_path / "log" / "checkpoint", 30)
    with pytest.raises(TlogError):
        upgrade(receipt, FolderSource(tmp_path / "log"), KEYS)


def test_a_bad_receipt_is_not_made_better(tmp_path: Path) -> None:
    """What was altered before stays refused, whatever the log says now; a place that is not there is no verdict."""
    receipt = bytearray(receipt_of(log_of(tmp_path / "log", 300), MINE, 0))
    receipt[60] ^= 1
    with pytest.raises(TlogError):
        upgrade(bytes(receipt), FolderSource(tmp_path / "log"), KEYS)
    with pytest.raises(Unreachable):
        upgrade(receipt_of(tmp_path / "log", MINE, 0), source_of("http://127.0.0.1:9"), KEYS)


def test_the_later_head_brings_its_witnesses_along(tmp_path: Path) -> None:
    """Under a policy an old receipt without cosignatures is brought under a head that has them, and only under such a one."""
    policy = parse_policy(f"log {KEYS[0]}\nwitness w {WITNESS.verifier}\nquorum w\n".encode())
    receipt = receipt_of(log_of(tmp_path / "log", 300), MINE, 0)
    log_of(tmp_path / "log", 600)
    with pytest.raises(QuorumMissing):
        upgrade(receipt, FolderSource(tmp_path / "log"), KEYS, policy)
    path = tmp_path / "log" / "checkpoint"
    text, _ = take_apart(path.read_bytes())
    path.write_bytes(path.read_bytes() + sign_note(text, [WITNESS], timestamp=1_165_000_000)[len(text) + 1 :])
    made = upgraded(receipt, tmp_path / "log", policy)
    assert [one.witness.name for one in verify_receipt(made.receipt, KEYS, policy=policy).cosignatures] == ["w"]
    with pytest.raises(KeyMissing):
        upgrade(receipt, FolderSource(tmp_path / "log"), [KEYS[0], STRANGER.verifier], policy)
