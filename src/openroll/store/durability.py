"""PostgreSQL's settings that a commit's durability depends on, as they hold in our session (synchronous_commit and others)."""

from typing import NamedTuple

from psycopg import Connection


class Promise(NamedTuple):
    """The durability settings, and the standbys that are connected.

    `awaited` is `synchronous_standby_names` as it stands; `standbys` those connected now, `synchronous` of them those that
    commits wait for, or None where this role may not see that. `standby`: this server follows another itself.
    """

    fsync: bool
    full_page_writes: bool
    synchronous_commit: str
    awaited: str
    standby: bool
    standbys: int
    synchronous: int | None


def promise(connection: Connection) -> Promise:
    """Read the durability settings of this very session: its role and database may have settings of their own."""
    row = connection.execute(
        "select current_setting('fsync')::bool, current_setting('full_page_writes')::bool,"
        " current_setting('synchronous_commit'), current_setting('synchronous_standby_names'), pg_is_in_recovery(),"
        " (select count(*) from pg_stat_replication)::int,"
        " (select case when count(*) = 0 or bool_and(sync_state is not null)"
        " then count(*) filter (where sync_state in ('sync', 'quorum')) end from pg_stat_replication"
        " where application_name <> 'pg_basebackup')::int"
    ).fetchone()
    assert row is not None  # noqa: S101 - a row of functions is always there
    return Promise(*row)
