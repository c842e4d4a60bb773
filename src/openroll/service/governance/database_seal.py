"""Whether a home, its keys and a database belong together, asked before the database is sealed with keys, or opened.

Two witnesses, and neither is the home's own word: the *seal* in the database is made from the key of filing codes, and the
*log* in the database was signed by the keys that `log.pub` of the home names. A check value beside the keys (`key_checks`)
says that home and key belong together, and nothing of the database.
"""

from pathlib import Path

import psycopg
from psycopg import Connection

from openroll.service.keys import Keys, read_keys
from openroll.service.log.external_keys import GivenKeys, KeysWrong
from openroll.service.log.key_checks import keep_checks, refuse_others
from openroll.store import log, schema
from openroll.store.connect import Database
from openroll.tlog import OtherLog, TlogError, open_note
from openroll.tlog.checkpoint import origin_of

ANOTHERS_SEAL = (
    "the keys given are not this roll's: its database was sealed with another key of filing codes (OPENROLL_CODES_KEY, or"
    " keys/filing-codes.key). Nothing was changed; give the right key (docs/database.md, Another seal)"
)
_NO_SEAL = (
    "the database has no seal, and no checkpoint of its log that would say whose it is: nothing was changed. If it is the"
    " database of this home, as docs/database.md says under Another seal, `openroll database reseal` seals it"
)


def refuse_anothers_seal(database: Database, home: Path, keys: Keys) -> None:
    """Raise KeysWrong unless the database may be sealed with these keys, because it says itself that they are its own.

    By its seal or, where it has none, by its log. As the owner.
    """
    refuse_others(home, keys)
    if database.sealed_by_another():
        raise KeysWrong(ANOTHERS_SEAL)
    if not log_fits(database, home, keys) and not database.is_sealed():
        raise KeysWrong(_NO_SEAL)


def log_fits(database: Database, home: Path, keys: Keys) -> bool:
    """Whether the home's log keys signed the database's log; False where that has no checkpoint yet. As the owner.

    Raises KeysWrong where others signed it: the home is another roll's, whatever its secrets.
    """
    with database.open() as connection:
        return refuse_anothers_log(connection, home, keys)


def refuse_anothers_log(connection: Connection, home: Path, keys: Keys) -> bool:
    """As `log_fits`, within a transaction of whoever may read the log's checkpoints."""
    note = log.oldest_checkpoint(connection)
    if note is None:
        return False
    try:
        if origin_of(note) != keys.origin:
            raise OtherLog(f"it is from the log {origin_of(note)!r}, and the keys are for {keys.origin!r}")
        open_note(note, keys.succession.terms[0].keys)
    except TlogError as error:
        raise KeysWrong(
            f"{home} is not the home of this database's roll: its log was not signed by the keys in"
            f" {home / 'keys' / 'log.pub'} ({error}). Nothing was changed; OPENROLL_HOME or DATABASE_URL names another's"
        ) from error
    return True


def reseal(database: Database, home: Path, given: GivenKeys = GivenKeys()) -> None:  # noqa: B008 - a frozen value
    """Seal the database with the keys of this home, whatever sealed it before. Danger: other keys open it no longer.

    For a database that was brought back without its seal. Raises KeysWrong where its log is another home's, where nobody has
    signed its log yet and its seal is another's, and where the home's check values are of other keys; FileNotFoundError where
    a key is missing.
    """
    keys = read_keys(home / "keys", given)
    refuse_others(home, keys)
    fits = log_fits(database, home, keys)
    database.unlock(keys.code_key)
    if not fits and database.sealed_by_another():
        # Nothing of its log says that it is this home's, and its seal says that it is another's.
        raise KeysWrong(ANOTHERS_SEAL)
    schema.make_roles(database.url, database.roll)
    try:
        database.seal()
    except psycopg.errors.UndefinedTable:
        raise KeysWrong(
            "this database is of a roll that an older Openroll made, and has no place for a seal yet"
        ) from None
    keep_checks(home, keys)
