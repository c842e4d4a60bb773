"""Passkeys (WebAuthn level 3, sections 7.1 and 7.2), through py_webauthn: for people of organisations and for subscribers.

Each ceremony has two steps. What the first of making one keeps (the challenge, for whom) is taken out by the second; signing in,
which anybody may begin, keeps nothing: the roll signs its challenge and remembers the one that was answered. So an answer is
good once. The user handle of a subscriber is random and tied to the passkey alone: it names nobody.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import msgspec
from psycopg import Connection
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from openroll.register.decision import Refused
from openroll.register.sign_in_refusals import SignInFailed
from openroll.rules.language import in_language
from openroll.service.identity.sessions import hashed, new_secret
from openroll.service.key_labels import PASSKEY_SIGN_IN
from openroll.service.roll import Roll
from openroll.store import sessions
from openroll.store.sessions import PasskeyRow
from openroll.store.throttle import spend
from openroll.third_party import NotValid, third_party

IN_TIME = timedelta(minutes=5)
MOST_BEGUN = 5
"""Passkeys that one person, record or invitation may be making at once; an older beginning is forgotten."""
MOST_EACH = 10
"""Passkeys a person or record may have: a few devices."""

_NAME = re.compile(r"(?P<said>(?P<until>[0-9]{1,12})\.(?P<challenge>[0-9a-f]{64}))\.(?P<mac>[0-9a-f]{64})", re.ASCII)
_SAYS_NO = (WebAuthnException, ValueError, TypeError, KeyError)


MOST_ID = 1023
"""Bytes of a credential's id (WebAuthn level 3, section 7.1)."""
MOST_KEY = 2_000
"""Bytes of a credential's public key: what the table's index holds; an RSA key of 4,096 bits has 530."""


class RelyingParty(msgspec.Struct, frozen=True):
    """Where the pages are: their origin as browsers say it (`https://roll.example`) and its host, the relying party."""

    origin: str
    host: str


class _Kept(msgspec.Struct, frozen=True):
    challenge: str
    for_whom: str
    handle: str


class Options(msgspec.Struct, frozen=True):
    """What the browser needs for the ceremony, and the name of the ceremony for the second step."""

    ceremony: str
    options: dict[str, Any]


def register_options(
    roll: Roll, place: RelyingParty, for_whom: str, handle: bytes, name: str, *, others: Sequence[bytes] = ()
) -> Options:
    """The first step of making a passkey. `for_whom` must come back unchanged in the second: a person, record or invitation.

    An authenticator that holds one of the credentials `others` makes none (WebAuthn level 3, section 5.4, excludeCredentials).
    """
    challenge = roll.random_bytes(32)
    options = generate_registration_options(
        rp_id=place.host,
        rp_name=in_language(roll.opened.title, roll.languages[0]),
        user_id=handle,
        user_name=name,
        challenge=challenge,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in others],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    kept = _Kept(bytes_to_base64url(challenge), for_whom, bytes_to_base64url(handle))
    return Options(_keep(roll, kept), msgspec.json.decode(options_to_json(options)))


def registered(
    connection: Connection, roll: Roll, place: RelyingParty, for_whom: str, answer: Mapping[str, Any]
) -> tuple[PasskeyRow, bytes] | Refused:
    """The second step: the new passkey, not stored and without an owner yet, and the user handle it was made for."""
    return _made(connection, roll, place, _take(connection, roll, answer), for_whom, answer)


def registered_but_not_spent(
    connection: Connection, roll: Roll, place: RelyingParty, for_whom: str, answer: Mapping[str, Any]
) -> tuple[PasskeyRow, bytes] | Refused:
    """As `registered`; an answer that is good leaves its ceremony where it is, for `finish` to end it with all others."""
    hashed_name, since = hashed(str(answer.get("ceremony", ""))), roll.clock() - IN_TIME
    kept = sessions.ceremony(connection, hashed_name, "make", since)
    found = None if kept is None else msgspec.json.decode(kept, type=_Kept)
    made = _made(connection, roll, place, found, for_whom, answer)
    if isinstance(made, Refused):
        _take(connection, roll, answer)
    return made


def finish(connection: Connection, for_whom: str, answer: Mapping[str, Any]) -> bool:
    """End every ceremony of the one for whom this is; whether it was still among them."""
    return hashed(str(answer.get("ceremony", ""))) in sessions.end_ceremonies(connection, for_whom)


