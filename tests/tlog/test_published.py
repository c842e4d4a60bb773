"""Numbers that standards and reference implementations publish, written down with where they stand."""

from base64 import b64encode

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from openroll import tlog

LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
"""The eight inputs of the reference implementation of RFC 6962 (google/certificate-transparency, merkle_tree_test.cc)."""

ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",  # RFC 6962 section 2.1: of nothing, SHA-256()
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""Their Merkle tree hashes, of none of them to all eight, as published there."""

ED25519 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
]
"""RFC 8032 section 7.1, tests 1 and 2: secret key, public key, message, signature."""


@pytest.mark.parametrize("size", range(len(ROOTS)))
def test_the_root_is_the_published_one(size: int) -> None:
    """The tree of the first reference inputs has the published root, computed at once and grown in tiles."""
    hashes = [tlog.leaf_hash(leaf) for leaf in LEAVES[:size]]
    assert tlog.root_of(hashes).hex() == ROOTS[size]
    if size:
        assert tlog.grow(0, lambda *_: b"", hashes).root.hex() == ROOTS[size]


@pytest.mark.parametrize(("secret", "public", "message", "signature"), ED25519)
def test_the_signer_has_the_published_key_and_the_library_the_published_signature(
    secret: str, public: str, message: str, signature: str
) -> None:
    """A signer from the published secret has the published public key, under which the published signature verifies."""
    key = tlog.Signer.from_seed("rfc8032.example", bytes.fromhex(secret), "ed25519").verifier_key
    assert key.endswith(b64encode(b"\x01" + bytes.fromhex(public)).decode())
    verifying = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
    verifying.verify(bytes.fromhex(signature), bytes.fromhex(message))
    with pytest.raises(InvalidSignature):
        verifying.verify(bytes.fromhex(signature), bytes.fromhex(message) + b"\x00")
