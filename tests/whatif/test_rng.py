"""Chance by address: the generator is the published one, draws have the law they claim, and places do not leak into each other.

Seeds are fixed, so a test here passes always or never. A chi-square or Kolmogorov-Smirnov test must give at least `RARE`: a right
sampler under a seed picked blindly fails one of the fifty or so tests below one time in 200, and a law wrong by about
a hundredth anywhere shows in `DRAWS` draws.
"""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from openroll.whatif.kernel import kernel
from openroll.whatif.rng import FEW, MOST, Counts, NotChances, Numbers, Streams, philox_words

RARE = 1e-4
DRAWS = 200_000
SEED = 20061019

VECTORS = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]
"""Random123's tests/kat_vectors, the lines `philox4x32 10`: counter, key, answer."""


def one_run(seed: int = SEED, first: int = 0) -> Streams:
    return Streams(seed, np.array([0]), first)


def binomials(n: int, p: float, draws: int = DRAWS, day: int = 0) -> Counts:
    """`draws` draws of one binomial, in as many cells."""
    drawn = one_run().cohorts(np.full((1, draws), n), np.full((1, draws, 1), p), day, state=1)
    return drawn.ravel()


def fit(drawn: Counts, law: Any) -> float:
    """The chi-square p-value of whole numbers against a law of scipy's, in up to 120 bins, each expected 20 times or more."""
    quantiles = law.ppf(np.linspace(0, 1, 61)[1:-1])
    cuts = np.unique([quantiles - 1, quantiles])
    shares = np.diff(np.concatenate([[0.0], law.cdf(cuts), [1.0]]))
    seen = np.bincount(np.searchsorted(cuts, drawn, side="left"), minlength=len(cuts) + 1)
    many = shares * drawn.size >= 20
    seen = np.append(seen[many], seen[~many].sum())
    shares = np.append(shares[many], shares[~many].sum())
    return float(stats.chisquare(seen[shares > 0], drawn.size * shares[shares > 0]).pvalue)


def words(text: str) -> NDArray[np.uint32]:
    return np.array([int(word, 16) for word in text.split()], np.uint32)


@pytest.mark.parametrize(("counter", "key", "answer"), VECTORS)
def test_published_vectors(counter: str, key: str, answer: str) -> None:
    """Philox gives the answers its authors publish."""
    given_words = np.empty(4, np.uint32)
    philox_words(words(counter), words(key), given_words)
    assert given_words.tolist() == words(answer).tolist()


WORD = st.integers(0, 2**32 - 1)


@settings(deadline=None)
@given(st.lists(WORD, min_size=4, max_size=4), st.lists(WORD, min_size=2, max_size=2))
def test_as_the_paper_writes_it(counter: list[int], key: list[int]) -> None:
    """On any counter and key it is what the paper says, in whole numbers."""
    (c0, c1, c2, c3), (k0, k1) = counter, key
    for _ in range(10):
        high0, low0 = divmod(0xD2511F53 * c0, 2**32)
        high1, low1 = divmod(0xCD9E8D57 * c2, 2**32)
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0, k1 = (k0 + 0x9E3779B9) % 2**32, (k1 + 0xBB67AE85) % 2**32
    given_words = np.empty(4, np.uint32)
    philox_words(np.array(counter, np.uint32), np.array(key, np.uint32), given_words)
    assert given_words.tolist() == [c0, c1, c2, c3]


def test_uniform() -> None:
    """Uniform numbers are uniform, in both halves, and odd multiples of 2**-53: never 0, never 1."""
    drawn = one_run().uniforms(DRAWS, day=3, state=2)
    assert stats.kstest(drawn[0, :, 0], "uniform").pvalue > RARE
    assert stats.kstest(drawn[0, :, 1], "uniform").pvalue > RARE
    assert np.all((drawn * 2.0**53) % 2 == 1)


