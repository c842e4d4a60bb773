"""What follows from where a request stands, for every procedure that ships."""

from openroll.register.request.turns import owes, telling_steps
from openroll.rules.procedure import procedure, procedures


def test_an_operator_owes_until_the_person_was_told_or_never_will_be() -> None:
    """In every step of every procedure but those behind the telling: there the operator has nothing left to do."""
    for name in procedures():
        found = procedure(name)
        told = {move.to for step in found.steps for move in step.moves if move.act in ("tell", "nobody")}
        done = {step.id for step in found.steps if step.end} | told
        assert telling_steps(found)
        assert {step.id for step in found.steps if not owes(found, step.id, "operator")} == done