def _made(
    connection: Connection,
    roll: Roll,
    place: RelyingParty,
    kept: _Kept | None,
    for_whom: str,
    answer: Mapping[str, Any],
) -> tuple[PasskeyRow, bytes] | Refused:
    if kept is None or kept.for_whom != for_whom:
        return Refused(SignInFailed())
    try:
        with third_party("webauthn", *_SAYS_NO):
            made = verify_registration_response(
                credential=_credential(answer),
                expected_challenge=base64url_to_bytes(kept.challenge),
                expected_rp_id=place.host,
                expected_origin=place.origin,
                require_user_verification=True,
            )
    except NotValid:
        return Refused(SignInFailed())
    if len(made.credential_id) > MOST_ID or len(made.credential_public_key) > MOST_KEY:
        return Refused(SignInFailed())
    sessions.only_one_way_in(connection, made.credential_id, made.credential_public_key)
    if sessions.knows_passkey(connection, made.credential_id, made.credential_public_key):
        return Refused(SignInFailed())  # section 7.1: a credential has one owner, and so has its key
    now = roll.clock()
    label = now.date().isoformat()
    row = PasskeyRow(made.credential_id, None, None, made.credential_public_key, made.sign_count, label, now)
    return row, base64url_to_bytes(kept.handle)


def signin_options(roll: Roll, place: RelyingParty, *, record: int | None = None) -> Options:
    """The first step of signing in: any passkey of this roll, or one of a record's."""
    challenge = roll.random_bytes(32)
    allowed = None
    if record is not None:
        with roll.database.own() as connection:
            held = sessions.passkeys_of(connection, record=record)
        allowed = [PublicKeyCredentialDescriptor(id=one.id) for one in held]
    options = generate_authentication_options(
        rp_id=place.host,
        challenge=challenge,
        allow_credentials=allowed,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    # Anybody may ask for this, so nothing of it is kept: the browser brings the challenge back as the roll signed it.
    return Options(_signed(roll, challenge), msgspec.json.decode(options_to_json(options)))


def signed_in(
    connection: Connection, roll: Roll, place: RelyingParty, answer: Mapping[str, Any]
) -> PasskeyRow | Refused:
    """The second step: the passkey that answered."""
    name = str(answer.get("ceremony", ""))
    challenge = _challenge(roll, name)
    if challenge is None:
        return Refused(SignInFailed())
    try:
        with third_party("webauthn", *_SAYS_NO):
            credential = _credential(answer)
            sought = base64url_to_bytes(str(credential["rawId"]))
        passkey = sessions.passkey(connection, sought)
        # Spent once there is a passkey it could be for: one try at one challenge, and no row for what names none.
        if passkey is None or not spend(connection, _named(name), roll.clock() + IN_TIME):
            return Refused(SignInFailed())
        with third_party("webauthn", *_SAYS_NO):
            verified = verify_authentication_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=place.host,
                expected_origin=place.origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=passkey.uses,
                require_user_verification=True,
            )
    except NotValid:
        return Refused(SignInFailed())
    sessions.used_passkey(connection, passkey.id, verified.new_sign_count, roll.clock())
    return passkey


def _credential(answer: Mapping[str, Any]) -> dict[str, Any]:
    found = answer["credential"]
    if not isinstance(found, dict):
        raise TypeError("a credential is an object")
    return found


def _signed(roll: Roll, challenge: bytes) -> str:
    """The name of a ceremony of signing in: until when, the challenge, and the roll's word for both."""
    said = f"{int((roll.clock() + IN_TIME).timestamp())}.{challenge.hex()}"
    return f"{said}.{_mac(roll, said)}"


def _challenge(roll: Roll, name: str) -> bytes | None:
    """The challenge of a ceremony of signing in that this roll began and that has not run out."""
    found = _NAME.fullmatch(name)
    if found is None or not hmac.compare_digest(found["mac"], _mac(roll, found["said"])):
        return None
    return bytes.fromhex(found["challenge"]) if roll.clock().timestamp() <= int(found["until"]) else None


def _mac(roll: Roll, said: str) -> str:
    return hmac.digest(PASSKEY_SIGN_IN.of(roll.keys), said.encode(), "sha256").hex()


def _named(name: str) -> bytes:
    return hashlib.sha256(b"openroll passkey sign-in" + name.encode()).digest()


def _keep(roll: Roll, kept: _Kept) -> str:
    name, now = new_secret(roll), roll.clock()
    with roll.database.own() as connection:
        sessions.put_ceremony(connection, hashed(name), "make", msgspec.json.encode(kept).decode(), now)
        sessions.only_newest_ceremonies(connection, "make", kept.for_whom, MOST_BEGUN)
    return name


def _take(connection: Connection, roll: Roll, answer: Mapping[str, Any]) -> _Kept | None:
    name = str(answer.get("ceremony", ""))
    kept = sessions.take_ceremony(connection, hashed(name), "make", roll.clock() - IN_TIME)
    return None if kept is None else msgspec.json.decode(kept, type=_Kept)
