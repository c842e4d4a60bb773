"""A mirror of a log that changes its keys: it follows what the keys before have signed, and its copy leads readers along."""

import json
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from openroll import tlog
from openroll.service.log.handovers import history
from openroll.service.log.key_rotation import finish, rotate
from openroll.service.roll import Roll
from openroll.tlog import (
    KEY_HISTORY,
    KEYS_CHANGED,
    KEYS_REVOKED,
    Entry,
    KeyRevoked,
    Malformed,
    OtherLog,
    Signer,
    Verifier,
    commit,
    follow,
    handovers_of,
)
from openroll.watch.audit.recheck import recheck
from openroll.watch.audit.trust import Trust
from openroll.watch.mirror.copying import LogRefused
from openroll.watch.receipt_upgrade import log_keys_of
from openroll.watch.source import FolderSource
from tests.service.test_key_rotation import sequenced, turned
from tests.watch.mirror.grown import NAME, flip
from tests.watch.mirror.test_copying import checked, run, told

A, B, C, THIEF = (Signer.from_seed(NAME, bytes([number]) * 32, "ed25519") for number in range(1, 5))


class Log:
    """A log in a folder that changes its keys as it is told, kept and shown as a roll shows its own."""

    def __init__(self, folder: Path, signing: Sequence[Signer] = (A,)) -> None:
        self.folder = folder
        self.signing = signing
        self.entries: list[bytes] = []
        self.told: list[dict[str, str]] = []

    def grow(self, count: int, word: str = "a") -> None:
        """So many entries of no matter, under a head of their own."""
        for number in range(count):
            self.entries.append(f"{word} {len(self.entries)} {number}".encode())
        self.show()

    def change(self, to: Sequence[Signer], kind: str = KEYS_CHANGED, **act: object) -> None:
        """Hand over to other keys: the head that ends in it is the old ones', the next is the new ones'."""
        body = json.dumps({"keys": [one.verifier_key for one in to], **act}, sort_keys=True, separators=(",", ":"))
        entry = Entry(kind, "2026-11-24", commit(b"d", bytes(32), body.encode()), body)
        self.entries.append(entry.encode())
        self.show()
        hashes = tlog.leaf_hashes_of(self.entries)
        tiles = {(level, index): data for level, index, _, data in tlog.grow(0, lambda *_: b"", hashes).tiles}
        path = tlog.inclusion_proof(lambda level, index, _: tiles[level, index], len(hashes), len(hashes) - 1)
        note = (self.folder / "checkpoint").read_bytes()
        receipt = tlog.format_receipt(entry, b"d", bytes(32), body.encode(), len(hashes) - 1, path, note)
        self.told.append({"receipt": receipt.decode()})
        self.history(json.dumps({"handovers": self.told}).encode())
        self.signing = to

    def history(self, data: bytes) -> None:
        """What it serves as the history of its keys."""
        (self.folder / KEY_HISTORY).write_bytes(data)

    def show(self) -> None:
        """Write everything anew, and the head."""
        growth = tlog.grow(0, lambda *_: b"", tlog.leaf_hashes_of(self.entries))
        tiles = {tlog.tile_path(level, index, width): data for level, index, width, data in growth.tiles}
        bundles = {
            tlog.bundle_path(index, width): data for index, width, data in tlog.grow_bundles(0, b"", self.entries)
        }
        head = tlog.sign_checkpoint(tlog.Checkpoint(NAME, growth.size, growth.root), self.signing)
        for path, data in {**tiles, **bundles, "checkpoint": head}.items():
            place = self.folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)


@pytest.fixture
def log(tmp_path: Path) -> Log:
    """A log of 300 entries under its first key."""
    made = Log(tmp_path / "log")
    made.grow(300)
    return made


def verifiers(*signers: Signer) -> tuple[Verifier, ...]:
    """Their public halves."""
    return tuple(one.verifier for one in signers)


