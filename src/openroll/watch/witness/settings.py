"""A witness's settings, one YAML file: who it is, where it keeps what it signed, which logs it watches."""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from openroll.tlog import Signer, TlogError, Verifier

KINDS = ("cosignature", "ml-dsa-44")
"""The kinds of cosignature a witness gives: Ed25519 and ML-DSA-44 (tlog-cosignature)."""


class LogSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One log: its name, its keys, where it is read, and how many requests a minute are answered for it."""

    origin: Annotated[str, Meta(min_length=1, max_length=255)]
    keys: Annotated[tuple[str, ...], Meta(min_length=1)]
    address: str = ""
    per_minute: Annotated[int, Meta(ge=1)] = 600


class WitnessSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file. Paths are relative to the file's own folder.

    `ask` names places that may know more of this witness's own past than it does itself: fellow witnesses' and its own
    mirrors' monitoring prefixes. `quarantine`: cosign nothing for a log until one place outside was asked.
    """

    name: Annotated[str, Meta(min_length=1, max_length=255)]
    keys: Annotated[tuple[str, ...], Meta(min_length=1)]
    state: str = "state"
    ratchet: str = "ratchet"
    logs: tuple[LogSettings, ...] = ()
    ask: tuple[str, ...] = ()
    quarantine: bool = False
    per_source_minute: Annotated[int, Meta(ge=1)] = 1200


class Watched(msgspec.Struct, frozen=True):
    """A log as the witness uses it: its keys read."""

    origin: str
    verifiers: tuple[Verifier, ...]
    address: str
    per_minute: int


def read_settings(path: Path) -> WitnessSettings:
    """Read the file. Raises ValueError with the place of what is wrong, and FileNotFoundError."""
    try:
        plain = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
        settings = msgspec.convert(plain, WitnessSettings)
    except (YAMLError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: {error}") from error
    origins = [log.origin for log in settings.logs]
    twice = next((origin for origin in origins if origins.count(origin) > 1), None)
    if twice is not None:
        raise ValueError(f"{path}: the log {twice!r} stands twice: give it one place with all its keys")
    return settings


def write_settings(path: Path, settings: WitnessSettings) -> None:
    """Write the file anew, whole."""
    yaml = YAML(pure=True)
    yaml.width = 4_096
    with path.with_name(path.name + ".new").open("w", encoding="utf-8") as file:
        yaml.dump(msgspec.to_builtins(settings), file)
    path.with_name(path.name + ".new").replace(path)


def watched(settings: WitnessSettings) -> dict[str, Watched]:
    """The logs by origin. Raises ValueError for a key that cannot be read or is another log's."""
    return {log.origin: _watched(log) for log in settings.logs}


def _watched(log: LogSettings) -> Watched:
    try:
        verifiers = tuple(Verifier.parse(key) for key in log.keys)
    except TlogError as error:
        raise ValueError(f"the log {log.origin!r}: {error}") from error
    other = next((one for one in verifiers if one.name != log.origin), None)
    if other is not None:
        raise ValueError(
            f"the log {log.origin!r}: the key of {other.name!r} is another log's (a log's key bears its origin)"
        )
    return Watched(log.origin, verifiers, log.address, log.per_minute)


def read_signers(settings: WitnessSettings, folder: Path) -> tuple[Signer, ...]:
    """The witness's private keys. Raises ValueError where one is missing, cannot be read, or is another witness's."""
    return tuple(_signer(settings.name, folder / name) for name in settings.keys)


def _signer(witness: str, path: Path) -> Signer:
    try:
        signer = Signer.parse(path.read_text(encoding="ascii").strip())
    except FileNotFoundError as error:
        raise ValueError(f"the key {path} is missing: without it this witness cannot sign") from error
    except (TlogError, UnicodeDecodeError) as error:
        raise ValueError(f"the key {path}: {error}") from error
    if signer.name != witness:
        raise ValueError(f"the key {path} is {signer.name!r}'s; this witness is {witness!r}")
    if path.stat().st_mode & 0o077:
        raise ValueError(f"the key {path} can be read by others on this machine: chmod 600 {path}")
    return signer
