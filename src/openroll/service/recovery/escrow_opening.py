"""`openroll escrow open`: a running roll from a deposit, on another machine and in another database.

A deposit is read twice: once to its end, to see that it is whole and signed, and only then again, to load it. Everything is
loaded in one transaction; the roll's files are renamed into their place after it. A roll that is there already is never touched.
What was opened is held like everything that comes from a copy, until it was compared with the newest head (`resuming.py`).
"""

import io
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta
from psycopg import Connection

from openroll.archive import Broken, Item, Keys, open_box
from openroll.register.roll.decide import NAME
from openroll.service.log.signing_hold import SigningHold, hold
from openroll.service.recovery.escrow import FORM, HISTORY, KEYS, SIGNATURE, Progress, statement
from openroll.service.recovery.roll_files import write_item
from openroll.service.roll import Clock
from openroll.store import log, schema, table_export, xid_reset
from openroll.store.connect import Database
from openroll.store.tree import tile_reader
from openroll.store.unwatched import unwatched
from openroll.tlog import (
    Checkpoint,
    KeyHistory,
    TlogError,
    Verifier,
    follow,
    handovers_of,
    open_note,
    parse_tile_path,
    root_at,
)

_MOST = 32 << 20
"""Bytes of the largest row, and of the largest bundle of the log: 256 entries of 65,535 bytes, and their lengths."""


class CannotOpen(Exception):
    """The deposit was not opened, and nothing was changed; the sentence says why."""


class About(msgspec.Struct, frozen=True):
    """What a deposit says of itself (docs/escrow.md). Whoever made it chose these words: each is held to its shape first.

    The roll's name becomes the name of a folder and of a schema.
    """

    roll: Annotated[str, Meta(pattern=rf"\A{NAME.pattern}\Z")]
    origin: str
    made: str
    revision: Annotated[str, Meta(pattern=r"\A[0-9]{4}\Z")]
    record_number: Annotated[int, Meta(ge=0, lt=1 << 53)]
    size: Annotated[int, Meta(ge=0)]
    root: str
    checkpoint: str
    tables: dict[str, Annotated[int, Meta(ge=0)]]


class Checked(msgspec.Struct, frozen=True):
    """A deposit that is whole and signed: its roll and log, the size of the head it stands under, its files and rows."""

    roll: str
    origin: str
    made: str
    revision: str
    size: int
    root: bytes
    files: int
    tables: dict[str, int]
    about: About


def check(path: Path, keys: Keys, *, log_keys: Sequence[str] = (), progress: Progress = lambda *_: None) -> Checked:
    """Read a deposit to its end: every file has its digest, and the manifest the log's signature. Nothing is written.

    `log_keys` are the log's public keys as somebody else knows them, of the deposit's time or before: the deposit holds what
    leads on from those. Without them the deposit's own are believed. Raises CannotUnseal, Broken or CannotOpen.
    """
    own = told = b""
    with open_box(path, keys, FORM) as box:
        done = 0
        for item in box:
            if item.path == KEYS:
                own = item.data.read(1 << 20)
            elif item.path == HISTORY:
                told = item.data.read(1 << 22)
            done += item.size
            progress("bytes", done, 0)
        manifest, signature, whole = box.manifest, box.unlisted.get(SIGNATURE, b""), box.manifest_bytes
    try:
        about = msgspec.convert(manifest.about, About)
    except msgspec.ValidationError as error:
        raise Broken(f"{path}: its manifest does not say what a deposit is about: {error}") from error
    never = sorted(set(about.tables) & set(table_export.LEFT_OUT))
    if never:
        # Sessions of a depositor's making would let somebody in here, and throttles keep somebody out.
        raise Broken(f"{path}: it brings {', '.join(never)}, which no deposit has")
    try:
        succession = (
            _keys(log_keys, told) if log_keys else KeyHistory(_verifiers(own.decode("utf-8", "replace").split()))
        )
        checkpoint, signed = _signed(about, succession, signature)
    except TlogError as error:
        newer = " (if these are keys the log has had since, give those it had before)" if log_keys else ""
        raise CannotOpen(f"{path}: its manifest is not signed by the log it names: {error}{newer}") from error
    if signed != statement(about.origin, checkpoint.size, whole):
        raise CannotOpen(f"{path}: the signature is of another deposit")
    return _checked(about, checkpoint, len(manifest.files))


def _checked(about: About, checkpoint: Checkpoint, files: int) -> Checked:
    return Checked(
        about.roll,
        about.origin,
        about.made,
        about.revision,
        checkpoint.size,
        checkpoint.root,
        files,
        about.tables,
        about,
    )


def _signed(about: About, succession: KeyHistory, signature: bytes) -> tuple[Checkpoint, str]:
    """The head that a deposit stands under, and what its log's keys of that time signed beside it. Raises TlogError."""
    checkpoint = succession.open(about.checkpoint.encode(), origin=about.origin)
    return checkpoint, open_note(signature, succession.at(checkpoint.size)).text


def _keys(given: Sequence[str], history: bytes) -> KeyHistory:
    """The keys somebody knows, carried on by the handovers in the deposit. Raises TlogError."""
    held = _verifiers(given)
    return follow(handovers_of(history), held) if history else KeyHistory(held)


def _verifiers(keys: Sequence[str]) -> list[Verifier]:
    return [Verifier.parse(key) for key in keys]


