"""Tables of the throttle: leaky buckets of guesses and floods, and spent puzzles."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from psycopg import Connection


def lock(connection: Connection, buckets: Sequence[bytes], now: datetime) -> None:
    """Lock these buckets until the transaction ends, always in one order, so that no two deadlock.

    One that was filled by a clock that ran ahead drains from `now` on: it would be full until the right clock comes there.
    """
    ordered = sorted(buckets)
    connection.execute(
        "insert into throttle select bucket, 0, %b from unnest(%b::bytea[]) as one(bucket) order by bucket"
        " on conflict do nothing",
        (now, ordered),
    )
    locked = connection.execute(
        "select at from throttle where bucket = any(%b::bytea[]) order by bucket for update", (ordered,)
    ).fetchall()
    if any(at > now for (at,) in locked):
        connection.execute(
            "update throttle set at = %b where bucket = any(%b::bytea[]) and at > %b", (now, ordered, now)
        )


def levels(connection: Connection, buckets: Sequence[bytes]) -> Mapping[bytes, tuple[float, datetime]]:
    """How full each of these buckets was when it was last filled, and when that was; nothing for one that is unknown."""
    rows = connection.execute(
        "select bucket, level, at from throttle where bucket = any(%b::bytea[])", (list(buckets),)
    ).fetchall()
    return {bytes(bucket): (float(level), at) for bucket, level, at in rows}


def fill(connection: Connection, buckets: Sequence[bytes], full: Sequence[float], now: datetime) -> None:
    """Set how full these buckets are now."""
    connection.execute(
        "update throttle set level = now.level, at = %b from unnest(%b::bytea[], %b::float8[]) as now(bucket, level)"
        " where throttle.bucket = now.bucket",
        (now, list(buckets), list(full)),
    )


def give_back(connection: Connection, buckets: Sequence[bytes]) -> None:
    """Take one out of each of these buckets."""
    connection.execute(
        "update throttle set level = greatest(0, level - 1) where bucket in (select bucket from throttle"
        " where bucket = any(%b::bytea[]) order by bucket for update)",
        (list(buckets),),
    )


def spend(connection: Connection, puzzle: bytes, until: datetime) -> bool:
    """Spend a solved puzzle, remembered `until` nobody can send it any more; False when it was spent before."""
    done = connection.execute("insert into spent_puzzle values (%b, %b) on conflict do nothing", (puzzle, until))
    return done.rowcount > 0


def forget(connection: Connection, before: datetime, now: datetime) -> int:
    """Forget buckets that nobody touched since `before`, and puzzles that have run out; how many."""
    # Somebody else may hold one of them: that one goes the next time, and nobody waits.
    drained = connection.execute(
        "delete from throttle where bucket in"
        " (select bucket from throttle where at < %b limit 100 for update skip locked)",
        (before,),
    ).rowcount
    return (
        drained
        + connection.execute(
            "delete from spent_puzzle where puzzle in"
            " (select puzzle from spent_puzzle where until < %b limit 100 for update skip locked)",
            (now,),
        ).rowcount
    )
