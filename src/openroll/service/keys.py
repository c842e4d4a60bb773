"""The keys of a roll, outside the database: its log keys, the key of filing codes, the key of addresses.

The log signs with Ed25519, which every public log must, and with ML-DSA-44 beside it (C2SP tlog-checkpoint), so that a
receipt still proves something on the day the first scheme falls. Keys come from files in the roll's folder, from the
environment, or (Ed25519) from a PKCS#11 token; whoever signs at which size is the log's own to say (`tlog.KeyHistory`), so
a key that lies here and is not named there signs nothing. docs/keys.md says the whole of it.
"""

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from openroll.durable import make_private, open_to_write, sync_folders
from openroll.service.log.external_keys import GivenKeys, KeysWrong, secret_bytes, signer_of
from openroll.service.log.pkcs11_key import KeyNotHeld
from openroll.tlog import Checkpoint, KeyHistory, Malformed, Signer, Signing, Verifier
from openroll.tlog.key_history import KeyEpoch
from openroll.tlog.note import ED25519, SUBTREE

_CODES = "filing-codes.key"
_ADDRESSES = "addresses.key"
_FIRST = "log.pub"
ALGORITHMS: Mapping[int, str] = {ED25519: "ed25519", SUBTREE: "ml-dsa-44"}
"""The kinds of key a roll's log signs with, each with one key (two while one gives way to the next)."""

Ring = dict[str, Signing]
__all__ = [
    "ALGORITHMS",
    "KeyNotHeld",
    "Keys",
    "OpenedCheckpoint",
    "add_address_key",
    "finish_switch",
    "keep_log_key",
    "make_keys",
    "read_keys",
    "warn_of_lost_key",
]


class OpenedCheckpoint(NamedTuple):
    """A published checkpoint that was verified, and the epochs of the log's keys that it was verified under."""

    note: bytes
    epochs: tuple[KeyEpoch, ...]
    checkpoint: Checkpoint


class Keys:
    """The keys of one roll. Which of its log keys sign is taken up from the log."""

    def __init__(
        self, ring: Callable[[], Ring], first: Sequence[Verifier], code_key: bytes, address_key: bytes
    ) -> None:
        """`ring` reads every private log key there is, by verifier key; `first` are the keys the log began with."""
        self._read = ring
        self._ring = ring()
        self.succession = KeyHistory(first)
        self.size = 0
        self.opened: OpenedCheckpoint | None = None
        """The published checkpoint that was opened last (`key_history.open_own`)."""
        self.code_key = code_key
        self.address_key = address_key

    @property
    def origin(self) -> str:
        """The log's name: the name of its first key."""
        return self.succession.terms[0].keys[0].name

    @property
    def verifiers(self) -> tuple[Verifier, ...]:
        """The keys for new readers: those that sign the newest published checkpoint and will go on to."""
        return self.succession.epoch(self.size).staying

    @property
    def verifier_keys(self) -> tuple[str, ...]:
        """The same as readers take them, one a line (C2SP signed-note, "Verifier keys")."""
        return tuple(map(str, self.verifiers))

    def adopt(self, succession: KeyHistory, size: int) -> None:
        """Go on under what the log says of its keys; `size` is the newest published one."""
        self.succession = succession
        self.size = size

    def signers_at(self, size: int) -> tuple[Signing, ...]:
        """The private keys that sign a checkpoint of this size. Raises KeyNotHeld when one of them is not here."""
        if missing := self.missing_at(size):
            raise KeyNotHeld(
                f"the log key {str(missing[0]).rsplit('+', 1)[0]} must sign a checkpoint of {size} and is not here: put it back"
                " in the keys folder, OPENROLL_LOG_KEYS or its token; if it is lost, `openroll log revoke-key --lost`"
            )
        return tuple(self._ring[str(key)] for key in self.succession.at(size))

    def missing_at(self, size: int) -> list[Verifier]:
        """The keys that must sign a checkpoint of this size and are not here."""
        wanted = self.succession.at(size)
        if not {str(key) for key in wanted} <= set(self._ring):
            self._ring = self._read()  # a rotation by another process left its new key in the folder
        return [key for key in wanted if str(key) not in self._ring]

    def waiting(self, algorithm: int) -> list[Verifier]:
        """Keys of a kind that are held here and have never signed: given for a rotation, or left by one that broke off."""
        self._ring = self._read()
        ever = self.succession.ever()
        return [one.verifier for key, one in self._ring.items() if key not in ever and _kind(one) == algorithm]


def warn_of_lost_key(keys: Keys) -> None:
    """Say in the log of the process that a key which must sign next is not here: acts wait unsigned until it is."""
    try:
        keys.signers_at(keys.size + 1)
    except KeyNotHeld as error:
        others = sorted(str(key).rsplit("+", 1)[0] for one in ALGORITHMS for key in keys.waiting(one))
        beside = f" (here lies {', '.join(others)}, which the log does not name)" if others else ""
        logging.getLogger("openroll").warning("%s%s", error, beside)


