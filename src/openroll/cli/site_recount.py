"""The figures of sites, counted anew from the log by anybody."""

from contextlib import closing
from functools import partial

from openroll.cli.output import bar, fail, out
from openroll.cli.requests.at_roll import Believed, Roll, asked, json_at, log_of
from openroll.cli.site_telling import app
from openroll.cli.table import Rows
from openroll.register.site.decay import Counted, Point, predicted, survival
from openroll.watch.roll_api import RollApi
from openroll.watch.site_recount import recounted_sites
from openroll.watch.source import HttpSource


@app.command
def recount(*, roll: Roll, believed: Believed) -> None:
    """Count organisations' sites anew from every entry of the log, and hold the roll's own figures of their decay against it.

    Ends with status 1 where they differ. Both count the same entries, the first so many, up to the same day, as the figures say.
    """
    api = RollApi(roll)
    with asked(), bar() as show, closing(HttpSource(f"{api.where}/log")) as source:
        log = log_of(api, believed)
        served = json_at(api, "sites/figures", Counted)
        found = recounted_sites(source, log.keys, served.size, served.day, log.policy, partial(show, "entries"))
    _show(found.then)
    for one in found.broken:
        out.print(f"Not counted: {one}.")
    if served != found.then or found.broken:
        fail(f"they differ: the roll's figures are not what the first {served.size:,} entries of its log count to.", 1)
    out.print(
        f"They agree: the roll's figures are of the first {served.size:,} entries of its log, on {served.day}, and so much was"
        " counted here from these.",
        soft_wrap=True,
    )


def _show(found: Counted) -> None:
    years = Rows("filed in", "sites", "live", "silent", "retired", "ended", title="Sites of organisations")
    for one in found.years:
        years.add_row(*map(str, (one.year, one.filed, one.live, one.silent, one.retired, one.ended)))
    out.print(years)
    lives = Rows("years", "looked at", "still stand", "from", "to", title="How long they last")
    for point in (*(one for one in survival(found.ages) if one.months % 12 == 0), *predicted(found)):
        lives.add_row(*_said(point))
    out.print(lives)


def _said(point: Point) -> tuple[str, ...]:
    of = str(point.at_risk) if point.at_risk else "predicted"
    return (str(point.months // 12), of, *(f"{100 * share:.1f} %" for share in (point.share, point.low, point.high)))
