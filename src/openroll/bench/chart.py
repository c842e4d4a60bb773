"""Draw the chart of `bench log`: the cost of an entry as the log grows."""

from collections.abc import Iterable
from functools import partial

import altair as alt
import vl_convert

from openroll.bench.figure import Figure
from openroll.bench.log import TREE, WHOLE

_LINES = {WHOLE: ("#8c2f1b", "the whole way"), TREE: ("#24507a", "the tree alone"), "": ("#7a746d", "bare SHA-256")}
_TENS = partial(alt.Axis, values=[10.0**power for power in range(-2, 10)])


def cost_of_an_entry(figures: Iterable[Figure]) -> bytes:
    """The benchmark's curves as SVG: microseconds an entry by the log's size, with the baseline loop."""
    points = []
    for one in figures:
        name = one.name.partition(":")[0]
        if one.size and name in (TREE, WHOLE):
            points.append(_point(name, one.size, one.processor))
            if name == TREE:
                points.append(_point("", one.size, one.limit_processor))
    across = alt.X("size:Q", scale=alt.Scale(type="log"), title="entries in the log", axis=_TENS(format=",d"))
    up = alt.Y("cost:Q", scale=alt.Scale(type="log"), title="µs of processor time an entry", axis=_TENS(format="~g"))
    names = [name for _, name in _LINES.values()]
    tint = alt.Color("line:N", scale=alt.Scale(domain=names, range=[one for one, _ in _LINES.values()]), legend=None)
    base = alt.Chart({"values": points}).encode(x=across, y=up, color=tint)
    largest = max((point["size"] for point in points), default=1)
    said = base.transform_filter(alt.datum.size == largest).mark_text(align="left", dx=8).encode(text="line:N")
    chart = (base.mark_line(point=True) + said).properties(width=420, height=240)
    chart = chart.configure(
        background="white", font="sans-serif", padding={"left": 8, "right": 96, "top": 8, "bottom": 8}
    )
    drawn: str = vl_convert.vegalite_to_svg(chart.configure_view(stroke=None).to_dict())
    return drawn.encode()


def _point(name: str, size: int, cost: float) -> dict[str, str | float]:
    return {"line": _LINES[name][1], "size": size, "cost": round(cost, 3)}
