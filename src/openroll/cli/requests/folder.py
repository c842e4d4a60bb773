"""A request in a folder: what was taken from the roll, so that it is read, answered and checked without asking it again.

`request.json` and `keys.json` are as the roll served them, with their receipts; `key-history.json` is that of the log;
`roll.json` says what nothing proves, the country and the names that the log had before; each envelope lies beside them under
its place and its part, as `1-ask.envelope`.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from openroll.cli.key_files import write_private
from openroll.cli.output import fail
from openroll.cli.requests.at_roll import Believed, Log, log_by, matter_in
from openroll.disclosure.envelope import (
    EnvelopeError,
    EnvelopeNotOurs,
    HeldKey,
    VerifyingKey,
    digest,
    open_envelope,
    recipients,
)
from openroll.register.request.content import context_of
from openroll.register.request.turns import part_of
from openroll.tlog import KEY_HISTORY
from openroll.watch.requests.proved import Key, Matter, Unproved, organisation_of, own_keys

REQUEST, KEYS, ROLL = "request.json", "keys.json", "roll.json"
_SEALED = "*.envelope"
_CLOSED = "does-not-open"


class Opened(NamedTuple):
    """An envelope that was opened: its part, the organisation that sent it, its place among the facts, and its content; or why
    it does not open."""

    part: str
    organisation: str
    place: int
    content: bytes
    fault: str = ""


class Folder(NamedTuple):
    """A request as it lies in a folder, proved by the log's keys that are trusted."""

    path: Path
    log: Log
    matter: Matter
    keys: tuple[Key, ...]
    envelopes: tuple[bytes, ...]
    country: str = ""
    before: tuple[str, ...] = ()


class RollSaid(msgspec.Struct):
    """What the roll says of itself and nothing proves: the country of its jurisdiction, empty where its files name none; and the
    names that its log had `before`, by which what was sealed then opens, or nothing does."""

    country: str = ""
    before: tuple[str, ...] = ()


def write_folder(
    path: Path,
    request: bytes,
    keys: Iterable[Key],
    history: bytes,
    envelopes: Sequence[tuple[str, bytes]],
    said: RollSaid,
) -> None:
    """Write a folder for its owner alone; it must not be there yet."""
    try:
        path.mkdir(mode=0o700)
    except OSError as error:
        fail(f"{path} cannot be made: {error.strerror or error}. A request's folder is never written over.")
    write_private(path / REQUEST, request, "A request")
    write_private(path / KEYS, msgspec.json.encode(list(keys)), "A list of keys")
    write_private(path / KEY_HISTORY, history, "A key history")
    write_private(path / ROLL, msgspec.json.encode(said), "What a roll says")
    for place, (part, data) in enumerate(envelopes, 1):
        write_private(path / f"{place}-{part}.envelope", data, "An envelope")


def read_folder(path: Path, believed: Believed) -> Folder:
    """Read a folder and prove what it says. Raises Unproved, TlogError."""
    try:
        history = (path / KEY_HISTORY).read_bytes()
        served, keys = (path / REQUEST).read_bytes(), (path / KEYS).read_bytes()
        said = (path / ROLL).read_bytes() if (path / ROLL).exists() else b"{}"
        envelopes = tuple(one.read_bytes() for one in sorted(path.glob(_SEALED), key=_place))
    except OSError as error:
        fail(f"{error.filename or path}: {error.strerror or error}. `openroll request take` makes a request's folder.")
    log = log_by(believed, history)
    try:
        request = msgspec.json.decode(served, type=dict[str, Any])
        listed = msgspec.json.decode(keys, type=list[Key])
        roll = msgspec.json.decode(said, type=RollSaid)
    except (msgspec.DecodeError, UnicodeDecodeError, LookupError, TypeError) as error:
        raise Unproved(f"what lies in {path} cannot be read: {error}") from error
    return Folder(path, log, matter_in(request, log), tuple(listed), envelopes, roll.country, roll.before)


def _place(path: Path) -> tuple[int, str]:
    first = path.name.partition("-")[0]
    return (int(first) if first.isascii() and first.isdigit() else 0, path.name)


def opened(folder: Folder, held: Sequence[HeldKey]) -> list[Opened]:
    """The envelopes that these keys open, in the order of their facts. Raises Unproved: one is no fact's, or does not open."""
    found = tried(folder, held)
    for one in found:
        if one.fault:
            raise Unproved(
                f"the envelope `{one.part}` of {one.organisation or 'the person'} does not open: {one.fault}"
            )
    return found


def tried(folder: Folder, held: Sequence[HeldKey]) -> list[Opened]:
    """As `opened`, with those that name one of these keys and do not open: one that is bad keeps nobody from the others."""
    facts = enumerate(folder.matter.facts)
    named = ((place, fact, part_of(fact)) for place, fact in facts)
    by_digest = {sealed[1]: (place, fact, sealed[0]) for place, fact, sealed in named if sealed is not None}
    found = []
    for data in folder.envelopes:
        if digest(data) not in by_digest:
            raise Unproved("an envelope in the folder is none that the log names in this request")
        place, fact, part = by_digest[digest(data)]
        sender = organisation_of(fact)
        try:
            ours = next((one for one in held if one.id in recipients(data)), None)
            if ours is None:
                continue
            content = _content(folder, data, ours, sender, part)
        except EnvelopeError as error:
            found.append(Opened(part, sender, place, b"", str(error)))
        else:
            found.append(Opened(part, sender, place, content))
    return sorted(found, key=lambda one: one.place)


def _content(folder: Folder, data: bytes, key: HeldKey, sender: str, part: str) -> bytes:
    """What stands in an envelope, sealed under the name of today's log or of one before it. Raises EnvelopeError."""
    signers = _signers(folder, sender)
    try:
        return open_envelope(data, key.private, signers, context(folder, part))
    except EnvelopeNotOurs as error:
        for name in folder.before if error.reason == _CLOSED else ():
            earlier = folder._replace(log=folder.log._replace(origin=name), before=())
            with suppress(EnvelopeNotOurs):
                return open_envelope(data, key.private, signers, context(earlier, part))
        raise


def _signers(folder: Folder, organisation: str) -> list[VerifyingKey]:
    own = [one for one in folder.keys if one.organisation == organisation]
    return [one.published.verifying for one in own_keys(own, organisation, folder.log.keys, folder.log.policy)]


def context(folder: Folder, part: str) -> str:
    """What binds a part of a folder's request."""
    return context_of(folder.log.origin, msgspec.structs.asdict(folder.matter.filed), part)


__all__ = ["Folder", "Opened", "RollSaid", "context", "opened", "read_folder", "tried", "write_folder"]
