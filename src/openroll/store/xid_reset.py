"""Reset the order of events after a roll was loaded into a PostgreSQL cluster whose transaction ids have not come as far.

The sequencer takes events in the order of their transactions (docs/facts/log.md, "Order"), and transactions are numbered by the
cluster. A dump, or an escrow deposit, carries the numbers of the cluster it was made in; in a younger one they are numbers of
the future: nothing would ever be ready, and later old events would seem new. Places in the log were given and stay given:
they are kept in `placed`, not in these numbers. So every event that has a place is moved before everything, and every event that
has none gets the number of this very transaction, in which they keep the order of their ids.
"""

from typing import NamedTuple

from psycopg import Connection

FIRST = "3"
"""The first transaction a cluster ever gives out (PostgreSQL, FirstNormalTransactionId): older than all that run."""


_TRIGGERS = (("event", "append_only"), ("event", "only_erased"), ("event", "no_latecomer"), ("head", "append_only"))


class SetAnew(NamedTuple):
    """How many events have positions, and how many wait in their new order."""

    placed: int
    waiting: int


def is_of_this_cluster(connection: Connection) -> bool:
    """Whether this cluster has given out every transaction number that events and heads carry."""
    row = connection.execute(
        "select greatest((select max(xid::text::bigint) from (select xid from event order by xid desc limit 1) newest),"
        " (select max(xid::text::bigint) from head)) < pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
    ).fetchone()
    return row is None or row[0] is not False


def set_anew(connection: Connection) -> SetAnew | None:
    """Reset the order in one transaction, as the tables' owner; None when the transaction ids are this cluster's own.

    The caller keeps the sequencer out (`Database.only_sequencer`). Repeating it changes nothing.
    """
    if is_of_this_cluster(connection):
        return None
    return places_decide(connection)


def places_decide(connection: Connection) -> SetAnew:
    """Order events by what has a place and what has none, whatever their transactions say."""
    with connection.transaction():
        connection.execute("lock table event, head, placed in access exclusive mode")
        # Facts are only ever added, and this changes none: the number of a transaction is no part of a fact.
        connection.execute("alter table event disable trigger user")
        connection.execute("alter table head disable trigger user")
        connection.execute(
            "update event e set xid = case when coalesce((select e.id < p.event + p.count from placed p"
            " where p.event <= e.id order by p.event desc limit 1), false) then %s::xid8 else pg_current_xact_id() end",
            (FIRST,),
        )
        connection.execute(
            "update head set xid = %s::xid8, id = coalesce((select max(event + count - 1) from placed), 0)", (FIRST,)
        )
        for table, trigger in _TRIGGERS:
            connection.execute(f"alter table {table} enable always trigger {trigger}")
        row = connection.execute(
            "select count(*) filter (where xid = %s::xid8), count(*) filter (where xid <> %s::xid8) from event",
            (FIRST, FIRST),
        ).fetchone()
    return SetAnew(*row) if row else SetAnew(0, 0)
