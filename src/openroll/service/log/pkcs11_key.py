"""An Ed25519 log key that never leaves its PKCS#11 token: the token signs (CKM_EDDSA, PKCS#11 version 3.0, section 2.3.13).

A key is named by its address (RFC 7512): `pkcs11:token=openroll;object=log?module-path=/usr/lib/softhsm/libsofthsm2.so`. The
PIN comes from OPENROLL_PKCS11_PIN, or from the file that `pin-source` names; never from the address itself, which ends up in
process lists. ML-DSA is in no token we could try (PKCS#11 3.2 has it, SoftHSM 2.6 has not): that key stays with the others.
"""

import threading
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import pkcs11

from openroll.tlog import Verifier
from openroll.tlog.note import ED25519

_OPEN: dict[tuple[str, str], pkcs11.Session] = {}
"""One session a token in this process: PKCS#11 logs in a process, not a session."""
_LOCK = threading.RLock()
_POINT_HEAD = b"\x04\x20"
"""How a token writes a public point: a DER octet string of 32 bytes."""


class KeyNotHeld(Exception):
    """A key that must sign now is not here, or its token does not answer: nothing is signed without it."""


class TokenKey:
    """A log key behind a token. Signs under the log's name."""

    def __init__(self, name: str, address: "_Address", pin: str) -> None:
        """Open the token and find the key. Raises ValueError with a sentence."""
        self._address, self._pin = address, pin
        self.name = name
        with _LOCK:
            self.verifier = Verifier(name, ED25519, self._public())

    @classmethod
    def of(cls, line: str, name: str, pin: str) -> "TokenKey":
        """The key of an address, opened with `pin` or with what its pin-source holds. Raises ValueError with a sentence."""
        address = _Address(line)
        return cls(name, address, pin or address.pin())

    def sign(self, text: str, timestamp: int = 0) -> bytes:  # noqa: ARG002 - this kind of key signs no time
        """The token's signature over the text. Raises KeyNotHeld."""
        with _LOCK:
            try:
                return self._signed(text)
            except (pkcs11.exceptions.PKCS11Error, ValueError):
                _forget(self._address)  # a session may have died with a token that is back by now
            try:
                return self._signed(text)
            except (pkcs11.exceptions.PKCS11Error, ValueError) as error:
                raise KeyNotHeld(f"the token {self._address.token!r} does not sign: {_why(error)}") from error

    def _signed(self, text: str) -> bytes:
        key: Any = self._find(pkcs11.ObjectClass.PRIVATE_KEY)
        signature: bytes = key.sign(text.encode(), mechanism=pkcs11.Mechanism.EDDSA)
        return signature

    def _public(self) -> bytes:
        try:
            self._find(pkcs11.ObjectClass.PRIVATE_KEY)
            point: bytes = self._find(pkcs11.ObjectClass.PUBLIC_KEY)[pkcs11.Attribute.EC_POINT]
        except pkcs11.exceptions.PKCS11Error as error:
            raise ValueError(f"the token {self._address.token!r} cannot be asked: {_why(error)}") from error
        if len(point) == 34 and point.startswith(_POINT_HEAD):
            return point[2:]
        if len(point) == 32:
            return point  # some tokens leave the octet string's head away
        raise ValueError(f"the key {self._address.key!r} on the token {self._address.token!r} is not an Ed25519 key")

    def _find(self, kind: pkcs11.ObjectClass) -> Any:
        try:
            return _session(self._address, self._pin).get_key(object_class=kind, label=self._address.key)
        except pkcs11.exceptions.NoSuchKey as error:
            what = "private" if kind == pkcs11.ObjectClass.PRIVATE_KEY else "public"
            raise ValueError(
                f"the token {self._address.token!r} holds no {what} key {self._address.key!r}: "
                "`pkcs11-tool --list-objects` shows what it holds"
            ) from error
        except pkcs11.exceptions.MultipleObjectsReturned as error:
            raise ValueError(
                f"the token {self._address.token!r} holds more than one key {self._address.key!r}: give each a label"
            ) from error


class _Address:
    """A key's address, taken apart (RFC 7512, section 2.3): token, object, module-path, pin-source."""

    def __init__(self, line: str) -> None:
        path, _, query = line.removeprefix("pkcs11:").partition("?")
        parts = dict(part.split("=", 1) for part in path.split(";") if "=" in part)
        asked = dict(parse_qsl(query, keep_blank_values=True))
        self.token, self.key = unquote(parts.get("token", "")), unquote(parts.get("object", ""))
        self.module = asked.get("module-path", "")
        self._pin_source = asked.get("pin-source", "")
        if not self.token or not self.key or not self.module or "pin-value" in asked:
            raise ValueError(
                "the address of a token's key reads pkcs11:token=LABEL;object=LABEL?module-path=/path/to/module.so"
                " with &pin-source=/path if the PIN is in a file; a PIN itself has no place in it"
            )

    def pin(self) -> str:
        """What the file of pin-source holds; nothing where none is named. Raises ValueError."""
        if not self._pin_source:
            return ""
        path = Path(self._pin_source.removeprefix("file:"))
        try:
            return path.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ValueError(
                f"the PIN of the token {self.token!r} cannot be read from {path}: {error.strerror}"
            ) from error


def _session(address: _Address, pin: str) -> pkcs11.Session:
    place = (address.module, address.token)
    if place not in _OPEN:
        _OPEN[place] = _opened(address, pin)
    return _OPEN[place]


def _opened(address: _Address, pin: str) -> pkcs11.Session:
    if not pin:
        raise ValueError(
            f"the token {address.token!r} wants a PIN: set OPENROLL_PKCS11_PIN, or pin-source in its address"
        )
    try:
        return pkcs11.lib(address.module).get_token(token_label=address.token).open(user_pin=pin)
    except pkcs11.exceptions.NoSuchToken as error:
        raise ValueError(f"{address.module} has no token {address.token!r}: is it plugged in, and spelt so?") from error
    except (pkcs11.exceptions.PinIncorrect, pkcs11.exceptions.PinLenRange, pkcs11.exceptions.PinInvalid) as error:
        raise ValueError(
            f"the token {address.token!r} refuses the PIN. Mend OPENROLL_PKCS11_PIN or the file of pin-source before trying "
            "again: a token locks itself after a few wrong ones"
        ) from error
    except pkcs11.exceptions.PinLocked as error:
        raise ValueError(f"the token {address.token!r} has locked its PIN: its security officer unlocks it") from error


def _forget(address: _Address) -> None:
    session = _OPEN.pop((address.module, address.token), None)
    if session is not None:
        try:
            session.close()
        except pkcs11.exceptions.PKCS11Error:
            return  # it was dead already


def _why(error: Exception) -> str:
    return str(error) or type(error).__name__
