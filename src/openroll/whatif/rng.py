"""Counter-based random numbers (Philox): each draw has an address, so results do not depend on order or parallelism.

A *place* is (seed, run, day, state, cell); its numbers are the words of Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel
random numbers: as easy as 1, 2, 3", SC'11; the Random123 library) for that key and counter. So runs may be cut into
chunks, processes or machines as one likes, and two regimes meet the same luck in the same place: common random numbers.

Draws are exact in law, to the 53 bits of a double. Where the expected number is small (below `FEW`) a draw inverts the
distribution function with one uniform number: it can only grow with the chance and with the number of people. Above that it
is made by transformed rejection (Hörmann, "The generation of binomial random variates", J. Stat. Comput. Simul. 46, 1993;
"The transformed rejection method for generating Poisson random variables", Insurance: Math. and Econ. 12, 1993), whose
proposal grows with the same uniform number, so that regimes stay close there too, though not in order.
"""

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from openroll.whatif.kernel import array, kernel, part

Word: TypeAlias = np.uint64
"""32 bits, held in 64 so that a product of two does not overflow (a seed has all 64)."""
Place: TypeAlias = tuple[Word, Word, Word, Word, Word]
"""Two words of key (the seed) and three of counter (cell, run, day and state); the fourth counts the draws of the place."""
Counts: TypeAlias = NDArray[np.int64]
Numbers: TypeAlias = NDArray[np.float64]

MOST = 2**53
"""The most people one cell can hold: whole numbers are exact in a double up to here."""
FEW = 10.0
"""Expected number below which a draw is made by inversion."""
SLACK = 1e-9
"""How far above 1 the chances of one row may add up by rounding."""
MOVES = 2**12
"""The most moves out of one place."""
MOVE_DRAWS = 2**20
"""Draws that each move of a place has for itself, so that one move's rejections never shift another's numbers."""

_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_MULTIPLIER_0, _MULTIPLIER_1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_WEYL_0, _WEYL_1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_STATE_BITS = np.uint64(12)
_SPARE = np.uint64(12)
_GRAIN = 2.0**-52
_UNSEEN = 2.0**-60
"""A term of a sum near 1 that no longer shows in it. The first term, exp(-FEW) / 2**FEW at the least, is far above."""

_LOG_TWO_PI = math.log(2 * math.pi)
_SMALL = 16
_SMALL_EXCESS = np.array([0.0] + [math.lgamma(k + 1) - k * math.log(k) + k for k in range(1, _SMALL)])


@part
def philox(c0: Word, c1: Word, c2: Word, c3: Word, k0: Word, k1: Word) -> tuple[Word, Word, Word, Word]:
    """Philox4x32-10: four random words for a counter of four words and a key of two."""
    for _ in range(10):
        left, right = _MULTIPLIER_0 * c0, _MULTIPLIER_1 * c2
        c0, c1, c2, c3 = (right >> _HALF) ^ c1 ^ k0, right & _LOW, (left >> _HALF) ^ c3 ^ k1, left & _LOW
        k0, k1 = (k0 + _WEYL_0) & _LOW, (k1 + _WEYL_1) & _LOW
    return c0, c1, c2, c3


@part
def stream_address(seed: Word, run: int, day: int, state: int, cell: int) -> Place:
    """The address of a random stream: a seed of 64 bits, a run and a cell of 32, a day below 2**20, a state below 2**12.

    `state` names what is drawn there: a state of the model, or any other process with a number of its own. Two draws at one
    place are the same draw.
    """
    when = (np.uint64(day) << _STATE_BITS) | np.uint64(state)
    return seed & _LOW, seed >> _HALF, np.uint64(cell) & _LOW, np.uint64(run) & _LOW, when & _LOW


@part
def uniforms(at: Place, draw: int) -> tuple[float, float]:
    """Draw number `draw` (below 2**32) of a stream: two independent uniform numbers, each an odd multiple of 2**-53.

    So neither is ever 0 or 1, and 1 - u is as likely as u and exact.
    """
    a, b, c, d = philox(np.uint64(draw), at[2], at[3], at[4], at[0], at[1])
    return (
        (np.int64(((a << _HALF) | b) >> _SPARE) + 0.5) * _GRAIN,
        (np.int64(((c << _HALF) | d) >> _SPARE) + 0.5) * _GRAIN,
    )


