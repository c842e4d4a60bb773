"""What a rule would do to a city, answered for whoever asks by a process of its own (docs/whatif.md).

The server keeps the queue, the answers and the bounds; the model, and the libraries it stands on, are never loaded into it.
"""

from openroll.service.simulation.messages import AnswerPage, Block, Plot, Section
from openroll.service.simulation.process import LIMITS, ProcessDied, SimulationLimits, SimulationProcess
from openroll.service.simulation.question import MOST_RULES, Question, hold_fixed, runs_of
from openroll.service.simulation.queue import (
    FORGOTTEN,
    KEPT,
    MOST_WAITING,
    Answered,
    Busy,
    ChartMissing,
    Failed,
    NoSense,
    Simulation,
    Simulator,
    Working,
)

__all__ = [
    "FORGOTTEN",
    "KEPT",
    "LIMITS",
    "MOST_RULES",
    "MOST_WAITING",
    "AnswerPage",
    "Answered",
    "Block",
    "Busy",
    "ChartMissing",
    "Failed",
    "NoSense",
    "Plot",
    "ProcessDied",
    "Question",
    "Section",
    "Simulation",
    "SimulationLimits",
    "SimulationProcess",
    "Simulator",
    "Working",
    "hold_fixed",
    "runs_of",
]
