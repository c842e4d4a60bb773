"""The projection of subscriptions: one row a record, written in the transaction of its events."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from psycopg import Connection, Cursor

from openroll.store.rows import WORDS, rows_source, words

COLUMNS = (
    "number, operator, handle, kind, access, district, connected, filed, changed, ended, held, standing, version, code,"
    " port_to, port_asked, port_until, since, before"
)


class SubscriptionRow(NamedTuple):
    """A row of the projection: the public part of a record. `handle` is None where no operator's file brought it.

    `code` is the number behind the record's filing code where it is not the record's own. `port_to` is the operator that it is
    to go to, `port_asked` whether that one asked, `port_until` the last day on which the other may agree; else all are empty.
    `since` is the day from which the operator answers for it, where another one, `before`, did until then.
    """

    number: int
    operator: str
    handle: str | None
    kind: str
    access: str
    district: str
    connected: date
    filed: date
    changed: date | None
    ended: date | None
    held: bool
    standing: str
    version: int
    code: int | None = None
    port_to: str | None = None
    port_asked: bool | None = None
    port_until: date | None = None
    since: date | None = None
    before: str | None = None


def put(connection: Connection, rows: Sequence[SubscriptionRow]) -> None:
    """Write rows as they now stand (step 5 of the life of a filing).

    Raises UniqueViolation when a handle was taken by somebody quicker."""
    source, given = rows_source(
        "bigint, text, text, text, text, text, date, date, date, date, bool, text, int, bigint, text, bool, date,"
        " date, text",
        rows,
    )
    connection.execute(
        f"insert into subscription ({COLUMNS}) {source} on conflict (number) do update set"
        " operator = excluded.operator, handle = excluded.handle,"
        " kind = excluded.kind, access = excluded.access, district = excluded.district, connected = excluded.connected,"
        " changed = excluded.changed, ended = excluded.ended, held = excluded.held,"
        " standing = excluded.standing, version = excluded.version, code = excluded.code,"
        " port_to = excluded.port_to, port_asked = excluded.port_asked, port_until = excluded.port_until,"
        " since = excluded.since, before = excluded.before",
        given,
    )


def moved_on(connection: Connection, number: int, version: int) -> None:
    """A fact was added that changes nothing but the record's version."""
    connection.execute("update subscription set version = %s where number = %s", (version, number))


def remove(connection: Connection, number: int) -> None:
    """Take an erased record out of the projection, and all that is kept under its number beside it: ways in and keys.

    The number is the one of the role's own record; the database sees to it that it was erased (`forget_record`).
    """
    connection.execute("delete from subscription where number = %b", (number,))
    connection.execute("select forget_record()")


def numbers_of(connection: Connection, operator: str, handles: Sequence[str]) -> Mapping[str, int]:
    """The record numbers of those of these handles that the operator has filed."""
    return dict(
        connection.execute(
            f"select handle, number from subscription where operator = %b and handle = any({WORDS})",
            (operator, words(handles)),
        ).fetchall()
    )


class LeftBy(NamedTuple):
    """When a record was last called by a handle that it left, and how: it was `changed` for another, or went with the record to
    another operator."""

    day: date
    changed: bool


class Left:
    """The handles that an operator's records left: those that were changed, and those of records that live elsewhere."""

    def __init__(self, rows: Iterable[tuple[str, int, date, bool]] = ()) -> None:
        self._of: dict[str, dict[int, LeftBy]] = {}
        for handle, number, day, changed in rows:
            self._of.setdefault(handle, {})[number] = LeftBy(day, changed)

    def by(self, handle: str, number: int | None = None) -> LeftBy | None:
        """How a handle was last left; None where none was. Record `number` may be called so again."""
        if not self._of:  # nearly always; the rest of this takes 2 % of a filing's processor time
            return None
        return max((by for other, by in self._of.get(handle, {}).items() if other != number), default=None)

    def changed(self, handle: str) -> date | None:
        """The day on which a record of this handle got another one, where that is how it was last left."""
        by = self.by(handle)
        return by.day if by is not None and by.changed else None

    def leave(self, handle: str, number: int, day: date) -> None:
        """Record `number` gets another handle than this one today."""
        self._of.setdefault(handle, {})[number] = LeftBy(day, changed=True)

    def had(self, handle: str, number: int | None) -> bool:
        """Whether it is record `number` that left this handle."""
        return number in self._of.get(handle, {})

    @property
    def handles(self) -> frozenset[str]:
        """The handles that were left."""
        return frozenset(self._of)