@part
def _deviance(k: float, mean: float) -> float:
    """k log(k / mean) + mean - k, without loss where k is near the mean (after Loader, 2000, "Fast and accurate ...")."""
    if k == 0.0:
        return mean
    return k * math.log1p((k - mean) / mean) - (k - mean)


@part
def _excess(k: float) -> float:
    """log k! - k log k + k: Stirling's series, tabulated where it would be short of exact."""
    if k < _SMALL:
        return float(_SMALL_EXCESS[int(k)])
    return 0.5 * (_LOG_TWO_PI + math.log(k)) + (1.0 / 12 - (1.0 / 360 - 1.0 / (1260 * k * k)) / (k * k)) / k


@part
def _few_of(n: int, p: float, u: float) -> int:
    """The smallest k whose binomial distribution function reaches u, for p <= 1/2 and n p below `FEW`."""
    if u <= 1.0 - n * p:  # Bernoulli's inequality: (1 - p)**n is no less.
        return 0
    if n == 1:
        return 1
    odds = p / (1.0 - p)
    term = math.exp(n * math.log1p(-p))
    reached = term
    k, left = 0.0, float(n)
    while u > reached and left > 0.0:
        k += 1.0
        term *= odds * left / k
        left -= 1.0
        if term < _UNSEEN:
            break
        reached += term
    return int(k)


@part
def _many_of(n: int, p: float, flipped: bool, at: Place, draw: int) -> int:
    """A binomial by transformed rejection with a squeeze (Hörmann's BTRS), for p <= 1/2 and n p from `FEW` up.

    Densities are compared through deviances, which keep their digits where his sums of n log(...) lose theirs, above 1e12.
    """
    size, mean, rest = float(n), n * p, n * (1.0 - p)
    spread = math.sqrt(mean * (1.0 - p))
    b = 1.15 + 2.53 * spread
    a = -0.0873 + 0.0248 * b + 0.01 * p
    squeeze = 0.92 - 4.2 / b
    while True:
        u, v = uniforms(at, draw)
        draw += 1
        u = 0.5 - u if flipped else u - 0.5
        edge = 0.5 - abs(u)
        k = np.floor((2.0 * a / edge + b) * u + mean + 0.5)
        if k < 0.0 or k > size:
            continue
        if edge >= 0.07 and v <= squeeze:
            return int(k)
        mode = np.floor((size + 1.0) * p)
        k_log = _excess(k) + _excess(size - k) + _deviance(k, mean) + _deviance(size - k, rest)
        mode_log = _excess(mode) + _excess(size - mode) + _deviance(mode, mean) + _deviance(size - mode, rest)
        if math.log(v * (2.83 + 5.1 / b) * spread / (a / (edge * edge) + b)) <= mode_log - k_log:
            return int(k)


@part
def binomial(n: int, p: float, at: Place, draw: int) -> int:
    """Draw a binomial: how many of n move with this probability; n up to `MOST`. It is clipped to [0, 1].

    Uses the draws of the place from `draw` on: one where n min(p, 1 - p) is below `FEW`, and there the number never falls
    as p or n rises; else 1.2 on average.
    """
    if n <= 0 or not p > 0.0:
        return 0
    if p >= 1.0:
        return n
    flipped = p > 0.5
    rarer = 1.0 - p if flipped else p
    if n * rarer < FEW:
        u, _ = uniforms(at, draw)
        k = _few_of(n, rarer, 1.0 - u if flipped else u)
    else:
        k = _many_of(n, rarer, flipped, at, draw)
    return n - k if flipped else k


@part
def _few(mean: float, u: float) -> int:
    """The smallest k whose Poisson distribution function reaches u."""
    term = math.exp(-mean)
    reached = term
    k = 0.0
    while u > reached:
        k += 1.0
        term *= mean / k
        if term < _UNSEEN:
            break
        reached += term
    return int(k)


