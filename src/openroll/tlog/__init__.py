"""A transparency log, pure: Merkle tree, tiles, signed notes, checkpoints and proofs in C2SP's formats.

Everything here takes bytes and public keys and gives bytes, values or one family of errors (`TlogError`). It knows nothing of
registers, reads no clock and opens no file, and needs nothing but `cryptography`.
"""

from openroll.tlog.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from openroll.tlog.entry import Entry, commit, commit_all, encode_entries
from openroll.tlog.errors import (
    ContentChanged,
    KeyMissing,
    KeyRevoked,
    Malformed,
    Missing,
    OtherLog,
    ProofFailed,
    SignatureFailed,
    TlogError,
)
from openroll.tlog.mark import Mark
from openroll.tlog.note import Note, Signer, Signing, Verifier, open_note, sign_note
from openroll.tlog.proof import (
    Proof,
    Proved,
    format_proof,
    format_receipt,
    parse_proof,
    verify_receipt,
)
from openroll.tlog.succession import KEYS_CHANGED, KEYS_REVOKED, Change, Succession, change_of, follow, verify_under
from openroll.tlog.tiles import (
    Growth,
    TilePath,
    bundle_path,
    consistency_proof,
    decode_bundle,
    encode_bundle,
    grow,
    grow_bundles,
    inclusion_proof,
    leaf_hashes_of,
    parse_tile_path,
    root_at,
    tile_path,
)
from openroll.tlog.tree import (
    EMPTY_ROOT,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

__all__ = [
    "EMPTY_ROOT",
    "KEYS_CHANGED",
    "KEYS_REVOKED",
    "Change",
    "Checkpoint",
    "ContentChanged",
    "Entry",
    "Growth",
    "KeyMissing",
    "KeyRevoked",
    "Malformed",
    "Mark",
    "Missing",
    "Note",
    "OtherLog",
    "Proof",
    "ProofFailed",
    "Proved",
    "SignatureFailed",
    "Signer",
    "Signing",
    "Succession",
    "TilePath",
    "TlogError",
    "Verifier",
    "bundle_path",
    "change_of",
    "commit",
    "commit_all",
    "consistency_proof",
    "decode_bundle",
    "encode_bundle",
    "encode_entries",
    "follow",
    "format_proof",
    "format_receipt",
    "grow",
    "grow_bundles",
    "inclusion_proof",
    "leaf_hash",
    "leaf_hashes_of",
    "node_hash",
    "open_checkpoint",
    "open_note",
    "parse_proof",
    "parse_tile_path",
    "root_at",
    "root_of",
    "sign_checkpoint",
    "sign_note",
    "tile_path",
    "verify_consistency",
    "verify_inclusion",
    "verify_receipt",
    "verify_under",
]
