"""What a transaction was written on the assumption of, checked within it: where it does not hold, nothing is written."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from psycopg import Connection

from openroll.store.roll import FILES, LETS_IN
from openroll.store.signs_of_life import UNHEARD


class Assumptions(NamedTuple):
    """What is assumed: the database is behind neither mark (numbers.Standing), has no more rule versions than are known, and
    these tokens (by hash) file for these organisations, of whom none still has to give a sign of life (signs_of_life.py).
    """

    record: int
    head: int
    rules: int
    tokens: Mapping[bytes, str]


def require(connection: Connection, assumed: Assumptions, now: datetime) -> None:
    """Have the transaction fail with psycopg.errors.InvalidTextRepresentation unless all of it holds. Needs no answer.

    No token among them ends before the transaction does (store/rights.py). Under the application's role. In a pipeline what comes
    behind it, the commit too, is passed over by the server.
    """
    # Texts, not arrays: making an array of one costs more in Python than all the rest of this.
    connection.execute(
        "select (case when newest_number() >= %b and coalesce((select size from head order by size desc limit 1), 0) >= %b"
        " and not pg_is_in_recovery() and acting() is not null and rules_known() <= %b and %b = (select count(*) from (select"
        " from unnest(string_to_array(%b::text, ' '), string_to_array(%b::text, ' ')) as assumed (hash, organisation)"
        " join token on token.hash = decode(assumed.hash, 'hex') and token.organisation = assumed.organisation"
        f" where {FILES} and {LETS_IN} and not exists (select from operator o where o.name = token.organisation and {UNHEARD})"
        " for share of token) as held)"
        " then '1' else 'not as assumed: the filing is taken the careful way' end)::int",
        (
            assumed.record,
            assumed.head,
            assumed.rules,
            len(assumed.tokens),
            " ".join(hashed.hex() for hashed in assumed.tokens),
            " ".join(assumed.tokens.values()),
            now,
        ),
    )