def ask_handles(
    connection: Connection, operator: str, handles: Sequence[str]
) -> Callable[[], tuple[dict[str, int], Left]]:
    """Ask in a pipeline for the same and for what `left_handles` tells, in one statement; what is given back takes the answer."""
    rows = connection.execute(
        "select handle, number, null::date, null::bool from subscription where operator = %b and handle = any(%b::text[])"
        " union all select handle, number, day, changed from left_handles(%b, %b::text[])",
        (operator, list(handles), operator, list(handles)),
    )

    def answer() -> tuple[dict[str, int], Left]:
        found = rows.fetchall()
        here = {handle: number for handle, number, day, _ in found if day is None}
        return here, Left(row for row in found if row[2] is not None)

    return answer


def handles_known(connection: Connection, operator: str, handles: Sequence[str], except_file: int) -> set[str]:
    """Those of these handles that are filed, other than by the operator's file now being taken."""
    rows = connection.execute(
        f"select s.handle from unnest({WORDS}) as asked(handle) join subscription s on s.operator = %b"
        " and s.handle = asked.handle where s.file is distinct from %b",
        (words(handles), operator, except_file),
    )
    return {handle for (handle,) in rows}


def left_handles(connection: Connection, operator: str, handles: Sequence[str]) -> Left:
    """Those of these handles that the operator's records left: they were changed, or their records live with another operator."""
    query = f"select handle, number, day, changed from left_handles(%b, {WORDS})"
    return Left(connection.execute(query, (operator, words(handles))).fetchall())


def get(connection: Connection, number: int) -> SubscriptionRow | None:
    """One record's public part, when the current role may see it."""
    row = connection.execute(f"select {COLUMNS} from subscription where number = %b", (number,)).fetchone()
    return None if row is None else SubscriptionRow._make(row)


class WaysIn(NamedTuple):
    """How a record is opened: by a passkey that holds it, else by the number behind its filing code."""

    held: bool
    code: int


def ways_in(connection: Connection, number: int, *, hold: bool = False, alone: bool = False) -> WaysIn | None:
    """How a record is opened, when the current role may see it. With `hold` that stays so until the transaction ends.

    `alone` holds it against others who hold it as well.
    """
    row = asked_ways_in(connection, number, hold=hold, alone=alone).fetchone()
    return None if row is None else WaysIn._make(row)


def asked_ways_in(connection: Connection, number: int, *, hold: bool = False, alone: bool = False) -> Cursor[Any]:
    """Ask as `ways_in` does, for within a pipeline: a row as `WaysIn` has it, or none."""
    lock = " for no key update" if alone else " for share" if hold else ""
    return connection.execute(
        f"select held, coalesce(code, number) from subscription where number = %s{lock}", (number,)
    )


def number_of_code(connection: Connection, code: int) -> int | None:
    """The record that the number behind a fresh filing code opens; None where none was made of it."""
    row = connection.execute("select number from subscription where code = %b::bigint", (code,)).fetchone()
    return None if row is None else int(row[0])


