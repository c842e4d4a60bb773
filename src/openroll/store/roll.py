"""Tables of a roll's rule versions, operators, and API tokens."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from psycopg import Connection
from psycopg.types.json import Jsonb

_RULE = "ref, digest, rule, starts, since, jurisdiction, bundle"


class RuleRow(NamedTuple):
    """A rule version of the roll: reference, digest, the whole rule as canonical JSON, and its first day.

    `jurisdiction` names the bundle it is read with, and `bundle` is that as canonical JSON; both are empty in what was kept
    before rolls had one.
    """

    ref: str
    digest: str
    rule: str
    starts: date
    since: datetime
    jurisdiction: str = ""
    bundle: str = ""


def put_rule(connection: Connection, row: RuleRow) -> None:
    """Keep a rule version whole, with its jurisdiction: published at `since`, the rule of the roll from the day `starts`."""
    connection.execute(f"insert into rule_version ({_RULE}) values (%s, %s, %s, %s, %s, %s, %s)", row)


def rule_versions(connection: Connection) -> list[RuleRow]:
    """Every rule the roll was, is or will be under, by first day; of two with the same day the later published counts."""
    rows = connection.execute(f"select {_RULE} from rule_version order by starts, since")
    return [RuleRow._make(row) for row in rows]


def known_rules(connection: Connection) -> int:
    """How many rule versions the roll has."""
    row = connection.execute("select rules_known()").fetchone()
    return 0 if row is None else row[0]


def rule_versions_named(connection: Connection) -> list[tuple[str, str, str]]:
    """Every rule the roll was, is and will be under, by name: (reference, digest, jurisdiction). Of no text is a byte read."""
    return connection.execute("select ref, digest, jurisdiction from rule_version order by starts, since").fetchall()


def rule_versions_with(connection: Connection, digest: str) -> list[RuleRow]:
    """The versions whose rule or jurisdiction has this SHA-256 (hexadecimal), or whose jurisdiction is named without one."""
    rows = connection.execute(
        f"select {_RULE} from rule_version where digest = %(digest)s or split_part(jurisdiction, '@', 2) in (%(digest)s, '')"
        " order by starts, since",
        {"digest": digest},
    )
    return [RuleRow._make(row) for row in rows]


def put_operator(
    connection: Connection, name: str, number: int, title: Mapping[str, str], kind: str, admitted: date
) -> None:
    """Keep an admitted operator."""
    connection.execute(
        "insert into operator (name, number, title, kind, admitted) values (%s, %s, %s, %s, %s)",
        (name, number, Jsonb(title), kind, admitted),
    )


def operators(connection: Connection) -> Mapping[str, Mapping[str, str]]:
    """Operators that are in the roll by short name, each with its title by language."""
    return dict(connection.execute("select name, title from operator where ended is null").fetchall())


class TokenRow(NamedTuple):
    """A token that lets in, without its secret: until `expires`, if ever; `replaces` is the number of the one before it.

    `seat` is the number of the seat that acts by it, 0 for a program that files and acts for nobody.
    """

    id: int
    label: str
    issued: datetime
    expires: datetime | None
    replaces: int | None
    seat: int = 0


class OfToken(NamedTuple):
    """Whose a token is: its organisation, its number, and the seat that acts by it, 0 for none."""

    organisation: str
    number: int
    seat: int


class NewToken(NamedTuple):
    """A token to be kept: the SHA-256 of its text, never the text."""

    hash: bytes
    organisation: str
    label: str
    issued: datetime
    expires: datetime | None = None
    replaces: int | None = None
    seat: int = 0


_TOKEN = "id, label, issued, expires, replaces, seat"  # noqa: S105 - columns, no secret
LETS_IN = "revoked is null and (expires is null or expires > %s)"
"""Whether a token lets in at an instant."""
FILES = "seat = 0"
"""Whether a token is its organisation's: of a program that files and acts for nobody. Others are a seat's."""


def put_token(connection: Connection, number: int, token: NewToken) -> None:
    """Keep a new token of an organisation under its number."""
    connection.execute(
        "insert into token (id, hash, organisation, label, issued, expires, replaces, seat) overriding system value"
        " values (%s, %s, %s, %s, %s, %s, %s, %s)",
        (number, *token),
    )


def tokens(connection: Connection, organisation: str, now: datetime) -> list[TokenRow]:
    """An organisation's tokens that let in now."""
    rows = connection.execute(
        f"select {_TOKEN} from token where organisation = %s and {LETS_IN} order by id", (organisation, now)
    )
    return [TokenRow._make(row) for row in rows]


def hold_token(connection: Connection, organisation: str, number: int, now: datetime) -> TokenRow | None:
    """One of an organisation's tokens that let in. Holds it against change until the transaction ends."""
    row = connection.execute(
        f"select {_TOKEN} from token where organisation = %s and id = %s and {LETS_IN} for update",
        (organisation, number, now),
    ).fetchone()
    return None if row is None else TokenRow._make(row)


def is_replaced(connection: Connection, number: int) -> bool:
    """Whether a token ever got a successor."""
    return connection.execute("select from token where replaces = %s", (number,)).fetchone() is not None


def expire_token(connection: Connection, number: int, at: datetime) -> None:
    """Have a token end by itself."""
    connection.execute("update token set expires = %s where id = %s", (at, number))


def end_token(connection: Connection, organisation: str, number: int, at: datetime) -> bool:
    """End one of an organisation's tokens; whether there was one to end."""
    done = connection.execute(
        f"update token set revoked = %s where organisation = %s and id = %s and {LETS_IN}",
        (at, organisation, number, at),
    )
    return done.rowcount > 0


def token_of(connection: Connection, token_hash: bytes, now: datetime) -> OfToken | None:
    """Whose a token is that lets in."""
    row = connection.execute(
        f"select organisation, id, seat from token where hash = %s and {LETS_IN}", (token_hash, now)
    ).fetchone()
    return None if row is None else OfToken._make(row)


def tokens_that_let_in(connection: Connection, now: datetime) -> frozenset[bytes]:
    """The hashes of every token that lets in now."""
    rows = connection.execute(f"select hash from token where {LETS_IN}", (now,)).fetchall()
    return frozenset(bytes(hashed) for (hashed,) in rows)


def organisations_of(
    connection: Connection, token_hashes: Sequence[bytes], now: datetime, *, hold: bool = False
) -> Mapping[bytes, str]:
    """The operators that tokens file for which let in now, by token hash.

    A token of a seat files nothing, nor does an authority's or reviewer's: whose act that would be no fact says.

    With `hold` none of these tokens ends before the transaction does.
    """
    lock = " for share" if hold else ""
    rows = connection.execute(
        f"select hash, organisation from token where hash = any(%s::bytea[]) and {FILES} and {LETS_IN}"
        f" and organisation in (select name from operator){lock}",
        (list(token_hashes), now),
    )
    return {bytes(found): organisation for found, organisation in rows}
