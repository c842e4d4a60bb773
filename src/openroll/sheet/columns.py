"""The verdict on many rows by column: which rows are surely good. The others go to `check_row`, which says why.

A property test holds the two equal: no row is called good here that `check_row` faults.
"""

import polars as pl

from openroll.register.terms import Terms
from openroll.sheet.rows import MAYBE_IDENTITY

_HANDLE = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$"
_ONE = r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"
_IDENTITY = MAYBE_IDENTITY.pattern


def good_rows(frame: pl.DataFrame, terms: Terms) -> pl.Series:
    """Which rows of new filings are without a fault: Boolean. Rows of other acts are never called good here.

    `frame` has all of COLUMNS as String, without nulls.
    """
    connected = pl.col("connected").str.to_date("%Y-%m-%d", strict=False)
    good = (
        pl.col("act").is_in(["", "new"])
        & pl.col("handle").str.contains(_HANDLE)
        & ~pl.col("handle").str.contains(_IDENTITY)
        & pl.col("kind").is_in(sorted(terms.kinds))
        & pl.col("access").is_in(sorted(terms.accesses))
        & pl.col("district").is_in(sorted(terms.districts))
        & (pl.col("connected").str.len_bytes() == 10)
        & connected.is_between(terms.earliest, terms.latest).fill_null(value=False)
        & (pl.col("on") == "")
        & _digests_good(terms.digests)
    )
    return frame.select(good.alias("good"))["good"]


def _digests_good(count: int) -> pl.Expr:
    digests = pl.col("digests")
    if count == 0:
        return digests == ""
    shape = digests.str.contains("^" + " ".join([_ONE] * count) + "$")
    ordered = [digests.str.slice(44 * at, 43) < digests.str.slice(44 * (at + 1), 43) for at in range(count - 1)]
    return pl.all_horizontal(shape, *ordered)
