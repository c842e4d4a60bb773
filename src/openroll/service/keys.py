"""The keys of a roll, in files outside the database: two log keys, the key of filing codes, the key of addresses.

The log signs with Ed25519, which every public log must, and with ML-DSA-44 beside it (C2SP tlog-checkpoint), so that a
receipt still proves something on the day the first scheme falls.
"""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from openroll.tlog import Signer, Verifier

ED25519 = "log-ed25519.key"
_ML_DSA_44 = "log-ml-dsa-44.key"
_CODES = "filing-codes.key"
_ADDRESSES = "addresses.key"


class Keys:
    """The keys of one roll, read once."""

    def __init__(self, signers: Sequence[Signer], code_key: bytes, address_key: bytes) -> None:
        self.signers = tuple(signers)
        self.verifiers = tuple(Verifier.parse(signer.verifier_key) for signer in signers)
        self.code_key = code_key
        self.address_key = address_key

    @property
    def verifier_keys(self) -> tuple[str, ...]:
        """The public keys as readers take them, one a line (C2SP signed-note, "Verifier keys")."""
        return tuple(signer.verifier_key for signer in self.signers)


def make_keys(folder: Path, origin: str, random: Callable[[int], bytes]) -> Keys:
    """Make the keys of a new roll in `folder` (mode 0700; each file 0600). Never overwrites one."""
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    signers = {
        ED25519: Signer.from_seed(origin, random(32), "ed25519"),
        _ML_DSA_44: Signer.from_seed(origin, random(32), "ml-dsa-44"),
    }
    for name, signer in signers.items():
        _keep(folder / name, signer.private_key + "\n")
    _keep(folder / _CODES, random(32).hex() + "\n")
    _keep(folder / _ADDRESSES, random(32).hex() + "\n")
    _keep(folder / "log.pub", "".join(signer.verifier_key + "\n" for signer in signers.values()), mode=0o644)
    return read_keys(folder)


def read_keys(folder: Path) -> Keys:
    """Read the keys of a roll. Raises FileNotFoundError when one is missing: without its keys a roll does not run."""
    signers = [Signer.parse((folder / name).read_text(encoding="ascii").strip()) for name in (ED25519, _ML_DSA_44)]
    code_key, address_key = (
        bytes.fromhex((folder / name).read_text(encoding="ascii")) for name in (_CODES, _ADDRESSES)
    )
    return Keys(signers, code_key, address_key)


def add_address_key(folder: Path, random: Callable[[int], bytes]) -> None:
    """Make the key of addresses for a roll that was made before there was one. One that is there is never touched.

    Does nothing where the other keys are missing: a lost folder of keys must not look like a new one.
    """
    if (folder / _ADDRESSES).exists() or not (folder / _CODES).exists():
        return
    # Written whole under another name and then linked: two processes at once, or a crash, leave one whole key.
    made = folder / f".{_ADDRESSES}.{random(8).hex()}"
    try:
        _keep(made, random(32).hex() + "\n")
        with suppress(FileExistsError):
            os.link(made, folder / _ADDRESSES)
    finally:
        made.unlink(missing_ok=True)


def _keep(path: Path, text: str, mode: int = 0o600) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