def open_deposit(
    path: Path,
    home: Path,
    url: str,
    keys: Keys,
    *,
    clock: Clock,
    log_keys: Sequence[str] = (),
    progress: Progress = lambda *_: None,
) -> Checked:
    """Make a roll from a deposit: its files in `home`/rolls, its tables in the database behind `url`. Held until resumed.

    Raises CannotUnseal, Broken or CannotOpen, and leaves nothing behind then.
    """
    found = check(path, keys, log_keys=log_keys, progress=progress)
    database, target = Database(url, found.roll), home / "rolls" / found.roll
    if target.exists() and any(target.iterdir()):
        raise CannotOpen(f"{target} is there already, and nothing is overwritten: move it away first")
    if schema.is_there(url, found.roll):
        raise CannotOpen(f"a roll {found.roll} stands in this database already: open the deposit in another one")
    staged = target.with_name(f"{found.roll}.opening")
    shutil.rmtree(staged, ignore_errors=True)
    try:
        with _made(url, found):
            with database.open("openroll-escrow") as connection:
                _load(connection, path, keys, found, staged, progress)
            schema.migrate(url, found.roll)
            hold(staged, SigningHold(clock(), "escrow"))
            if target.exists():
                target.rmdir()
            staged.rename(target)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return found


@contextmanager
def _made(url: str, found: Checked) -> Iterator[None]:
    """The schema in the shape the deposit's tables have; gone again when what follows fails."""
    if found.revision > schema.NEWEST:
        raise CannotOpen(
            f"this deposit was made by a newer Openroll (tables of {found.revision}, here {schema.NEWEST}): use that one"
        )
    try:
        schema.migrate(url, found.roll, found.revision)
        yield
    except BaseException:
        schema.drop(url, found.roll)
        raise


def _load(connection: Connection, path: Path, keys: Keys, found: Checked, staged: Path, progress: Progress) -> None:
    counts = dict.fromkeys(found.tables, 0)
    tiles: list[tuple[int, int, int, bytes]] = []
    bundles: list[tuple[int, int, bytes]] = []
    with connection.transaction():
        tables = frozenset(table_export.names(connection))
        with unwatched(connection), open_box(path, keys, FORM) as box:
            for item in box:
                top, _, within = item.path.partition("/")
                if top == "tables":
                    name = within.split("/")[0]
                    if name not in counts or name not in tables:
                        raise Broken(f"{item.path} is a table its manifest does not name, or that no deposit has")
                    for lines in _lines(item):
                        table_export.load(connection, name, lines)
                        counts[name] += len(lines)
                        progress(f"rows of {name}", counts[name], found.tables[name])
                elif top == "log" and within != "checkpoint":
                    _keep_tile(connection, within, _whole(item), tiles, bundles)
                elif top == "files":
                    write_item(item, staged / within)
        _put(connection, tiles, bundles)
        if counts != found.tables:
            raise Broken(f"{path}: the tables hold other numbers of rows than its manifest says")
        _check_log(connection, found)
        table_export.go_on_counting(connection)
        table_export.set_record_number(connection, found.about.record_number)
        xid_reset.places_decide(connection)


def _lines(item: Item) -> Iterator[list[bytes]]:
    """The rows of a table's file, some at a time: no more of it than a megabyte and a row is in memory. Raises Broken."""
    held = b""
    while piece := item.data.read(1 << 20):
        *lines, held = (held + piece).split(b"\n")
        if len(held) > _MOST:
            raise Broken(f"{item.path} has a row of more than {_MOST} bytes")
        if lines:
            yield lines
    if held:
        yield [held]


def _whole(item: Item) -> bytes:
    """A tile or a bundle of the log. Raises Broken for one that is larger than any can be."""
    if item.size > _MOST:
        raise Broken(f"{item.path} is larger than {_MOST} bytes")
    out = io.BytesIO()
    shutil.copyfileobj(item.data, out)
    return out.getvalue()


def _keep_tile(
    connection: Connection,
    path: str,
    data: bytes,
    tiles: list[tuple[int, int, int, bytes]],
    bundles: list[tuple[int, int, bytes]],
) -> None:
    try:
        named = parse_tile_path(path)
    except TlogError as error:
        raise Broken(f"log/{path}: {error}") from error
    if named.level is None:
        bundles.append((named.index, named.width, data))
    else:
        tiles.append((named.level, named.index, named.width, data))
    if len(tiles) + len(bundles) >= 512:
        _put(connection, tiles, bundles)


def _put(
    connection: Connection, tiles: list[tuple[int, int, int, bytes]], bundles: list[tuple[int, int, bytes]]
) -> None:
    if tiles:
        log.put_tiles(connection, tiles)
    if bundles:
        log.put_bundles(connection, bundles)
    tiles.clear()
    bundles.clear()


def _check_log(connection: Connection, found: Checked) -> None:
    """The tree that was loaded is the one that was signed."""
    read = tile_reader(connection, lambda path: Broken(f"{path} of its log is missing"))
    head = log.newest_head(connection)
    if head is None or (head.size, head.root.hex()) != (found.about.size, found.about.root):
        raise Broken("the newest head of its tables is not the one its manifest names")
    for size, root in ((found.size, found.root), (head.size, head.root)):
        if root_at(read, size) != root:
            raise Broken(f"the tiles of its log do not give the head of {size} entries")