ITS_CODE = (
    # Not `exists`, of which the planner may make a list of all such events of the roll: the whole log read for a few records.
    "(code is not null or version = 1 or (select count(*) from event"
    " where event.stream = subscription.number and event.name = 'subscription.confirmed/1') = 0)"
    " and (not (select exists (select from operator where unasked is not null)) or not exists"
    " (select from operator o cross join unnest(o.unasked) u(at) where o.name = (select e.organisation from event e"
    " where e.stream = subscription.number and e.at <= u.at"
    " and e.name in ('subscription.filed/1', 'subscription.ported/1', 'subscription.confirmed/1')"
    " order by e.version desc limit 1) and not exists (select from event e where e.stream = subscription.number"
    " and e.at > u.at and e.name = 'subscription.released/1')))"
)
"""Whether a record's filing code is its operator's to hand out.

What somebody filed alone is opened by a code that they alone were given, also when the operator took it afterwards. A fresh code,
made after a release, is one that the operator hands over.
What an operator had when somebody got at it that it was never asked about (`operator.unasked`: an announced succession, a seat
that was announced) keeps the code that its subscriber has, and neither it nor its heir is told one before a release: whoever
gains by such an act is not to open everything with it.
"""


def code_to_tell(connection: Connection, number: int) -> int | None:
    """The number behind a record's filing code; None where the code is not its operator's to know."""
    row = connection.execute(
        f"select coalesce(code, number) from subscription where number = %s and {ITS_CODE}", (number,)
    ).fetchone()
    return None if row is None else int(row[0])


def all_handles(connection: Connection, operator: str) -> Iterator[tuple[str, int]]:
    """The handles of records whose filing code the operator hands out, with the numbers behind it, in order, streamed."""
    with connection.cursor(name="all_handles") as cursor:
        cursor.itersize = 10_000
        cursor.execute(
            "select handle, coalesce(code, number) from subscription where operator = %s and handle is not null"
            f" and {ITS_CODE} order by number",
            (operator,),
        )
        yield from cursor


_OF_IT = "operator = %s and handle is not null and ended is null"
_WITH_LETTER = f"{_OF_IT} and {ITS_CODE}"
_LIVING = f"{_WITH_LETTER} and number > %s order by number limit %s"


def living(connection: Connection, operator: str, after: int, most: int) -> list[tuple[str, int, int, str]]:
    """An operator's own living subscriptions after a record: (handle, record, number behind its code, district), in order."""
    return connection.execute(
        f"select handle, number, coalesce(code, number), district from subscription where {_LIVING}",
        (operator, after, most),
    ).fetchall()


def count_living(connection: Connection, operator: str) -> int:
    """How many subscriptions `living` gives in all."""
    row = connection.execute(f"select count(*) from subscription where {_WITH_LETTER}", (operator,)).fetchone()
    return int(row[0]) if row else 0


def count_without_letter(connection: Connection, operator: str) -> int:
    """How many living subscriptions of an operator `living` leaves out: their filing codes are not its to hand out."""
    row = connection.execute(
        f"select count(*) from subscription where {_OF_IT} and not ({ITS_CODE})", (operator,)
    ).fetchone()
    return int(row[0]) if row else 0


def has_living(connection: Connection, operator: str) -> bool:
    """Whether an operator has a living subscription, whoever knows its filing code."""
    row = connection.execute(f"select exists (select from subscription where {_OF_IT})", (operator,)).fetchone()
    return bool(row and row[0])


def ends_of_batches(connection: Connection, operator: str, after: int, most: int, each: int) -> list[tuple[int, int]]:
    """Of the first `most` that `living` gives, the last record of each batch of `each`, and how many there are up to it."""
    return connection.execute(
        "select numbers[place], place from (select array_agg(number) as numbers from (select number from subscription"
        f" where {_LIVING}) living) living cross join generate_series(1, (cardinality(numbers) + %s - 1) / %s) batch"
        " cross join least(batch * %s, cardinality(numbers)) place order by place",
        (operator, after, most, each, each, each),
    ).fetchall()


def first(connection: Connection, most: int) -> list[tuple[int, str, str]]:
    """The first records there are: (number, operator, district)."""
    return connection.execute(
        "select number, operator, district from subscription order by number limit %s", (most,)
    ).fetchall()


def old_handles(connection: Connection) -> list[tuple[str, int]]:
    """Operators with records whose handle has not today's form, and how many; those with none are left out.

    The condition is that of the index `subscription_old_handle`, which the planner takes for it.
    """
    return connection.execute(
        "select operator, count(*) from subscription"
        " where not (handle like 'h1%' and length(handle) = 36) group by operator order by operator"
    ).fetchall()


