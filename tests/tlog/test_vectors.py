"""Vectors that others made: transparency-dev's proofs with the verdict each must get, and Tessera's small log."""

import json
from base64 import b64decode
from pathlib import Path

import pytest

from openroll import tlog

VECTORS = Path(__file__).parents[3] / "shared" / "vectors"
ENTRIES = b"one two three four five six seven eit nain ten ileven twelf threeten fourten fivten".split()
LOG = VECTORS / "tessera-log"
VERIFIER = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
SIGNER = "PRIVATE+KEY+example.com/log/testdata+33d7b496+AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg"


def cases(kind: str) -> list[Path]:
    """Every vector file of a kind; none at all is a failure, never a skip."""
    found = sorted((VECTORS / "merkle" / kind).rglob("*.json"))
    assert found, f"the vectors are missing: {VECTORS} should lie beside the project"
    return found


def hashed(text: str | None) -> bytes:
    return b64decode(text or "")


@pytest.mark.parametrize("path", cases("inclusion"), ids=lambda path: str(path.relative_to(VECTORS)))
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


@pytest.mark.parametrize("path", cases("consistency"), ids=lambda path: str(path.relative_to(VECTORS)))
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
        opened = tlog.open_checkpoint((LOG / f"checkpoint.{size}").read_bytes(), [tlog.Verifier.parse(VERIFIER)])
        assert opened.size == size
        assert opened.root == tlog.root_of([tlog.leaf_hash(entry) for entry in ENTRIES[:size]])


def test_tessera_checkpoints_are_signed_byte_for_byte() -> None:
    """Our signature with the published private key is the published signature, byte for byte."""
    signer = tlog.Signer.parse(SIGNER)
    for size in range(16):
        root = tlog.root_of([tlog.leaf_hash(entry) for entry in ENTRIES[:size]])
        checkpoint = tlog.Checkpoint("example.com/log/testdata", size, root)
        assert tlog.sign_checkpoint(checkpoint, [signer]) == (LOG / f"checkpoint.{size}").read_bytes()
    assert signer.verifier_key == VERIFIER


def test_tessera_tiles_and_bundles_grow_byte_for_byte() -> None:
    """Growing the published log entry by entry makes its tiles and bundles, byte for byte."""
    tiles: dict[tuple[int, int], bytes] = {}
    bundle = b""
    for size, entry in enumerate(ENTRIES):
        growth = tlog.grow(size, lambda level, index, _: tiles[level, index], [tlog.leaf_hash(entry)])
        for level, index, width, data in growth.tiles:
            tiles[level, index] = data
            assert data == (LOG / tlog.tile_path(level, index, width)).read_bytes()
        for index, width, data in tlog.grow_bundles(size, bundle, [entry]):
            bundle = data
            assert data == (LOG / tlog.bundle_path(index, width)).read_bytes()
    assert tlog.decode_bundle(bundle) == ENTRIES
