"""Every state of a request has names in TS 103 120, and comes back from them as it was."""

import msgspec
import pytest

from openroll.register.exchange.states import (
    AUTHORISATION,
    DELAYED,
    ETSI,
    OURS,
    OUTCOMES,
    OVER,
    REASONS,
    STEPS,
    TASK,
    Entry,
    meant,
    said,
    states,
    wish_of,
    wished,
)
from openroll.register.request.words import DESIRED, NOT_GIVING
from openroll.register.request.words import OUTCOMES as ANSWERS
from openroll.rules.procedure import Silence, procedure, procedures


def test_every_state_and_outcome_comes_back() -> None:
    """All steps of all procedures that ship, and every outcome there is: no two are said alike, and each is read as it was."""
    found = {(state, outcome): said(state, outcome) for state in states() for outcome in OUTCOMES}
    assert len(set(found.values())) == len(found)
    for both, one in found.items():
        assert meant([one.authorisation, one.task, *one.exact]) == both
        assert meant(one.exact) == both


def test_the_map_is_total_and_has_nothing_that_is_no_state() -> None:
    """A step or silence of a new procedure fails here until somebody says what it is in TS 103 120."""
    steps = {step.id for name in procedures() for step in procedure(name).steps}
    assert steps | {DELAYED} == set(states()) == {*STEPS, *OVER, "later-review"}
    silences = {step.silence for name in procedures() for step in procedure(name).steps if step.silence}
    assert silences <= set(OUTCOMES)
    assert {*msgspec.json.schema(Silence)["enum"], *ANSWERS, "refused", "objected", "withdrawn", "produced", ""} == set(
        OUTCOMES
    )
    assert set(NOT_GIVING) == set(REASONS)
    assert len(set(REASONS.values())) == len(REASONS)


def test_only_confirmed_values_are_called_etsi_s() -> None:
    """What ETSI's name stands before is in the lists that docs/facts/exchange.md gives sources for."""
    for state in states():
        for outcome in OUTCOMES:
            one = said(state, outcome)
            assert one.authorisation.value in AUTHORISATION
            assert (one.task.owner == ETSI) == (one.task.value in TASK)


def test_wish_and_status_stand_beside_each_other() -> None:
    """Each wish has a `DesiredStatus` of its own, whatever became of it."""
    for desired in DESIRED:
        assert wish_of(wished(desired)[1]) == desired
        assert wished(desired)[2] == Entry(OURS, "RequestDesired", desired)
    with pytest.raises(ValueError, match="no wish"):
        wish_of(Entry(ETSI, "LDTaskDesiredStatus", "Active"))


def test_contradictions_are_refused() -> None:
    """A state beside a status that it is not, one that is none, or none at all."""
    one = said("with-operator", "")
    for entries in (
        [Entry(ETSI, "AuthorisationStatus", "Rejected"), *one.exact],
        [Entry(OURS, "RequestStep", "nowhere"), one.exact[1]],
        [one.exact[0]],
        [],
    ):
        with pytest.raises(ValueError, match="they say"):
            meant(entries)
