"""Whole cohorts at once: people of one place are exchangeable, so how many make each move is a multinomial. The cost of a day is that
of its cells, whatever the number of people in them."""

from openroll.whatif.chance import Streams
from openroll.whatif.day import Counts
from openroll.whatif.moves import State
from openroll.whatif.world import World


class Cohorts:
    """Draws a day's moves for the cohorts of a world."""

    def __init__(self, world: World, streams: Streams) -> None:
        self._world, self._streams = world, streams

    def draw(self, day: int) -> dict[State, Counts]:
        """How many make each move, by source state: [runs, districts, groups, slots, moves]."""
        flows: dict[State, Counts] = {}
        for state, counts in self._world.counts.items():
            chances = self._world.tables[state].array
            if not chances.shape[-1] or not counts.any():
                continue
            runs = counts.shape[0]
            flat = self._streams.cohorts(
                counts.reshape(runs, -1), chances.reshape(runs, -1, chances.shape[-1]), day, int(state)
            )
            flows[state] = flat.reshape(chances.shape)
        return flows

    def grow_older(self, day: int) -> None:
        """Let time go on in the slots when a step of days ends with this day."""
        self._world.grow_older(day)
