"""The report as a page and on paper: complete, self-contained, the same bytes again, honest about what is not carried."""

import re
from collections.abc import Callable
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest

from openroll.paper.typeface import typeface
from openroll.report import Charts, NoSuchFormat, Theme, report_html, report_pdf, write_report
from openroll.report import theme as look
from openroll.report.blocks import Document, Grid
from openroll.report.charts import TELLING, strongest_assumptions
from openroll.report.narrative import narrative
from openroll.report.pdf import report_sheet
from openroll.report.theme import letter
from openroll.report.wording import words
from openroll.whatif import ANSWERS, Outcome, differences, titles
from openroll.words.assumptions import assumption_title
from openroll.words.fitted import wrapped
from tests.paper.reading import text_of
from tests.report.outcomes import HOSTILE, few, hostile, single

Made = Callable[[], Outcome]


@cache
def page(of: Made, lang: str) -> str:
    """The page of an outcome, made once."""
    return report_html(of(), lang)


@cache
def paper(of: Made, lang: str) -> bytes:
    """The same on paper."""
    return report_pdf(of(), lang)


@cache
def told(of: Made, lang: str) -> Document:
    """What both are made from."""
    return narrative(of(), lang)


VOID = {"meta", "br", "img", "link", "input", "hr"}


class Tags(HTMLParser):
    """Every tag with its attributes; notes what is closed that was not open, and ids that stand twice."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.all: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_page_is_whole_and_needs_nothing_else(lang: str) -> None:
    """Tags close as they open, no id stands twice, and nothing is loaded or run."""
    tags = Tags(page(few, lang))
    assert tags.open == []
    ids = [attributes["id"] for _, attributes in tags.all if attributes.get("id")]
    assert len(ids) == len(set(ids))
    assert {tag for tag, _ in tags.all} & {"script", "link", "img", "iframe", "object", "image", "use"} == set()
    loads = [value for _, one in tags.all for name, value in one.items() if name in ("src", "href", "xlink:href")]
    assert all(value and value.startswith("#") for value in loads)
    assert {value[1:] for value in loads if value} <= set(ids)
    assert not re.search(r"@import|url\((?!#)", page(few, lang))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_page_tells_every_answer_assumption_rule_and_source(lang: str) -> None:
    """All answers, assumptions with units and reasons, rules with sources, notes, seed, and the command."""
    text, outcome = Tags(page(few, lang)).text, few()
    for name in words("answer", lang).values():
        assert name.format(day={"zh": "2006年10月30日", "en": "30 October 2006"}[lang]) in text
    for title in titles().values():
        assert assumption_title(lang, title) in text
    for quantity in (one for _, one in outcome.city.assumptions.items()):
        assert quantity.assumed is None or quantity.assumed[lang] in text
    for rule in outcome.rules:
        assert rule.title[lang] in text
        assert all(one.title in text for one in rule.sources)
    assert "openroll whatif run cn-cq-2006-notice cn-cq-2006-regulation notification-2006 --city village" in text
    assert "--runs 6 --seed 3" in text


def test_a_proposal_is_called_one() -> None:
    """A rule that is not a law says so, in both languages."""
    assert "C is a proposal, not a law" in Tags(page(few, "en")).text
    assert "C是一项建议，不是法律" in Tags(page(few, "zh")).text


def test_what_is_not_carried_is_said_not_to_be() -> None:
    """A difference whose band spans nought is "not carried"; one that does not, "carried"."""
    charts = Charts(few(), Theme("en"))
    found = differences(charts.values, "cn-cq-2006-notice")
    (section,) = [one for one in told(few, "en").sections if one.key == "differences"]
    (grid,) = [block for block in section.blocks if isinstance(block, Grid)]
    cells = [cell for row in grid.rows for cell in row[1:]]
    spans = found.filter((pl.col("low") < 0) & (pl.col("high") > 0))
    assert len(spans) > 0
    assert (
        sum("\nnot carried; more in" in cell for cell in cells) == len(found.filter(~pl.col("carried"))) >= len(spans)
    )
    assert sum(cell.endswith("\ncarried") for cell in cells) > 5


def test_no_two_rules_look_alike() -> None:
    """Each of many rules has its own letter, and its own dash and mark beside its colour."""
    look = Theme("en")
    looks = {(look.colour(place), str(look.dash(place)), look.shape(place)) for place in range(36)}
    assert len(looks) == 36
    assert [letter(place) for place in (0, 25, 26, 27, 701, 702)] == ["A", "Z", "AA", "AB", "ZZ", "AAA"]


def test_a_single_run_claims_no_bands() -> None:
    """One run says that it has no bands, and that nothing is known of what is carried."""
    lang = "zh"
    text = Tags(page(single, lang)).text
    assert words("report", lang)["single_note"] in text
    assert words("differences", lang)["unknown"] in text
    (section,) = [one for one in told(single, lang).sections if one.key == "differences"]
    (grid,) = [block for block in section.blocks if isinstance(block, Grid)]
    said = {cell.split("\n")[-1] for row in grid.rows for cell in row[1:]}
    assert said == {words("differences", lang)["unknown"]}
    assert "fill-opacity" not in Charts(single(), Theme(lang)).filed().picture.svg


def test_too_few_runs_have_no_tornado() -> None:
    """Below fifty runs the report says that it cannot tell what would change it."""
    assert f"{TELLING} are needed at least" in Tags(page(few, "en")).text


def test_a_tornado_shows_what_moves_an_answer_and_not_what_does_not() -> None:
    """Of many runs in which one assumption decides the answer, only that one is told."""
    runs, shipped = 200, few()
    deciding = pl.Series("filing.rush", [place / runs for place in range(runs)])
    idle = pl.Series("filing.lull", [(place * 37 % runs) / runs for place in range(runs)])
    one = shipped.series[0]
    series = type(one)(one.ref, {name: value[:1].repeat(runs, axis=0) for name, value in one.city.items()}, one.worst)
    outcome = Outcome(shipped.city, shipped.rules[:1], 1, "cohorts", pl.DataFrame([deciding, idle]), (series,))
    values = pl.DataFrame({"rule": one.ref, "run": range(runs), "answer": "filed", "value": deciding * 100})
    assert [path for path, _, _ in strongest_assumptions(outcome, values, one.ref, "filed")] == ["filing.rush"]


def test_titles_are_only_text_on_a_page() -> None:
    """Whatever a city or a rule is called stands escaped in the page and in its charts."""
    whole = page(hostile, "en")
    tags = Tags(whole)
    assert {tag for tag, _ in tags.all} & {"script", "img"} == set()
    assert tags.open == []
    assert HOSTILE.replace("\u202e", "") in tags.text
    assert "\u202e" not in whole


def test_titles_are_only_text_in_a_chart() -> None:
    """Every chart is well-formed XML with hostile titles, and says itself to those who do not see it."""
    for chart in Charts(hostile(), Theme("en")).every():
        root = ElementTree.fromstring(chart.picture.svg)  # noqa: S314 - our own drawing
        assert root.attrib["role"] == "img"
        assert root.attrib["aria-label"].startswith(chart.title)
        assert not list(root.iter("{http://www.w3.org/2000/svg}script"))


def test_titles_are_only_text_on_paper() -> None:
    """Nothing that a city is called is read as typst's markup; what cannot be seen is left out."""
    drawn = "".join(text_of(paper(hostile, "en")))
    assert "".join(HOSTILE.replace("\u202e", "").split()) in drawn


