"""A proof is brought under a later head of its log, whoever hands over the head and the proofs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openroll.tlog import (
    Checkpoint,
    NotLater,
    Proof,
    ProofFailed,
    TlogError,
    bring_under,
    format_proof,
    leaf_hash,
    leaf_hashes_of,
    open_checkpoint,
    parse_proof,
    root_of,
    verify_inclusion,
)
from openroll.tlog.note import Verifier
from openroll.tlog.tree import prove_consistency, prove_inclusion
from tests.tlog import tessera

KEY = Verifier.parse(tessera.VERIFIER)
LEAVES = leaf_hashes_of([str(n).encode() for n in range(600)])


def head(leaves: list[bytes]) -> Checkpoint:
    """A head of these leaves."""
    return Checkpoint("example.com/log", len(leaves), root_of(leaves))


def ranges(leaves: list[bytes]):  # type: ignore[no-untyped-def] # a ReadRange over leaves in memory
    return lambda level, index: root_of(leaves[index << level : (index + 1) << level])


def proof_of(leaves: list[bytes], at: int) -> Proof:
    """A proof of one leaf, without anything beside it."""
    return Proof(None, at, tuple(prove_inclusion(ranges(leaves), len(leaves), at)), b"")


@pytest.mark.parametrize("new", range(1, 16))
def test_a_proof_from_tesseras_log_is_brought_under_each_later_head(new: int) -> None:
    """Entries, heads and signatures that Tessera made: each proof under each head leads to each later one, as a file too."""
    notes = {size: tessera.checkpoint(size) for size in range(1, 16)}
    heads = {size: open_checkpoint(note, [KEY]) for size, note in notes.items()}
    entries = tessera.ENTRIES
    leaves = leaf_hashes_of(entries)
    for old in range(1, new + 1):
        consistency = prove_consistency(ranges(leaves), old, new)
        for at in range(old):
            path = prove_inclusion(ranges(leaves), new, at)
            had = proof_of(leaves[:old], at)
            made = bring_under(had, leaves[at], heads[old], heads[new], consistency, path)
            kept = parse_proof(format_proof(Proof(None, made.index, made.path, notes[new])))
            again = open_checkpoint(kept.checkpoint, [KEY])
            verify_inclusion(leaf_hash(entries[at]), kept.index, again.size, kept.path, again.root)


@given(st.data())
def test_any_sizes(data: st.DataObject) -> None:
    """From any head to any later one, for any entry."""
    old = data.draw(st.integers(1, 600), "old")
    new, at = data.draw(st.integers(old, 600), "new"), data.draw(st.integers(0, old - 1), "at")
    consistency, path = prove_consistency(ranges(LEAVES), old, new), prove_inclusion(ranges(LEAVES), new, at)
    made = bring_under(
        proof_of(LEAVES[:old], at), LEAVES[at], head(LEAVES[:old]), head(LEAVES[:new]), consistency, path
    )
    verify_inclusion(LEAVES[at], at, new, made.path, root_of(LEAVES[:new]))
    assert made.index == at


@given(st.data())
def test_what_is_bent_anywhere_is_refused(data: st.DataObject) -> None:
    """A hash of either proof or of the old path altered, left out or added: nothing comes of it."""
    old = data.draw(st.integers(1, 300), "old")
    new, at = data.draw(st.integers(old + 1, 600), "new"), data.draw(st.integers(0, old - 1), "at")
    had = proof_of(LEAVES[:old], at)
    parts = [list(had.path), prove_consistency(ranges(LEAVES), old, new), prove_inclusion(ranges(LEAVES), new, at)]
    which = parts[data.draw(st.integers(0, 2), "which")]
    how = data.draw(st.sampled_from(["alter", "drop", "add"] if which else ["add"]), "how")
    place = data.draw(st.integers(0, max(len(which) - 1, 0)), "place")
    if how == "alter":
        which[place] = bytes([which[place][0] ^ 1]) + which[place][1:]
    elif how == "drop":
        del which[place]
    else:
        which.insert(place, bytes(32))
    bent = Proof(None, at, tuple(parts[0]), b"")
    with pytest.raises(ProofFailed):
        bring_under(bent, LEAVES[at], head(LEAVES[:old]), head(LEAVES[:new]), parts[1], parts[2])


def test_another_log_behind_the_same_entry_is_refused() -> None:
    """A later tree that holds the entry at its place and does not begin with the old tree is no later head of the log."""
    other = [LEAVES[0], *leaf_hashes_of([b"another"]), *LEAVES[2:]]
    consistency = prove_consistency(ranges(other), 5, 9)
    path = prove_inclusion(ranges(other), 9, 0)
    with pytest.raises(ProofFailed, match="old root"):
        bring_under(proof_of(LEAVES[:5], 0), LEAVES[0], head(LEAVES[:5]), head(other[:9]), consistency, path)


def test_an_older_head_is_no_later_one() -> None:
    """Backwards nothing is proved, and it is told from a proof that fails."""
    with pytest.raises(NotLater) as told:
        bring_under(proof_of(LEAVES[:5], 0), LEAVES[0], head(LEAVES[:5]), head(LEAVES[:4]), [], [])
    assert isinstance(told.value, TlogError)
