"""The figures of requests: as the roll gives them, and counted anew from its log."""

from contextlib import closing
from functools import partial
from typing import Annotated

from cyclopts import App, Parameter

from openroll.cli.output import bar, fail, one_line, out
from openroll.cli.requests.at_roll import Believed, Roll, asked, json_at, log_of
from openroll.cli.table import Rows
from openroll.register.request.account import COUNTS, Counted, Row, summed
from openroll.watch.requests.recount import recounted
from openroll.watch.roll_api import RollApi
from openroll.watch.source import HttpSource

_Yearly = Annotated[bool, Parameter(negative="", help="By year, not by month.")]


def add(group: App) -> None:
    """Add the commands."""

    @group.command
    def figures(*, roll: Roll, yearly: _Yearly = False) -> None:
        """What became of requests, by the month in which they were filed: open and closed make the filed. Anybody may look."""
        with asked():
            rows = json_at(RollApi(roll), f"requests/figures?by={'year' if yearly else 'month'}", list[Row])
        _show(tuple(rows))

    @group.command
    def recount(*, roll: Roll, believed: Believed, yearly: _Yearly = False) -> None:
        """Count requests anew from every entry of the log, and hold the roll's own figures against it.

        Ends with status 1 where they differ. Both count the same entries: the first so many, as the roll's figures say.
        """
        api = RollApi(roll)
        with asked(), bar() as show, closing(HttpSource(f"{api.where}/log")) as source:
            log = log_of(api, believed)
            served = json_at(api, "requests/figures/log", Counted)
            found = recounted(source, log.keys, served.size, log.policy, partial(show, "entries"))
        _show(summed(found.rows, yearly=yearly))
        for one in found.broken:
            out.print(f"Not counted, {one}.")
        if found.left_out.count:
            out.print(one_line(str(found.left_out)), soft_wrap=True)
        if served.rows != found.then or found.broken:
            fail(
                f"they differ: the roll's own figures are not what the first {served.size:,} entries of its log count to.",
                1,
            )
        newer = found.size - served.size
        of = "the first" if newer else "all"
        more = f" The table counts the {newer:,} that came since, too; the roll's figures do not yet." if newer else ""
        agree = f"They agree: the roll's own figures are of {of} {served.size:,} entries of its log, and so much was counted"
        out.print(f"{agree} here from these.{more}", soft_wrap=True)


def _show(rows: tuple[Row, ...]) -> None:
    table = Rows("", *(row.month for row in rows), title="Requests")
    for name in COUNTS:
        table.add_row(name.replace("_", " "), *(str(row.counts.get(name, 0)) for row in rows))
    for part in ("reasons", "outcomes"):
        for code in sorted({code for row in rows for code in getattr(row, part)}):
            table.add_row(f"{part[:-1]}: {code}", *(str(getattr(row, part).get(code, 0)) for row in rows))
    for step in sorted({step for row in rows for step in row.steps}):
        table.add_row(f"hours in {step}", *(_mean(row, step) for row in rows))
    out.print(table)


def _mean(row: Row, step: str) -> str:
    left = row.steps.get(step, 0)
    return f"{row.seconds.get(step, 0) / left / 3600:.1f}" if left else ""
