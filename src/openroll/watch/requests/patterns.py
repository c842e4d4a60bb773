"""Officials who decide on requests as no lot would have it: found from the log alone, by exact tests of a stated error rate.

Whoever decides within a reviewing body sees, on the whole, the cases that the others see. If cases were dealt out by lot, then of
the decisions on one authority's requests of one kind each reviewer would have their share of the approvals and of the quick ones,
and each officer's approvals would come as often from one reviewer as from the others: how many, follows the hypergeometric
distribution, whatever the cases were like and however good the officers are. Three questions are asked (`ASKED`); what is
answered by chance once in a hundred years is named.

**The error rate.** The decisions of a calendar year are looked at twelve times: those up to the end of each month, once that
month is over in the log. In each look every official and every pair is tested, at a twelfth of `ERROR_RATE` shared by all tests
of the look (Bonferroni). So, where cases are dealt out by lot, the probability that anybody at all is named in a year is at most
`ERROR_RATE`; the tests are exact, so that small numbers are no exception. Whoever is named is put aside, and the others are
looked at anew: one who takes the quick cases leaves the slow ones. Nothing depends on when somebody looked: who counts the same
entries names the same officials.

Standing out is a question and no verdict: a reviewer who is stricter than the others stands out as one does who trades.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from openroll.register.request import events
from openroll.register.request.state import Request, evolve

if TYPE_CHECKING:
    import numpy as np

ERROR_RATE = 0.01
"""The probability that anybody is named of a year in which cases were dealt out by lot, at most."""
MONTHS = 12
ASKED = {
    "approvals": "approved",
    "speed": "decided sooner than half of its body did",
    "pair": "approved what one officer asked for",
}
"""What is counted of a reviewer's decisions, as a sentence says it."""


class Decided(NamedTuple):
    """A reviewer's decision on a request that was asked in the ordinary way, before anything was given out.

    `day` is the civil day it stands under, `stratum` the authority, the reviewing body and what was wished; `seconds` the time
    that it took.
    """

    day: str
    stratum: tuple[str, str, str]
    officer: str
    reviewer: str
    approved: bool
    seconds: float


class StandsOut(NamedTuple):
    """An official whose decisions are not dealt out as by lot: what was counted, and what a lot would give.

    `question` is one of ASKED, `officer` the other of a pair. Of `decisions` in the year up to `month` (as `2007-06`) `observed`
    were so, `expected` would have been; `chance` is the probability of as much or more, `tests` how many were made beside it.
    """

    month: str
    question: str
    reviewer: str
    officer: str
    decisions: int
    observed: int
    expected: float
    chance: float
    tests: int

    @property
    def sentence(self) -> str:
        """What stands out, as a sentence without its stop."""
        whom = f", {self.officer}," if self.officer else ""
        return (
            f"of {self.decisions:,} decisions up to {self.month}, {self.reviewer} {ASKED[self.question]}{whom}"
            f" in {self.observed:,}; by lot it would be {self.expected:,.1f}"
            f" (exact test, p = {self.chance:.1g}, one of {self.tests:,} tests)"
        )


def decided_in(facts: Sequence[tuple[str, events.RequestEvent]]) -> Decided | None:
    """The decision on a request, from its facts with their days; None where there was none, or it was an emergency's."""
    request: Request | None = None
    for day, fact in facts:
        if request is not None and isinstance(fact, _DECISIONS) and _is_first(request):
            stratum = (request.authority, request.reviewer, request.desired)
            taken = (fact.at - request.standing.since).total_seconds()
            approved = not isinstance(fact, events.RequestRefused)
            return Decided(day, stratum, request.officer, fact.by, approved, taken)
        request = evolve(request, fact)
    return None


_DECISIONS = (events.RequestApproved, events.RequestNarrowed, events.RequestRefused)


def _is_first(request: Request) -> bool:
    """Whether a request waits for its reviewer's decision, and nothing was approved or given out yet."""
    own = request.by.step(request.standing.step).owner == "reviewer"
    return own and request.urgency != "emergency" and request.approved is None


def standing_out(decisions: Iterable[Decided], until: str) -> tuple[StandsOut, ...]:
    """Whoever stands out in any year, once a year, by decisions of months that are over on the day of the newest entry."""
    years: dict[str, list[Decided]] = defaultdict(list)
    for one in decisions:
        if one.day[:7] < until[:7]:
            years[one.day[:4]].append(one)
    found: dict[tuple[str, str, str], StandsOut] = {}
    for year, made in sorted(years.items()):
        for month in sorted({one.day[:7] for one in made}):
            for named in _look([other for other in made if other.day[:7] <= month], month):
                found.setdefault((year, named.reviewer, named.officer), named)
    return tuple(found.values())


class _Share(NamedTuple):
    """A draw of `drawn` out of `all`, of which `so` are so."""

    all: int
    so: int
    drawn: int


class _Test(NamedTuple):
    question: str
    reviewer: str
    officer: str
    observed: int
    shares: tuple[_Share, ...]


