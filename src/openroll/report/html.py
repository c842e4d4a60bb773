"""Render a report as one HTML page with charts and style inside it: no script, no network."""

from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from openroll.report.narrative import narrative
from openroll.report.wording import words
from openroll.whatif import Outcome
from openroll.words import catalogue


def report_html(outcome: Outcome, lang: str) -> str:
    """Render an outcome's report as HTML; the same outcome gives the same text."""
    return _template().render(
        report=narrative(outcome, lang),
        say=words("report", lang),
        style=Markup(_read("page.css")),  # noqa: S704 - our own file
        tag=catalogue.html_lang(catalogue.spoken(lang)),
        direction=catalogue.direction(lang),
    )


@cache
def _template() -> Template:
    # Whatever a city or a rule file says is escaped; only the charts (drawn from escaped text) and our style go in as they are.
    return Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True).from_string(_read("page.html"))


def _read(name: str) -> str:
    return (files("openroll.report") / name).read_text(encoding="utf-8")
