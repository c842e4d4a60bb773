"""A receipt outlives its head: brought under later ones from any copy of the log, and from none that contradicts it."""

import json
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openroll.tlog import (
    KEY_HISTORY,
    KEYS_CHANGED,
    KEYS_REVOKED,
    Change,
    Entry,
    KeyHistory,
    KeyMissing,
    KeyRevoked,
    NotLater,
    OtherLog,
    Policy,
    QuorumMissing,
    Signer,
    TlogError,
    commit,
    open_checkpoint,
    parse_policy,
    sign_note,
    split_note,
    verify_receipt,
    verify_under,
)
from openroll.watch.audit.finding import Finding, hashes, write_evidence
from openroll.watch.audit.heads import Head, prefix_of
from openroll.watch.audit.recheck import recheck
from openroll.watch.audit.trust import Trust
from openroll.watch.receipt_upgrade import Upgraded, log_keys_of, upgrade
from openroll.watch.source import FolderSource, Unreachable, source_of
from tests.watch.cheats.forge import Made, flip, person_act, receipt_of, show
from tests.watch.independent import convicts

ORIGIN = "roll.example/upgrading"
SIGNERS = [Signer.from_seed(ORIGIN, b"\x01" * 32, "ed25519"), Signer.from_seed(ORIGIN, b"\x02" * 32, "ml-dsa-44")]
KEYS = [signer.verifier for signer in SIGNERS]
HELD = KeyHistory(KEYS)
NEW = Signer.from_seed(ORIGIN, b"\x05" * 32, "ed25519")
STRANGER = Signer.from_seed(ORIGIN, b"\x09" * 32, "ed25519")
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
    made = upgrade(receipt, FolderSource(folder), HELD, policy)
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


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.integers(1, 300), more=st.integers(0, 300), at=st.integers(0, 299))
def test_a_later_head_that_contradicts_it_convicts_the_log(first: int, more: int, at: int, tmp_path: Path) -> None:
    """Where the later tree does not begin with the receipt's, there is no receipt but evidence that convinces a stranger.

    One entry of the old tree changed is enough; two heads of one size need no proof at all. The receipt itself, with what was
    filed, is not in the evidence.
    """
    at %= first
    receipt = receipt_of(log_of(tmp_path / "log", first), MINE, 0)
    entries = [MINE.entry.encode(), *OTHERS[1 : first + more]]
    entries[at] = person_act("2006-11-28")
    show(tmp_path / "log", entries, SIGNERS)
    finding = upgrade(receipt, FolderSource(tmp_path / "log"), HELD)
    assert isinstance(finding, Finding)
    shutil.rmtree(tmp_path / "evidence", ignore_errors=True)
    seen = datetime(2006, 12, 1, tzinfo=UTC)
    folder = write_evidence(tmp_path / "evidence", finding, log=ORIGIN, seen=seen, keys=map(str, KEYS))
    proof = {"proof", "prefix-root"} if more else set()
    assert {one.name for one in folder.iterdir()} == {
        "explanation.txt",
        "evidence.json",
        "head-1",
        "head-2",
        "keys",
        *proof,
    }
    assert convicts(folder, str(KEYS[0]))
    assert recheck(folder, Trust(tuple(KEYS))).answer == "holds"
    assert BODY not in b"".join(one.read_bytes() for one in folder.iterdir())
    if proof:
        (folder / "prefix-root").write_text(bytes(32).hex(), "ascii")
        assert not convicts(folder, str(KEYS[0]))
        assert recheck(folder, Trust(tuple(KEYS))).answer == "fails"


def test_an_honest_log_is_not_convicted(tmp_path: Path) -> None:
    """The stranger's check can say no: two heads of one growing log, with the true proof between them."""
    note = (log_of(tmp_path / "log", 300) / "checkpoint").read_bytes()
    newer = (log_of(tmp_path / "log", 600) / "checkpoint").read_bytes()
    had = prefix_of(Head("", newer, open_checkpoint(newer, KEYS), FolderSource(tmp_path / "log")), 300)
    (tmp_path / "head-1").write_bytes(note)
    (tmp_path / "head-2").write_bytes(newer)
    (tmp_path / "proof").write_bytes(hashes(had.proof))
    (tmp_path / "prefix-root").write_text(had.root.hex(), "ascii")
    assert not convicts(tmp_path, str(KEYS[0]))


def test_an_older_copy_proves_nothing_against_anybody(tmp_path: Path) -> None:
    """A mirror that is behind says so; it is no contradiction."""
    receipt = receipt_of(log_of(tmp_path / "log", 300), MINE, 0)
    with pytest.raises(NotLater, match=r"200 entries; the receipt's own has 300"):
        upgrade(receipt, FolderSource(log_of(tmp_path / "log", 200)), HELD)


def test_a_damaged_copy_gives_no_receipt(tmp_path: Path) -> None:
    """A flipped bit in a tile or in the later head is an error that names it, and nothing is made."""
    receipt = receipt_of(log_of(tmp_path / "log", 300), MINE, 0)
    log_of(tmp_path / "log", 600)
    flip(tmp_path / "log" / "tile/0/001", 40)
    with pytest.raises(TlogError):
        upgrade(receipt, FolderSource(tmp_path / "log"), HELD)
    log_of(tmp_path / "log", 600)
    flip(tmp_path / "log" / "checkpoint", 30)
    with pytest.raises(TlogError):
        upgrade(receipt, FolderSource(tmp_path / "log"), HELD)


