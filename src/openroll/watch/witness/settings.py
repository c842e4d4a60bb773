"""A witness's settings, one YAML file: who it is, where it keeps what it signed, which logs it watches."""

import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from openroll.durable import write_durably
from openroll.tlog import Signer, TlogError, Verifier
from openroll.tlog.note import ED25519
from openroll.traffic import MOST_HOPS

KINDS = ("cosignature", "ml-dsa-44")
"""The kinds of cosignature a witness gives: Ed25519 and ML-DSA-44 (tlog-cosignature)."""
MOST_ORIGIN = 255
"""Bytes of a log's name, in UTF-8: an ML-DSA-44 cosignature has room for no more (tlog-cosignature)."""
_FROM_ENVIRONMENT = "env:"


class LogSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One log: its name, its keys, where it and its mirrors are read, and how many new heads a minute are cosigned.

    `names_differ` says that its keys bear another name than its origin, as with `go.sum database tree`. `looks` has the witness
    look at web sites when the roll whose log it is asks.
    """

    origin: Annotated[str, Meta(min_length=1, max_length=255)]
    keys: Annotated[tuple[str, ...], Meta(min_length=1)]
    address: str = ""
    mirrors: tuple[str, ...] = ()
    per_minute: Annotated[int, Meta(ge=1)] = 600
    names_differ: bool = False
    looks: bool = False


class WitnessSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file. Paths are relative to the file's own folder; a key is a file, or `env:NAME` for a variable.

    `ask` names fellow witnesses' monitoring prefixes, which may know more of this witness's past than it does itself; `former`
    are verifier keys it signed under before. `quarantine`: cosign nothing for a log until one place besides the log answered.
    `looking_key` is the private key for what it saw of web sites.
    """

    name: Annotated[str, Meta(min_length=1, max_length=255)]
    keys: Annotated[tuple[str, ...], Meta(min_length=1)]
    state: str = "state"
    ratchet: str = "ratchet"
    evidence: str = "evidence"
    logs: tuple[LogSettings, ...] = ()
    ask: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    quarantine: bool = False
    per_source_minute: Annotated[int, Meta(ge=1)] = 1200
    behind_proxy: bool | Annotated[int, Meta(ge=0, le=MOST_HOPS)] = False
    looking_key: str = ""


class WatchedLog(msgspec.Struct, frozen=True):
    """A log as the witness uses it: its keys read."""

    origin: str
    verifiers: tuple[Verifier, ...]
    address: str
    mirrors: tuple[str, ...]
    per_minute: int


class Keys(NamedTuple):
    """What a witness signs with, and the verifiers of the keys it signed with before."""

    signers: tuple[Signer, ...]
    former: tuple[Verifier, ...] = ()

    @property
    def today(self) -> tuple[Verifier, ...]:
        """The public keys it signs under now."""
        return tuple(signer.verifier for signer in self.signers)

    @property
    def own(self) -> tuple[Verifier, ...]:
        """All public keys whose signatures are its own."""
        return (*self.today, *self.former)

    @property
    def published(self) -> tuple[str, ...]:
        """The public keys it signs under now, for policies."""
        return tuple(map(str, self.today))


def new_settings(name: str, keys: Sequence[str], ratchet: str) -> str:
    """The text of a new settings file, with a word on each line."""
    return f"""\
# A witness of transparency logs: openroll witness serve. What each line does: docs/witness.md
name: {_quoted(name)}
keys: [{", ".join(map(_quoted, keys))}]  # private keys: files, or env:NAME for a variable of the environment
state: state
ratchet: {_quoted(ratchet)}  # the second record of what was signed: best on another disk, never in one backup with the state
evidence: evidence
ask: []  # monitoring prefixes of fellow witnesses: who else may know what this one signed
quarantine: false  # true: after a start, cosign for a log only once a place besides the log itself has answered
per_source_minute: 1200  # requests of one address (IPv6: one /64); the /24, /56 or /48 around it has four times as many
behind_proxy: false  # true, or a number: so many proxies stand in front, and what they wrote in X-Forwarded-For is believed
logs: []  # openroll witness watch adds one
"""


def _quoted(text: str) -> str:
    """A string as YAML reads it whatever is in it: JSON's form, which YAML has too."""
    return msgspec.json.encode(text).decode()


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


def write_log(path: Path, log: LogSettings, *, dry_run: bool = False) -> WitnessSettings:
    """Add a log to the file, or change it there; every other line and remark stays. Raises ValueError before it writes.

    Gives the settings as they are afterwards. `dry_run` writes nothing.
    """
    read_settings(path)
    yaml = YAML(pure=True)
    yaml.preserve_quotes = True
    yaml.width = 4_096  # a verifier key is long, and is not broken
    document = yaml.load(path.read_text(encoding="utf-8"))
    recollections = {
        name: value for name, value in msgspec.to_builtins(log).items() if value not in ("", [], (), False)
    }
    others = [one for one in document.get("logs") or [] if one["origin"] != log.origin]
    document["logs"] = [*others, recollections]
    text = io.StringIO()
    yaml.dump(document, text)
    after = msgspec.convert(YAML(typ="safe", pure=True).load(text.getvalue()), WitnessSettings)
    watched_logs(after)
    if not dry_run:
        write_durably(path, text.getvalue().encode())
    return after


