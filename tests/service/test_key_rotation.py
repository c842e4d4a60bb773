"""Changing the log's keys: with an overlap, at once, in an emergency, and killed at every step."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from openroll import tlog
from openroll.register.decision import Accepted, Refused
from openroll.register.organisation.commands import AdmitOperator
from openroll.service.governance.open_roll import admit_operator, find_roll
from openroll.service.keys import KeyNotHeld, keep_log_key
from openroll.service.log.fsck import fsck
from openroll.service.log.handovers import history
from openroll.service.log.key_rotation import Acting, Turn, finish, revoke, rotate
from openroll.service.log.ratchet import Forked
from openroll.service.log.receipts import published, receipt
from openroll.service.log.sequencer import Sequencer
from openroll.service.roll import Roll
from openroll.tlog import Checkpoint, Signer, Verifier, follow, verify_under
from openroll.tlog.note import ED25519, SUBTREE
from tests.program import Program
from tests.service.test_governance import refused
from tests.service.test_kill_table import SEQUENCE_STEPS

ROTATION_STEPS = [
    "1 decide: before",
    "2 key: before",
    "2 key: after",
    "3 act: in the transaction",
    "3 act: after",
]
_names = iter(f"other-{n}" for n in range(1_000))


def again(roll: Roll) -> Roll:
    """The same roll as another process finds it."""
    return find_roll(roll.database, roll.home, clock=roll.clock, random_bytes=roll.random_bytes)


def sequenced(roll: Roll, more: int = 1) -> bytes:
    """The published checkpoint after `more` further official acts."""
    for _ in range(more):
        admit = AdmitOperator(operator=next(_names), title={"zh": "某网", "en": "Other"}, kind="access-operator")
        assert isinstance(admit_operator(roll, admit), Accepted)
    Sequencer(roll).run_until_empty()
    return (roll.public / "checkpoint").read_bytes()


def turned(outcome: Turn | Refused) -> Turn:
    """A change of keys that was not refused."""
    assert isinstance(outcome, Turn), outcome
    return outcome


def handovers(roll: Roll) -> list[bytes]:
    """What readers are given to follow the keys."""
    return [one.receipt.encode() for one in history(roll).handovers]


def first_receipt(roll: Roll) -> bytes:
    """The receipt of the roll's opening under the newest checkpoint."""
    proof = receipt(roll, 0, 1)
    assert isinstance(proof, bytes)
    return proof


def signs(note: bytes, *keys: Verifier) -> bool:
    """Whether these keys, all of them, signed a checkpoint."""
    try:
        return bool(tlog.open_checkpoint(note, keys))
    except tlog.TlogError:
        return False


def test_keys_change_with_an_overlap_and_every_receipt_stays_good(roll: Roll) -> None:
    """Old keys alone up to the act, both through the overlap, new keys alone behind it; receipts of all three times verify
    with the keys of their time, and with the old keys and the history."""
    old = roll.keys.verifiers
    sequenced(roll)
    before = first_receipt(roll)
    new = turned(rotate(roll, "yearly")).made
    assert [key.algorithm for key in new] == [ED25519, SUBTREE]
    handed = sequenced(roll, 0)
    assert signs(handed, *old)
    assert not signs(handed, new[0])
    assert roll.keys.verifiers == old
    both = sequenced(roll)
    assert signs(both, *old, *new)
    assert roll.keys.verifiers == new
    during = first_receipt(roll)
    turned(finish(roll, "readers have had their time"))
    assert signs(sequenced(roll, 0), *old, *new)
    assert signs(sequenced(roll), *new)
    assert not signs((roll.public / "checkpoint").read_bytes(), old[0])
    after = first_receipt(roll)
    for proof, keys in ((before, old), (during, old), (during, new), (after, new)):
        assert tlog.verify_receipt(proof, keys).index == 0
    for proof, keys in ((before, new), (after, old)):
        with pytest.raises(tlog.OtherLog):
            tlog.verify_receipt(proof, keys)
    led = follow(handovers(roll), old)
    assert led.terms[-1].keys == new
    assert all(verify_under(proof, led).index == 0 for proof in (before, during, after))
    assert fsck(roll).fault is None
    assert again(roll).keys.verifiers == new


