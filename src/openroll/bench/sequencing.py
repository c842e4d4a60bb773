"""Benchmark the real sequencer: events in PostgreSQL, sequenced, hashed, stored, checkpointed and exported."""

import os
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from psycopg import Connection

from openroll.bench.child import Progress
from openroll.bench.figure import own_megabytes
from openroll.bench.growing import Point, Spent, baseline, entries, spent
from openroll.service.governance.open_roll import find_roll
from openroll.service.log.sequencer import MOST_A_ROUND, Sequencer
from openroll.store.connect import Database

LOT = 1_000_000
"""So many events wait at once: more would only fill the disk earlier."""

_FILL = """
insert into event (stream, version, name, role, organisation, at, day, salt, commitment, body)
select nextval('record_number'), 1, 'subscription.filed/1', 'operator', 'bench', now(), '2006-12-20',
       sha256(('salt' || n)::bytea), sha256(n::text::bytea), repeat('x', 300)
from generate_series(%b::bigint, %b::bigint) as n
"""


def sequence(progress: Progress, url: str, name: str, home: Path, count: int) -> Point:
    """Sequence `count` events in an open, empty roll. Only the sequencer's rounds count, not the making of events."""
    database = Database(url, name)  # its own: an open roll's goes into no other process
    roll = find_roll(database, home, clock=lambda: datetime.now(UTC), random_bytes=os.urandom)
    sequencer = Sequencer(roll)
    sequencer.run_until_empty()  # the roll's opening has its place, the connection is there
    ours = baseline_spent = Spent()
    with database.open() as connection:
        for first in range(1, count + 1, LOT):
            last = min(first + LOT - 1, count)
            with connection.transaction():
                connection.execute(_FILL, (first, last))
            ours += spent(partial(_run, sequencer, progress, first - 1), partial(_processor, connection))
            for at in range(first, last + 1, MOST_A_ROUND):
                baseline_spent += spent(partial(baseline, entries(at, min(MOST_A_ROUND, last + 1 - at))))
    sequencer.close()
    return Point(count, ours, baseline_spent, own_megabytes())


def _run(sequencer: Sequencer, progress: Progress, done: int) -> None:
    """Run the sequencer's rounds until nothing waits."""
    while (placed := sequencer.round().placed) > 0:
        done += placed
        progress(done)


def _processor(connection: Connection) -> float:
    """Seconds of processor time so far: this process's and, where the database runs here too, its backend's."""
    if not connection.info.host.startswith("/"):
        return time.process_time()
    row = connection.execute(
        "select pid from pg_stat_activity where application_name = 'openroll-sequencer' order by backend_start desc limit 1"
    ).fetchone()
    connection.rollback()
    if row is None:
        raise RuntimeError("the sequencer has no connection")
    user, system = Path(f"/proc/{row[0]}/stat").read_text().rpartition(")")[2].split()[11:13]
    return time.process_time() + (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
