"""Answer a question to the city model as the page *What if* shows it: text in every language, chart by chart.

This is what the process of the city model does (compose/simulator.py); the server never loads it.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator

import msgspec

from openroll.fault_trace import fault_trace
from openroll.report.blocks import Block, Command, Grid, Plots, Points, Prose
from openroll.report.charts import Chart, Charts
from openroll.report.narrative import narrative, sentences
from openroll.report.theme import Theme
from openroll.rules import RuleFaults, load
from openroll.service.governance.rule_standing import rule_from
from openroll.service.simulation import messages
from openroll.service.simulation.question import SEED, Question, hold_fixed, runs_of
from openroll.whatif import Outcome, load_city, parse_city, run

CHARTS = ("filed", "wait", "off", "readable", "costs", "tornado")
"""The charts of the page, in their order; a tornado that would show luck is left out."""
SECTIONS = ("answer", "table", "differences", "change", "leaves")
"""The parts of the report that the page shows, besides its own question and charts."""
REMEMBERED = 4
"""Outcomes in memory, some 6 MB each: charts of another are drawn from a run made again, which comes out the same."""


class Answering:
    """Answers questions one after the other; `say` takes a line of each answer at a time."""

    def __init__(self, say: Callable[[bytes], None]) -> None:
        self._write = say
        self._outcomes: OrderedDict[Question, Outcome] = OrderedDict()

    def answer(self, line: bytes) -> None:
        """Write the answer to a request as JSON lines. A fault of ours is reported by where it is, not by what was asked."""
        try:
            self._answer(msgspec.json.decode(line, type=messages.AnyRequest))
        except RuleFaults:
            self._say(messages.Inconsistent())
        except MemoryError:
            raise
        except Exception as error:
            self._say(messages.Broken(fault_trace(error)))

    def _say(self, message: messages.AnyMessage) -> None:
        self._write(msgspec.json.encode(message) + b"\n")

    def _tell(self, done: float) -> None:
        self._say(messages.Progress(done))

    def _answer(self, request: messages.AnyRequest) -> None:
        outcome = self._outcome(request.question)
        if isinstance(request, messages.Measure):
            self._say(messages.Measured({lang: _page(outcome, lang) for lang in request.languages}))
        else:
            chart = dict(_charts(outcome, request.lang, dark=request.dark))[request.name]
            self._say(messages.Drawn(chart.picture.svg))
        self._say(messages.Finished())

    def _outcome(self, question: Question) -> Outcome:
        """What came of a question: remembered, or worked out while telling how far that is. Raises RuleFaults."""
        if question not in self._outcomes:
            brought = dict(question.brought)
            rules = [rule_from(brought[name]) if name in brought else load(name) for name in question.rules]
            place = question.city
            there = parse_city(brought[place], place) if place in brought else load_city(place)
            city = hold_fixed(there, question)
            runs = runs_of(city, len(rules))
            self._outcomes[question] = run(rules, city, runs=runs, seed=SEED, progress=self._tell)
            if len(self._outcomes) > REMEMBERED:
                self._outcomes.popitem(last=False)
        self._outcomes.move_to_end(question)
        return self._outcomes[question]


def _charts(outcome: Outcome, lang: str, *, dark: bool) -> Iterator[tuple[str, Chart]]:
    charts = Charts(outcome, Theme(lang, dark))
    for name in CHARTS:
        chart = charts.tornado("filed", outcome.refs[0]) if name == "tornado" else getattr(charts, name)()
        if chart is not None:
            yield name, chart


def _page(outcome: Outcome, lang: str) -> messages.AnswerPage:
    sections = {one.key: one for one in narrative(outcome, lang).sections}
    return messages.AnswerPage(
        sentences=sentences(outcome, lang),
        sections={
            key: messages.Section(key, sections[key].title, tuple(map(_block, sections[key].blocks)))
            for key in SECTIONS
            if key in sections
        },
        plots=tuple(
            messages.Plot(name, chart.title, chart.alt, chart.head, chart.rows)
            for name, chart in _charts(outcome, lang, dark=False)
        ),
    )


def _block(block: Block) -> messages.Block:
    match block:
        case Prose():
            return messages.Block("prose", text=block.text, weight=block.weight)
        case Points():
            return messages.Block("points", items=block.items, title=block.title)
        case Grid():
            return messages.Block("grid", caption=block.caption, head=block.head, rows=block.rows)
        case Command():
            return messages.Block("command", text=block.text)
        case Plots():  # the page has plots of its own
            return messages.Block("plots")
