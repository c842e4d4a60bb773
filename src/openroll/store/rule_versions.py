"""Tables of proposed rules and published figures, and the counts for boards."""

from datetime import date, datetime
from typing import NamedTuple

from psycopg import Connection


class ProposalRow(NamedTuple):
    """A rule somebody proposed, with its jurisdiction: each whole as canonical JSON, the first day, and the proposing seat.

    `on_rule` and `on_jurisdiction` are what it was made on, by SHA-256 and full name; empty in one of before that was kept.
    """

    id: int
    ref: str
    digest: str
    rule: str
    starts: date
    seat: int
    proposed: datetime
    jurisdiction: str = ""
    bundle: str = ""
    on_rule: str = ""
    on_jurisdiction: str = ""


_PROPOSAL = "id, ref, digest, rule, starts, seat, proposed, jurisdiction, bundle, on_rule, on_jurisdiction"


def put_proposal(connection: Connection, row: ProposalRow) -> None:
    """Keep a proposal under its number."""
    connection.execute(
        f"insert into proposal ({_PROPOSAL}) overriding system value values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        row,
    )


def proposals(connection: Connection) -> list[ProposalRow]:
    """Proposals that wait for a decision, the oldest first."""
    rows = connection.execute(f"select {_PROPOSAL} from proposal where decided is null order by id")
    return [ProposalRow._make(row) for row in rows]


def decide_proposal(connection: Connection, number: int, published: bool, now: datetime) -> ProposalRow | None:
    """Settle a proposal; None when it was settled already."""
    row = connection.execute(
        f"update proposal set decided = %s, published = %s where id = %s and decided is null returning {_PROPOSAL}",
        (now, published, number),
    ).fetchone()
    return None if row is None else ProposalRow._make(row)


class ReadingRow(NamedTuple):
    """That somebody signed to have read the words of a rule: its SHA-256 and that of its words, and their seat and role."""

    digest: str
    words: str
    name: str
    organisation: str
    seat: int
    role: str
    at: datetime


_READING = "digest, words, name, organisation, seat, role, at"


def put_reading(connection: Connection, row: ReadingRow) -> None:
    """Keep a reading."""
    connection.execute(f"insert into rule_reading ({_READING}) values (%s, %s, %s, %s, %s, %s, %s)", row)


def readings_of(connection: Connection, digest: str, words: str) -> list[ReadingRow]:
    """The readings of a rule's words, the oldest first."""
    asked = f"select {_READING} from rule_reading where digest = %s and words = %s order by at, organisation, seat"
    return list(map(ReadingRow._make, connection.execute(asked, (digest, words))))


def put_figures(connection: Connection, day: date, figures: str, digest: str, now: datetime) -> bool:
    """Keep the published figures of a day; whether there were none yet."""
    done = connection.execute(
        "insert into published_figures (day, figures, digest, at) values (%s, %s, %s, %s) on conflict do nothing",
        (day, figures, digest, now),
    )
    return done.rowcount > 0


def has_figures(connection: Connection, day: date) -> bool:
    """Whether the figures of a day were published."""
    return connection.execute("select from published_figures where day = %s", (day,)).fetchone() is not None


def published(connection: Connection) -> list[tuple[date, str, str]]:
    """Published figures, the newest first: (day, canonical JSON, SHA-256 in hexadecimal)."""
    return connection.execute("select day, figures, digest from published_figures order by day desc").fetchall()


def put_daily_figures(connection: Connection, day: date, figures: str, least: int, now: datetime) -> None:
    """Keep the count of a day; where there is one already, that one stays."""
    connection.execute(
        "insert into daily_figures (day, figures, least, at) values (%s, %s, %s, %s) on conflict do nothing",
        (day, figures, least, now),
    )


def daily_figures(connection: Connection) -> tuple[date, str] | None:
    """The newest count of a day: (day, canonical JSON)."""
    return connection.execute("select day, figures from daily_figures order by day desc limit 1").fetchone()


def groups(connection: Connection, operator: str | None = None) -> list[tuple[object, ...]]:
    """Subscriptions counted by all that duties depend on: (operator, district, kind, connected, filed, changed, ended, count).

    Behind `ended` stand `since` and `before`: the day from which the operator answers, where another one did until then.
    """
    return connection.execute(
        "select operator, district, kind, connected, filed, changed, ended, since, before, count(*) from subscription"
        " where standing = 'confirmed' and (%(operator)s::text is null or operator = %(operator)s)"
        " group by 1, 2, 3, 4, 5, 6, 7, 8, 9",
        {"operator": operator},
    ).fetchall()


def by_day(connection: Connection) -> list[tuple[date, str, int]]:
    """Entries of the log counted by day and kind of event."""
    return connection.execute("select day, name, count from tally order by day, name").fetchall()
