"""The model as a whole: nobody is lost, money balances, the same seed gives the same bytes, and both modes are one law."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from openroll.rules import Rule, load, shipped
from openroll.whatif import answers, cities, load_city, people, run
from openroll.whatif.cohorts import NoChance
from openroll.whatif.costs import ACCOUNTS
from openroll.whatif.running import Mode, Outcome, PeopleLost, _Run, run_drawn
from openroll.whatif.sample import draw, spread
from tests.whatif.made import NOTICE, NOTIFICATION, REGULATION, village

FEW = 12
"""Days that are enough where only arithmetic is looked at."""


def total(outcome: Outcome, name: str, rule: int = 0) -> np.ndarray:
    """A series added up over the days, [runs]."""
    return np.asarray(outcome.series[rule].city[name].sum(axis=1))


@pytest.mark.parametrize("mode", ["cohorts", "people"])
@pytest.mark.parametrize("name", shipped())
def test_people_are_kept_and_money_balances_under_every_rule(name: str, mode: Mode) -> None:
    """Every person is somewhere on every day, and what accounts pay and get adds up to nothing."""
    city = village(30, officials__ask=0.5, officials__checks=50)
    outcome = run([load(name)], city, runs=1, mode=mode)
    series = outcome.series[0].city
    assert np.abs(sum(series[f"money.{account}"] for account in ACCOUNTS)).max() < 1e-6
    came = np.cumsum(series["came"] + series["came-unaware"] + series["came-filed"], axis=1)
    gone = np.cumsum(series["ended"] + series["gave-up"] + series["deactivated"], axis=1)
    at_first = sum(
        dict(city.assumptions.items())[f"people.{one}"].value
        for one in ("households", "organisations", "operators", "sites")
    )
    np.testing.assert_array_equal(series["connected"], at_first + came - gone)


@given(
    seed=st.integers(0, 2**64 - 1),
    probabilities=st.fixed_dictionaries(
        {
            name: st.floats(0, 1)
            for name in (
                "filing__lull",
                "filing__rush",
                "life__end",
                "life__change",
                "fear__leave",
                "channels__correct",
            )
        }
    ),
    share=st.floats(0, 1),
    checks=st.floats(0, 1000),
)
@settings(max_examples=15, deadline=None)
def test_any_chances_leave_everybody_somewhere(
    seed: int, probabilities: dict[str, float], share: float, checks: float
) -> None:
    """However extreme the assumptions, chances stay chances and no person is made or lost."""
    values = {"officials__ask": share, "officials__harsh": share, "channels__proxy": share, "channels__online": share}
    outcome = run([NOTICE], village(FEW, **probabilities, **values, officials__checks=checks), seed=seed)
    assert (outcome.series[0].city["connected"] >= 0).all()


def test_a_lost_person_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check on people can fail: it does when somebody is taken away."""
    lived = _Run.live_a_day

    def losing(self: _Run, index: int) -> None:
        lived(self, index)
        if index == 3:
            self.population.counts[0, 0, 0, self.population.counts[0, 0, 0].argmax()] -= 1

    monkeypatch.setattr(_Run, "live_a_day", losing)
    with pytest.raises(PeopleLost):
        run([NOTICE], village(FEW))


