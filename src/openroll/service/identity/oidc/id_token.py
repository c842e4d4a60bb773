"""An ID token: whose signature it carries, and whether it was made by this provider, for us, now, for this sign-in.

OpenID Connect Core 1.0 section 3.1.3.7, in its order. Nothing here talks to anybody.
"""

import base64
import hmac
import math
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from joserfc import jws, jwt
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jwk import Key, import_key

from openroll.service.identity.oidc import faults
from openroll.third_party import NotValid, third_party

LEEWAY = 60
"""Seconds by which the provider's clock and ours may differ."""
EARLY = 600
"""Seconds before the sign-in began that a token may say it was issued: Microsoft Entra says five minutes before, always. What
ties a token to this one sign-in is its nonce."""

_KINDS = {
    "RS256": ("RSA", None, ("n", "e")),
    "ES256": ("EC", "P-256", ("crv", "x", "y")),
    "Ed25519": ("OKP", "Ed25519", ("crv", "x")),
}
_UNREADABLE = (JoseError, ValueError, TypeError, KeyError, OverflowError, RecursionError, UnsupportedAlgorithm)


def same(one: str, other: str) -> bool:
    """Whether two secrets are equal and not empty, in a time that does not tell where they differ."""
    return bool(one) and hmac.compare_digest(
        one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass")
    )


class _Registry(jws.JWSRegistry):
    """joserfc's rules for headers, with room for a certificate's thumbprints; the algorithm was chosen before."""

    max_header_length = 4096

    def get_alg(self, name: str) -> Any:
        """The algorithm; `EdDSA` (RFC 8037) only as Ed25519, as RFC 9864 has it."""
        return self.algorithms[_plain(name)]


_REGISTRY = _Registry(strict_check_header=False)  # Headers that we do not know are passed over (RFC 7515 section 4).


def _plain(algorithm: str) -> str:
    return "Ed25519" if algorithm == "EdDSA" else algorithm


def header_of(token: str, algorithms: frozenset[str], issuer: str) -> tuple[str, str | None]:
    """The algorithm, one of `algorithms`, and the key id if there is one; nothing is verified yet."""
    header = None
    with suppress(NotValid), third_party("joserfc", *_UNREADABLE):
        header = jws.extract_compact(token.encode("ascii"), registry=_REGISTRY).headers()
    if header is None or not isinstance(header.get("kid", ""), str):
        raise faults.TokenShape(issuer)
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in algorithms:
        raise faults.AlgorithmRefused(issuer)
    return algorithm, header.get("kid")


def choose(keys: Iterable[Mapping[str, Any]], algorithm: str, kid: str | None) -> Mapping[str, Any] | None:
    """The one published key (JWK) that fits the algorithm and the key id; None when there is none, or more than one."""
    kind, curve, _ = _KINDS[_plain(algorithm)]
    fitting = [
        key
        for key in keys
        if key.get("kty") == kind
        and key.get("crv") == curve
        and key.get("use", "sig") == "sig"
        and _plain(str(key.get("alg", algorithm))) == _plain(algorithm)
        and (kid is None or key.get("kid") == kid)
    ]
    return fitting[0] if len(fitting) == 1 else None


def _readable(jwk: Mapping[str, Any], algorithm: str, issuer: str) -> Key:
    kind, _, members = _KINDS[_plain(algorithm)]
    with suppress(NotValid), third_party("joserfc", *_UNREADABLE):
        if kind != "RSA" or 2048 <= _bits(str(jwk["n"])) <= 8192:
            return import_key({"kty": kind} | {name: jwk[name] for name in members})
    raise faults.KeyUnfit(issuer)


def _bits(number: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(number + "==")).bit_length()


def verified(token: str, jwk: Mapping[str, Any], algorithm: str, issuer: str) -> dict[str, Any]:
    """The claims of a token whose signature is the key's."""
    key = _readable(jwk, algorithm, issuer)
    fault: type[faults.SignInFault] = faults.TokenShape
    with suppress(NotValid), third_party("joserfc", *_UNREADABLE):
        try:
            return jwt.decode(token, key, registry=_REGISTRY).claims
        except BadSignatureError:
            fault = faults.SignatureWrong
    raise fault(issuer)


def subject_of(
    claims: Mapping[str, Any], *, issuer: str, client_id: str, nonce: str, begun: datetime, now: datetime
) -> str:
    """Who signed in, once everything that the token claims holds. Times are aware."""
    if claims.get("iss") != issuer:
        raise faults.TokenIssuerWrong(issuer)
    _check_audience(claims, client_id, issuer)
    expires, issued = _time(claims.get("exp")), _time(claims.get("iat"))
    if expires is None or now.timestamp() >= expires + LEEWAY:
        raise faults.Expired(issuer)
    if issued is None or not begun.timestamp() - EARLY <= issued <= now.timestamp() + LEEWAY:
        raise faults.IssuedWrong(issuer)
    found = claims.get("nonce")
    if not isinstance(found, str) or not same(found, nonce):
        raise faults.NonceWrong(issuer)
    subject = claims.get("sub")
    if (
        not isinstance(subject, str)
        or not 1 <= len(subject) <= 255
        or not (subject.isascii() and subject.isprintable())
    ):
        raise faults.SubjectWrong(issuer)
    return subject


def _check_audience(claims: Mapping[str, Any], client_id: str, issuer: str) -> None:
    audience, party = claims.get("aud"), claims.get("azp")
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or client_id not in audiences:
        raise faults.AudienceWrong(issuer)
    if party != client_id and (len(audiences) > 1 or party is not None):
        raise faults.PartyWrong(issuer)


def _time(value: Any) -> int | float | None:
    """A claim as a NumericDate (RFC 7519 section 2), in seconds since 1970; a truth value or an endless one is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if isinstance(value, int) or math.isfinite(value) else None
