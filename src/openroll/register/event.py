"""What every event is: a fact in the past tense, under an explicit versioned name, with a canonical body."""

from typing import ClassVar

import msgspec

_encoder = msgspec.json.Encoder(order="sorted")


class Event(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fact. `official` acts stand in the public log in full; people's acts only as a kind and a commitment."""

    name: ClassVar[str]
    official: ClassVar[bool] = False

    def as_now(self) -> "Event":
        """The same fact in the newest version of its kind: itself, but where an older version of the body is still read."""
        return self

    def body(self) -> str:
        """The canonical JSON of this event: the bytes a receipt commits to."""
        return _encoder.encode(self).decode()


class Emptied(Event, frozen=True):
    """What is left of a fact after its record was erased: its name, its day and a commitment nobody can open."""

    name = "emptied"
