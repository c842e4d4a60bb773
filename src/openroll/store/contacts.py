"""Table of sealed contact addresses, one a record, for holders who want notice of a release."""

from typing import NamedTuple

from psycopg import Connection


class ContactRow(NamedTuple):
    """A sealed address and the language (a BCP 47 tag) its holder reads."""

    lang: str
    address_sealed: bytes


def put(connection: Connection, record: int, row: ContactRow) -> None:
    """Keep an address for a record, in place of the one before."""
    connection.execute(
        "insert into contact (record, lang, address_sealed) values (%s, %s, %s) on conflict (record) do update"
        " set lang = excluded.lang, address_sealed = excluded.address_sealed",
        (record, *row),
    )


def get(connection: Connection, record: int) -> ContactRow | None:
    """The address of a record's holder, if they gave one."""
    row = connection.execute("select lang, address_sealed from contact where record = %s", (record,)).fetchone()
    return None if row is None else ContactRow(row[0], bytes(row[1]))


def lock(connection: Connection, record: int) -> None:
    """Have others who change a record's address wait for this transaction."""
    connection.execute("select from contact where record = %s for update", (record,))


def newest(connection: Connection) -> tuple[int, bytes] | None:
    """The record and the sealed address of the highest record that has one; None where none has."""
    row = connection.execute("select record, address_sealed from contact order by record desc limit 1").fetchone()
    return None if row is None else (int(row[0]), bytes(row[1]))


def forget(connection: Connection, record: int) -> None:
    """Take an address out for good."""
    connection.execute("delete from contact where record = %s", (record,))
