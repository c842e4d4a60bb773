"""What a cheating registrar can do: it has the log's keys, and shows whatever tree it likes under its own signature."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from openroll.register.event import Event
from openroll.service.event_rows import DOMAIN
from openroll.tlog import (
    Checkpoint,
    Entry,
    Signing,
    bundle_path,
    commit,
    decode_bundle,
    format_receipt,
    grow,
    grow_bundles,
    inclusion_proof,
    leaf_hash,
    sign_checkpoint,
    tile_path,
)


@dataclass(frozen=True)
class Made:
    """An entry with what it commits to, as only the roll has it."""

    entry: Entry
    salt: bytes
    body: bytes


def act_of(fact: Event, day: str) -> Made:
    """An event as an entry of a day: in full for an official act, as a commitment for a person's."""
    salt, body = os.urandom(32), fact.body().encode()
    return Made(Entry(fact.name, day, commit(DOMAIN, salt, body), body.decode() if fact.official else None), salt, body)


def person_act(day: str, kind: str = "subscription.filed/1") -> bytes:
    """A person's act that says nothing about anybody."""
    return Entry(kind, day, os.urandom(32)).encode()


def entries_of(log: Path) -> list[bytes]:
    """Every entry of a log's folder."""
    size = int((log / "checkpoint").read_bytes().split(b"\n")[1])
    entries: list[bytes] = []
    for index in range(-(-size // 256)):
        width = min(256, size - 256 * index)
        entries += decode_bundle((log / bundle_path(index, width)).read_bytes())[:width]
    return entries


def show(log: Path, entries: Sequence[bytes], signers: Sequence[Signing]) -> bytes:
    """Lay a log of these entries into a folder, in place of what was there, signed with the roll's keys; the signed head."""
    shutil.rmtree(log, ignore_errors=True)
    growth = grow(0, lambda *_: b"", [leaf_hash(entry) for entry in entries])
    for level, index, width, data in growth.tiles:
        _lay(log / tile_path(level, index, width), data)
    for index, width, data in grow_bundles(0, b"", entries):
        _lay(log / bundle_path(index, width), data)
    note = sign_checkpoint(Checkpoint(signers[0].name, growth.size, growth.root), signers)
    _lay(log / "checkpoint", note)
    return note


def _lay(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def receipt_of(log: Path, made: Made, index: int) -> bytes:
    """A receipt for an entry under the head that a folder shows."""
    note = (log / "checkpoint").read_bytes()
    size = int(note.split(b"\n")[1])

    def read(level: int, at: int, width: int) -> bytes:
        return (log / tile_path(level, at, width)).read_bytes()

    proof = inclusion_proof(read, size, index)
    return format_receipt(made.entry, DOMAIN, made.salt, made.body, index, proof, note)


def flip(path: Path, at: int) -> None:
    """Flip one bit of a file, as a failing disk does."""
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
