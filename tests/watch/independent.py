"""A stranger's check of an evidence folder of two heads: nothing of ours, only hashlib, base64 and Ed25519.

It follows the texts: C2SP signed-note and tlog-checkpoint for the heads, RFC 6962 section 2.1.2 for the proof, which is undone by
the recursion that defines it and not by the loop of RFC 9162 that ours uses.
"""

import hashlib
from base64 import b64decode
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def convicts(folder: Path, key: str) -> bool:
    """Whether both heads are signed with this Ed25519 key of the log, and cannot both be of one log that only grows."""
    name, _, material = key.split("+", 2)
    origin_1, size_1, root_1 = _head((folder / "head-1").read_bytes(), name, b64decode(material))
    origin_2, size_2, root_2 = _head((folder / "head-2").read_bytes(), name, b64decode(material))
    assert origin_1 == origin_2 == name
    if size_1 == size_2:
        return root_1 != root_2
    assert size_1 < size_2
    proof = [b64decode(line) for line in (folder / "proof").read_text("ascii").split()]
    had = bytes.fromhex((folder / "prefix-root").read_text("ascii"))
    old, new = _undone(size_1, size_2, True, had, proof)
    if proof or old != had or new != root_2:
        return False  # the proof does not show what head-2's tree had
    return had != root_1


def _head(note: bytes, name: str, material: bytes) -> tuple[str, int, bytes]:
    text, _, lines = note.rpartition(b"\n\n")
    text += b"\n"
    assert material[0] == 1, "an Ed25519 key"
    wanted = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
    signatures = [
        b64decode(line.rsplit(b" ", 1)[1]) for line in lines.splitlines() if line.split(b" ")[1] == name.encode()
    ]
    (signature,) = [one[4:] for one in signatures if one[:4] == wanted]
    Ed25519PublicKey.from_public_bytes(material[1:]).verify(signature, text)
    origin, size, root = text.decode().splitlines()[:3]
    return origin, int(size), b64decode(root)


def _undone(old: int, new: int, whole: bool, root: bytes, proof: list[bytes]) -> tuple[bytes, bytes]:
    """SUBPROOF of RFC 6962 backwards: the hash of the first `old` leaves and of all `new`, taking hashes from the proof's end."""
    if old == new:
        one = root if whole else proof.pop()
        return one, one
    middle = 1 << ((new - 1).bit_length() - 1)
    beside = proof.pop()
    if old <= middle:
        first, second = _undone(old, middle, whole, root, proof)
        return first, _node(second, beside)
    first, second = _undone(old - middle, new - middle, False, root, proof)
    return _node(beside, first), _node(beside, second)


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
