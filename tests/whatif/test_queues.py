"""Lines: the simulation is right by the textbook and by a plain one, and the quick account stays near the simulation.

Long runs are compared by batch means: 40 batches, the first dropped, and the mean within 4 of its standard errors, which a right
simulation misses one time in 4,000. Seeds are fixed, so a test here passes always or never.
"""

import itertools
import math
from collections import deque
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from openroll.whatif.counters import CounterDay, Office, Visitors, counter_day, stand_in_line, visitors
from openroll.whatif.queues import (
    day_at_counters,
    erlang_a,
    erlang_b,
    erlang_c,
    wait_mg1,
    wait_mgc,
    wait_mmc,
    wait_mmc_beyond,
)
from tests.whatif.lines import simulated

PEOPLE = 400_000
SERVICE = 0.25


def long_run(servers: int, load: float, spread: float = 1.0, patience: float = math.inf, seed: int = 1) -> CounterDay:
    """An office that stays open until some 400,000 people have come, at `load` a server."""
    rate = load * servers / SERVICE
    return counter_day(Office(servers, PEOPLE / rate, SERVICE * 60, spread, patience), rate, seed=seed)


def off(seen: NDArray[Any], wanted: float) -> float:
    """How many standard errors the mean of a long run lies from what it should be."""
    batches = np.array([part.mean() for part in np.array_split(seen, 40)[1:]])
    return float(abs(batches.mean() - wanted) / (batches.std(ddof=1) / math.sqrt(len(batches))))


def test_erlang_tables() -> None:
    """Erlang's formulas give the values of his tables, and the exact ones from Poisson sums, up to thousands of servers."""
    assert erlang_b(2, 1.0) == pytest.approx(1 / 5)
    assert erlang_b(10, 5.0) == pytest.approx(0.018385, abs=5e-7)
    assert erlang_c(2, 1.0) == pytest.approx(1 / 3)
    servers, load = np.array([1, 7, 40, 5000]), np.array([0.3, 6.0, 38.0, 4900.0])
    wanted = stats.poisson(load).pmf(servers) / stats.poisson(load).cdf(servers)
    assert erlang_b(servers, load) == pytest.approx(wanted, rel=1e-9)
    assert erlang_b(servers[:, None], load).diagonal() == pytest.approx(wanted, rel=1e-9)


def test_at_the_ends() -> None:
    """No arrivals, no wait; more than can be served, a wait without end; no servers, everybody finds all busy."""
    assert wait_mmc(0.0, SERVICE, 3) == 0
    assert np.isinf(wait_mmc([12.0, 20.0], SERVICE, 3)).all()
    assert erlang_c(3, 3.0) == 1
    assert wait_mmc_beyond(20.0, SERVICE, 3, 5.0) == 1
    assert erlang_b(0, 2.0) == 1
    assert erlang_a([0.0, 5.0], SERVICE, [3, 0], 1.0).tolist() == [0.0, 1.0]


@pytest.mark.parametrize(("servers", "load"), [(1, 0.5), (1, 0.8), (3, 0.8), (10, 0.9), (40, 0.9)])
def test_many_servers(servers: int, load: float) -> None:
    """M/M/c: mean wait, share that waits and share that waits over a quarter of an hour are Erlang C's."""
    rate = load * servers / SERVICE
    waited = long_run(servers, load).waited
    assert off(waited, float(wait_mmc(rate, SERVICE, servers))) < 4
    assert off(waited > 0, float(erlang_c(servers, load * servers))) < 4
    assert off(waited > 0.25, float(wait_mmc_beyond(rate, SERVICE, servers, 0.25))) < 4


@pytest.mark.parametrize("spread", [0.0, 0.5, 1.0, 2.0])
def test_one_server_any_service(spread: float) -> None:
    """M/G/1: the mean wait is Pollaczek and Khinchine's, for services all alike and for widely spread ones."""
    assert off(long_run(1, 0.6, spread).waited, float(wait_mg1(0.6 / SERVICE, SERVICE, spread))) < 4


@pytest.mark.parametrize("spread", [0.0, 2.0])
def test_many_servers_any_service(spread: float) -> None:
    """M/G/c: Allen and Cunneen's wait is within 15 % of the simulated one, at 5 servers loaded to 0.8."""
    assert long_run(5, 0.8, spread).waited.mean() == pytest.approx(float(wait_mgc(16.0, SERVICE, 5, spread)), rel=0.15)


