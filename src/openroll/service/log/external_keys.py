"""Keys that are handed in rather than kept in files: from the environment, or as the PKCS#11 address of a token's key."""

from dataclasses import dataclass

from openroll.service.log.pkcs11_key import TokenKey
from openroll.tlog import Malformed, Signer, Signing


class KeysWrong(ValueError):
    """A key that cannot be used as it is given; a sentence says why and what to do. It never repeats a secret."""


@dataclass(frozen=True, repr=False)
class GivenKeys:
    """Keys from outside the roll's folder. Has no readable form, so that no log or traceback shows them.

    `log_keys` are `PRIVATE+KEY+…` lines or `pkcs11:` addresses (RFC 7512); `codes_key` and `address_key` are 64 hexadecimal
    digits each or empty; `pin` opens the tokens.
    """

    log_keys: tuple[str, ...] = ()
    codes_key: str = ""
    address_key: str = ""
    pin: str = ""


def signer_of(line: str, origin: str, pin: str) -> Signing:
    """The signer a line of OPENROLL_LOG_KEYS means. Raises KeysWrong."""
    if line.startswith("pkcs11:"):
        try:
            return TokenKey.of(line, origin, pin)
        except ValueError as error:
            raise KeysWrong(str(error)) from error
    try:
        return Signer.parse(line)
    except Malformed as error:
        raise KeysWrong(f"OPENROLL_LOG_KEYS holds a line that is no private key: {error}") from error


def secret_bytes(where: str, text: str) -> bytes:
    """A secret of 32 bytes from its 64 hexadecimal digits; nothing from nothing. Raises KeysWrong."""
    try:
        secret = bytes.fromhex(text)
    except ValueError:
        secret = b"no"
    if len(secret) not in (0, 32):
        raise KeysWrong(f"{where} is not 64 hexadecimal digits")
    return secret