def has_any(connection: Connection, operator: str, except_file: int) -> bool:
    """Whether the operator has filed anything other than by this file."""
    row = connection.execute(
        "select exists (select from subscription where operator = %b and file is distinct from %b)",
        (operator, except_file),
    ).fetchone()
    return bool(row and row[0])


def by_district(connection: Connection) -> list[tuple[str, str, int]]:
    """Living subscriptions counted by district and kind: (district, kind, count)."""
    return connection.execute(
        "select district, kind, count(*) from subscription where ended is null and standing = 'confirmed'"
        " group by 1, 2 order by 1, 2"
    ).fetchall()


def operators(connection: Connection) -> list[tuple[str, Mapping[str, str], date | None, str | None]]:
    """Every operator there is or was: (name, title by language, since when it is in the roll no more, its successor)."""
    return connection.execute("select name, title, ended, heir from operator order by name").fetchall()


def by_operator(connection: Connection) -> list[tuple[str, Mapping[str, str], int]]:
    """Operators in the roll with their living subscriptions: (name, title by language, count)."""
    return connection.execute(
        "select o.name, o.title, count(s.number) from operator o"
        " left join subscription s on s.operator = o.name and s.ended is null and s.standing = 'confirmed'"
        " where o.ended is null group by 1, 2 order by 1"
    ).fetchall()


class UnconfirmedRow(NamedTuple):
    """A filing that its subscriber made alone and that waits for its operator's word."""

    number: int
    kind: str
    access: str
    district: str
    connected: date
    filed: date


def unconfirmed(connection: Connection, operator: str, after: int, most: int) -> list[UnconfirmedRow]:
    """The operator's filings that wait for its word, in the order of their numbers, from the one after `after` on."""
    rows = connection.execute(
        "select number, kind, access, district, connected, filed from subscription where operator = %b and number > %b"
        " and standing = 'unconfirmed' and ended is null order by number limit %b",
        (operator, after, most),
    )
    return [UnconfirmedRow._make(row) for row in rows]


def count_unconfirmed(connection: Connection) -> dict[str, int]:
    """How many filings wait for the word of each operator that has any."""
    return dict(
        connection.execute(
            "select operator, count(*) from subscription where standing = 'unconfirmed' and ended is null group by 1"
            " order by 1"
        ).fetchall()
    )


def unconfirmed_filed_by(connection: Connection, day: date, most: int) -> list[tuple[int, str]]:
    """Filings that wait and were filed on a day or before it, the oldest first: the number and the operator of each."""
    return connection.execute(
        "select number, operator from subscription where standing = 'unconfirmed' and ended is null and filed <= %b"
        " order by filed, number limit %b",
        (day, most),
    ).fetchall()


def lapse(connection: Connection, number: int, day: date, version: int) -> None:
    """A filing fell away."""
    connection.execute(
        "update subscription set standing = 'lapsed', ended = %b, version = %b where number = %b",
        (day, version, number),
    )


class PortRow(NamedTuple):
    """A record that is to go from one operator to another: its public part, and what each of the two needs to know of it.

    `handle` is the one under which the losing operator has it.
    """

    number: int
    losing: str
    gaining: str
    asked: bool
    until: date
    handle: str | None
    kind: str
    access: str
    district: str
    connected: date


def ports(connection: Connection, operator: str, day: date, most: int) -> list[PortRow]:
    """Records that are to leave an operator, or to come to it, and may still be agreed on a day; at most so many."""
    rows = connection.execute(
        "select number, operator, port_to, port_asked, port_until, handle, kind, access, district, connected"
        " from subscription where port_to is not null and (operator = %(operator)s or port_to = %(operator)s)"
        " and port_until >= %(day)s and ended is null order by port_until, number limit %(most)s",
        {"operator": operator, "day": day, "most": most},
    )
    return [PortRow._make(row) for row in rows]