@pytest.mark.parametrize(
    ("servers", "load", "patience"), [(1, 0.8, 1.0), (1, 2.0, 0.5), (4, 1.1, 0.3), (20, 0.95, 2.0)]
)
def test_people_who_leave(servers: int, load: float, patience: float) -> None:
    """M/M/c+M: the share that leaves is Erlang A's, under and over capacity, and the mean wait is that share of patience."""
    day = long_run(servers, load, patience=patience)
    share = float(erlang_a(load * servers / SERVICE, SERVICE, servers, patience))
    assert off(day.fate == 1, share) < 4
    assert off(day.waited, share * patience) < 4


@given(st.integers(1, 30), st.floats(0.05, 5), st.floats(0.05, 20))
@settings(max_examples=50, deadline=None)
def test_erlang_a_by_its_chain(servers: int, load: float, patience: float) -> None:
    """Erlang A's closed form is what its birth-and-death chain gives, state by state."""
    rate = load * servers / SERVICE
    states = np.arange(1, 20_000)
    deaths = np.minimum(states, servers) / SERVICE + np.maximum(states - servers, 0) / patience
    logs = np.concatenate([[0.0], np.cumsum(np.log(rate / deaths))])
    held = np.exp(logs - logs.max())
    line = float((held[1:] * np.maximum(states - servers, 0)).sum() / held.sum())
    assert erlang_a(rate, SERVICE, servers, patience) == pytest.approx(line / patience / rate, rel=1e-6, abs=1e-12)


def test_little() -> None:
    """Little's law, seen through arrivals: those who come find on average as many in line as come during a mean wait."""
    day = long_run(3, 0.9, patience=2.0)
    gone = np.sort(day.came + day.waited)
    found = np.arange(day.came.size) - np.searchsorted(gone, day.came, side="left")
    assert off(found, 0.9 * 3 / SERVICE * day.waited.mean()) < 4


def plain(who: Visitors, servers: int, closing: float) -> list[tuple[int, float]]:
    """The same day told event by event, with a line of people and counters that call them: (fate, hours in line) each."""
    told: dict[int, tuple[int, float]] = {}
    line: deque[int] = deque()
    events = [(float(at), 1, person) for person, at in enumerate(who.came)]
    free = servers
    while events:
        events.sort()
        now, what, person = events.pop(0)
        if now >= closing:
            break
        if what == 0:
            free += 1
        elif what == 1:
            line.append(person)
            events.append((float(who.came[person] + who.bears[person]), 2, person))
        elif person in line:
            line.remove(person)
            told[person] = (1, float(who.bears[person]))
        while free and line:
            called = line.popleft()
            told[called] = (0, now - float(who.came[called]))
            events.append((now + float(who.takes[called]), 0, called))
            free -= 1
    return [told.get(person, (2, closing - float(at))) for person, at in enumerate(who.came)]


HOURS = st.floats(0, 3, allow_subnormal=False) | st.sampled_from([0.0, 0.5, 1.0])


@given(st.lists(st.tuples(HOURS, HOURS, HOURS), max_size=25), st.integers(0, 4))
@settings(deadline=None)
def test_as_told_event_by_event(people: list[tuple[float, float, float]], servers: int) -> None:
    """On any people the recursion says of each what an event list says: same fate, same wait, ties and all."""
    rows = np.array(sorted(people)).reshape(-1, 3)
    who = Visitors(*(rows[:, column].copy() for column in range(3)))
    day = stand_in_line(who, servers, 2.99)
    told = plain(who, servers, 2.99) if rows.size else []
    before = [person for person, at in enumerate(who.came) if at < 2.99]
    assert [int(day.fate[person]) for person in before] == [told[person][0] for person in before]
    assert day.waited[before] == pytest.approx([told[person][1] for person in before], abs=1e-12)
    assert day.served + day.left + day.sent_home == len(people)


def test_who_comes() -> None:
    """Visitors come by the hour as the profile says, take gamma times of the given mean and spread, and bear exponential ones."""
    profile = np.array([5.0, 0.0, 40.0, 15.0])
    office = Office(3, 4.0, 12.0, spread=1.7, patience=0.8)
    days = [visitors(office, profile, seed=3, day=day) for day in range(600)]
    came = np.concatenate([day.came for day in days])
    seen = np.histogram(came, bins=[0, 1, 2, 3, 4])[0]
    assert seen[1] == 0
    for hour in (0, 2, 3):
        assert abs(seen[hour] - 600 * profile[hour]) < 4 * math.sqrt(600 * profile[hour])
        assert stats.kstest(came[(came >= hour) & (came < hour + 1)] - hour, "uniform").pvalue > 1e-3
    assert np.var([day.came.size for day in days]) == pytest.approx(60, rel=4 * math.sqrt(2 / 600))
    takes = np.concatenate([day.takes for day in days])
    assert stats.kstest(takes, stats.gamma(1 / 1.7, scale=1.7 * 0.2).cdf).pvalue > 1e-3
    assert stats.kstest(np.concatenate([day.bears for day in days]), stats.expon(scale=0.8).cdf).pvalue > 1e-3
    assert (
        stats.kstest(visitors(Office(1, 500.0, 12.0, 0.4), 40.0, seed=3).takes, stats.gamma(2.5, scale=0.08).cdf).pvalue
        > 1e-3
    )