def test_chances_above_one_stop_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that is none is refused where it is drawn from, not rounded into shape."""
    monkeypatch.setattr("openroll.whatif.officials.serve", lambda day: day.tables[0].__setitem__("came", 2.0))
    with pytest.raises(NoChance):
        run([NOTICE], village(FEW))


@pytest.mark.parametrize("mode", ["cohorts", "people"])
def test_the_same_seed_gives_the_same_bytes(mode: Mode) -> None:
    """Twice the same, and another seed gives another outcome."""
    first, again, other = (run([NOTICE], village(FEW), seed=seed, mode=mode) for seed in (7, 7, 8))
    assert first.frame().equals(again.frame())
    assert not first.frame().equals(other.frame())


def test_runs_do_not_depend_on_how_they_are_dealt_out() -> None:
    """Runs 0 to 5 together give what runs 0 to 1 and 2 to 5 give apart: chance is addressed by the number of the run."""
    city = msgspec.structs.replace(load_city("village"), days=40)
    drawn = draw(city, 6, seed=3)
    whole = run_drawn([NOTICE], city, drawn, np.arange(6), seed=3)[0]
    parts = [
        run_drawn([NOTICE], city, drawn[start:end], np.arange(start, end), seed=3)[0] for start, end in ((0, 2), (2, 6))
    ]
    for name, values in whole.city.items():
        np.testing.assert_array_equal(values, np.concatenate([part.city[name] for part in parts]))


def test_filing_follows_its_closed_form() -> None:
    """With one steady chance a day and nothing else, who has filed after t days is binomial with 1 - (1 - p)^t."""
    probability, days, runs = 0.03, 30, 250
    quiet = dict.fromkeys(("life__connect", "life__change", "life__end", "fear__leave", "filing__launch"), 0.0)
    city = village(
        days,
        **quiet,
        filing__heed=1,
        filing__lull=probability,
        filing__rush=0,
        filing__reminder=0,
        officials__checks=0,
        channels__proxy=1,
        channels__error_proxy=0,
    )
    filed = run([NOTICE], city, runs=runs).series[0].city["filed.household"][:, -1]
    law = stats.binom(2000, 1 - (1 - probability) ** days)
    # A mean of 250 runs lies within four of its standard errors in all but one of 16,000 trials; a variance within a third.
    assert abs(filed.mean() - law.mean()) < 4 * law.std() / runs**0.5
    assert 0.65 < filed.var(ddof=1) / law.var() < 1.5


MODES = ("filed", "off", "stale", "unaware", "overdue", "cost.time", "bribe-paid", "warn")


def test_cohorts_and_people_are_one_law() -> None:
    """Both modes, 40 runs each: means agree within their errors and distributions by Kolmogorov and Smirnov, series by series."""
    city = village(60, officials__checks=20, officials__decisions=10, officials__ask=0.4, officials__harsh=0.5)
    runs = 40
    cohorts = run([NOTICE], city, runs=runs, seed=1)
    one_by_one = [run([NOTICE], city, seed=1000 + index, mode="people") for index in range(runs)]
    for name in MODES:
        one = total(cohorts, name)
        other = np.concatenate([total(outcome, name) for outcome in one_by_one])
        spread_ = np.hypot(one.std(ddof=1), other.std(ddof=1)) / runs**0.5
        # Eight series are looked at: 4.5 standard errors and p of 0.0005 fail by chance in fewer than one of 200 seeds.
        assert abs(one.mean() - other.mean()) <= 4.5 * spread_, name
        assert stats.ks_2samp(one, other).pvalue > 0.0005, name


def test_people_meet_the_same_luck_in_however_many_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """A city is moved by one thread or, from some size on, by as many as there are: the same bytes."""
    city = village(FEW)
    alone = run([NOTICE], city, mode="people")
    monkeypatch.setattr(people, "FEWEST", 2)
    monkeypatch.setattr(people, "threads", lambda: 3)
    for name, series in run([NOTICE], city, mode="people").series[0].city.items():
        np.testing.assert_array_equal(series, alone.series[0].city[name])


def test_rules_meet_the_same_luck() -> None:
    """Common random numbers: rules that ask the same of a group leave it the same, and differences vary less than runs do."""
    city = village(60)
    outcome = run([REGULATION, NOTIFICATION, NOTICE], city, runs=60)
    regulation, notification = (one.city for one in outcome.series[:2])
    # Nobody at home has a duty under either: the same people hear of the rule on the same days, in every run.
    np.testing.assert_array_equal(regulation["came"], notification["came"])
    paired = outcome.series[2].city["unaware"][:, -1] - regulation["unaware"][:, -1]
    other = run([NOTICE], city, runs=60, seed=99).series[0].city["unaware"][:, -1] - regulation["unaware"][:, -1]
    assert paired.var() < 0.5 * other.var()


def test_a_person_meets_the_same_luck_under_every_rule() -> None:
    """One by one too: the same numbers of a person are drawn whatever the rule."""
    outcome = run([REGULATION, NOTIFICATION], village(40), mode="people")
    regulation, notification = (one.city for one in outcome.series)
    np.testing.assert_array_equal(regulation["came"], notification["came"])


def test_assumptions_are_spread_evenly_over_their_ranges() -> None:
    """Latin hypercube: cut a range in as many parts as there are runs, and each part is used once; one run takes the values."""
    city = load_city("village")
    drawn = draw(city, 20, seed=5)
    for path, (low, high) in spread(city).items():
        parts = np.floor((drawn[path].to_numpy() - low) / (high - low) * 20)
        assert sorted(parts) == list(range(20)), path
    alone = draw(city, 1, seed=5)
    named = dict(city.assumptions.items())
    assert all(alone[path][0] == named[path].value for path in alone.columns)


@pytest.mark.parametrize("name", cities())
def test_a_shipped_city_answers(name: str) -> None:
    """Each shipped city runs, and its answers are whole numbers of somebody or amounts of something."""
    city = msgspec.structs.replace(load_city(name), days=20)
    rules: list[Rule] = [load("ph-ra11934-2022")] if name.startswith("phil") else [NOTICE, NOTIFICATION]
    found = answers(run(rules, city))
    assert found["value"].is_finite().all()
    assert (found.filter(found["answer"] == "filed")["value"].to_numpy() > 0).all()