@part
def poisson(mean: float, at: Place, draw: int) -> int:
    """Draw a Poisson number of a mean up to `MOST`.

    Below `FEW` by inversion, so that it never falls as the mean rises; above by transformed rejection (Hörmann's PTRS).
    """
    if not mean > 0.0:
        return 0
    if mean < FEW:
        u, _ = uniforms(at, draw)
        return _few(mean, u)
    b = 0.931 + 2.53 * math.sqrt(mean)
    a = -0.059 + 0.02483 * b
    squeeze = 0.9277 - 3.6224 / (b - 2.0)
    while True:
        u, v = uniforms(at, draw)
        draw += 1
        u -= 0.5
        edge = 0.5 - abs(u)
        k = np.floor((2.0 * a / edge + b) * u + mean + 0.43)
        if k < 0.0:
            continue
        if edge >= 0.07 and v <= squeeze:
            return int(k)
        density = -_excess(k) - _deviance(k, mean)
        if math.log(v * (1.1239 + 1.1328 / (b - 3.4)) / (a / (edge * edge) + b)) <= density:
            return int(k)


@part
def multinomial_into(n: int, probabilities: Numbers, at: Place, moves: Counts) -> None:
    """Draw a multinomial into `moves`: how many of n make each move, by successive binomials.

    Move m uses the place's draws from m `MOVE_DRAWS` on, so at most `MOVES` moves.
    """
    left = n
    rest = 1.0
    for move in range(probabilities.shape[0]):
        probability = probabilities[move]
        moves[move] = 0
        if left > 0 and probability > 0.0:
            share = probability / rest if probability < rest else 1.0
            gone = binomial(left, share, at, move * MOVE_DRAWS)
            moves[move] = gone
            left -= gone
        rest -= probability


