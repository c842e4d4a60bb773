"""The what-if report: charts, tables and text on what the city model found, as a page (HTML) or on paper (PDF).

`Charts` draws every plot of an outcome, for the report and for the roll's own page. Words and numbers are those of a person: two
figures that count, and no difference claimed that what is assumed does not carry.
"""

from pathlib import Path

import openroll.rules.json_schema  # noqa: F401 - before altair loads jsonschema itself, with grammars that take 1.3 s to build
from openroll.durable import output_file
from openroll.report.charts import Chart, Charts
from openroll.report.html import report_html
from openroll.report.pdf import report_pdf
from openroll.report.theme import Picture, Theme
from openroll.whatif import Outcome

SUFFIXES = (".html", ".pdf")


class NoSuchFormat(ValueError):
    """There is no report in the wanted format. `known` lists the suffixes that there are."""

    def __init__(self, path: Path) -> None:
        self.path, self.known = path, SUFFIXES
        super().__init__(
            f"a report is a page (.html) or a paper (.pdf), not {path.name!r}: end its name with one of these"
        )


def write_report(outcome: Outcome, lang: str, path: Path) -> None:
    """Write a what-if report as HTML or PDF, by the suffix of its path. Raises NoSuchFormat, and OSError as writing does."""
    check_path(path)
    whole = report_html(outcome, lang).encode() if path.suffix.lower() == ".html" else report_pdf(outcome, lang)
    with output_file(path) as file:
        file.write(whole)


def check_path(path: Path) -> None:
    """Raise NoSuchFormat now rather than after the minutes of a run."""
    if path.suffix.lower() not in SUFFIXES:
        raise NoSuchFormat(path)


__all__ = [
    "Chart",
    "Charts",
    "NoSuchFormat",
    "Picture",
    "Theme",
    "check_path",
    "report_html",
    "report_pdf",
    "write_report",
]
