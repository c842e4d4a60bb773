"""Vectors that others made: transparency-dev's proofs with the verdict each must get, and Tessera's small log."""

import json
from base64 import b64decode
from pathlib import Path

import pytest

from openroll import tlog
from tests.tlog import tessera
from tests.vectors import found, needs, vectors


def named(path: Path) -> str:
    """A case by its path within its set."""
    return str(path.relative_to(vectors("merkle")))


def hashed(text: str | None) -> bytes:
    return b64decode(text or "")


@needs("merkle")
@pytest.mark.parametrize("path", found("merkle", "inclusion/**/*.json"), ids=named)
def test_inclusion_vector_gets_its_verdict(path: Path) -> None:
    """Each published inclusion proof is taken or refused as its makers say."""
    case = json.loads(path.read_text())
    proof = [hashed(node) for node in case["proof"] or []]

    def verify() -> None:
        tlog.verify_inclusion(hashed(case["leafHash"]), case["leafIdx"], case["treeSize"], proof, hashed(case["root"]))

    if case["wantErr"]:
        with pytest.raises(tlog.TlogError):
            verify()
    else:
        verify()


@needs("merkle")
@pytest.mark.parametrize("path", found("merkle", "consistency/**/*.json"), ids=named)
def test_consistency_vector_gets_its_verdict(path: Path) -> None:
    """Each published consistency proof is taken or refused as its makers say."""
    case = json.loads(path.read_text())
    proof = [hashed(node) for node in case["proof"] or []]

    def verify() -> None:
        roots = hashed(case["root1"]), hashed(case["root2"])
        tlog.verify_consistency(case["size1"], case["size2"], proof, *roots)

    if case["wantErr"]:
        with pytest.raises(tlog.TlogError):
            verify()
    else:
        verify()


def test_tessera_checkpoints_open_under_their_key() -> None:
    """Every checkpoint of the published log opens under its published key and holds the root of its entries."""
    for size in range(16):
        opened = tlog.open_checkpoint(tessera.checkpoint(size), [tlog.Verifier.parse(tessera.VERIFIER)])
        assert opened.size == size
        assert opened.root == tlog.root_of([tlog.leaf_hash(entry) for entry in tessera.ENTRIES[:size]])
    assert tlog.Signer.parse(tessera.SIGNER).verifier_key == tessera.VERIFIER


@needs("tessera-log")
def test_the_log_made_from_tesseras_numbers_is_tesseras() -> None:
    """Each file that Tessera publishes, we make byte for byte: checkpoints with their signatures, tiles and bundles."""
    published = vectors("tessera-log")
    files = {str(path.relative_to(published)): path.read_bytes() for path in published.rglob("*") if path.is_file()}
    files.pop("LICENSE")
    made = tessera.files() | {f"checkpoint.{size}": tessera.checkpoint(size) for size in range(16)}
    assert files == made | {"checkpoint": tessera.checkpoint(15)}


def test_tessera_bundles_hold_their_entries() -> None:
    """The newest entry bundle, taken apart, is the published entries."""
    assert tlog.decode_bundle(tessera.files()[tlog.bundle_path(0, 15)]) == tessera.ENTRIES
