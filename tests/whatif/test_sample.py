"""What is drawn for the assumptions of a city."""

import msgspec
import numpy as np

from openroll.whatif import load_city
from openroll.whatif.city import Quantity
from openroll.whatif.sample import draw, spread


def test_each_range_is_used_evenly() -> None:
    """Each range is cut into as many parts as there are runs, and each part is drawn from once."""
    city = load_city("village")
    drawn = draw(city, 20, seed=1)
    assert drawn.columns == list(spread(city))
    for path, (low, high) in spread(city).items():
        parts = np.floor((drawn[path].to_numpy() - low) / (high - low) * 20).astype(int)
        assert sorted(parts) == list(range(20)), path


def test_fixing_one_assumption_leaves_the_others_as_they_were_drawn() -> None:
    """A city with one assumption fixed is put through the same runs as before, but for that one."""
    city = load_city("village")

    def fix(path: str, quantity: Quantity) -> Quantity:
        return Quantity(value=0.5, source="made") if path == "filing.heed" else quantity

    fixed = msgspec.structs.replace(city, assumptions=city.assumptions.filled(fix))
    before, after = draw(city, 12, seed=7), draw(fixed, 12, seed=7)
    assert set(before.columns) - set(after.columns) == {"filing.heed"}
    assert after.equals(before.drop("filing.heed"))