def _kind(signer: Signing) -> int:
    return signer.verifier.algorithm


def make_keys(folder: Path, origin: str, random: Callable[[int], bytes], given: GivenKeys = GivenKeys()) -> Keys:  # noqa: B008 - a frozen value
    """Make the keys of a new roll in `folder` (mode 0700; each file 0600), but for those that are given. Never overwrites one."""
    make_private(folder)
    ring = _ring(folder, given, origin)
    for algorithm, name in ALGORITHMS.items():
        if not any(_kind(one) == algorithm for one in ring.values()):
            signer = Signer.from_seed(origin, random(32), name)
            _keep(folder / f"log-{name}.key", signer.private_key + "\n")
            ring[str(signer.verifier)] = signer
    for name, set_already in ((_CODES, given.codes_key), (_ADDRESSES, given.address_key)):
        if not set_already and not (folder / name).exists():
            _keep(folder / name, random(32).hex() + "\n")
    first = sorted(ring.values(), key=_kind)
    # Last of all: what makes a folder of keys whole.
    _keep(folder / _FIRST, "".join(f"{one.verifier}\n" for one in first), mode=0o644)
    return read_keys(folder, given)


def read_keys(folder: Path, given: GivenKeys = GivenKeys()) -> Keys:  # noqa: B008 - a frozen value
    """Read the keys of a roll. Raises FileNotFoundError when one is missing, KeysWrong when one cannot be what it should be."""
    try:
        first = [Verifier.parse(line) for line in (folder / _FIRST).read_text(encoding="ascii").split()]
    except (Malformed, UnicodeDecodeError) as error:
        raise KeysWrong(
            f"{folder / _FIRST} is not a list of public keys ({error}); restore it from a backup"
        ) from error
    if not first:
        raise KeysWrong(f"{folder / _FIRST} names no key; restore it from a backup")
    code_key = secret_bytes("OPENROLL_CODES_KEY", given.codes_key) or _secret(folder / _CODES)
    address_key = secret_bytes("OPENROLL_ADDRESS_KEY", given.address_key) or _secret(folder / _ADDRESSES)
    return Keys(lambda: _ring(folder, given, first[0].name), first, code_key, address_key)


def _ring(folder: Path, given: GivenKeys, origin: str) -> Ring:
    """Every private log key there is: in files, in the environment, behind tokens."""
    signers: list[Signing] = [_signer(path) for path in sorted(folder.glob("log-*.key"))]
    signers += [signer_of(line, origin, given.pin) for line in given.log_keys]
    for one in signers:
        if one.name != origin:
            raise KeysWrong(f"a log key is named {one.name!r}; this log is {origin!r}, and its keys are named like it")
        if _kind(one) not in ALGORITHMS:
            raise KeysWrong("a log signs with Ed25519 and ML-DSA-44 keys; the key for a witness is of another kind")
    return {str(one.verifier): one for one in signers}


def _signer(path: Path) -> Signer:
    try:
        return Signer.parse(_private(path))
    except Malformed as error:
        raise KeysWrong(f"{path} holds no private key: {error}") from error


def _secret(path: Path) -> bytes:
    secret = secret_bytes(str(path), _private(path))
    if not secret:
        raise KeysWrong(
            f"{path} is empty: the disk was full when it was written, or it was emptied later. Restore it from a backup; if the "
            "roll was never opened, remove the keys folder and run `openroll init` again"
        )
    return secret


def _private(path: Path) -> str:
    """A file only its owner may read: refused when everyone may, or when others may write it.

    Whoever could read it may hold the key already, and going on would hide that. A group that may read is warned about only:
    that is how orchestrators hand a secret to the one group a service runs as.
    """
    mode = path.stat().st_mode & 0o777
    if mode & 0o027:
        raise KeysWrong(
            f"{path} can be read or written by others on this machine (mode {mode:04o}). If nobody can have taken it: "
            f"chmod 600 {path}; else change the key (docs/keys.md)"
        )
    if mode & 0o040:
        logging.getLogger("openroll").warning("%s can be read by its group (mode %04o): is that meant?", path, mode)
    return path.read_text(encoding="ascii").strip()


def finish_switch(home: Path) -> None:
    """Let a roll whose log began anew have its new keys, where a crash came between putting the old ones away and that."""
    if not (home / "keys").exists() and (home / "keys.new").exists():
        (home / "keys.new").rename(home / "keys")


def keep_log_key(folder: Path, signer: Signer) -> None:
    """Keep one more log key in the folder, durably. It signs nothing until the log names it."""
    name = ALGORITHMS[signer.algorithm]
    _keep(folder / f"log-{name}-{signer.verifier.key_id.hex()}.key", signer.private_key + "\n")
    sync_folders([folder])


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
    """Write a file that is not there yet, whole or not at all. Raises FileExistsError."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with open_to_write(fresh, mode) as file:
            file.write(text.encode("ascii"))
            file.flush()
            os.fsync(file.fileno())
        os.link(fresh, path)  # which never overwrites
    finally:
        fresh.unlink(missing_ok=True)
