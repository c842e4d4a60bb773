"""SD-JWTs (RFC 9901) by an issuer that holds disclosures already: a payload with their digests, signed, and what opens them.

An issuer that keeps digests of its own can put exactly these into a token: then the token, and whatever else has the digests,
are opened by the same disclosures. Signed with EdDSA over Ed25519 (RFC 8037), in the compact form without key binding; a token
may name a holder's key (`cnf`, RFC 7800), which a wallet then proves. Pure; needs `cryptography` for checking.
"""

import binascii
import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from openroll.disclosure.disclosure import Disclosure, DisclosureError, base64url
from openroll.disclosure.reveal import reveal

TYPE = "dc+sd-jwt"
"""The media type of an SD-JWT VC in the header (draft-ietf-oauth-sd-jwt-vc)."""
ALGORITHM = "EdDSA"
MOST_CHARACTERS = 200_000


class Read(NamedTuple):
    """A token that was checked: its header, and its payload with every disclosed value in its place."""

    header: Mapping[str, Any]
    payload: Mapping[str, Any]


class SdJwtUnfit(ValueError):
    """What should be an SD-JWT is none, or its signature is not this key's. The message is a sentence's end."""


def issue(
    claims: Mapping[str, Any],
    digests: Iterable[str],
    disclosures: Sequence[str],
    key_id: str,
    sign: Callable[[bytes], bytes],
) -> str:
    """An SD-JWT with these claims in the clear and these digests (decoys among them), and all the disclosures behind it.

    `sign` gives the 64 bytes of an Ed25519 signature. Digests are sorted, so that their order tells nothing. Raises
    DisclosureError for a disclosure that no digest is of.
    """
    payload = {**claims, "_sd": sorted(digests), "_sd_alg": "sha-256"}
    reveal(payload, disclosures)
    header = {"alg": ALGORITHM, "typ": TYPE, "kid": key_id}
    signed = f"{_part(header)}.{_part(payload)}"
    return "~".join([f"{signed}.{base64url(sign(signed.encode('ascii')))}", *disclosures, ""])


def _part(said: Mapping[str, Any]) -> str:
    return base64url(json.dumps(said, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode())


def present(token: str, names: Iterable[str]) -> str:
    """The same token with the disclosures of these names alone. Raises SdJwtUnfit: it is none, or has none of a name."""
    signed, disclosures = _split(token)
    by_name = {one.name: one.encoded for one in map(_disclosure, disclosures)}
    wanted = list(dict.fromkeys(names))
    absent = [name for name in wanted if name not in by_name]
    if absent:
        raise SdJwtUnfit(f"it discloses no {', '.join(absent)}")
    return "~".join([signed, *(by_name[name] for name in wanted), ""])


def read(token: str, public: bytes) -> Read:
    """Check a token's signature under an Ed25519 key (32 bytes), and put in what it discloses (RFC 9901 section 7.1).

    Times in the payload are for the caller to hold against a clock. Raises SdJwtUnfit.
    """
    signed, disclosures = _split(token)
    message, _, signature = signed.rpartition(".")
    header, payload = (_said(part) for part in _two(message))
    if header.get("alg") != ALGORITHM:
        raise SdJwtUnfit(f"it is not signed by {ALGORITHM}")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(_bytes(signature), message.encode("ascii"))
    except InvalidSignature:
        raise SdJwtUnfit("its signature is not this issuer's") from None
    try:
        return Read(header, reveal(payload, disclosures))
    except DisclosureError as error:
        raise SdJwtUnfit(str(error)) from error


def _split(token: str) -> tuple[str, list[str]]:
    token = token.strip()
    if len(token) > MOST_CHARACTERS or not token.isascii():
        raise SdJwtUnfit("it is too long, or has characters that no token has")
    signed, *disclosures = token.split("~")
    if not disclosures or signed.count(".") != 2:
        raise SdJwtUnfit("it is no SD-JWT: a signed part, and disclosures behind tildes")
    if disclosures.pop():
        raise SdJwtUnfit("a key binding follows it: whoever asked for that checks it")
    return signed, disclosures


def _two(message: str) -> tuple[str, str]:
    header, _, payload = message.partition(".")
    return header, payload


def _said(part: str) -> dict[str, Any]:
    try:
        said = json.loads(_bytes(part))
    except (ValueError, RecursionError) as error:
        raise SdJwtUnfit("its header or its payload is no JSON") from error
    if not isinstance(said, dict):
        raise SdJwtUnfit("its header or its payload is no JSON object")
    return said


def _bytes(part: str) -> bytes:
    try:
        data = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (ValueError, binascii.Error) as error:
        raise SdJwtUnfit("a part of it is not base64url") from error
    if base64url(data) != part:
        raise SdJwtUnfit("a part of it is not base64url in its one form")
    return data


def _disclosure(encoded: str) -> Disclosure:
    try:
        return Disclosure.parse(encoded)
    except DisclosureError as error:
        raise SdJwtUnfit(str(error)) from error
