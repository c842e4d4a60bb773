"""The command `openroll bench`: runs the chosen benchmarks in a roll of their own, deleted afterwards, and prints the table."""

from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import App, Parameter
from rich.text import Text

from openroll.bench.figure import Figure, Item, busy, machine
from openroll.cli.output import err, out
from openroll.cli.table import Rows
from openroll.cli.wiring import Wiring

ROWS, LOG_ROWS = 1_000_000, 10_000_000


def app_of(wiring: Wiring) -> App:
    """Build the command `bench` over what `wiring` provides."""
    app = App(name="bench", help="Measure, each figure beside its limit in the same run.")

    @app.default
    def bench(
        *items: Item,
        rows: int | None = None,
        seconds: int = 10,
        chart: Path | None = None,
        as_json: Annotated[bool, Parameter(name="--json", negative="")] = False,
    ) -> None:
        """Measure the named ones, or all when none is named, and say what stands beside each.

        Parameters
        ----------
        rows
            How many subscriptions, subjects, people, sites and entries (default: 1,000,000, and 10,000,000 entries of the log).
        seconds
            How long each number of connections files.
        chart
            Where to draw what an entry of the log costs, as SVG.
        as_json
            Print JSON instead of a table.
        """
        # What is measured comes with the web framework and its like: a second of processor time that no other command pays for.
        from openroll.bench.measuring import measure  # noqa: PLC0415 - as said

        figures: list[Figure] = []
        before = busy()
        for item in items or (
            "log",
            "mirror",
            "witness",
            "duties",
            "import",
            "online",
            "beside",
            "pages",
            "requests",
            "sites",
            "whatif",
        ):
            err.print(f"measuring {item} …")
            figures += measure(item, wiring, rows or (LOG_ROWS if item == "log" else ROWS), seconds)
        if chart is not None:
            from openroll.bench.chart import cost_of_an_entry  # noqa: PLC0415 - nothing else here draws

            chart.write_bytes(cost_of_an_entry(figures))
        if as_json:
            rated = [
                msgspec.to_builtins(one) | {"ratio": round(one.ratio, 3), "verdict": one.verdict} for one in figures
            ]
            whole = {"machine": machine() | {"busy": before}, "figures": rated}
            print(msgspec.json.encode(whole).decode())  # noqa: T201 - JSON, unwrapped
        else:
            _show(figures, before)

    return app


def _show(figures: list[Figure], before: str) -> None:
    """Print the figures as a table: limit, memory and processor stand beneath the name."""
    out.print(", ".join(f"{key}: {value}" for key, value in machine().items()))
    out.print(f"when it began: {before}")
    table = Rows("what", "ours", "limit", "ratio", "aim", "")
    for one in figures:
        ours, limit = (f"{value:,.0f}" if value >= 100 else f"{value:,.2f}" for value in (one.ours, one.limit))
        table.add_row(
            Text(_described(one)), Text(f"{ours}\n{one.unit}"), limit, f"{one.ratio:.2f}", one.aim, one.verdict
        )
    out.print(table)


def _described(one: Figure) -> str:
    lines = [one.name, f"  beside {one.limit_is}"]
    if one.megabytes:
        lines.append(f"  memory {one.megabytes:,} MB")
    if one.processor:
        lines.append(f"  processor {one.processor:,.2f} / {one.limit_processor:,.2f} µs")
    return "\n".join(lines)