def test_more_counters_for_the_same_people() -> None:
    """Another counter meets the same people, and serves no fewer of them."""
    days = [counter_day(Office(servers, 7, 15, 1, 1), 30, seed=8, run=2, day=5) for servers in (2, 3, 8)]
    assert all(np.array_equal(days[0].came, day.came) for day in days)
    assert days[0].served <= days[1].served <= days[2].served


def test_what_is_no_office() -> None:
    """Hours, minutes and patience of nothing, and arrivals and counters below nothing, are refused."""
    for office, arrivals in (
        (Office(1, 0, 5), 1.0),
        (Office(1, 7, 0), 1.0),
        (Office(1, 7, 5), -1.0),
        (Office(-1, 7, 5), 1.0),
    ):
        with pytest.raises(ValueError, match=r"are|has"):
            counter_day(office, arrivals, seed=1)
    for law in ([-1, 1, 7, 5, 1, 1], [1, 1, 0, 5, 1, 1], [1, 1, 7, math.nan, 1, 1], [1, 1, 7, 5, 1, 0]):
        with pytest.raises(ValueError, match="minutes and patience above 0"):
            day_at_counters(*law)


def test_the_quick_account_of_a_day() -> None:
    """From a third of capacity to four times it, the quick account stays near the simulation, as docs/whatif-queues.md says.

    The bounds are the largest errors measured on the full table (0.034, 0.093 h, 0.017) plus about three standard errors of these
    shorter runs, which are largest for one counter.
    """
    grid = list(itertools.product((1, 4, 20), (0.3, 0.8, 1.0, 1.5, 4.0), (0.0, 1.0, 2.0), (0.5, 4.0)))
    servers, load, spread, patience = np.array(grid).T
    present = load * servers * 7 * 60 / 15
    quick = day_at_counters(present, servers, 7.0, 15.0, spread, patience)
    exact = np.array(
        [simulated(Office(c, 7.0, 15.0, s, p), present[i], 20_000, i) for i, (c, _, s, p) in enumerate(grid)]
    )
    assert np.abs(quick.share_served - exact[:, 0]).max() < 0.045
    assert abs((quick.share_served - exact[:, 0]).mean()) < 0.005
    assert np.abs(quick.wait - exact[:, 1]).max() < 0.12
    assert np.abs(quick.line_at_closing / present - exact[:, 2]).max() < 0.03


@given(
    st.floats(0, 1e6), st.integers(0, 60), st.floats(0.5, 12), st.floats(1, 90), st.floats(0, 4), st.floats(0.05, 1e9)
)
@settings(deadline=None)
def test_the_quick_account_balances(
    present: float, servers: int, hours: float, minutes: float, spread: float, patience: float
) -> None:
    """At any office, those served, those who left and those sent home are those who came; none of them is below nothing."""
    day = day_at_counters(present, servers, hours, minutes, spread, patience)
    left = day.wait * present / min(patience, 1000 * hours)
    assert 0 <= day.share_served <= 1
    assert 0 <= day.line_at_closing <= present * (1 + 1e-9)
    assert 0 <= day.wait <= hours
    assert day.share_served * present + left + day.line_at_closing == pytest.approx(present, rel=1e-6, abs=1e-9)


def test_the_quick_account_under_heavy_overload_is_the_fluids() -> None:
    """Where thousands come to twenty counters, what is served is what the counters can do, whatever the spread."""
    day = day_at_counters(20_000.0, 20, 7.0, 15.0, [0.0, 1.0, 2.0], 1.0)
    assert day.share_served * 20_000 == pytest.approx(20 * 7 * 4 + 10 * (1 + np.arange(3)), rel=0.01)


def test_the_quick_account_by_arrays() -> None:
    """An array of runs by districts gives for each office what the office alone would give."""
    present = np.array([[3.0, 500.0], [80.0, 0.0], [200.0, 9000.0]])
    servers = np.array([2, 9])
    whole = day_at_counters(present, servers, 7.5, 12.0, 1.2, 1.5)
    for at in np.ndindex(present.shape):
        alone = day_at_counters(present[at], servers[at[1]], 7.5, 12.0, 1.2, 1.5)
        assert (alone.share_served, alone.wait, alone.line_at_closing) == (
            whole.share_served[at], whole.wait[at], whole.line_at_closing[at],
        )  # fmt: skip
