"""How long sites last: figures that anybody counts again from the log, drawn, told in tables, and what they predict."""

import functools
from collections.abc import Sequence
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from openroll.register.site.decay import AHEAD, Counted, Point, predicted, rate, survival
from openroll.service.application import Application
from openroll.service.sites.look_ups import LOOKS_UP
from openroll.web.auth import Lang, Request, base
from openroll.web.bridge import reading_page
from openroll.web.charts import Lines, shares
from openroll.words.catalogue import gettext, number, percent

CHONGQING = 57_931
"""Records of sites that had closed or moved, in Chongqing's own register in January 2011 (docs/facts/rules.md)."""
_STATES = ("live", "silent", "retired", "ended")


@get("/{lang:str}/sites/decay", include_in_schema=False, opt={LOOKS_UP: True})
async def decay_page(
    lang: FromPath[Lang], request: Request, application: NamedDependency[Application]
) -> Response[str]:
    """The figures of organisations' sites, beside those of a register that nobody checked."""
    counted = await application.site_figures()
    seen, ahead, speed = survival(counted.ages), predicted(counted), rate(counted.ages)
    years = [[str(one.year), number(lang, one.filed), *_of_year(lang, one)] for one in reversed(counted.years)]
    given: dict[str, Any] = {
        "address": base(request).rstrip("/"),
        "filed": sum(one.filed for one in counted.years),
        "gone": sum(one.retired + one.ended for one in counted.years),
        "silent": sum(one.silent for one in counted.years),
        "chongqing": CHONGQING,
        "size": counted.size,
        "on": counted.day,
        "years": years,
        "seen": [_row(lang, one) for one in _told(seen)],
        "drawn": len(seen) > 1,
        "ahead": [_row(lang, one) for one in ahead],
        "rate": None if speed is None else [percent(lang, one) for one in (speed.middle, speed.low, speed.high)],
    }
    return reading_page("decay.html", request, application, lang, "sites/decay", **given)


@get("/{lang:str}/sites/decay/chart", include_in_schema=False, opt={LOOKS_UP: True})
async def decay_chart(
    lang: FromPath[Lang], request: Request, application: NamedDependency[Application]
) -> Response[bytes]:
    """The shares that stand, over the years since they were filed, light or dark."""
    counted = await application.site_figures()
    dark = request.query_params.get("theme") == "dark"
    seen, ahead = _lines(counted)
    if not seen:
        raise NotFoundException
    said = gettext(lang, "seen"), gettext(lang, "predicted"), gettext(lang, "Years after filing")
    make = functools.partial(shares, seen, ahead, said, dark)
    drawn = await application.made.get(("decay", seen, ahead, said, dark), make)
    return Response(drawn, media_type="image/svg+xml", headers={"cache-control": "public, max-age=600"})


def _lines(counted: Counted) -> tuple[Lines, Lines]:
    seen = [one for one in survival(counted.ages) if one.months <= 12 * AHEAD]
    of = tuple(
        tuple((one.months / 12, one.low, one.share, one.high) for one in some) for some in (seen, predicted(counted))
    )
    return of[0], of[1]


def _told(seen: Sequence[Point]) -> list[Point]:
    """What of a life table stands in rows: each year, or in a register's first year each month."""
    years = [one for one in seen if one.months and one.months % 12 == 0]
    return years or [one for one in seen if one.months]


def _of_year(lang: str, year: Any) -> list[str]:
    """The states of the sites of a year, each as a share and a number."""
    counts = [getattr(year, state) for state in _STATES]
    return [f"{percent(lang, count / year.filed)} ({number(lang, count)})" for count in counts]


def _row(lang: str, point: Point) -> list[str]:
    shown = [number(lang, point.months / 12, 2 if point.months % 12 else 0)]
    if point.at_risk:
        shown.append(number(lang, point.at_risk))
    between = gettext(lang, "{low} to {high}").format(low=percent(lang, point.low), high=percent(lang, point.high))
    return [*shown, percent(lang, point.share), between]
