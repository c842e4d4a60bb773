"""What a roll runs under: its rule versions and its operators; and who may act for an organisation."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from psycopg import Connection


class RuleRow(NamedTuple):
    """A rule version of the roll: reference, digest, the whole rule as canonical JSON, and its first day."""

    ref: str
    digest: str
    rule: str
    starts: date
    since: datetime


def put_rule(
    connection: Connection, ref: str, digest: str, rule: str, since: datetime, starts: date = date.min
) -> None:
    """Keep a rule version whole: published at `since`, the rule of the roll from the day `starts`."""
    connection.execute(
        "insert into rule_version (ref, digest, rule, since, starts) values (%s, %s, %s, %s, %s)",
        (ref, digest, rule, since, starts),
    )


def rule_versions(connection: Connection) -> list[RuleRow]:
    """Every rule the roll was, is or will be under, by first day; of two with the same day the later published counts."""
    rows = connection.execute("select ref, digest, rule, starts, since from rule_version order by starts, since")
    return [RuleRow._make(row) for row in rows]


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


class TokenRow(NamedTuple):
    """A token that has not ended, without its secret."""

    id: int
    label: str
    issued: datetime


def put_token(connection: Connection, token_hash: bytes, organisation: str, label: str, issued: datetime) -> int:
    """Keep the hash of a new token of an organisation; the token's number."""
    row = connection.execute(
        "insert into token (hash, organisation, label, issued) values (%s, %s, %s, %s) returning id",
        (token_hash, organisation, label, issued),
    ).fetchone()
    return int(row[0]) if row else 0


def tokens(connection: Connection, organisation: str) -> list[TokenRow]:
    """An organisation's tokens that have not ended."""
    rows = connection.execute(
        "select id, label, issued from token where organisation = %s and revoked is null order by id", (organisation,)
    )
    return [TokenRow._make(row) for row in rows]


def end_token(connection: Connection, organisation: str, number: int, at: datetime) -> bool:
    """End one of an organisation's tokens; whether there was one to end."""
    done = connection.execute(
        "update token set revoked = %s where organisation = %s and id = %s and revoked is null",
        (at, organisation, number),
    )
    return done.rowcount > 0


def token_of(connection: Connection, token_hash: bytes) -> tuple[str, int] | None:
    """The organisation and number of a token that has not ended."""
    row = connection.execute(
        "select organisation, id from token where hash = %s and revoked is null", (token_hash,)
    ).fetchone()
    return None if row is None else (row[0], row[1])


def organisations_of(connection: Connection, token_hashes: Sequence[bytes]) -> Mapping[bytes, str]:
    """The organisations that unrevoked tokens act for, by token hash."""
    rows = connection.execute(
        "select hash, organisation from token where revoked is null and hash = any(%b::bytea[])", (list(token_hashes),)
    )
    return {bytes(found): organisation for found, organisation in rows}
