"""A simulated year of requests: what the database counts, the log gives; and what a monitor notices of it.

Its size is OPENROLL_YEAR (300): `script/request-year` runs it with 20,000.
"""

import os
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import msgspec
import pytest

from openroll.register.request.account import Counted
from openroll.register.request.events import RequestEvent, RequestOpened
from openroll.service.requests import accounts
from openroll.service.roll import Roll
from openroll.tlog import Signer
from openroll.watch.audit.collect import LogSources
from openroll.watch.audit.monitor import Monitor
from openroll.watch.audit.recheck import recheck
from openroll.watch.audit.report import MonitorLimits, VisitReport
from openroll.watch.audit.request_rules import RequestRules
from openroll.watch.audit.requests import FIGURES
from openroll.watch.audit.trust import Trust
from openroll.watch.requests.lives import counted
from openroll.watch.requests.patterns import ERROR_RATE, Decided, StandsOut, decided_in, standing_out
from openroll.watch.requests.recount import recounted
from openroll.watch.source import FolderSource
from tests.service.requests.year import Officials, Year, admitted, year_of
from tests.service.requests.year_kept import keep
from tests.watch.cheats.forge import act_of, person_act, show

SIGNER = Signer.from_seed("log.example/1", bytes(32), "ed25519")
SIZE = int(os.environ.get("OPENROLL_YEAR", "300"))
BEGIN, AFTER = datetime(2007, 1, 1, tzinfo=UTC), "2008-01-05"


@pytest.fixture(scope="module")
def year() -> Year:
    """A year of honest officials."""
    return year_of(SIZE, BEGIN)


def named(year: Year) -> tuple[StandsOut, ...]:
    """Whoever stands out in a year."""
    lives = ([(f"{fact.at:%Y-%m-%d}", fact) for fact in life] for life in year.lives)
    return standing_out([one for life in lives if (one := decided_in(life)) is not None], AFTER)


