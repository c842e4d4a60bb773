"""Print the city model's answers on a terminal: numbers with bands, sentences, a city's assumptions."""

from collections.abc import Iterable, Sequence
from datetime import date

import polars as pl
from rich.console import Console
from rich.text import Text

from openroll.cli.rule_pages import heading, lines, things
from openroll.cli.table import Rows
from openroll.rules.language import ENGLISH, in_all, in_language
from openroll.whatif import ANSWERS, City, Quantity, titles
from openroll.whatif.metrics import Unit
from openroll.words import catalogue
from openroll.words.assumptions import assumption_title, assumption_unit
from openroll.words.catalogue import day, exact, gettext, number, percent


def _(text: str) -> str:
    """Marks a text for the catalogue; it is said in a language where it is shown."""
    return text


TITLES: dict[str, str] = {
    "filed": _("Filed by {day}"),
    "filed-share": _("Share filed by {day}"),
    "line": _("Longest line at closing, worst office"),
    "wait": _("Longest wait, worst office"),
    "turned-away": _("Turned away"),
    "warned": _("Warned"),
    "fined": _("Fined"),
    "cut-off": _("Put off the network"),
    "months-off": _("Months off the network, together"),
    "bribes-asked": _("Bribes asked"),
    "bribes-paid": _("Bribes paid"),
    "bribe-money": _("Paid in bribes"),
    "readable": _("Records an authority can read at will"),
    "opened": _("Records opened by a request"),
    "told": _("Told that their record was opened"),
    "gave-up": _("Gave up, or stayed away from, the network"),
    "wrong": _("Records out of date at the end"),
    "cost-people": _("Cost to people"),
    "cost-operators": _("Cost to operators"),
    "cost-state": _("Cost to the state"),
    "cost-a-head": _("Used up, for each connected"),
}
UNITS: dict[str, Unit] = {one.name: one.unit for one in ANSWERS}
BY_DEFAULT = ("filed-share", "wait", "months-off", "bribes-paid", "cost-a-head")
"""Answers that a sweep shows where none is named."""
MOST_SHOWN = 8
"""Assumptions that a sweep shows for an answer."""


class Speech:
    """Says titles and numbers in one language, for one city."""

    def __init__(self, lang: str, city: City, by: date) -> None:
        self.lang, self._currency, self._by = lang, city.currency, day(lang, by)

    def __call__(self, text: str, **values: object) -> str:
        """A text of the catalogue, filled in."""
        return gettext(self.lang, text).format(**values)

    def title(self, answer: str) -> str:
        """What an answer is called."""
        return self(TITLES[answer], day=self._by)

    def number(self, answer: str, value: float, *, apart: bool = False) -> str:
        """An answer's number with its unit; shares in per cent, and `apart`, as the difference of two, in points of it."""
        unit = UNITS[answer]
        if unit == "share":
            return (
                self(_("{number} points"), number=number(self.lang, value * 100, 1))
                if apart
                else percent(self.lang, value, 1)
            )
        said = counted(self.lang, value)
        if unit == "money":
            return f"{said} {self._currency}"
        return self(_("{number} h"), number=said) if unit == "hours" else said

    def band(self, answer: str, row: dict[str, float]) -> str:
        """The middle, and from where to where."""
        low, middle, high = (self.number(answer, row[name]) for name in ("low", "middle", "high"))
        return middle if low == high else self(_("{middle} ({low} to {high})"), low=low, middle=middle, high=high)


def figures(lang: str, value: float) -> str:
    """A number with three figures that count: 1,230,000, 61.2, 0.0123."""
    return exact(lang, float(f"{value:.3g}"))


def counted(lang: str, value: float) -> str:
    """The same for what is counted: nothing below a hundredth is worth a figure."""
    return figures(lang, round(value, 2))


def show_answers(console: Console, say: Speech, found: pl.DataFrame, refs: Sequence[str]) -> None:
    """Every answer under every rule, the middle with its band: a column a rule, or a block a rule where there is no room."""
    rows = {(row["rule"], row["answer"]): row for row in found.iter_rows(named=True)}
    if len(refs) * 34 + 30 > console.width:
        for ref in refs:
            heading(console, ref)
            table = Rows("", "", lined=False)
            for name in TITLES:
                table.add_row(say.title(name), say.band(name, rows[ref, name]))
            console.print(table)
        return
    table = Rows("", *refs, lined=False)
    for name in TITLES:
        table.add_row(say.title(name), *(say.band(name, rows[ref, name]) for ref in refs))
    console.print(table)


def show_differences(console: Console, say: Speech, found: pl.DataFrame, base: str) -> None:
    """Each rule against the first, in sentences: what is carried, then what is not, then what is the same."""
    for ref in found["rule"].unique(maintain_order=True):
        heading(console, say(_("{rule}, beside {base}"), rule=ref, base=base))
        rows = list(found.filter(pl.col("rule") == ref).iter_rows(named=True))
        same = [row for row in rows if row["low"] == row["high"] == 0]
        for row in (*(one for one in rows if one["carried"]), *(one for one in rows if not one["carried"])):
            if row not in same:
                console.print(Text(f"- {sentence(say, row)}"))
        if same:
            names = gettext(say.lang, "; ").join(say.title(row["answer"]) for row in same)
            console.print(Text(say(_("- The same in at least four of five runs: {answers}."), answers=names)))


