"""One key, one use: every key that is made from a secret of the roll, with its label (docs/keys.md, "Inventory").

A roll has two secrets besides its log's keys: that of filing codes and that of addresses. Whatever needs a key of its own gets
it from one of these by HKDF-SHA-256 (RFC 5869) under a label that nothing else uses. What is on disk or on paper from before
keeps the derivation that it had; it stands here all the same. A test holds this list to the code and to the page.
"""

import hashlib
import hmac
from typing import Literal, NamedTuple, Protocol

from openroll.service.sealing import subkey

Derivation = Literal["HKDF-SHA-256", "HMAC-SHA-256", "SHA-256", "itself"]


class Secrets(Protocol):
    """The roll's secrets, 32 random bytes each (`service.keys.Keys`)."""

    code_key: bytes
    address_key: bytes


class KeyUse(NamedTuple):
    """One use of one key: the secret it comes from, its label, and how it is derived."""

    root: Literal["filing codes", "addresses"]
    label: str
    derivation: Derivation = "HKDF-SHA-256"

    def of(self, secrets: Secrets) -> bytes:
        """The key of 32 bytes for this use alone."""
        return self.from_secret(secrets.code_key if self.root == "filing codes" else secrets.address_key)

    def from_secret(self, secret: bytes) -> bytes:
        """The key of 32 bytes for this use alone, were `secret` the one it comes from."""
        match self.derivation:
            case "HKDF-SHA-256":
                return subkey(secret, self.label)
            case "HMAC-SHA-256":
                return hmac.digest(secret, self.label.encode(), "sha256")
            case "SHA-256":
                return hashlib.sha256(self.label.encode() + secret).digest()
            case _:
                return secret


CSRF = KeyUse("filing codes", "openroll csrf 1")
THROTTLE = KeyUse("filing codes", "openroll throttle 1")
PUZZLE = KeyUse("filing codes", "openroll puzzle 1")
PASSKEY_SIGN_IN = KeyUse("filing codes", "openroll passkey sign-in 1")
REFUSAL_LOG = KeyUse("filing codes", "openroll refusal log 1")
LETTERS = KeyUse("filing codes", "openroll letters 1")
PROVIDER_SECRET = KeyUse("addresses", "openroll provider secret 1")
CONTACT = KeyUse("addresses", "openroll contact 1")
MAIL_SECRETS = KeyUse("addresses", "openroll mail 1")
ADDRESS_LINK = KeyUse("filing codes", "openroll address link 2")
ADDRESS_DIGEST = KeyUse("filing codes", "openroll address digest 2")
"""These two are not made from the key of addresses, which may be changed: a new one must not forget who wants no mails."""

# From before: rolls, letters and tables hold what these made. FF1 (SP 800-38G) takes the secret itself, and its tweak keeps
# the two apart.
FILING_CODE = KeyUse("filing codes", "openroll filing code 1", "itself")
REFERENCE = KeyUse("filing codes", "openroll reference 1", "itself")
SUBJECT = KeyUse("filing codes", "openroll subject", "SHA-256")
DATABASE_CLAIMS = KeyUse("filing codes", "openroll/database/claims/1", "HMAC-SHA-256")
RUNTIME_LOGIN = KeyUse("filing codes", "openroll/database/runtime/1", "HMAC-SHA-256")
CODES_CHECK = KeyUse("filing codes", "openroll/key-check/1/codes", "HMAC-SHA-256")
ADDRESSES_CHECK = KeyUse("addresses", "openroll/key-check/1/addresses", "HMAC-SHA-256")
OLD_ADDRESS_LINK = KeyUse("addresses", "openroll address link 1")
OLD_ADDRESS_DIGEST = KeyUse("addresses", "openroll address digest 1")
OLD_MAIL = KeyUse("addresses", "openroll mail", "itself")
"""Mails that waited when this Openroll came: their purpose begins so, and keeps address and link apart."""

USES = (
    FILING_CODE,
    REFERENCE,
    SUBJECT,
    DATABASE_CLAIMS,
    RUNTIME_LOGIN,
    CODES_CHECK,
    CSRF,
    THROTTLE,
    PUZZLE,
    PASSKEY_SIGN_IN,
    REFUSAL_LOG,
    LETTERS,
    ADDRESSES_CHECK,
    PROVIDER_SECRET,
    CONTACT,
    MAIL_SECRETS,
    ADDRESS_LINK,
    ADDRESS_DIGEST,
    OLD_ADDRESS_LINK,
    OLD_ADDRESS_DIGEST,
    OLD_MAIL,
)
"""Every use of a roll's secrets."""