@kernel(array("uint32", 1), array("uint32", 1), array("uint32", 1, written=True))
def philox_words(counter: NDArray[np.uint32], key: NDArray[np.uint32], words: NDArray[np.uint32]) -> None:
    """Philox4x32-10 on arrays of four, two and four words: the generator as others publish vectors for it."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    words[0], words[1], words[2], words[3] = philox(
        np.uint64(c0), np.uint64(c1), np.uint64(c2), np.uint64(c3), np.uint64(k0), np.uint64(k1)
    )


@kernel("uint64", array("int64", 1), "int64", "int64", "int64", "int64", array("float64", 3, written=True))
def _uniforms(seed: Word, runs: Counts, day: int, state: int, first: int, draw: int, out: Numbers) -> None:
    for run in range(out.shape[0]):
        for cell in range(out.shape[1]):
            at = stream_address(seed, runs[run], day, state, first + cell)
            out[run, cell, 0], out[run, cell, 1] = uniforms(at, draw)


@kernel("uint64", array("int64", 1), "int64", "int64", "int64", array("float64", 2), array("int64", 2, written=True))
def _poissons(seed: Word, runs: Counts, day: int, state: int, first: int, means: Numbers, out: Counts) -> int:
    for run in range(out.shape[0]):
        for cell in range(out.shape[1]):
            mean = means[run, cell]
            if not 0.0 <= mean <= MOST:
                return int(run * out.shape[1] + cell)
            out[run, cell] = poisson(mean, stream_address(seed, runs[run], day, state, first + cell), 0)
    return -1


@part
def _are_chances(n: int, probabilities: Numbers) -> bool:
    total = 0.0
    for move in range(probabilities.shape[0]):
        if not probabilities[move] >= 0.0:
            return False
        total += probabilities[move]
    return 0 <= n <= MOST and total <= 1.0 + SLACK


@kernel(
    "uint64",
    array("int64", 1),
    "int64",
    "int64",
    "int64",
    array("int64", 2),
    array("float64", 3),
    array("int64", 3, written=True),
)
def _cohorts(
    seed: Word, runs: Counts, day: int, state: int, first: int, counts: Counts, probabilities: Numbers, out: Counts
) -> int:
    for run in range(out.shape[0]):
        for cell in range(out.shape[1]):
            n = counts[run, cell]
            if n == 0:
                out[run, cell] = 0
                continue
            if not _are_chances(n, probabilities[run, cell]):
                return int(run * out.shape[1] + cell)
            at = stream_address(seed, runs[run], day, state, first + cell)
            multinomial_into(n, probabilities[run, cell], at, out[run, cell])
    return -1


class NotChances(ValueError):
    """The numbers to draw from are no counts or no probabilities: where, and what stood there."""

    def __init__(self, run: int, cell: int, assumptions: str) -> None:
        super().__init__(f"row {run} of runs, cell {cell}: cannot draw from {assumptions}")
        self.run, self.cell = run, cell


@dataclass(frozen=True)
class Streams:
    """The random streams of some runs and cells under one seed. Any subset draws what the whole would.

    `seed`: a whole number below 2**64. `runs`: the number of each run in the arrays' first axis, whole numbers below 2**32.
    `first`: the number of the arrays' first cell; cells end below 2**32. Days are below 2**20, states below 2**12.
    """

    seed: int
    runs: Counts
    first: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.seed < 2**64:
            raise ValueError(f"a seed is a whole number from 0 below 2**64, not {self.seed}")
        if self.runs.size and not 0 <= self.runs.min() <= self.runs.max() < 2**32:
            raise ValueError(f"runs are numbered from 0 below 2**32, not {self.runs.min()} to {self.runs.max()}")

    def uniforms(self, cells: int, day: int, state: int, draw: int = 0) -> Numbers:
        """Two independent uniform numbers a cell: shape [runs, cells, 2]."""
        self._reach(cells, day, state)
        out = np.empty((self.runs.size, cells, 2))
        _uniforms(np.uint64(self.seed), self.runs, day, state, self.first, draw, out)
        return out

    def cohorts(
        self, counts: Counts, probabilities: Numbers, day: int, state: int, out: Counts | None = None
    ) -> Counts:
        """Draw how many of each cell make each move.

        `counts` [runs, cells]: people there, up to `MOST`. `probabilities` [runs, cells, moves]: each person's, of each move; a
        row adding up to at most 1; the rest stays. Written to `out` [runs, cells, moves] where given, and returned.
        A row with people whose chances are negative, not numbers or above 1 together raises NotChances.
        """
        self._reach(counts.shape[1], day, state)
        out = np.empty(probabilities.shape, np.int64) if out is None else out
        if not (
            out.shape == probabilities.shape
            and probabilities.shape[:2] == counts.shape
            and counts.shape[0] == self.runs.size
        ):
            raise ValueError(
                f"shapes do not fit: {self.runs.shape}, {counts.shape}, {probabilities.shape}, {out.shape}"
            )
        if probabilities.shape[2] > MOVES:
            raise ValueError(f"a place has draws for {MOVES} moves, not for {probabilities.shape[2]}")
        bad = _cohorts(np.uint64(self.seed), self.runs, day, state, self.first, counts, probabilities, out)
        if bad >= 0:
            run, cell = divmod(bad, counts.shape[1])
            raise NotChances(run, cell, f"{counts[run, cell]} people with chances {probabilities[run, cell].tolist()}")
        return out

    def poissons(self, means: Numbers, day: int, state: int) -> Counts:
        """Draw Poisson numbers of `means` [runs, cells], up to `MOST`."""
        self._reach(means.shape[1], day, state)
        if means.shape[0] != self.runs.size:
            raise ValueError(f"shapes do not fit: {self.runs.shape}, {means.shape}")
        out = np.empty(means.shape, np.int64)
        bad = _poissons(np.uint64(self.seed), self.runs, day, state, self.first, means, out)
        if bad >= 0:
            run, cell = divmod(bad, means.shape[1])
            raise NotChances(run, cell, f"a mean of {means[run, cell]}")
        return out

    def _reach(self, cells: int, day: int, state: int) -> None:
        if not (0 <= day < 2**20 and 0 <= state < 2**12 and 0 <= self.first <= self.first + cells <= 2**32):
            raise ValueError(f"no such place: day {day}, state {state}, {cells} cells from {self.first}")
