"""What is known of an organisation, as each act on it is decided on.

`fresh` is the number that a new seat or token takes, 0 before it has one.
"""

from datetime import datetime

import msgspec

from openroll.register.organisation.seats import Member


class Inviting(msgspec.Struct, frozen=True):
    """Before an invitation: the kind of the organisation (None: there is none), and how many the seat invited of late.

    `own_word` says that the token which was shown lets programs of this very organisation in; `led` that a lead in force speaks
    for it, so that no program does.
    """

    kind: str | None
    invited: int
    own_word: bool = False
    led: bool = False


class Seating(msgspec.Struct, frozen=True):
    """Before a seat is taken: what the invitation says (`role` None: it is not good), and whether there ever was a lead.

    `under_way` says that the organisation has begun: it filed, a token lets its programs in, or a seat of it was in force.
    """

    organisation: str
    kind: str | None
    role: str | None
    invited_by: str
    had_lead: bool
    fresh: int = 0
    under_way: bool = False


class Seated(msgspec.Struct, frozen=True):
    """Before a seat is left: whether somebody sits there, and which seats in force let others in."""

    sits: bool
    leads: frozenset[int]


class Issuing(msgspec.Struct, frozen=True):
    """Before a token is issued: the kind of the organisation (None: there is none), and the seat that is to act by it."""

    kind: str | None
    seat: Member | None = None
    fresh: int = 0


class Token(msgspec.Struct, frozen=True):
    """A token that lets in: when it was issued, until when it does (None: for ever), whether it has a successor, and
    the number of the seat that acts by it (0: none)."""

    issued: datetime
    expires: datetime | None
    replaced: bool
    seat: int = 0


class Replacing(msgspec.Struct, frozen=True):
    """Before a token is replaced or ended: the token, None where there is none that lets in."""

    token: Token | None
    fresh: int = 0