def test_a_mirror_follows_what_the_keys_before_have_signed(log: Log, tmp_path: Path) -> None:
    """Through an overlap and two changes with the first key alone; the head before stays bound, and a check agrees."""
    copy = tmp_path / "copy"
    run(copy, log.folder, verifiers(A))
    log.change([B, A], leaving=[A.verifier_key])
    log.grow(5)
    overlap = run(copy, log.folder)
    assert (overlap.keys, overlap.followed) == ((B.verifier_key,), (300,))
    log.change([B])
    log.change([C])
    log.grow(300)
    done = run(copy, log.folder)
    assert (done.keys, done.followed) == ((C.verifier_key,), (306, 307))
    assert done.head.checkpoint.size == 608
    again = run(copy, log.folder)
    assert (again.followed, again.mended, again.files) == ((), (), 0)
    assert checked(copy) == []


def test_the_copy_alone_leads_a_reader_to_the_new_keys(log: Log, tmp_path: Path) -> None:
    """Who holds the first key and has nothing but the copy opens its head; a mirror of the mirror does, too."""
    log.change([B])
    log.grow(5)
    run(tmp_path / "copy", log.folder, verifiers(A))
    source = FolderSource(tmp_path / "copy")
    keys = log_keys_of(source, verifiers(A))
    assert keys.terms[-1].keys == verifiers(B)
    assert keys.open(source.get("checkpoint") or b"").size == 306
    told_of = json.loads((tmp_path / "copy" / KEY_HISTORY).read_bytes())["handovers"]
    assert [(one["position"], one["kind"], one["act"]) for one in told_of] == [
        (300, KEYS_CHANGED, {"keys": [B.verifier_key]})
    ]
    assert run(tmp_path / "second", tmp_path / "copy", verifiers(A)).head.checkpoint.size == 306


def test_a_mirror_begun_with_later_keys_leads_along_who_holds_earlier_ones(log: Log, tmp_path: Path) -> None:
    """Handovers from before its keys prove nothing to it; it keeps those that stand in the log, and no other."""
    log.change([B])
    log.grow(5)
    false = Log(tmp_path / "false", [THIEF])
    false.grow(100)
    false.change([A])
    log.history(json.dumps({"handovers": [*false.told, *log.told]}).encode())
    run(tmp_path / "copy", log.folder, verifiers(B))
    kept = handovers_of((tmp_path / "copy" / KEY_HISTORY).read_bytes())
    assert kept == [one["receipt"].encode() for one in log.told]
    assert follow(kept, verifiers(A)).terms[-1].keys == verifiers(B)


@pytest.mark.parametrize("served", [b"<html>no such page</html>", b'{"handovers": [{"receipt": "\\ud800"}]}', None])
def test_a_change_that_nothing_proves_is_not_followed(log: Log, tmp_path: Path, served: bytes | None) -> None:
    """Without its history, or with a page in its place, a head by other keys is refused as ever; one by known keys is not."""
    run(tmp_path / "copy", log.folder, verifiers(A))
    before = (tmp_path / "copy/checkpoint").read_bytes()
    log.change([B])
    (log.folder / KEY_HISTORY).unlink()
    if served is not None:
        log.history(served)
    assert run(tmp_path / "copy", log.folder).head.checkpoint.size == 301
    log.grow(5)
    with pytest.raises(OtherLog if served is None else Malformed):
        run(tmp_path / "copy", log.folder)
    assert (tmp_path / "copy/checkpoint").read_bytes() != before
    assert checked(tmp_path / "copy") == []


def test_a_thief_of_the_old_key_convicts_the_key(log: Log, tmp_path: Path) -> None:
    """His history follows from the old key; its heads do not lie in the log that was copied, and are the evidence."""
    copy = tmp_path / "copy"
    run(copy, log.folder, verifiers(A))
    false = Log(tmp_path / "false")
    false.grow(250, "b")
    false.change([THIEF])
    false.grow(100)
    before = (copy / "checkpoint").read_bytes()
    with pytest.raises(LogRefused) as refused:
        run(copy, false.folder)
    assert refused.value.kind == "forked"
    assert (copy / "checkpoint").read_bytes() == before
    assert not (copy / KEY_HISTORY).exists()
    verdict = recheck(refused.value.evidence, Trust(verifiers(A)))
    assert verdict.answer == "holds", verdict.why


