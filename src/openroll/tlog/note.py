"""Signed notes (C2SP signed-note): keys, signing, opening; a text, an empty line, and signature lines.

Three kinds of signature are known: Ed25519 over the text (01), and the cosignatures of tlog-cosignature by Ed25519 (04) and
ML-DSA-44 (06), which carry a timestamp. Keys come and go as strings: a verifier key is `name+id+key`.
"""

import hashlib
import re
from base64 import b64encode
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from openroll.tlog import strict_ed25519
from openroll.tlog.encoding import strict_base64, strict_decimal
from openroll.tlog.errors import KeyMalformed, KeyMissing, Malformed, SignatureFailed, under_rule

ED25519, COSIGNATURE, SUBTREE = 0x01, 0x04, 0x06
_ALGORITHMS = {"ed25519": ED25519, "cosignature": COSIGNATURE, "ml-dsa-44": SUBTREE}
_PUBLIC_SIZES = {ED25519: 32, COSIGNATURE: 32, SUBTREE: 1312}
_SIGNATURE_SIZES = {ED25519: 64, COSIGNATURE: 8 + 64, SUBTREE: 8 + 2420}
_MOST_SIGNATURES = 100
_MOST_BYTES = 1_000_000
_DASH = "— "
# Unicode's property White_Space, written out (Python's `isspace` and JavaScript's \s each mean something else), and controls.
_NOT_IN_NAMES = re.compile("[\\x00-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000+]")
_PRIVATE = "PRIVATE+KEY+"


class Signature(NamedTuple):
    """One signature line: the key's name and id, and the signature without the id."""

    name: str
    key_id: bytes
    signature: bytes

    def line(self) -> str:
        """The line as it stands in a note, with its newline."""
        return f"{_DASH}{self.name} {b64encode(self.key_id + self.signature).decode()}\n"


class Note(NamedTuple):
    """An opened note: its text (with the final newline), whose verifiers signed it, and the lines of unknown keys.

    `signatures` are the lines of `signed_by`, in its order.
    """

    text: str
    signed_by: tuple["Verifier", ...]
    unknown: tuple[Signature, ...]
    signatures: tuple[Signature, ...] = ()


def _check_name(name: str) -> None:
    if not name or _NOT_IN_NAMES.search(name):
        raise Malformed("a key's name is not empty and holds no space, no plus and no control character")


def _key_id(name: str, algorithm: int, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([algorithm]) + public).digest()[:4]