def test_the_history_outlives_the_public_files(roll: Roll) -> None:
    """Written anew, as after a restore, these have the tiles of the newest head alone: the handovers are proved from them."""
    old = roll.keys.verifiers
    turned(rotate(roll, "yearly"))
    sequenced(roll, 3)
    before = handovers(roll)
    shutil.rmtree(roll.public)
    Sequencer(roll).run_until_empty()
    assert handovers(roll) == before
    assert set(roll.keys.verifiers) <= set(follow(handovers(roll), old).terms[-1].keys)
    assert fsck(roll).fault is None


def test_the_history_says_who_signed_what_the_newest_first(roll: Roll) -> None:
    """Sizes without gap or overlap, newest first, today's keys on top; the act stands in it whole, with seat, day and reason."""
    old = roll.keys.verifiers
    size = tlog.open_checkpoint(sequenced(roll), old).size
    turn = turned(rotate(roll, "  yearly ", overlap=False))
    sequenced(roll)
    told = history(roll)
    assert told.now == tuple(map(str, turn.keys))
    assert [(epoch["from"], epoch["to"]) for epoch in told.terms] == [(size + 2, None), (0, size + 1)]
    (change,) = told.handovers
    assert (change.position, change.kind) == (size, "log.keys-changed/1")
    assert change.act["reason"] == "yearly"
    assert change.act["by"] == "registrar/0"
    assert change.act["on"] == "2006-12-20"
    assert change.act["before"] == list(map(str, old))


@pytest.mark.parametrize("size", ["the same", "larger"])
def test_a_checkpoint_by_an_old_key_is_refused_by_our_own_readers(size: str, roll: Roll) -> None:
    """What somebody signs with the old keys after the change is not opened, not gone on from, and named by fsck."""
    old = [Signer.parse(path.read_text().strip()) for path in sorted((roll.home / "keys").glob("log-*.key"))]
    sequenced(roll)
    turned(rotate(roll, "yearly", overlap=False))
    note = sequenced(roll)
    head = Checkpoint.parse(note.rpartition(b"\n\n")[0].decode() + "\n")
    forged = head if size == "the same" else head._replace(size=head.size + 5)
    (roll.public / "checkpoint").write_bytes(tlog.sign_checkpoint(forged, old))
    with pytest.raises(tlog.OtherLog):
        published(again(roll))
    fault = fsck(again(roll)).fault
    assert fault is not None
    assert fault.where == "checkpoint"
    with pytest.raises(Forked, match="not this roll's own"):
        Sequencer(again(roll)).run_until_empty()


def test_a_page_reads_a_checkpoint_under_keys_another_process_changed(roll: Roll) -> None:
    """A process that did not hear of the change asks the log before it turns a checkpoint away."""
    sequenced(roll)
    page = again(roll)
    turned(rotate(roll, "yearly", overlap=False))
    note = sequenced(roll)
    found = published(page)
    assert found is not None
    assert found[0] == note
    assert page.keys.verifiers == roll.keys.verifiers


