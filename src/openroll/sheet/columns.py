"""Validate many rows of an operator's file by column: which are surely good. The others go to `check_row`, which says why.

A property test holds the two equal: no row is called good here that `check_row` faults.
"""

import numpy as np
import polars as pl

from openroll.register.subscription.handle import ALPHABET, FORM, LENGTH, MODULUS, WEIGHTS
from openroll.register.subscription.terms import Terms

_FORM = f"^{FORM.pattern}$"
_VALUES = np.zeros(256, np.float32)
_VALUES[np.frombuffer(ALPHABET.encode(), np.uint8)] = np.arange(32)
_SUMS = np.array([0, 0, *WEIGHTS, -32, -1], np.float32)
"""What each character of a handle counts: the weighted sum of the first less the check value is 0 modulo the prime.
All are whole numbers below 2**24, which float32 holds exactly and multiplies fastest."""

_ONE = r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"


def good_rows(frame: pl.DataFrame, terms: Terms) -> pl.Series:
    """Which rows of new filings are without a fault: Boolean. Rows of other acts are never called good here.

    `frame` has all of COLUMNS as String, without nulls.
    """
    connected = pl.col("connected").str.to_date("%Y-%m-%d", strict=False)
    good = (
        pl.col("act").is_in(["", "new"])
        & pl.lit(good_handles(frame["handle"]))
        & (pl.col("new_handle") == "")
        & pl.col("kind").is_in(sorted(terms.kinds))
        & pl.col("access").is_in(sorted(terms.accesses))
        & pl.col("district").is_in(sorted(terms.districts))
        & (pl.col("connected").str.len_bytes() == 10)
        & connected.is_between(terms.earliest, terms.latest).fill_null(value=False)
        & (pl.col("on") == "")
        & pl.any_horizontal(*(_digests_good(count) for count in {terms.digests, *terms.digests_too}))
    )
    return frame.select(good.alias("good"))["good"]


def good_handles(handles: pl.Series) -> pl.Series:
    """Which of these are handles, check characters included: Boolean, as `register.handle.is_handle` says of each."""
    formed = (handles.str.len_bytes() == LENGTH) & handles.str.contains(_FORM)
    text = "".join(handles.filter(formed)).encode()
    values = _VALUES[np.frombuffer(text, np.uint8).reshape(-1, LENGTH)]
    check = values[:, -2] * 32 + values[:, -1]
    right = ((values @ _SUMS) % MODULUS == 0) & (check < MODULUS)
    good = formed.to_numpy().copy()
    good[good] = right
    return pl.Series("handle", good)


def _digests_good(count: int) -> pl.Expr:
    digests = pl.col("digests")
    if count == 0:
        return digests == ""
    shape = digests.str.contains("^" + " ".join([_ONE] * count) + "$")
    ordered = [digests.str.slice(44 * at, 43) < digests.str.slice(44 * (at + 1), 43) for at in range(count - 1)]
    return pl.all_horizontal(shape, *ordered)
