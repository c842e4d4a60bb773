"""Keys as text: one line for what a holder keeps in a file, one line for what is published.

`openroll-envelope-key-1 SUITE ID SEED` and `openroll-envelope-public-1 SUITE ID VERIFYING-ID KEYS`: the suite by name, the id of
the key that is sealed to as 32 hex digits (and that of the key that verifies), and base64url without padding (RFC 4648 section
5) of the seed, or of the two public keys one behind the other.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

from openroll.disclosure.envelope.errors import KeyUnfit
from openroll.disclosure.envelope.keys import HeldKey, PublicKey, Published, VerifyingKey
from openroll.disclosure.envelope.suites import NAMES, SUITES

_FORMS = {
    "key": re.compile(r"openroll-envelope-key-1 ([a-z0-9]{1,16}) ([0-9a-f]{32}) ([A-Za-z0-9_-]{1,4000})\s*", re.ASCII),
    "public": re.compile(
        r"openroll-envelope-public-1 ([a-z0-9]{1,16}) ([0-9a-f]{32} [0-9a-f]{32}) ([A-Za-z0-9_-]{1,4000})\s*", re.ASCII
    ),
}


def key_line(key: HeldKey) -> str:
    """What a holder keeps, as its file has it. Danger: whoever reads it opens and signs as the holder."""
    return _line("key", key.suite, key.id, key.seed)


def key_of(text: str) -> HeldKey:
    """What a holder keeps, from its file's text. Raises KeyUnfit."""
    suite, key_id, seed = _parts("key", text, "no key of envelopes")
    key = HeldKey(seed, suite)
    if key.id != key_id:
        raise KeyUnfit("its id is not that of its key: it was changed")
    return key


def public_line(published: Published) -> str:
    """The public half as text, to be published."""
    raw = published.sealing.raw + published.verifying.raw
    return _line("public", published.sealing.suite, _ids(published), raw)


def published_of(text: str) -> Published:
    """The public half, from its text. Raises KeyUnfit."""
    suite, ids, raw = _parts("public", text, "no public half of a key of envelopes")
    at = SUITES[suite].public
    published = Published(PublicKey(suite, raw[:at]), VerifyingKey(suite, raw[at:]))
    if _ids(published) != ids:
        raise KeyUnfit("its ids are not those of its keys: it was changed")
    return published


def _ids(published: Published) -> str:
    return f"{published.sealing.id} {published.verifying.id}"


def _line(kind: str, suite: int, ids: str, raw: bytes) -> str:
    return f"openroll-envelope-{kind}-1 {SUITES[suite].name} {ids} {urlsafe_b64encode(raw).decode().rstrip('=')}\n"


def _parts(kind: str, text: str, none: str) -> tuple[int, str, bytes]:
    """The suite, the ids and what is encoded in a line of one kind; `none` says what it is not where it is none."""
    found = _FORMS[kind].fullmatch(text)
    if found is None:
        raise KeyUnfit(f"it is {none}")
    name, ids, encoded = found.groups()
    if name not in NAMES:
        raise KeyUnfit(f"its suite, {name}, is none that is known here")
    try:
        raw = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    except ValueError:
        raise KeyUnfit(f"it is {none}: it was cut off") from None
    if urlsafe_b64encode(raw).decode().rstrip("=") != encoded:
        raise KeyUnfit(f"it is {none}: its last character is none that base64url makes")
    return NAMES[name], ids, raw
