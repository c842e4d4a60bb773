"""How many sites there are, how many went, and after how long: as a published head of the log has them, to be counted again."""

from collections.abc import Iterable
from contextlib import closing

from psycopg import Connection

from openroll.register.events import event_of
from openroll.register.site.decay import Counted, Lives, life_of
from openroll.register.site.record import Site, evolve
from openroll.service.log.receipts import published
from openroll.service.roll import Roll
from openroll.service.sites.changes import FACTS
from openroll.store import events, projections, site_facts, site_lists


def decay(roll: Roll) -> Counted:
    """Organisations' sites as the newest published head has them, today: `openroll site recount` has the same from its entries.

    All but a few are in the table as the log has them. Of those that have a fact which is not published yet, what is published
    is folded. One moment of the database is seen, after the head was read: nothing of the head is missing in it.
    """
    head = published(roll)
    size, day = head[1].size if head else 0, roll.day(roll.clock())
    lives = Lives(day)
    with closing(roll.database.open_runtime("openroll-decay", role="application")) as connection:
        projections.one_moment(connection)
        newer = site_facts.records_beyond(connection, FACTS, size)
        for filed, state, gone, count in site_lists.lives(connection, newer):
            lives.add(filed, state, gone, count)
        for site in _folded(connection, newer, size):
            lives.add(*life_of(site))
        connection.rollback()
    return lives.counted(size)


def _folded(connection: Connection, streams: list[int], size: int) -> Iterable[Site]:
    """The sites of these records as the first `size` entries have them."""
    sites: dict[int, Site | None] = {}
    for row in events.of_streams_placed(connection, streams, size):
        sites[row.stream] = evolve(sites.get(row.stream), event_of(row.name, row.body), row.day)
    return [site for site in sites.values() if site is not None]