def test_every_part_of_the_address_counts() -> None:
    """Places that differ in one part of the address alone have nothing to do with each other."""
    here = one_run().uniforms(DRAWS, day=3, state=2)[0, :, 0]
    others = {
        "seed": one_run(SEED + 1).uniforms(DRAWS, 3, 2)[0, :, 0],
        "high half of the seed": one_run(SEED + 2**32).uniforms(DRAWS, 3, 2)[0, :, 0],
        "run": Streams(SEED, np.array([1])).uniforms(DRAWS, 3, 2)[0, :, 0],
        "day": one_run().uniforms(DRAWS, 4, 2)[0, :, 0],
        "state": one_run().uniforms(DRAWS, 3, 3)[0, :, 0],
        "cell": one_run(first=1).uniforms(DRAWS, 3, 2)[0, :, 0],
        "draw": one_run().uniforms(DRAWS, 3, 2, draw=1)[0, :, 0],
        "half of the block": one_run().uniforms(DRAWS, 3, 2)[0, :, 1],
    }
    for part, there in others.items():
        table, *_ = np.histogram2d(here, there, bins=8, range=[[0, 1], [0, 1]])
        assert stats.chisquare(table.ravel()).pvalue > RARE, part


def test_any_cut_of_the_work_draws_the_same() -> None:
    """Runs and cells taken alone, in chunks or in another order get the numbers that the whole gives them."""
    runs, cells = 6, 50
    rng = np.random.default_rng(1)
    counts = rng.integers(0, 3000, (runs, cells))
    probabilities = rng.dirichlet(np.ones(5), (runs, cells))[:, :, :4]
    whole = Streams(SEED, np.arange(runs)).cohorts(counts, probabilities, 9, 1)
    turned = np.arange(runs)[::-1].copy()
    assert np.array_equal(Streams(SEED, turned).cohorts(counts[::-1], probabilities[::-1], 9, 1), whole[::-1])
    for cut in (slice(0, 20), slice(20, 50)):
        part = Streams(SEED, np.array([4]), cut.start).cohorts(counts[4:5, cut], probabilities[4:5, cut], 9, 1)
        assert np.array_equal(part, whole[4:5, cut])


def test_one_move_does_not_shift_another() -> None:
    """A move with no chance leaves the draw of the next as it would be alone: each move has draws of its own."""
    counts = np.full((1, 1000), 500)
    alone = one_run().cohorts(counts, np.tile([0.0, 0.3], (1, 1000, 1)), 1, 1)
    behind = one_run().cohorts(counts, np.tile([0.0, 0.3, 0.2], (1, 1000, 1)), 1, 1)
    assert np.array_equal(alone, behind[:, :, :2])


@pytest.mark.parametrize(
    ("n", "p"),
    [
        (1, 0.3), (1, 0.999), (7, 0.5), (19, 0.5), (20, 0.5), (21, 0.5), (60, 0.3), (60, 0.7), (30, 0.98), (1000, 0.0099),
        (1000, 0.0101), (1000, 0.9899), (10_000, 0.2), (100_000, 0.51), (10**9, 1e-8), (10**9, 1.1e-8), (10**9, 3e-6),
    ],
)  # fmt: skip
def test_binomial(n: int, p: float) -> None:
    """A cohort's draw has the binomial's law, on both sides of one half and of the change of method."""
    assert fit(binomials(n, p), stats.binom(n, p)) > RARE


@pytest.mark.parametrize("n", [10**12, MOST])
@pytest.mark.parametrize("p", [0.001, 0.3, 0.8])
def test_binomial_of_a_great_many(n: int, p: float) -> None:
    """Up to 2**53 people the draw keeps its law: so many are normal to 1e-4 (Berry and Esseen), below what the test can see."""
    score = (binomials(n, p) - n * p) / np.sqrt(n * p * (1 - p))
    assert stats.kstest(score, "norm").pvalue > RARE


def test_rejection_in_the_middle_of_a_great_many() -> None:
    """Single numbers near the mode of 1e13 come as often as the law says: densities are compared without loss of digits."""
    n, p = 10**13, 2e-11
    assert fit(binomials(n, p), stats.poisson(n * p)) > RARE


def test_one_in_a_great_many() -> None:
    """A chance as small as 2**-53 among 2**53 people is Poisson with mean 1."""
    assert fit(binomials(MOST, 2.0**-53), stats.poisson(1)) > RARE


