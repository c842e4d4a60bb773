"""What is once in a roll is written no second time: no use is registered, and nobody seated, anew for one entry."""

from typing import Any

import pytest

from openroll.register.event import Event
from openroll.register.organisation.events import (
    OrganisationAdmitted,
    PersonLeft,
    SeatConfirmed,
)
from openroll.register.request import commands, events
from openroll.watch.audit.bodies import Bodies
from tests.register import asked
from tests.watch.test_forged_requests import GONE, LEAD, OF, WAITING, joined, known

USE = {name: getattr(asked.USE, name) for name in commands.RegisterUse.__struct_fields__}


def use(number: int = 1, by: str = LEAD, **changed: Any) -> Event:
    """A use that police register."""
    return events.UseRegistered(**USE | changed, organisation="police", use=number, by=by, rule="law@1")


def use_ended(by: str = LEAD, number: int = 1) -> Event:
    """Its end."""
    return events.UseEnded(use=number, organisation="police", why="over", by=by, rule="law@1")


def confirmed(by: str, seat: str = WAITING) -> Event:
    """Somebody's word for a seat."""
    return SeatConfirmed(organisation="police", seat=seat, by=by, rule="law@1")


TITLE = {"zh": "x", "en": "x"}
ALONE = joined("police/4", "officer-lead", "registrar/1")
FORGED: dict[str, tuple[list[Event], Event]] = {
    "a use again, with another office": ([], use(office="+86 23 9999 0000")),
    "a use again that has ended": ([use_ended()], use()),
    "a use by no lead": ([], use(2, "police/2")),
    "a use by another organisation's lead": ([], use(2, "registrar/1")),
    "an end of a use by no lead": ([], use_ended("police/2")),
    "an end of a use that has ended": ([use_ended()], use_ended()),
    "an end of no use": ([], use_ended(number=9)),
    "a seat again that was left": ([], joined(GONE, "officer")),
    "a seat again in another role": ([], joined("police/2", "officer-lead")),
    "a leaving of a seat that was left": ([], PersonLeft(organisation="police", seat=GONE, **OF)),
    "a word of the seat itself": ([], confirmed(WAITING)),
    "a word of a lead that waits, for itself": ([ALONE], confirmed("police/4", "police/4")),
    "a word of no seat": ([], confirmed("police/99")),
    "a word of no lead": ([], confirmed("police/2")),
    "a word of a lead of the same line": ([], confirmed(LEAD)),
    "a word of another organisation's lead": ([joined("court/4", "reviewer-lead")], confirmed("court/4")),
    "a word for a seat in force": ([confirmed("registrar/1")], confirmed("registrar/1")),
    "a word for a seat that was left": ([], confirmed("registrar/1", GONE)),
    "an organisation again, of another kind": (
        [],
        OrganisationAdmitted(organisation="court", kind="authority", title=TITLE, **OF),
    ),
}


@pytest.mark.parametrize("what", FORGED)
def test_what_no_decider_makes_of_bodies_is_named_and_changes_nothing(what: str) -> None:
    """The entries before it are taken without a word; after it everything stands as it stood."""
    before, forged = FORGED[what]
    bodies, beside = Bodies(), Bodies()
    for fact in (*known(), *before):
        assert (bodies.take(fact), beside.take(fact)) == ("", "")
    assert bodies.take(forged) != ""
    assert bodies == beside


def test_what_deciders_make_of_bodies_is_taken() -> None:
    """A further use, its end by the registrar's lead, a word of another line, and the next number of seats."""
    bodies = Bodies()
    rest = (use(2), use_ended("registrar/1", 2), confirmed("registrar/1"), joined("police/8", "officer", LEAD))
    for fact in (*known(), *rest):
        assert bodies.take(fact) == "", fact
    assert bodies.uses[2].ended
    assert bodies.seats[WAITING].confirmed_by == "registrar/1"
