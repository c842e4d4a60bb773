"""One disclosure: a salt with a value, and for an object property its name (RFC 9901 section 4.2)."""

import binascii
import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any, NoReturn

RESERVED = ("_sd", "...")
ALGORITHMS = {"sha-256": hashlib.sha256, "sha-384": hashlib.sha384, "sha-512": hashlib.sha512}


class DisclosureError(ValueError):
    """A disclosure or a payload that RFC 9901 refuses. The message says which of its rules."""


def base64url(data: bytes) -> str:
    """Base64url without padding (RFC 7515 section 2)."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def digest(encoded: str, algorithm: str = "sha-256") -> str:
    """The digest of an encoded disclosure: base64url of the hash of its ASCII characters (RFC 9901 section 4.2.3)."""
    if algorithm not in ALGORITHMS:
        raise DisclosureError(f"the hash algorithm {algorithm!r} is not one of {', '.join(ALGORITHMS)}")
    return base64url(ALGORITHMS[algorithm](encoded.encode("ascii")).digest())


@dataclass(frozen=True, slots=True)
class Disclosure:
    """A disclosure as it was made. `encoded` is kept as received, because the digest is over those characters.

    `name` is None for an array element.
    """

    encoded: str
    salt: str
    name: str | None
    value: Any

    @classmethod
    def of_property(cls, salt: str, name: str, value: Any) -> "Disclosure":
        """Disclose an object property: [salt, name, value]. Raises DisclosureError for a reserved name."""
        if name in RESERVED:
            raise DisclosureError(f"a property named {name!r} cannot be disclosed")
        return cls(_encode([salt, name, value]), salt, name, value)

    @classmethod
    def of_element(cls, salt: str, value: Any) -> "Disclosure":
        """Disclose an array element: [salt, value]."""
        return cls(_encode([salt, value]), salt, None, value)

    @classmethod
    def parse(cls, encoded: str) -> "Disclosure":
        """Read an encoded disclosure. Raises DisclosureError."""
        parts = _decode(encoded)
        if not isinstance(parts, list) or len(parts) not in (2, 3) or not isinstance(parts[0], str):
            raise DisclosureError("a disclosure is a list of salt, name and value, or of salt and value")
        if len(parts) == 2:
            return cls(encoded, parts[0], None, parts[1])
        if not isinstance(parts[1], str) or parts[1] in RESERVED:
            raise DisclosureError("a disclosed property has a name, and not one that RFC 9901 reserves")
        return cls(encoded, parts[0], parts[1], parts[2])

    def digest(self, algorithm: str = "sha-256") -> str:
        """What stands in the payload in place of this disclosure."""
        return digest(self.encoded, algorithm)


def _encode(parts: list[Any]) -> str:
    return base64url(json.dumps(parts, ensure_ascii=False, allow_nan=False).encode())


def _decode(encoded: str) -> Any:
    try:
        data = urlsafe_b64decode(encoded.encode("ascii") + b"=" * (-len(encoded) % 4))
        if base64url(data) != encoded:
            raise DisclosureError("a disclosure is base64url without padding")
        return json.loads(data.decode("utf-8"), parse_constant=_refuse_constant)
    except (UnicodeError, binascii.Error, RecursionError, ValueError) as error:
        raise DisclosureError("a disclosure is JSON in base64url") from error


def _refuse_constant(name: str) -> NoReturn:
    raise DisclosureError(f"{name} is not JSON")