def test_what_is_refused_changes_nothing(roll: Roll) -> None:
    """No reason, a second change before the first is published, a second overlap, nothing to finish, an unknown key, a size
    ahead: each is refused with its code, and no key file is made and no event written."""
    sequenced(roll)
    files = sorted(path.name for path in (roll.home / "keys").iterdir())
    assert refused(rotate(roll, " ")) == "reason-missing"
    assert refused(rotate(roll, "x" * 501)) == "reason-missing"
    assert refused(finish(roll, "early")) == "nothing-asked"
    assert refused(revoke(roll, ("00000000",), "why")) == "log-key-unknown"
    key = roll.keys.verifiers[0].key_id.hex()
    assert refused(revoke(roll, (key,), "stolen", unbelieved_from=roll.keys.size + 2)) == "size-ahead"
    assert refused(revoke(roll, (key,), "stolen", unbelieved_from=-1)) == "size-ahead"
    dry = turned(rotate(roll, "yearly", acting=Acting(dry_run=True)))
    assert len(dry.keys) == 4
    assert sorted(path.name for path in (roll.home / "keys").iterdir()) == files
    assert fsck(roll).size == roll.keys.size
    turned(rotate(roll, "yearly"))
    assert refused(rotate(roll, "once more")) == "key-change-under-way"
    sequenced(roll)
    assert refused(rotate(roll, "once more")) == "overlap-open"


def test_of_two_unused_keys_neither_is_taken_and_a_used_one_never_again(roll: Roll) -> None:
    """Which of two is meant is not guessed; one that signed before does not come back."""
    sequenced(roll)
    folder = roll.home / "keys"
    for seed in (b"1" * 32, b"2" * 32):
        keep_log_key(folder, Signer.from_seed(roll.origin, seed, "ed25519"))
    assert refused(rotate(roll, "yearly")) == "log-keys-unclear"
    next(path for path in folder.glob("log-ed25519-*.key")).unlink()
    turn = turned(rotate(roll, "yearly", kinds=[ED25519], overlap=False))
    assert turn.made == ()
    assert {key.algorithm for key in turn.keys} == {ED25519, SUBTREE}
    sequenced(roll)
    assert again(roll).keys.waiting(ED25519) == []


def test_without_a_key_that_must_sign_nothing_is_signed_and_it_goes_on_when_it_is_back(
    roll: Roll, tmp_path: Path
) -> None:
    """The old keys must sign their farewell: while one is away nothing is published, whatever comes in behind; then all is."""
    sequenced(roll)
    turned(rotate(roll, "yearly", overlap=False))
    before = (roll.public / "checkpoint").read_bytes()
    away = shutil.move(roll.home / "keys" / "log-ed25519.key", tmp_path / "away")
    for _ in range(2):
        with pytest.raises(KeyNotHeld, match="must sign"):
            sequenced(again(roll))
        assert (roll.public / "checkpoint").read_bytes() == before
    shutil.move(away, roll.home / "keys" / "log-ed25519.key")
    sequenced(again(roll))
    assert len(history(roll).handovers) == 1
    assert fsck(roll).fault is None
    for old in (roll.home / "keys").glob("log-*.key"):
        if Signer.parse(old.read_text().strip()).verifier not in roll.keys.verifiers:
            old.unlink()  # what docs/keys.md asks for: old private keys are destroyed
    sequenced(again(roll))


def test_a_stolen_key_is_revoked_from_a_size_on(roll: Roll) -> None:
    """It signs the entry that revokes it, and nothing after; who also holds the other key is led on, who does not is told."""
    sequenced(roll, 3)
    ed, ml = roll.keys.verifiers
    doubted = roll.keys.size
    proof = first_receipt(roll)
    turn = turned(revoke(roll, (ed.key_id.hex(),), "a stolen laptop", unbelieved_from=doubted))
    assert turn.keys == (ml, *turn.made)
    sequenced(roll)
    assert {key.algorithm for key in roll.keys.verifiers} == {ED25519, SUBTREE}
    assert follow(handovers(roll), (ed, ml)).terms[-1].keys == turn.keys
    with pytest.raises(tlog.KeyRevoked, match=f"from size {doubted} on"):
        follow(handovers(roll), (ed,))
    assert roll.keys.succession.unbelieved(doubted) == (ed,)
    assert roll.keys.succession.unbelieved(doubted - 1) == ()
    assert verify_under(proof, roll.keys.succession).index == 0  # the other key still vouches for it
    told = history(roll).terms[-1]
    assert told["unbelieved"] == {str(ed): doubted}
    assert fsck(roll).fault is None


