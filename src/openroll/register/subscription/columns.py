"""The same decision for a whole file: the facts of many new filings at once, by column.

An operator's file of new subscriptions goes through here, since one object a row would cost more than the database
does. It says nothing of its own: a property test holds each body equal to what `subscription.decide` makes of the row.
"""

import polars as pl

from openroll.register.subscription.events import SubscriptionFiled

FILED = SubscriptionFiled.name


def filed_bodies(frame: pl.DataFrame, operator: str, rule: str) -> pl.Series:
    """The canonical JSON bodies of `subscription.filed/1`, one for each row of new subscriptions.

    `frame` holds valid rows only: handle, kind, access, district (String), connected (Date), digests (String: sorted,
    separated by single spaces). Their characters need no JSON escape: the verdicts before this let none through.
    """
    digests = pl.when(pl.col("digests") == "").then(pl.lit("")).otherwise(_quoted_list("digests"))
    body = pl.concat_str(
        pl.lit('{"access":"'),
        pl.col("access"),
        pl.lit('","by":"operator","connected":"'),
        pl.col("connected").dt.to_string("%Y-%m-%d"),
        pl.lit('","digests":['),
        digests,
        pl.lit('],"district":"'),
        pl.col("district"),
        pl.lit('","handle":"'),
        pl.col("handle"),
        pl.lit('","kind":"'),
        pl.col("kind"),
        pl.lit(f'","operator":"{operator}","rule":"{rule}"}}'),
    )
    return frame.select(body.alias("body"))["body"]


def _quoted_list(column: str) -> pl.Expr:
    quoted = pl.col(column).str.replace_all(" ", '","', literal=True)
    return pl.concat_str(pl.lit('"'), quoted, pl.lit('"'))