def sentence(say: Speech, row: dict[str, float]) -> str:
    """What the assumptions carry of one difference, in a sentence."""
    name = str(row["answer"])
    title = say.title(name)
    if not row["carried"]:
        low, high = say.number(name, row["low"], apart=True), say.number(name, row["high"], apart=True)
        more = percent(say.lang, row["more"])
        text = _("{title}: not carried by what is assumed. From {low} to {high}; more in {more} of the runs.")
        return say(text, title=title, low=low, high=high, more=more)
    ends = sorted((abs(row["low"]), abs(row["high"])))
    low, middle, high = (say.number(name, value, apart=True) for value in (ends[0], abs(row["middle"]), ends[1]))
    text = (
        _("{title}: more by {middle} ({low} to {high}).")
        if row["middle"] > 0
        else _("{title}: less by {middle} ({low} to {high}).")
    )
    return say(text, title=title, low=low, middle=middle, high=high)


def show_effects(console: Console, say: Speech, kind: str, found: pl.DataFrame, answers: Sequence[str]) -> None:
    """What a sweep found, answer by answer: the assumptions that matter most first, or the points of a grid."""
    for (rule, answer), mine in found.group_by("rule", "answer", maintain_order=True):
        name = str(answer)
        if name not in answers:
            continue
        heading(console, f"{say.title(name)} · {rule}")
        if kind == "grid":
            _grid(console, say, name, mine)
        elif kind == "sobol":
            _indices(console, say, mine.sort("total", descending=True, maintain_order=True).head(MOST_SHOWN))
        else:
            _swings(console, say, name, mine)


def _swings(console: Console, say: Speech, name: str, found: pl.DataFrame) -> None:
    wide = (pl.col("most") - pl.col("least")).abs()
    table = Rows(say(_("assumption")), say(_("in its lowest fifth")), say(_("in its highest")), lined=False)
    for row in found.sort(wide, descending=True, maintain_order=True).head(MOST_SHOWN).iter_rows(named=True):
        table.add_row(row["assumption"], say.number(name, row["least"]), say.number(name, row["most"]))
    console.print(table)


def _indices(console: Console, say: Speech, found: pl.DataFrame) -> None:
    table = Rows(say(_("assumption")), say(_("first-order")), say(_("total")), lined=False)
    for row in found.iter_rows(named=True):
        cells = (
            f"{number(say.lang, row[one], 2)} ± {number(say.lang, row[one + '_give'], 2)}" for one in ("first", "total")
        )
        table.add_row(row["assumption"], *cells)
    console.print(table)


def _grid(console: Console, say: Speech, name: str, found: pl.DataFrame) -> None:
    paths = [one for one in found.columns if one in titles()]
    table = Rows(*paths, say(_("answer")), lined=False)
    for row in found.iter_rows(named=True):
        table.add_row(*(figures(say.lang, row[one]) for one in paths), say.band(name, row))
    console.print(table)


def show_cities(console: Console, found: Iterable[City]) -> None:
    """Cities by name, with what each is."""
    for city in found:
        people = city.assumptions.people
        told = (
            " · ".join(in_all(city.title)),
            f"{people.households.value:,.0f} households in {len(city.districts):,} districts, {city.days} days from {city.begin}",
            in_language(city.summary, ENGLISH),
        )
        console.print(things([(Text(city.id, style="bold", overflow="fold"), lines(*told))]))


def show_city(console: Console, city: City, *, whole: bool) -> None:
    """A city: what it is; with `whole`, every number with its range and where it comes from."""
    show_cities(console, [city])
    sourced = sum(bool(one.source) for _, one in city.assumptions.items())
    count = len(list(city.assumptions.items()))
    console.print(f"{count} assumptions: {sourced} cite a source, {count - sourced} are assumed alone. No mistakes.")
    if not whole:
        return
    known = titles()
    section = ""
    for path, one in city.assumptions.items():
        if path.partition(".")[0] != section:
            section = path.partition(".")[0]
            heading(console, section)
        title = known[path]
        told = (
            f"{_quantity(one)}  {assumption_unit(ENGLISH, title, city.currency)}",
            *(assumption_title(lang, title) for lang in catalogue.shipped()),
            *_origin(one),
        )
        console.print(things([(Text(path.partition(".")[2], overflow="fold"), lines(*told))]))
    heading(console, "districts")
    for district in city.districts:
        weight = figures(ENGLISH, district.weight)
        told_of = f"{' · '.join(in_all(district.title))}: weight {weight}, {district.counters} counters"
        console.print(things([(Text(district.code, overflow="fold"), lines(told_of))]))
    heading(console, "sources")
    for source in city.sources:
        console.print(
            things(
                [
                    (
                        Text(source.id, overflow="fold"),
                        lines(source.title, f"{source.standing} · {source.where}".strip(" ·")),
                    )
                ]
            )
        )


def _quantity(one: Quantity) -> str:
    low, high = one.range
    return f"{one.value:g}" if low == high else f"{one.value:g} ({low:g} to {high:g})"


def _origin(one: Quantity) -> tuple[str, ...]:
    said = (f"[{one.source}]",) if one.source else ()
    return (
        said
        if one.assumed is None
        else (*said, *(gettext(lang, "Assumed: {why}").format(why=why) for lang, why in sorted(one.assumed.items())))
    )
