"""Selective disclosure by salted digests, exactly as RFC 9901 (SD-JWT) hashes: pure, and nothing but the standard library.

Who keeps a payload with digests learns nothing of the values behind them; who holds the disclosures (salt, name, value) opens
them one by one, and anyone can check that they are the ones. It knows nothing of registers, JWTs or signatures.

Sealed envelopes (`disclosure.envelope`) and notices (`disclosure.notice`, `disclosure.notice_code`) stand beside it, and are
imported by name: they need `cryptography`.
"""

from openroll.disclosure.conceal import Hidden, conceal
from openroll.disclosure.disclosure import Disclosure, DisclosureError, digest
from openroll.disclosure.fields import digests_of
from openroll.disclosure.reveal import reveal
from openroll.disclosure.text import LINE_BREAKS, named, normal_text, refused_character, unseen_names

__all__ = [
    "LINE_BREAKS",
    "Disclosure",
    "DisclosureError",
    "Hidden",
    "conceal",
    "digest",
    "digests_of",
    "named",
    "normal_text",
    "refused_character",
    "reveal",
    "unseen_names",
]