def test_figures_of_the_log_are_those_of_the_database(roll: Roll, year: Year) -> None:
    """Every column of every group, counted from the entries of the signed log and from the tables, is the same."""
    keep(roll, year)
    counting = accounts.Accounts(roll)
    ours = counting.figures()
    assert counting.figures() == ours == accounts.figures(roll)
    found = recounted(FolderSource(roll.public), roll.keys.succession, ours.size // 2)
    assert found.broken == ()
    assert (found.rows, found.size) == (ours.rows, ours.size)
    assert 0 < sum(row.counts["filed"] for row in found.then) < SIZE
    total = {name: sum(row.counts.get(name, 0) for row in ours.rows) for name in ("filed", "open", "closed")}
    assert total["filed"] == SIZE == total["open"] + total["closed"]
    assert all(
        sum(row.counts.get(name, 0) for row in ours.rows)
        for name in ("urgent", "preserve", "returned", "narrowed", "refused", "withdrawn", "annulled", "told_late")
    )


def test_an_honest_year_names_nobody_and_a_crooked_official_is_named(year: Year) -> None:
    """Officers differ in how well they ask, and nobody stands out; one who approves whatever they see, at once, does."""
    assert named(year) == ()
    few = Officials(officers=5, reviewers=4, crooked="court/3")
    assert {one.reviewer for one in named(year_of(400, BEGIN, few))} == {"court/3"}


def dealt(chance: Random, count: int, friend: str = "") -> list[Decided]:
    """Decisions of a year, dealt out by lot; with a `friend` one reviewer takes their cases more often, and approves them all."""
    made = []
    for number in range(count):
        day = f"2007-{1 + 12 * number // count:02}-15"
        officer, reviewer = f"police/{chance.randrange(8)}", f"court/{chance.randrange(6)}"
        good = chance.random() < 0.5 + 0.05 * int(officer[-1])
        if officer == friend and (reviewer == "court/0" or chance.random() < 0.4):
            reviewer, good = "court/0", True
        made.append(Decided(day, ("police", "court", "now"), officer, reviewer, good, chance.expovariate(1)))
    return made


def test_false_alarms_come_no_oftener_than_is_stated() -> None:
    """In fifty years dealt out by lot nobody is named (one year in a hundred may); a pair that trades approvals is, and alone."""
    alarms = sum(bool(standing_out(dealt(Random(seed), 240), AFTER)) for seed in range(50))
    assert alarms <= 50 * ERROR_RATE * 2
    (found,) = standing_out(dealt(Random(7), 3_000, "police/3"), AFTER)
    assert (found.reviewer, found.officer, found.question) == ("court/0", "police/3", "pair")
    assert "approved what one officer asked for, police/3, in" in found.sentence
    unfinished = standing_out(dealt(Random(7), 3_000, "police/3"), "2007-01-31")
    assert unfinished == ()  # no month is over


def test_one_missing_entry_of_any_kind_is_noticed(year: Year) -> None:
    """Whatever act is left out, the next entry does not follow, or the figures that the roll shows are not those of the log."""
    chance, tried = Random(3), {fact.name: 0 for life in year.lives for fact in life}
    for life in chance.sample(year.lives, len(year.lives)):
        for place, fact in enumerate(life):
            if tried[fact.name] >= 4:
                continue
            tried[fact.name] += 1
            rest = [*life[:place], *life[place + 1 :]]
            assert follows(life) == ""
            rows = [counted([[("2007-01", one) for one in facts]] if facts else []) for facts in (life, rest)]
            assert follows(rest) or rows[0] != rows[1], (fact, [one.name for one in life])
            assert rows[0] != rows[1]
    assert min(tried.values()) > 0
    assert len(tried) > 18


def follows(facts: list[RequestEvent]) -> str:
    """What of a request's entries does not follow from those before it."""
    rules = RequestRules()
    return next((wrong for fact in facts if (wrong := rules.take(fact.name, fact.body()))), "")


class Pages:
    """A roll's pages: its figures of requests alone."""

    where = "pages"

    def __init__(self, counted: Counted) -> None:
        self._counted = msgspec.json.encode(counted)

    def get(self, path: str) -> bytes | None:
        """What is at a path."""
        return self._counted if path == FIGURES else None


def test_a_monitor_says_what_stands_out_and_what_is_missing(tmp_path: Path) -> None:
    """A whole visit finds the crooked official, with evidence; and figures that count an act which the log does not hold."""
    year = year_of(250, BEGIN, Officials(officers=5, reviewers=4, crooked="court/3"))
    facts = sorted((fact for life in year.lives for fact in life), key=lambda fact: fact.at)
    entries = [act_of(fact, f"{BEGIN:%Y-%m-%d}").entry.encode() for fact in admitted(year.officials)]
    entries += [act_of(fact, f"{fact.at:%Y-%m-%d}").entry.encode() for fact in facts]
    entries.append(person_act(AFTER))
    histories = [[(f"{life[0].at:%Y-%m}", fact) for fact in life] for life in year.lives]
    served = Counted(len(entries), counted(histories)[0])

    def looks(entries: list[bytes], pages: Pages) -> VisitReport:
        show(tmp_path / "log", entries, [SIGNER])
        state = tmp_path / f"state {len(entries)}"
        sources = LogSources(FolderSource(tmp_path / "log"), pages)
        now = datetime(2008, 1, 6, tzinfo=UTC)
        one = Monitor(
            state, state / "evidence", sources, Trust((SIGNER.verifier,)), MonitorLimits(), lambda: now, lambda _: None
        )
        report = one.once()
        for fault in report.faults:
            assert recheck(one.folders[fault.name], one.trust).answer == "on the word", fault
        return report

    good = looks(entries, Pages(served))
    # The year's notices are made up, and these pages give none out.
    found = [fault for fault in good.faults if fault.kind != "notice-missing"]
    assert {fault.kind for fault in found} == {"stands-out"}
    assert all("court/3" in fault.what for fault in found)
    assert f"the figures of requests are those of the first {len(entries):,} entries" in good.checked
    left_out = next(place for place, one in enumerate(entries) if RequestOpened.name.encode() in one)
    short = looks([*entries[:left_out], *entries[left_out + 1 :]], Pages(Counted(len(entries) - 1, served.rows)))
    (wrong,) = [fault for fault in short.faults if fault.kind == "figures-wrong"]
    assert "are others (acts)" in wrong.what
