"""What the log names of a request's envelopes, held against those that a body was given: nothing of it is left out unseen.

Which part an envelope is, and which was sent last, is the log's word and never the order in which envelopes are given out.
`frontend/src/desk-matter.js` judges alike.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from openroll.register.request.events import RequestEvent
from openroll.register.request.turns import ANSWER, part_of, readers

ASKS = ("ask", "complete")
"""The parts that say what is asked: the last of them is what is decided on and answered, and each other one it replaced."""
PARTIES = ("authority", "reviewer", "operator", "objector")


class Sealed(NamedTuple):
    """An envelope that the log names: the place of its fact among the request's, its part, its digest."""

    place: int
    part: str
    digest: str


def sealed_in(facts: Iterable[RequestEvent]) -> tuple[Sealed, ...]:
    """Every envelope that the facts of a request name, in their order."""
    named = ((place, part_of(fact)) for place, fact in enumerate(facts))
    return tuple(Sealed(place, *sealed) for place, sealed in named if sealed is not None)


def missing(
    sealed: Iterable[Sealed], parties: Collection[str], there: Collection[str], *, annulled: bool = False
) -> tuple[Sealed, ...]:
    """Those that are sealed to any of these parties and are not there. `there`: the digests of what is. An answer to what was
    `annulled` is given out no more."""
    return tuple(
        one
        for one in sealed
        if one.digest not in there
        and not set(parties).isdisjoint(readers(one.part))
        and not (annulled and one.part == ANSWER)
    )


def newest(sealed: Sequence[Sealed], *parts: str) -> Sealed | None:
    """The one of these parts that was sent last; None where none was."""
    return next((one for one in reversed(sealed) if one.part in parts), None)


def rested_on(sealed: Sequence[Sealed], parties: Collection[str]) -> tuple[Sealed, ...]:
    """What a decision of these parties rests on: what was asked last, and the last answer to a question that they read."""
    found = (newest(sealed, *ASKS), newest(sealed, "answer-back"))
    return tuple(one for one in found if one is not None and not set(parties).isdisjoint(readers(one.part)))


def in_order(facts: Iterable[RequestEvent]) -> bool:
    """Whether what was sent anew, or answered back, comes in the order of its moments: else an older one passes for newer."""
    named = [(part_of(fact), fact.at) for fact in facts]
    for parts in (ASKS, ("answer-back",)):
        moments = [at for sealed, at in named if sealed is not None and sealed[0] in parts]
        if moments != sorted(moments):
            return False
    return True


def replaced(sealed: Sequence[Sealed], place: int) -> bool:
    """Whether the fact at this place asked what was sent anew later."""
    last = newest(sealed, *ASKS)
    return last is not None and place < last.place and any(one.place == place and one.part in ASKS for one in sealed)