def test_a_key_that_left_can_be_revoked_later(roll: Roll) -> None:
    """An old key that turns up in wrong hands is revoked without touching the keys of today."""
    old = roll.keys.verifiers
    sequenced(roll)
    turned(rotate(roll, "yearly", overlap=False))
    sequenced(roll)
    now = roll.keys.verifiers
    turn = turned(revoke(roll, (str(old[0]),), "found on an old disk", unbelieved_from=2))
    assert (turn.keys, turn.made) == (now, ())
    sequenced(roll)
    assert roll.keys.succession.unbelieved(3) == (old[0],)
    assert roll.keys.verifiers == now


def test_a_lost_key_is_replaced_and_the_log_goes_on(roll: Roll) -> None:
    """With the Ed25519 key gone nothing can be signed until it is revoked as lost; the other old key signs that with the new."""
    sequenced(roll)
    ed, ml = roll.keys.verifiers
    (roll.home / "keys" / "log-ed25519.key").unlink()
    lame = again(roll)
    with pytest.raises(KeyNotHeld, match="revoke-key --lost"):
        sequenced(lame)
    turn = turned(revoke(lame, (ed.key_id.hex(),), "the disk died", lost=True))
    farewell = sequenced(lame, 0)
    assert signs(farewell, ml, *turn.made)
    assert signs(sequenced(lame), *turn.keys)
    assert follow(handovers(lame), (ed, ml)).terms[-1].keys == turn.keys
    assert fsck(lame).fault is None


TABLE = [
    *((step, 1) for step in ROTATION_STEPS),
    *((step, 1) for step in SEQUENCE_STEPS if "cosign" not in step),
    *((step, 2) for step in ("7 place: after", "9 sign: after", "13 publish: before")),
]


@pytest.mark.parametrize(("step", "nth"), TABLE)
def test_killed(step: str, nth: int, roll: Roll, program: Callable[[str], Program]) -> None:
    """Killed at this step a change of keys did not begin, or is finished by the ordinary path; never something between."""
    Sequencer(roll).run_until_empty()
    old = roll.keys.verifiers
    victim = program("tests.service.rotation_victim")
    ended = victim.run([roll.database.url, str(roll.home), roll.name, step, str(nth)])
    assert ended.returncode == -9, (ended.returncode, ended.stdout, ended.stderr)
    seen = [bytes.fromhex(line) for line in ended.stdout.split()]
    after = again(roll)
    note = sequenced(after)
    begun = len(history(after).handovers) == 1
    assert begun == (step == "3 act: after" or step in SEQUENCE_STEPS)
    if not begun:
        assert signs(note, *old)
        waiting = after.keys.waiting(ED25519) + after.keys.waiting(SUBTREE)
        new = turned(rotate(after, "once more", overlap=False)).keys
        assert set(waiting) <= set(new)  # a key left by the one that broke off is taken up
        note = sequenced(after)
    succession = follow(handovers(after), old)
    assert [epoch.first for epoch in succession.terms] == [0, history(after).handovers[0].position + 2]
    assert succession.open(note) == tlog.open_checkpoint(note, succession.terms[-1].keys)
    for one in seen:
        succession.open(one)
    assert len(list((roll.home / "keys").glob("log-*.key"))) == 4
    assert fsck(after).fault is None


def test_a_roll_reads_as_before_where_no_key_was_ever_changed(roll: Roll) -> None:
    """The history of a log that kept its keys is one line, with nothing to prove."""
    assert history(roll).terms[0]["keys"] == list(roll.keys.verifier_keys)
    sequenced(roll)
    told = history(roll)
    assert (told.now, told.handovers, len(told.terms)) == (roll.keys.verifier_keys, (), 1)
    assert follow([], roll.keys.verifiers).open((roll.public / "checkpoint").read_bytes()).size == told.size
