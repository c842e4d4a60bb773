"""Render a report as PDF through typst, tagged, with every chart's numbers at the end."""

from pathlib import Path
from typing import Any

from openroll.paper.press import Sheet, undated_pdf
from openroll.paper.typeface import Typeface, typeface
from openroll.report.blocks import Block, Document, Grid, Plots, Section
from openroll.report.charts import Chart
from openroll.report.narrative import narrative
from openroll.report.theme import for_print
from openroll.report.wording import words
from openroll.whatif import Outcome


def report_pdf(outcome: Outcome, lang: str, fonts: Path | None = None) -> bytes:
    """Render an outcome's report as a PDF (A4, tagged, PDF/UA-1); the same outcome gives the same bytes.

    `fonts` as for `receipt_pdf`. Raises FontsMissing.
    """
    face = typeface(fonts)
    return undated_pdf(report_sheet(outcome, lang, face), face)


def report_sheet(outcome: Outcome, lang: str, face: Typeface) -> Sheet:
    """The report as JSON data for its typst template."""
    report = narrative(outcome, lang, face.fit)
    sections = [*report.sections, _numbers(report)]
    data = {
        "lang": lang,
        "title": report.title,
        "subtitle": report.subtitle,
        "maker": report.maker,
        "sections": [{"title": part.title, "blocks": [_plain(one) for one in part.blocks]} for part in sections],
    }
    return Sheet("report.typ", {"report": data})


def _numbers(report: Document) -> Section:
    """What stands folded under each plot on a page stands at the end on paper."""
    charts = [
        chart for part in report.sections for one in part.blocks if isinstance(one, Plots) for chart in one.charts
    ]
    grids = tuple(Grid(chart.title, chart.head, chart.rows) for chart in charts)
    return Section("numbers", words("section", report.lang)["numbers"], grids)


def _plain(block: Block) -> dict[str, Any]:
    if isinstance(block, Plots):
        return {"kind": block.kind, "charts": [_chart(one) for one in block.charts]}
    return {"kind": block.kind} | vars(block)


def _chart(chart: Chart) -> dict[str, str]:
    return {"title": chart.title, "svg": for_print(chart.picture), "alt": chart.picture.alt}
