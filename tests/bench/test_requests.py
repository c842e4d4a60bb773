"""The benchmark of requests measures whole requests: each of its figures stands beside its limit."""

import re
from pathlib import Path

from openroll.bench.requests import measure
from openroll.register.organisation.commands import AdmitOperator
from openroll.service.governance.open_roll import admit_operator
from openroll.service.requests import shown
from openroll.service.roll import Roll


def test_a_flow_is_a_whole_request(roll: Roll, tmp_path: Path) -> None:
    """What is timed ends with the telling; every figure and limit is a time above nothing."""
    admit_operator(roll, AdmitOperator(operator="bench", title={"zh": "测速", "en": "Bench"}, kind="access-operator"))
    figures = list(measure(roll, 2, tmp_path))  # a person's list finds its own notice, or raises
    assert all(one.ours > 0 and one.limit > 0 for one in figures)
    assert [one.status for one in shown.public(roll)] == ["told"] * 3  # and that of the person's list
    assert [re.sub(r": \d+ calls, [0-9.]+ MB$", "", one.name) for one in figures][3:] == [
        "requests, whole flows",
        "a request is filed",
        "a request is taken by the reviewer",
        "a request is approved",
        "a request is taken by the operator",
        "a request is answered",
        "a request is told",
        "a page of the list of all requests, made and read",
        "what was told in a month, listed by the roll",
        "a person's list, a month of 1 requests (p99)",
        "a person's list, two years",
        "a person's list by the list of all requests, two years",
        "a person's list as it was told before, a month of 1 requests, 1 of 1 heaps (p99)",
        "a person's list as it was told before, two years, 1 of 1 heaps",
    ]
