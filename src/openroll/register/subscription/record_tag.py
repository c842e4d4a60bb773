"""By what a fact after the filing names its record: a tag that opens beside the filing's receipt, and nowhere else.

Digests are opaque, so a fact that has a digest of a record need not be one of that record: its operator has the digests of all
its own. The register knows, and says it in the fact. The tag hides behind the filing's salt, which stands in the filing's
receipt alone: whoever is shown two later facts of one record without it cannot tell by it that they belong together.
"""

import hashlib

from openroll.disclosure.disclosure import base64url

_DOMAIN = b"openroll record 1\0"
SALT_BYTES = 32


def record_tag(filing: bytes, own: bytes) -> str:
    """The tag of a fact: base64url of SHA-256 over `openroll record 1`, a zero byte, the salt of the record's filing and its own.

    Both are of 32 bytes and drawn by the register, so no operator can choose one that makes a fact of one record fit another.
    Raises ValueError for a salt of another length.
    """
    if len(filing) != SALT_BYTES or len(own) != SALT_BYTES:
        raise ValueError(f"a fact's salt has {SALT_BYTES} bytes")
    return base64url(hashlib.sha256(_DOMAIN + filing + own).digest())


def names_filing(tag: str, filing: bytes, own: bytes) -> bool:
    """Whether a fact's tag names the record whose filing has this salt; not, where there is none or a salt is damaged."""
    return bool(tag) and len(filing) == len(own) == SALT_BYTES and tag == record_tag(filing, own)
