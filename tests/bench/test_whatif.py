"""What `openroll bench whatif` measures is what it says; how fast it is, no test says."""

import numpy as np

from openroll.bench.whatif import settled
from openroll.whatif.population import settle
from openroll.whatif.sample import assumption_arrays, draw


def test_people_are_as_many_as_the_figure_says() -> None:
    """A settled city has so many people in all, within one for each group, and nobody who comes later."""
    city = settled(20_000)
    everybody = settle(city, assumption_arrays(city, draw(city, 1, 1), 1))
    assert abs(int(sum(np.sum(counts) for counts in everybody.values())) - 20_000) <= 5
