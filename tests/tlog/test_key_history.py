"""Which keys sign at which size, and what a reader with old keys can prove of newer ones. No roll, no clock, no disk."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openroll import tlog
from openroll.tlog import Change, Entry, KeyHistory, Signer, Verifier, change_of, commit, follow, verify_under
from openroll.tlog.__main__ import main
from openroll.tlog.tree import leaf_hash, root_of

NAME = "log.example/one"


def signer(number: int, kind: str = "ed25519", name: str = NAME) -> Signer:
    """A key of its own for each number."""
    return Signer.from_seed(name, number.to_bytes(32), kind)


A, B, C, D = (signer(n) for n in range(4))
P, Q = signer(8, "ml-dsa-44"), signer(9, "ml-dsa-44")


def public(*signers: Signer) -> tuple[Verifier, ...]:
    """Their public halves."""
    return tuple(one.verifier for one in signers)


class Made:
    """A log in memory that changes its keys as it is told."""

    def __init__(self) -> None:
        self.entries: list[bytes] = []
        self.handovers: list[bytes] = []

    def grow(self, count: int = 1) -> None:
        """Entries of no matter."""
        for _ in range(count):
            self.entries.append(Entry("thing/1", "2026-11-24", bytes([len(self.entries)]) * 32).encode())

    def change(self, signing: Sequence[Signer], kind: str = tlog.KEYS_CHANGED, **act: object) -> Change:
        """A change of keys, and its handover signed by `signing`."""
        body = json.dumps(act, sort_keys=True, separators=(",", ":"))
        entry = Entry(kind, "2026-11-24", commit(b"d", bytes(32), body.encode()), body)
        self.entries.append(entry.encode())
        self.handovers.append(self.receipt(len(self.entries) - 1, entry, body, signing))
        return change_of(len(self.entries) - 1, body)

    def checkpoint(self, signing: Sequence[Signer]) -> bytes:
        """The head as it stands, signed."""
        root = root_of([leaf_hash(entry) for entry in self.entries])
        return tlog.sign_checkpoint(tlog.Checkpoint(NAME, len(self.entries), root), signing)

    def receipt(self, index: int, entry: Entry, body: str, signing: Sequence[Signer]) -> bytes:
        """The receipt of an entry under the head as it stands."""
        hashes = [leaf_hash(one) for one in self.entries]
        tiles = {(level, i): data for level, i, _, data in tlog.grow(0, lambda *_: b"", hashes).tiles}
        path = tlog.inclusion_proof(lambda level, i, width: tiles[level, i][: 32 * width], len(hashes), index)
        return tlog.format_receipt(entry, b"d", bytes(32), body.encode(), index, path, self.checkpoint(signing))


def named(*signers: Signer) -> list[str]:
    """Keys as an act names them."""
    return [one.verifier_key for one in signers]


def rotated() -> Made:
    """A to B with an overlap, then B alone, then B to C at once: at positions 3, 6 and 9."""
    log = Made()
    log.grow(3)
    log.change([A], keys=named(B, A), leaving=named(A))
    log.grow(2)
    log.change([B, A], keys=named(B))
    log.grow(2)
    log.change([B], keys=named(C))
    log.grow()
    return log


def test_a_size_says_which_keys_sign_it() -> None:
    """The checkpoint that ends in a change is the old keys'; every larger one the new keys'; an overlap has both."""
    a, b, c = public(A, B, C)
    key_history = KeyHistory((a,), [Change(3, (b, a), (a,)), Change(6, (b,)), Change(9, (c,))])
    assert [key_history.at(size) for size in (0, 4, 5, 7, 8, 10, 11)] == [(a,), (a,), (b, a), (b, a), (b,), (b,), (c,)]
    assert [key_history.epoch(size).staying for size in (4, 5, 8)] == [(a,), (b,), (b,)]
    assert key_history.ever() == {str(a), str(b), str(c)}


@given(st.lists(st.integers(0, 60), unique=True, max_size=6).map(sorted), st.integers(0, 80))
def test_the_border_lies_just_behind_the_entry_for_any_positions(positions: list[int], size: int) -> None:
    """For every list of changes, as many have taken effect at a size as lie two entries or more before its end."""
    keys = public(*(signer(n) for n in range(20, 20 + len(positions) + 1)))
    key_history = KeyHistory(keys[:1], [Change(at, (keys[n + 1],)) for n, at in enumerate(positions)])
    assert key_history.at(size) == (keys[sum(at + 2 <= size for at in positions)],)


def test_a_reader_with_the_first_key_proves_every_later_one_offline() -> None:
    """Handovers lead from the key held to today's; from a later key the earlier ones are passed over; receipts of every
    time verify with the first key and the history."""
    log = rotated()
    assert follow(log.handovers, public(A)).terms[-1].keys == public(C)
    assert follow(log.handovers, public(B)).terms[-1].keys == public(C)
    assert follow(log.handovers, public(C)).changes == ()
    assert follow([], public(A)).at(99) == public(A)
    body = "{}"
    entry = Entry("thing/1", "2026-11-24", commit(b"d", bytes(32), body.encode()))
    log.entries.append(entry.encode())
    assert verify_under(log.receipt(11, entry, body, [C]), follow(log.handovers, public(A))).index == 11
    with pytest.raises(tlog.OtherLog):
        verify_under(log.receipt(11, entry, body, [B]), follow(log.handovers, public(A)))


def test_a_checkpoint_by_a_key_of_another_time_is_refused_however_good_its_signature() -> None:
    """An old key cannot sign a new size, nor a new key an old one, nor half of an overlap either."""
    log = rotated()
    key_history = follow(log.handovers, public(A))
    assert key_history.open(log.checkpoint([C])).size == 11
    assert key_history.open(log.checkpoint([A, B, C])).size == 11  # others' signatures do no harm
    for wrong in ([A], [B], [A, B]):
        with pytest.raises(tlog.TlogError):
            key_history.open(log.checkpoint(wrong))
    early = Made()
    early.grow(3)
    assert key_history.open(early.checkpoint([A])).size == 3
    with pytest.raises(tlog.OtherLog):
        key_history.open(early.checkpoint([C]))
    early = Made()
    early.grow(5)
    with pytest.raises(tlog.KeyMissing, match="has not signed"):
        key_history.open(early.checkpoint([B]))


@pytest.mark.parametrize(
    "what", ["dropped", "reordered", "forged", "flipped", "cut", "not last", "other kind", "other log"]
)
def test_a_broken_chain_of_handovers_proves_nothing(what: str) -> None:
    """A handover left out, moved, signed by somebody else, altered, or not of a change at a checkpoint's end is refused."""
    log = rotated()
    chain = list(log.handovers)
    thief = Made()
    thief.grow(3)
    if what == "dropped":
        chain.pop(1)
    if what == "reordered":
        chain[1], chain[2] = chain[2], chain[1]
    if what == "forged":
        thief.change([D], keys=named(D))
        chain[1] = thief.handovers[0]
    if what == "flipped":
        chain[0] = chain[0].replace(b"index 3", b"index 2")
    if what == "cut":
        chain[0] = chain[0][:-200]
    if what == "not last":
        thief.change([A], keys=named(D))
        act = thief.entries[3]
        thief.grow()
        entry = Entry.parse(act)
        chain = [thief.receipt(3, entry, entry.act or "", [A])]
    if what == "other kind":
        thief.change([A], kind="roll.opened/1", keys=named(D))
        chain = thief.handovers
    held = public(signer(0, name="log.example/two")) if what == "other log" else public(A)
    with pytest.raises(tlog.TlogError):
        follow(chain, held)