def test_a_change_that_is_not_in_the_log_is_no_change(log: Log, tmp_path: Path) -> None:
    """A log that grew honestly, under keys whose handover lies in another tree, is refused with both heads."""
    copy = tmp_path / "copy"
    run(copy, log.folder, verifiers(A))
    false = Log(tmp_path / "false")
    false.grow(250, "b")
    false.change([B])
    log.signing = [B]
    log.grow(50)
    log.history((false.folder / KEY_HISTORY).read_bytes())
    with pytest.raises(LogRefused):
        run(copy, log.folder)


def test_a_revoked_key_is_not_led_on_by_its_own_word(log: Log, tmp_path: Path) -> None:
    """Who holds only the stolen key is told so in words, and keeps the head it has."""
    run(tmp_path / "copy", log.folder, verifiers(A))
    log.change([B], KEYS_REVOKED, revoked=[A.verifier_key], unbelieved_from=200)
    log.grow(1)
    with pytest.raises(KeyRevoked, match="from size 200 on"):
        run(tmp_path / "copy", log.folder)


def test_a_damaged_history_is_named_and_mended(log: Log, tmp_path: Path) -> None:
    """A bit that flips in the copy's history is found by a check, and the next run brings it anew."""
    copy = tmp_path / "copy"
    log.change([B])
    log.grow(1)
    run(copy, log.folder, verifiers(A))
    whole = (copy / KEY_HISTORY).read_bytes()
    flip(copy / KEY_HISTORY, whole.index(b"c2sp.org"))
    assert any(KEY_HISTORY in fault for fault in checked(copy))
    assert KEY_HISTORY in run(copy, log.folder).mended
    assert (copy / KEY_HISTORY).read_bytes() == whole
    assert checked(copy) == []


def test_who_serves_a_shorter_history_today_takes_nothing_away(log: Log, tmp_path: Path) -> None:
    """What was proved once stays in the copy and is gone on from."""
    log.change([B])
    log.grow(1)
    run(tmp_path / "copy", log.folder, verifiers(A))
    whole = (tmp_path / "copy" / KEY_HISTORY).read_bytes()
    for served in (b'{"handovers": []}', b"{}", None):
        (log.folder / KEY_HISTORY).unlink()
        if served is not None:
            log.history(served)
        else:
            log.history(b"")
        log.grow(1)
        run(tmp_path / "copy", log.folder)
        assert (tmp_path / "copy" / KEY_HISTORY).read_bytes() == whole


def test_a_copy_of_a_roll_is_followed_through_its_keys(roll: Roll, tmp_path: Path) -> None:
    """A roll's own log and history, changed with an overlap and finished: the copy alone leads from first keys to last."""
    first = roll.keys.verifiers

    def shown() -> Path:
        sequenced(roll)
        (roll.public / KEY_HISTORY).write_bytes(msgspec.json.encode(history(roll)))
        return roll.public

    for change, why in ((rotate, "yearly"), (finish, "time is up"), (None, "")):
        assert run(tmp_path / "copy", shown(), first).keys == roll.keys.verifier_keys
        if change is not None:
            turned(change(roll, why))
    source = FolderSource(tmp_path / "copy")
    keys = log_keys_of(source, first)
    assert keys.open(source.get("checkpoint") or b"") == keys.open((roll.public / "checkpoint").read_bytes())
    assert keys.terms[-1].keys == roll.keys.verifiers
    assert set(map(str, first)).isdisjoint(roll.keys.verifier_keys)


def test_the_command_says_that_it_followed(log: Log, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It names the entry; keys the history leads to may be given from then on, and others only with --new-keys."""
    copy = str(tmp_path / "copy")
    assert told(capsys, "mirror", str(log.folder), copy, "--key", A.verifier_key)[0] == 0
    log.change([B])
    log.grow(1)
    assert "Good head" in told(capsys, "mirror", str(log.folder), copy, "--dry-run")[1]
    status, out, _ = told(capsys, "mirror", str(log.folder), copy, "--key", A.verifier_key)
    assert (status, "changed its keys in its entry 300" in out) == (0, True)
    assert told(capsys, "mirror", str(log.folder), copy, "--key", B.verifier_key)[0] == 0
    status, _, err = told(capsys, "mirror", str(log.folder), copy, "--key", C.verifier_key)
    assert (status, "--new-keys" in err) == (2, True)
