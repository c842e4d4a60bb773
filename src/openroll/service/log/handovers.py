"""The history of the log's keys: who signed from which size on, with a receipt for each change that proves it offline."""

from typing import Any

import msgspec
from psycopg import Connection

from openroll.register.roll.decide import ROLL_STREAM
from openroll.service.log.key_history import changes_of_keys, succession_of
from openroll.service.log.receipts import receipt_under
from openroll.service.roll import Roll
from openroll.store import events, log
from openroll.store.tree import tile_reader
from openroll.tlog import KeyHistory, Verifier


class Handover(msgspec.Struct, frozen=True):
    """A published change of keys: its act as it stands in the log, and the receipt that proves it under the keys before."""

    position: int
    kind: str
    act: dict[str, Any]
    receipt: str


class History(msgspec.Struct, frozen=True):
    """The keys of a log from its beginning: those of the newest checkpoint first, then who signed from which size on.

    Only `handovers` prove anything: `python -m openroll.tlog keys HISTORY --key OLD` goes through them.
    """

    origin: str
    size: int
    now: tuple[str, ...]
    terms: tuple[dict[str, Any], ...]
    handovers: tuple[Handover, ...]


def history(roll: Roll) -> History:
    """The history of the log's keys, with a handover for each published change."""
    with roll.database.transaction("registrar") as connection:
        succession = succession_of(connection, roll.keys.succession.terms[0].keys)
        size = log.newest_checkpoint(connection)
        acts = changes_of_keys(connection)
        handovers = tuple(
            Handover(place, name, msgspec.json.decode(body), _handover(connection, version, place))
            for place, version, name, body in acts
            if place is not None and place < size
        )
    roll.keys.adopt(succession, size)
    terms = [epoch for epoch in succession.terms if epoch.first <= size]
    ends = [epoch.first - 1 for epoch in terms[1:]]
    spans = tuple(
        {
            "from": epoch.first,
            "to": end,
            "keys": list(map(str, epoch.keys)),
            "leaving": list(map(str, epoch.leaving)),
            "unbelieved": _unbelieved(succession, epoch.keys),
        }
        for epoch, end in zip(terms, [*ends, None], strict=True)
    )
    now = tuple(map(str, succession.epoch(size).staying))
    return History(roll.origin, size, now, spans[::-1], handovers)


def _unbelieved(succession: KeyHistory, keys: tuple[Verifier, ...]) -> dict[str, int]:
    """From which size on each revoked one of these keys is not believed."""
    said = [
        (str(key), change.unbelieved_from) for change in succession.changes for key in change.revoked if key in keys
    ]
    return {key: min(size for name, size in said if name == key) for key, _ in said}


def _handover(connection: Connection, version: int, position: int) -> str:
    """The receipt of a change of keys under the checkpoint that ends in it: what the keys before it signed last."""
    note = log.checkpoint(connection, position + 1)
    if note is None:
        raise LookupError(
            f"the checkpoint of {position + 1}, which hands the keys over, is missing: `openroll log fsck`"
        )
    row = next(row for row in events.of_streams(connection, [ROLL_STREAM]) if row.version == version)
    # From the database: as files a roll that was brought back has the tiles of its newest heads alone.
    return receipt_under(tile_reader(connection, _missing), row, position, note, position + 1).decode()


def _missing(path: str) -> LookupError:
    return LookupError(f"{path} is missing from the database: `openroll log fsck`")
