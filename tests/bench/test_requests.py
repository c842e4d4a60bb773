"""The benchmark of requests measures whole requests: each of its figures stands beside its limit."""

from openroll.bench.requests import heap, measure
from openroll.register.organisation.commands import AdmitOperator
from openroll.service.governance.open_roll import admit_operator
from openroll.service.requests import shown
from openroll.service.roll import Roll


def test_a_flow_is_a_whole_request(roll: Roll) -> None:
    """What is timed ends with the telling; every figure and limit is a time above nothing."""
    admit_operator(roll, AdmitOperator(operator="bench", title={"zh": "测速", "en": "Bench"}, kind="access-operator"))
    figures = list(measure(roll, 2))
    assert all(one.ours > 0 and one.limit > 0 for one in figures)
    assert [one.status for one in shown.public(roll)] == ["told", "told"]
    assert [one.name for one in figures][3:] == [
        "requests, whole flows",
        "a request is filed",
        "a request is taken by the reviewer",
        "a request is approved",
        "a request is taken by the operator",
        "a request is answered",
        "a request is told",
    ]


def test_ones_own_notice_is_found_in_the_heap_that_is_timed() -> None:
    """The heap holds one that is theirs; looking through it is what is measured."""
    (figure,) = heap(notices=3, runs=2)
    assert figure.unit == "s"
    assert figure.ours > 0
