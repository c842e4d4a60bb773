"""The state machine of a simulated subscription: states, and the moves between them, from which tables and series are made.

A *slot* keeps time inside a state, in steps of five days (`STEP`): how long ago a newcomer connected, a change happened, a
case was opened; how long a suspension still lasts. Slots go on together, on every fifth day.
"""

from enum import IntEnum
from typing import Literal, NamedTuple

STEP = 5
"""Days in a slot. Newcomers of the same five days are one cohort, taken to have connected in their middle."""


class State(IntEnum):
    """The state of a simulated subscription."""

    OUTSIDE = 0
    """Not connected; may be one day."""
    UNAWARE = 1
    """Connected, not filed, has not heard of the rule or does not take it to concern them."""
    OPEN = 2
    """Connected, not filed, knows."""
    TURNED = 3
    """As OPEN, and was turned away from a counter or a portal."""
    RETURNED = 4
    """As OPEN, and a filing came back for correction."""
    FILED = 5
    STALE = 6
    """Filed, but something changed and was not reported."""
    CASE = 7
    """An official has opened a case: first comes the time to correct, if the rule gives one, then the decision."""
    WARNED = 8
    """Had a measure, or the measure is over, and still has not filed."""
    APPEAL = 9
    """The measure waits for an appeal."""
    OFF = 10
    """Suspended: off the network."""
    SETTLED = 11
    """Paid a bribe: not filed, and not pursued."""
    GONE = 12
    """The subscription ended."""


Keep = Literal["keep", "first", "short", "half", "full", "new"]
"""Which slot a move leads to: the same one, the first, a length of suspension, or a newcomer's first."""


class Move(NamedTuple):
    """A transition from one state to another. Its name is what it is counted under; moves of one name are added up."""

    name: str
    source: State
    target: State
    slot: Keep = "first"


WAYS = ("counter", "portal", "proxy")
FAILS = ("turned-away", "overloaded", "error-counter", "error-portal", "error-proxy")
MEASURES = ("warn", "fine", "cut-short", "cut-half", "cut-full")


def _trying(source: State) -> list[Move]:
    """What an attempt to file can come to for one who has never filed."""
    filed = [Move(f"filed-{way}", source, State.FILED) for way in WAYS]
    failed = [
        Move(name, source, State.RETURNED if name.startswith("error") else State.TURNED, "keep") for name in FAILS
    ]
    return filed + failed


def _under_pressure(source: State, name: str = "filed") -> list[Move]:
    """The same where a failed attempt leaves one where one was."""
    return [Move(f"{name}-{way}", source, State.FILED) for way in WAYS]


def _leaving(source: State) -> list[Move]:
    return [
        Move("gave-up", source, State.GONE),
        Move("deactivated", source, State.GONE),
        Move("ended", source, State.GONE),
    ]


_DECIDED = [
    Move("warn", State.CASE, State.WARNED),
    Move("fine", State.CASE, State.WARNED),
    Move("cut-short", State.CASE, State.OFF, "short"),
    Move("cut-half", State.CASE, State.OFF, "half"),
    Move("cut-full", State.CASE, State.OFF, "full"),
    Move("appealed", State.CASE, State.APPEAL),
    Move("bribe-paid", State.CASE, State.SETTLED),
    Move("bribe-reported", State.CASE, State.WARNED),
    Move("refused-warn", State.CASE, State.WARNED),
    Move("refused-cut", State.CASE, State.OFF, "full"),
]

MOVES: tuple[Move, ...] = (
    Move("came", State.OUTSIDE, State.OPEN, "new"),
    Move("came-unaware", State.OUTSIDE, State.UNAWARE, "new"),
    Move("came-filed", State.OUTSIDE, State.FILED),
    Move("stayed-out", State.OUTSIDE, State.OUTSIDE),
    Move("heard", State.UNAWARE, State.OPEN, "keep"),
    Move("detected", State.UNAWARE, State.CASE),
    *_leaving(State.UNAWARE),
    *(
        move
        for state in (State.OPEN, State.TURNED, State.RETURNED)
        for move in (*_trying(state), Move("detected", state, State.CASE), *_leaving(state))
    ),
    Move("changed", State.FILED, State.STALE),
    Move("ended", State.FILED, State.GONE),
    *_under_pressure(State.STALE, "reported"),
    Move("detected", State.STALE, State.CASE),
    Move("ended", State.STALE, State.GONE),
    *_under_pressure(State.CASE),
    *_DECIDED,
    Move("ended", State.CASE, State.GONE),
    *_under_pressure(State.WARNED),
    Move("detected", State.WARNED, State.CASE),
    *_leaving(State.WARNED),
    Move("appeal-won", State.APPEAL, State.WARNED),
    Move("appeal-lost", State.APPEAL, State.OFF, "half"),
    Move("ended", State.APPEAL, State.GONE),
    Move("released", State.OFF, State.WARNED),
    Move("appeal-won", State.OFF, State.WARNED),
    Move("gave-up", State.OFF, State.GONE),
    Move("ended", State.OFF, State.GONE),
    Move("ended", State.SETTLED, State.GONE),
)

OF: dict[State, tuple[Move, ...]] = {state: tuple(move for move in MOVES if move.source is state) for state in State}
"""The moves out of each state: the columns of its table, in order."""

NAMES: tuple[str, ...] = tuple(dict.fromkeys(move.name for move in MOVES))
"""What moves are counted under, in order."""

THROUGH: dict[str, int] = {
    **dict.fromkeys(("filed-counter", "reported-counter", "error-counter"), 1),
    "turned-away": 2,
}
"""Moves whose chance a district decides with: 1, times the share its counters serve; 2, times the share they do not; else 0."""

CONNECTED = tuple(state for state in State if state not in (State.OUTSIDE, State.GONE))
"""States of a subscription that is there."""
AGED = (State.UNAWARE, State.OPEN, State.TURNED, State.RETURNED)
"""States whose slots count from a connection; the first slot holds those who were there before, and never goes on."""
