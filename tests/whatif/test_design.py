"""Designs of sweeps: which runs they make, and that indices of a known function are what they are."""

import numpy as np
import polars as pl
import pytest

from openroll.whatif.design import Design, effects, grid, hypercube, sobol

RANGES = {"filing.lull": (0.0, 1.0), "officials.ask": (2.0, 4.0)}


def known(design: Design, luck: float = 0.0) -> pl.DataFrame:
    """Answers of 4 x lull + ask + luck, one a run, where luck goes with the number of the run; and one that never changes."""
    probability = np.random.default_rng(5).normal(size=4096)[design.numbers] * luck
    lull, ask = (design.drawn[path].to_numpy() for path in RANGES)
    runs = np.arange(len(lull))
    value = pl.DataFrame({"rule": "r", "run": runs, "answer": "line", "value": 4 * lull + ask + probability})
    return pl.concat([value, pl.DataFrame({"rule": "r", "run": runs, "answer": "fined", "value": np.zeros(len(lull))})])


def test_a_hypercube_uses_each_part_of_each_range_once() -> None:
    """Of n runs one lies in each nth of a range, and the swing of a straight line is four fifths of its length."""
    design = hypercube(RANGES, 50, 3)
    for path, (low, high) in RANGES.items():
        places = np.floor((design.drawn[path].to_numpy() - low) / (high - low) * 50)
        assert sorted(places) == list(range(50))
    found = effects(design, known(design)).filter(pl.col("answer") == "line", pl.col("assumption") == "filing.lull")
    assert (found["most"] - found["least"]).item() == pytest.approx(4 * 0.8, abs=0.6)


def test_a_grid_has_every_combination_with_the_same_luck() -> None:
    """Three points each, twice: eighteen runs, and each combination meets the same two."""
    design = grid(RANGES, 3, 2, 3)
    assert design.drawn.unique().height == 9
    assert list(design.numbers) == [0, 1] * 9
    found = effects(design, known(design, luck=1.0)).filter(pl.col("answer") == "line")
    assert found.height == 9
    assert found.select((pl.col("high") - pl.col("low")).round(9).n_unique()).item() == 1


@pytest.mark.parametrize("luck", [0.0, 2.0])
def test_indices_of_a_known_function_are_found(luck: float) -> None:
    """4 x U(0, 1) + U(2, 4) + luck: variances 16/12, 4/12 and luck squared, and nothing plays together."""
    design = sobol(RANGES, 2048, 11)
    assert design.drawn.height == 2048 * 4
    found = effects(design, known(design, luck)).filter(pl.col("answer") == "line")
    whole = 16 / 12 + 4 / 12 + luck**2
    for column in ("first", "total"):
        assert found[column].to_list() == pytest.approx([16 / 12 / whole, 4 / 12 / whole], abs=0.03)
        assert (found[f"{column}_give"] < 0.05).all()


def test_an_answer_that_never_changes_has_no_indices() -> None:
    """There is no share of no variance."""
    design = sobol(RANGES, 8, 1)
    assert set(effects(design, known(design))["answer"]) == {"line"}


@pytest.mark.parametrize("make", [lambda: hypercube(RANGES, 20, 0), lambda: sobol(RANGES, 8, 0)])
def test_a_seed_gives_the_same_runs_and_effects(make: object) -> None:
    """Also seed nought, which some take for none."""
    assert callable(make)
    one, other = make(), make()
    assert one.drawn.equals(other.drawn)
    assert effects(one, known(one)).equals(effects(other, known(other)))