def test_a_bad_receipt_is_not_made_better(tmp_path: Path) -> None:
    """What was altered before stays refused, whatever the log says now; a place that is not there is no verdict."""
    receipt = bytearray(receipt_of(log_of(tmp_path / "log", 300), MINE, 0))
    receipt[60] ^= 1
    with pytest.raises(TlogError):
        upgrade(bytes(receipt), FolderSource(tmp_path / "log"), HELD)
    with pytest.raises(Unreachable):
        upgrade(receipt_of(tmp_path / "log", MINE, 0), source_of("http://127.0.0.1:9"), HELD)


def test_the_later_head_brings_its_witnesses_along(tmp_path: Path) -> None:
    """Under a policy an old receipt without cosignatures is brought under a head that has them, and only under such a one."""
    policy = parse_policy(f"log {KEYS[0]}\nwitness w {WITNESS.verifier}\nquorum w\n".encode())
    receipt = receipt_of(log_of(tmp_path / "log", 300), MINE, 0)
    log_of(tmp_path / "log", 600)
    with pytest.raises(QuorumMissing):
        upgrade(receipt, FolderSource(tmp_path / "log"), HELD, policy)
    path = tmp_path / "log" / "checkpoint"
    text, _ = split_note(path.read_bytes())
    path.write_bytes(path.read_bytes() + sign_note(text, [WITNESS], timestamp=1_165_000_000)[len(text) + 1 :])
    made = upgraded(receipt, tmp_path / "log", policy)
    assert [one.witness.name for one in verify_receipt(made.receipt, KEYS, policy=policy).cosignatures] == ["w"]
    with pytest.raises(KeyMissing):
        upgrade(receipt, FolderSource(tmp_path / "log"), KeyHistory([*KEYS, STRANGER.verifier]), policy)


def changed(folder: Path, signing: Sequence[Signer], **act: object) -> tuple[bytes, bytes]:
    """A log of 300 entries, mine first, then a change of keys signed by `signing`: my receipt from before it, and the history."""
    receipt = receipt_of(log_of(folder, 300), MINE, 0)
    body = json.dumps(act, sort_keys=True, separators=(",", ":"))
    kind = KEYS_REVOKED if "revoked" in act else KEYS_CHANGED
    handover = Made(
        Entry(kind, "2006-12-01", commit(b"openroll/event/1", SALT, body.encode()), body), SALT, body.encode()
    )
    entries = [MINE.entry.encode(), *OTHERS[1:300], handover.entry.encode()]
    show(folder, entries, signing)
    history = {"handovers": [{"receipt": receipt_of(folder, handover, 300).decode()}]}
    show(folder, [*entries, *OTHERS[301:400]], [NEW])
    return receipt, json.dumps(history).encode()


def test_a_log_that_has_changed_its_keys_is_followed(tmp_path: Path) -> None:
    """The history beside the log, or in hand, proves the new keys under those of the receipt; without it there is no upgrade."""
    receipt, history = changed(tmp_path / "log", SIGNERS, keys=[NEW.verifier_key])
    source = FolderSource(tmp_path / "log")
    assert log_keys_of(source, KEYS).changes == ()
    with pytest.raises(OtherLog):
        upgrade(receipt, source, log_keys_of(source, KEYS))
    made = upgrade(receipt, source, log_keys_of(source, KEYS, history))
    assert isinstance(made, Upgraded)
    assert verify_receipt(made.receipt, [NEW.verifier]).checkpoint.size == 400
    (tmp_path / "log" / KEY_HISTORY).write_bytes(history)
    assert upgrade(receipt, source, log_keys_of(source, KEYS)) == made
    assert log_keys_of(source, [STRANGER.verifier], history).changes == ()  # nothing is proved to who holds other keys


def test_a_receipt_of_a_revoked_key_is_saved_by_the_log_it_stands_in(tmp_path: Path) -> None:
    """Its own head proves nothing any more; the entry is in the log all the same, and a believed head says so."""
    revoked = [str(key) for key in KEYS]
    receipt, history = changed(tmp_path / "log", SIGNERS, keys=[NEW.verifier_key], revoked=revoked, unbelieved_from=250)
    # Told by the revoked keys themselves, which is not enough for a reader who holds nothing else; this one was told otherwise.
    keys = KeyHistory(KEYS, [Change(300, (NEW.verifier,), (), tuple(KEYS), 250)])
    with pytest.raises(KeyRevoked):
        verify_under(receipt, keys)
    made = upgrade(receipt, FolderSource(tmp_path / "log"), keys)
    assert isinstance(made, Upgraded)
    assert verify_under(made.receipt, keys).index == 0
    with pytest.raises(KeyRevoked):
        log_keys_of(FolderSource(tmp_path / "log"), KEYS, history)


def test_a_thiefs_receipt_accuses_nobody(tmp_path: Path) -> None:
    """Under keys revoked for its size a receipt that contradicts the log is the thief's, and no finding against the log."""
    thiefs = receipt_of(log_of(tmp_path / "thief", 350, 9), MINE, 9)
    changed(tmp_path / "log", SIGNERS, keys=[NEW.verifier_key])
    keys = KeyHistory(
        KEYS,
        [
            Change(300, (NEW.verifier,), (), tuple(KEYS), 250),
        ],
    )
    assert keys.at(350) == (NEW.verifier,)
    with pytest.raises(TlogError):
        upgrade(thiefs, FolderSource(tmp_path / "log"), keys)
    small = receipt_of(log_of(tmp_path / "thief", 260, 9), MINE, 9)
    with pytest.raises(KeyRevoked, match="not of the log"):
        upgrade(small, FolderSource(tmp_path / "log"), keys)