def looking_key(settings: WitnessSettings, folder: Path, environment: Mapping[str, str] = os.environ) -> Signer:
    """The key under which this witness says what it saw of web sites. Raises ValueError where it is no key for that."""
    if not settings.looking_key:
        raise ValueError(
            "a log is to be looked for, and there is no looking_key: openroll witness look ORIGIN makes one"
        )
    place, text = _secret(settings.looking_key, folder, environment)
    try:
        signer = Signer.parse(text.strip())
    except TlogError as error:
        raise ValueError(f"the key {place}: {error}") from error
    if signer.algorithm != ED25519 or signer.name != settings.name:
        raise ValueError(
            f"the key {place} is none of {settings.name} for what it sees of sites: it cosigns, or is another's"
        )
    return signer


def write_looks(path: Path, origin: str, key: str, *, looks: bool) -> WitnessSettings:
    """Have the witness look at sites for a roll's log that it watches, or no more; every other line and remark stays.

    Raises ValueError before it writes.
    """
    settings = read_settings(path)
    log = next((one for one in settings.logs if one.origin == origin), None)
    if log is None:
        raise ValueError(
            f"{settings.name} does not watch {origin}: openroll witness watch names it with its keys first"
        )
    if key != settings.looking_key:
        yaml = YAML(pure=True)
        yaml.preserve_quotes, yaml.width = True, 4_096
        document, text = yaml.load(path.read_text(encoding="utf-8")), io.StringIO()
        document["looking_key"] = key
        yaml.dump(document, text)
        write_durably(path, text.getvalue().encode())
    return write_log(path, msgspec.structs.replace(log, looks=looks))


def watched_logs(settings: WitnessSettings) -> dict[str, WatchedLog]:
    """The logs by origin. Raises ValueError for a key that cannot be read or is another log's."""
    return {log.origin: _watched(log) for log in settings.logs}


def _watched(log: LogSettings) -> WatchedLog:
    if len(log.origin.encode()) > MOST_ORIGIN:
        raise ValueError(f"the log {log.origin!r}: a name that is cosigned has {MOST_ORIGIN} bytes at most")
    try:
        verifiers = tuple(Verifier.parse(key) for key in log.keys)
    except TlogError as error:
        raise ValueError(f"the log {log.origin!r}: {error}") from error
    other = next((one for one in verifiers if one.name != log.origin), None)
    if other is not None and not log.names_differ:
        raise ValueError(
            f"the log {log.origin!r}: the key of {other.name!r} seems to be another log's. Where this log's keys really "
            "bear another name than its origin, set names_differ: true (--names-differ)"
        )
    return WatchedLog(log.origin, verifiers, log.address, log.mirrors, log.per_minute)


def read_keys(settings: WitnessSettings, folder: Path, environment: Mapping[str, str] = os.environ) -> Keys:
    """The witness's keys. Raises ValueError where one is missing, cannot be read, or is another witness's."""
    try:
        former = tuple(Verifier.parse(key) for key in settings.former)
    except TlogError as error:
        raise ValueError(f"former: {error}") from error
    return Keys(tuple(_signer(settings.name, name, folder, environment) for name in settings.keys), former)


def _signer(witness: str, name: str, folder: Path, environment: Mapping[str, str]) -> Signer:
    place, text = _secret(name, folder, environment)
    try:
        signer = Signer.parse(text.strip())
    except TlogError as error:
        raise ValueError(f"the key {place}: {error}") from error
    if signer.name != witness:
        raise ValueError(f"the key {place} is {signer.name!r}'s; this witness is {witness!r}")
    if signer.algorithm not in (0x04, 0x06):
        raise ValueError(f"the key {place} is a log's: a witness signs with keys for cosignatures (04 or 06)")
    return signer


def _secret(name: str, folder: Path, environment: Mapping[str, str]) -> tuple[str, str]:
    """Where a private key is, and its text."""
    if name.startswith(_FROM_ENVIRONMENT):
        variable = name.removeprefix(_FROM_ENVIRONMENT)
        if variable not in environment:
            raise ValueError(f"the key {name} is missing: the environment has no {variable}")
        return name, environment[variable]
    path = folder / name
    try:
        if path.stat().st_mode & 0o077:
            raise ValueError(f"the key {path} can be read by others on this machine: chmod 600 {path}")
        return str(path), path.read_text(encoding="ascii")
    except FileNotFoundError as error:
        raise ValueError(f"the key {path} is missing: without it this witness cannot sign") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"the key {path} is no key: it is not plain ASCII") from error