def test_a_stolen_key_says_farewell_and_vouches_for_nobody() -> None:
    """Readers with the stolen key alone are told so and not led on; one who also holds a good key is; its word of the
    doubted sizes is worth nothing, that of earlier ones still is."""
    log = Made()
    log.grow(3)
    log.change([A, P], tlog.KEYS_REVOKED, revoked=named(A), keys=named(P, B), unbelieved_from=3, lost=False)
    with pytest.raises(tlog.KeyRevoked, match="from size 3 on"):
        follow(log.handovers, public(A))
    led = follow(log.handovers, public(A, P))
    assert led.at(5) == public(P, B)
    assert led.unbelieved(2) == ()
    assert led.unbelieved(4) == public(A)
    alone = KeyHistory(public(A), [Change(3, public(B), revoked=public(A), unbelieved_from=3)])
    receipt = log.receipt(3, Entry.parse(log.entries[3]), Entry.parse(log.entries[3]).act or "", [A])
    with pytest.raises(tlog.KeyRevoked, match="ask for it anew"):
        verify_under(receipt, alone)


def test_a_lost_key_cannot_sign_and_the_one_beside_it_vouches() -> None:
    """The other key signs the farewell with the new one; who holds only the lost key is told to get the new one elsewhere."""
    log = Made()
    log.grow(3)
    change = log.change([P, B], tlog.KEYS_REVOKED, revoked=named(A), keys=named(P, B), unbelieved_from=4, lost=True)
    key_history = KeyHistory(public(A, P), [change])
    assert set(key_history.at(4)) == set(public(P, B))
    assert follow(log.handovers, public(A, P)).at(5) == public(P, B)
    assert follow(log.handovers, public(P)).at(5) == public(P, B)
    with pytest.raises(tlog.KeyRevoked, match="another way"):
        follow(log.handovers, public(A))


@pytest.mark.parametrize(
    "act",
    [
        "",
        "[]",
        "{",
        "null",
        '{"keys":1}',
        '{"keys":["x"]}',
        '{"keys":[],"lost":1}',
        '{"keys":[],"unbelieved_from":-1}',
        "[" * 9000,
    ],
)
def test_an_act_that_names_no_keys_as_it_should_is_malformed(act: str) -> None:
    """Whatever stands in the place of the act is one kind of error."""
    with pytest.raises(tlog.Malformed):
        change_of(1, act)


def test_the_command_proves_newer_keys_and_old_holders_verify_with_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`keys HISTORY --key OLD` prints today's key; `verify --history` takes a new receipt with an old key; a bad file is said."""
    log = rotated()
    history, key, receipt = tmp_path / "history", tmp_path / "old.pub", tmp_path / "r.tlog-proof"
    history.write_text(
        json.dumps({"handovers": [{"receipt": one.decode()} for one in log.handovers]}), encoding="utf-8"
    )
    key.write_text(A.verifier_key + "\n", encoding="ascii")
    assert main(["keys", str(history), "--key", str(key)]) == 0
    assert capsys.readouterr().out.split() == [C.verifier_key]
    act = Entry.parse(log.entries[9])
    receipt.write_bytes(log.receipt(9, act, act.act or "", [C]))
    assert main(["verify", str(receipt), "--key", str(key)]) == 1
    assert main(["verify", str(receipt), "--key", str(key), "--history", str(history)]) == 0
    assert "GOOD" in capsys.readouterr().out
    for bad in ("{}", "nothing", json.dumps({"handovers": [{"receipt": 1}]}), json.dumps({"handovers": ["x"]})):
        history.write_text(bad, encoding="utf-8")
        assert main(["keys", str(history), "--key", str(key)]) == 1
        assert capsys.readouterr().err.startswith("NOT GOOD (malformed)")
    assert main(["keys", str(tmp_path / "none"), "--key", str(key)]) == 2