def _look(made: Sequence[Decided], month: str) -> Iterator[StandsOut]:
    """One look: whoever stands out most, then whoever does without their decisions, as long as anybody does."""
    rest = list(made)
    while (one := _most(rest, month)) is not None:
        yield one
        # What they did would make the others stand out, who only had what was left.
        rest = [it for it in rest if it.reviewer != one.reviewer or one.officer not in ("", it.officer)]


def _most(made: Sequence[Decided], month: str) -> StandsOut | None:
    """Whoever stands out most, where all tests together allow no chance of it (Bonferroni); None where nobody does."""
    tests = [*_of_reviewers(made, "approvals"), *_of_reviewers(made, "speed"), *_of_pairs(made)]
    if not tests:
        return None
    chance, one = min(((_chance(test), test) for test in tests), key=lambda found: (found[0], found[1][:3]))
    if chance > ERROR_RATE / MONTHS / len(tests):
        return None
    expected = sum(share.drawn * share.so / share.all for share in one.shares)
    decisions = sum(share.drawn for share in one.shares)
    of = (one.question, one.reviewer, one.officer, decisions, one.observed, expected, chance, len(tests))
    return StandsOut(month, *of)


def _of_reviewers(made: Sequence[Decided], question: str) -> Iterator[_Test]:
    """How often each reviewer approved, or was quick, of what their body decided."""
    quick = _quick(made) if question == "speed" else ()
    marked = [(one, one.approved if question == "approvals" else place in quick) for place, one in enumerate(made)]
    strata: dict[object, list[tuple[str, bool]]] = defaultdict(list)
    for one, so in marked:
        strata[one.stratum].append((one.reviewer, so))
    for reviewer, observed, shares in _drawn(strata):
        yield _Test(question, reviewer, "", observed, shares)


def _of_pairs(made: Sequence[Decided]) -> Iterator[_Test]:
    """How often each reviewer approved of what an officer asked, among all who decided on this officer's requests."""
    officers: dict[str, dict[object, list[tuple[str, bool]]]] = defaultdict(lambda: defaultdict(list))
    for one in made:
        officers[one.officer][one.stratum].append((one.reviewer, one.approved))
    for officer, strata in officers.items():
        for reviewer, observed, shares in _drawn(strata):
            yield _Test("pair", reviewer, officer, observed, shares)


def _quick(made: Sequence[Decided]) -> frozenset[int]:
    """The places of those decisions that took less than the middle one of their stratum."""
    strata: dict[object, list[int]] = defaultdict(list)
    for place, one in enumerate(made):
        strata[one.stratum].append(place)
    found: set[int] = set()
    for places in strata.values():
        middle = sorted(made[place].seconds for place in places)[len(places) // 2]
        found |= {place for place in places if made[place].seconds < middle}
    return frozenset(found)


def _drawn(
    strata: "dict[object, list[tuple[str, bool]]]",
) -> Iterator[tuple[str, int, tuple[_Share, ...]]]:
    """What each reviewer has of every stratum: how many were so in all, and their share. Nothing where no draw could tell."""
    shares: dict[str, list[_Share]] = defaultdict(list)
    observed: Counter[str] = Counter()
    for decisions in strata.values():
        so = sum(mark for _, mark in decisions)
        for reviewer, drawn in Counter(reviewer for reviewer, _ in decisions).items():
            if drawn < len(decisions) and 0 < so < len(decisions):
                shares[reviewer].append(_Share(len(decisions), so, drawn))
                observed[reviewer] += sum(mark for name, mark in decisions if name == reviewer)
    return ((reviewer, observed[reviewer], tuple(of)) for reviewer, of in sorted(shares.items()))


def _chance(test: _Test) -> float:
    """The probability that a lot gives as much as was observed or more, or as little; of a pair, as much or more alone.

    Two-sided as twice the smaller side (Fisher's exact test, doubled). The sum over strata is exact: its distribution is that of
    independent hypergeometric draws, added up.
    """
    import numpy as np  # noqa: PLC0415 - a monitor that finds no requests does not need it

    density = np.ones(1)
    for share in test.shares:
        density = np.convolve(density, _hypergeometric(share))
    more, less = float(density[test.observed :].sum()), float(density[: test.observed + 1].sum())
    return min(1.0, more) if test.question == "pair" else min(1.0, 2 * min(more, less))


@lru_cache(10_000)
def _hypergeometric(share: _Share) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """The probability of 0, 1, ... that are so among those drawn."""
    import numpy as np  # noqa: PLC0415 - as above

    logs = _log_factorials(share.all.bit_length())
    density = np.zeros(share.drawn + 1)
    k = np.arange(max(0, share.drawn + share.so - share.all), min(share.drawn, share.so) + 1)
    so, rest = share.so, share.all - share.so
    ways = logs[so] - logs[k] - logs[so - k] + logs[rest] - logs[share.drawn - k] - logs[rest - share.drawn + k]
    density[k] = np.exp(ways - logs[share.all] + logs[share.drawn] + logs[share.all - share.drawn])
    return density


@cache
def _log_factorials(bits: int) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """The logarithms of the factorials of all numbers that have so many bits or fewer."""
    import numpy as np  # noqa: PLC0415 - as above

    return np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, 2**bits)))))
