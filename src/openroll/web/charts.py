"""Charts on pages as SVG, drawn on the server by altair and vl-convert: labelled bars, light or dark.

A chart stands in an `img`, so nothing in it can run; the table behind it stands beside it for those who do not see it.
"""

from typing import Any

_FONT = "system-ui, 'PingFang SC', 'Noto Sans CJK SC', 'Noto Sans SC', 'Microsoft YaHei', sans-serif"
_INK = {False: ("#8c2f1b", "#241f1c"), True: ("#e08a73", "#ece6dc")}
MOST_BARS = 40
Lines = tuple[tuple[float, float, float, float], ...]


def bars(lines: tuple[tuple[str, int, str], ...], dark: bool, *, across: bool) -> bytes:
    """A chart of (name, count, count in words) as SVG bytes. `across` draws days along the bottom, else names down the side."""
    return _drawn(lines[-MOST_BARS:] if across else lines[:MOST_BARS], dark, across)


def shares(seen: Lines, ahead: Lines, said: tuple[str, str, str], dark: bool) -> bytes:
    """Shares over years as SVG bytes, each with its interval: what was seen as a line, what is predicted behind it as dashes.

    A point is its year, low, share and high. `said` is how the two lines are called, and the years along the bottom.
    """
    import altair as alt  # noqa: PLC0415 - as below

    bar, ink = _INK[dark]
    parts = []
    for points, called, dash in ((seen, said[0], [1, 0]), ((*seen[-1:], *ahead) if ahead else (), said[1], [5, 4])):
        rows = [dict(zip(("year", "low", "share", "high"), point, strict=True)) for point in points]
        if not rows:
            continue
        x = alt.X("year:Q", title=said[2], axis=alt.Axis(tickMinStep=1, format="d", grid=False))
        y = alt.Y("share:Q", title=None, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", tickCount=5))
        base = alt.Chart({"values": rows})
        parts.append(base.mark_area(color=bar, opacity=0.18).encode(x=x, y=alt.Y("low:Q", title=None), y2="high:Q"))
        parts.append(base.mark_line(color=bar, strokeDash=dash, strokeWidth=2.5).encode(x=x, y=y))
        last = alt.Chart({"values": rows[len(rows) // 2 : len(rows) // 2 + 1]})
        word = last.mark_text(color=ink, align="left", dx=6, dy=-10, text=called)
        parts.append(word.encode(x=x, y=y))
    return _svg(alt.layer(*parts).properties(width=330, height=220), ink)


def _drawn(lines: tuple[tuple[str, int, str], ...], dark: bool, across: bool) -> bytes:
    import altair as alt  # noqa: PLC0415 - the libraries that draw come with the first chart

    bar, ink = _INK[dark]
    base = alt.Chart({"values": [{"name": name, "count": count, "said": said} for name, count, said in lines]})
    names = [name for name, _, _ in lines]
    if across:
        x = alt.X("name:N", sort=names, title=None, axis=alt.Axis(labelAngle=-45, labelLimit=240, labelOverlap=True))
        y = alt.Y("count:Q", title=None, axis=alt.Axis(format=",d", tickMinStep=1))
        wide = max(4, min(32, 240 // len(lines)))
        chart = base.mark_bar(color=bar, size=wide).encode(x=x, y=y).properties(width=300, height=160)
    else:
        side = alt.Y("name:N", sort=names, title=None, axis=alt.Axis(labelLimit=150, ticks=False, domain=False))
        long = alt.X("count:Q", title=None, axis=None)
        drawn = base.mark_bar(color=bar).encode(y=side, x=long)
        said = base.mark_text(align="left", dx=4, color=ink).encode(y=side, x=long, text="said:N")
        chart = (drawn + said).properties(width=190, height=alt.Step(24))
    return _svg(chart, ink)


def _svg(chart: Any, ink: str) -> bytes:
    import vl_convert  # noqa: PLC0415 - as above

    # The browser's own font may be wider than the one measured here: some room at the sides keeps words whole.
    room = {"left": 28, "right": 16, "top": 4, "bottom": 4}
    spec = chart.configure(font=_FONT, background="transparent", padding=room)
    spec = spec.configure_axis(
        labelColor=ink, titleColor=ink, gridColor=f"{ink}22", labelFontSize=13, domainColor=ink, tickColor=ink
    )
    spec = spec.configure_text(fontSize=13).configure_view(stroke=None)
    drawn_svg: str = vl_convert.vegalite_to_svg(spec.to_dict())
    return drawn_svg.encode()
