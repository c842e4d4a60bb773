"""Lists of organisations' sites, found by words and by what stands of them, each page by bounded work. People's are in none."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from psycopg import Connection

from openroll.store.sites import COLUMNS, SiteRow

MOST_LOOKED_AT, MOST_WORDS = 10_000, 1_000
"""Sites, or words, that are looked at for one page: where few of them are wanted, it has few, and says from where to go on."""
_BEHIND_ALL = "\U0010ffff"


class Place(NamedTuple):
    """Where a list goes on: behind this site, and behind this word where it was looked for by words."""

    number: int
    word: str = ""


class Narrowed(NamedTuple):
    """Which sites are wanted: in a state (`ended` for those that ended), of a kind, of an operator, filed in a year."""

    state: str = ""
    kind: str = ""
    operator: str = ""
    year: int = 0

    def where(self) -> tuple[str, dict[str, object]]:
        """As a condition on `s`, with what it names. `text` is compared, and no array: see migration 0042."""
        parts = ["not s.private"]
        if self.state == "ended":
            parts.append("s.ended is not null")
        elif self.state:
            parts.append("s.ended is null and s.state = %(state)s")
        if self.kind:
            parts.append("s.kind = %(kind)s")
        if self.operator:
            parts.append("s.operator = %(operator)s")
        if self.year:
            parts.append("s.filed >= %(first_day)s and s.filed <= %(last_day)s")
        days = {"first_day": date(self.year or 1, 1, 1), "last_day": date(self.year or 1, 12, 31)}
        return " and ".join(parts), {"state": self.state, "kind": self.kind, "operator": self.operator, **days}


def newest(
    connection: Connection, narrowed: Narrowed, most: int, after: Place | None = None
) -> tuple[list[SiteRow], Place | None]:
    """The newest sites, or those behind a place; and from where the list goes on, if it does. Numbers are in no order."""
    where, given = narrowed.where()
    # The place is of an organisation's site alone: a person's number must not tell when it was filed.
    behind = " and stream < (select stream from site where number = %(number)s and not private)" if after else ""
    some = f"select * from site where not private{behind} order by stream desc limit %(looked)s"
    given = {**given, "number": after.number if after else 0, "looked": MOST_LOOKED_AT, "most": most + 1}
    rows = connection.execute(
        f"select {_OF_SITE} from ({some}) s where {where} order by s.stream desc limit %(most)s", given
    )
    found = [SiteRow._make(row) for row in rows]
    if len(found) > most:
        return found[:most], Place(found[most - 1].number)
    last = connection.execute(
        f"select number from ({some}) w order by stream desc offset %(looked)s - 1", given
    ).fetchone()
    return found, None if last is None else Place(last[0])


def found_by_words(
    connection: Connection, terms: Sequence[str], narrowed: Narrowed, most: int, after: Place | None = None
) -> tuple[list[SiteRow], Place | None]:
    """The sites of which each of these begins a word, in the order of the words that the first one begins; and from where the
    list goes on, if it does. Each site is there once: by the first of its words that fits."""
    where, given = narrowed.where()
    first, *others = terms
    given, also = {**given, "first": first, "end": first + _BEHIND_ALL}, ""
    for nth, term in enumerate(others):
        also += _ANY.format(f"o.word >= %(term{nth})s and o.word < %(end{nth})s", f"t{nth}")
        given |= {f"term{nth}": term, f"end{nth}": term + _BEHIND_ALL}
    some = (
        "select word, number from site_word where word >= %(first)s and word < %(end)s"
        " and (word, number) > (%(word)s, %(number)s) order by word, number limit %(looked)s"
    )
    word, number = (after.word, after.number) if after else (first, 0)
    given |= {"word": word, "number": number, "looked": MOST_WORDS, "most": most + 1}
    rows = connection.execute(
        f"select w.word, {_OF_SITE} from ({some}) w{also} left join lateral (select true from site_word e"
        " where e.number = w.number and e.word >= %(first)s and e.word < w.word limit 1) e(there) on true"
        " cross join lateral (select * from site where number = w.number and e.there is null offset 0) s"
        f" where {where} order by w.word, w.number limit %(most)s",
        given,
    ).fetchall()
    found = [SiteRow._make(row[1:]) for row in rows]
    if len(found) > most:
        return found[:most], Place(found[most - 1].number, rows[most - 1][0])
    last = connection.execute(f"select word, number from ({some}) w offset %(looked)s - 1", given).fetchone()
    return found, None if last is None else Place(last[1], last[0])


_ANY = " cross join lateral (select from site_word o where o.number = w.number and {} limit 1) {}"
"""That a site has such a word. With its limit it is looked for site by site: joined in any other way, all such words are read."""
_OF_SITE = ", ".join(f"s.{name}" for name in COLUMNS.split(", "))


class Placed(NamedTuple):
    """A site, with the position in the log of its newest fact: None while that waits for it."""

    row: SiteRow
    position: int | None


def in_order(connection: Connection, after: int, most: int) -> list[Placed]:
    """The organisations' sites behind a number, in the order of their numbers."""
    rows = connection.execute(
        f"select {_OF_SITE}, (select place_in(p, e.id) from event e cross join lateral (select * from placed"
        " where event <= e.id order by event desc limit 1) p where e.stream = s.stream and e.version = s.version"
        " and e.id < p.event + p.count) from site s where not s.private and s.number > %s order by s.number limit %s",
        (after, most),
    )
    return [Placed(SiteRow._make(row), position) for *row, position in rows]


def years(connection: Connection) -> tuple[int, int] | None:
    """The years in which the first and the last site of an organisation were filed: records are numbered as they come."""
    first, last = (
        connection.execute(f"select filed from site where not private order by stream {way} limit 1").fetchone()
        for way in ("asc", "desc")
    )
    return (first[0].year, last[0].year) if first and last else None


def lives(connection: Connection, but: Sequence[int]) -> list[tuple[date, str, date | None, int]]:
    """Organisations' sites, but those of some records, by filing, state, and the day on which they went, if they did."""
    return connection.execute(
        "select filed, case when ended is null then state else 'ended' end, coalesce(ended, case when state = 'retired' then"
        " since end), count(*) from site where not private and stream <> all(%s) group by 1, 2, 3",
        (list(but),),
    ).fetchall()
