"""Roles, and the seats that hold them."""

from collections.abc import Mapping

import msgspec

REGISTRAR = "registrar"

ROLES: Mapping[str, tuple[str, ...]] = {
    "registrar": ("registrar", "registrar-lead"),
    "operator": ("clerk", "operator-lead"),
    "authority": ("officer", "officer-lead"),
    "reviewer": ("reviewer", "reviewer-lead"),
}
"""The roles of each kind of organisation: who does its work, and who also lets people in and out."""


def lead_of(kind: str) -> str:
    """The role of a kind of organisation that lets people in and out."""
    return ROLES[kind][-1]


KEEPERS_ROLE = "keeper"
"""The role under which whoever keeps the machine acts, by the command line."""


def office_of(role: str) -> str:
    """The kind of organisation that somebody of a role acts for, as `registrar` for its leads and for whoever keeps the machine.

    A role that is of no such kind (`operator` and `subscriber`, who file) is its own.
    """
    if role == KEEPERS_ROLE:
        return REGISTRAR
    return next((kind for kind, roles in ROLES.items() if role in roles), role)


class Seat(msgspec.Struct, frozen=True):
    """Who acts: an organisation and a number within it.

    0 is whoever keeps the machine the roll runs on, for the registrar; for an operator its programs, at whose word it invites.
    """

    organisation: str
    number: int

    def __str__(self) -> str:
        return f"{self.organisation}/{self.number}"


KEEPER = Seat(REGISTRAR, 0)
"""The command line, before there is anyone else."""

MOST_DIGITS = 15
"""Of a seat's number: whatever is longer was never given to anybody."""


def seat_of(text: str) -> Seat | None:
    """The seat that a text such as `registrar/2` names; None where it names none.

    A seat has one text: with `registrar/02` beside it, one person would count as two wherever texts are compared.
    """
    organisation, slash, number = text.partition("/")
    fits = number.isascii() and number.isdigit() and len(number) <= MOST_DIGITS
    seat = Seat(organisation, int(number)) if slash and fits else None
    return seat if seat is not None and str(seat) == text else None
