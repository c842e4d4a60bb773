"""What follows from where a request stands, for every procedure that ships."""

import msgspec

from openroll.register.request.turns import late_steps, owes, telling_steps
from openroll.rules.procedure import procedure, procedures
from openroll.rules.procedure_model import Procedure


def test_an_operator_owes_until_the_person_was_told_or_never_will_be() -> None:
    """In every step of every procedure but those behind the telling: there the operator has nothing left to do."""
    for name in procedures():
        found = procedure(name)
        told = {move.to for step in found.steps for move in step.moves if move.act in ("tell", "nobody")}
        done = {step.id for step in found.steps if step.end} | told
        assert telling_steps(found)
        assert {step.id for step in found.steps if not owes(found, step.id, "operator")} == done


def test_what_is_asked_at_every_fact_is_made_once() -> None:
    """Of a procedure that is kept; one that a rule changed has its own, and is none the other for it."""
    for name in procedures():
        found = procedure(name)
        assert telling_steps(procedure(name)) is telling_steps(found)
        assert late_steps(procedure(name)) is late_steps(found)
        changed: Procedure = msgspec.structs.replace(found, steps=found.steps[:1])
        assert telling_steps(changed) != telling_steps(found)
        assert msgspec.structs.replace(found) == found
        assert msgspec.json.decode(msgspec.json.encode(found), type=Procedure) == found