@pytest.mark.parametrize("n", [0, 1, 1000, MOST])
def test_certain_and_impossible(n: int) -> None:
    """Nobody makes an impossible move, and everybody a certain one."""
    assert set(binomials(n, 0.0, 100)) == {0}
    assert set(binomials(n, 1.0, 100)) == {n}
    assert set(binomials(n, 1e-300, 100)) == {0}


def test_multinomial_joint() -> None:
    """Six people with three moves or none: all 84 outcomes come as often as the multinomial says."""
    probabilities = [0.2, 0.05, 0.35]
    drawn = one_run().cohorts(np.full((1, DRAWS), 6), np.tile(probabilities, (1, DRAWS, 1)), 2, 1)[0]
    outcomes = [(a, b, c, 6 - a - b - c) for a in range(7) for b in range(7 - a) for c in range(7 - a - b)]
    shares = stats.multinomial(6, [*probabilities, 0.4]).pmf(outcomes)
    places = {outcome[:3]: at for at, outcome in enumerate(outcomes)}
    seen = np.bincount([places[a, b, c] for a, b, c in drawn.tolist()], minlength=len(outcomes))
    many = shares * DRAWS >= 10
    assert (
        stats.chisquare(
            np.append(seen[many], seen[~many].sum()), DRAWS * np.append(shares[many], shares[~many].sum())
        ).pvalue
        > RARE
    )


def test_multinomial_margins() -> None:
    """In a large cohort every move's number has its own binomial, whatever place it has in the row."""
    probabilities = [0.5, 0.3, 0.001, 0.15]
    drawn = one_run().cohorts(np.full((1, DRAWS), 2000), np.tile(probabilities, (1, DRAWS, 1)), 2, 1)[0]
    for move, probability in enumerate(probabilities):
        assert fit(drawn[:, move], stats.binom(2000, probability)) > RARE
    shares = np.array(probabilities)
    wanted = 2000 * (np.diag(shares) - np.outer(shares, shares))
    allowed = 5 * np.sqrt(
        np.outer(np.diag(wanted), np.diag(wanted)) * 2 / DRAWS
    )  # 5 standard errors of a covariance, at most
    assert np.all(np.abs(np.cov(drawn.T) - wanted) < allowed)


def test_neighbours_are_independent() -> None:
    """The draws of two cells side by side, and of two moves' first numbers, are independent."""
    drawn = binomials(4, 0.4).reshape(-1, 2)
    table = np.zeros((5, 5))
    np.add.at(table, (drawn[:, 0], drawn[:, 1]), 1)
    assert stats.chi2_contingency(table).pvalue > RARE


@pytest.mark.parametrize("mean", [0.01, 1.0, 9.99, 10.0, 45.0, 1e4])
def test_poisson(mean: float) -> None:
    """Arrivals have the Poisson's law on both sides of the change of method."""
    assert fit(one_run().poissons(np.full((1, DRAWS), mean), 1, 1).ravel(), stats.poisson(mean)) > RARE


def test_poisson_of_a_great_many() -> None:
    """A mean of 1e15 is normal, and a mean of nothing is nothing."""
    score = (one_run().poissons(np.full((1, DRAWS), 1e15), 1, 1).ravel() - 1e15) / np.sqrt(1e15)
    assert stats.kstest(score, "norm").pvalue > RARE
    assert one_run().poissons(np.zeros((1, 5)), 1, 1).tolist() == [[0] * 5]


@settings(deadline=None)
@given(st.integers(0, 10**6), st.floats(0, 1), st.floats(0, 1), st.booleans(), st.integers(0, 2**20 - 1))
def test_more_eager_never_fewer(n: int, one: float, other: float, rarely_not: bool, day: int) -> None:
    """In one place, by inversion, a higher chance never gives a lower number, nor does one person more."""
    most = 1.0 if n + 1 < 2 * FEW else 0.999 * FEW / (n + 1)
    low, high = sorted((one * most, other * most))
    if rarely_not:
        low, high = 1 - high, 1 - low
    drawn = [binomials(n, p, 20, day) for p in (low, high)]
    assert np.all(drawn[0] <= drawn[1])
    assert np.all(drawn[0] <= binomials(n + 1, low, 20, day))


