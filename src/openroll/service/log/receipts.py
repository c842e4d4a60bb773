"""The way of a filing, step 14: the receipt, which verifies without the roll."""

from pathlib import Path

from openroll.register.decision import Refused
from openroll.register.subscription.refusals import NotInLogYet, SubscriptionUnknown
from openroll.service.event_rows import DOMAIN, UNSALTED
from openroll.service.log.key_history import open_own
from openroll.service.log.log_entry import log_entry
from openroll.service.roll import Roll
from openroll.store import events, log
from openroll.store.events import EventRow
from openroll.tlog import Checkpoint, Proved, ReadTile, format_receipt, inclusion_proof, tile_path, verify_under


def published(roll: Roll) -> tuple[bytes, Checkpoint] | None:
    """The checkpoint last published, as bytes and read; None before the first."""
    try:
        with open(f"{roll.home}/public/checkpoint", "rb", buffering=0) as file:  # noqa: PTH123 - each page asks: half of a Path's
            note = file.readall()
    except FileNotFoundError:
        return None
    return note, open_own(roll, note)


def receipt(roll: Roll, number: int, version: int) -> bytes | Refused:
    """The receipt of one fact about one record: a C2SP tlog-proof under the newest published checkpoint."""
    with roll.database.transaction("registrar") as connection:
        asked = log.asked_position(connection, number, version)
        row = next((row for row in events.of_streams(connection, [number]) if row.version == version), None)
        position = log.position_in(asked)
    if row is None or not row.body or row.salt == UNSALTED:
        return Refused(SubscriptionUnknown(sought=""))
    newest = published(roll)
    if position is None or newest is None or position >= newest[1].size:
        return Refused(NotInLogYet())
    return receipt_of(roll, row, position, newest)


def receipt_of(roll: Roll, row: EventRow, position: int, newest: tuple[bytes, Checkpoint]) -> bytes:
    """The receipt of a fact at `position` under the checkpoint last published, as `published` gives it."""
    return receipt_under(_published_tiles(roll), row, position, newest[0], newest[1].size)


def receipt_under(read: ReadTile, row: EventRow, position: int, note: bytes, size: int) -> bytes:
    """The receipt of a fact at `position` under one of the log's own checkpoints, the `note` of `size` entries."""
    proof = inclusion_proof(read, size, position)
    entry = log_entry(row.name, row.day, row.commitment, row.body)
    return format_receipt(entry, DOMAIN, row.salt, row.body.encode(), position, proof, note)


def proved(roll: Roll, proof: bytes) -> Proved:
    """What a receipt made here proves, under the keys of its size. Raises TlogError."""
    return verify_under(proof, roll.keys.succession)


def file_name(roll: Roll, proof: bytes, version: int) -> str:
    """What a receipt's file is called: what it proves, as `receipt-1-filed.tlog-proof`. It is shown to others: no code in it."""
    return f"receipt-{version}-{file_word(proved(roll, proof).entry.kind)}.tlog-proof"


def file_word(kind: str) -> str:
    """What a receipt's file is named for: what its fact is, as `filed` or `told`."""
    fact = kind.rpartition(".")[2].partition("/")[0]
    return {"notified": "told", "withdrawn": "taken-back"}.get(fact, fact)


def _published_tiles(roll: Roll) -> ReadTile:
    def read(level: int, index: int, width: int) -> bytes:
        try:
            return (roll.public / tile_path(level, index, width)).read_bytes()
        except FileNotFoundError:
            return _wider(roll.public, level, index, width).read_bytes()[: 32 * width]

    return read


def _wider(public: Path, level: int, index: int, width: int) -> Path:
    """A tile that begins with one that is gone. Raises FileNotFoundError.

    A partial tile gives way to the full one as the tree grows past it;
    and after a restore there are only those of the newest head.
    """
    full = public / tile_path(level, index, 256)
    partials = full.with_name(f"{full.name}.p").glob("*")
    widths = [int(one.name) for one in partials if one.name.isascii() and one.name.isdigit()]
    enough = [one for one in widths if one > width]
    return full if full.exists() or not enough else public / tile_path(level, index, min(enough))
