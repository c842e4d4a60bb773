"""A passkey made of software: what a phone would answer, and everything a broken or stolen one could."""

import hashlib
import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, HOLDS_KEY = 0x01, 0x04, 0x40


def b64(data: bytes) -> str:
    """base64url without padding, as WebAuthn's JSON has it."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """Back from `b64`."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Authenticator:
    """One passkey (ES256). What it says of origin, relying party, flags and counter can be bent at each answer."""

    def __init__(self, origin: str, host: str) -> None:
        self.origin, self.host = origin, host
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = os.urandom(32)
        self.uses = 0

    def made(self, given: dict[str, Any], **bent: Any) -> dict[str, Any]:
        """The second step of making a passkey, from the first step's answer."""
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        held = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(cose)
        about = self._about(bent | {"flags": bent.get("flags", PRESENT | VERIFIED | HOLDS_KEY)}) + held
        client = self._client("webauthn.create", given, bent)
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": about})
        response = {"clientDataJSON": b64(client), "attestationObject": b64(attested)}
        return self._answer(given, response, bent)

    def used(self, given: dict[str, Any], **bent: Any) -> dict[str, Any]:
        """The second step of signing in."""
        self.uses += 1
        about, client = self._about(bent), self._client("webauthn.get", given, bent)
        key = bent.get("key", self.key)
        signature = key.sign(about + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {"clientDataJSON": b64(client), "authenticatorData": b64(about), "signature": b64(signature)}
        return self._answer(given, response, bent)

    def _about(self, bent: dict[str, Any]) -> bytes:
        flags = bytes([bent.get("flags", PRESENT | VERIFIED)])
        counter = int(bent.get("uses", self.uses)).to_bytes(4, "big")
        return hashlib.sha256(str(bent.get("host", self.host)).encode()).digest() + flags + counter

    def _client(self, kind: str, given: dict[str, Any], bent: dict[str, Any]) -> bytes:
        said = {
            "type": bent.get("type", kind),
            "challenge": bent.get("challenge", given["options"]["challenge"]),
            "origin": bent.get("origin", self.origin),
            "crossOrigin": False,
        }
        return json.dumps(said).encode()

    def _answer(self, given: dict[str, Any], response: dict[str, Any], bent: dict[str, Any]) -> dict[str, Any]:
        name = b64(bent.get("id", self.id))
        credential = {"id": name, "rawId": name, "type": "public-key", "response": response}
        return {"ceremony": bent.get("ceremony", given["ceremony"]), "credential": credential}
