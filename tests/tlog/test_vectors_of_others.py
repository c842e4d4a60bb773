"""Vectors of others, in tests/tlog/vectors: Go's notes, transparency-dev's keys and proofs, a head that strangers cosigned."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from openroll import tlog
from openroll.tlog.note import COSIGNATURE, ED25519

VECTORS = Path(__file__).parent / "vectors"
GO: dict[str, Any] = json.loads((VECTORS / "golang-note" / "notes.json").read_text(encoding="utf-8"))
FORMATS: dict[str, Any] = json.loads((VECTORS / "formats" / "formats.json").read_text(encoding="utf-8"))
KEY: str = GO["verifier_key"]
PRIVATE: str = GO["signer_key"]


def said(case: dict[str, Any]) -> str:
    """A case by what its makers say of it."""
    return str(case["says"])


def mangled(key: str) -> list[str]:
    """Every part of a key, and the key with one character moved on by one, as Go's own tests mangle it."""
    parts = {key[start:end] for start in range(len(key)) for end in range(start + 1, len(key) + 1)} - {key}
    return [*parts, *(key[:at] + chr(ord(key[at]) + 1) + key[at + 1 :] for at in range(len(key)))]


def test_go_signs_the_same_note() -> None:
    """Go's private key signs Go's text byte for byte as Go does, and its public half is Go's."""
    signer = tlog.Signer.parse(PRIVATE)
    assert tlog.sign_note(GO["text"], [signer]) == GO["signed"].encode()
    assert signer.verifier_key == KEY


def test_no_mangled_key_is_taken() -> None:
    """No part of a verifier or private key, and no key with a character changed, is taken for a key."""
    for key in [*mangled(KEY), *GO["bad_verifier_keys"], *(case["key"] for case in FORMATS["bad_keys"])]:
        with pytest.raises(tlog.Malformed):
            tlog.Verifier.parse(key)
    for key in mangled(PRIVATE):
        with pytest.raises(tlog.Malformed):
            tlog.Signer.parse(key)


@pytest.mark.parametrize("case", GO["opens"], ids=said)
def test_note_of_go_opens(case: dict[str, Any]) -> None:
    """A note opens with the signatures of the keys given, and names those of unknown keys."""
    note = tlog.open_note(case["note"].encode(), [tlog.Verifier.parse(key) for key in case["keys"]])
    assert note.text == GO["text"]
    assert [one.name for one in note.signed_by] == case["signed_by"]
    assert [one.name for one in note.unknown] == case["unknown"]


@pytest.mark.parametrize("case", GO["refuses"], ids=said)
def test_note_that_go_refuses_is_refused(case: dict[str, Any]) -> None:
    """A note that Go's own tests want refused is refused, and for the same reason."""
    note = (case["note"] + case.get("then", "") * case.get("times", 0)).encode(case.get("encoding", "utf-8"))
    with pytest.raises(getattr(tlog, case["error"])):
        tlog.open_note(note, [tlog.Verifier.parse(key) for key in case["keys"]])


def test_repeated_signature_counts_once() -> None:
    """A signature that stands twice is that of one key, not of two."""
    line = GO["signed"].split("\n\n")[1]
    note = tlog.open_note((GO["signed"] + line).encode(), [tlog.Verifier.parse(KEY)])
    assert [str(one) for one in note.signed_by] == [KEY]
    assert len(note.signatures) == 1


@pytest.mark.parametrize(("case", "kind"), list(zip(FORMATS["keys"], [COSIGNATURE, ED25519], strict=True)))
def test_keys_of_others_are_read_and_written_back(case: dict[str, str], kind: int) -> None:
    """A key of each kind is read, its id fits, and it is written back as it stood."""
    verifier = tlog.Verifier.parse(case["key"])
    assert verifier.algorithm == kind
    assert str(verifier) == case["key"]


@pytest.mark.parametrize("case", FORMATS["proofs"], ids=said)
def test_proof_of_others_is_read_and_written_back(case: dict[str, Any]) -> None:
    """A tlog-proof says what its makers put in, and is written back byte for byte."""
    proof = tlog.parse_proof(case["proof"].encode())
    extra = None if case["extra"] is None else case["extra"].encode()
    hashes = tuple(b64decode(one) for one in case["hashes"])
    assert proof == tlog.Proof(extra, case["index"], hashes, case["checkpoint"].encode())
    assert tlog.format_proof(proof) == case["proof"].encode()


@pytest.mark.parametrize("case", FORMATS["bad_proofs"], ids=said)
def test_proof_that_others_refuse_is_refused(case: dict[str, Any]) -> None:
    """A tlog-proof that its makers' tests want refused is refused."""
    with pytest.raises(tlog.Malformed):
        tlog.parse_proof(case["proof"].encode())


def test_head_that_strangers_cosigned_reaches_the_quorum() -> None:
    """Cosignatures by programs that others wrote, Ed25519 and ML-DSA-44, count under a policy."""
    policy = tlog.parse_policy((VECTORS / "cosigned" / "policy").read_bytes())
    cosigned = tlog.open_under_policy((VECTORS / "cosigned" / "checkpoint").read_bytes(), policy)
    assert {one.witness.name for one in cosigned.cosignatures} == {"lite", "omni", "omni-ml-dsa"}
    assert all(one.time > 1_700_000_000 for one in cosigned.cosignatures)


@pytest.mark.parametrize("gone", ["lite", "omni", "omni-ml-dsa"])
def test_without_any_one_of_the_strangers_it_does_not(gone: str) -> None:
    """The policy asks for all three: without one of them its quorum is not reached, and that one is named."""
    policy = tlog.parse_policy((VECTORS / "cosigned" / "policy").read_bytes())
    text, lines = tlog.split_note((VECTORS / "cosigned" / "checkpoint").read_bytes())
    key_ids = {one.name: one.verifier.key_id for one in policy.witnesses}
    left = "".join(line.line() for line in lines if line.key_id != key_ids[gone])
    with pytest.raises(tlog.QuorumMissing, match=gone):
        tlog.open_under_policy(f"{text}\n{left}".encode(), policy)


def test_a_changed_bit_in_a_stranger_s_cosignature_is_seen() -> None:
    """A cosignature by a key of the policy that fails is never passed over, whatever else signed."""
    policy = tlog.parse_policy((VECTORS / "cosigned" / "policy").read_bytes())
    text, lines = tlog.split_note((VECTORS / "cosigned" / "checkpoint").read_bytes())
    for at, line in enumerate(lines):
        changed = line._replace(signature=line.signature[:-1] + bytes([line.signature[-1] ^ 1]))
        block = "".join(one.line() for one in [*lines[:at], changed, *lines[at + 1 :]])
        with pytest.raises(tlog.SignatureFailed):
            tlog.open_under_policy(f"{text}\n{block}".encode(), policy)