class Verifier:
    """A public key with its name: what a reader trusts."""

    def __init__(self, name: str, algorithm: int, public: bytes) -> None:
        """`public` is 32 bytes for Ed25519 (01, 04), 1312 for ML-DSA-44 (06). Raises KeyMalformed."""
        if not name or _NOT_IN_NAMES.search(name):
            raise KeyMalformed(
                "a key's name is not empty and holds no space, no plus and no control character", rule="K1"
            )
        if len(public) != _PUBLIC_SIZES.get(algorithm):
            raise KeyMalformed(f"the key of {name} is of no kind known here", rule="K2")
        self.name = name
        self.algorithm = algorithm
        self.public = public
        self.key_id = _key_id(name, algorithm, public)
        if algorithm != SUBTREE and not strict_ed25519.is_public_key(public):
            raise KeyMalformed(
                f"the key of {name} is none that Ed25519 makes: under such a key one signature can fit any text",
                rule="K4",
            )

    @classmethod
    def parse(cls, key: str) -> "Verifier":
        """Read a verifier key `name+<8 hex digits>+base64(type || key)`. Raises KeyMalformed."""
        parts = key.strip(" \t\r\n").split("+", 2)
        if len(parts) != 3 or not re.fullmatch("[0-9a-f]{8}", parts[1]):
            raise KeyMalformed("a verifier key reads name+<8 hex digits>+<base64>", rule="K1")
        try:
            data, name = strict_base64(parts[2], "the verifier key"), parts[0].encode()
        except (Malformed, UnicodeEncodeError) as error:
            raise KeyMalformed(str(error), rule="K1") from error
        if not data:
            raise KeyMalformed("the verifier key is empty", rule="K2")
        if hashlib.sha256(name + b"\n" + data).hexdigest()[:8] != parts[1]:
            raise KeyMalformed("the verifier key's id does not fit its key: a digit was mistyped", rule="K3")
        return cls(parts[0], data[0], data[1:])

    def __eq__(self, other: object) -> bool:
        """The same name with the same key."""
        return isinstance(other, Verifier) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))

    def __str__(self) -> str:
        material = b64encode(bytes([self.algorithm]) + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{material}"

    def verify(self, text: str, signature: bytes) -> None:
        """Raise SignatureFailed unless `signature` is this key's over the note's text."""
        if len(signature) != _SIGNATURE_SIZES[self.algorithm]:
            raise SignatureFailed(f"the signature by {self.name} has the wrong length")
        if self.algorithm == ED25519:
            good = strict_ed25519.verify(self.public, signature, text.encode())
        else:
            message = _cosigned(self.algorithm, self.name, int.from_bytes(signature[:8]), text)
            good = self._fits(signature[8:], message)
        if not good:
            raise SignatureFailed(f"the signature by {self.name} does not fit: text or signature was altered")

    def _fits(self, signature: bytes, message: bytes) -> bool:
        if self.algorithm != SUBTREE:
            return strict_ed25519.verify(self.public, signature, message)
        try:
            MLDSA44PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    def verify_subtree(self, origin: str, bounds: tuple[int, int], root: bytes, signature: bytes) -> None:
        """Raise SignatureFailed unless `signature` is this ML-DSA-44 key's over a subtree of the log `origin`."""
        if self.algorithm != SUBTREE or len(signature) != _SIGNATURE_SIZES[SUBTREE]:
            raise SignatureFailed(f"{self.name} has not signed a subtree here")
        message = _subtree_message(self.name, int.from_bytes(signature[:8]), origin, bounds, root)
        if not self._fits(signature[8:], message):
            raise SignatureFailed(f"the signature by {self.name} does not fit this subtree")


class Signing(Protocol):
    """Whoever can sign a note: a key in memory (`Signer`), or one that never leaves its token."""

    @property
    def name(self) -> str:
        """The name the key signs under: for a log its origin."""
        ...

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        ...

    def sign(self, text: str, timestamp: int = 0) -> bytes:
        """The signature over a note's text, with the timestamp (POSIX seconds) in the kinds that carry one."""
        ...


class Signer:
    """A private key with its name, in memory: what a log or a witness signs with."""

    def __init__(self, name: str, algorithm: int, seed: bytes) -> None:
        """`seed` is the 32 random bytes that RFC 8032 and FIPS 204 make the key from. Raises Malformed."""
        _check_name(name)
        if algorithm not in _PUBLIC_SIZES or len(seed) != 32:
            raise Malformed("a private key is of a known kind and has a seed of 32 bytes")
        self.name = name
        self.algorithm = algorithm
        self._seed = seed
        self._key: Ed25519PrivateKey | MLDSA44PrivateKey
        if algorithm == SUBTREE:
            self._key = MLDSA44PrivateKey.from_seed_bytes(seed)
        else:
            self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = Verifier(name, algorithm, self._key.public_key().public_bytes_raw())

    @classmethod
    def from_seed(cls, name: str, seed: bytes, algorithm: str) -> "Signer":
        """A signer of kind `ed25519`, `cosignature` (Ed25519) or `ml-dsa-44` from 32 random bytes."""
        if algorithm not in _ALGORITHMS:
            raise Malformed(f"no such kind of key: {algorithm}")
        return cls(name, _ALGORITHMS[algorithm], seed)

    @classmethod
    def parse(cls, key: str) -> "Signer":
        """Read `PRIVATE+KEY+name+id+base64(type || seed)`, the form Go's sumdb/note writes. Raises Malformed."""
        parts = key.strip().removeprefix(_PRIVATE).split("+", 2)
        if not key.startswith(_PRIVATE) or len(parts) != 3:
            raise Malformed("a private key reads PRIVATE+KEY+name+id+base64")
        data = strict_base64(parts[2], "the private key")
        signer = cls(parts[0], data[0] if data else 0, data[1:])
        if signer.verifier.key_id.hex() != parts[1]:
            raise Malformed("the private key's id does not fit its key")
        return signer

    @property
    def verifier_key(self) -> str:
        """The public half, as a string to publish."""
        return str(self.verifier)

    @property
    def private_key(self) -> str:
        """The private half, as a string to keep."""
        material = b64encode(bytes([self.algorithm]) + self._seed).decode()
        return f"{_PRIVATE}{self.name}+{self.verifier.key_id.hex()}+{material}"

    def sign(self, text: str, timestamp: int = 0) -> bytes:
        """The signature over a note's text. `timestamp` (POSIX seconds) goes into the kinds that carry one."""
        if self.algorithm == ED25519:
            return self._key.sign(text.encode())
        return timestamp.to_bytes(8) + self._key.sign(_cosigned(self.algorithm, self.name, timestamp, text))

    def sign_subtree(self, origin: str, bounds: tuple[int, int], root: bytes) -> bytes:
        """The ML-DSA-44 cosignature, without a timestamp, of the subtree `bounds` of the log `origin`. Raises Malformed."""
        if self.algorithm != SUBTREE:
            raise Malformed(f"the key of {self.name} signs checkpoints only; subtrees need ML-DSA-44")
        return (0).to_bytes(8) + self._key.sign(_subtree_message(self.name, 0, origin, bounds, root))


def _cosigned(algorithm: int, name: str, timestamp: int, text: str) -> bytes:
    """The message a cosignature signs (tlog-cosignature, "Ed25519 signed message" and "ML-DSA-44 signed message")."""
    if timestamp >= 1 << 63:
        raise SignatureFailed("a cosignature's timestamp is below 2**63")
    if algorithm == COSIGNATURE:
        return f"cosignature/v1\ntime {timestamp}\n{text}".encode()
    origin, size, root = checkpoint_lines(text)
    return _subtree_message(name, timestamp, origin, (0, size), root)


def _subtree_message(name: str, timestamp: int, origin: str, bounds: tuple[int, int], root: bytes) -> bytes:
    """The structure `cosigned_message` of tlog-cosignature; `bounds` are the first entry and the one behind the last."""
    start, end = (bound.to_bytes(8) for bound in bounds)
    return b"".join((b"subtree/v1\n\0", _short(name), timestamp.to_bytes(8), _short(origin), start, end, root))


def _short(text: str) -> bytes:
    data = text.encode()
    if not 1 <= len(data) <= 255:
        raise SignatureFailed("a name that is signed has 1 to 255 bytes")
    return bytes([len(data)]) + data


def checkpoint_lines(text: str) -> tuple[str, int, bytes]:
    """Origin, size and root of a checkpoint's text (C2SP tlog-checkpoint, "Note text"). Raises Malformed."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
        raise Malformed("a checkpoint has three lines or more, none of them empty")
    size = strict_decimal(lines[1], "the tree's size")
    root = strict_base64(lines[2], "the root")
    if len(root) != 32:
        raise Malformed("a root is 32 bytes")
    return lines[0], size, root


def sign_note(text: str, signers: Sequence[Signing], *, timestamp: int = 0) -> bytes:
    """A signed note: the text, an empty line, a line a signer. `text` ends in a newline. Raises Malformed."""
    _check_text(text)
    made = [Signature(one.name, one.verifier.key_id, one.sign(text, timestamp)) for one in signers]
    return (text + "\n" + "".join(signature.line() for signature in made)).encode()


def open_note(data: bytes, verifiers: Sequence[Verifier], *, once: bool = False) -> Note:
    """Open a signed note under the keys a reader knows (C2SP signed-note, "Verifying a note").

    Unknown keys are ignored; a known key whose signature fails rejects the whole note; so does no known key at all. Of
    several good signatures by one key, as where cosignatures of two moments were put together, the first stands; with
    `once` a second line of a known key rejects the whole. Raises Malformed, SignatureFailed or KeyMissing.
    """
    text, signatures = split_note(data)
    known = _by_name(verifiers)
    lines = [(one.name, one.key_id) for one in signatures if (one.name, one.key_id) in known]
    if once and len(set(lines)) < len(lines):
        raise Malformed("a key has signed this on two lines: one of them was put in", rule="S3")
    signed_by: list[Verifier] = []
    unknown: list[Signature] = []
    good: list[Signature] = []
    for signature in signatures:
        verifier = known.get((signature.name, signature.key_id))
        if verifier is None:
            unknown.append(signature)
            continue
        with under_rule("S4"):
            verifier.verify(text, signature.signature)
        if verifier not in signed_by:
            signed_by.append(verifier)
            good.append(signature)
    if not signed_by:
        raise KeyMissing("none of the keys you gave has signed this")
    return Note(text, tuple(signed_by), tuple(unknown), tuple(good))


def _by_name(verifiers: Sequence[Verifier]) -> dict[tuple[str, bytes], Verifier]:
    """Keys by what a signature line names them by. Raises KeyMalformed where that does not tell two of them apart."""
    known: dict[tuple[str, bytes], Verifier] = {}
    for verifier in verifiers:
        same = known.setdefault((verifier.name, verifier.key_id), verifier)
        if (same.algorithm, same.public) != (verifier.algorithm, verifier.public):
            named = f"{verifier.name}+{verifier.key_id.hex()}"
            raise KeyMalformed(f"two of the keys you gave are called {named}", rule="K5")
    return known


def only_signatures(data: bytes, verifiers: Sequence[Verifier]) -> bytes:
    """The same note with no signatures but those of these keys; verifies nothing. Raises Malformed."""
    text, signatures = split_note(data)
    known = {(verifier.name, verifier.key_id) for verifier in verifiers}
    return (text + "\n" + "".join(one.line() for one in signatures if (one.name, one.key_id) in known)).encode()


def split_note(data: bytes) -> tuple[str, list[Signature]]:
    """A note's text (with its final newline) and all its signature lines. Verifies nothing. Raises Malformed."""
    if len(data) > _MOST_BYTES:
        raise Malformed("a signed note is at most a million bytes", rule="F1")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("a signed note is UTF-8 text", rule="F11") from error
    text, separator, block = whole.rpartition("\n\n")
    if not separator or not block.endswith("\n"):
        raise Malformed("a signed note has a text, an empty line and signatures", rule="F11")
    text += "\n"
    with under_rule("F11"):
        _check_text(text)
    lines = block[:-1].split("\n")
    if len(lines) > _MOST_SIGNATURES:
        raise Malformed(f"a signed note has at most {_MOST_SIGNATURES} signatures", rule="F12")
    with under_rule("F12"):
        return text, [_signature(line) for line in lines]


def _check_text(text: str) -> None:
    if not text.endswith("\n") or any(ord(char) < 0x20 and char != "\n" for char in text) or "\ufffd" in text:
        raise Malformed("a note's text ends in a newline and holds no control characters")


def _signature(line: str) -> Signature:
    name, separator, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not separator:
        raise Malformed("a signature line reads: dash, name, base64")
    _check_name(name)
    data = strict_base64(encoded, f"the signature by {name[:80]}")
    if len(data) < 5:
        raise Malformed("a signature line holds a key id and a signature")
    return Signature(name, data[:4], data[4:])
