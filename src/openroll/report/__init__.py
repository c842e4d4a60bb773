"""What the what-if model found, told to people: charts, and a report as a page or on paper, in both languages.

`Charts` draws every plot of an outcome, for the report and for the roll's own page. Words and numbers are those of a person: two
figures that count, and no difference claimed that what is assumed does not carry.
"""

from pathlib import Path

from openroll.report.charts import Chart, Charts
from openroll.report.html import report_html
from openroll.report.pdf import report_pdf
from openroll.report.theme import Look, Picture
from openroll.whatif import Outcome

SUFFIXES = (".html", ".pdf")


class NoSuchFormat(ValueError):
    """A report is asked for in a form that there is none in. `known` lists the suffixes that there are."""

    def __init__(self, path: Path) -> None:
        self.path, self.known = path, SUFFIXES
        super().__init__(
            f"a report is a page (.html) or a paper (.pdf), not {path.name!r}: end its name with one of these"
        )


def write_report(outcome: Outcome, lang: str, path: Path) -> None:
    """Write a report, as a page or on paper by the suffix of its path. Raises NoSuchFormat, and OSError as writing does."""
    check_path(path)
    whole = report_html(outcome, lang).encode() if path.suffix.lower() == ".html" else report_pdf(outcome, lang)
    path.write_bytes(whole)


def check_path(path: Path) -> None:
    """Raise NoSuchFormat now rather than after the minutes of a run."""
    if path.suffix.lower() not in SUFFIXES:
        raise NoSuchFormat(path)


__all__ = [
    "Chart",
    "Charts",
    "Look",
    "NoSuchFormat",
    "Picture",
    "check_path",
    "report_html",
    "report_pdf",
    "write_report",
]
