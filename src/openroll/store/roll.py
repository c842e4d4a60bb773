"""What a roll runs under: its rule versions and its operators; and who may act for an organisation."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from psycopg import Connection


def put_rule(connection: Connection, ref: str, digest: str, rule: str, since: datetime) -> None:
    """Keep a rule version whole, from the moment the roll is under it."""
    connection.execute("insert into rule_version values (%s, %s, %s, %s)", (ref, digest, rule, since))


def newest_rule(connection: Connection) -> tuple[str, str, str] | None:
    """The rule the roll is under now: (reference, digest, whole rule as canonical JSON)."""
    row = connection.execute("select ref, digest, rule from rule_version order by since desc limit 1").fetchone()
    return None if row is None else (row[0], row[1], row[2])


def put_operator(
    connection: Connection, name: str, number: int, title_zh: str, title_en: str, kind: str, admitted: date
) -> None:
    """Keep an admitted operator."""
    connection.execute(
        "insert into operator (name, number, title_zh, title_en, kind, admitted) values (%s, %s, %s, %s, %s, %s)",
        (name, number, title_zh, title_en, kind, admitted),
    )


def operators(connection: Connection) -> Mapping[str, tuple[str, str]]:
    """Operators by short name: (title in Chinese, title in English)."""
    return {name: (zh, en) for name, zh, en in connection.execute("select name, title_zh, title_en from operator")}


def put_token(connection: Connection, token_hash: bytes, organisation: str, label: str, issued: datetime) -> None:
    """Keep the hash of a new token of an organisation."""
    connection.execute(
        "insert into token (hash, organisation, label, issued) values (%s, %s, %s, %s)",
        (token_hash, organisation, label, issued),
    )


def revoke_token(connection: Connection, token_hash: bytes, at: datetime) -> bool:
    """End a token from now on; whether there was one to end."""
    done = connection.execute("update token set revoked = %s where hash = %s and revoked is null", (at, token_hash))
    return done.rowcount > 0


def organisations_of(connection: Connection, token_hashes: Sequence[bytes]) -> Mapping[bytes, str]:
    """The organisations that unrevoked tokens act for, by token hash."""
    rows = connection.execute(
        "select hash, organisation from token where revoked is null and hash = any(%b::bytea[])", (list(token_hashes),)
    )
    return {bytes(found): organisation for found, organisation in rows}