def test_the_same_outcome_gives_the_same_bytes() -> None:
    """Page and paper are the same when made again, and paper says what the page says."""
    whole, printed = page(single, "zh"), paper(single, "zh")
    look._drawn.cache_clear()
    assert report_html(single(), "zh") == whole
    assert report_pdf(single(), "zh") == printed
    drawn = "".join(text_of(printed))
    for one in ANSWERS:
        assert words("answer", "zh")[one.name].format(day="2006年8月15日") in drawn
    assert words("section", "zh")["numbers"] in drawn


def test_every_plot_on_paper_has_its_numbers() -> None:
    """Each plot of the page stands on paper with its text and, at the end, its table."""
    sections = report_sheet(single(), "zh", typeface()).data["report"]["sections"]
    drawn = [chart for part in sections for one in part["blocks"] if one["kind"] == "plots" for chart in one["charts"]]
    assert [chart["title"] for chart in drawn] == [one["caption"] for one in sections[-1]["blocks"]]
    assert all(chart["alt"] and "Noto Sans SC" in chart["svg"] for chart in drawn)


def test_a_report_is_written_by_its_suffix(tmp_path: Path) -> None:
    """A page or a paper by the name's end, and nothing at all for another."""
    write_report(single(), "zh", tmp_path / "report.html")
    write_report(single(), "zh", tmp_path / "report.PDF")
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert (tmp_path / "report.PDF").read_bytes().startswith(b"%PDF-")
    with pytest.raises(NoSuchFormat, match=r"\.html"):
        write_report(single(), "zh", tmp_path / "report.docx")
    assert not (tmp_path / "report.docx").exists()


def test_long_titles_are_wrapped() -> None:
    """A title fits its lines in both scripts, and a word longer than a line is broken."""
    assert wrapped("one two three", 50) == ["one two", "three"]
    assert all(len(line) <= 11 for line in wrapped("重庆市计算机信息系统安全保护条例重庆市计算机信息", 120))
    assert len(wrapped("W" * 500, 100)) == 3