def test_regimes_stay_close_above_inversion() -> None:
    """By rejection too, two regimes a tenth apart in the same places differ far less than they would with luck of their own."""
    coupled = binomials(1000, 0.33) - binomials(1000, 0.30)
    apart = 1000 * (0.33 * 0.67 + 0.30 * 0.70)
    assert coupled.var() < 0.5 * apart


@st.composite
def tables(draw: st.DrawFn) -> tuple[Counts, Numbers]:
    """Counts up to the most, and rows of chances that add up to at most 1, some of them certain or impossible."""
    cells, moves = draw(st.integers(1, 5)), draw(st.integers(1, 6))
    counts = draw(st.lists(st.integers(0, MOST) | st.integers(0, 30), min_size=cells, max_size=cells))
    weights = st.floats(0, 1) | st.just(0.0)
    rows = np.array(
        draw(st.lists(st.lists(weights, min_size=moves + 1, max_size=moves + 1), min_size=cells, max_size=cells))
    )
    sums = rows.sum(axis=1, keepdims=True)
    shares = rows / np.where(sums > 0, sums, 1.0)
    return np.array([counts]), shares[None, :, :moves]


@given(tables(), st.integers(0, 2**64 - 1))
@settings(deadline=None)
def test_nobody_is_lost(table: tuple[Counts, Numbers], seed: int) -> None:
    """Those who move and those who stay are all there were; nobody makes a move that has no chance."""
    counts, probabilities = table
    moved = one_run(seed).cohorts(counts, probabilities, 1, 1)
    assert np.all(moved >= 0)
    assert np.all(moved.sum(axis=2) <= counts)
    assert not moved[probabilities == 0].any()
    certain = np.ones((1, counts.size, 2)) * 0.5
    assert np.array_equal(one_run(seed).cohorts(counts, certain, 1, 1).sum(axis=2), counts)


@pytest.mark.parametrize("row", [[0.5, np.nan], [-0.1, 0.5], [0.7, 0.4], [np.inf, 0.0]])
def test_what_are_no_chances(row: list[float]) -> None:
    """A row of people with chances that are none is refused by name; a row without people is not asked."""
    probabilities = np.zeros((1, 3, 2))
    probabilities[0, 1] = row
    with pytest.raises(NotChances, match="row 0 of runs, cell 1: cannot draw from 5 people"):
        one_run().cohorts(np.array([[1, 5, 2]]), probabilities, 1, 1)
    one_run().cohorts(np.array([[1, 0, 2]]), probabilities, 1, 1)


def test_no_such_place() -> None:
    """An address beyond what a counter holds is refused, since it would fall on another's."""
    with pytest.raises(ValueError, match="a seed is"):
        Streams(-1, np.array([0]))
    with pytest.raises(ValueError, match="runs are numbered"):
        Streams(1, np.array([2**32]))
    for day, state, first in ((2**20, 0, 0), (0, 2**12, 0), (0, 0, 2**32)):
        with pytest.raises(ValueError, match="no such place"):
            one_run(first=first).uniforms(1, day, state)
    with pytest.raises(NotChances, match="cannot draw from a mean of"):
        one_run().poissons(np.array([[np.nan]]), 1, 1)


def test_frozen_and_broadcast_tables_are_read() -> None:
    """A table that is read-only or broadcast draws what its copy draws."""
    counts = np.broadcast_to(np.array([[100]]), (1, 8))
    probabilities = np.broadcast_to(np.array([0.2, 0.1]), (1, 8, 2))
    copied = one_run().cohorts(counts.copy(), probabilities.copy(), 1, 1)
    assert np.array_equal(one_run().cohorts(counts, probabilities, 1, 1), copied)


def test_nowhere_to_keep_machine_code() -> None:
    """Where no folder can be written, as for code that is in no file, a kernel is compiled and runs all the same."""
    space: dict[str, Any] = {}
    exec("def double(n): return 2 * n", space)  # noqa: S102 - a function without a file, which Numba cannot keep
    assert kernel("int64")(space["double"])(21) == 42
